"""Ingest: one table of all the sources."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from mlflow_recipes.data.locations import Fetching
from mlflow_recipes.errors import ConfigError, DataError
from mlflow_recipes.fingerprint import FileDigests
from mlflow_recipes.project import local_key
from mlflow_recipes.steps import ingest
from mlflow_recipes.steps.contract import StepContext
from tests.conftest import write_data


def test_every_file_through_the_loader(small, context) -> None:
    write_data(small.root / "data", name="two.csv", rows=50, seed=1)
    result = ingest.run(context("ingest"))
    frame = result.tables["ingested_data"].pandas()
    assert len(frame) == result.rows == 450
    assert list(frame.columns) == ["a", "b", "c", "y"]
    described = result.describe()
    assert [column["name"] for column in described["profile"]["columns"]] == ["a", "b", "c", "y"]


def test_parquet_needs_no_code(small, context) -> None:
    (small.root / "data" / "one.csv").unlink()
    pd.DataFrame({"y": [1.0, 2.0]}).to_parquet(small.root / "data" / "one.parquet")
    result = ingest.run(
        context("ingest", "steps.ingest.using=parquet", "steps.ingest.loader_method=null", "steps.ingest.location=data")
    )
    assert list(result.tables["ingested_data"].pandas()["y"]) == [1.0, 2.0]


def test_a_description_can_be_left_out(context) -> None:
    result = ingest.run(context("ingest", "steps.ingest.skip_data_profiling=true"))
    assert result.describe()["profile"] is None
    assert result.describe()["preview"]["columns"] == ["a", "b", "c", "y"]


def test_a_target_that_is_not_there(context) -> None:
    with pytest.raises(DataError, match=r"The target column 'why' is not in the ingested data"):
        ingest.run(context("ingest", "target_col=why"))
    with pytest.raises(DataError) as caught:
        ingest.run(context("ingest", "target_col=[y, aa]"))
    assert str(caught.value) == (
        "target_col: The target column 'aa' is not in the ingested data. Its columns are: 'a', 'b', 'c', 'y'.\n"
        "Did you mean 'a'?"
    )


@pytest.mark.parametrize("arguments", ["path", "path, file_format"])
def test_a_table_that_cannot_be_kept_names_the_loader(small, context, arguments: str) -> None:
    small.write(
        "steps/ingest.py",
        f"""
        import pandas as pd

        def load({arguments}):
            frame = pd.read_csv(path)
            return frame.assign(k=pd.cut(frame["a"], 3))
        """,
    )
    with pytest.raises(DataError) as caught:
        ingest.run(context("ingest"))
    message = str(caught.value)
    assert message.startswith(
        "steps/ingest.py:4: The ingested data cannot be kept: the column 'k' holds values that no table format can "
        "hold (Interval): "
    )
    assert message.endswith("\nGive it one type in load, such as `astype(str)`.")


PARQUET = ("steps.ingest.using=parquet", "steps.ingest.loader_method=null", "steps.ingest.location=data/*.parquet")


@pytest.fixture
def months(small) -> None:
    """Two months: with `fee` from the second on, and `id` as int64, then int32."""
    first = pd.DataFrame({"y": [1.0, 2.0], "id": [1, 2], "note": ["x", "y"]})
    second = pd.DataFrame({"y": [3.0], "id": pd.Series([3], dtype="int32"), "note": ["z"], "fee": [0.5]})
    for name, frame in (("2023-01", first), ("2023-02", second)):
        frame.to_parquet(small.root / "data" / f"{name}.parquet")


def test_what_is_told_of_months_that_differ(context, lines, months) -> None:
    result = ingest.run(context("ingest", *PARQUET, "steps.ingest.columns=[y, id, fee]"))
    assert lines == [
        "reconciled 2 columns between 2 files: id (int64, int32 -> int64), fee (missing, double -> double)"
    ]
    facts = result.facts
    assert [(source["location"], source["rows"]) for source in facts["sources"]] == [
        ("data/2023-01.parquet", 2),
        ("data/2023-02.parquet", 1),
    ]
    assert facts["source_schema"] == {
        "y": "double",
        "id": "int32",
        "note": facts["source_schema"]["note"],
        "fee": "double",
    }
    assert facts["unread"] == ["note"]
    assert facts["reconciled"][0] == {
        "column": "id",
        "as": "int64",
        "rules": ["widen"],
        "files": {"int64": ["data/2023-01.parquet"], "int32": ["data/2023-02.parquet"]},
    }
    assert result.tables["ingested_data"].pandas()["fee"].isna().tolist() == [True, True, False]
    json.dumps(facts)


def test_a_month_of_which_no_row_is_kept_is_compared_all_the_same(context, months) -> None:
    facts = ingest.run(context("ingest", *PARQUET, "steps.ingest.filters=[[y, '>', 2]]")).facts
    assert [source["rows"] for source in facts["sources"]] == [0, 1]
    assert facts["reconciled"][1]["files"] == {"missing": ["data/2023-01.parquet"], "double": ["data/2023-02.parquet"]}


def test_a_loader_is_told_of_the_columns_of_its_files(context) -> None:
    facts = ingest.run(context("ingest")).facts
    assert facts["source_schema"] == dict.fromkeys(("a", "b", "c", "y"), "double")
    assert (facts["reconciled"], facts["unread"]) == ([], [])


def test_a_checksum_is_held_against_the_file(context, months) -> None:
    with pytest.raises(DataError, match=r"'data/2023-02.parquet' is not the file that the recipe expects: its md5 is "):
        ingest.run(context("ingest", *PARQUET, "steps.ingest.checksums={data/2023-02.parquet: 'md5:00'}"))


def read_like(context: StepContext, location: str) -> tuple[pd.DataFrame, list[str]]:
    fetching = Fetching(context.downloads, context.say, context.tracking.fetch)
    reading = ingest.read_like(context.root, context.config, context.user, fetching, location)
    return reading.data.pandas(), [difference.column for difference in reading.differences]


def test_another_file_is_read_as_the_recipe_reads_its_own(small, context, months) -> None:
    write_data(small.root / "other", rows=20)
    frame, differing = read_like(context("ingest"), "other/one.csv")
    assert (list(frame.columns), len(frame), differing) == (["a", "b", "c", "y"], 20, [])
    filtered = context("ingest", *PARQUET, "steps.ingest.columns=[y, id]", "steps.ingest.filters=[[y, '>', 1]]")
    frame, differing = read_like(filtered, "data/*.parquet")
    assert frame.to_dict("list") == {"y": [2.0, 3.0], "id": [2, 3]}
    assert differing == ["id"]


def test_another_file_may_lack_the_target_and_be_of_another_format(small, context) -> None:
    (small.root / "new.csv").write_text("a,b\n1,2\n")
    sql = ("steps.ingest={using: sql, sql: select 1, connection_env: NOT_SET}",)
    assert read_like(context("ingest", *sql), "new.csv")[0].to_dict("list") == {"a": [1], "b": [2]}
    assert read_like(context("ingest", *PARQUET), str(small.root / "new.csv"))[0].shape == (1, 2)


def test_a_database_without_its_variable(context) -> None:
    with pytest.raises(ConfigError, match="The environment variable NOT_SET is not set"):
        ingest.run(context("ingest", "steps.ingest={using: sql, sql: select 1, connection_env: NOT_SET}"))


def test_sources_have_the_digests_of_the_key(small, context) -> None:
    write_data(small.root / "data", name="two.csv", rows=50, seed=1)
    made = context("ingest", "steps.ingest.location=[data/one.csv, data/two.csv, data/two.csv]")
    key = local_key(small.root, made.config, made.spec, FileDigests({}))
    facts = ingest.run(replace(made, key=key)).facts
    one, two, again = (source["digest"] for source in facts["sources"])
    assert len(one) == 8
    assert one != two == again
    assert facts["digest"] == ingest.run(made).tables["ingested_data"].digest
    assert {source["digest"] for source in ingest.run(made).facts["sources"]} == {None}, "no key, no digests"


def test_rows_of_classes_are_counted(small, context) -> None:
    small.write("steps/ingest.py", LOADS_LABELS)
    classes = ("recipe=classification/v1", "positive_class=up", "primary_metric=f1_score")
    found = ingest.run(context("ingest", *classes)).describe()["classes"]
    assert (found["classes"], found["missing"], found["others"]) == (2, 0, 0)
    assert {label for label, _ in found["rows"]} == {"up", "down"}
    assert sum(rows for _, rows in found["rows"]) == 400


LOADS_LABELS = """
    import pandas as pd

    def load(path):
        frame = pd.read_csv(path)
        return frame.assign(y=(frame["y"] > 0).map({True: "up", False: "down"}))
    """

"""Ingest: one table of all the sources."""

from __future__ import annotations

import pandas as pd
import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.steps import ingest
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

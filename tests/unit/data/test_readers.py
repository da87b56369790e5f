"""Reading source files: the whole message for each file and column that cannot be used."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.config.ingesting import Ingest
from mlflow_recipes.data import readers
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.data.targets import check_targets
from mlflow_recipes.errors import DataError, RecipeError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, dict[str, list[Any]]], SourceFile]:
    def write(name: str, columns: dict[str, list[Any]]) -> SourceFile:
        pd.DataFrame(columns).to_parquet(tmp_path / name)
        return SourceFile(tmp_path / name, f"data/{name}")

    return write


def refusal(kind: type[RecipeError], function: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(kind) as caught:
        function(*arguments)
    assert type(caught.value) is kind
    return str(caught.value)


def read(*files: SourceFile, using: str = "parquet", **options: Any) -> readers.Reading:
    section = Ingest(using=using, location=[file.origin for file in files], **options)
    return readers.read(readers.pieces_of(Path("unused"), section, files), section)


def parquet(*files: SourceFile) -> pd.DataFrame:
    return read(*files).data.pandas()


def test_files_follow_one_another_with_their_own_index(write) -> None:
    frame = parquet(write("b.parquet", {"a": [1, 2]}), write("a.parquet", {"a": [3]}))
    assert list(frame["a"]) == [1, 2, 3]
    assert list(frame.index) == [0, 1, 0]


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").touch()
    file = SourceFile(tmp_path / "a.parquet", "data/a.parquet")
    assert refusal(DataError, parquet, file) == (
        "steps.ingest: The file 'data/a.parquet' is empty (0 bytes).\nFetch or write it again."
    )


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    file = SourceFile(tmp_path / "a.parquet", "data/a.parquet")
    message = refusal(DataError, parquet, file)
    assert message.startswith("steps.ingest: The file 'data/a.parquet' cannot be read as parquet: Parquet magic bytes")
    assert message.endswith(
        "\nIt may be damaged or of another format; fetch or write it again, or set `using` to what it is."
    )
    assert str(tmp_path) not in message


def test_a_truncated_file(write) -> None:
    file = write("a.parquet", {"a": list(range(1000))})
    file.path.write_bytes(file.path.read_bytes()[:300])
    assert "The file 'data/a.parquet' cannot be read as parquet: " in refusal(DataError, parquet, file)


def test_columns_of_the_same_name_in_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "a.parquet")
    assert "more than one column called 'a'" in refusal(
        DataError, parquet, SourceFile(tmp_path / "a.parquet", "data/a.parquet")
    )


def test_spark_needs_a_session() -> None:
    assert refusal(DataError, readers.refuse_unsupported, Ingest(using="spark_sql", sql="select 1")) == (
        "steps.ingest.using: `using: spark_sql` needs a Spark session, which this version of mlflow-recipes does not "
        "have yet; the recipe is valid, but it cannot be run here.\n"
        "Read the table with `using: delta` or `using: sql`, or export it to parquet."
    )


def test_a_table_without_rows() -> None:
    data = Dataset.from_pandas(pd.DataFrame({"y": pd.Series([], dtype="float64")}))
    assert refusal(DataError, readers.check_ingested, data, Ingest(using="parquet")) == (
        "steps.ingest: The ingested data has no rows.\nSee whether the files, or the loader's filters, are right."
    )
    assert refusal(DataError, readers.check_ingested, data, Ingest(filters=(("y", ">", 1),))) == (
        "steps.ingest: The ingested data has no rows.\nSee whether there are rows that `filters` keeps."
    )


def test_a_type_for_a_column_that_no_file_has(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("zip,fare\n01,2\n")
    file = SourceFile(tmp_path / "a.csv", "data/a.csv")
    assert refusal(DataError, lambda: read(file, using="csv", columns=["fare"], csv={"types": {"zpi": "string"}})) == (
        "steps.ingest.csv.types: There is no column 'zpi' in 'data/a.csv'. The columns are: 'zip', 'fare'.\n"
        "Did you mean 'zip'?"
    )
    assert read(file, using="csv", columns=["fare"], csv={"types": {"zip": "string"}}).data.rows == 1


@pytest.mark.parametrize(
    ("value", "options", "hint"),
    [
        ("12,5", {}, "Say that the file has decimal commas, with `csv: {decimal: ','}`, or name another column."),
        ("12.5 min", {}, "Name what means no value in `csv.null_values`, or name another column."),
        ("12,5", {"csv": {"decimal": ","}}, "Name what means no value in `csv.null_values`, or name another column."),
    ],
)
def test_a_target_of_a_csv_file_that_is_text(value: str, options: dict[str, Any], hint: str) -> None:
    assert readers.target_remedies(Ingest(using="csv", **options)).text(value) == hint


def test_a_target_that_is_not_among_the_columns_asked_for() -> None:
    data = Dataset.from_pandas(pd.DataFrame({"a": [1]}))
    remedies = readers.target_remedies(Ingest(using="csv", columns=["a"]))
    message = refusal(DataError, check_targets, data, ["price"], "the ingested data", remedies)
    assert message.endswith("\nAdd it to `steps.ingest.columns`, or name one of them in `target_col`.")


def test_a_target_that_is_the_index() -> None:
    data = Dataset.from_pandas(pd.DataFrame({"a": [1]}, index=pd.Index([2], name="y")))
    message = refusal(DataError, check_targets, data, ["y"], "the ingested data")
    assert message.startswith("target_col: The target column 'y' is not in the ingested data. Its columns are: 'a'.")


def test_a_column_that_only_a_file_without_rows_has(write) -> None:
    files = [write("a.parquet", {"a": [], "b": []}), write("b.parquet", {"a": [1]})]
    assert refusal(DataError, lambda: read(*files, columns=["b"])).startswith(
        "steps.ingest.columns: There is no column 'b' in 'data/b.parquet'. The columns are: 'a'."
    )


def test_columns_and_filters_are_those_asked_for(write) -> None:
    one = write("a.parquet", {"a": [1, 2, 3], "b": [1.5, 2.5, 3.5], "c": ["x", "y", "z"]})
    two = write("b.parquet", {"a": [4, 5], "b": [4.5, 5.5], "c": ["v", "w"]})
    found = read(one, two, columns=["c", "a"], filters=[["b", ">", 2], ["c", "not in", ["v"]]])
    frame = found.data.pandas()
    assert list(frame.columns) == ["c", "a"]
    assert frame.to_dict("list") == {"c": ["y", "z", "w"], "a": [2, 3, 5]}
    assert list(frame.index) == [0, 1, 0]
    assert found.unread == ["b"]
    assert [source["rows"] for source in found.sources] == [2, 1]
    assert found.source_schema == {"a": "int64", "b": "double", "c": "large_string"}


def test_a_filter_on_a_column_that_differs_between_files(write) -> None:
    files = [write("a.parquet", {"a": [None, None], "b": [1, 2]}), write("b.parquet", {"a": [1.0, 3.0], "b": [3, 4]})]
    files.append(write("c.parquet", {"b": [5]}))
    assert list(read(*files, filters=[["a", ">", 2]]).data.pandas()["b"]) == [4]
    assert list(read(*files, filters=[["a", ">", 2], ["b", ">", 0]], columns=["b"]).data.pandas()["b"]) == [4]


def test_a_column_that_is_nowhere(write) -> None:
    files = [write("a.parquet", {"fare": [1], "tip": [1]}), write("b.parquet", {"fare": [1]})]
    assert refusal(DataError, lambda: read(*files, columns=["far"])) == (
        "steps.ingest.columns: There is no column 'far' in 'data/a.parquet' and 1 more. The columns are: 'fare', 'tip'."
        "\nDid you mean 'fare'?"
    )


def test_a_column_that_some_files_do_not_have(write) -> None:
    files = [write("a.parquet", {"fare": [1], "tip": [1]}), write("b.parquet", {"fare": [1]})]
    assert read(*files, columns=["tip"]).data.pandas()["tip"].isna().tolist() == [False, True]
    assert refusal(DataError, lambda: read(*files, columns=["tip"], reconcile=[])) == (
        "steps.ingest.reconcile: The files differ in 1 column, which `reconcile` does not allow:\n"
        "  column  data/a.parquet  data/b.parquet  needs\n"
        "  tip     int64           missing         missing_columns\n"
        "Allow it with `reconcile: [missing_columns]`, or leave files or columns out."
    )
    assert list(read(*files, columns=["fare"], reconcile=[]).data.pandas()["fare"]) == [1, 1]


def test_a_column_without_a_value_has_the_type_that_is_declared(write) -> None:
    files = [write("a.parquet", {"a": [None], "b": [1]}), write("b.parquet", {"a": [float("nan")], "b": [2]})]
    as_before = pd.concat([pd.read_parquet(file.path) for file in files])
    assert read(*files).data.digest == Dataset.from_pandas(as_before).digest
    assert str(read(*files).data.schema.field("a").type) == "null"
    assert str(read(*files, reconcile=["typed_nulls"]).data.schema.field("a").type) == "double"


def test_files_without_rows_do_not_decide_about_types(write) -> None:
    files = [write("a.parquet", {"a": []}), write("b.parquet", {"a": ["x"]})]
    assert list(read(*files).data.pandas()["a"]) == ["x"]
    assert read(files[0]).data.rows == 0


AS_BEFORE = {
    "plain": pd.DataFrame({"a": [1, 2, 3], "b": [1, None, 3], "c": ["x", None, "z"], "d": [True, None, False]}),
    "categories": pd.DataFrame({"a": pd.Categorical(list("aba"))}),
    "nullable": pd.DataFrame({"a": pd.array([1, None, 3], "Int64"), "b": pd.array([True, None, False], "boolean")}),
    "texts": pd.DataFrame({"a": pd.array(["a", None, "c"], "string")}),
    "arrow": pd.DataFrame({"a": pd.array([1, None, 3], "int64[pyarrow]")}),
    "periods": pd.DataFrame({"a": pd.period_range("2020", "2022", freq="Y")}),
    "nested": pd.DataFrame({"a": [[1, 2], None, [3]], "b": [{"c": 1}, {"c": 2}, None]}),
    "bytes": pd.DataFrame({"a": [b"x", None, b"z"]}),
    "zone": pd.DataFrame({"a": pd.date_range("2020-01-01", periods=3, tz="Europe/Berlin")}),
    "index": pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=[5, 7, 5]),
    "named index": pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=pd.Index(list("abc"), name="key")),
    "two indexes": pd.DataFrame({"a": [1.0, 2.0]}, index=pd.MultiIndex.from_tuples([(1, 2), (2, 1)])),
    "named columns": pd.DataFrame({"a": [1.0, 2.0]}).rename_axis(columns="kind"),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", AS_BEFORE)
def test_whatever_pandas_wrote_is_read_as_pandas_reads_it(tmp_path: Path, name: str, times: int) -> None:
    frame = AS_BEFORE[name].copy()
    if name == "named columns":
        frame.attrs["source"] = "here"
    frame.to_parquet(tmp_path / "a.parquet")
    frames = [pd.read_parquet(tmp_path / "a.parquet")] * times
    expected = Dataset.from_pandas(pd.concat(frames) if times > 1 else frames[0])
    assert read(*[SourceFile(tmp_path / "a.parquet", "a")] * times).data.digest == expected.digest


HOSTILE = ["split", "prediction", "index", "a b", "a.b", "a'b", 'a"b', "ä✓", "", "__index__", "a\nb", "<script>"]


def test_hostile_column_names(write) -> None:
    columns = {name: [float(position)] for position, name in enumerate(HOSTILE)}
    files = [write("a.parquet", columns), write("b.parquet", columns)]
    found = read(*files, columns=HOSTILE[::-1], filters=[[name, ">=", 0] for name in HOSTILE])
    assert list(found.data.pandas().columns) == HOSTILE[::-1]
    assert found.data.rows == 2


def test_ten_thousand_columns(write) -> None:
    wide = {f"c{number}": [number, None if number % 3 else 1] for number in range(10_000)}
    files = [write("a.parquet", wide)] * 2
    found = read(*files, columns=["c9999", "c0"], filters=[["c17", "=", 17]])
    assert found.data.pandas().to_dict("list") == {"c9999": [9999, 9999], "c0": [0, 0]}
    assert len(found.unread) == 9998
    assert read(*files).data.pandas().shape == (4, 10_000)


ROWS = [
    "1,2023-01-01,x,true,",
    "2,2023-01-02 10:00:00,,,",
    "3.5,2023-01-03 10:00:00.25,z,false,7",
]


@pytest.mark.parametrize("parts", [[0, 3], [0, 1, 3], [0, 2, 3], [0, 1, 2, 3], [0, 0, 1, 3]])
def test_one_csv_file_or_many_make_the_same_rows(tmp_path: Path, parts: list[int]) -> None:
    files = []
    for start, end in itertools.pairwise(parts):
        files.append(SourceFile(tmp_path / f"{len(files)}.csv", f"{len(files)}.csv"))
        files[-1].path.write_text("\n".join(["a,b,c,d,e", *ROWS[start:end]]) + "\n")
    frame = read(*files, using="csv").data.pandas()
    assert [str(dtype) for dtype in frame.dtypes] == [
        "float64",
        "datetime64[us]",
        str(frame["c"].dtype),
        "object",
        "float64",
    ]
    assert frame["a"].tolist() == [1, 2, 3.5]
    assert frame["b"].tolist() == [
        pd.Timestamp(text) for text in ("2023-01-01", "2023-01-02 10:00", "2023-01-03 10:00:00.25")
    ]
    assert frame["e"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.date32()])
def test_times_that_the_finest_unit_cannot_hold(tmp_path: Path, kind: pa.DataType) -> None:
    far, near = pa.array([date(9999, 1, 1)]).cast(kind), pa.array([date(2023, 1, 1)]).cast(pa.timestamp("ns"))
    files = []
    for name, values in (("a.parquet", far), ("b.parquet", near)):
        pq.write_table(pa.table({"t": values}), tmp_path / name)
        files.append(SourceFile(tmp_path / name, f"data/{name}"))
    message = refusal(DataError, read, *files)
    assert message.startswith(
        f"steps.ingest.reconcile: The column 't' of 'data/a.parquet' is of type {kind} and holds times that "
        "timestamp[ns], which another file has, cannot hold: Casting from "
    )
    assert message.endswith(
        "\nBring the files to one type, leave the column out with `columns`, or read them in a `loader_method`."
    )

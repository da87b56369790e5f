"""Parquet and Feather files: what a header tells, and one message for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.data.columnar import feather, parquet
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.errors import DataError

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"], "a.b": [1.5, 2.5, 3.5]})


@pytest.fixture
def file(tmp_path: Path) -> SourceFile:
    return SourceFile(tmp_path / "a.file", "data/a.file")


def stream(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def feather_1(table: pa.Table, path: Path) -> None:
    pyarrow.feather.write_feather(table, path, version=1)


WRITERS = [
    (parquet, pq.write_table),
    (feather, pyarrow.feather.write_feather),
    (feather, stream),
    (feather, feather_1),
]


@pytest.mark.filterwarnings("ignore:.*Feather")
@pytest.mark.parametrize(("reader", "write"), WRITERS, ids=["parquet", "feather", "stream", "feather 1"])
def test_columns_and_rows_that_are_asked_for(file: SourceFile, reader, write) -> None:
    write(TABLE, file.path)
    piece = reader(file)
    assert piece.schema.names == ["a", "b", "a.b"]
    assert piece.size == file.path.stat().st_size
    assert piece.read(["a.b", "a"], ds.field("b") == "z").to_pydict() == {"a.b": [3.5], "a": [3]}
    assert piece.read(piece.schema.names, None).to_pydict() == TABLE.to_pydict()


def test_a_folder_whose_name_holds_a_value_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2023").mkdir()
    pq.write_table(TABLE, tmp_path / "year=2023/a.parquet")
    piece = parquet(SourceFile(tmp_path / "year=2023/a.parquet", "a"))
    assert piece.read(piece.schema.names, None).column_names == TABLE.column_names


def test_an_index_is_no_column(file: SourceFile) -> None:
    pd.DataFrame({"a": [1]}, index=pd.Index(["x"], name="key")).to_parquet(file.path)
    piece = parquet(file)
    assert (piece.columns.names, piece.index) == (["a"], ["key"])


@pytest.mark.parametrize(
    ("reader", "content", "start"),
    [
        (parquet, b"", "steps.ingest: The file 'data/a.file' is empty (0 bytes).\nFetch or write it again."),
        (parquet, b"a,b\n1,2\n", "steps.ingest: The file 'data/a.file' cannot be read as parquet: Parquet magic bytes"),
        (parquet, b"PAR1" + bytes(100) + b"PAR1", "steps.ingest: The file 'data/a.file' cannot be read as parquet: "),
        (feather, b"", "steps.ingest: The file 'data/a.file' is empty (0 bytes).\nFetch or write it again."),
        (feather, b"a,b\n1,2\n", "steps.ingest: The file 'data/a.file' cannot be read as feather: "),
        (feather, b"ARROW1\0\0" + bytes(100), "steps.ingest: The file 'data/a.file' cannot be read as feather: "),
    ],
)
def test_what_cannot_be_read(file: SourceFile, reader, content: bytes, start: str) -> None:
    file.path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        reader(file)
    assert str(caught.value).startswith(start)
    assert str(file.path) not in str(caught.value)


def test_a_page_that_is_damaged(file: SourceFile) -> None:
    pq.write_table(pa.table({"a": list(range(10_000))}), file.path)
    content = bytearray(file.path.read_bytes())
    content[100:20_000] = bytes(len(content[100:20_000]))
    file.path.write_bytes(content)
    with pytest.raises(DataError, match=r"The file 'data/a\.file' cannot be read as parquet: ") as caught:
        parquet(file).read(["a"], None)
    assert str(file.path) not in str(caught.value)

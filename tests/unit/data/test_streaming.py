"""Reading batch by batch gives what reading at once gives."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.config.ingesting import Ingest
from mlflow_recipes.data import delimited
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.data.readers import pieces_of, read
from mlflow_recipes.data.streaming import stream, write

ROWS = 1000
TABLE = pa.table({"n": range(ROWS), "text": [f"t{i}" for i in range(ROWS)], "x": [i / 7 for i in range(ROWS)]})


def files(*paths: Path) -> list[SourceFile]:
    return [SourceFile(path, path.name) for path in paths]


def test_several_files_with_columns_and_filters(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=100)
    pq.write_table(TABLE.set_column(0, "n", TABLE["n"].cast("int32")), tmp_path / "b.parquet")
    options = Ingest(using="parquet", columns=("text", "n"), filters=(["x", ">", 100],))
    pieces = pieces_of(tmp_path, options, files(tmp_path / "a.parquet", tmp_path / "b.parquet"), streamed=True)
    found = stream(pieces, options)
    sample = write(found, tmp_path / "all.parquet", lambda _: None)
    at_once = read(pieces, options).data.table.select(["text", "n"])  # without the index that pandas would have
    assert pq.read_table(tmp_path / "all.parquet").equals(at_once.replace_schema_metadata(None))
    assert sample.rows == sum(source["rows"] for source in found.sources) == 598


def test_a_large_csv_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pc.write_csv(TABLE, tmp_path / "a.csv")
    options = Ingest(using="csv", columns=("text", "n"), filters=(["x", ">", 100],))
    small = read(pieces_of(tmp_path, options, files(tmp_path / "a.csv")), options).data.table
    monkeypatch.setattr(delimited, "_HELD", 100)
    monkeypatch.setattr(delimited, "_LARGE_BLOCK", 1000)
    [piece] = pieces_of(tmp_path, options, files(tmp_path / "a.csv"), streamed=True)
    assert piece.read_batches is not None
    tables = list(stream([piece], options).tables)
    assert len(tables) > 3
    assert pa.concat_tables(tables).equals(small)

"""Batch scoring, parquet to parquet: the commands of ours, and a bare loop that does the same in the same batches.

    .venv/bin/python benchmarks/scoring.py [ROWS]

The bare loop reads a batch, makes a frame of it, transforms it, lets the booster predict, and writes the batch with its
predictions. It keeps nothing, checks nothing, and cannot go on where it was.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROWS = int(os.environ.get("SCORING_ROWS", "10_000_000"))
BATCH = 131_072
TIME, MEMORY = 1.3, 1000.0
SCORING = """\
  ingest_scoring: {using: parquet, location: scoring.parquet}
  predict: {output: {using: parquet, location: scores.parquet}}
  register:
"""


def scoring_rows(work: Path, rows: int = ROWS) -> list[Any]:
    """Rows of the table: time against the bare loop, peak memory, and peak memory of five times as many rows."""
    from benchmarks.run import OURS, Measured, Row, measure, median, ratio_row, recipe_folder, take_turns

    folder = recipe_folder(work, sorted((ROOT / "data").glob("*.parquet")))
    home = folder / "home"
    home.mkdir()
    recipe = folder / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("  register:\n", SCORING))
    measure([OURS / "mlflow-recipes", "run", "-p", "local"], folder, OURS, home)

    def ours() -> Measured:
        (folder / "scores.parquet").unlink(missing_ok=True)
        for name in ("ingest_scoring", "predict"):
            measure([OURS / "mlflow-recipes", "clean", "-s", name, "-p", "local"], folder, OURS, home)
        return measure([OURS / "mlflow-recipes", "run", "-s", "predict", "-p", "local"], folder, OURS, home)

    def bare() -> Measured:
        return measure([OURS / "python", __file__, "--bare", folder], folder, OURS, home)

    repeated(rows, folder)
    results = take_turns({"ours": ours, "bare": bare}, 3)
    shutil.copyfile(folder / "scores.parquet", folder / "ours.parquet")
    assert_same(folder)
    found = [ratio_row(f"batch scoring, {rows:,} rows: time", results["ours"], results["bare"], "bare loop", TIME)]
    peak = median(results["ours"], "megabytes")
    found.append(Row(f"batch scoring, {rows:,} rows: memory", f"{peak:.0f} MB", "1 GB", peak / MEMORY, 1.0))
    repeated(5 * rows, folder)
    more = ours().megabytes
    found.append(Row(f"batch scoring, {5 * rows:,} rows: memory", f"{more:.0f} MB", f"{rows:,} rows", more / peak, 1.1))
    return found


def repeated(rows: int, folder: Path) -> None:
    """The sample, as the recipe's loader reads it, over and over."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sys.path.insert(0, str(folder))
    from steps.ingest import load

    parts = [load(str(file), "parquet") for file in sorted((folder / "data").glob("*.parquet"))]
    sample = pa.concat_tables([pa.Table.from_pandas(part, preserve_index=False) for part in parts])
    sample = sample.drop_columns(["minutes"]).replace_schema_metadata(None)
    with pq.ParquetWriter(folder / "scoring.parquet", sample.schema) as writer:
        for start in range(0, rows, sample.num_rows):
            writer.write_table(sample.slice(0, rows - start))


def assert_same(folder: Path) -> None:
    """Both gave the same numbers."""
    import numpy as np
    import pyarrow.parquet as pq

    one, other = (pq.read_table(folder / name)["prediction"].to_numpy() for name in ("ours.parquet", "bare.parquet"))
    np.testing.assert_allclose(one, other, rtol=1e-5)


def score_bare(folder: Path) -> None:
    """Read, transform, predict, write; nothing else."""
    import mlflow
    import pyarrow as pa
    import pyarrow.parquet as pq

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'metadata/mlflow/mlruns.db'}")
    import mlflow.sklearn

    pipeline = mlflow.sklearn.load_model("models:/benchmark/1")
    transformer, booster = pipeline[:-1], pipeline[-1]
    writer: pq.ParquetWriter | None = None
    for batch in pq.ParquetFile(folder / "scoring.parquet").iter_batches(batch_size=BATCH):
        features = transformer.transform(batch.to_pandas())
        table = pa.Table.from_batches([batch]).append_column("prediction", pa.array(booster.predict(features)))
        writer = writer or pq.ParquetWriter(folder / "bare.parquet", table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


if __name__ == "__main__":
    if "--bare" in sys.argv:
        score_bare(Path(sys.argv[-1]))
    else:
        import tempfile

        sys.path.insert(0, str(ROOT))
        from benchmarks.run import HEAD

        print(HEAD)
        with tempfile.TemporaryDirectory() as name:
            for row in scoring_rows(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else ROWS):
                print(row.text(), flush=True)

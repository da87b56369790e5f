"""The ingest step's own work on eight months of green taxi trips, held against pyarrow's bare readers and writers.

    .venv/bin/python benchmarks/ingest.py            prints rows of the table of benchmarks/run.py

Ours: read, reconcile, digest, write, as a run does. Bare: `pyarrow.dataset` with the schema given to it, or pyarrow's
csv reader with the types given to it, and a write in the same compression. Memory is the peak of a process of its own
above what it held before it began to read, as a multiple of the table's size in Arrow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
REPEATS = 15
RATIO, TIMES_ARROW = 1.3, 2.5


def ingest_rows(work: Path, repeats: int = REPEATS) -> list[Any]:
    """Rows of the table: parquet, csv and memory, each held against its target."""
    from benchmarks.run import TLC, Row

    months = sorted(TLC.glob("green_tripdata_*.parquet"))
    csvs = as_csv(months, work)
    found = []
    for using, files, bare in (("parquet", months, bare_parquet), ("csv", csvs, bare_csv)):
        mine, theirs = partial(ours_of, using, files, work), partial(bare, files, work)
        ours, other = side_by_side(mine, theirs, repeats)
        what = f"ingest, {len(files)} green months as {using}: read, reconcile, digest, write"
        found.append(Row(what, f"{ours:.2f} s", f"bare pyarrow {other:.2f} s", ours / other, RATIO))
    for using, files in (("parquet", months), ("csv", csvs)):
        command = [sys.executable, __file__, "--memory", using, *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        used = json.loads(done.stdout.splitlines()[-1])
        ours, arrow = used["peak"] / 1e6, used["arrow"] / 1e6
        what = f"peak memory of ingest and split, {using}"
        found.append(Row(what, f"{ours:.0f} MB", f"the table in Arrow {arrow:.0f} MB", ours / arrow, TIMES_ARROW))
    return found


def as_csv(months: Sequence[Path], work: Path) -> list[Path]:
    """The months as csv files."""
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    files = []
    for month in months:
        files.append(work / f"{month.stem}.csv")
        table = pq.read_table(month)
        pc.write_csv(table.drop_columns(["ehail_fee"]), files[-1])  # it holds nothing, and csv no type for it
    return files


def side_by_side(ours: Callable[[], None], other: Callable[[], None], repeats: int) -> tuple[float, float]:
    """Least seconds of two functions that take turns, after one round to warm up: what else runs here only adds."""
    seconds: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(repeats + 1):
        for place, function in enumerate((ours, other)):
            started = time.perf_counter()
            function()
            seconds[place].append(time.perf_counter() - started)
    return min(seconds[0][1:]), min(seconds[1][1:])


def reading_of(using: str, files: Sequence[Path]) -> Any:
    from mlflow_recipes.config.ingesting import Ingest
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.data.readers import pieces_of, read

    options = Ingest(using=using, location=[str(file) for file in files])
    return read(pieces_of(ROOT, options, [SourceFile(file, file.name) for file in files]), options)


def ours_of(using: str, files: Sequence[Path], work: Path) -> None:
    data = reading_of(using, files).data
    assert data.digest
    data.write(work / "ours.parquet")


def bare_parquet(files: Sequence[Path], work: Path) -> None:
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    schema = pa.unify_schemas([pq.read_schema(file) for file in files], promote_options="permissive")
    write(ds.dataset(list(map(str, files)), schema=schema.remove_metadata()).to_table(), work)


def bare_csv(files: Sequence[Path], work: Path) -> None:
    import pyarrow as pa
    import pyarrow.csv as pc

    write(pa.concat_tables([pc.read_csv(file) for file in files], promote_options="permissive"), work)


def write(table: Any, work: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, work / "bare.parquet", compression="zstd", compression_level=1)


def memory(using: str, files: Sequence[Path]) -> dict[str, int]:
    """Peak bytes of ingest and split above what the process held before, and the size of the table in Arrow."""
    import pandas  # noqa: F401 - the libraries are no part of what reading takes
    import pyarrow.csv
    import pyarrow.dataset
    import pyarrow.parquet  # noqa: F401

    from benchmarks.split import divided

    reading_of(using, files[:1])
    before = peak_bytes()
    data = reading_of(using, files).data
    with tempfile.TemporaryDirectory() as folder:
        assert data.digest
        data.write(Path(folder) / "a.parquet")
        parts = divided(data, target="total_amount")
    assert parts.rows == data.rows
    return {"peak": peak_bytes() - before, "arrow": data.table.nbytes}


def peak_bytes() -> int:
    """The most memory this process has held: `getrusage` counts that of the one that started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        print(json.dumps(memory(sys.argv[2], [Path(name) for name in sys.argv[3:]])))
    else:
        with tempfile.TemporaryDirectory() as folder:
            for row in ingest_rows(Path(folder)):
                print(row.text())

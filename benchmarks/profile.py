"""The profile of a table, the contract made of it, and data held against that: seconds for 1.2 million rows x 20.

    .venv/bin/python benchmarks/profile.py            prints rows of the table of benchmarks/run.py

The rows are the eight green months, repeated. Of the repeats the quickest counts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
ROWS, COLUMNS = 1_200_000, 20
SECONDS = 1.5
REPEATS = 5

if TYPE_CHECKING:
    from collections.abc import Callable


def profile_rows() -> list[Any]:
    """Rows of the table: the profile against its target, then what a contract costs, without one."""
    from benchmarks.run import Row
    from mlflow_recipes.config.contract import Contract
    from mlflow_recipes.contract.holding import hold
    from mlflow_recipes.contract.record import record
    from mlflow_recipes.data.profile import profile

    table = green(ROWS)
    contract = record(table, {}, {}, digest="")
    what = f"{ROWS / 1e6:g} million rows x {COLUMNS}"
    seconds, cpu = quickest(lambda: profile(table))
    ours = f"{seconds:.2f} s ({cpu:.1f} s of CPU)"
    found = [Row(f"full profile of {what}", ours, f"{SECONDS:g} s", seconds / SECONDS, 1.0)]
    for name, work in {
        "contract of": lambda: record(table, {}, {}, digest="").to_json(),
        "drift of": lambda: hold(table, contract, Contract()),
    }.items():
        seconds, cpu = quickest(work)
        found.append(Row(f"{name} {what}", f"{seconds:.2f} s ({cpu:.1f} s of CPU)", "", None, None))
    return found


def green(rows: int) -> Any:
    """So many rows of the green months, in the columns that all of them have and one that only the last have."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.run import TLC

    months = [pq.read_table(file) for file in sorted(TLC.glob("green_*.parquet"))]
    if not months:
        sys.exit(f"There are no green months in {TLC}; MLFLOW_RECIPES_TEST_DATA can name another data folder.")
    once = pa.concat_tables(months, promote_options="permissive").drop_columns(["ehail_fee"])
    return pa.concat_tables([once] * -(-rows // once.num_rows)).slice(0, rows)


def quickest(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the quickest of some repeats, and of all processors in it."""
    taken = []
    for _ in range(REPEATS):
        started, used = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - started, time.process_time() - used))
    return min(taken)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from benchmarks.run import HEAD

    print(HEAD)
    for row in profile_rows():
        print(row.text())

"""Ten declared checks on 1.2 million real rows: seconds, and peak memory above the data.

    .venv/bin/python benchmarks/checks.py            prints rows of the table of benchmarks/run.py

The data is eight months of green taxi trips as TLC published them (MLFLOW_RECIPES_TEST_DATA, or shared/data beside the
checkout), one after the other until there are 1.2 million rows of 20 columns. The measurement is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data")) / "tlc"
ROWS = 1_200_000
SECONDS, SHARE = 1.0, 0.5
CHECKS = [
    {"check": "not_null", "column": ["VendorID", "lpep_pickup_datetime"]},
    {"check": "range", "column": "trip_distance", "min": 0, "max": 100, "allowed": "1 %"},
    {"check": "range", "column": "lpep_pickup_datetime", "min": "2008-01-01", "below": "2030-01-01"},
    {"check": "in_set", "column": "store_and_fwd_flag", "values": ["N", "Y"]},
    {"check": "regex", "column": "store_and_fwd_flag", "pattern": "[NY]"},
    {"check": "unique", "column": ["lpep_pickup_datetime", "PULocationID", "total_amount"], "allowed": 0.99},
    {"check": "foreign_key", "column": "PULocationID", "file": "taxi_zone_lookup.csv", "key": "LocationID"},
    {"check": "monotonic", "column": "lpep_pickup_datetime", "by": "PULocationID", "allowed": "99 %"},
    {"check": "mean", "column": "fare_amount", "min": 1, "max": 100},
    {"check": "quantile", "column": "tip_amount", "q": 0.99, "max": 100},
]


def checks_rows() -> list[Any]:
    """Rows of the table: time and memory of the checks, each held against its target."""
    from benchmarks.run import Row

    if not DATA.is_dir():
        return []
    done = subprocess.run([sys.executable, __file__, "--measure"], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout.splitlines()[-1])
    what = f"{len(CHECKS)} declared checks, {found['rows']:,} rows x {found['columns']}"
    share = found["above"] / found["size"]
    size, above = f"{found['size'] / 1e6:,.0f} MB", f"{found['above'] / 1e6:,.0f} MB"
    return [
        Row(f"{what}: time", f"{found['seconds']:.2f} s", f"{SECONDS:g} s", found["seconds"] / SECONDS, 1.0),
        Row(f"{what}: memory above the data", above, f"the data {size}", share, SHARE),
    ]


def measure() -> dict[str, float]:
    """Seconds of all checks, the best of three; peak bytes above those before, the bytes of the data."""
    from datetime import datetime, timezone

    from pydantic import TypeAdapter

    from mlflow_recipes.checks.declared import Subject, run
    from mlflow_recipes.config.checks import Checks

    data = table()
    checks = TypeAdapter(Checks).validate_python(CHECKS)
    subject = Subject("ingest", "", DATA, datetime.now(timezone.utc), tuple(data.column_names), ("",) * len(checks))
    run(checks, data.slice(0, 1000), subject)  # imports
    sys.path.insert(0, str(ROOT))
    from benchmarks.peak import Peak

    seconds, above = [], []
    for _ in range(3):
        with Peak() as peak:
            started = time.perf_counter()
            found = run(checks, data, subject)
            seconds.append(time.perf_counter() - started)
        above.append(peak.above)
    assert all(finding.status == "passed" for finding in found), [f.sentence for f in found if f.status != "passed"]
    if "--each" in sys.argv:
        for number, check in enumerate(checks):
            started = time.perf_counter()
            run([check], data, subject)
            print(CHECKS[number]["check"], round(time.perf_counter() - started, 3), file=sys.stderr)
    return {
        "seconds": min(seconds),
        "above": max(above),
        "size": data.nbytes,
        "rows": data.num_rows,
        "columns": data.num_columns,
    }


def table() -> pa.Table:
    """Eight months, one after the other, until there are 1.2 million rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    months = [pq.read_table(path) for path in sorted(DATA.glob("green_tripdata_*.parquet"))]
    names = months[0].column_names
    months = [month.select(names) for month in months]
    one = pa.concat_tables(months, promote_options="permissive")
    return pa.concat_tables([one] * (-(-ROWS // one.num_rows))).slice(0, ROWS)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        sys.path.insert(0, str(ROOT))
        from benchmarks.run import HEAD

        print(HEAD)
        for row in checks_rows():
            print(row.text())

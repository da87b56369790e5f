"""The split step's own work on 1.2 million rows of 20 columns: by ratios beside 2.22.5, and by every other kind.

    .venv/bin/python benchmarks/split.py            prints rows of the table of benchmarks/run.py

By ratios, each side is a process of its own that reads one parquet file, divides, and writes three; ours also looks for
leakage and takes the digests that a run needs. They take turns, the quickest of the repeats counts, and the rows of
each split must be the same. The other kinds are timed in one process, from a table in memory to three, leakage report
included. Memory is the peak above the table that is divided.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.data.dataset import Dataset

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
ROWS = 1_200_000
REPEATS = 3
KINDS: dict[str, dict[str, Any]] = {
    "time": {"using": "time", "column": "pickup", "gap": "7 days"},
    "group": {"using": "group", "column": "driver"},
    "stratified by zone": {"using": "stratified", "column": "zone"},
    "stratified by bins of the target": {"using": "stratified"},
    "predefined": {"using": "predefined", "column": "part"},
    "kfold": {"using": "kfold"},
    "kfold by groups": {"using": "kfold", "column": "driver"},
}
RATIO, SECONDS, TIMES_ARROW = 0.5, 1.0, 1.5
# Run by the Python of `make reference`: what its step does, less its card.
REFERENCE_SCRIPT = """
import sys, time
from pathlib import Path
import pandas as pd
from mlflow.recipes.steps.split import _run_split
folder = Path(sys.argv[1])
if __name__ == "__main__":
    started = time.perf_counter()
    frame = pd.read_parquet(folder / "rows.parquet").dropna(how="any", subset=["y"])
    parts = _run_split("regression", frame, (0.75, 0.125, 0.125), "y")
    for name, part in zip(("training", "validation", "test"), parts):
        part.to_parquet(folder / f"reference_{name}.parquet")
    print(time.perf_counter() - started)
"""


def split_rows(repeats: int = REPEATS) -> Iterator[Any]:
    """Rows of the table: time by ratios beside 2.22.5, time of the other kinds, and memory."""
    from benchmarks.run import REFERENCE, Row

    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        table().write(folder / "rows.parquet")
        (folder / "reference.py").write_text(REFERENCE_SCRIPT)
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(asked(sys.executable, __file__, "--ratios", folder))
            if REFERENCE.exists():
                theirs.append(asked(REFERENCE / "python", folder / "reference.py", folder))
        what = f"split of {ROWS:,} rows x 20 columns"
        if theirs:
            same_rows(folder)
            ratio = min(ours) / min(theirs)
            yield Row(f"{what} by ratios", f"{min(ours):.2f} s", f"2.22.5 {min(theirs):.2f} s", ratio, RATIO)
        found = json.loads(output(sys.executable, __file__, "--kinds", folder))
        for kind, (seconds, cpu) in found["seconds"].items():
            ours_took = f"{seconds:.2f} s ({cpu:.2f} s of CPU)"
            yield Row(f"{what}, {kind}", ours_took, f"{SECONDS:g} s", seconds / SECONDS, 1.0)
        used, arrow = found["peak"] / 1e6, found["arrow"] / 1e6
        yield Row(f"{what}: memory above it", f"{used:.0f} MB", f"it {arrow:.0f} MB", used / arrow, TIMES_ARROW)


def output(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip().splitlines()[-1]


def asked(*command: object) -> float:
    return float(output(*command))


def table() -> Dataset:
    """Numbers, codes, times and texts, as trips have them."""
    import numpy as np
    import pandas as pd

    from mlflow_recipes.data.dataset import Dataset

    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(ROWS, 10)), columns=list("abcdefghij"))
    frame["y"] = 2 * frame["a"] - frame["b"] * frame["c"] + random.normal(size=ROWS)
    frame["pickup"] = pd.Timestamp("2018-01-01") + pd.to_timedelta(random.integers(0, 365 * 86_400, ROWS), unit="s")
    frame["dropoff"] = frame["pickup"] + pd.to_timedelta(random.integers(60, 3600, ROWS), unit="s")
    for name, most in (("driver", 5000), ("passengers", 7), ("vendor", 3)):
        frame[name] = random.integers(0, most, ROWS)
    frame["zone"] = np.array([f"zone {number}" for number in range(265)], dtype=object)[random.integers(0, 265, ROWS)]
    frame["flag"] = np.array(["N", "Y"], dtype=object)[random.integers(0, 2, ROWS)]
    frame["part"] = np.array(["train", "val", "test"], dtype=object)[random.integers(0, 3, ROWS)]
    frame["shared"] = random.random(ROWS) < 0.5
    return Dataset.from_pandas(frame)


def divided(data: Dataset, target: str = "y", **options: Any) -> Any:
    """The result of the split step on a table in memory."""
    from mlflow_recipes.config.splits import Split
    from mlflow_recipes.steps import split

    config = SimpleNamespace(
        steps=SimpleNamespace(split=Split(**options)), target_cols=(target,), non_features=(target,)
    )
    context: Any = SimpleNamespace(
        config=config,
        spec=SimpleNamespace(inputs=("rows",)),
        inputs=SimpleNamespace(table=lambda _: data),
        say=lambda _: None,
    )
    return split.run(context)


def by_ratios(folder: Path) -> float:
    from mlflow_recipes.data.dataset import Dataset

    started = time.perf_counter()
    result = divided(Dataset(path=folder / "rows.parquet"))
    for name, part in result.tables.items():
        assert part.digest
        part.write(folder / f"ours_{name}.parquet")
    return time.perf_counter() - started


def same_rows(folder: Path) -> None:
    """Stop unless both put the same rows into each split."""
    import pandas as pd

    for name in ("training", "validation", "test"):
        ours = pd.read_parquet(folder / f"ours_{name}_data.parquet")
        pd.testing.assert_frame_equal(ours, pd.read_parquet(folder / f"reference_{name}.parquet"))


def kinds(folder: Path) -> dict[str, Any]:
    """Seconds of each kind (by the clock, of CPU), the most memory of all of them, and that of the table in Arrow."""
    import pyarrow.parquet as pq

    from mlflow_recipes.data.dataset import Dataset

    divided(Dataset(table=pq.read_table(folder / "rows.parquet").slice(0, 10_000)))  # imports
    data = Dataset(table=pq.read_table(folder / "rows.parquet", memory_map=False))
    Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    before = memory("VmRSS")
    seconds = {}
    for kind, options in KINDS.items():
        times = []
        for _ in range(REPEATS):
            started, cpu = time.perf_counter(), time.process_time()
            divided(data, **options)
            times.append((time.perf_counter() - started, time.process_time() - cpu))
        seconds[kind] = min(times)
    return {"seconds": seconds, "peak": memory("VmHWM") - before, "arrow": data.table.nbytes}


def memory(what: str) -> int:
    """Resident bytes of this process now (VmRSS), or at most (VmHWM)."""
    return int(Path("/proc/self/status").read_text().partition(f"{what}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ratios"]:
        print(by_ratios(Path(sys.argv[2])))
    elif sys.argv[1:2] == ["--kinds"]:
        print(json.dumps(kinds(Path(sys.argv[2]))))
    else:
        from benchmarks.run import HEAD

        print(HEAD)
        for row in split_rows():
            print(row.text(), flush=True)

"""Side by side in one run: ours, MLflow Recipes 2.22.5, and a hand-written script that does the same durable work.

    make bench                                           everything, about half an hour
    .venv/bin/python benchmarks/run.py --only cold --rows sample --repeats 3
    .venv/bin/python benchmarks/run.py --only search

Commands take turns, so that a machine that slows down slows all of them; medians are compared as ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
OURS = Path(sys.executable).parent
REFERENCE = ROOT / ".cache" / "reference" / "bin"
TLC = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data")) / "tlc"


@dataclass(frozen=True)
class Measured:
    """One run of a command: wall time in seconds, largest single process in MB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Row:
    """One line of the result: a ratio of medians held against its target."""

    what: str
    ours: str
    other: str
    ratio: float | None
    target: float | None

    def text(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = "" if self.ratio is None or self.target is None else ("yes" if self.ratio <= self.target else "NO")
        target = "" if self.target is None else f"<= {self.target:g}"
        return f"| {self.what} | {self.ours} | {self.other} | {ratio} | {target} | {met} |"


HEAD = "| what | ours | compared with | ratio | target | met |\n|---|---|---|---|---|---|"


def measure(command: Sequence[object], cwd: Path, binaries: Path, home: Path) -> Measured:
    """Run a command as a whole process; sample the memory of it and of what it starts every 20 ms."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    variables |= {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "GITHUB_ACTIONS": "1"}
    with (home / "output.txt").open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
        largest = 0
        while process.poll() is None:
            largest = max(largest, largest_process(process.pid))
            time.sleep(0.02)
        seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(home / 'output.txt').read_text()}")
    return Measured(seconds, largest / 1e6)


def largest_process(pid: int) -> int:
    """Resident bytes of the largest process of a tree."""
    try:
        parent = psutil.Process(pid)
        return max(p.memory_info().rss for p in (parent, *parent.children(recursive=True)) if p.is_running())
    except psutil.Error:
        return 0


def take_turns(runs: dict[str, Callable[[], Measured]], repeats: int) -> dict[str, list[Measured]]:
    """Run each in turn, A B C A B C; one uncounted round first warms the disk's cache."""
    for run in runs.values():
        run()
    results: dict[str, list[Measured]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            results[name].append(run())
    return results


def median(results: list[Measured], attribute: str = "seconds") -> float:
    return statistics.median(getattr(result, attribute) for result in results)


def recipe_folder(parent: Path, files: Sequence[Path]) -> Path:
    """A copy of the benchmark's recipe with data in it."""
    folder = Path(tempfile.mkdtemp(dir=parent, prefix="recipe-"))
    shutil.copytree(HERE / "recipe", folder, dirs_exist_ok=True)
    (folder / "data").mkdir()
    for file in files:
        (folder / "data" / file.name).symlink_to(file)
    return folder


def cold(rows: str, repeats: int, work: Path) -> list[Row]:
    """A first run: nothing cached, a new tracking database."""
    files = sorted((ROOT / "data").glob("*.parquet")) if rows == "sample" else sorted(TLC.glob("green*.parquet"))
    if not files:
        print(f"skipped: cold on {rows}: no data at {TLC}", file=sys.stderr)
        return []

    def fresh(command: Callable[[Path], Sequence[object]], binaries: Path) -> Callable[[], Measured]:
        def run() -> Measured:
            folder = recipe_folder(work, files)
            home = folder / "home"
            home.mkdir()
            try:
                return measure(command(folder), folder, binaries, home)
            finally:
                shutil.rmtree(folder)

        return run

    runs = {
        "ours": fresh(lambda _: [OURS / "mlflow-recipes", "run", "--profile", "local"], OURS),
        "script": fresh(lambda folder: [OURS / "python", HERE / "script.py", folder], OURS),
    }
    if REFERENCE.exists():
        runs["2.22.5"] = fresh(lambda _: [REFERENCE / "mlflow", "recipes", "run", "--profile", "local"], REFERENCE)
    results = take_turns(runs, repeats)
    found = []
    for other, target in (("script", 1.15), ("2.22.5", 0.17)):
        if other in results:
            found.append(ratio_row(f"cold run, {rows}: time", results["ours"], results[other], other, target))
    memory = {name: median(result, "megabytes") for name, result in results.items()}
    ratio = memory["ours"] / memory["script"]
    found.append(
        Row(f"cold run, {rows}: memory", f"{memory['ours']:.0f} MB", f"script {memory['script']:.0f} MB", ratio, 1.2)
    )
    return found


def ratio_row(what: str, ours: list[Measured], other: list[Measured], name: str, target: float) -> Row:
    mine, theirs = median(ours), median(other)
    return Row(what, f"{mine:.2f} s", f"{name} {theirs:.2f} s", mine / theirs, target)


def warm(repeats: int, work: Path) -> list[Row]:
    """Everything cached: the commands, and what an edit of steps/train.py costs."""
    folder = recipe_folder(work, sorted((ROOT / "data").glob("*.parquet")))
    home = folder / "home"
    home.mkdir()

    def command(*arguments: object, binaries: Path = OURS) -> Callable[[], Measured]:
        return lambda: measure(arguments, folder, binaries, home)

    ours, python, mlflow = OURS / "mlflow-recipes", OURS / "python", OURS / "mlflow"
    measure([ours, "run", "--profile", "local"], folder, OURS, home)
    runs = {
        "--help": command(ours, "--help"),
        "plan": command(ours, "plan", "-p", "local"),
        "status": command(ours, "status", "-p", "local"),
        "cached run": command(ours, "run", "-p", "local"),
        "import mlflow": command(python, "-c", "import mlflow"),
        "import mlflow, no plug-in": command(python, "-c", WITHOUT_PLUGIN),
        "mlflow recipes run": command(mlflow, "recipes", "run", "-p", "local"),
        "mlflow --version": command(mlflow, "--version"),
    }
    results = take_turns(runs, repeats)
    found = []
    for name in ("--help", "plan", "status"):
        seconds = median(results[name])
        found.append(Row(f"`mlflow-recipes {name}`, whole process", f"{seconds:.2f} s", "0.5 s", seconds / 0.5, 1.0))
    pairs = (
        ("cached run", "import mlflow", 2.0),
        ("mlflow recipes run", "mlflow --version", 1.25),
        ("import mlflow", "import mlflow, no plug-in", 1.05),
    )
    found += [ratio_row(f"`{mine}`", results[mine], results[other], f"`{other}`", t) for mine, other, t in pairs]
    return [*found, *edited(folder, home)]


# What an interpreter without our distribution sees: the entry point is hidden from importlib.metadata.
WITHOUT_PLUGIN = (
    "import importlib.metadata as m; real = m.entry_points\n"
    "def hidden(**k):\n"
    "    found = real(**k)\n"
    "    return m.EntryPoints(e for e in found if not e.value.startswith('mlflow_recipes'))\n"
    "m.entry_points = hidden\n"
    "import mlflow, sys; assert 'mlflow_recipes' not in sys.modules"
)


def edited(folder: Path, home: Path) -> list[Row]:
    """After an edit in steps/train.py nothing before train runs."""
    file = folder / "steps" / "train.py"
    file.write_text(file.read_text().replace("random_state=0", "random_state=1"))
    result = measure([OURS / "mlflow-recipes", "run", "-p", "local", "--json"], folder, OURS, home)
    text = (home / "output.txt").read_text()
    steps = json.loads(text[text.index("{\n") :])["steps"]
    ran = [step["step"] for step in steps if step["outcome"] == "run"]
    assert ran == ["train", "evaluate", "register"], ran
    return [Row("after an edit in steps/train.py", f"{result.seconds:.2f} s", f"runs {', '.join(ran)}", None, None)]


def searching(repeats: int, work: Path) -> Iterator[Row]:
    """What trials cost besides their own work, and 50 of them against 2.22.5's."""
    from benchmarks.search import reference_row, search_rows

    yield from search_rows(work, repeats)
    if REFERENCE.exists():
        yield reference_row(work)


def evaluating() -> Iterator[Row]:
    """The evaluate step's own work on a million rows."""
    from benchmarks.evaluation import evaluation_rows

    yield from evaluation_rows()


def handling_data(work: Path) -> Iterator[Row]:
    """Reading, dividing, checking and describing data, by the steps' own work."""
    from benchmarks.checks import checks_rows
    from benchmarks.ingest import ingest_rows
    from benchmarks.profile import profile_rows
    from benchmarks.split import split_rows

    yield from ingest_rows(work)
    yield from split_rows()
    yield from checks_rows()
    yield from profile_rows()


def scoring(work: Path) -> Iterator[Row]:
    """Ten million rows, and fifty: time against a bare loop, and memory."""
    from benchmarks.scoring import scoring_rows

    yield from scoring_rows(work)


def drawing(work: Path) -> Iterator[Row]:
    """What cards and the report add to a run, and how soon they can be looked at."""
    from benchmarks.cards import cards_rows

    yield from cards_rows(work)


def classifying(repeats: int, work: Path) -> Iterator[Row]:
    """The example of classification, cold."""
    from benchmarks.classification import classification_rows

    yield from classification_rows(work, repeats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = ("cold", "warm", "search", "evaluation", "data", "cards", "scoring", "classification")
    parser.add_argument("--only", choices=kinds)
    parser.add_argument("--rows", choices=("sample", "tlc", "both"), default="both")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        parts: dict[str, Callable[[], Iterable[Row]]] = {
            "cold": lambda: chain.from_iterable(
                cold(rows, options.repeats, work)
                for rows in (("sample", "tlc") if options.rows == "both" else (options.rows,))
            ),
            "warm": lambda: warm(max(options.repeats, 5), work),
            "search": lambda: searching(options.repeats, work),
            "evaluation": evaluating,
            "data": lambda: handling_data(work),
            "cards": lambda: drawing(work),
            "scoring": lambda: scoring(work),
            "classification": lambda: classifying(options.repeats, work),
        }
        for name, rows in parts.items():
            for row in rows() if options.only in (None, name) else ():
                print(row.text(), flush=True)


if __name__ == "__main__":
    main()

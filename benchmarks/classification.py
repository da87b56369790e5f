"""The example of classification, cold: ours against MLflow Recipes 2.22.5, within the keys of 2.22.5.

    .venv/bin/python benchmarks/run.py --only classification

Both run the same recipe: benchmarks/credit with the data and the step functions of examples/classification. The whole
example, whose further keys 2.22.5 does not know, is shown beside.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.run import HERE, OURS, REFERENCE, ROOT, Measured, Row, measure, median, ratio_row, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = ROOT / "examples" / "classification"
REFERENCE_NAME = "2.22.5"
TARGET = 0.2


def classification_rows(work: Path, repeats: int) -> list[Row]:
    """The plain example against 2.22.5, and what the whole example takes."""
    runs = {"ours": cold(work, "plain", OURS), "whole": cold(work, "whole", OURS)}
    if REFERENCE.exists():
        runs[REFERENCE_NAME] = cold(work, "plain", REFERENCE)
    results = take_turns(runs, repeats)
    whole = f"{median(results['whole']):.2f} s"
    found = [Row("examples/classification with every key, cold", whole, "", None, None)]
    if REFERENCE_NAME in results:
        what = "examples/classification within 2.22.5's keys, cold"
        found.append(ratio_row(what, results["ours"], results[REFERENCE_NAME], REFERENCE_NAME, TARGET))
    return found


def cold(work: Path, kind: str, binaries: Path) -> Callable[[], Measured]:
    """A first run in a new folder: nothing cached, a new tracking database."""
    command = ["mlflow-recipes"] if binaries == OURS else ["mlflow", "recipes"]

    def run() -> Measured:
        folder = Path(tempfile.mkdtemp(dir=work, prefix="credit-"))
        ignored = shutil.ignore_patterns("metadata", "__pycache__", "tests")
        shutil.copytree(EXAMPLE, folder, ignore=ignored, dirs_exist_ok=True)
        if kind == "plain":
            shutil.copytree(HERE / "credit", folder, dirs_exist_ok=True)
        home = folder / "home"
        home.mkdir()
        try:
            return measure([binaries / command[0], *command[1:], "run", "-p", "local"], folder, binaries, home)
        finally:
            shutil.rmtree(folder)

    return run

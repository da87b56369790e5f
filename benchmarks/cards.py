"""What cards and the report cost a run of the flagship, how long `inspect` takes, and how soon a browser has a card.

    .venv/bin/python benchmarks/cards.py            prints rows of the table of benchmarks/run.py

Runs with and without drawing take turns, each a whole process on a fresh copy of the recipe; the median of the pairs'
ratios counts. The browser is the Chromium of Playwright, or the one in /usr/bin; the load event counts, from the start
of the navigation.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAIRS, REPEATS = 5, 5
SHARE, INSPECT_SECONDS, LOAD_SECONDS = 1.1, 1.0, 1.0
ROWS = 1_000_000
# The command as it is, or with nothing in the place of what draws cards and the report, the import of it included.
DRAWN = "from mlflow_recipes.cli import main; main()"
UNDRAWN = (
    "from mlflow_recipes import committer, reporting\n"
    "committer.load_drawing = lambda: None\n"
    "committer.Committer._drawn = lambda self, step, make: {}\n"
    "reporting._draw = lambda store, folder, record: None\n"
    "reporting.Account._log = lambda self, record: None\n"
    f"{DRAWN}"
)


def cards_rows(work: Path) -> list[Any]:
    """Rows of the table: each held against its target."""
    from benchmarks.run import Row

    folder = flagship(work)
    drawn, undrawn = [], []
    for _ in range(PAIRS):
        for code, found in ((DRAWN, drawn), (UNDRAWN, undrawn)):
            shutil.rmtree(folder / "metadata", ignore_errors=True)
            found.append(seconds(folder, code, "run"))
    with_cards, without = statistics.median(drawn), statistics.median(undrawn)
    ratio = statistics.median(a / b for a, b in zip(drawn, undrawn, strict=True))
    seconds(folder, DRAWN, "run")  # the pairs ended without cards
    looks = statistics.median(seconds(folder, DRAWN, "inspect", "-s", "evaluate") for _ in range(REPEATS))
    load, size = loaded(million(work))
    return [
        Row(
            "all cards and the report of the flagship", f"{with_cards:.2f} s", f"without {without:.2f} s", ratio, SHARE
        ),
        Row("`inspect -s evaluate`, whole process", f"{looks:.2f} s", f"{INSPECT_SECONDS:g} s", looks, INSPECT_SECONDS),
        Row(
            f"card of {ROWS:,} rows ({size / 1e3:,.0f} kB) in a browser",
            f"{load:.2f} s",
            f"{LOAD_SECONDS:g} s",
            load,
            LOAD_SECONDS,
        ),
    ]


def flagship(work: Path) -> Path:
    """A copy of the recipe of this repository."""
    folder = Path(tempfile.mkdtemp(dir=work, prefix="flagship-"))
    for name in ("recipe.yaml", "profiles", "steps", "data"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def seconds(folder: Path, code: str, *arguments: str) -> float:
    """How long a command of ours takes, as a whole process."""
    from benchmarks.run import OURS, measure

    home = folder.parent
    return measure([OURS / "python", "-c", code, *arguments, "-p", "local"], folder, OURS, home).seconds


def million(work: Path) -> Path:
    """The cards of ingest and evaluate for a million rows, on one page."""
    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.cards.build import build
    from mlflow_recipes.cards.model import About, Card
    from mlflow_recipes.cards.render import to_html
    from mlflow_recipes.data.profile import preview, profile, schema
    from mlflow_recipes.modeling.diagnostics import figures

    random = np.random.default_rng(0)
    columns: dict[str, Any] = {f"number {i}": random.lognormal(size=ROWS) for i in range(40)}
    columns |= {f"text {i}": random.integers(0, 500, ROWS).astype(str) for i in range(10)}
    table = pa.table(columns)
    target = columns["number 0"]
    read = {"rows": ROWS, "profile": profile(table), "schema": schema(table), "preview": preview(table)}
    judged = {"errors": {"number 0": figures(target, target + random.normal(size=ROWS))}}
    about = About("ingest", "million", "local", 1.0, 0.0)
    tabs = [
        tab for module, facts in (("ingest", read), ("evaluate", judged)) for tab in build(module, facts, about).tabs
    ]
    page = work / "million.html"
    page.write_text(to_html(Card("ingest", "million", tuple(tabs))), encoding="utf-8")
    return page


def loaded(page: Path) -> tuple[float, int]:
    """Median seconds to the load event, in a browser that has been started; the size of the page in bytes."""
    from playwright.sync_api import sync_playwright

    installed = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        path = str(installed) if installed.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        found = []
        for _ in range(REPEATS):
            tab = browser.new_page()
            tab.goto(page.as_uri(), wait_until="load")
            found.append(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
            tab.close()
        browser.close()
    return statistics.median(found), page.stat().st_size


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from benchmarks.run import HEAD

    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for row in cards_rows(Path(folder)):
            print(row.text())

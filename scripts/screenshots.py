"""Picture every page of the flagship for the documentation: docs/images/<page>-<width>-<light|dark>.png.

And what differs in cards of a classifier, of examples/classification.

`<page>-top-<light|dark>.png` is what a window shows of it at first.

    .venv/bin/python scripts/screenshots.py                    runs the flagship in a temporary folder first: minutes
    .venv/bin/python scripts/screenshots.py --recipe FOLDER    takes pages of runs that were made there by `prepare`

Needs Chromium and the development environment (`make .venv/dev.stamp`).
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS, SCHEMES = (1300, 400), ("light", "dark")
COLORS = 256
TOPS, TOP = ("report", "notebook"), 1200  # pages whose beginning is pictured, too, so many pixels of it
STEPS = ("ingest", "trips", "clean", "split", "transform", "train", "evaluate", "register", "ingest_scoring", "predict")
OF_CLASSES = ("ingest", "split", "train", "evaluate")
EXAMPLE = "example"  # the folder of examples/classification in that of the flagship
SHALLOW = ("--set", "steps.train.estimator_params.max_depth=5")
SUMMER = ("--set", "steps.ingest.location=data/yellow_tripdata_2018-0[4-9].parquet")
# Runs beside the first, so that there is something to compare, a leaderboard, and a search.
RUNS = (
    ("run", "-p", "local"),
    ("run", "-p", "local", *SUMMER, *SHALLOW),
    ("run", "-p", "local", *SHALLOW),
    ("run", "-p", "local", "-s", "predict"),
    ("run", "-p", "tune", "--set", "steps.train.tuning.max_trials=12"),
)


def main() -> None:
    """Run what is needed, open each page, keep the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, help="A folder with the flagship in which RUNS were made.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", help="Only pages whose name begins so.")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        recipe = given.recipe or prepare(Path(temporary) / "taxi")
        pages = {name: page for name, page in pages_of(recipe) if name.startswith(given.only or "")}
        picture(pages, given.out)


def prepare(recipe: Path) -> Path:
    """Copy the flagship, and run it."""
    for name in ("recipe.yaml", "profiles", "steps", "data", "notebooks"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        recipe.mkdir(exist_ok=True)
        copy(source, recipe / name)
    for arguments in RUNS:
        command(recipe, *arguments)
    shutil.copytree(ROOT / "examples" / "classification", recipe / EXAMPLE, ignore=shutil.ignore_patterns("metadata"))
    command(recipe / EXAMPLE, "run", "-p", "local")
    return recipe


def pages_of(recipe: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of every page."""
    kept = recipe / "pages"
    kept.mkdir(exist_ok=True)
    commands = {step: card_of(step) for step in STEPS}
    commands |= {f"classes-{step}": ("-C", EXAMPLE, *card_of(step)) for step in OF_CLASSES}
    commands |= {
        "search": ("inspect", "-s", "train", "-p", "tune"),
        "champion": ("inspect", "-s", "evaluate", "-p", "tune"),
        "overview": ("inspect", "-p", "local"),
        "report": ("report", "-p", "local"),
        "diff": ("diff", "1", "2", "-p", "local"),
    }
    for name, arguments in commands.items():
        shown = command(recipe, *arguments).strip().splitlines()[-1]
        yield name, Path(shutil.copy(shown, kept / f"{name}.html"))
    months = recipe / "data"
    command(recipe, "drift", "-p", "local", "--data", str(months), "--out", str(kept / "drift.html"))
    yield "drift", kept / "drift.html"
    yield "notebook", notebook(recipe, kept / "notebook.html")


def card_of(step: str) -> tuple[str, ...]:
    """The command that says where a step's card is."""
    return "inspect", "-s", step, "-p", "local"


def notebook(recipe: Path, page: Path) -> Path:
    """The notebook for Jupyter, executed by a real kernel, as the page that nbconvert makes of it."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"  # tqdm's, of a widget that is no part of the pictures
    source = recipe / "notebooks" / "jupyter.ipynb"
    cells = nbformat.read(source, as_version=4)
    NotebookClient(cells, timeout=600, resources={"metadata": {"path": str(source.parent)}}).execute()
    for scheme in SCHEMES:
        text, _ = HTMLExporter(embed_images=True, theme=scheme).from_notebook_node(cells)
        (page if scheme == "light" else in_dark(page)).write_text(text, encoding="utf-8")
    return page


def in_dark(page: Path) -> Path:
    """The dark form of a page that does not follow the browser's setting by itself; it need not exist."""
    return page.with_suffix(".dark.html")


def command(recipe: Path, *arguments: str) -> str:
    """Run a command of ours in the recipe's folder; what it printed."""
    variables = {**os.environ, "GITHUB_ACTIONS": "true"}  # no browser of the desktop is opened
    done = subprocess.run(
        [sys.executable, "-m", "mlflow_recipes", *arguments],
        cwd=recipe,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 6):
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def picture(pages: dict[str, Path], out: Path) -> None:
    """Every page at every width, in light and in dark, from its top to its end."""
    executable = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, page in pages.items():
            for width in WIDTHS:
                for scheme in SCHEMES:
                    whole = small(shot(browser, page, width, scheme))
                    whole.save(out / f"{name}-{width}-{scheme}.png", optimize=True)
                    if name in TOPS and width == WIDTHS[0]:
                        whole.crop((0, 0, width, TOP)).save(out / f"{name}-top-{scheme}.png", optimize=True)
        browser.close()


def shot(browser: Browser, page: Path, width: int, scheme: str) -> bytes:
    """The whole page as PNG."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        tab = context.new_page()
        dark = scheme == "dark" and in_dark(page).exists()
        tab.goto((in_dark(page) if dark else page).as_uri())
        # Frames below the window are not painted, so the window becomes as high as the page.
        high = tab.evaluate("document.documentElement.scrollHeight")
        tab.set_viewport_size({"width": width, "height": high})
        tab.wait_for_timeout(500)
        return tab.screenshot(full_page=True)
    finally:
        context.close()


def small(png: bytes) -> Image.Image:
    """A picture with few colours, rare ones kept: a quarter of the bytes."""
    whole, method = Image.open(io.BytesIO(png)).convert("RGB"), Image.Quantize.MAXCOVERAGE
    return whole.quantize(COLORS, method=method, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()

"""Every page in a real browser, made from hostile data: nothing runs, nothing is loaded, everyone can read it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlflow_recipes.cards.model import Card, CardTab, Profile, ProfileColumn, ProfilePart, Table
from mlflow_recipes.cards.render import to_html
from tests.conftest import FILES, Small, write_data
from tests.e2e import hostile
from tests.e2e.browsing import Chromium, chromium

MOST_BYTES = 2_000_000
STEPS = ("ingest", "cleaned", "split", "transform", "train", "evaluate", "register")
CARDS = tuple(f"{step}.html" for step in STEPS)
PAGES = (*CARDS, "overview.html", "report.html", "diff.html", "drift.html", "own.html")
CLASS_PAGES = ("report.html", "split.html", "train.html", "evaluate.html")
FAILED = ("failed.html", "checked.html", "failed-report.html")
# Width of the window, light or dark, and whether the browser obeys what the page forbids.
WINDOWS = ((1300, "light", False), (400, "dark", True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A hostile recipe in a folder with a hostile name, after two runs."""
    made = Small(tmp_path_factory.mktemp("pages") / hostile.NAME)
    for relative, text in FILES.items():
        made.write(relative, text)
    write_data(made.root / "data")
    hostile.write(made)
    for arguments in ((), ("--set", "steps.train.estimator_params.alpha=2.5")):
        done = made.command("run", "-p", "local", *arguments, timeout=300)
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def pages(recipe: Small) -> Path:
    """A folder with every page that the recipe has, each with a name of its own."""
    kept = recipe.root.parent / "pages"
    kept.mkdir()
    for step in STEPS:
        keep(recipe, ("inspect", "-s", step), kept / f"{step}.html")
    keep(recipe, ("inspect",), kept / "overview.html")
    keep(recipe, ("report",), kept / "report.html")
    keep(recipe, ("diff", "1", "2"), kept / "diff.html")
    drifted = recipe.command("drift", "-p", "local", "--data", "data/one.csv", "--out", str(kept / "drift.html"))
    assert drifted.returncode in (0, 6), drifted.stderr
    own_card(kept / "own.html")
    recipe.edit("steps/ingest.py", "return True", "return df.index % 2 == 0")
    keep(recipe, ("inspect", "-s", "ingest"), kept / "checked.html", exit_code=5)
    recipe.edit("steps/ingest.py", "return df.index % 2 == 0", "return True")
    recipe.edit(
        "steps/cleaned.py",
        "    return df",
        "    from steps.hostile import ALL, LONG\n\n    raise ValueError(*ALL, LONG)\n    return df",
    )
    keep(recipe, ("inspect", "-s", "cleaned"), kept / "failed.html", exit_code=2)
    keep(recipe, ("report",), kept / "failed-report.html")
    return kept


@pytest.fixture(scope="module")
def class_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages on which classes are, of a recipe whose labels are hostile."""
    made = Small(tmp_path_factory.mktemp("classes") / "recipe")
    for relative, text in FILES.items():
        made.write(relative, text)
    write_data(made.root / "data")
    hostile.write_classes(made)
    kept = made.root.parent / "pages"
    kept.mkdir()
    keep(made, ("report",), kept / "report.html", exit_code=0)
    for page in CLASS_PAGES[1:]:
        keep(made, ("inspect", "-s", page.removesuffix(".html")), kept / page)
    return kept


def keep(recipe: Small, command: tuple[str, ...], to: Path, *, exit_code: int | None = None) -> None:
    """Copy the page that a command names; before, where an exit code is given, run the recipe."""
    if exit_code is not None:
        ran = recipe.command("run", "-p", "local", timeout=300)
        assert ran.returncode == exit_code, ran.stderr
    done = recipe.command(*command, "-p", "local")
    assert done.returncode == 0, done.stderr
    shutil.copy(done.stdout.strip(), to)


def own_card(to: Path) -> None:
    """A card that a user builds by hand, and fills with data in every way that escapes it."""
    import pandas as pd

    from mlflow_recipes.compat.cards import BaseCard

    card = BaseCard(hostile.NAME, hostile.SCRIPT)
    frame = pd.DataFrame({name: list(hostile.ALL) for name in hostile.ALL})
    table = BaseCard.render_table(frame)
    card.add_tab(hostile.SCRIPT, "{{ TABLE }}").add_html("TABLE", table)
    card.add_tab(hostile.MARKS, "<h3>Notes</h3>{{ NOTES }}").add_markdown("NOTES", "\n\n".join(hostile.ALL))
    card.save_as_html(to)


@pytest.mark.parametrize("name", [*PAGES, *FAILED])
@pytest.mark.parametrize("window", WINDOWS, ids=["wide-light", "narrow-dark"])
def test_hostile_data_is_text_on_every_page(pages: Path, browser: Chromium, name: str, window) -> None:
    check_hostile_data_is_text(pages / name, browser, window)


@pytest.mark.parametrize("name", CLASS_PAGES)
@pytest.mark.parametrize("window", WINDOWS, ids=["wide-light", "narrow-dark"])
def test_hostile_labels_are_text(class_pages: Path, browser: Chromium, name: str, window) -> None:
    check_hostile_data_is_text(class_pages / name, browser, window)


def check_hostile_data_is_text(page: Path, browser: Chromium, window) -> None:
    width, scheme, obeying = window
    seen = browser.look(page, width, scheme, obeying=obeying)
    assert seen.faults == []
    assert seen.wide <= 0, f"the page is {seen.wide} pixels wider than the window"
    assert page.stat().st_size <= MOST_BYTES
    assert not [piece for piece in hostile.PIECES if piece in seen.text]
    assert "1337" not in seen.text, "a template in the data was filled in"
    assert "window.hit" in seen.text, "what the data holds is shown as it is"


def test_tables_stay_readable_in_a_narrow_window(browser: Chromium, tmp_path: Path) -> None:
    rows = [("validation", "a" * 32, "b" * 32), ("MLflow run", "2018-01-11 18:24:44", "c" * 32)]
    prose = Table(
        ("check", "result", "found"), [("mean_absolute_percentage_error", "passed", "none of 120,000 rows are empty.")]
    )
    column = ProfileColumn("n", "int64", min=0, max=4)
    profile = Profile((ProfilePart("training", 4, None, (column,)), ProfilePart("test", 4, None, (column,))))
    card = Card("s", "r", (CardTab("t", (Table(("", "A", "B"), rows), prose, profile)),))
    page = tmp_path / "narrow.html"
    page.write_text(to_html(card))
    with browser.page(400) as shown:
        shown.goto(page.as_uri())
        cells = shown.evaluate(
            "[...document.querySelectorAll('td')].map(cell => [cell.innerText, cell.clientHeight, cell.clientWidth,"
            " getComputedStyle(cell).position])"
        )
    heights = {text: height for text, height, _, _ in cells}
    widths = {text: width for text, _, width, _ in cells}
    at = {text: position for text, _, _, position in cells}
    assert heights["validation"] == heights["MLflow run"] == heights["a" * 32] < 40, "on one line"
    assert widths["none of 120,000 rows are empty."] >= 150
    assert widths["mean_absolute_percentage_error"] >= 150
    assert (at["validation"], at["test"]) == ("sticky", "static"), "the first column stays, a second never covers it"


def test_the_browser_notices(browser: Chromium, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><html><head><title>x</title></head><body style='width: 3000px'>"
        f"{hostile.SCRIPT}{hostile.IMAGE}<img src='https://elsewhere.example/x.png'><script>console.log(1)</script>"
        "<iframe srcdoc='<script>window.hit = true</script>'></iframe></body></html>"
    )
    seen = browser.look(page)
    assert seen.wide > 0
    for fault in ("a script ran", "request: https://elsewhere.example", "console log", "html-has-lang", "image-alt"):
        assert any(found.startswith(fault) for found in seen.faults), fault


def test_a_terminal_is_not_steered(recipe: Small, pages: Path) -> None:
    commands = [("inspect", "-s", step, "--text") for step in STEPS]
    commands += [("status",), ("plan",), ("plan", "--mermaid"), ("report", "--text"), ("diff", "1", "2", "--text")]
    for command in commands:
        done = recipe.command(*command, "-p", "local")
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        assert not [piece for piece in hostile.PIECES if piece in said], command
        assert len(said) < MOST_BYTES, command


def test_the_same_as_json(recipe: Small, pages: Path) -> None:
    done = recipe.command("inspect", "-s", "split", "--json", "-p", "local")
    assert json.loads(done.stdout)["step"] == "split"

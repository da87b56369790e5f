"""The generated reference says everything that there is to say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import yaml

from mlflow_recipes import layout
from mlflow_recipes.cli import group
from mlflow_recipes.config.keys import all_keys

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("reference_pages", ROOT / "scripts" / "reference_pages.py")
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)
PAGES = reference.pages()


def test_every_key_command_artifact_and_decision() -> None:
    for key in all_keys().values():
        assert f"| `{key.name}` |" in PAGES["reference/keys.md"]
    for name, command in group.commands.items():
        assert f"## {name}\n" in PAGES["reference/commands.md"]
        assert command.help.split("\n")[0].split("<")[0] in PAGES["reference/commands.md"]
    for name in layout.PUBLIC_ARTIFACTS:
        assert f"| `{name}` |" in PAGES["reference/artifacts.md"]
    for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert f"({path.name})" in PAGES["decisions/index.md"]


def test_every_tag_and_variable_has_its_meaning() -> None:
    names = {name.removeprefix("TAG_") for name, value in vars(layout).items() if name.startswith("TAG_")}
    assert set(reference.TAGS) == names
    names = {name.removesuffix("_VARIABLE") for name in vars(layout) if name.endswith("_VARIABLE")}
    assert set(reference.VARIABLES) == names


@pytest.mark.parametrize("page", PAGES)
def test_what_is_in_docs_is_what_would_be_written(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == PAGES[page], "run `python scripts/reference_pages.py`"


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(_pages(yaml.safe_load(text)["nav"]))
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} | set(PAGES)


def _pages(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    inner = nav.values() if isinstance(nav, dict) else nav
    return [page for part in inner for page in _pages(part)]


def test_angle_brackets_are_no_html() -> None:
    assert reference.escaped("a <b> `<c>`") == "a &lt;b> `<c>`"

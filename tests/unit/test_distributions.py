"""From what is imported to what is installed; a folder of invented distributions stands for site-packages."""

from __future__ import annotations

import importlib
import importlib.metadata
from importlib.machinery import EXTENSION_SUFFIXES
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.distributions import distributions_of, version_of

if TYPE_CHECKING:
    from pathlib import Path


def install(site: Path, name: str, version: str, *files: str) -> None:
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("")
    importlib.invalidate_caches()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("module", "name"), [("yaml", "PyYAML"), ("dateutil", "python-dateutil"), ("sklearn", "scikit-learn")]
)
def test_known_names(module: str, name: str) -> None:
    assert distributions_of(module) == {name: importlib.metadata.version(name)}


@pytest.mark.parametrize("file", ["odd_one.py", "odd_one/__init__.py", f"odd_one{EXTENSION_SUFFIXES[0]}"])
def test_other_names_are_found_by_their_files(site: Path, file: str) -> None:
    install(site, "quite-another-name", "1.2", file, "quite/helper.py")
    install(site, "stranger", "3", "odd_one_more.py", "stranger/odd_one.py")
    assert distributions_of("odd_one") == {"quite-another-name": "1.2"}


def test_a_module_of_several_distributions(site: Path) -> None:
    install(site, "shared-b", "2", "odd_shared/b.py")
    assert distributions_of("odd_shared") == {"shared-b": "2"}
    install(site, "shared-a", "1", "odd_shared/a.py")
    assert distributions_of("odd_shared") == {"shared-a": "1", "shared-b": "2"}


def test_what_comes_from_none(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "odd_loose.py").write_text("")
    assert [distributions_of(name) for name in ("odd_loose", "no_such_module", "json", "__main__")] == [{}] * 4
    assert version_of("no-such-distribution") is None
    assert version_of("") is None


def test_files_are_looked_through_only_where_the_name_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "distributions", lambda **_: pytest.fail("looked through"))
    for name in ("pandas", "yaml", "json", "no_such_module"):
        distributions_of(name)

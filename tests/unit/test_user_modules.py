from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from mlflow_recipes import user_modules
from mlflow_recipes.user_modules import RecipeFinder, own_modules, own_path, stray_modules


def test_own_path_is_relative_to_the_root(tmp_path: Path) -> None:
    assert own_path(str(tmp_path / "steps" / "train.py"), tmp_path) == "steps/train.py"
    assert own_path(str(tmp_path / "src" / "mine.py"), tmp_path) == "src/mine.py"
    assert own_path(str(tmp_path.parent / "x.py"), tmp_path) is None


def test_names_without_a_place_are_nobodys_even_in_the_recipe_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled libraries have frames such as pandas/_libs/index.pyx, relative to nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("pandas/_libs/index.pyx", "<string>", "<frozen importlib._bootstrap>", ""):
        assert own_path(name, tmp_path) is None


def test_environments_in_the_recipe_folder_are_not_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    assert own_path(str(tmp_path / ".venv/lib/python3.11/site-packages/x.py"), tmp_path) is None
    assert own_path(str(tmp_path / "env/lib/python3.11/json/decoder.py"), tmp_path) is None


def test_recipe_inside_pythons_own_folder_has_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    root = tmp_path / "src" / "app"
    assert own_path(str(root / "steps/train.py"), root) == "steps/train.py"


def test_this_package_is_not_the_recipes_code_when_it_lies_in_its_folder() -> None:
    file = Path(user_modules.__file__)
    assert own_path(str(file), file.parents[2]) is None


def test_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "steps").mkdir(parents=True)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert own_path(str(tmp_path / "real/steps/a.py"), tmp_path / "link") == "steps/a.py"


def test_own_modules_are_steps_and_what_they_import_from_beside_it(tmp_path: Path) -> None:
    files = {
        "steps/train.py": "import shared.deep.one, pandas",
        "steps/split.py": "import alone",
        "shared/deep/one.py": "",
        "alone.py": "",
        "unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert own_modules(tmp_path) == {"steps", "shared", "alone"}
    assert own_modules(tmp_path / "nowhere") == {"steps"}


def test_strays_are_what_step_files_are_made_of_under_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = "env/site-packages/mine.py"
    for file in ("steps/cleaning.py", "steps/unused.py", "tests/test_it.py", installed):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    (tmp_path / "steps/ingest.py").write_text("import cleaning, mine")
    loaded = {
        "cleaning": "steps/cleaning.py",
        "another": "steps/../steps/cleaning.py",
        "test_it": "tests/test_it.py",
        "mine": installed,
    }
    for name, file in loaded.items():
        module = types.ModuleType(name)
        module.__file__ = f"{tmp_path}/{file}"
        monkeypatch.setitem(sys.modules, name, module)
    assert stray_modules(tmp_path) == {"cleaning", "another"}


def test_finder_leaves_libraries_alone(tmp_path: Path) -> None:
    finder = RecipeFinder(tmp_path)
    (tmp_path / "json").mkdir()  # a folder without __init__.py hides nothing
    assert finder.find_spec("json", None) is None
    assert finder.find_spec("xml.dom", ["/somewhere/xml"]) is None

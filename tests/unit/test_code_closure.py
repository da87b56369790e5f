from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.code_closure import code_files, imported_modules, parse

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


IMPORTS = [
    "import steps.helper",
    "import steps.helper as h",
    "from steps import helper",
    "from steps.helper import clean",
    "from steps.helper import *",
    "from . import helper",
    "from .helper import clean as c",
    "def f():\n    from steps.helper import clean",
    "try:\n    import steps.helper\nexcept ImportError:\n    pass",
    "import importlib\nimportlib.import_module('steps.helper')",
    "from importlib import import_module\nimport_module(name='steps.helper')",
    "from importlib import import_module\nimport_module('.helper', __package__)",
    "from importlib import import_module\nimport_module('.helper', package='steps')",
    "from importlib import import_module\nimport_module('..helper', package='steps.inner')",
    "__import__('steps.helper')",
]


@pytest.mark.parametrize("line", IMPORTS)
def test_every_way_of_importing_is_followed(tmp_path: Path, line: str) -> None:
    write(tmp_path, {"steps/train.py": line, "steps/helper.py": "", "steps/other.py": "", "helper.py": ""})
    assert code_files(tmp_path, "steps/train.py") == ("steps/helper.py", "steps/train.py")


def test_imports_are_followed_transitively_and_in_circles(tmp_path: Path) -> None:
    files = {
        "steps/train.py": "from shared.deep.one import x",
        "shared/deep/one.py": "from ..two import y\nimport steps.train",
        "shared/two.py": "import alone",
        "alone.py": "",
        "shared/deep/unused.py": "",
    }
    write(tmp_path, files)
    expected = ("alone.py", "shared/deep/one.py", "shared/two.py", "steps/train.py")
    assert code_files(tmp_path, "steps/train.py") == expected


def test_init_of_every_package_on_the_way_counts_with_what_it_imports(tmp_path: Path) -> None:
    files = {
        "steps/__init__.py": "from .setup import ready",
        "steps/setup.py": "",
        "steps/train.py": "import shared.deep.one",
        "shared/__init__.py": "",
        "shared/deep/__init__.py": "",
        "shared/deep/one.py": "",
    }
    write(tmp_path, files)
    assert code_files(tmp_path, "steps/train.py") == tuple(sorted(files))


def test_star_import_of_a_package_follows_its_all(tmp_path: Path) -> None:
    files = {
        "steps/train.py": "from shared import *",
        "shared/__init__.py": "__all__ = ['one', 'name']",
        "shared/one.py": "",
        "shared/two.py": "",
    }
    write(tmp_path, files)
    assert code_files(tmp_path, "steps/train.py") == ("shared/__init__.py", "shared/one.py", "steps/train.py")


def test_package_comes_before_module_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, {"steps/train.py": "import shared", "shared/__init__.py": "", "shared.py": ""})
    assert code_files(tmp_path, "steps/train.py") == ("shared/__init__.py", "steps/train.py")


def test_relative_import_beyond_the_top_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"steps/train.py": "from ... import helper\nfrom .. import helper", "helper.py": ""})
    assert code_files(tmp_path, "steps/train.py") == ("steps/train.py",)


def test_missing_entry_has_no_files(tmp_path: Path) -> None:
    write(tmp_path, {"steps/__init__.py": ""})
    assert code_files(tmp_path, "steps/train.py") == ()


def test_file_that_does_not_parse_is_there_without_its_imports(tmp_path: Path) -> None:
    write(tmp_path, {"steps/train.py": "import steps.helper\ndef", "steps/helper.py": ""})
    assert code_files(tmp_path, "steps/train.py") == ("steps/train.py",)


def test_libraries_are_top_level_and_absolute(tmp_path: Path) -> None:
    text = (
        "import pandas as pd, numpy.linalg\nfrom sklearn.base import clone\nfrom .cleaning import x\nfrom . import y\n"
    )
    write(tmp_path, {"steps/train.py": text})
    assert imported_modules(tmp_path / "steps/train.py") == {"pandas", "numpy", "sklearn"}
    assert imported_modules(tmp_path / "steps/absent.py") == set()


@pytest.mark.parametrize("source", [b"a\x00b", b"def", b"\xff\xfe\xff", b"(" * 5000, b"-" * 200_000 + b"1"])
def test_whatever_python_refuses_is_a_syntax_error(source: bytes) -> None:
    with pytest.raises(SyntaxError):
        parse(source)


def test_parsing_raises_no_warning_about_the_text() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(rb"pattern = '\d'").body


BESIDE = [
    ("import cleaning", "cleaning.py", "steps/cleaning.py"),
    ("from cleaning import x", "cleaning.py", "steps/cleaning.py"),
    ("import tools.cleaning", "tools/cleaning.py", "steps/tools/cleaning.py"),
    ("import tools", "tools/__init__.py", "steps/tools/__init__.py"),
]


@pytest.mark.parametrize("init", [True, False])
@pytest.mark.parametrize(("line", "name", "expected"), BESIDE)
def test_what_is_not_at_the_root_is_looked_for_beside_the_file(
    tmp_path: Path, line: str, name: str, expected: str, init: bool
) -> None:
    write(tmp_path, {"steps/ingest.py": line, f"steps/{name}": "", "steps/other.py": ""})
    inits = ("steps/__init__.py",) if init else ()
    write(tmp_path, dict.fromkeys(inits, ""))
    assert code_files(tmp_path, "steps/ingest.py") == tuple(sorted({expected, "steps/ingest.py", *inits}))
    write(tmp_path, {name: ""})
    assert code_files(tmp_path, "steps/ingest.py") == tuple(sorted({name, "steps/ingest.py", *inits}))


def test_a_helpers_helper_may_lie_in_the_folder_above(tmp_path: Path) -> None:
    files = {"steps/ingest.py": "import deep.one", "steps/deep/one.py": "import two, pandas", "steps/two.py": ""}
    write(tmp_path, files)
    assert code_files(tmp_path, "steps/ingest.py") == tuple(sorted(files))


def test_relative_import_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, {"steps/deep/one.py": "from . import two", "steps/two.py": "", "steps/deep/x.py": ""})
    assert code_files(tmp_path, "steps/deep/one.py") == ("steps/deep/one.py",)

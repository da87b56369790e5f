"""What is packed with a model: the user's code and the exact versions installed here."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from mlflow_recipes.modeling import requirements as packed

ALWAYS = ["cloudpickle", "mlflow", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "steps/__init__.py": "",
        "steps/transform.py": "import os\nfrom sklearn.base import clone\nfrom helpers import clean\n",
        "steps/train.py": "def estimator_fn():\n    from xgboost import XGBRegressor\n    import yaml\n",
        "steps/ingest.py": "import requests\n",
        "helpers/__init__.py": "",
        "helpers/clean.py": "import no_such_distribution\n",
        "unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_code_that_a_model_may_need(root: Path) -> None:
    assert packed.packed_files(root) == [
        "helpers/__init__.py",
        "helpers/clean.py",
        "steps/__init__.py",
        "steps/train.py",
        "steps/transform.py",
    ]
    assert packed.packed_code(root) == [str(root / "helpers"), str(root / "steps")]


def names(lines: list[str]) -> list[str]:
    return [line.partition("==")[0] for line in lines]


def test_each_line_is_what_is_installed(root: Path) -> None:
    found = packed.requirements(root, packed.packed_files(root), ["sklearn", "xgboost"])
    assert found == sorted(found, key=str.lower)
    assert all(line == f"{name}=={version(name)}" for line, name in zip(found, names(found), strict=True))
    boosting = [name for name in names(found) if name.startswith("xgboost")]
    assert len(boosting) == 1
    assert names(found) == sorted([*ALWAYS, "PyYAML", *boosting], key=str.lower)


def test_what_other_steps_import_is_not_required(root: Path) -> None:
    assert "requests" not in names(packed.requirements(root, packed.packed_files(root), []))


def test_the_models_own_classes_count(root: Path) -> None:
    (root / "steps" / "train.py").write_text("")
    (root / "steps" / "transform.py").write_text("")
    assert names(packed.requirements(root, packed.packed_files(root), [])) == ALWAYS
    assert "rich" in names(packed.requirements(root, packed.packed_files(root), ["rich", "steps", "builtins"]))


def test_what_saved_classifiers_need_is_one_folder() -> None:
    folder = Path(packed.classifier_code())
    assert folder.name == "mlflow_recipes_classifier"
    assert [path.name for path in folder.glob("*.py")] == ["__init__.py"]

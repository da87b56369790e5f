"""What goes with a model: the user's code, and the exact requirements of what is installed here.

No import, no subprocess, no guessing by MLflow.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.code_closure import code_files, imported_modules
from mlflow_recipes.code_paths import code_paths, top_of
from mlflow_recipes.distributions import distributions_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What loading and calling any of our models needs.
_ALWAYS = ("mlflow", "scikit-learn", "pandas", "numpy", "scipy", "pyarrow", "cloudpickle", "skops")
CLASSIFIER_PACKAGE = "mlflow_recipes_classifier"
_ENTRIES = ("steps/transform.py", "steps/train.py")


def packed_files(root: Path) -> list[str]:
    """The user's files that a model may need when it is loaded elsewhere, relative to the recipe root."""
    return sorted({file for entry in _ENTRIES for file in code_files(root, entry)})


def classifier_code() -> str:
    """The folder of what saved classifiers need of ours."""
    spec = find_spec(CLASSIFIER_PACKAGE)
    assert spec is not None, "it is part of this distribution"
    assert spec.origin is not None, "it has a file"
    return str(Path(spec.origin).parent)


def packed_code(root: Path) -> list[str]:
    """What MLflow packs as code: the whole `steps/` folder, as 2.22 did, and helpers outside it that it imports."""
    folders = code_paths(root)
    tops = {top_of(file, folders)[1] for file in packed_files(root)}
    if (root / layout.STEPS_FOLDER).is_dir():
        tops.add(layout.STEPS_FOLDER)
    return [os.path.normpath(root / top) for top in sorted(tops)]


def requirements(root: Path, files: Sequence[str], classes: Iterable[str]) -> list[str]:
    """Lines of a requirements file, each pinned to the version installed here, sorted.

    Args:
        root: The recipe root.
        files: The user's files packed with the model, relative to the root; what they import is required.
        classes: Top-level modules that the fitted model's own classes come from, such as `xgboost`.
    """
    modules = {name for file in files for name in imported_modules(root / file)} | set(classes)
    folders = code_paths(root)
    own = {top_of(file, folders)[0] for file in files}
    wanted = {name: version for name in _ALWAYS if (version := version_of(name))}
    for module in sorted(modules - own):
        wanted |= distributions_of(module)
    pinned = {name.lower(): f"{name}=={version}" for name, version in wanted.items()}
    return [pinned[name] for name in sorted(pinned)]

"""What goes with a model: the user's code, and the exact requirements of what is installed here.

No import, no subprocess, no guessing by MLflow.
"""

from __future__ import annotations

import importlib.metadata
import sys
from functools import cache
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.code_closure import code_files, imported_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# What loading and calling any of our models needs.
_ALWAYS = ("mlflow", "scikit-learn", "pandas", "numpy", "scipy", "pyarrow", "cloudpickle", "skops")


_OTHER_NAMES = {"sklearn": ("scikit-learn",), "xgboost": ("xgboost", "xgboost-cpu"), "yaml": ("PyYAML",)}
_ENTRIES = ("steps/transform.py", "steps/train.py")


def packed_files(root: Path) -> list[str]:
    """The user's files that a model may need when it is loaded elsewhere, relative to the recipe root."""
    return sorted({file for entry in _ENTRIES for file in code_files(root, entry)})


def packed_code(root: Path) -> list[str]:
    """What MLflow packs as code: the whole `steps/` folder, as 2.22 did, and helpers outside it that it imports."""
    tops = {file.split("/")[0] for file in packed_files(root)}
    if (root / layout.STEPS_FOLDER).is_dir():
        tops.add(layout.STEPS_FOLDER)
    return [str(root / top) for top in sorted(tops)]


def requirements(root: Path, files: Sequence[str], classes: Iterable[str]) -> list[str]:
    """Lines of a requirements file, each pinned to the version installed here, sorted.

    Args:
        root: The recipe root.
        files: The user's files packed with the model, relative to the root; what they import is required.
        classes: Top-level modules that the fitted model's own classes come from, such as `xgboost`.
    """
    modules = {name for file in files for name in imported_modules(root / file)} | set(classes)
    own = {file.split("/")[0].removesuffix(".py") for file in files}
    wanted = {_distribution(module) for module in modules - own - set(sys.stdlib_module_names)}
    pinned = {name.lower(): f"{name}=={_version(name)}" for name in (*_ALWAYS, *wanted) if name and _version(name)}
    return [pinned[name] for name in sorted(pinned)]


def _distribution(module: str) -> str | None:
    """The distribution that a top-level module comes from; looking through all of them is the last resort."""
    for name in (*_OTHER_NAMES.get(module, ()), module):
        if _version(name):
            return name
    return next(iter(importlib.metadata.packages_distributions().get(module, ())), None)


@cache
def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

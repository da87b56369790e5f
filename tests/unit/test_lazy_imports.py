"""What the light modules must not import: `import mlflow` and half of our commands wait for them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "click",
    "git",
    "jinja2",
    "matplotlib",
    "mlflow",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "requests",
    "rich",
    "scipy",
    "skops",
    "sklearn",
    "xxhash",
    "yaml",
}


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after `code`, less those it starts with."""
    end = "import json\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    program = f"import sys\nbefore = set(sys.modules)\n{code}\n{end}"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(answer.stdout)}


@pytest.mark.parametrize(
    "module",
    [
        "mlflow_recipes",
        "mlflow_recipes.compat",
        "mlflow_recipes.compat.variables",
        "mlflow_recipes.errors",
        "mlflow_recipes.git",
        "mlflow_recipes.graph",
        "mlflow_recipes.layout",
        "mlflow_recipes.plugin",
        "mlflow_recipes.records",
    ],
)
def test_module_imports_nothing_heavy(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert "mlflow_recipes" in loaded
    assert loaded & HEAVY == set()


def test_errors_and_version_are_there_without_anything_heavy() -> None:
    loaded = loaded_by(
        "from mlflow_recipes import ConfigError, RecipeError, __version__\nassert __version__[0].isdigit()"
    )
    assert loaded & HEAVY == set()


def test_every_public_name_exists() -> None:
    import mlflow_recipes

    assert set(mlflow_recipes.__all__) <= set(dir(mlflow_recipes))
    assert [name for name in mlflow_recipes.__all__ if getattr(mlflow_recipes, name, None) is None] == []


def test_unknown_name_is_an_attribute_error() -> None:
    import mlflow_recipes

    with pytest.raises(AttributeError, match=r"^module 'mlflow_recipes' has no attribute 'recipes'$"):
        mlflow_recipes.recipes  # noqa: B018

"""MLflow Recipes on MLflow 3.

`Recipe` opens the recipe of the working directory; everything that goes wrong on purpose is a `RecipeError`. Nothing
is imported before it is asked for, because this package is imported within every `import mlflow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow_recipes.errors import (
        CheckError,
        ConfigError,
        ContractError,
        DataError,
        GateError,
        RecipeError,
        StepFailed,
        UnavailableError,
        UserCodeError,
    )
    from mlflow_recipes.recipe import Recipe

    __version__: str

__all__ = [
    "CheckError",
    "ConfigError",
    "ContractError",
    "DataError",
    "GateError",
    "Recipe",
    "RecipeError",
    "StepFailed",
    "UnavailableError",
    "UserCodeError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _load(name)
    globals()[name] = value
    return value


def _load(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("mlflow-recipes")
    if name == "Recipe":
        from mlflow_recipes.recipe import Recipe

        return Recipe
    from mlflow_recipes import errors

    return getattr(errors, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

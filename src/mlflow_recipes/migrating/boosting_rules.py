"""What changed in XGBoost and LightGBM, as far as recipes use them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import kind
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

# Argument of `fit` -> the libraries that no longer take it
_OF_FIT = {
    "early_stopping_rounds": ("xgboost", "lightgbm"),
    **{"eval_metric": ("xgboost",), "callbacks": ("xgboost",), "verbose": ("lightgbm",)},
}
_BOOSTING = ("xgboost", "lightgbm")


def _library(source: PythonSource, model: ast.expr) -> str:
    """The library that a model is of: by its class, else the one that the file imports."""
    if known := kind(source, model):
        return next((name for name in _BOOSTING if known.startswith(f"{name}.")), "")
    imported = [name for name in _BOOSTING if name in source.imported_modules]
    return " or ".join(imported)


def arguments_of_fit(source: PythonSource) -> Iterator[Finding]:
    """`fit(..., early_stopping_rounds=10)`."""
    for call in source.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "fit":
            continue
        library = _library(source, call.func.value)
        for name, libraries in _OF_FIT.items():
            found = keyword(call, name)
            if found is None or not any(one in library for one in libraries):
                continue
            where = "give it to the estimator's constructor" if "xgboost" in library else ""
            where += f"{' or ' if where else ''}use callbacks" if "lightgbm" in library else ""
            recipe = ", or `steps.train.early_stopping` in recipe.yaml" if name == "early_stopping_rounds" else ""
            yield source.found("by hand", found, f"fit of {library} no longer takes `{name}`: {where}{recipe}.")


def xgboost_arguments(source: PythonSource) -> Iterator[Finding]:
    """`objective="reg:linear"`, `use_label_encoder=`, `tree_method="gpu_hist"`."""
    for call in source.calls:
        if not source.dotted(call.func).startswith("xgboost."):
            continue
        for found in call.keywords:
            value = constant(found.value)
            if found.arg == "objective" and value == "reg:linear":
                edit = source.replace(found.value, '"reg:squarederror"')
                yield source.found("rewrite", found, 'XGBoost calls the objective "reg:squarederror".', (edit,))
            elif found.arg == "use_label_encoder":
                edit = source.without_keyword(call, "use_label_encoder")
                yield source.found(
                    "rewrite", found, "XGBoost no longer has `use_label_encoder`, which did nothing.", (edit,)
                )
            elif found.arg == "tree_method" and value == "gpu_hist":
                told = "write `steps.train.device: cuda` in recipe.yaml, or `device=`"
                yield source.found("by hand", found, f'XGBoost knows no "gpu_hist": {told}.')
            elif found.arg in ("silent", "gpu_id", "predictor"):
                new = {"silent": "verbosity", "gpu_id": "device", "predictor": "device"}[found.arg]
                yield source.found("by hand", found, f"XGBoost no longer has `{found.arg}`: see `{new}`.")

"""How much each transformed feature matters to an estimator, whatever the estimator is.

- XGBoost, LightGBM and CatBoost say themselves: gain (CatBoost: change of prediction) and TreeSHAP, the mean absolute
  contribution of a feature to the predictions of a sample (Lundberg et al., "From local explanations to global
  understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020).
- All others: how much worse predictions of a sample get when a feature is shuffled (Breiman, "Random forests", Machine
  Learning 45, 2001; `sklearn.inspection.permutation_importance`): by the mean absolute error of numbers, or by the
  primary metric of classes.
- `shap`: mean absolute SHAP values by the package of that name.

Nothing here may fail a step: what cannot be computed is said instead.
"""

from __future__ import annotations

import importlib.util
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.features import transformed, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pandas as pd

SAMPLE_ROWS = 5_000
REPEATS = 3
_SHAP_ROWS = 200
_SHAP_BACKGROUND = 100
_LONGEST_SECONDS = 20.0
# TreeSHAP visits each leaf of each tree once for every row, at a cost of its depth squared.
_TREE_VISITS = 3e8
_FEWEST_ROWS = 100


@dataclass(frozen=True)
class Loss:
    """What is felt of a feature that is shuffled.

    Attributes:
        name: The metric, in a sentence.
        of: (estimator, its features) -> what is the larger, the worse the predictions are.
        column: What its growth is called.
        in_target_unit: Whether it is an amount of the target.
    """

    name: str
    of: Callable[[Any, pd.DataFrame], float]
    column: str = "growth of error"
    in_target_unit: bool = True


def require(method: str) -> None:
    """See that a method can be used, before anything is computed.

    Raises:
        RecipeError: `shap` without the package of that name.
    """
    if method == "shap" and importlib.util.find_spec("shap") is None:
        raise RecipeError(
            "`importance: shap` needs the package shap, which is not installed.",
            where="steps.evaluate.importance",
            hint="Install it with `pip install 'mlflow-recipes[shap]'`, or leave `importance` out.",
        )


def importance(method: str, model: Any, rows: pd.DataFrame, loss: Loss, seed: int) -> dict[str, Any]:
    """The importance of every feature, the most important first, as plain JSON data.

    Args:
        method: `auto`, `permutation`, `shap` or `none`.
        model: A fitted pipeline of transformer and estimator.
        rows: A sample of raw features in random order, shape (rows, columns).
        loss: How bad predictions of these rows are.
        seed: Of the shuffling.

    Returns:
        "method"; "note", how it was computed, or why not; "columns", the names of what was computed; "features": a
        list of lists, name and values; and "in_target_unit", whether the first of them are amounts of the target.
    """
    try:
        if method == "none":
            return _said("none", "Not asked for.")
        features, estimator = transformed(model, rows), model.steps[-1][1]
        if method == "shap":
            return _by_shap(estimator, features, seed)
        if method == "auto" and (found := _by_trees(estimator, features)) is not None:
            return found
        return _by_permutation(estimator, features, loss, seed, bounded=method == "auto")
    except Exception as error:  # noqa: BLE001 - whatever estimators do when asked unusual questions; it is a report
        return _said(method, f"It could not be computed ({type(error).__name__}: {str(error)[:300]}).")


def _said(method: str, note: str) -> dict[str, Any]:
    return {"method": method, "note": note, "columns": [], "features": [], "in_target_unit": False}


def _ranked(
    method: str, note: str, names: Any, columns: dict[str, np.ndarray], *, in_target_unit: bool
) -> dict[str, Any]:
    """Ordered by the first column."""
    import numpy as np

    order = np.argsort(-next(iter(columns.values())), kind="stable")
    rows = [[str(names[i]), *(float(f"{values[i]:.7g}") for values in columns.values())] for i in order]
    told = {"method": method, "note": note, "columns": list(columns), "features": rows}
    return {**told, "in_target_unit": in_target_unit}


# Trees


def _by_trees(estimator: Any, features: pd.DataFrame) -> dict[str, Any] | None:
    """Gain and TreeSHAP from the libraries that compute them; None for all other estimators."""
    import numpy as np

    parts = unwrapped(estimator)
    library = {type(part).__module__.partition(".")[0] for part in parts}
    known = {"xgboost": _xgboost, "lightgbm": _lightgbm, "catboost": _catboost}
    if len(library) != 1 or (ask := known.get(library.pop())) is None:
        return None
    try:
        answers = [ask(part, features) for part in parts]
    except Exception:  # noqa: BLE001 - a kind of model that its library does not explain; shuffling does
        return None
    if any(answer is None for answer in answers):
        return None
    shap, gain, sizes = (np.array([answer[i] for answer in answers if answer]) for i in range(3))
    what = "fits" if hasattr(estimator, "classes_") else "targets"
    averaged = f" Averaged over {len(parts)} {what}." if len(parts) > 1 else ""
    note = (
        f"Mean absolute contribution to the predictions of {sizes.min():,} test rows (TreeSHAP), in the unit of "
        f"{_unit(estimator, parts)}, and the estimator's own measure while it learnt.{averaged}"
    )
    columns = {"mean |SHAP|": shap.mean(axis=0), "gain": gain.mean(axis=0)}
    return _ranked("TreeSHAP", note, list(features.columns), columns, in_target_unit=_sees_target(estimator, parts))


def _unit(estimator: Any, parts: Sequence[Any]) -> str:
    if hasattr(estimator, "classes_"):
        return "what the estimator adds up to a score (mostly log odds)"
    return "the target" if _sees_target(estimator, parts) else "the target as the estimator sees it"


def _sees_target(estimator: Any, parts: Sequence[Any]) -> bool:
    return (estimator is parts[0] or len(parts) > 1) and not hasattr(estimator, "classes_")


def _affordable(leaves: float, trees: int, rows: int) -> int:
    """How many rows TreeSHAP can take in a few seconds.

    Args:
        leaves: In all trees.
        trees: How many trees.
        rows: How many rows there are.
    """
    import numpy as np

    depth = np.log2(max(leaves / max(trees, 1), 1)) + 2
    return int(np.clip(_TREE_VISITS / (max(leaves, 1) * depth**2), min(_FEWEST_ROWS, rows), rows))


def _mean_contributions(contributions: Any, features: int) -> np.ndarray:
    """Contributions, (rows, [targets,] features + 1), the last being what every row gets -> mean size, (features,)."""
    import numpy as np

    sizes = np.abs(np.asarray(contributions)).reshape(-1, features + 1)[:, :features]
    mean: np.ndarray = sizes.mean(axis=0)
    return mean


def _xgboost(model: Any, features: pd.DataFrame) -> tuple[Any, ...] | None:
    import numpy as np
    import xgboost

    booster = model.get_booster()
    if model.get_xgb_params().get("booster") == "gblinear":
        return None
    splits = sum(booster.get_score(importance_type="weight").values())
    trees = booster.num_boosted_rounds() * max(int(model.get_params().get("num_parallel_tree") or 1), 1)
    rows = _affordable(splits + trees, trees, len(features))
    data = xgboost.DMatrix(features.head(rows), enable_categorical=True)
    best = getattr(booster, "best_iteration", None)
    used = (0, best + 1) if "best_iteration" in booster.attributes() and best is not None else (0, 0)
    contributions = booster.predict(data, pred_contribs=True, iteration_range=used)
    gain = booster.get_score(importance_type="gain")
    names = booster.feature_names or [f"f{i}" for i in range(features.shape[1])]
    return _mean_contributions(contributions, features.shape[1]), np.array([gain.get(n, 0.0) for n in names]), rows


def _lightgbm(model: Any, features: pd.DataFrame) -> tuple[Any, ...] | None:
    booster = model.booster_
    trees = booster.num_trees()
    rows = _affordable(trees * float(model.get_params().get("num_leaves") or 31), trees, len(features))
    contributions = booster.predict(features.head(rows), pred_contrib=True)
    gain = booster.feature_importance(importance_type="gain")
    return _mean_contributions(contributions, features.shape[1]), gain, rows


def _catboost(model: Any, features: pd.DataFrame) -> tuple[Any, ...] | None:
    import catboost

    trees = model.tree_count_
    rows = _affordable(trees * 2.0 ** int(model.get_all_params().get("depth", 6)), trees, len(features))
    categories = model.get_cat_feature_indices()
    pool = catboost.Pool(features.head(rows), cat_features=categories)
    contributions = model.get_feature_importance(pool, type="ShapValues")
    change = model.get_feature_importance(type="PredictionValuesChange" if not categories else "FeatureImportance")
    return _mean_contributions(contributions, features.shape[1]), change, rows


# Any estimator


def _by_permutation(estimator: Any, features: pd.DataFrame, loss: Loss, seed: int, *, bounded: bool) -> dict[str, Any]:
    from sklearn.inspection import permutation_importance

    started = time.perf_counter()
    loss.of(estimator, features)
    expected = (time.perf_counter() - started) * features.shape[1] * REPEATS
    if bounded and expected > _LONGEST_SECONDS:
        return _said(
            "permutation",
            f"Left out: {features.shape[1] * REPEATS:,} predictions of {len(features):,} rows would take about "
            f"{expected:,.0f} s. `importance: permutation` computes it all the same.",
        )

    def score(fitted: Any, rows: Any, _: Any) -> float:  # those by name ask for a class of scikit-learn's
        return -loss.of(fitted, rows)

    found = permutation_importance(estimator, features, None, scoring=score, n_repeats=REPEATS, random_state=seed)
    note = (
        f"How much worse {loss.name} of {len(features):,} test rows gets when a feature is shuffled: mean and standard "
        f"deviation of {REPEATS} times."
    )
    columns = {loss.column: found.importances_mean, "deviation": found.importances_std}
    return _ranked("permutation", note, list(features.columns), columns, in_target_unit=loss.in_target_unit)


def _by_shap(estimator: Any, features: pd.DataFrame, seed: int) -> dict[str, Any]:
    import numpy as np
    import shap

    sample = features.head(_SHAP_ROWS)
    parts = unwrapped(estimator)
    try:
        values = shap.TreeExplainer(parts[0]).shap_values(sample) if len(parts) == 1 else None
    except Exception:  # noqa: BLE001 - shap has no public way to ask which models it knows
        values = None
    how = "shap's TreeExplainer"
    if values is None:
        background = features.sample(min(_SHAP_BACKGROUND, len(features)), random_state=seed)

        answer = getattr(estimator, "predict_proba", estimator.predict)

        def predict(rows: Any) -> Any:
            return answer(type(features)(rows, columns=features.columns).astype(features.dtypes.to_dict()))

        explainer = shap.Explainer(predict, background, seed=seed)
        values, how = explainer(sample, silent=True).values, f"shap's {type(explainer).__name__}"
        parts = [estimator]
    sizes = np.abs(np.asarray(values))
    mean = sizes.mean(axis=tuple(axis for axis in range(sizes.ndim) if axis != 1))
    note = (
        f"Mean absolute contribution to the predictions of {len(sample):,} test rows, by {how}, in the unit of "
        f"{_unit(estimator, parts)}."
    )
    columns = {"mean |SHAP|": mean}
    return _ranked("shap", note, list(features.columns), columns, in_target_unit=_sees_target(estimator, parts))

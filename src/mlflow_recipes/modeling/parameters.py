"""Constructor arguments that XGBoost and LightGBM would pass over without an error, because they take any name."""

from __future__ import annotations

import difflib
import inspect
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.modeling.boosting import Library

# What earlier versions of XGBoost took: recipes may still name it, and XGBoost warns that it is not used.
_FORMER = {"silent", "predictor", "gpu_id", "n_gpus", "sketch_eps", "lambda_bias", "single_precision_histogram"}


def unknown_parameters(estimator: Any, library: Library | None) -> dict[str, str | None]:
    """Names among an estimator's parameters that its library does not know, each with the nearest that it does."""
    names = {"XGBoost": _xgboost_names, "LightGBM": _lightgbm_names}.get(library.name if library else "")
    makers = (kind.__init__ for kind in type(estimator).__mro__)  # type: ignore[misc]
    own = {name for maker in makers for name in inspect.signature(maker).parameters}
    given = sorted(set(estimator.get_params()) - own) if names else []
    if names is None or not given:
        return {}
    known = names(estimator)
    near = {name: difflib.get_close_matches(name, own | known, n=1) for name in given if known and name not in known}
    return {name: found[0] if found else None for name, found in near.items()}


def _xgboost_names(estimator: Any) -> set[str]:
    """Every name in the configuration that XGBoost makes of an estimator's parameters; none where it cannot."""
    import numpy as np
    import xgboost

    given = {**estimator.kwargs, "booster": estimator.booster, "objective": estimator.objective}
    plain = {name: value for name, value in given.items() if value is not None and not callable(value)}
    rows = np.arange(8.0).reshape(-1, 1)
    with xgboost.config_context(verbosity=0):
        try:
            booster = xgboost.train(plain, xgboost.DMatrix(rows, rows[:, 0]), num_boost_round=1)
        except xgboost.core.XGBoostError:  # a wrong value, or one that needs the real data: fitting will tell
            return set()
    return {*_keys(json.loads(booster.save_config())), *_FORMER}


def _keys(config: Any) -> Iterator[str]:
    """All names in nested JSON."""
    if isinstance(config, dict):
        yield from config
    for part in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        yield from _keys(part)


def _lightgbm_names(_: Any) -> set[str]:
    """Every parameter of LightGBM with its aliases; none in versions that do not tell them in this private place."""
    import lightgbm.basic

    try:
        aliases = lightgbm.basic._ConfigAliases._get_all_param_aliases()
    except AttributeError:
        return set()
    return {*aliases, *(name for names in aliases.values() for name in names)}

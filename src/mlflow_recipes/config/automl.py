"""The kinds of AutoML, and what is known of them before anything is imported: learners, packages, arguments."""

from __future__ import annotations

from importlib.util import find_spec

CUSTOM, FLAML, HYPEROPT = "custom", "automl/flaml", "automl/hyperopt"
KINDS = (CUSTOM, FLAML, HYPEROPT)

# FLAML's learners whose model is whole without FLAML, with the module that each needs. (Its `sgd` is not: FLAML scales
# every row before it.)
FLAML_LEARNERS = {
    "lgbm": "lightgbm",
    "rf": "sklearn",
    "extra_tree": "sklearn",
    "histgb": "sklearn",
    "xgboost": "xgboost",
    "xgb_limitdepth": "xgboost",
    "catboost": "catboost",
    "lrl1": "sklearn",
    "enet": "sklearn",
    "kneighbor": "sklearn",
}
CLASSIFIERS_ONLY, REGRESSORS_ONLY = ("lrl1",), ("enet",)
# Those that FLAML itself tries where nobody names any
FLAML_DEFAULT = ("lgbm", "rf", "extra_tree", "xgboost", "xgb_limitdepth", "catboost", "lrl1")
# Arguments of FLAML's `AutoML.fit` that the recipe says elsewhere, as in 2.22, and those that the train step sets.
FLAML_FROM_RECIPE = {"time_budget": "time_budget_secs", "metric": "primary_metric", "task": "recipe"}
FLAML_SET_HERE = (
    *("X_train", "y_train", "dataframe", "label", "X_val", "y_val", "sample_weight", "sample_weight_val"),
    *("skip_transform", "retrain_full", "mlflow_logging", "ensemble"),
)


def is_installed(module: str) -> bool:
    """Whether a top-level module can be imported; it is not."""
    return find_spec(module) is not None


def flaml_learners(*, classifies: bool) -> list[str]:
    """The learners that FLAML is to try where the recipe names none: those of a task that are installed."""
    others = REGRESSORS_ONLY if classifies else CLASSIFIERS_ONLY
    return [name for name in FLAML_DEFAULT if is_installed(FLAML_LEARNERS[name]) and name not in others]

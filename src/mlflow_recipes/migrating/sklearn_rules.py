"""What changed in scikit-learn between 0.24 and 1.9, as far as recipes use it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.kinds import is_other
from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_META = ("BaggingRegressor", "BaggingClassifier", "AdaBoostRegressor", "AdaBoostClassifier", "CalibratedClassifierCV")
# Class -> {keyword: its name now}
RENAMED_KEYWORDS = {
    "OneHotEncoder": {"sparse": "sparse_output"},
    **{name: {"base_estimator": "estimator"} for name in (*_META, "RANSACRegressor")},
    **{name: {"fit_params": "params"} for name in ("cross_val_score", "cross_validate", "cross_val_predict")},
}
_MSE: dict[str, object] = {"mse": "squared_error", "mae": "absolute_error"}
_TREES = ("RandomForest", "ExtraTrees", "DecisionTree", "ExtraTree")
_LOSSES: dict[str, object] = {"ls": "squared_error", "lad": "absolute_error"}
_LEAST: dict[str, object] = {"least_squares": "squared_error", "least_absolute_deviation": "absolute_error"}
# Class -> keyword -> {value: its name now, as code}
RENAMED_VALUES: dict[str, dict[str, dict[str, object]]] = {
    **{f"{tree}Regressor": {"criterion": _MSE, "max_features": {"auto": 1.0}} for tree in _TREES},
    **{f"{tree}Classifier": {"max_features": {"auto": "sqrt"}} for tree in _TREES},
    "GradientBoostingRegressor": {"loss": _LOSSES, "criterion": {"mse": "squared_error"}},
    "GradientBoostingClassifier": {"loss": {"deviance": "log_loss"}},
    "HistGradientBoostingRegressor": {"loss": _LEAST},
    "HistGradientBoostingClassifier": {"loss": {"auto": "log_loss", "binary_crossentropy": "log_loss"}},
    "SGDClassifier": {"loss": {"log": "log_loss"}, "penalty": {"none": None}},
    "SGDRegressor": {"loss": {"squared_loss": "squared_error"}, "penalty": {"none": None}},
    "LogisticRegression": {"penalty": {"none": None}},
}
_LINEAR = (
    "LinearRegression",
    "Ridge",
    "Lasso",
    "ElasticNet",
    "RidgeCV",
    "LassoCV",
    "ElasticNetCV",
    "Lars",
    "LassoLars",
)
_KINDS = ("Regressor", "Classifier")
_PRESORTED = tuple(f"{tree}{kind}" for tree in ("DecisionTree", "GradientBoosting") for kind in _KINDS)
_IDLE_PRESORT = ("auto", "deprecated", False)
_DECREASE = "use `min_impurity_decrease`, which is another measure"
_CHECKS = ("check_array", "check_X_y", "check_pairwise_arrays", "as_float_array")
_RESPONSES = {"needs_proba": '"predict_proba"', "needs_threshold": '("decision_function", "predict_proba")'}
# Class -> {keyword: values with which it did nothing}
DROPPED_KEYWORDS: dict[str, dict[str, tuple[object, ...]]] = {
    **{name: {"normalize": (False, "deprecated")} for name in _LINEAR},
    "LogisticRegression": {"multi_class": ("auto",)},
    "SimpleImputer": {"verbose": (0,)},
    "AdaBoostClassifier": {"algorithm": ()},
    **{name: {"force_all_finite": ()} for name in _CHECKS},
    **{f"{tree}{kind}": {"min_impurity_split": (None,)} for tree in _TREES for kind in _KINDS},
    **{name: {"min_impurity_split": (None,), "presort": _IDLE_PRESORT} for name in _PRESORTED},
}
# Class -> {keyword: what to do where it did something}
DROPPED_BY_HAND = {
    **{
        name: {"normalize": "put a StandardScaler before it (and mind that alpha then means another)"}
        for name in _LINEAR
    },
    "LogisticRegression": {"multi_class": "wrap it in OneVsRestClassifier for `ovr`"},
    "AdaBoostClassifier": {"algorithm": "SAMME is the only one, which gives other models than SAMME.R"},
    **{name: {"force_all_finite": "it is `ensure_all_finite`"} for name in _CHECKS},
    **{f"{tree}{kind}": {"min_impurity_split": _DECREASE} for tree in _TREES for kind in _KINDS},
    **{name: {"min_impurity_split": _DECREASE} for name in _PRESORTED},
}
ROOTS = {"mean_squared_error": "root_mean_squared_error", "mean_squared_log_error": "root_mean_squared_log_error"}


def of_sklearn(source: PythonSource) -> Iterator[tuple[ast.Call, str]]:
    """Calls of what comes from scikit-learn, and its last name."""
    for call in source.calls:
        top, _, _ = (dotted := source.dotted(call.func)).partition(".")
        if top == "sklearn":
            yield call, dotted.rpartition(".")[2]


def renamed_keywords(source: PythonSource) -> Iterator[Finding]:
    """`OneHotEncoder(sparse=)`, `base_estimator=`."""
    for call, name in of_sklearn(source):
        for old, new in RENAMED_KEYWORDS.get(name, {}).items():
            if (found := keyword(call, old)) is not None:
                start = source.span(found)[0]
                message = f"scikit-learn calls the argument `{old}` of {name} `{new}`."
                yield source.found("rewrite", found, message, (Edit(start, start + len(old), new),))


def renamed_values(source: PythonSource) -> Iterator[Finding]:
    """`criterion="mse"`, `loss="ls"`, `max_features="auto"`, `penalty="none"`."""
    for call, name in of_sklearn(source):
        for argument, values in RENAMED_VALUES.get(name, {}).items():
            found = keyword(call, argument)
            old = constant(found.value) if found is not None else ...
            if found is not None and isinstance(old, str) and old in values:
                new = _code(values[old])
                message = f'{name} takes {argument}={new} for what was "{old}".'
                yield source.found("rewrite", found, message, (source.replace(found.value, new),))
        found = keyword(call, "criterion")
        if name.startswith("GradientBoosting") and found is not None and constant(found.value) == "mae":
            told = f'{name} no longer takes criterion="mae"; leave it out, or use HistGradientBoosting with a loss.'
            yield source.found("by hand", found, told)


def dropped_keywords(source: PythonSource) -> Iterator[Finding]:
    """Arguments that are gone: `normalize=`, `multi_class=`."""
    for call, name in of_sklearn(source):
        for argument, idle in DROPPED_KEYWORDS.get(name, {}).items():
            if (found := keyword(call, argument)) is None:
                continue
            message = f"{name} no longer has the argument `{argument}`"
            if constant(found.value) in idle:
                edits = (source.without_keyword(call, argument),)
                yield source.found("rewrite", found, f"{message}; it did nothing here.", edits)
            else:
                advice = DROPPED_BY_HAND.get(name, {}).get(argument, "leave it out")
                yield source.found("by hand", found, f"{message}: {advice}.")


def prefit(source: PythonSource) -> Iterator[Finding]:
    """`CalibratedClassifierCV(cv="prefit")`."""
    for call, name in of_sklearn(source):
        found = keyword(call, "cv")
        if name == "CalibratedClassifierCV" and found is not None and constant(found.value) == "prefit":
            advice = "wrap the fitted estimator in sklearn.frozen.FrozenEstimator and leave `cv` out"
            yield source.found("by hand", found, f'CalibratedClassifierCV no longer takes cv="prefit": {advice}.')


def root_errors(source: PythonSource) -> Iterator[Finding]:
    """`mean_squared_error(squared=False)`, which is a function of its own now."""
    for call, name in of_sklearn(source):
        found = keyword(call, "squared")
        if name not in ROOTS or found is None:
            continue
        drop = source.without_keyword(call, "squared")
        message = f"{name} no longer has `squared`"
        if constant(found.value) is True:
            yield source.found("rewrite", found, f"{message}; True was its default.", (drop,))
        elif constant(found.value) is False and _is_free(source, call.func, ROOTS[name]):
            new = ROOTS[name]
            edits = (drop, *_renamed(source, call.func, new))
            yield source.found("rewrite", call, f"{message}; the root is `{new}`.", edits)
        else:
            yield source.found("by hand", found, f"{message}; call {name} or {ROOTS[name]} of sklearn.metrics.")


def _is_free(source: PythonSource, function: ast.expr, new: str) -> bool:
    """Whether a name is that of scikit-learn, and not of a function that the file itself defines."""
    bound = [one for scope in source.scopes.all for one in scope.bindings.get(new, ())]
    return isinstance(function, ast.Attribute) or all(one.imported is not None for one in bound)


def _renamed(source: PythonSource, function: ast.expr, new: str) -> list[Edit]:
    """Edits that call another function of the same module, which is imported where the first one is."""
    if isinstance(function, ast.Attribute):
        return [Edit(*source.attribute_name(function), new)]
    edits = [source.replace(function, new)]
    found = source.scopes.imported(function) if isinstance(function, ast.Name) else None
    statement = source.parent(found.alias) if found is not None else None
    if isinstance(statement, ast.ImportFrom) and new not in [alias.asname or alias.name for alias in statement.names]:
        start = source.span(statement.names[0])[0]  # the same place for all that come from here, so that it is once
        edits.append(Edit(start, start, f"{new}, "))
    return edits


def scorers(source: PythonSource) -> Iterator[Finding]:
    """`make_scorer(needs_proba=True)`."""
    for call, name in of_sklearn(source):
        for old, new in _RESPONSES.items() if name == "make_scorer" else ():
            if (found := keyword(call, old)) is None:
                continue
            message = f"make_scorer no longer has `{old}`"
            if constant(found.value) is True:
                edit = source.replace(found, f"response_method={new}")
                yield source.found("rewrite", found, f"{message}; it is `response_method={new}`.", (edit,))
            else:
                told = f"{message}: write `response_method={new}` where it is true."
                yield source.found("by hand", found, told)


def unneeded(source: PythonSource) -> Iterator[Finding]:
    """`enable_hist_gradient_boosting`, and `model.base_estimator`."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "sklearn.experimental":
            if any(alias.name == "enable_hist_gradient_boosting" for alias in node.names):
                told = "`enable_hist_gradient_boosting` does nothing but warn; it can be left out."
                yield source.found("meaning", node, told)
        elif isinstance(node, ast.Attribute) and node.attr in ("base_estimator", "base_estimator_"):
            own = isinstance(node.value, ast.Name) and node.value.id == "self"
            if "sklearn" in source.imported_modules and not own and not is_other(source, node.value, node.attr):
                new = node.attr.removeprefix("base_")
                told = f"scikit-learn's ensembles call `{node.attr}` `{new}`."
                yield source.found("by hand", node, told)


def _code(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)

"""Names that NumPy, pandas, scikit-learn, SciPy and MLflow no longer have, and what they are called now."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

# NumPy's name -> the builtin that it was another name for
NUMPY_BUILTINS = {name: name for name in ("float", "int", "object", "str", "complex")} | {"unicode": "str"}
# NumPy's name -> its name in NumPy 2
NUMPY_NAMES = {
    **dict.fromkeys(("NaN", "NAN"), "nan"),
    **dict.fromkeys(("Inf", "Infinity", "infty", "PINF"), "inf"),
    **{"float_": "float64", "complex_": "complex128", "cfloat": "complex128", "unicode_": "str_", "string_": "bytes_"},
    **{"product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "in1d": "isin"},
    **{"round_": "round", "trapz": "trapezoid", "row_stack": "vstack", "mat": "asmatrix", "bool8": "bool_"},
    **{"longfloat": "longdouble", "issubsctype": "issubdtype", "int0": "intp", "uint0": "uintp"},
}
_DISPLAY = "use `{0}.from_estimator(...)` of sklearn.{1}"
# Dotted name -> what to write instead
BY_HAND = {
    "numpy.NINF": "write `-np.inf`",
    "numpy.asfarray": "write `np.asarray(x, dtype=float)`",
    "numpy.msort": "write `np.sort(x, axis=0)`",
    "numpy.find_common_type": "use `np.result_type`",
    "numpy.cast": "write `np.asarray(x, dtype=...)`",
    "pandas.np": "import numpy",
    "pandas.datetime": "import datetime from the standard library",
    "pandas.Int64Index": "write `pd.Index(..., dtype='int64')`",
    "pandas.Float64Index": "write `pd.Index(..., dtype='float64')`",
    "pandas.UInt64Index": "write `pd.Index(..., dtype='uint64')`",
    "pandas.TimeGrouper": "use `pd.Grouper(freq=...)`",
    "pandas.util.testing": "use `pandas.testing`",
    "pandas.io.json.json_normalize": "use `pd.json_normalize`",
    "pandas.value_counts": "call `.value_counts()` of the Series",
    "pandas.Panel": "use a DataFrame with a MultiIndex",
    "pandas_profiling": "its successor is the package ydata-profiling; a card of a step has a profile, too",
    "sklearn.datasets.load_boston": "use `fetch_california_housing`, or a file of your own",
    "sklearn.metrics.plot_confusion_matrix": _DISPLAY.format("ConfusionMatrixDisplay", "metrics"),
    "sklearn.metrics.plot_roc_curve": _DISPLAY.format("RocCurveDisplay", "metrics"),
    "sklearn.metrics.plot_precision_recall_curve": _DISPLAY.format("PrecisionRecallDisplay", "metrics"),
    "sklearn.metrics.SCORERS": "use `get_scorer_names()`",
    "sklearn.inspection.plot_partial_dependence": _DISPLAY.format("PartialDependenceDisplay", "inspection"),
    "sklearn.preprocessing.Imputer": "use `sklearn.impute.SimpleImputer`",
    "sklearn.cross_validation": "use `sklearn.model_selection`",
    "sklearn.grid_search": "use `sklearn.model_selection`",
    "sklearn.utils.testing": "use `sklearn.utils.estimator_checks` or numpy.testing",
    "sklearn.utils.safe_indexing": "use `frame.iloc`",
    "sklearn.ensemble.forest": "import from `sklearn.ensemble`",
    "sklearn.ensemble.gradient_boosting": "import from `sklearn.ensemble`",
    "sklearn.tree.tree": "import from `sklearn.tree`",
    "sklearn.metrics.scorer": "import from `sklearn.metrics`",
    "scipy.stats.median_absolute_deviation": "use `scipy.stats.median_abs_deviation(..., scale='normal')`",
    "scipy.stats.itemfreq": "use `np.unique(..., return_counts=True)`",
    "mlflow.sklearn.eval_and_log_metrics": "use `mlflow.models.evaluate`",
}


def numpy_names(source: PythonSource) -> Iterator[Finding]:
    """`np.float`, `np.NaN`, `from numpy import NaN` and the like."""
    for node in source.attributes:
        module, _, name = source.dotted(node).rpartition(".")
        if module != "numpy":
            continue
        if name in NUMPY_BUILTINS:
            yield _builtin(source, node, name)
        elif name in NUMPY_NAMES:
            message = f"NumPy 2 calls `{name}` `{NUMPY_NAMES[name]}`."
            yield source.found("rewrite", node, message, (Edit(*source.attribute_name(node), NUMPY_NAMES[name]),))
    for found in source.nodes:
        for alias in found.names if isinstance(found, ast.ImportFrom) and found.module == "numpy" else ():
            if alias.name in NUMPY_BUILTINS:
                told = f"NumPy no longer has `{alias.name}`, which was Python's own; take it out of this import."
                yield source.found("by hand", alias, told)
            elif alias.name in NUMPY_NAMES:
                new = NUMPY_NAMES[alias.name]
                edit = source.replace(alias, f"{new} as {alias.asname or alias.name}")
                yield source.found("rewrite", alias, f"NumPy 2 calls `{alias.name}` `{new}`.", (edit,))


def _builtin(source: PythonSource, node: ast.Attribute, name: str) -> Finding:
    new = NUMPY_BUILTINS[name]
    message = f"NumPy no longer has `{name}`, which was Python's own"
    if source.binds(new):
        return source.found("by hand", node, f"{message}; this file has another `{new}`.")
    return source.found("rewrite", node, f"{message}.", (source.replace(node, new),))


def gone_names(source: PythonSource) -> Iterator[Finding]:
    """Names for which there is no other name of the same meaning."""
    for node in source.attributes:
        if (name := source.dotted(node)) in BY_HAND:
            yield source.found("by hand", node, f"{name} is gone; {BY_HAND[name]}.")
    for found in source.nodes:
        if not isinstance(found, ast.Import | ast.ImportFrom):
            continue
        module = f"{found.module}." if isinstance(found, ast.ImportFrom) else ""
        for name in (f"{module}{alias.name}" for alias in found.names):
            gone = next((known for known in BY_HAND if name == known or name.startswith(f"{known}.")), None)
            if gone is not None:
                yield source.found("by hand", found, f"{gone} is gone; {BY_HAND[gone]}.")


def joblib(source: PythonSource) -> Iterator[Finding]:
    """`from sklearn.externals import joblib`."""
    for node in source.nodes:
        is_it = isinstance(node, ast.ImportFrom) and node.module == "sklearn.externals"
        if is_it and isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == ["joblib"]:
            name = f" as {node.names[0].asname}" if node.names[0].asname else ""
            edit = source.replace(node, f"import joblib{name}")
            yield source.found("rewrite", node, "scikit-learn no longer carries joblib along.", (edit,))

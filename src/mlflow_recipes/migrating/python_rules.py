"""The rules for Python code, by name, in the order in which they correct it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mlflow_recipes.migrating import (
    boosting_rules,
    dict_rules,
    mlflow_rules,
    name_rules,
    pandas_arguments,
    pandas_copies,
    pandas_rows,
    pandas_rules,
    pandas_times,
    removed_names,
    sklearn_rules,
    step_rules,
)
from mlflow_recipes.migrating.model import Finding, edited
from mlflow_recipes.migrating.python_source import PythonSource

Rule = Callable[[PythonSource], Iterator[Finding]]

RULES: dict[str, Rule] = {
    # Names before imports: what a name stands for is known from its import.
    "mlflow.names": mlflow_rules.pipelines_names,
    "mlflow.pipelines": mlflow_rules.pipelines_imports,
    "mlflow.profile": mlflow_rules.no_profile,
    "mlflow.stages": mlflow_rules.stages,
    "mlflow.step-classes": mlflow_rules.step_classes,
    "steps.metric-dict": step_rules.metrics_in_dicts,
    "numpy.names": removed_names.numpy_names,
    "gone": removed_names.gone_names,
    "joblib": removed_names.joblib,
    "sklearn.keywords": sklearn_rules.renamed_keywords,
    "sklearn.values": sklearn_rules.renamed_values,
    "sklearn.gone-keywords": sklearn_rules.dropped_keywords,
    "sklearn.prefit": sklearn_rules.prefit,
    "sklearn.squared": sklearn_rules.root_errors,
    "sklearn.scorers": sklearn_rules.scorers,
    "sklearn.unneeded": sklearn_rules.unneeded,
    "sklearn.in-dicts": dict_rules.in_dicts,
    "sklearn.feature-names": name_rules.feature_names,
    "sklearn.one-to-one": name_rules.one_to_one,
    "sklearn.one-to-one-dict": name_rules.one_to_one_in_a_dict,
    "pandas.methods": pandas_rules.renamed_methods,
    "pandas.fillna": pandas_rules.fills,
    "pandas.keywords": pandas_rules.replaced_keywords,
    "pandas.gone": pandas_rules.gone,
    "pandas.axis": pandas_arguments.positional,
    "pandas.append": pandas_rows.appended,
    "pandas.copies": pandas_copies.lost_changes,
    "pandas.frequencies": pandas_times.frequencies,
    "pandas.units": pandas_times.unitless_times,
    "pandas.seconds": pandas_times.seconds,
    "pandas.patterns": pandas_rules.text_replaced,
    "pandas.text": pandas_rules.text_columns,
    "boosting.fit": boosting_rules.arguments_of_fit,
    "xgboost.arguments": boosting_rules.xgboost_arguments,
}


def findings(source: PythonSource) -> list[Finding]:
    """What all rules find in a source, in the order of its lines."""
    found = [replace(one, rule=name) for name, rule in RULES.items() for one in rule(source)]
    return sorted(found, key=lambda one: (one.where.line or 0, one.where.column or 0))


def corrected(source: PythonSource) -> str:
    """The code after every safe correction, one rule after the other."""
    for rule in RULES.values():
        while edits := [edit for found in rule(source) if found.kind == "rewrite" for edit in found.edits]:
            parsed = edited(source.parsed, edits) if source.parsed else ""
            source = replace(source, text=edited(source.text, edits), parsed=parsed)
    return source.text

"""The three tasks of recipes, and the built-in metrics that can be a criterion or the primary metric of each."""

from __future__ import annotations

REGRESSION = "regression/v1"
CLASSIFICATION = "classification/v1"
TEMPLATES = (REGRESSION, CLASSIFICATION)

NUMBERS, BINARY, MULTICLASS = "regression", "classification/binary", "classification/multiclass"

# Task -> metric -> whether greater is better; the names are those of MLflow Recipes 2.22, which knew all but
# precision_recall_auc and, of several classes, f1_score.
METRICS = {
    NUMBERS: {
        "mean_absolute_error": False,
        "mean_squared_error": False,
        "root_mean_squared_error": False,
        "max_error": False,
        "mean_absolute_percentage_error": False,
    },
    BINARY: {
        "true_negatives": True,
        "false_positives": False,
        "false_negatives": False,
        "true_positives": True,
        "recall_score": True,
        "precision_score": True,
        "f1_score": True,
        "accuracy_score": True,
        "roc_auc": True,
        "precision_recall_auc": True,
        "log_loss": False,
    },
    MULTICLASS: {
        "recall_score": True,
        "precision_score": True,
        "f1_score": True,
        "f1_score_macro": True,
        "f1_score_micro": True,
        "accuracy_score": True,
        "roc_auc": True,
        "log_loss": False,
    },
}
DEFAULT_METRICS = {NUMBERS: "root_mean_squared_error", BINARY: "f1_score", MULTICLASS: "f1_score_macro"}


def task_of(template: str, positive_class: object) -> str:
    """The task of a recipe: a positive class makes a classification binary, as in 2.22.

    >>> task_of("classification/v1", None)
    'classification/multiclass'
    """
    if template == REGRESSION:
        return NUMBERS
    return MULTICLASS if positive_class is None else BINARY

"""What saved classifiers are made of, by itself."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

import mlflow_recipes_classifier
from mlflow_recipes_classifier import LabelledClassifier, answer

FEATURES = pd.DataFrame({"a": np.linspace(-1, 1, 30)}, index=range(100, 130))
LABELS = np.array(["no"] * 15 + ["yes"] * 15)


def labelled() -> LabelledClassifier:
    return LabelledClassifier(LogisticRegression().fit(FEATURES, np.arange(30) // 15), ["no", "yes"])


def test_it_is_a_classifier_that_is_fitted() -> None:
    model = labelled()
    assert is_classifier(model)
    check_is_fitted(model)
    assert list(model.predict(FEATURES)) == list(LABELS)
    assert model.score(FEATURES, LABELS) == 1
    again = clone(model).fit(FEATURES, LABELS[::-1])
    assert list(again.predict(FEATURES)) == list(LABELS[::-1])


def test_it_is_stored_without_a_pickle() -> None:
    stored = skops.io.dumps(labelled())
    types = skops.io.get_untrusted_types(data=stored)
    assert types == ["mlflow_recipes_classifier.LabelledClassifier"]
    assert list(skops.io.loads(stored, trusted=types).predict(FEATURES)) == list(LABELS)


def test_an_answer_has_scores_and_labels() -> None:
    found = answer(labelled(), FEATURES, "said_")
    assert list(found.columns) == ["said_score_no", "said_score_yes", "said_score", "said_label"]
    assert list(found.index) == list(range(30))
    assert list(found["said_label"]) == list(LABELS)
    assert found["said_score"].to_numpy() == pytest.approx(found.iloc[:, :2].max(axis=1).to_numpy())


def test_it_imports_what_every_model_environment_has() -> None:
    tree = ast.parse(Path(mlflow_recipes_classifier.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert tops == {"numpy", "pandas", "sklearn", "mlflow"}

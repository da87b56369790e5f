"""A decision threshold around a fitted classifier."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.modeling.thresholds import deciding


def test_what_is_fitted_predicts_in_a_pipeline_too() -> None:
    pytest.importorskip("sklearn", minversion="1.5")
    features = np.linspace(-1, 1, 40).reshape(-1, 1)
    labels = np.where(features[:, 0] > 0, "yes", "no")
    fitted = LogisticRegression().fit(features, labels)
    careful = make_pipeline(FunctionTransformer(), deciding(fitted, 0.3, "yes"))
    assert (careful.predict(features) == "yes").sum() == (fitted.predict_proba(features)[:, 1] >= 0.3).sum()

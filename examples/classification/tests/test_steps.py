"""What the step functions promise: `pytest` in this folder."""

import pandas as pd

from steps.custom_metrics import cost_per_application
from steps.train import boosting_fn, estimator_fn
from steps.transform import transformer_fn

APPLICATIONS = pd.DataFrame(
    {
        "months": [6, 12, 24, 36] * 10,
        "purpose": ["education", "car (new)"] * 20,
        "outcome": ["good", "bad", "good", "good"] * 10,
    }
)


def test_a_bad_loan_costs_five_refused_good_customers():
    decided = pd.DataFrame({"prediction": ["good", "bad", "good", "bad"], "target": ["good", "good", "bad", "bad"]})
    assert cost_per_application(decided, {}) == (0 + 1 + 5 + 0) / 4


def test_an_unknown_purpose_is_none_of_the_known_ones():
    transformer = transformer_fn().fit(APPLICATIONS[["months", "purpose"]])
    unknown = transformer.transform(pd.DataFrame({"months": [12], "purpose": ["a boat"]}))
    assert unknown[0, 1:].sum() == 0
    assert list(transformer.get_feature_names_out()) == ["months", "purpose_car (new)", "purpose_education"]


def test_parameters_reach_the_estimators():
    assert estimator_fn({"C": 0.5}).C == 0.5
    assert boosting_fn({"max_leaf_nodes": 7}).max_leaf_nodes == 7

"""Criteria of every kind, by their verdicts and their sentences."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error

from mlflow_recipes.config.judging import Criterion
from mlflow_recipes.errors import RecipeError, UserCodeError
from mlflow_recipes.modeling.bootstrap import Resamples
from mlflow_recipes.modeling.evidence import Contender, Evidence
from mlflow_recipes.modeling.gate import REJECTED, UNKNOWN, VALIDATED, CriterionResult, judge
from mlflow_recipes.modeling.outcome import Numbers
from mlflow_recipes.modeling.slices import slicing

MAE = "mean_absolute_error"
ROWS = 400
ACTUAL = np.linspace(0, 10, ROWS)
NOISE = np.random.default_rng(0).normal(size=ROWS)
GROUP = pd.Series(["a"] * 300 + ["b"] * 100, name="g")


def share_within_one(metric: str, actual: np.ndarray, predicted: np.ndarray) -> float:
    assert metric == "within"
    if predicted.std() == 0:
        raise UserCodeError("No value for constants.")
    return float((np.abs(predicted - actual) <= 1).mean())


def evidence(error: float | np.ndarray, champion: float | np.ndarray | None = None, **more: Any) -> Evidence:
    """A model with so much noise, beside a champion with more or less of the same noise, and two baselines."""
    predicted = ACTUAL + error * NOISE
    others = {"baseline": [Contender(f"naive {v}", np.full(ROWS, float(v))) for v in (0, 5)]}
    if champion is not None:
        others["champion"] = [Contender("champion (version 4)", ACTUAL + champion * NOISE)]
    return Evidence(
        outcome=Numbers(["y"]),
        actual=ACTUAL,
        model=Contender("model", predicted),
        metrics={MAE: mean_absolute_error(ACTUAL, predicted), "within": (np.abs(predicted - ACTUAL) <= 1).mean()},
        resamples=Resamples(ROWS, 500, seed=0),
        level=0.95,
        score=share_within_one,
        own={"within"},
        slicings=[slicing(GROUP)],
        others=others,
        absent={"champion": "There is no champion yet, so there is nothing to be better than"},
        **more,
    )


def judged(known: Evidence, **criterion: Any) -> CriterionResult:
    verdict = judge([Criterion(**criterion)], known, MAE, lambda metric: metric == "within")
    assert verdict.status == (VALIDATED if verdict.results[0].passed else REJECTED)
    assert verdict.reasons == (() if verdict.results[0].passed else (verdict.results[0].sentence,))
    return verdict.results[0]


# Thresholds


def test_a_verdict_needs_every_criterion() -> None:
    known = replace(evidence(1.0), metrics={"error": 1.0, "within": 5.0})

    def verdict(*criteria: tuple[str, float]) -> Any:
        return judge([Criterion(metric=m, threshold=t) for m, t in criteria], known, MAE, lambda m: m == "within")

    assert verdict().status == UNKNOWN
    assert verdict(("error", 1.0), ("within", 5.0)).status == VALIDATED
    missed = verdict(("error", 0.75), ("within", 5.0))
    assert missed.status == REJECTED
    assert [(result.metric, result.passed) for result in missed.results] == [("error", False), ("within", True)]
    assert [result.sentence for result in missed.results] == [
        "error on the test data is 1, but at most 0.75 is required: 0.25 too much.",
        "within on the test data is 5, and at least 5 is required.",
    ]
    assert verdict(("within", 6.0)).reasons == (
        "within on the test data is 5, but at least 6 is required: 1 too little.",
    )


@settings(max_examples=100, derandomize=True)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans())
def test_a_threshold_by_its_direction(value: float, threshold: float, greater: bool) -> None:
    known = replace(evidence(1.0), metrics={"m": value})
    result = judge([Criterion(metric="m", threshold=threshold)], known, MAE, lambda _: greater).results[0]
    assert result.passed == (value >= threshold if greater else value <= threshold)
    assert (result.value, result.threshold, result.greater_is_better) == (value, threshold, greater)


def test_a_metric_that_was_not_measured() -> None:
    known = replace(evidence(1.0), metrics={MAE: 1.0, "score": 0.1})
    with pytest.raises(RecipeError) as caught:
        judged(known, metric="f1", threshold=0.5)
    assert str(caught.value) == (
        "steps.evaluate.validation_criteria: The metric 'f1' of a validation criterion was not measured. There are: "
        "mean_absolute_error, score."
    )


def test_a_threshold_on_every_slice() -> None:
    known = evidence(np.where(GROUP == "a", 0.1, 2.0))
    values = {label: np.abs(known.model.predictions - ACTUAL)[label == GROUP].mean() for label in "ab"}
    missed = judged(known, metric=MAE, threshold=1, slice="g")
    assert not missed.passed
    assert missed.slice == "g"
    assert missed.sentence == (
        f"mean_absolute_error misses 1 on 1 of 2 slices of g: on g = b (100 rows) it is {values['b']:.6g}, but at most "
        f"1 is required: {values['b'] - 1:.6g} too much."
    )
    met = judged(known, metric=MAE, threshold=9, slice="g")
    assert met.passed
    assert met.sentence == (
        f"mean_absolute_error meets 9 on all 2 slices of g; worst on g = b (100 rows) it is {values['b']:.6g}, and at "
        "most 9 is required."
    )
    assert not judged(known, metric="within", threshold=0.9, slice="g").passed, "a metric of the user's, as well"
    assert judged(known, metric="within", threshold=0.1, slice="g").passed


@pytest.mark.parametrize(("metric", "threshold"), [(MAE, 0.01), ("within", 0.999)])
def test_of_many_slices_that_miss_a_threshold_the_worst_are_named(metric: str, threshold: float) -> None:
    size = np.repeat([0.7, 2.0, 1.0, 4.0, 3.0], ROWS // 5)
    known = replace(evidence(size), slicings=[slicing(pd.Series(np.repeat(list("abcde"), ROWS // 5), name="g"))])
    sentence = judged(known, metric=metric, threshold=threshold, slice="g").sentence
    assert re.findall(r"on g = (\w)", sentence) == ["d", "e", "b"]
    assert sentence.endswith("; and 2 more.")


def test_a_slice_without_a_value_misses_a_threshold() -> None:
    known = replace(evidence(1.0), slicings=[slicing(pd.Series(["a"] * (ROWS - 1) + ["lone"], name="g"))])
    result = judged(known, metric="within", threshold=0.1, slice="g")
    assert result.sentence == (
        "within misses 0.1 on 1 of 2 slices of g: on g = lone (1 row) it is unknown, but at least 0.1 is required."
    )


# Comparisons


@pytest.mark.parametrize(
    ("ours", "theirs", "criterion", "passed"),
    [
        (1.0, 1.1, {}, True),
        (1.1, 1.0, {}, False),
        (1.0, 1.0, {}, False),
        (1.0, 1.1, {"min_improvement": 0.05}, True),
        (1.0, 1.1, {"min_improvement": 0.1}, False),
        (1.0, 1.1, {"min_improvement": "8 %"}, True),
        (1.0, 1.1, {"min_improvement": "10%"}, False),
        (1.0, 1.1, {"metric": "within", "confidence": 0.9}, True),
        (1.1, 1.0, {"metric": "within"}, False),
    ],
    ids=["better", "worse", "the same", "enough", "too little", "share", "too small a share", "own", "own, worse"],
)
def test_better_than_the_champion(ours: float, theirs: float, criterion: dict[str, Any], passed: bool) -> None:
    result = judged(evidence(ours, theirs), better_than="champion", **criterion)
    assert result.passed is passed, result.sentence
    assert result.against == "champion (version 4)"
    assert result.threshold is None


def test_what_only_looks_better_is_not_surely_better() -> None:
    known = evidence(1.0, 1.0)
    lucky = known.model.predictions.copy()
    lucky[7] = ACTUAL[7]
    known = replace(known, model=Contender("model", lucky), metrics={MAE: mean_absolute_error(ACTUAL, lucky)})
    result = judged(known, better_than="champion")
    assert result.improvement > 0
    assert not result.passed
    assert judged(known, better_than="champion", confidence=0.5).passed


def test_the_sentence_of_a_comparison_has_the_numbers() -> None:
    result = judged(evidence(1.0, 1.25), better_than="champion", min_improvement="2 %")
    ours, theirs = (np.abs(share * NOISE).mean() for share in (1.0, 1.25))
    assert result.improvement == pytest.approx(theirs - ours)
    assert result.low < result.improvement < result.high
    assert result.sentence == (
        f"mean_absolute_error on the test data is {ours:.6g}, that of the champion (version 4) {theirs:.6g}: better by "
        f"{theirs - ours:.6g} (95 % interval of the improvement {result.low:.6g} to {result.high:.6g}). That it is "
        "better by more than 2 % is 100 % sure, and 95 % is required."
    )
    own = judged(evidence(1.25, 1.0), better_than="champion", metric="within")
    assert own.sentence.endswith(
        "That it is better is 0 % sure, but 95 % is required. (By 200 resamples, since each computes the metric anew.)"
    )


def test_the_interval_is_that_of_paired_differences() -> None:
    """Of models that err alike, far smaller than the intervals of both."""
    result = judged(evidence(1.0, 1.01), better_than="champion")
    assert result.passed
    assert result.high - result.low < 0.005
    alone = evidence(1.0).intervals()[MAE]
    assert alone[1] - alone[0] > 0.1


def test_a_model_that_predicts_the_same_is_no_better() -> None:
    result = judged(evidence(1.0, 1.0), better_than="champion")
    assert (result.improvement, result.passed) == (0.0, False)
    assert result.sentence == (
        "The champion (version 4) predicts exactly the same for the test data, so the model is no better."
    )


def test_no_champion_yet() -> None:
    result = judged(evidence(1.0), better_than="champion")
    assert result.passed
    assert result.against is None
    assert result.sentence == "There is no champion yet, so there is nothing to be better than."


def test_the_baseline_is_the_hardest_one() -> None:
    result = judged(evidence(1.0), better_than="baseline")
    assert result.passed
    assert result.against == "naive 5"
    assert result.against_value == pytest.approx(np.abs(ACTUAL - 5).mean())
    assert not judged(evidence(10.0), better_than="baseline").passed


def test_a_metric_that_no_baseline_has() -> None:
    result = judged(evidence(1.0), better_than="baseline", metric="within")
    assert not result.passed
    assert result.sentence == "within has no value for any naive baseline, so there is nothing to beat."


def test_worse_on_a_slice() -> None:
    better_but_on_b = evidence(np.where(GROUP == "a", 0.5, 1.5), 1.0)
    assert judged(better_but_on_b, better_than="champion").passed
    result = judged(better_but_on_b, better_than="champion", max_slice_degradation="5 %")
    assert not result.passed
    ours, theirs = (np.abs(share * NOISE)[GROUP == "b"].mean() for share in (1.5, 1.0))
    assert result.sentence.endswith(
        f" But it is worse by more than 5 % on g = b (100 rows), {ours:.6g} against {theirs:.6g}."
    )
    assert judged(better_but_on_b, better_than="champion", max_slice_degradation="60 %").passed
    assert judged(better_but_on_b, better_than="champion", max_slice_degradation=1).sentence.endswith(
        " On no slice is it surely worse by more than 1."
    )


def test_a_slice_that_is_worse_by_chance_does_not_count() -> None:
    few = pd.Series(["few"] * 5 + ["many"] * (ROWS - 5), name="g")
    champion = np.where(few == "few", 1.0, 1.2)
    noise = champion * NOISE
    noise[:5] = [0.1, 0.9, 0.2, 0.8, 0.5]
    ours = np.where(few == "few", [0.9, 0.1, 0.9, 0.9, 0.1] + [0.0] * (ROWS - 5), NOISE)
    known = replace(
        evidence(1.0, 1.0),
        model=Contender("model", ACTUAL + ours),
        metrics={MAE: np.abs(ours).mean()},
        slicings=[slicing(few)],
        others={"champion": [Contender("champion (version 4)", ACTUAL + noise)]},
    )
    table = known.slices(MAE, greater_is_better=False)[0]["slices"][0]
    assert table["value"] > 1.1 * table["champion (version 4)"], "worse by more than 5 % in these five rows"
    assert judged(known, better_than="champion", max_slice_degradation="5 %").passed


def test_several_targets() -> None:
    def both(values: np.ndarray) -> np.ndarray:
        return np.column_stack([values, values])

    known = evidence(1.0, 1.1)
    two = replace(
        known,
        actual=both(known.actual),
        model=Contender("model", both(known.model.predictions)),
        others={"champion": [Contender("champion", both(known.others["champion"][0].predictions))]},
    )
    one = judged(known, better_than="champion", max_slice_degradation=0.5)
    result = judged(two, better_than="champion", max_slice_degradation=0.5)
    assert (result.improvement, result.low, result.high) == pytest.approx((one.improvement, one.low, one.high))
    assert two.intervals()[MAE] == pytest.approx(known.intervals()[MAE])

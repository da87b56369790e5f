"""Judging a model by the recipe's criteria: thresholds, and comparisons with the champion or a naive baseline.

A comparison is over the same test rows, by a paired bootstrap: how sure is it that the model is better, and by more
than `min_improvement`. A slice counts as worse only where that is as sure, since of many small slices some are worse by
chance. docs/decisions/0012-when-is-a-model-better.md says why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.bootstrap import interval
from mlflow_recipes.modeling.class_metrics import OF_SCORES
from mlflow_recipes.modeling.evidence import BASELINE, finite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from mlflow_recipes.config.judging import Criterion
    from mlflow_recipes.modeling.evidence import Contender, Evidence

VALIDATED, REJECTED, UNKNOWN = "VALIDATED", "REJECTED", "UNKNOWN"
_SHOWN_SLICES = 3
_NO_SCORES = "It needs scores: an estimator with `predict_proba`, and test rows of more than one class."


@dataclass(frozen=True)
class CriterionResult:
    """One criterion, held against a model.

    Attributes:
        threshold: None for a comparison.
        value: The model's metric on all test rows.
        sentence: Why it passed or failed, with numbers.
        slice: The column whose slices it is about.
        better_than: "champion" or "baseline".
        against: What the model was compared with; None where there was nothing.
        against_value: The metric of that.
        improvement: By how much the model is better, greater being better; `low` and `high` are its interval.
        probability: Share of resamples in which it is better by more than was asked for.
    """

    metric: str
    threshold: float | None
    value: float
    greater_is_better: bool
    passed: bool
    sentence: str
    slice: str | None = None
    better_than: str | None = None
    against: str | None = None
    against_value: float | None = None
    improvement: float | None = None
    low: float | None = None
    high: float | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether a model met the recipe's criteria: VALIDATED, REJECTED, or UNKNOWN where there are none."""

    status: str
    results: tuple[CriterionResult, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences of the criteria that were missed."""
        return tuple(result.sentence for result in self.results if not result.passed)


def judge(
    criteria: Sequence[Criterion], evidence: Evidence, primary: str, greater_is_better: Callable[[str], bool]
) -> Verdict:
    """Hold a model against the criteria; all must be met.

    Args:
        criteria: From the recipe.
        evidence: The model on the test rows.
        primary: The metric of criteria that name none.
        greater_is_better: Of a metric.

    Raises:
        RecipeError: A criterion's metric was not measured.
    """
    results = []
    for criterion in criteria:
        metric = criterion.metric or primary
        if metric not in evidence.metrics:
            raise RecipeError(
                f"The metric '{metric}' of a validation criterion was not measured. There are: "
                f"{', '.join(evidence.metrics)}.",
                where="steps.evaluate.validation_criteria",
                hint=_NO_SCORES if metric in OF_SCORES else None,
            )
        ways = {"better_than": _comparison, "slice": _slice_threshold}
        way = next((ways[name] for name in ways if getattr(criterion, name) is not None), _threshold)
        start = CriterionResult(
            metric, criterion.threshold, evidence.metrics[metric], greater_is_better(metric), False, ""
        )
        results.append(way(criterion, evidence, start))
    if not results:
        return Verdict(UNKNOWN, ())
    return Verdict(VALIDATED if all(result.passed for result in results) else REJECTED, tuple(results))


# Thresholds


def _threshold(criterion: Criterion, _: Evidence, start: CriterionResult) -> CriterionResult:
    passed = _reaches(start.value, criterion.threshold, greater=start.greater_is_better)
    held = _held(start.value, criterion.threshold, greater=start.greater_is_better)
    return replace(start, passed=passed, sentence=f"{start.metric} on the test data is {_number(start.value)}, {held}.")


def _slice_threshold(criterion: Criterion, evidence: Evidence, start: CriterionResult) -> CriterionResult:
    """The threshold must hold on every slice of a column."""
    import numpy as np

    greater = start.greater_is_better
    slicing = next(each for each in evidence.slicings if each.column == criterion.slice)
    values = evidence.slice_values(start.metric, evidence.model, slicing)
    worst_first = np.argsort(values if greater else -values).tolist()  # those without a value are last
    missed = [i for i in worst_first if not _reaches(values[i], criterion.threshold, greater=greater)]
    named = missed or worst_first[:1]
    listed = [
        f"{_slice_text(slicing, i)} it is {_number(values[i])}, "
        f"{_held(values[i], criterion.threshold, greater=greater)}"
        for i in named[:_SHOWN_SLICES]
    ]
    count = len(values)
    required = _number(criterion.threshold)
    of = f"slices of {slicing.column}"
    met = (
        f"misses {required} on {len(missed)} of {count} {of}: on" if missed else f"meets {required} on all {count} {of}"
    )
    lead = f"{start.metric} {met if missed else f'{met}; worst on'}"
    more = f"; and {len(named) - _SHOWN_SLICES} more" if len(named) > _SHOWN_SLICES else ""
    sentence = f"{lead} {'; on '.join(listed)}{more}."
    return replace(start, passed=not missed, sentence=sentence, slice=slicing.column)


def _reaches(value: float, threshold: float | None, *, greater: bool) -> bool:
    assert threshold is not None, "a criterion has a threshold or is a comparison"
    return bool(value >= threshold if greater else value <= threshold)


def _held(value: float, threshold: float | None, *, greater: bool) -> str:
    assert threshold is not None, "a criterion has a threshold or is a comparison"
    required = f"{'at least' if greater else 'at most'} {_number(threshold)}"
    if _reaches(value, threshold, greater=greater):
        return f"and {required} is required"
    if math.isnan(value):
        return f"but {required} is required"
    return f"but {required} is required: {_number(abs(value - threshold))} too {'little' if greater else 'much'}"


# Comparisons


def _comparison(criterion: Criterion, evidence: Evidence, start: CriterionResult) -> CriterionResult:
    """The model must be better than the champion, or than the best of the naive baselines."""
    import numpy as np

    kind = str(criterion.better_than)
    start = replace(start, better_than=kind)
    if not evidence.others.get(kind):
        return replace(start, passed=True, sentence=f"{evidence.absent[kind]}.")
    hardest = evidence.hardest(kind, start.metric, greater_is_better=start.greater_is_better)
    if hardest is None:
        others = "any naive baseline" if kind == BASELINE else f"the {evidence.others[kind][0].name}"
        return replace(start, sentence=f"{start.metric} has no value for {others}, so there is nothing to beat.")
    other, their_value = hardest
    if np.array_equal(evidence.model.predictions, other.predictions, equal_nan=True):
        same = f"The {other.name} predicts exactly the same for the test data, so the model is no better."
        return replace(start, against=other.name, against_value=their_value, improvement=0.0, sentence=same)
    sign = 1 if start.greater_is_better else -1
    ours, theirs = evidence.resampled(start.metric, [evidence.model, other])
    gains = sign * (ours - theirs)
    probability = float((gains > _amount(criterion.min_improvement, theirs)).mean())
    low, high = interval(gains, evidence.level)
    worse = _worse_slices(criterion, evidence, start, other)
    compared = replace(
        start,
        passed=probability >= criterion.confidence and not worse,
        against=other.name,
        against_value=their_value,
        improvement=sign * (start.value - their_value),
        low=finite(low),
        high=finite(high),
        probability=probability,
    )
    return replace(compared, sentence=_sentence(criterion, evidence, compared, worse))


def _worse_slices(
    criterion: Criterion, evidence: Evidence, start: CriterionResult, other: Contender
) -> list[tuple[str, float, float]]:
    """The slices on which the model is worse than it may be: what slice, the model's metric, that of the other."""
    if criterion.max_slice_degradation is None:
        return []
    sign = 1 if start.greater_is_better else -1
    found = []
    for slicing in evidence.slicings:
        ours, theirs = (evidence.slice_values(start.metric, each, slicing) for each in (evidence.model, other))
        loss = sign * (theirs - ours)
        sure = loss > _amount(criterion.max_slice_degradation, theirs)
        if evidence.quick_by_slice(start.metric):
            drawn = [evidence.resampled_slices(start.metric, each, slicing) for each in (evidence.model, other)]
            excess = sign * (drawn[1] - drawn[0]) > _amount(criterion.max_slice_degradation, drawn[1])
            sure &= excess.mean(axis=0) >= criterion.confidence
        found += [(_slice_text(slicing, i), ours[i], theirs[i], loss[i]) for i, worse in enumerate(sure) if worse]
    return [entry[:3] for entry in sorted(found, key=lambda entry: -entry[3])]


def _amount(amount: float | str, of: np.ndarray) -> Any:
    """An amount in the metric's unit, or a percentage of the other's values."""
    import numpy as np

    return float(amount.removesuffix("%")) / 100 * np.abs(of) if isinstance(amount, str) else amount


def _sentence(
    criterion: Criterion, evidence: Evidence, result: CriterionResult, worse: Sequence[tuple[str, float, float]]
) -> str:
    assert result.improvement is not None
    assert result.probability is not None
    better = "better" if result.improvement >= 0 else "worse"
    ends = ""
    if result.low is not None and result.high is not None:
        ends = (
            f" ({_percent(evidence.level)} interval of the improvement {_number(result.low)} to {_number(result.high)})"
        )
    wanted = f" by more than {_amount_text(criterion.min_improvement)}" if criterion.min_improvement != 0 else ""
    enough = "and" if result.probability >= criterion.confidence else "but"
    text = (
        f"{result.metric} on the test data is {_number(result.value)}, that of the {result.against} "
        f"{_number(result.against_value)}: {better} by {_number(abs(result.improvement))}{ends}. That it is better"
        f"{wanted} is {_percent(result.probability)} sure, {enough} {_percent(criterion.confidence)} is required."
    )
    if not evidence.quick(result.metric):
        text += f" (By {min(evidence.resamples.samples, 200)} resamples, since each computes the metric anew.)"
    if criterion.max_slice_degradation is not None:
        text += _slices_sentence(_amount_text(criterion.max_slice_degradation), worse)
    return text


def _slices_sentence(allowed: str, worse: Sequence[tuple[str, float, float]]) -> str:
    if not worse:
        return f" On no slice is it surely worse by more than {allowed}."
    listed = [f"on {name}, {_number(ours)} against {_number(theirs)}" for name, ours, theirs in worse[:_SHOWN_SLICES]]
    more = f", and on {len(worse) - _SHOWN_SLICES} more" if len(worse) > _SHOWN_SLICES else ""
    return f" But it is worse by more than {allowed} {'; '.join(listed)}{more}."


# Words


def _slice_text(slicing: Any, index: int) -> str:
    rows = int(slicing.rows[index])
    return f"{slicing.column} = {slicing.labels[index]} ({rows:,} row{'s' * (rows != 1)})"


def _number(value: float | None) -> str:
    return "unknown" if value is None or math.isnan(value) else f"{value + 0.0:,.6g}"  # -0 is 0


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _amount_text(amount: float | str) -> str:
    return amount if isinstance(amount, str) else _number(amount)

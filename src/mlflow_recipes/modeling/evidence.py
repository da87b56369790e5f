"""What is known of a model on the test rows, beside others on the same rows: whole, by slice, and on resamples."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.modeling.bootstrap import interval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import numpy as np

    from mlflow_recipes.modeling.bootstrap import Resamples
    from mlflow_recipes.modeling.outcome import Outcome
    from mlflow_recipes.modeling.slices import Slicing

    # (metric, actual, predicted) -> value, for any metric of the recipe
    Score = Callable[[str, np.ndarray, np.ndarray], float]


CHAMPION, BASELINE = "champion", "baseline"


@dataclass(frozen=True)
class Contender:
    """A model, or a naive baseline: its name in sentences, and its predictions as the outcome has them."""

    name: str
    predictions: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """A model on the test rows, and what it is held against.

    Attributes:
        outcome: What is predicted.
        actual: The target as the outcome has it, one row a row.
        model: The model that is judged.
        metrics: Its metrics on all rows.
        resamples: Resamples of the rows.
        level: Of confidence intervals, such as 0.95.
        score: Computes any metric on some rows.
        own: Metrics of the user's, which only `score` knows, even where one has a built-in metric's name.
        slicings: The columns by which slices are looked at.
        others: "champion" and "baseline" -> whom the model may have to beat.
        absent: Why there is nobody to beat, as the end of a sentence.
    """

    outcome: Outcome
    actual: np.ndarray
    model: Contender
    metrics: Mapping[str, float]
    resamples: Resamples
    level: float
    score: Score
    own: Collection[str] = ()
    slicings: Sequence[Slicing] = ()
    others: Mapping[str, Sequence[Contender]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    def quick(self, metric: str) -> bool:
        """Whether a metric is a function of means over rows, so that resamples of all rows are cheap."""
        return metric in self.outcome.measures and metric not in self.own

    def quick_by_slice(self, metric: str) -> bool:
        """Whether that also holds within slices."""
        return self.quick(metric) and self.outcome.measures[metric].of_rows

    def value(self, metric: str, contender: Contender) -> float:
        """A metric on all rows."""
        if contender is self.model:
            return self.metrics[metric]
        if self.quick(metric):
            return self.outcome.measures[metric].of(self.actual, contender.predictions)
        return self.score(metric, self.actual, contender.predictions)

    def slice_values(self, metric: str, contender: Contender, slicing: Slicing) -> np.ndarray:
        """A metric on each slice, shape (slices,); NaN where it has no value."""
        import numpy as np

        if self.quick_by_slice(metric):
            measure = self.outcome.measures[metric]
            columns = measure.columns(self.actual, contender.predictions).T
            sums = [np.bincount(slicing.codes, column, minlength=len(slicing.labels)) for column in columns]
            return np.asarray(measure.value(np.array(sums).T / slicing.rows[:, None]))
        order = np.argsort(slicing.codes, kind="stable")
        parts = np.split(order, np.cumsum(slicing.rows)[:-1])
        return np.array([self._score_of_some(metric, contender, rows) for rows in parts])

    def _score_of_some(self, metric: str, contender: Contender, rows: np.ndarray) -> float:
        """A metric on some rows; NaN where a metric of the user's has no value for them, such as for a single row."""
        try:
            return self.score(metric, self.actual[rows], contender.predictions[rows])
        except UserCodeError:
            return math.nan

    def resampled(self, metric: str, contenders: Sequence[Contender]) -> np.ndarray:
        """A metric of several models on the same resamples, shape (models, samples); NaN where it has no value."""
        import numpy as np

        if self.quick(metric):
            measure = self.outcome.measures[metric]
            values = [self.resamples.values(measure, self.actual, each.predictions)[:, 0] for each in contenders]
            return np.array(values)

        def score(rows: np.ndarray) -> np.ndarray:
            return np.array([self._score_of_some(metric, each, rows) for each in contenders])

        whole = np.array([self.value(metric, each) for each in contenders])
        return np.asarray(self.resamples.slow_values(score, whole).T)

    def resampled_slices(self, metric: str, contender: Contender, slicing: Slicing) -> np.ndarray:
        """A metric on each slice of every resample, shape (samples, slices); for metrics `quick_by_slice` alone."""
        values: np.ndarray = self.resamples.values(
            self.outcome.measures[metric], self.actual, contender.predictions, slicing.codes
        )
        return values

    def hardest(self, kind: str, metric: str, *, greater_is_better: bool) -> tuple[Contender, float] | None:
        """Of the champion, or the naive baselines, the one that is hardest to beat, and its value; None without any.

        Metrics may have no value for a constant prediction, or without scores; who has no value is left out.
        """
        found: list[tuple[Contender, float]] = []
        for other in self.others.get(kind, ()):
            try:
                found.append((other, self.value(metric, other)))
            except UserCodeError:
                if kind == CHAMPION:
                    raise
        best = max if greater_is_better else min
        found = [pair for pair in found if not math.isnan(pair[1])]
        return best(found, key=lambda pair: pair[1]) if found else None

    # Tables

    def intervals(self) -> dict[str, list[float | None]]:
        """The confidence interval of each metric that has one: the metric -> [low, high]."""
        if not self.resamples.samples:
            return {}
        values = {
            m: self.resampled(m, [self.model])[0] for m in self.outcome.measures if m in self.metrics and self.quick(m)
        }
        return {metric: [finite(end) for end in interval(v, self.level)] for metric, v in values.items()}

    def contest(self, metric: str) -> list[dict[str, Any]]:
        """A metric of the model, then of all that it is held against: "name", "value", and the interval "low", "high".

        Whoever has no value is left out; metrics of the user's have no intervals here.
        """
        values: list[tuple[Contender, float]] = []
        for each in (self.model, *(other for others in self.others.values() for other in others)):
            with contextlib.suppress(UserCodeError):
                value = self.value(metric, each)
                values += [] if math.isnan(value) else [(each, value)]
        ends: list[list[float | None]] = [[None, None]] * len(values)
        if self.quick(metric) and self.resamples.samples:
            resampled = self.resampled(metric, [each for each, _ in values])
            ends = [[finite(end) for end in interval(row, self.level)] for row in resampled]
        return [
            {"name": each.name, "value": finite(value), "low": low, "high": high}
            for (each, value), (low, high) in zip(values, ends, strict=True)
        ]

    def slices(self, metric: str, greater_is_better: bool) -> list[dict[str, Any]]:
        """A metric by slice: for each column "column" and "slices", each with "slice", "rows", "value", "low", "high".

        The values of the champion and of the hardest baseline stand under their names.
        """
        hardest = [self.hardest(kind, metric, greater_is_better=greater_is_better) for kind in self.others]
        others = [found[0] for found in hardest if found]
        return [{"column": each.column, "slices": self._slices(metric, each, others)} for each in self.slicings]

    def _slices(self, metric: str, slicing: Slicing, others: Sequence[Contender]) -> list[dict[str, Any]]:
        ends: list[list[float | None]] = [[None, None]] * len(slicing.labels)
        if self.quick_by_slice(metric) and self.resamples.samples:
            values = self.resampled_slices(metric, self.model, slicing)
            ends = [
                [finite(end) for end in interval(v, self.level)] if rows > 1 else [None, None]  # one row does not vary
                for v, rows in zip(values.T, slicing.rows, strict=True)
            ]
        ours = self.slice_values(metric, self.model, slicing)
        theirs = {each.name: self.slice_values(metric, each, slicing) for each in others if self.quick(metric)}
        return [
            {"slice": label, "rows": int(rows), "value": finite(value), "low": low, "high": high}
            | {name: finite(values[i]) for name, values in theirs.items()}
            for i, (label, rows, value, (low, high)) in enumerate(
                zip(slicing.labels, slicing.rows, ours, ends, strict=True)
            )
        ]


def finite(value: float) -> float | None:
    """A number as JSON has it; None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None

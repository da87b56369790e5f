"""Figures of a search: all trials at once, one parameter at a time, and how the best was found."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure
from mlflow_recipes.cards.parts import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.cards.units import Units

_FINISHED = "finished"
_MOST_AXES = 7
_MOST_LINES = 200
_MOST_SLICES = 6
_FIRST_VALUE = 4  # columns before the parameters: place, metric, status, seconds
_FEWEST = 3


def search_figures(numbers: Mapping[str, Any], metric: str, units: Units, *, greater_is_better: bool) -> list[Figure]:
    """The figures of a search, as far as it has enough trials for them.

    Args:
        numbers: What `modeling.trial_numbers.trial_numbers` gives.
        metric: What was searched for.
        units: Those of the recipe.
        greater_is_better: Of the metric.
    """
    finished = [row for row in numbers["rows"] if row[2] == _FINISHED and row[1] is not None]
    if len(finished) < _FEWEST:
        return []
    ranked = sorted(finished, key=lambda row: row[1], reverse=greater_is_better)
    found = [_parallel(numbers, ranked, metric, units)] if len(_varied(numbers, finished)) > 1 else []
    found += [_best_so_far(numbers, metric, units)]
    return [*found, *_slices(numbers, ranked, metric, units, greater_is_better=greater_is_better)]


def _varied(numbers: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> list[int]:
    """The columns of the parameters of which there are several values."""
    places = range(_FIRST_VALUE, _FIRST_VALUE + len(numbers["parameters"]))
    return [place for place in places if len({row[place] for row in rows} - {None}) > 1]


def _parallel(numbers: Mapping[str, Any], rows: Sequence[Sequence[Any]], metric: str, units: Units) -> Figure:
    places = sorted(_varied(numbers, rows), key=lambda place: -abs(_rank_correlation(rows, place)))[:_MOST_AXES]
    lines = [(*(row[place] for place in places), row[1]) for row in rows[:_MOST_LINES]]
    names = [numbers["columns"][place] for place in places]
    values = [row[1] for row in rows]
    left_out = numbers["all"] - len(lines)
    reading = (
        f"{len(lines)} finished trials, with {metric} from {number(min(values), 4)} to "
        f"{units.metric_amount(max(values), metric)}; the parameter that goes along with it most comes first."
    )
    if left_out:
        reading += f" {left_out} trials that were stopped early, failed or are too many are not drawn."
    return Figure("parallel", "Finished trials", reading, (*names, units.metric_titled(metric)), lines)


def _best_so_far(numbers: Mapping[str, Any], metric: str, units: Units) -> Figure:
    improved, every = numbers["best_so_far"], numbers["all"]
    shown = range(improved[0][0], every + 1, max(every // _MOST_LINES, 1))
    rows = [(place, next(value for at, value in reversed(improved) if at <= place)) for place in shown]
    found = next(place for place, value in improved if value == improved[-1][1])
    rest = every - found
    after = "more might bring something better"
    if rest:
        after = f"{f'the {rest} trials' if rest > 1 else 'the one trial'} after it brought nothing better"
    value = units.metric_amount(improved[-1][1], metric)
    reading = f"The best was found after {found} of {every} trials, with {value}; {after}."
    axes = "trials", units.metric_titled(metric)
    return Figure("lines", "Best so far", reading, ("trial", "best so far"), rows, *axes)


def _slices(
    numbers: Mapping[str, Any], rows: Sequence[Sequence[Any]], metric: str, units: Units, *, greater_is_better: bool
) -> Iterator[Figure]:
    """A figure for each of the six parameters of numbers that go along with the metric most; of finished trials."""
    places = [p for p in _varied(numbers, rows) if not any(isinstance(row[p], str) for row in rows)]
    for place in sorted(places, key=lambda place: -abs(_rank_correlation(rows, place)))[:_MOST_SLICES]:
        name = str(numbers["columns"][place])
        points = [(row[place], row[1]) for row in rows if row[place] is not None]
        best = (max if greater_is_better else min)(points, key=lambda point: point[1])[0]
        along = _rank_correlation(rows, place)
        better = "larger" if (along > 0) == greater_is_better else "smaller"
        trend = f"better with {better} values" if abs(along) >= 0.3 else "hardly better with smaller or larger values"
        reading = f"Best at {number(best, 4)}; {trend} (rank correlation {number(along, 2)})."
        logarithmic = "x" if name in numbers["logarithmic"] and min(point[0] for point in points) > 0 else ""
        axes = units.titled(name), units.metric_titled(metric)
        heads = (name, metric)
        yield Figure("points", f"{metric} by {name}", reading, heads, points, *axes, logarithmic=logarithmic)


def _rank_correlation(rows: Sequence[Sequence[Any]], place: int) -> float:
    """Spearman's correlation of a parameter with the metric; 0 where it is not known, or no number."""
    pairs = [(row[place], row[1]) for row in rows if isinstance(row[place], int | float) and row[1] is not None]
    ranked = [_ranks(values) for values in zip(*pairs, strict=True)]
    if len(pairs) < 2 or any(len(set(ranks)) < 2 for ranks in ranked):
        return 0.0
    return statistics.correlation(*ranked)


def _ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value; equal ones share the mean of theirs."""
    places: dict[float, list[int]] = {}
    for rank, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(rank)
    return [statistics.fmean(places[value]) for value in values]

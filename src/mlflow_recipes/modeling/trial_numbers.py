"""The trials of a search as numbers to draw: what was tried, what came of it, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.modeling.evidence import finite
from mlflow_recipes.modeling.search import FIXED
from mlflow_recipes.modeling.trials import FAILED, FINISHED, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.config.search_space import SearchSpace

MOST_TRIALS = 500
_LONGEST = 100


def trial_numbers(trials: Sequence[Trial], space: SearchSpace, sign: int) -> dict[str, Any]:
    """The trials in the order in which they were asked for, as plain JSON data.

    Args:
        trials: Those that are over.
        space: What they were drawn from.
        sign: By which losses are multiplied to be the primary metric again.

    Returns:
        "parameters" (names), "logarithmic" (those drawn by orders of magnitude), "columns" and "rows": the place from
        1, the primary metric, the status, the seconds, then a value for each parameter, a number where all of its
        values are, None where it was not drawn; "best_so_far" ([place, metric] where it improved, and at the end) and
        "all", the number of trials. Of more than 500 trials the best half and some of the others are kept.
    """
    specs = parameter_specs(space.parameters)
    ordered = sorted(trials, key=lambda trial: (trial.number == FIXED, trial.number))
    values = {name: _values([trial.params.get(name) for trial in ordered]) for name in specs}
    rows = [
        [
            place,
            _metric(trial, sign),
            trial.status,
            round(trial.seconds, 3),
            *(values[name][place - 1] for name in specs),
        ]
        for place, trial in enumerate(ordered, start=1)
    ]
    return {
        "parameters": list(specs),
        "logarithmic": [name for name, spec in specs.items() if "log" in str(spec.get("distribution", ""))],
        "columns": ["place", "metric", "status", "seconds", *specs],
        "rows": _some(rows, sign),
        "best_so_far": _best_so_far(rows, sign),
        "all": len(rows),
    }


def parameter_specs(parameters: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every parameter of a search space with how it is drawn, those inside choices too, in their order."""
    return dict(_specs(parameters))


def _specs(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, spec in parameters.items():
        yield name, spec if isinstance(spec, dict) else {}
        for entry in (spec.get("values") or spec.get("options") or ()) if isinstance(spec, dict) else ():
            if isinstance(entry, dict) and isinstance(entry.get("parameters"), dict):
                yield from _specs(entry["parameters"])


def _metric(trial: Trial, sign: int) -> float | None:
    return None if trial.loss is None or trial.status == FAILED else sign * trial.loss


def _values(texts: Sequence[str | None]) -> list[float | str | None]:
    """Numbers, if all that are given are, of which NaN and infinity are None; else texts."""
    try:
        return [None if text is None else finite(float(text)) for text in texts]
    except ValueError:
        return [None if text is None else text[:_LONGEST] for text in texts]


def _best_so_far(rows: Sequence[Sequence[Any]], sign: int) -> list[list[float]]:
    found: list[list[float]] = []
    for place, metric, status, *_ in rows:
        if status == FINISHED and (not found or sign * metric < sign * found[-1][1]):
            found.append([place, metric])
    return [*found, [len(rows), found[-1][1]]] if found and found[-1][0] < len(rows) else found


def _some(rows: list[list[Any]], sign: int) -> list[list[Any]]:
    if len(rows) <= MOST_TRIALS:
        return rows
    ranked = sorted(rows, key=lambda row: (row[1] is None, sign * (row[1] or 0.0)))
    best, others = ranked[: MOST_TRIALS // 2], ranked[MOST_TRIALS // 2 :]
    step = -(-len(others) // (MOST_TRIALS - len(best)))
    return sorted([*best, *others[::step]], key=lambda row: row[0])

"""The card of the evaluate step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Block, CardTab, Notice, Table, Text
from mlflow_recipes.cards.parts import (
    joined,
    metrics_table,
    number,
    percent,
    preview_tab,
    primary_line,
    run_summary,
    warnings_tab,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.cards.model import About

_VERDICTS = {
    "VALIDATED": Notice("VALIDATED: the model meets every criterion on the test data.", "good"),
    "REJECTED": Notice("REJECTED: the model does not meet every criterion on the test data.", "bad"),
    "UNKNOWN": Notice("UNKNOWN: no validation criteria are given."),
}
_MOST_FEATURES = 50
_DIGITS = 4


def summary(facts: Mapping[str, Any]) -> str:
    """The verdict and the primary metric."""
    return joined(str(facts.get("status") or ""), primary_line(facts.get("metrics"), facts.get("primary_metric")))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Metrics beside those of others, the verdict, and where the model errs."""
    return [
        CardTab("Model Performance (Test)", tuple(_performance(facts))),
        *_validation(facts.get("status"), facts.get("criteria") or ()),
        *_slices(facts),
        *_residuals(facts.get("errors") or {}),
        *_importance(facts.get("importance")),
        *preview_tab("Worst Predictions", facts.get("worst"), "The test rows with the largest absolute error."),
        *warnings_tab(facts.get("warnings")),
        run_summary(about),
    ]


def _performance(facts: Mapping[str, Any]) -> Iterator[Block]:
    primary = facts.get("primary_metric")
    yield from metrics_table(facts.get("metrics"), primary)
    intervals, others = facts.get("intervals") or {}, facts.get("others") or {}
    test = (facts.get("metrics") or {}).get("test") or {}
    names = [name for name in test if name in (intervals.get("metrics") or {}) or name == primary]
    names.sort(key=lambda name: name != primary)
    if names and others:
        level = percent(100 * intervals["level"])
        rows = [
            [name, number(test[name]), *_ends(intervals["metrics"].get(name)), *_of(others, name)] for name in names
        ]
        columns = ("metric", "test", "from", "to", *others)
        yield Text(
            f"The same test rows: the model, its {level} confidence interval (bootstrap), and what it is held against."
        )
        yield Table(columns, rows, tones={"0": "strong"} if names[0] == primary else {})


def _ends(interval: Sequence[float | None] | None) -> list[str]:
    return [number(end, _DIGITS) for end in interval or (None, None)]


def _of(others: Mapping[str, Mapping[str, float]], metric: str) -> list[str]:
    return [number(metrics.get(metric), _DIGITS) for metrics in others.values()]


def _validation(status: str | None, criteria: Sequence[Mapping[str, Any]]) -> list[CardTab]:
    if status is None:
        return []
    notices = [
        Notice(f"Met: {criterion['sentence']}", "good")
        if criterion["passed"]
        else Notice(f"Not met: {criterion['sentence']}", "bad")
        for criterion in criteria
    ]
    return [CardTab("Model Validation", (_VERDICTS.get(status, Notice(status)), *notices))]


def _slices(facts: Mapping[str, Any]) -> list[CardTab]:
    blocks: list[Block] = []
    for entry in facts.get("slices") or ():
        parts = entry["slices"]
        others = [name for name in parts[0] if name not in ("slice", "rows", "value", "low", "high")]
        rows = [
            [str(part["slice"]), number(part["rows"])]
            + [number(part[name], _DIGITS) for name in ("value", "low", "high", *others)]
            for part in parts
        ]
        columns = (str(entry["column"]), "rows", str(facts.get("primary_metric")), "from", "to", *others)
        blocks.append(Table(columns, rows))
    return [CardTab("Slices", tuple(blocks))] if blocks else []


def _residuals(errors: Mapping[str, Mapping[str, Any]]) -> list[CardTab]:
    blocks = [block for target, figures in errors.items() for block in _target(target, figures)]
    return [CardTab("Residuals", tuple(blocks))] if blocks else []


def _target(target: str, figures: Mapping[str, Any]) -> Iterator[Block]:
    """The errors of one target: how they are spread, and how they depend on its size."""
    spread, magnitude = figures["residuals"], figures["error_by_magnitude"]
    shares = spread["quantiles"]
    yield Text(f"Errors of {target}: prediction less target.")
    columns = ("mean", "standard deviation", *(percent(100 * float(share)) for share in shares))
    values = (spread["mean"], spread["std"], *shares.values())
    yield Table(columns, [[number(value, _DIGITS) for value in values]], caption="Quantiles of the error")
    names = ("low", "high", "rows", "mean_absolute_error", "root_mean_squared_error", "mean_error")
    rows = [[number(value, _DIGITS) for value in row] for row in zip(*(magnitude[n] for n in names), strict=True)]
    heads = ("from", "to", "rows", *names[3:])
    yield Table(heads, rows, caption=f"Error by the size of {target}")
    yield _histogram(spread)


def _histogram(spread: Mapping[str, Any]) -> Table:
    """The error's histogram, four of its bins at a time."""
    edges, counts = spread["edges"], spread["counts"]
    rows = [["below", number(edges[0], _DIGITS), number(spread["below"])]]
    rows += [
        [number(edges[i], _DIGITS), number(edges[min(i + 4, len(counts))], _DIGITS), number(sum(counts[i : i + 4]))]
        for i in range(0, len(counts), 4)
    ]
    rows.append([number(edges[-1], _DIGITS), "above", number(spread["above"])])
    return Table(("from", "to", "rows"), rows, caption="How many rows have which error")


def _importance(importance: Mapping[str, Any] | None) -> list[CardTab]:
    if not importance:
        return []
    blocks: list[Block] = [Text(str(importance["note"]))]
    if features := importance["features"]:
        rows = [[str(name), *(number(value, _DIGITS) for value in values)] for name, *values in features]
        blocks.append(Table(("feature", *importance["columns"]), rows[:_MOST_FEATURES]))
        if len(rows) > _MOST_FEATURES:
            blocks.append(Text(f"{len(rows) - _MOST_FEATURES} further features are not shown here."))
    return [CardTab("Feature Importance", tuple(blocks))]

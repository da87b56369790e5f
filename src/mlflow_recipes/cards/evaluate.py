"""The card of the evaluate step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.classes import calibration_table, class_blocks, confusion_figure, score_figures
from mlflow_recipes.cards.errors import error_figures
from mlflow_recipes.cards.model import Block, CardTab, Notice, Table, Text
from mlflow_recipes.cards.parts import (
    joined,
    metrics_table,
    number,
    preview_tab,
    primary_line,
    run_summary,
    warnings_tab,
    worst_note,
)
from mlflow_recipes.cards.scores import contest_figure, importance_figure, slice_figure
from mlflow_recipes.cards.units import Units

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
    units = Units(about.units, facts.get("targets") or tuple(facts.get("errors") or ()))
    return [
        CardTab("Model Performance (Test)", tuple(_performance(facts, units))),
        *_validation(facts.get("status"), facts.get("criteria") or ()),
        *_plots(facts.get("classes"), facts.get("threshold")),
        *_slices(facts, units),
        *_residuals(facts.get("errors") or {}, units),
        *_importance(facts.get("importance"), units),
        *preview_tab("Worst Predictions", facts.get("worst"), worst_note("test", facts)),
        *warnings_tab(facts.get("warnings")),
        run_summary(about),
    ]


def _performance(facts: Mapping[str, Any], units: Units) -> Iterator[Block]:
    """Metrics on validation and test data, and those that have intervals beside what the model is held against."""
    primary = facts.get("primary_metric")
    yield from metrics_table(facts.get("metrics"), primary, units)
    intervals, others = facts.get("intervals") or {}, facts.get("others") or {}
    if facts.get("classes"):
        yield confusion_figure(facts["classes"], "test data")
    if facts.get("contest"):
        yield contest_figure(str(primary), facts["contest"], float(intervals.get("level") or 0), units)
    test = (facts.get("metrics") or {}).get("test") or {}
    names = [name for name in test if name in (intervals.get("metrics") or {}) or name == primary]
    names.sort(key=lambda name: name != primary)
    if names and others:
        level = f"{100 * intervals['level']:g} %"
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


def _plots(classes: Mapping[str, Any] | None, threshold: Mapping[str, Any] | None) -> list[CardTab]:
    """What a classifier does right and wrong."""
    if not classes:
        return []
    figures = [*score_figures(classes, threshold)]
    note = [] if figures else [Text("There are no curves, since the estimator gives no scores (`predict_proba`).")]
    tables = [calibration_table(classes)] if classes["calibration"] else []
    plots: list[Block] = [*figures, *note, *tables]
    return [CardTab("Model Performance Plots", tuple(plots)), CardTab("Classes", tuple(class_blocks(classes)))]


def _slices(facts: Mapping[str, Any], units: Units) -> list[CardTab]:
    """The primary metric by slice: first as figures, then as tables."""
    primary, greater = str(facts.get("primary_metric")), bool(facts.get("greater_is_better"))
    whole = ((facts.get("metrics") or {}).get("test") or {}).get(primary)
    blocks: list[Block] = [
        slice_figure(entry, primary, whole, units, greater_is_better=greater)
        for entry in facts.get("slices") or ()
        if "greater_is_better" in facts
    ]
    for entry in facts.get("slices") or ():
        parts = entry["slices"]
        others = [name for name in parts[0] if name not in ("slice", "rows", "value", "low", "high")]
        rows = [
            [str(part["slice"]), number(part["rows"])]
            + [number(part[name], _DIGITS) for name in ("value", "low", "high", *others)]
            for part in parts
        ]
        columns = (str(entry["column"]), "rows", units.metric_titled(primary), "from", "to", *others)
        blocks.append(Table(columns, rows))
    return [CardTab("Slices", tuple(blocks))] if blocks else []


def _residuals(errors: Mapping[str, Mapping[str, Any]], units: Units) -> list[CardTab]:
    blocks = [block for target, figures in errors.items() for block in _target(target, figures, units)]
    return [CardTab("Residuals", tuple(blocks))] if blocks else []


def _target(target: str, figures: Mapping[str, Any], units: Units) -> Iterator[Block]:
    """The errors of one target: how they are spread, and how they depend on its size."""
    spread, magnitude = figures["residuals"], figures["error_by_magnitude"]
    shares = spread["quantiles"]
    yield from error_figures(target, figures, units)
    unit = f", in {units.of(target)}" if units.of(target) else ""
    columns = ("mean", "standard deviation", *(f"{100 * float(share):g} %" for share in shares))
    values = (spread["mean"], spread["std"], *shares.values())
    row = [number(value, _DIGITS) for value in values]
    yield Table(columns, [row], caption=f"Quantiles of the error of {target}{unit}")
    names = ("low", "high", "rows", "mean_absolute_error", "root_mean_squared_error", "mean_error")
    rows = [[number(value, _DIGITS) for value in row] for row in zip(*(magnitude[n] for n in names), strict=True)]
    heads = ("from", "to", "rows", *names[3:])
    yield Table(heads, rows, caption=f"Error by the size of {target}{unit}")


def _importance(importance: Mapping[str, Any] | None, units: Units) -> list[CardTab]:
    if not importance:
        return []
    blocks: list[Block] = [Text(str(importance["note"]))]
    if (figure := importance_figure(importance, units)) is not None:
        blocks.append(figure)
    if features := importance["features"]:
        rows = [[str(name), *(number(value, _DIGITS) for value in values)] for name, *values in features]
        blocks.append(Table(("feature", *importance["columns"]), rows[:_MOST_FEATURES]))
        if len(rows) > _MOST_FEATURES:
            blocks.append(Text(f"{len(rows) - _MOST_FEATURES} further features are not shown here."))
    return [CardTab("Feature Importance", tuple(blocks))]

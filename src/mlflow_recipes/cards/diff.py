"""The page of two runs side by side: which is better, what differs in how they were made, and in what they do.

Everything but metrics and settings comes from what the runs logged, which may be of another version, or damaged: a
tab that cannot be made of it says so, and the others stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mlflow_recipes.cards import diff_figures
from mlflow_recipes.cards.model import Block, Card, CardTab, Code, Facts, Notice, Table, Text
from mlflow_recipes.cards.parts import joined, number, percent
from mlflow_recipes.contract.model import TARGET
from mlflow_recipes.contract.report import NONE
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.comparison import Comparison, MetricChange
    from mlflow_recipes.contract.report import ColumnReport, Report
    from mlflow_recipes.records import Change
    from mlflow_recipes.run_evidence import Evidence

_MOST_COLUMNS = 50
_MOST_MOVED = 8
_DIGITS = 4
_LARGE = 0.1  # a KS distance or Cramer's V
_UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class Sides:
    """All that is known of two runs.

    Attributes:
        found: What `compare` says.
        a: What the first logged.
        b: What the second logged.
        drift: What the second was trained on, held against what the first was; None where that is not known.
        primary: The primary metric.
        units: Of columns and metrics.
    """

    found: Comparison
    a: Evidence
    b: Evidence
    drift: Report | None
    primary: str
    units: Units


def card(sides: Sides, recipe: str) -> Card:
    """The page."""
    tabs = {
        "Verdict": _verdict,
        "Metrics": _metrics,
        "Configuration": lambda sides: _changed(sides.found.config, "key"),
        "Data": _data,
        "Errors": _errors,
        "Slices": _slices,
        "Importance": _importance,
        "Code": _code,
        "Libraries": lambda sides: _changed(sides.found.libraries, "library"),
    }
    return Card("diff", recipe, [CardTab(name, _made(make, sides)) for name, make in tabs.items()], _sentence(sides))


def _made(make: Callable[[Sides], Iterable[Block]], sides: Sides) -> Sequence[Block]:
    try:
        blocks = list(make(sides))
    except _UNREADABLE:
        return [Text("Not known: what a run logged of this cannot be read.")]
    return blocks or [Text("Not known: a run did not log this.")]


# Which is better


def _sentence(sides: Sides) -> str:
    """The primary metric of both, and which is better."""
    found = sides.found
    metric = next((metric for metric in found.metrics if metric.name == f"test_{sides.primary}"), None)
    if metric is None or metric.a is None or metric.b is None:
        return f"A is {found.a.name}, B is {found.b.name}; not both were evaluated on test data"
    a, b = number(metric.a, _DIGITS), number(metric.b, _DIGITS)
    unit = sides.units.of_metric(sides.primary)
    told = f"{sides.primary} on the test data{f' in {unit}' * bool(unit)}: A {a}, B {b}"
    heads = {"a": "A is better", "b": "B is better", "equal": "Neither is better"}
    return joined(heads.get(metric.better or "", ""), told, *found.notes)


def _verdict(sides: Sides) -> Iterator[Block]:
    for note in sides.found.notes:
        yield Notice(note)
    pairs = [
        ("which", sides.found.a.name, sides.found.b.name),
        ("validation", sides.found.a.status or "not evaluated", sides.found.b.status or "not evaluated"),
        ("MLflow run", sides.a.run_id, sides.b.run_id),
        ("name", sides.a.name, sides.b.name),
        ("started", _when(sides.a), _when(sides.b)),
        ("estimator", *_tags(sides, "estimator_name")),
        ("profile", *_tags(sides, "mlflow.pipeline.profile.name")),
        ("git commit", *_tags(sides, "mlflow.source.git.commit")),
        ("git branch", *_tags(sides, "mlflow.source.git.branch")),
    ]
    rows = [row for row in pairs if row[1] or row[2]]
    place = next(i for i, row in enumerate(rows) if row[0] == "MLflow run")
    links = {f"{place},{1 + i}": url for i, url in enumerate((sides.a.url, sides.b.url)) if url}
    yield Table(("", "A", "B"), rows, links=links)
    yield from _differing(sides)


def _tags(sides: Sides, name: str) -> tuple[str, str]:
    return sides.a.tags.get(name, ""), sides.b.tags.get(name, "")


def _when(side: Evidence) -> str:
    if side.started is None:
        return ""
    return datetime.fromtimestamp(side.started, tz=timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def _differing(sides: Sides) -> Iterator[Block]:
    """How much differs in each respect, as a table of contents."""
    found = sides.found
    parts = (
        ("Configuration", found.config),
        ("Data", found.data),
        ("Code", found.code),
        ("Libraries", found.libraries),
    )
    yield Facts([(f"{name} differs in", _how_much(changes)) for name, changes in parts])


def _how_much(changes: Sequence[Change] | None) -> str:
    if changes is None:
        return "not known"
    names = ", ".join(change.name for change in changes[:4]) + (f" and {len(changes) - 4} more" * (len(changes) > 4))
    return names or "nothing"


def _metrics(sides: Sides) -> Iterator[Block]:
    """The primary metric as a picture, those of the test data with their intervals, the others beside one another."""
    yield from diff_figures.primary(sides)
    words = {"a": "A", "b": "B", "equal": "equal"}
    tested = [metric for metric in sides.found.metrics if metric.name.startswith("test_")]
    rows = [
        (
            metric.name.removeprefix("test_"),
            *(number(value) for value in (metric.a, metric.b)),
            *(_interval(side, metric.name.removeprefix("test_")) for side in (sides.a, sides.b)),
            words.get(metric.better or "", ""),
        )
        for metric in tested
    ]
    tones = {"0": "strong"} if rows and rows[0][0] == sides.primary else {}
    if rows:
        yield Table(("test data", "A", "B", "interval of A", "interval of B", "better"), rows, tones=tones)
    yield from _others([metric for metric in sides.found.metrics if metric not in tested], sides.primary)


def _others(metrics: Sequence[MetricChange], primary: str) -> Iterator[Block]:
    """Metrics of the training and validation data side by side, then those of neither."""
    parts = {"training": "training_", "validation": "val_"}
    found: dict[str, dict[str, MetricChange]] = {}
    for metric in metrics:
        part = next((name for name, prefix in parts.items() if metric.name.startswith(prefix)), "")
        found.setdefault(metric.name.removeprefix(parts.get(part, "")), {})[part] = metric
    names = sorted(found, key=lambda name: (name != primary, "" in found[name]))
    shown = [part for part in (*parts, "") if any(part in found[name] for name in names)]
    rows = [(name, *(cell for part in shown for cell in _pair(found[name].get(part)))) for name in names]
    if rows:
        heads = [f"{letter}, {part}" if part else letter for part in shown for letter in "AB"]
        yield Table(("other metrics", *heads), rows)


def _pair(metric: MetricChange | None) -> tuple[str, str]:
    return (number(metric.a), number(metric.b)) if metric else ("", "")


def _interval(side: Evidence, name: str) -> str:
    """The confidence interval of a metric of the test data."""
    ends = diff_figures.interval(side, name)
    return f"{number(ends[0], _DIGITS)} to {number(ends[1], _DIGITS)}" if ends else ""


# What differs in how they were made


def _changed(changes: Sequence[Change] | None, what: str) -> Iterator[Block]:
    if changes == ():
        yield Text("The same.")
    elif changes is not None:
        rows = [(change.name, change.before or "(not there)", change.after or "(not there)") for change in changes]
        yield Table((what, "A", "B"), rows)


def _code(sides: Sides) -> Iterator[Block]:
    if sides.found.code == ():
        yield Text("The same, comments aside.")
    elif sides.found.code is not None:
        yield Text(f"{', '.join(change.name for change in sides.found.code)}")
        yield Code(mask(sides.found.diff))


def _data(sides: Sides) -> Iterator[Block]:
    """Sizes of the splits, which tables differ, and the columns whose distribution moved, with their distributions."""
    changed = {change.name for change in sides.found.data or ()}
    known = sides.found.data is not None
    rows = [
        (split, *(number(side.rows.get(split)) for side in (sides.a, sides.b)), _same(split in changed, known=known))
        for split in _SPLITS
        if split in sides.a.rows or split in sides.b.rows
    ]
    if rows:
        yield Table(("split", "rows of A", "rows of B", "content"), rows)
    if sides.drift is None:
        yield Text("How the columns of the training data differ is not known: a model has no contract.")
        return
    yield from _columns(sides)


def _same(changed: bool, *, known: bool) -> str:
    return ("differs" if changed else "the same") if known else "not known"


def _columns(sides: Sides) -> Iterator[Block]:
    """Every column with how far it moved, and the distributions of those that did, and of the target."""
    assert sides.drift is not None
    order = sorted(sides.drift.columns, key=lambda column: (column.level != NONE, _size(column)), reverse=True)
    rows = [(column.name, *_measures(column), _found(column)) for column in order[:_MOST_COLUMNS]]
    tones = {str(place): "strong" for place, column in enumerate(order[:_MOST_COLUMNS]) if _moved(column)}
    caption = "Columns of the training data, those that moved most first"
    yield Table(("column", "difference", "PSI", "KS or V", "missing in A", "in B", "what"), rows, caption, tones)
    if len(order) > _MOST_COLUMNS:
        yield Text(f"{len(order) - _MOST_COLUMNS:,} further columns are not shown here.")
    if not any(map(_moved, order)):
        yield Text("No column is distributed differently by more than chance and half of its limit.")
    targets = [column.name for column in order if column.role == TARGET]
    shown = [column.name for column in order if _moved(column)][:_MOST_MOVED]
    yield from diff_figures.columns(sides, list(dict.fromkeys([*targets, *shown])))


def _size(column: ColumnReport) -> float:
    return max((column.measures.get(name) or 0.0 for name in ("ks", "cramers_v")), default=0.0)


def _moved(column: ColumnReport) -> bool:
    """Whether a column differs; of times, which have no limits of their own accord, by how far they moved."""
    return column.level != NONE or _size(column) > _LARGE


def _measures(column: ColumnReport) -> list[str]:
    size = column.measures.get("ks", column.measures.get("cramers_v"))
    shares = (column.measures.get(name) for name in ("nulls_before", "nulls_after"))
    level = "" if column.level == NONE else column.level
    missing = ["" if share is None else percent(100 * share) for share in shares]
    return [level, number(column.measures.get("psi"), 3), number(size, 3), *missing]


def _found(column: ColumnReport) -> str:
    return " ".join(finding.text for finding in column.findings)


# What differs in what they do


def _errors(sides: Sides) -> Iterator[Block]:
    """How the errors are spread, and where the predictions lie, of each target."""
    errors = sides.a.figures.get("errors") or {}, sides.b.figures.get("errors") or {}
    for target in [target for target in errors[0] if target in errors[1]]:
        yield from diff_figures.errors(target, errors[0][target], errors[1][target], sides.units)


def _slices(sides: Sides) -> Iterator[Block]:
    slices = [
        {each["column"]: each["slices"] for each in side.figures.get("slices") or ()} for side in (sides.a, sides.b)
    ]
    for column in [column for column in slices[0] if column in slices[1]]:
        yield diff_figures.slices(column, slices[0][column], slices[1][column], sides)


def _importance(sides: Sides) -> Iterator[Block]:
    shares = [diff_figures.shares(side.figures.get("importance") or {}) for side in (sides.a, sides.b)]
    if all(shares):
        yield from diff_figures.importance(*shares)

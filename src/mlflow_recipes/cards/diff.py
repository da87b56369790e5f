"""The page of two runs side by side: which is better, what differs in how they were made, and in what they do.

Everything but metrics and settings comes from what the runs logged, which may be of another version, or damaged: a
tab that cannot be made of it says so, and the others stay.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mlflow_recipes.cards import diff_classes, diff_data, diff_figures
from mlflow_recipes.cards.model import Block, Card, CardTab, Code, Facts, Notice, Table, Text
from mlflow_recipes.cards.parts import joined, number
from mlflow_recipes.cards.verdict import joined_unit
from mlflow_recipes.layout import TAG_GIT_BRANCH, TAG_GIT_COMMIT, TAG_PROFILE
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlflow_recipes.cards.sides import Sides
    from mlflow_recipes.comparison import MetricChange
    from mlflow_recipes.records import Change
    from mlflow_recipes.run_evidence import Evidence

_MOST_NAMED = 4
_SHORT_COMMIT = 12
_DIGITS = 4
_UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def card(sides: Sides, recipe: str) -> Card:
    """The page."""
    tabs = {
        "Verdict": _verdict,
        "Metrics": _metrics,
        "Configuration": lambda sides: _changed(sides.found.config, "key"),
        "Data": diff_data.blocks,
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
    """Which is better, and what to keep in mind of that."""
    return joined(_better(sides), *sides.found.notes)


def _better(sides: Sides) -> str:
    """The primary metric of both, and which is better."""
    found = sides.found
    metric = next((metric for metric in found.metrics if metric.name == f"test_{sides.primary}"), None)
    if metric is None or metric.a is None or metric.b is None:
        return f"A is {found.a.name}, B is {found.b.name}; not both were evaluated on test data"
    heads = {"a": "A is better: ", "b": "B is better: ", "equal": "Neither is better: "}
    of_b = joined_unit(number(metric.b, _DIGITS), sides.units.of_metric(sides.primary))
    values = f"{of_b} in B, and {number(metric.a, _DIGITS)} in A"
    unsure = "; their intervals overlap" if diff_figures.apart(sides) is False and metric.better in ("a", "b") else ""
    return f"{heads.get(metric.better or '', '')}{sides.primary} on the test data is {values}{unsure}"


def _verdict(sides: Sides) -> Iterator[Block]:
    yield Notice(_better(sides))
    yield from map(Text, sides.found.notes)
    pairs = [
        ("which", sides.found.a.name, sides.found.b.name),
        ("validation", sides.found.a.status or "not evaluated", sides.found.b.status or "not evaluated"),
        ("MLflow run", sides.a.run_id, sides.b.run_id),
        ("name", sides.a.name, sides.b.name),
        ("started", _when(sides.a), _when(sides.b)),
        ("estimator", *_tags(sides, "estimator_name")),
        ("profile", *_tags(sides, TAG_PROFILE)),
        ("git commit", *(commit[:_SHORT_COMMIT] for commit in _tags(sides, TAG_GIT_COMMIT))),
        ("git branch", *_tags(sides, TAG_GIT_BRANCH)),
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
    parts = {"Configuration": found.config, "Data": found.data, "Code": found.code, "Libraries": found.libraries}
    yield Facts([(name, _how_much(changes)) for name, changes in parts.items()])


def _how_much(changes: Sequence[Change] | None) -> str:
    if not changes:
        return "not known" if changes is None else "the same"
    names = [change.name for change in changes]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"differs: {', '.join(names[:_MOST_NAMED])}{more}"


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
    single = []
    for metric in metrics:
        part = next((name for name, prefix in parts.items() if metric.name.startswith(prefix)), None)
        if part is None:
            single.append((metric.name, *_pair(metric)))
        else:
            found.setdefault(metric.name.removeprefix(parts[part]), {})[part] = metric
    names = sorted(found, key=lambda name: name != primary)
    rows = [(name, *(cell for part in parts for cell in _pair(found[name].get(part)))) for name in names]
    if rows:
        yield Table(("other data", *(f"{letter}, {part}" for part in parts for letter in "AB")), rows)
    if single:
        yield Table(("other metrics", "A", "B"), single)


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


# What differs in what they do


def _errors(sides: Sides) -> Iterator[Block]:
    """What both get wrong: how the errors of each target are spread, or which classes are mistaken."""
    a, b = sides.a.figures.get("classes"), sides.b.figures.get("classes")
    if a and b:
        yield from diff_classes.blocks(a, b)
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
    parts = [diff_figures.shares(side.figures.get("importance") or {}) for side in (sides.a, sides.b)]
    if all(parts):
        yield from diff_figures.importance(*parts)

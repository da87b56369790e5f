"""Two classifiers side by side: confusion matrices, how well each class is recognized, ROC curves."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.classes import confusion_figure
from mlflow_recipes.cards.model import Figure, Table
from mlflow_recipes.cards.parts import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.cards.model import Block

_MOST_CLASSES = 20
_POINTS = 101
_SCORES = ("precision", "recall", "f1")


def blocks(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Block]:
    """What both do right and wrong on the test data of each.

    Args:
        a: What `modeling.class_diagnostics.figures` found of the first.
        b: Of the second.
    """
    for side, found in (("A", a), ("B", b)):
        yield confusion_figure(found, f"test data, {side}")
    yield from _each_class(*({one["class"]: one for one in found["per_class"]} for found in (a, b)))
    if a["positive"] is not None and a["positive"] == b["positive"] and a["roc"] and b["roc"]:
        yield _roc(str(a["positive"]), a["roc"], b["roc"])


def _each_class(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Block]:
    """F1 of each class as bars, the one that changed most in words, and the scores of each as a table."""
    names = list(dict.fromkeys([*a, *b]))
    known = [name for name in names if None not in (_f1(a, name), _f1(b, name))]
    reading = "How well each class is recognized."
    if known:
        most = max(known, key=lambda name: abs(a[name]["f1"] - b[name]["f1"]))
        reading += f" Changed most: {most}, from {number(a[most]['f1'], 3)} in A to {number(b[most]['f1'], 3)} in B."
    rows = [(name, _f1(a, name), _f1(b, name)) for name in names[:_MOST_CLASSES]]
    yield Figure("bars", "F1 score of each class", reading, ("class", "A", "B"), rows, "F1 score", "class")
    heads = ("class", *(f"{score}, {side}" for score in _SCORES for side in "AB"))
    cells = [
        (name, *(number((side.get(name) or {}).get(score), 4) for score in _SCORES for side in (a, b)))
        for name in names[:_MOST_CLASSES]
    ]
    yield Table(heads, cells)


def _f1(side: Mapping[str, Any], name: str) -> float | None:
    value: float | None = (side.get(name) or {}).get("f1")
    return value


def _roc(positive: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Figure:
    """Both curves at the same places."""
    places = [i / (_POINTS - 1) for i in range(_POINTS)]
    rows = [(x, _at(x, a["x"], a["y"][positive]), _at(x, b["x"], b["y"][positive])) for x in places]
    areas = [number(side["areas"][positive], 4) for side in (a, b)]
    reading = f"The area under the curve is {areas[0]} in A and {areas[1]} in B."
    heads = ("false positive rate", "A", "B")
    axes = "false positive rate", "true positive rate"
    return Figure("lines", f"ROC curves of {positive}", reading, heads, rows, *axes, diagonal=True)


def _at(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """A curve's value between two of its points.

    >>> _at(0.25, [0.0, 0.5, 1.0], [0.0, 0.8, 1.0])
    0.4
    """
    after = bisect_right(xs, x)
    if after == len(xs):
        return float(ys[-1])
    if after == 0:
        return float(ys[0])
    share = (x - xs[after - 1]) / (xs[after] - xs[after - 1])
    return float(ys[after - 1] + share * (ys[after] - ys[after - 1]))

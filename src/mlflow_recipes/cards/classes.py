"""Figures and tables of what a classifier does right and wrong, from what `modeling.class_diagnostics` found."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.model import Figure, Table, Text
from mlflow_recipes.cards.parts import number, percent
from mlflow_recipes.modeling.class_diagnostics import label_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_USUAL = 0.5  # the threshold where none is asked for
_MOST_BARS = 20
_MOST_LISTED = 200
_MOST_CONFUSED = 10
_DIGITS = 3


def confusion_figure(classes: Mapping[str, Any], part: str) -> Figure:
    """How many rows of each class were predicted as which.

    Args:
        classes: All diagnostics.
        part: Of which data, such as "test data".
    """
    labels, counts = classes["confusion"]["labels"], classes["confusion"]["counts"]
    rows = [(labels[i], labels[j], count) for i, row in enumerate(counts) for j, count in enumerate(row)]
    total, right = sum(map(sum, counts)), sum(counts[i][i] for i in range(len(labels)))
    reading = f"{percent(100 * right / (total or 1))} of {total:,} rows are right."
    if confused := _confused(classes):
        actual, predicted, count, share = confused[0]
        reading += f" Most often mistaken: {actual} for {predicted}, {count:,} times ({share} of the rows of {actual})."
    heads = ("actual", "predicted", "rows")
    return Figure("matrix", f"Confusion matrix, {part}", reading, heads, rows, "predicted", "actual")


def _confused(classes: Mapping[str, Any]) -> list[tuple[str, str, int, str]]:
    """Actual class, predicted class, how often, and the share of the actual class's rows; the most frequent first."""
    labels, counts = classes["confusion"]["labels"], classes["confusion"]["counts"]
    found = [
        (labels[i], labels[j], count, percent(100 * count / sum(row)))
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if count and i != j
    ]
    return sorted(found, key=lambda each: -each[2])


def class_blocks(classes: Mapping[str, Any]) -> Iterator[Figure | Table]:
    """How well each class is recognized, and which are taken for which."""
    each = classes["per_class"]
    scores = ("precision", "recall", "f1")
    ranked = sorted(each, key=lambda one: one["f1"] if one["f1"] is not None else -1)
    worst, best = ranked[0], ranked[-1]
    reading = (
        f"Recognized worst is {worst['class']}, with an F1 score of {_score(worst['f1'])} on {worst['rows']:,} rows; "
        f"best {best['class']}, with {_score(best['f1'])} on {best['rows']:,}."
    )
    rows = [(one["class"], *(one[name] for name in scores)) for one in ranked[:_MOST_BARS]]
    yield Figure("bars", "How well each class is recognized", reading, ("class", *scores), rows, "score", "class")
    names = ["class", "rows", "predicted", *scores, "roc_auc"]
    scored = any(one["roc_auc"] is not None for one in each)
    shown = names if scored else names[:-1]
    yield Table(shown, [[_cell(one[name]) for name in shown] for one in each], "Rows of each class, and scores of it")
    if len(classes["confusion"]["labels"]) > 2 and (confused := _confused(classes)[:_MOST_CONFUSED]):
        cells = [(actual, predicted, number(count), share) for actual, predicted, count, share in confused]
        heads = ("class", "taken for", "rows", "share of the class")
        yield Table(heads, cells, "What is mistaken for what, most often first")


def threshold_blocks(threshold: Mapping[str, Any], positive: str) -> Iterator[Text | Figure]:
    """The decision threshold that the recipe asks for, and what was tried on the validation data to find it.

    Args:
        threshold: The fact of that name of `train`.
        positive: The positive class.
    """
    value = number(threshold["value"], 4)
    yield Text(f"A row is predicted as {positive} where its score is at least {value}.")
    if threshold["curve"]:
        aim = str(threshold["by"])
        reading = f"To {aim} on the validation data, {value} is best, with {number(threshold['measured'], 4)}."
        rows = list(map(tuple, threshold["curve"]))
        marks = [("chosen", threshold["value"])]
        what = aim.partition(" ")[2] or aim
        yield Figure("lines", f"{what} by threshold", reading, ("threshold", what), rows, "threshold", what, marks)


def rebalancing_table(rebalanced: Mapping[str, Any]) -> Table:
    """How many rows of each class there are, and how many of them were fitted on."""
    before, after = rebalanced["before"], rebalanced["after"]
    labels = label_texts(list(before))
    rows = [
        (label, number(before[name]), number(after.get(name, 0)))
        for label, name in list(zip(labels, before, strict=True))[:_MOST_LISTED]
    ]
    how = "with class weights that make up for it" if rebalanced.get("class_weight") else "without class weights"
    return Table(("class", "training rows", "fitted on"), rows, f"Rebalanced, {how}")


def split_blocks(classes: Mapping[str, Any]) -> tuple[Figure, Table]:
    """How the classes are spread over the splits.

    Args:
        classes: The fact of that name of `split`: "labels", and "counts", split -> rows of each.
    """
    labels, counts = label_texts(classes["labels"]), classes["counts"]
    ranked = sorted(range(len(labels)), key=lambda code: -sum(rows[code] for rows in counts.values()))
    totals = {split: sum(rows) or 1 for split, rows in counts.items()}
    shares = {split: [100 * count / totals[split] for count in rows] for split, rows in counts.items()}
    most = ranked[0]
    told = ", ".join(f"{percent(each[most])} in {split}" for split, each in shares.items())
    reading = f"The most frequent class is {labels[most]}: {told}."
    if len(ranked) > _MOST_BARS:
        reading += f" The {_MOST_BARS} most frequent of {len(ranked):,} classes."
    rows = [(labels[code], *(each[code] for each in shares.values())) for code in ranked[:_MOST_BARS]]
    heads = ("class", *counts)
    figure = Figure("bars", "Classes in each split", reading, heads, rows, "share of rows (%)", "class")
    cells = [
        (labels[code], *(f"{number(counts[split][code])} ({percent(shares[split][code])})" for split in counts))
        for code in ranked[:_MOST_LISTED]
    ]
    return figure, Table(heads, cells, "Rows of each class")


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(value, 4)


def _score(value: float | None) -> str:
    return "unknown" if value is None else number(value, _DIGITS)


def score_figures(classes: Mapping[str, Any], threshold: Mapping[str, Any] | None) -> Iterator[Figure]:
    """Curves, calibration and the like; nothing of a classifier without scores.

    Args:
        classes: All diagnostics.
        threshold: The fact of that name of `train`; None where the usual one is used.
    """
    positive = classes["positive"]
    if classes["roc"]:
        yield _roc(classes, positive)
    if classes["precision_recall"]:
        yield _precision_recall(classes, positive)
    if classes["calibration"]:
        yield calibration_figure(classes)
    if classes["scores"]:
        yield _scores(classes["scores"], positive)
    if classes["thresholds"]:
        yield _thresholds(classes["thresholds"], positive, threshold)
    if classes["gain"]:
        yield _gain(classes["gain"], positive)


def _roc(classes: Mapping[str, Any], positive: str | None) -> Figure:
    curves = classes["roc"]
    reading = (
        f"The area under the curve is {_areas(curves['areas'])}; a guess has 0.5, and runs along the line of equal "
        f"values.{_how_many(curves, classes)}"
    )
    heads = ("false positive rate", *_series(curves["y"], positive))
    axes = "false positive rate", "true positive rate"
    title = f"ROC curve of {positive}" if positive is not None else "ROC curves, each class against the rest"
    return Figure("lines", title, reading, heads, _rows(curves), *axes, diagonal=True)


def _precision_recall(classes: Mapping[str, Any], positive: str | None) -> Figure:
    curves = classes["precision_recall"]
    reading = f"The average precision is {_areas(curves['areas'])}.{_how_many(curves, classes)}"
    if positive is None:
        heads, title = ("recall", *curves["y"]), "Precision and recall of each class"
        return Figure("lines", title, reading, heads, _rows(curves), "recall", "precision")
    share = curves["shares"][positive]
    reading += f" A guess has {number(share, _DIGITS)}, the share of {positive}."
    rows = [(*row, share) for row in _rows(curves)]
    title, heads = f"Precision and recall of {positive}", ("recall", "model", "a guess")
    return Figure("lines", title, reading, heads, rows, "recall", "precision")


def _rows(curves: Mapping[str, Any]) -> list[tuple[float, ...]]:
    return list(zip(curves["x"], *curves["y"].values(), strict=True))


def _how_many(curves: Mapping[str, Any], classes: Mapping[str, Any]) -> str:
    shown, all_of_them = len(curves["y"]), classes["classes"]
    few = classes["positive"] is None and shown < all_of_them
    return f" The {shown} most frequent of {all_of_them:,} classes." if few else ""


def _series(curves: Mapping[str, Any], positive: str | None) -> Sequence[str]:
    return ("model",) if positive is not None else tuple(curves)


def _areas(areas: Mapping[str, float]) -> str:
    """One area, or those of the worst and the best class."""
    if len(areas) == 1:
        return number(next(iter(areas.values())), 4)
    worst, best = min(areas, key=lambda name: areas[name]), max(areas, key=lambda name: areas[name])
    return f"{number(areas[worst], 4)} for {worst} (the worst) to {number(areas[best], 4)} for {best} (the best)"


def calibration_figure(classes: Mapping[str, Any]) -> Figure:
    """How often what is given a score comes true."""
    found, positive = classes["calibration"], classes["positive"]
    what = "the predicted class" if positive is None else positive
    reading = (
        f"Scores of {what} are off by {number(found['error'], _DIGITS)} on average; the Brier score is "
        f"{number(found['brier'], _DIGITS)}. On the line of equal values they are probabilities."
    )
    axes = f"mean score of {what}", "share that came true"
    rows = list(zip(found["predicted"], found["observed"], strict=True))
    heads = ("mean score", "share that came true")
    return Figure("lines", "Calibration of scores", reading, heads, rows, *axes, diagonal=True)


def calibration_table(classes: Mapping[str, Any]) -> Table:
    """The same in numbers."""
    found = classes["calibration"]
    columns = ([number(value, 4) for value in found[name]] for name in ("rows", "predicted", "observed"))
    heads = ("rows", "mean score", "share that came true")
    return Table(heads, list(zip(*columns, strict=True)), "Calibration, by tenths of the score")


def _scores(scores: Mapping[str, Any], positive: str | None) -> Figure:
    counts = scores["counts"]
    totals = {name: sum(each) for name, each in counts.items()}
    shown = {name: each for name, each in counts.items() if totals[name]}
    shares = [[100 * count / totals[name] for count in each] for name, each in shown.items()]
    rows = [
        (*span, *each)
        for span, each in zip(itertools.pairwise(scores["edges"]), zip(*shares, strict=True), strict=True)
    ]
    heads = ("score from", "to", *shown)
    if positive is not None:
        title, axis = f"Scores for {positive} by actual class", f"score for {positive}"
        reading = "The less the classes overlap, the better they are told apart."
    else:
        title, axis = "Scores of the predicted class", "score"
        wrong = totals.get("wrong", 0)
        reading = f"How sure the model is where it is right, and on the {wrong:,} rows where it is wrong."
    return Figure("histogram", title, reading, heads, rows, axis, "share of rows (%)")


def _thresholds(metrics: Mapping[str, Sequence[float]], positive: str, threshold: Mapping[str, Any] | None) -> Figure:
    names = ("precision", "recall", "f1", "accuracy")
    rows = list(zip(metrics["threshold"], *(metrics[name] for name in names), strict=True))
    used = threshold["value"] if threshold else _USUAL
    best = max(range(len(rows)), key=lambda place: metrics["f1"][place])
    reading = (
        f"Rows are taken for {positive} from a score of {number(used, _DIGITS)} on. On these rows F1 would be highest, "
        f"{number(metrics['f1'][best], _DIGITS)}, from {number(metrics['threshold'][best], 2)} on."
    )
    marks = [("in use", used)]
    heads = ("threshold", *names)
    return Figure("lines", "Metrics by decision threshold", reading, heads, rows, "threshold", "score", marks)


def _gain(gain: Mapping[str, Sequence[float]], positive: str) -> Figure:
    rows = list(zip(gain["rows"], gain["found"], strict=True))
    tenth = max(found for share, found in rows if share <= 0.1)
    reading = (
        f"Among the tenth of the rows with the largest scores are {percent(100 * tenth)} of all {positive}; a guess "
        "would find as many as it looks at."
    )
    axes = "share of rows, largest scores first", f"share of all {positive} found"
    heads = ("rows", "found")
    return Figure("lines", "Cumulative gain", reading, heads, rows, *axes, diagonal=True)

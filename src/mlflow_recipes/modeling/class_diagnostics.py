"""What a classifier does right and wrong, as small tables: confusion, curves, calibration, scores, thresholds.

All is plain JSON data. Of many classes the most frequent are shown. Scores are taken as probabilities. A curve is that
of the positive class; of several classes, those of each class against the rest.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from mlflow_recipes.modeling.class_areas import roc_auc
from mlflow_recipes.modeling.class_metrics import confusion

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    Parts = dict[str, tuple[np.ndarray, np.ndarray]]  # class -> whether each row is of it, and its score

OTHERS = "(others)"
MOST_CLASSES = 30  # of the confusion matrix
MOST_LISTED = 200
MOST_CURVES = 6
POINTS = 200
_GRID = 101
_BINS = 10
_SCORE_BINS = 20
_LONGEST = 100


def figures(labels: Sequence[Any], actual: np.ndarray, predicted: np.ndarray, positive: int | None) -> dict[str, Any]:
    """All of them.

    Args:
        labels: The classes, in the order of their codes.
        actual: Shape (rows,), codes; at least one row.
        predicted: Shape (rows, 1 + classes): codes, then scores; NaN where there are none.
        positive: The code of the positive class; None for several classes.

    Returns:
        "labels" (as text, in the order of codes), "classes" (how many), "positive" (a label, or None), "confusion",
        "per_class"; and "roc", "precision_recall", "calibration", "scores", "thresholds", "gain", None without scores;
        the last two are of a positive class only.
    """
    import numpy as np

    names = label_texts(labels)
    counts = confusion(actual, predicted[:, 0], len(names))
    scored = not np.isnan(predicted[0, 1])
    shown = [positive] if positive is not None else _most_frequent(counts, MOST_CURVES)
    parts = {names[code]: (actual == code, predicted[:, 1 + code]) for code in shown} if scored else {}
    parts = {name: part for name, part in parts.items() if 0 < part[0].sum() < len(actual)}
    told = _told(actual, predicted, positive)
    single = next(iter(parts.values())) if positive is not None and parts else None
    return {
        "labels": names[:MOST_LISTED],
        "classes": len(names),
        "positive": None if positive is None else names[positive],
        "confusion": _shown_confusion(names, counts),
        "per_class": _per_class(names, counts, (actual, predicted) if scored else None),
        "roc": _roc(parts) if parts else None,
        "precision_recall": _precision_recall(parts) if parts else None,
        "calibration": _calibration(*told) if scored else None,
        "scores": _scores(names, actual, told, positive) if scored else None,
        "thresholds": _by_threshold(*single) if single else None,
        "gain": _gain(*single) if single else None,
    }


def label_texts(labels: Sequence[Any]) -> list[str]:
    """Labels as texts, cut where they are long; those that would be the same are numbered.

    >>> label_texts([True, "no", "x" * 101])[:2]
    ['True', 'no']
    """
    seen: Counter[str] = Counter()
    texts = []
    for label in labels:
        text = str(label)
        text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
        seen[text] += 1
        texts.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return texts


def _most_frequent(counts: np.ndarray, most: int) -> list[int]:
    """The codes of the classes with the most rows, actual and predicted, in their order."""
    import numpy as np

    rows = counts.sum(axis=0) + counts.sum(axis=1)
    return sorted(np.argsort(-rows, kind="stable")[:most].tolist())


# Labels


def _shown_confusion(names: Sequence[str], counts: np.ndarray) -> dict[str, Any]:
    """Its "labels", and "counts": for each actual class how many rows were predicted as which."""
    import numpy as np

    if len(names) <= MOST_CLASSES:
        return {"labels": list(names), "counts": counts.tolist()}
    kept = _most_frequent(counts, MOST_CLASSES - 1)
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    smaller = np.zeros((len(kept) + 1, len(kept) + 1), dtype=counts.dtype)
    np.add.at(smaller, (place[:, None], place[None, :]), counts)
    return {"labels": [*(names[code] for code in kept), OTHERS], "counts": smaller.tolist()}


def _per_class(
    names: Sequence[str], counts: np.ndarray, scored: tuple[np.ndarray, np.ndarray] | None
) -> list[dict[str, Any]]:
    """For each class "class", "rows" (that are of it), "predicted" (as it), "precision", "recall", "f1", "roc_auc"."""
    import numpy as np

    right, said, there = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {"precision": right / said, "recall": right / there, "f1": 2 * right / (said + there)}
    found = []
    for code in _most_frequent(counts, MOST_LISTED):
        each = {"class": names[code], "rows": int(there[code]), "predicted": int(said[code])}
        each |= {name: _plain(values[code]) for name, values in shares.items()}
        area = roc_auc(scored[0] == code, scored[1][:, 1 + code]) if scored and len(names) <= MOST_CLASSES else np.nan
        found.append({**each, "roc_auc": _plain(area)})
    return found


# Scores


def _roc(parts: Parts) -> dict[str, Any]:
    """On "x" the share of other rows that are taken for a class; on "y", class -> share of its rows that are."""
    import numpy as np
    from sklearn.metrics import auc, roc_curve

    curves = {name: roc_curve(is_it, score)[:2] for name, (is_it, score) in parts.items()}
    areas = {name: _plain(auc(*curve)) for name, curve in curves.items()}
    if len(curves) == 1:
        return {**_single(curves), "areas": areas}
    x = np.linspace(0, 1, _GRID)
    return {
        "x": _listed(x),
        "y": {name: _listed(np.interp(x, *curve)) for name, curve in curves.items()},
        "areas": areas,
    }


def _precision_recall(parts: Parts) -> dict[str, Any]:
    """On "x" the recall, on "y", class -> precision; "areas": average precision; "shares": of rows of a class."""
    import numpy as np
    from sklearn.metrics import precision_recall_curve

    curves, areas = {}, {}
    for name, (is_it, score) in parts.items():
        precision, recall, _ = precision_recall_curve(is_it, score)
        curves[name] = recall[::-1], precision[::-1]
        areas[name] = _plain(-np.sum(np.diff(recall) * precision[:-1]))  # as scikit-learn's average precision
    told = {"areas": areas, "shares": {name: _plain(is_it.mean()) for name, (is_it, _) in parts.items()}}
    if len(curves) == 1:
        return {**_single(curves), **told}
    x = np.linspace(0, 1, _GRID)  # no straight lines between points: they would promise too much
    steps = {name: precision[np.searchsorted(recall, x)] for name, (recall, precision) in curves.items()}
    return {"x": _listed(x), "y": {name: _listed(values) for name, values in steps.items()}, **told}


def _single(curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    """A curve with as many points as can be seen."""
    [(name, (x, y))] = curves.items()
    chosen = thinned(x, y)
    return {"x": _listed(x[chosen]), "y": {name: _listed(y[chosen])}}


def thinned(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The positions of at most 200 points of a curve, evenly spaced along it; the first and the last among them."""
    import numpy as np

    if len(x) <= POINTS:
        return np.arange(len(x))
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.searchsorted(along, np.linspace(0, along[-1], POINTS - 1))
    return np.unique(np.append(np.minimum(wanted, len(x) - 1), len(x) - 1))


def _calibration(is_right: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """By tenths of the score: "predicted", its mean; "observed", the share of rows where it came true; "rows".

    "brier" is the mean squared distance of the score from 0 or 1 (Brier, "Verification of forecasts expressed in terms
    of probability", Monthly Weather Review 78, 1950); "error" the mean distance of predicted from observed, weighted by
    rows.
    """
    import numpy as np

    bins = np.clip((score * _BINS).astype(np.int64), 0, _BINS - 1)
    rows = np.bincount(bins, minlength=_BINS)
    filled = rows > 0
    predicted, observed = (np.bincount(bins, v, minlength=_BINS)[filled] / rows[filled] for v in (score, is_right))
    return {
        "predicted": _listed(predicted),
        "observed": _listed(observed),
        "rows": rows[filled].tolist(),
        "brier": _plain(np.square(score - is_right).mean()),
        "error": _plain(np.average(np.abs(predicted - observed), weights=rows[filled])),
    }


def _told(actual: np.ndarray, predicted: np.ndarray, positive: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Whether what a score says came true, and that score: of the positive class, else of the predicted one.

    Of several classes that is top-label calibration (Guo et al., "On calibration of modern neural networks", ICML
    2017).
    """
    import numpy as np

    if positive is not None:
        return actual == positive, predicted[:, 1 + positive]
    codes = predicted[:, :1].astype(np.int64)
    return predicted[:, 0] == actual, np.take_along_axis(predicted[:, 1:], codes, axis=1)[:, 0]


def _scores(names: Sequence[str], actual: np.ndarray, told: tuple[np.ndarray, np.ndarray], positive: int | None) -> Any:
    """How these scores are spread: "edges", and "counts": class, or "right" and "wrong" -> rows in each bin."""
    import numpy as np

    is_right, score = told
    kinds = {"right": is_right, "wrong": ~is_right}
    if positive is not None:
        kinds = {names[code]: actual == code for code in range(len(names))}
    edges = np.linspace(0, 1, _SCORE_BINS + 1)
    counts = {name: np.histogram(score[chosen].clip(0, 1), edges)[0].tolist() for name, chosen in kinds.items()}
    return {"edges": _listed(edges), "counts": counts}


def _by_threshold(is_positive: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
    """Metrics where every row is taken for positive whose score reaches a threshold: each hundredth from 0 to 1."""
    import numpy as np

    thresholds = np.linspace(0, 1, _GRID)
    positives = int(is_positive.sum())
    said = len(score) - np.searchsorted(np.sort(score), thresholds)
    right = positives - np.searchsorted(np.sort(score[is_positive]), thresholds)
    return {
        "threshold": _listed(thresholds),
        "precision": _listed(np.where(said > 0, right / np.maximum(said, 1), 0.0)),
        "recall": _listed(right / positives),
        "f1": _listed(2 * right / (said + positives)),
        "accuracy": _listed((len(score) - positives - said + 2 * right) / len(score)),
        "share": _listed(said / len(score)),
    }


def _gain(is_positive: np.ndarray, score: np.ndarray) -> dict[str, list[float]]:
    """Which share of all positive rows is among the rows with the largest scores: "rows" and "found", shares of all."""
    import numpy as np

    found = np.append(0, np.cumsum(is_positive[np.argsort(-score, kind="stable")])) / is_positive.sum()
    rows = np.arange(len(found)) / len(score)
    chosen = thinned(rows, found)
    return {"rows": _listed(rows[chosen]), "found": _listed(found[chosen])}


def _plain(value: float) -> float | None:
    import numpy as np

    return float(f"{value:.7g}") if np.isfinite(value) else None


def _listed(values: np.ndarray) -> list[float]:
    """Numbers with seven significant digits: enough to draw."""
    return [float(f"{value:.7g}") for value in values]

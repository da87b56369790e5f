"""Small reports about a fitted model, as plain data: best parameters, worst predictions, leaderboard."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.columns import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

WORST_ROWS = 10


def best_parameters(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of best_parameters.yaml: a commented section each, empty ones left out, values as text.

    NumPy numbers stay numbers, everything else becomes a string, as in 2.22.
    """
    import numpy as np
    import yaml

    def plain(value: Any) -> Any:
        return value.item() if isinstance(value, np.integer | np.floating) else str(value)

    parts = []
    for caption, params in sections.items():
        if params:
            values = {name: plain(value) for name, value in params.items()}
            parts.append(f"# {caption}\n{yaml.safe_dump(values, default_flow_style=False)}\n")
    return "".join(parts)


def worst_predictions(features: pd.DataFrame, target: pd.Series | pd.DataFrame, predictions: Any) -> dict[str, Any]:
    """The rows with the largest absolute error, as text; of several targets, the largest mean over them.

    Args:
        features: Shape (rows, columns).
        target: Shape (rows,) or (rows, targets).
        predictions: Likewise.

    Returns:
        {"columns": [absolute_error, prediction, target, features...], "rows": [[...], ...]}, at most ten rows; of
        several targets, a prediction and a target for each.
    """
    import numpy as np

    several = list(target.columns) if target.ndim == 2 else []
    predicted, actual = (np.asarray(values, dtype=float).reshape(len(target), -1) for values in (predictions, target))
    errors = _absolute_errors(target, predictions)
    worst = worst_rows(target, predictions, WORST_ROWS)
    shown = features.iloc[worst]
    numbers = np.column_stack([errors, np.stack([predicted, actual], axis=2).reshape(len(target), -1)])
    rows = [
        [*(_amount(number) for number in numbers[i]), *(_cell(value) for value in row)]
        for i, row in zip(worst, shown.itertuples(index=False, name=None), strict=True)
    ]
    names = [f"{kind}_{name}" for name in several for kind in ("prediction", "target")] or ["prediction", "target"]
    return {"columns": ["absolute_error", *names, *map(str, features.columns)], "rows": rows}


def worst_classified(
    features: pd.DataFrame, labels: tuple[Any, Any], predicted: np.ndarray, losses: np.ndarray
) -> dict[str, Any]:
    """The rows that were classified worst, as text.

    Args:
        features: Shape (rows, columns).
        labels: The actual and the predicted label of each row, as texts.
        predicted: The score of each row's own class, shape (rows,); NaN without scores.
        losses: What they are ordered by, the largest first, shape (rows,); rows with 0 are not among them.

    Returns:
        {"columns": [score of target, prediction, target, features...], "rows": [[...], ...]}, at most ten rows.
    """
    import numpy as np

    worst = [i for i in np.argsort(-losses, kind="stable")[:WORST_ROWS].tolist() if losses[i] > 0]
    scored = bool(len(predicted)) and not np.isnan(predicted[0])
    rows = [
        [
            *([_amount(float(predicted[i]))] if scored else []),
            *(_cell(each[i]) for each in reversed(labels)),
            *(_cell(value) for value in row),
        ]
        for i, row in zip(worst, features.iloc[worst].itertuples(index=False, name=None), strict=True)
    ]
    score = ["score of target"] if scored else []
    return {"columns": [*score, "prediction", "target", *map(str, features.columns)], "rows": rows}


def _amount(number: float) -> str:
    return f"{number:,.0f}" if 1000 <= abs(number) < 1e15 else f"{number:.4g}"


def _cell(value: Any) -> str:
    """A value as short as previews show it; what is missing as nothing."""
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return text_of(float(value) if pd.api.types.is_float(value) else value)[:100]


def worst_rows(target: pd.Series | pd.DataFrame, predictions: Any, count: int) -> np.ndarray:
    """The positions of the rows with the largest absolute error, the largest first, shape (count,) or less."""
    import numpy as np

    return np.argsort(-_absolute_errors(target, predictions), kind="stable")[:count]


def _absolute_errors(target: pd.Series | pd.DataFrame, predictions: Any) -> np.ndarray:
    """Of each row; of several targets, the mean over them."""
    import numpy as np

    predicted, actual = (np.asarray(values, dtype=float).reshape(len(target), -1) for values in (predictions, target))
    errors: np.ndarray = np.abs(predicted - actual).mean(axis=1)
    return errors


CURVE_POINTS = 200


def thinned(curves: Mapping[str, Sequence[float]], best: int | None) -> dict[str, list[list[float]]]:
    """Curves as [round, value] pairs: at most 200 of each, evenly spaced from first to last, and the best round."""
    import numpy as np

    shown = {}
    for name, values in curves.items():
        even = np.linspace(0, len(values) - 1, min(len(values), CURVE_POINTS)).round()
        rounds = sorted({*even.astype(int).tolist(), *([] if best is None else [best])})
        shown[name] = [[i, float(values[i])] for i in rounds]
    return shown


def leaderboard(runs: Sequence[Mapping[str, Any]], run_id: str, metric: str) -> dict[str, Any]:
    """The best runs of the experiment, this one marked.

    Args:
        runs: Best first: run_id, name, estimator, start (ms since the epoch), metrics.
        run_id: The run that is being trained.
        metric: The metric they are ordered by.

    Returns:
        "columns", "rows" of texts, and "run_ids", one a row.
    """
    shown = [name for name in (runs[0]["metrics"] if runs else {}) if name.startswith("val_")]
    columns = ["rank", "run", "estimator", "started (UTC)", metric, *sorted(name for name in shown if name != metric)]
    rows = []
    for rank, run in enumerate(runs, start=1):
        started = datetime.fromtimestamp(run["start"] / 1000, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        mark = " (this run)" if run["run_id"] == run_id else ""
        values = [f"{run['metrics'][name]:.6g}" if name in run["metrics"] else "" for name in columns[4:]]
        rows.append([str(rank), f"{run['name'] or run['run_id']}{mark}", run["estimator"], started, *values])
    return {"columns": columns, "rows": rows, "run_ids": [run["run_id"] for run in runs]}

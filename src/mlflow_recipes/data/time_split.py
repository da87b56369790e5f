"""Dividing rows by time: training before validation before test; rows of one time stay together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.division import KEY, LEFT_OUT, TEST, TRAINING, VALIDATION, Division, Rows, only, placed_rows
from mlflow_recipes.data.times import moment_text, read_times
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    from mlflow_recipes.config.splits import Split
    from mlflow_recipes.data.times import Times


def by_time(rows: Rows, options: Split) -> Division:
    """Training before validation before test; rows of one time stay together."""
    import numpy as np

    times = read_times(rows.table, str(options.column), KEY)
    placed, left_out = placed_rows(rows, times.missing, times.name)
    values = times.values[placed]
    first, last = values.min(), values.max()
    if options.cut_points is not None:
        starts = [times.at(moment) for moment in options.cut_points]
        _check_inside(options, times, starts, (first, last))
    else:
        starts = [_boundary(values, share).item() for share in options.shares]
    gap = times.width(options.gap_width)
    in_order = [times.values < starts[0] - gap, times.values < starts[0]]
    in_order += [times.values < starts[1] - gap, times.values < starts[1]]
    parts = only(placed, np.select(in_order, [TRAINING, LEFT_OUT, VALIDATION, LEFT_OUT], TEST))
    if gap:
        left_out["in the gap"] = int((parts[placed] == LEFT_OUT).sum())
    shown = [times.text(start) for start in starts]
    facts = {"column": times.name, "cut_points": shown, "gap": str(options.gap) if gap else None}
    why = (
        f"The times in '{times.name}' go from {times.text(first)} to {times.text(last)}; validation begins at "
        f"{shown[0]}, test at {shown[1]}{f', each after a gap of {options.gap}' if gap else ''}."
    )
    change = "`cut_points`" if options.cut_points is not None else "`split_ratios`"
    return Division(parts, left_out, facts, why, f"Change {change}{' or `gap`' if gap else ''}, or ingest more rows.")


def _check_inside(options: Split, times: Times, starts: list[Any], span: tuple[Any, Any]) -> None:
    for moment, start in zip(options.cut_points or (), starts, strict=True):
        if not span[0] < start <= span[1]:
            side = "after the last" if start > span[1] else "not after the first"
            raise DataError(
                f"The cut point {moment_text(moment)} is {side} of the times in '{times.name}', which go from "
                f"{times.text(span[0])} to {times.text(span[1])}.",
                where="steps.split.cut_points",
                hint="Choose one between them.",
            )


def _boundary(values: np.ndarray, share: float) -> Any:
    """The value from which on the later rows come, so that about a share of all rows is before it."""
    import numpy as np

    wanted = min(max(round(share * len(values)), 1), len(values) - 1)
    found = np.partition(values, wanted)[wanted]
    below, up_to = int((values < found).sum()), int((values <= found).sum())
    if up_to < len(values) and (below == 0 or up_to - wanted < wanted - below):
        return values[values > found].min()
    return found

"""A `Figure` as SVG, and as a file of its data. Each form is one function from a figure to a picture.

Matplotlib places and draws the data, and divides the axes. Pictures are small, so that their texts can be read on a
phone, and stand beside one another on a wide page. Imported only where something is drawn, since Matplotlib takes
longer to import than to draw.

- scale: numbers on an axis          - numeric: histogram, lines, points, grid
- picture: what is drawn on          - labelled: bars, ranges
- frame: what surrounds the data     - matrix, parallel
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import TYPE_CHECKING

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.plots.labelled import bars, ranges
from mlflow_recipes.cards.plots.matrix import matrix
from mlflow_recipes.cards.plots.numeric import grid, histogram, lines, points
from mlflow_recipes.cards.plots.parallel import parallel

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow_recipes.cards.model import Figure
    from mlflow_recipes.cards.plots.picture import Picture

_FORMS: dict[str, Callable[[Figure], Picture]] = {
    "histogram": histogram,
    "lines": lines,
    "points": points,
    "bars": bars,
    "ranges": ranges,
    "grid": grid,
    "matrix": matrix,
    "parallel": parallel,
}


@lru_cache(256)
def svg(figure: Figure) -> str:
    """The figure as an SVG element to be put into a page; every text of it is escaped.

    Raises:
        KeyError: Its form is unknown.
    """
    return canvas.drawn(_FORMS[figure.form](figure).drawing)


def data_file(figure: Figure) -> str:
    """The data of a figure as CSV; texts that a spreadsheet would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[_harmless(cell) for cell in row] for row in (figure.columns, *figure.rows)])
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

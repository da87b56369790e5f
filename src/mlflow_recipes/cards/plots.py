"""A `Figure` as SVG, and as a file of its data. Each form is one function that draws on Matplotlib axes.

Figures are small, so that their texts can be read on a phone, and stand beside one another on a wide page. Imported
only where something is drawn, since Matplotlib takes longer to import than to draw.
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from typing import TYPE_CHECKING

from mlflow_recipes.cards import canvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from mlflow_recipes.cards.model import Figure

WIDTH, HEIGHT = 400, 270  # points, which are pixels in a page
_SMALL, _TEXT = 10.5, 11.5  # font sizes


@lru_cache(256)
def svg(figure: Figure) -> str:
    """The figure as an SVG element to be put into a page; every text of it is escaped.

    Raises:
        KeyError: Its form is unknown.
    """
    from matplotlib.figure import Figure as Drawing

    draw = _FORMS[figure.form]
    drawing = Drawing(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72, facecolor="none")
    axes = drawing.add_axes((0.14, 0.2, 0.83, 0.74), facecolor="none")
    _plain(axes)
    draw(axes, figure)
    _titled(axes, figure)
    return canvas.drawn(drawing)


def data_file(figure: Figure) -> str:
    """The data of a figure as CSV; texts that a spreadsheet would take for a formula begin with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[_harmless(cell) for cell in row] for row in (figure.columns, *figure.rows)])
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _plain(axes: Axes) -> None:
    """Axes without what says nothing: thin lines to read values off, no frame."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(canvas.SOFT)
    axes.tick_params(colors=canvas.SOFT, labelsize=_SMALL, length=0, pad=4)
    axes.grid(axis="y", color=canvas.LINE, linewidth=1)
    axes.set_axisbelow(True)


def _titled(axes: Axes, figure: Figure) -> None:
    axes.set_xlabel(figure.x, color=canvas.SOFT, fontsize=_TEXT, labelpad=6)
    axes.set_ylabel(figure.y, color=canvas.SOFT, fontsize=_TEXT, labelpad=6)


def _histogram(axes: Axes, figure: Figure) -> None:
    edges = [*(row[0] for row in figure.rows), figure.rows[-1][1]]
    for place, _ in enumerate(figure.columns[2:]):
        counts = [row[2 + place] or 0 for row in figure.rows]
        axes.stairs(counts, edges, fill=not place, color=canvas.SERIES[place], linewidth=1.5)  # type: ignore[arg-type]


_FORMS: dict[str, Callable[[Axes, Figure], None]] = {"histogram": _histogram}

"""A picture to draw on, measured in pixels from its upper left corner, and what surrounds the data of a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure as Drawing
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from mlflow_recipes.cards import canvas
from mlflow_recipes.cards.canvas import Label, Labels
from mlflow_recipes.cards.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from mlflow_recipes.cards.plots.scale import Numbers, Scale

WIDTH = 400  # pixels; a phone's
SMALL, TEXT = 11, 12  # font sizes
ROW = 17  # height of a line of text
DASHES: tuple[Any, ...] = ("-", (0, (5, 2.5)), (0, (1.5, 2)), (0, (8, 2, 1.5, 2)), (0, (3, 1.5)), (0, (10, 3)))
_EDGE = 3
_SIGN = 22  # from the sign of a legend to its text
_LONGEST = 200
# Around a place, 1 pixel large: a disc is the end of a line without length.
_SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.1, 0.85), (-1.1, 0.85)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "wedge": ((0, 1.2), (1.1, -0.85), (-1.1, -0.85)),
    "bar": ((-0.35, -1.2), (0.35, -1.2), (0.35, 1.2), (-0.35, 1.2)),
}
SHAPES = ("disc", *_SHAPES)


@dataclass(frozen=True)
class Look:
    """How a path is drawn.

    Attributes:
        fill: Whether it is an area.
        width: Of its line, in pixels; 0 for an area without.
    """

    color: str
    fill: bool = False
    width: float = 1.5
    dash: Any = "-"
    opacity: float = 1.0


@dataclass(frozen=True)
class Entry:
    """An entry of the legend; `sign` is line, area or a shape."""

    text: str
    look: Look
    sign: str = "line"


@dataclass(frozen=True)
class Area:
    """Where the data are, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


class Picture:
    """A drawing of so many pixels."""

    def __init__(self, high: float, wide: float = WIDTH) -> None:
        self.wide, self.high = wide, high
        self.drawing = Drawing(figsize=(wide / 72, high / 72), dpi=72, facecolor="none")
        self.drawing.set_layout_engine("none")
        self._pixels = Affine2D().scale(1, -1).translate(0, high)
        self._labels = Labels()
        self.drawing.add_artist(self._labels)

    def write(self, label: Label) -> None:
        """Write a text."""
        self._labels.labels.append(label)

    def path(self, points: Sequence[tuple[float, float]] | Numbers, look: Look, *, starts: int = 0) -> None:
        """Draw a path through pixels; with `starts`, one that begins anew after so many points and closes each time."""
        once = [Path.MOVETO, *[Path.LINETO] * (starts - 1)]
        path = Path(points, once * (len(points) // starts) if starts else None)
        path.should_simplify = not starts
        self.drawing.add_artist(patch(path, look, self._pixels))

    def shapes(self, places: Numbers, sign: str, size: float, look: Look) -> None:
        """Draw the same shape at many places (n x 2, pixels), as one path, so that thousands are small."""
        import numpy as np

        if sign == "disc" and look.fill:
            points = np.repeat(places, 2, axis=0)
            self.path(points, Look(look.color, width=2 * size, opacity=look.opacity), starts=2)
            return
        corners = np.array(_SHAPES.get(sign) or _circle())
        corners = np.vstack([corners, corners[:1]]) * size
        points = (places[:, None, :] + corners[None]).reshape(-1, 2)
        self.path(points, look, starts=len(corners))

    def area(self, where: Area, x: Scale, y: Scale) -> Axes:
        """Axes of Matplotlib's, without anything that it would draw around them."""
        size = (
            where.left / self.wide,
            1 - where.bottom / self.high,
            (where.right - where.left) / self.wide,
            (where.bottom - where.top) / self.high,
        )
        axes = self.drawing.add_axes(size, facecolor="none", xlim=(x.low, x.high), ylim=(y.low, y.high))
        axes.set_axis_off()
        if x.logarithmic:
            axes.set_xscale("log", nonpositive="mask")
        if y.logarithmic:
            axes.set_yscale("log", nonpositive="mask")
        return axes

    def places(self, axes: Axes, x: Numbers, y: Numbers) -> Numbers:
        """Data of axes as pixels, n x 2; those that are not there left out."""
        import numpy as np

        found = axes.transData.transform(np.column_stack([x, y]))
        pixels = self._pixels.inverted().transform(found[np.isfinite(found).all(axis=1)])
        return np.asarray(pixels, dtype=float)

    def legend(self, entries: Sequence[Entry], top: float) -> None:
        """Draw a legend, in as many lines as `flowing` says."""
        for entry, text, left, row in flowing(entries):
            self._sign(entry, left, top + row * ROW + 8)
            self.write(Label(text, left + _SIGN, top + row * ROW + 12, SMALL))

    def _sign(self, entry: Entry, left: float, middle: float) -> None:
        import numpy as np

        if entry.sign == "line":
            self.path([(left, middle), (left + 17, middle)], entry.look)
        elif entry.sign == "area":
            corners = [(left + 3, middle - 5), (left + 15, middle - 5), (left + 15, middle + 5), (left + 3, middle + 5)]
            self.path([*corners, corners[0]], entry.look)
        else:
            self.shapes(np.array([[left + 9, middle]]), entry.sign, 3.2, entry.look)


def flowing(entries: Sequence[Entry]) -> list[tuple[Entry, str, float, int]]:
    """The entries of a legend with their texts, left edges in pixels and lines, as they fill a picture."""
    found: list[tuple[Entry, str, float, int]] = []
    left, row = float(_EDGE), 0
    for entry in entries:
        text = canvas.fitted(line(entry.text), SMALL, WIDTH - _SIGN - 2 * _EDGE)
        size = _SIGN + canvas.width(text, SMALL)
        if left > _EDGE and left + size > WIDTH:
            left, row = float(_EDGE), row + 1
        found.append((entry, text, left, row))
        left += size + 14
    return found


def patch(path: Path, look: Look, transform: Any) -> PathPatch:
    """A path as Matplotlib draws it."""
    return PathPatch(
        path,
        facecolor=look.color if look.fill else "none",
        edgecolor=look.color if look.width else "none",
        linewidth=look.width,
        linestyle=look.dash,
        alpha=look.opacity if look.opacity < 1 else None,
        capstyle="round" if look.dash == "-" else "butt",
        joinstyle="round",
        transform=transform,
    )


def _circle() -> list[tuple[float, float]]:
    from math import cos, pi, sin

    return [(cos(turn * pi / 6), sin(turn * pi / 6)) for turn in range(12)]


def line(text: object) -> str:
    """A text on one line in which nothing is hidden."""
    return " ".join(clean(text, _LONGEST).split())

"""Matplotlib's SVG renderer for pages: colours of the page's style sheet, texts by ourselves, nothing global.

Texts are given out as they are, escaped: no font is read, no mathematics parsed, no warning raised about a letter that
a font lacks, and the browser's own font is used. Matplotlib's settings (`rcParams`) are not changed, since step code in
another thread may be drawing with them just now. See docs/decisions/0020-cards.md.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import RendererSVG

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure

# Stand-ins, which Matplotlib takes for colours; the style sheet decides what they are, in light and in dark.
INK, SOFT, LINE, PAPER = "#010101", "#020202", "#030303", "#040404"
SERIES = ("#0a0001", "#0a0002", "#0a0003", "#0a0004", "#0a0005", "#0a0006")
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", PAPER: "--paper"} | {
    color: f"--series-{place}" for place, color in enumerate(SERIES, start=1)
}
_COLORS = re.compile("|".join(_VARIABLES))
_REFERENCES = re.compile(r'( id="|"#|url\(#)([^")]*)')
_DRAWN = re.compile(r'(?<= d=")[^"]*')
_LONG = re.compile(r"(\.\d)\d+")
_NARROW, _WIDE = 0.54, 1.0  # of the font size: about an average letter, and one of a script whose letters are square


@dataclass(frozen=True)
class Label:
    """A text of a picture.

    Attributes:
        x: Pixels from the left edge of the picture.
        y: Pixels from its upper edge to the line on which the text stands.
        anchor: start, middle or end: which part of the text is there.
        halo: Whether lines below it are kept away from its letters.
        upright: Whether it is written from below upwards.
    """

    text: str
    x: float
    y: float
    size: float
    anchor: str = "start"
    color: str = SOFT
    bold: bool = False
    halo: bool = False
    upright: bool = False


class Labels(Artist):
    """All texts of a picture, written at once: an artist of Matplotlib's for each takes most of the time of a plot."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: list[Label] = []
        self.set_zorder(5)

    def draw(self, renderer: RendererBase) -> None:
        """Write them, if pages are what is drawn."""
        if isinstance(renderer, PageRenderer):
            for label in self.labels:
                renderer.write(label)


class PageRenderer(RendererSVG):
    """An SVG renderer that writes texts as text."""

    def write(self, label: Label) -> None:
        """Write a text; anchored as it is aligned, so that another font's widths do not move it."""
        attributes = {"x": f"{label.x:.1f}", "y": f"{label.y:.1f}", "font-size": f"{label.size:g}"}
        attributes["fill"] = label.color
        if label.anchor != "start":
            attributes["text-anchor"] = label.anchor
        if label.bold:
            attributes["font-weight"] = "600"
        if label.halo:
            attributes |= {"stroke": PAPER, "stroke-width": "3.5", "paint-order": "stroke", "stroke-linejoin": "round"}
        if label.upright:
            attributes["transform"] = f"rotate(-90 {label.x:.1f} {label.y:.1f})"
        self.writer.element("text", label.text, attrib=attributes)


def drawn(figure: Figure) -> str:
    """A figure as an SVG element to be put into a page; one with a resolution of 72, so that points are pixels."""
    wide, high = figure.get_size_inches() * 72
    out = io.StringIO()
    renderer = PageRenderer(wide, high, out)
    figure.draw(renderer)
    renderer.finalize()
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", out.getvalue(), flags=re.DOTALL)
    body = body[body.index("<svg") :].partition(">")[2]
    body = re.sub(r'<g id="[^"]*"', "<g", body).replace("xlink:href", "href")
    body = re.sub(r"\n *", "", _DRAWN.sub(lambda path: _short(path[0]), body)).replace("<defs></defs>", "")
    body = _COLORS.sub(lambda match: f"var({_VARIABLES[match[0]]})", _named(body))
    return f'<svg viewBox="0 0 {wide:g} {high:g}" aria-hidden="true">{body}'


def _short(path: str) -> str:
    """A path to a tenth of a pixel, which is finer than eyes are."""
    return _LONG.sub(r"\1", path).replace(" \n", "").replace("\n", "").replace("M ", "M").replace("L ", "L")


def _named(body: str) -> str:
    """The same with ids made from its content instead of by chance, so that no two figures of a page share one."""
    names = dict.fromkeys(re.findall(r' id="([^"]*)"', body))
    numbered = {name: str(place) for place, name in enumerate(names)}

    def renamed(prefix: str) -> str:
        return _REFERENCES.sub(lambda m: f"{m[1]}{prefix}{numbered[m[2]]}" if m[2] in numbered else m[0], body)

    return renamed(f"f{hashlib.sha256(renamed('').encode()).hexdigest()[:8]}-")


_BROADER = 0.3  # by how much more than others these letters take


def width(text: str, size: float) -> float:
    """About how wide a text of a font size is, both in pixels; letters of some scripts take two places."""
    from rich.cells import cell_len

    cells = cell_len(text)
    square = cells - len(text)
    letters = square * _WIDE + (cells - 2 * square) * _NARROW if square > 0 else cells * _NARROW
    return size * (letters + _BROADER * sum(map(text.count, "mwMW@")))


def fitted(text: str, size: float, room: float) -> str:
    """A text shortened to so many pixels, the end of it replaced by an ellipsis."""
    if width(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(f"{text[:middle]}\u2026", size) <= room else (low, middle - 1)
    return f"{text[:low].rstrip()}\u2026"

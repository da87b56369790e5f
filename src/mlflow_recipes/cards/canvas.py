"""Matplotlib's SVG renderer for pages: colours of the page's style sheet, texts by ourselves, nothing global.

Texts are given out as they are, escaped: no font is read, no mathematics parsed, no warning raised about a letter that
a font lacks, and the browser's own font is used. Matplotlib's settings (`rcParams`) are neither read for text nor
changed, since step code in another thread may be drawing with them just now. See docs/decisions/0020-cards.md.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_svg import RendererSVG

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text

# Stand-ins, which Matplotlib takes for colours; the style sheet decides what they are, in light and in dark.
INK, SOFT, LINE, PAPER = "#010101", "#020202", "#030303", "#040404"
SERIES = ("#0a0001", "#0a0002", "#0a0003", "#0a0004", "#0a0005", "#0a0006")
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", PAPER: "--paper"} | {
    color: f"--series-{place}" for place, color in enumerate(SERIES, start=1)
}
_COLORS = re.compile("|".join(_VARIABLES))
_REFERENCES = re.compile(r'( id="|"#|url\(#)([^")]*)')
_LETTER, _HEIGHT, _DEPTH = 0.56, 0.74, 0.2  # of the font size: of an average letter, above and below the line
# Alignment along the text -> SVG's word for it; of texts that stand upright the vertical alignment is the one along.
_ANCHORS = {"left": "start", "center": "middle", "right": "end", "bottom": "start", "top": "end"} | {
    "baseline": "start",
    "center_baseline": "middle",
}


class PageRenderer(RendererSVG):
    """An SVG renderer that writes texts as text."""

    def get_text_width_height_descent(
        self,
        s: str,
        prop: FontProperties,
        ismath: Any,  # noqa: ARG002 - Matplotlib's signature
    ) -> tuple[float, float, float]:
        """About the size that a text has in a browser, in points."""
        size = prop.get_size_in_points()
        return width(s, size), size * (_HEIGHT + _DEPTH), size * _DEPTH

    def draw_text(self, gc: GraphicsContextBase, *where: Any, mtext: Text | None = None, **_: Any) -> None:
        """Write a text; anchored as it was aligned, so that another font's widths do not move it."""
        x, y, s, prop, angle = where
        size, anchor = prop.get_size_in_points(), "start"
        if mtext is not None:
            level = not angle or mtext.get_rotation_mode() == "anchor"
            anchor = _ANCHORS[mtext.get_horizontalalignment() if level else mtext.get_verticalalignment()]
            along = width(s, size) * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            x, y = (x, y - along) if angle == 90 else (x + along, y)
        transform = f"rotate({-angle:g} {x:.1f} {y:.1f})" if angle else None
        attributes = {
            "x": f"{x:.1f}",
            "y": f"{y:.1f}",
            "text-anchor": anchor,
            "fill": _hex(gc),
            "font-size": f"{size:g}",
        }
        if prop.get_weight() in ("bold", 700):
            attributes["font-weight"] = "600"
        self.writer.element("text", s, attrib=attributes | ({"transform": transform} if transform else {}))


def drawn(figure: Figure) -> str:
    """A figure as an SVG element to be put into a page."""
    figure.set_dpi(72)
    wide, high = figure.get_size_inches() * 72
    out = io.StringIO()
    renderer = PageRenderer(wide, high, out)
    figure.draw(renderer)
    renderer.finalize()
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", out.getvalue(), flags=re.DOTALL)
    body = body[body.index("<svg") :].partition(">")[2]
    body = re.sub(r'<g id="[^"]*"', "<g", body).replace("xlink:href", "href")
    body = _COLORS.sub(lambda match: f"var({_VARIABLES[match[0]]})", _named(body))
    return f'<svg viewBox="0 0 {wide:g} {high:g}" aria-hidden="true">{body}'


def _named(body: str) -> str:
    """The same with ids made from its content instead of by chance, so that no two figures of a page share one."""
    names = dict.fromkeys(re.findall(r' id="([^"]*)"', body))
    numbered = {name: str(place) for place, name in enumerate(names)}

    def renamed(prefix: str) -> str:
        return _REFERENCES.sub(lambda m: f"{m[1]}{prefix}{numbered[m[2]]}" if m[2] in numbered else m[0], body)

    return renamed(f"f{hashlib.sha256(renamed('').encode()).hexdigest()[:8]}-")


def width(text: str, size: float) -> float:
    """About how wide a text of a font size is, both in points; letters of some scripts take two places."""
    from rich.cells import cell_len

    return cell_len(text) * size * _LETTER


def _hex(gc: GraphicsContextBase) -> str:
    from matplotlib.colors import to_hex

    return str(to_hex(gc.get_rgb()))

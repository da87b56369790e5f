"""A `Diagram` as Mermaid text, which GitHub, GitLab and many documentation tools draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlflow_recipes.cards.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflow_recipes.cards.model import Diagram, Node

# Fill, line and text, legible on light and dark pages alike.
_COLORS = {
    "good": ("#e8f4ed", "#14643c"),
    "bad": ("#fceeea", "#9c2c14"),
    "busy": ("#e6f1f5", "#17657f"),
    "stale": ("#fbf1dc", "#7a5200"),
    "neutral": ("#f5f7f8", "#4a5561"),
}
_MARKS = {"good": "\u2713", "bad": "\u2717", "busy": "\u25b6", "stale": "\u21bb", "neutral": "\u25cb"}
_LONGEST = 90
_SPECIAL = re.compile(r"(?![.-]\w)[^\w ,:()/\u2713\u2717\u25b6\u21bb\u25cb\u00b7\u2026]")
# What Mermaid takes for a formula, a line break or an icon even where it is escaped; a space of no width parts it.
_PARTED = re.compile(r"\$(?=\$)|\\(?=n)|:(?=fa-)")


def to_mermaid(diagram: Diagram) -> str:
    """A flowchart from top to bottom. Boxes are numbered, so that no name of a step is a word of Mermaid's.

    >>> from mlflow_recipes.cards.model import Diagram, Node
    >>> print(to_mermaid(Diagram("", [Node("a", ["3 rows"], "good", "done"), Node("end")], [("a", "end", "data")])))
    flowchart TD
        s1["a<br/>✓ done<br/>3 rows"]:::good
        s2["end"]:::neutral
        s1 -->|"data"| s2
        classDef good fill:#e8f4ed,stroke:#14643c,color:#14643c
        classDef neutral fill:#f5f7f8,stroke:#4a5561,color:#4a5561
    """
    ids = {node.name: f"s{place}" for place, node in enumerate(diagram.nodes, start=1)}
    boxes = [f'{ids[node.name]}["{_lines(_said(node))}"]:::{_tone(node)}' for node in diagram.nodes]
    edges = [
        f'{ids[giver]} -->|"{_lines(what.split(", "))}"| {ids[taker]}'
        for giver, taker, what in diagram.edges
        if giver in ids and taker in ids
    ]
    used = dict.fromkeys(_tone(node) for node in diagram.nodes)
    classes = [
        f"classDef {tone} fill:{_COLORS[tone][0]},stroke:{_COLORS[tone][1]},color:{_COLORS[tone][1]}" for tone in used
    ]
    return "\n    ".join(["flowchart TD", *boxes, *edges, *classes])


def _said(node: Node) -> list[str]:
    status = [f"{_MARKS[_tone(node)]} {node.status}"] if node.status else []
    return [node.name, *status, *node.lines]


def _tone(node: Node) -> str:
    return node.tone if node.tone in _COLORS else "neutral"


def _lines(texts: Iterable[str]) -> str:
    return "<br/>".join(_escaped(text) for text in texts)


def _escaped(text: str) -> str:
    """A text that Mermaid, and the page that it writes, take for nothing but text."""
    line = " ".join(clean(text).split())
    line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}\u2026"
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", _PARTED.sub("\\g<0>\u200b", line))

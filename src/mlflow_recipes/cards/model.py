"""A card as plain data: tabs of blocks. JSON both ways; standard library only."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT_VERSION = 1

Number = float | int | None


@dataclass(frozen=True)
class About:
    """What a card says of the run it belongs to.

    Attributes:
        seconds: How long the step ran.
        finished_at: Seconds since the epoch.
        run_id: The MLflow run, for steps that have one.
        run_url: Where to look at that run, if it has a page of its own.
        units: Column or metric -> its unit, as the recipe gives them.
    """

    step: str
    recipe: str
    profile: str
    seconds: float
    finished_at: float
    run_id: str | None = None
    run_url: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar = "text"
    text: str


@dataclass(frozen=True)
class Notice:
    """A sentence that stands out; `tone` is good, bad or neutral."""

    kind: ClassVar = "notice"
    text: str
    tone: str = "neutral"


@dataclass(frozen=True)
class Facts:
    """Names and values, one a line; `links` are the web addresses of some values, by name."""

    kind: ClassVar = "facts"
    items: Sequence[tuple[str, str]]
    links: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", _tuples(self.items))


@dataclass(frozen=True)
class Table:
    """A table of texts; columns whose every cell is a number are aligned to the right.

    Attributes:
        rows: Each as long as `columns`.
        tones: Row number, as text -> strong, good or bad; the others are plain.
        links: "row,column", by number -> the web address that a cell leads to.
    """

    kind: ClassVar = "table"
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    tones: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", _tuples(self.columns))
        object.__setattr__(self, "rows", _tuples(self.rows))


@dataclass(frozen=True)
class Code:
    """Text that keeps its line breaks: a stack trace, YAML, a repr."""

    kind: ClassVar = "code"
    text: str


@dataclass(frozen=True)
class ProfileColumn:
    """What `data.profile` found in one column; None where it does not apply.

    Attributes:
        min: A number, or the text of a time.
        quantiles: 25, 50 and 75 %.
        top: The most frequent values as text, each with its count.
        histogram: `edges`, numbers or texts of times, and `counts`, one fewer.
    """

    name: str
    dtype: str
    nulls: int = 0
    distinct: int | None = None
    min: Number | str = None
    max: Number | str = None
    mean: Number = None
    std: Number = None
    quantiles: Sequence[Number] | None = None
    top: Sequence[tuple[str, int]] | None = None
    histogram: Mapping[str, Sequence[Any]] | None = None

    def __post_init__(self) -> None:
        for name in ("min", "max", "mean", "std", "quantiles", "top"):
            object.__setattr__(self, name, _finite(_tuples(getattr(self, name))))
        if self.quantiles is not None and (len(self.quantiles) != 3 or None in self.quantiles):
            object.__setattr__(self, "quantiles", None)


@dataclass(frozen=True)
class ProfilePart:
    """The profile of one table; `sampled` is how many of its `rows` were described, None for all."""

    name: str
    rows: int
    sampled: int | None
    columns: Sequence[ProfileColumn]

    @classmethod
    def of(cls, name: str, profile: Mapping[str, Any]) -> ProfilePart:
        """Take over the result of `data.profile.profile`, or the JSON form of a part."""
        known = ProfileColumn.__dataclass_fields__
        columns = tuple(ProfileColumn(**{k: v for k, v in c.items() if k in known}) for c in profile["columns"])
        return cls(name, profile["rows"], profile.get("sampled"), columns)


@dataclass(frozen=True)
class Profile:
    """What is in the columns of a table, or of several tables side by side."""

    kind: ClassVar = "profile"
    parts: Sequence[ProfilePart]


@dataclass(frozen=True)
class Figure:
    """A plot, as the data that it shows; `cards.plots` draws it.

    What `columns` must be, by `form`; a series is a column of numbers, or None where it has no value; x and the edges
    of a histogram are numbers or texts of times (ISO 8601):

    - histogram: left edge, right edge, then a series of counts or shares for each distribution
    - lines, points: x, then a series for each line, or each kind of point
    - bars: label (text), then a series
    - ranges: label (text), value, low, high, then a series for each other value that is shown beside
    - grid: x from, x to, y from, y to, count: the filled cells of a two-dimensional histogram
    - matrix: row label, column label, count: every cell of a table of two labels
    - parallel: an axis for each column, numbers or texts, the last that of the result; rows from the best to the worst

    Attributes:
        form: How it is drawn.
        title: What it is of.
        reading: What can be read off it, in a sentence: its caption, and what a screen reader says in its place.
        columns: Names of the data's columns.
        rows: The data, each as long as `columns`; at most a few thousand.
        x: Title of the horizontal axis, with its unit where it has one.
        y: Likewise of the vertical axis.
        marks: Vertical lines to read others against: what each says, and where it stands on the horizontal axis.
        diagonal: Draw the line where both axes have the same value.
        logarithmic: "x", "y" or "xy": the axes that are divided by orders of magnitude.
    """

    kind: ClassVar = "figure"
    form: str
    title: str
    reading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Number | str]]
    x: str = ""
    y: str = ""
    marks: Sequence[tuple[str, float]] = ()
    diagonal: bool = False
    logarithmic: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", _tuples(self.columns))
        object.__setattr__(self, "rows", _finite(_tuples(self.rows)))
        object.__setattr__(self, "marks", _tuples(self.marks))


@dataclass(frozen=True)
class Node:
    """A box of a `Diagram`.

    Attributes:
        name: Its title.
        lines: Short facts below it, such as rows and time.
        tone: good, bad, busy, stale or neutral; said in words in `status`.
        status: How it stands, in a word or two.
        link: Address of its own page, relative to the page that it is on; empty for none.
    """

    name: str
    lines: Sequence[str] = ()
    tone: str = "neutral"
    status: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", _tuples(self.lines))


@dataclass(frozen=True)
class Diagram:
    """Boxes below one another, and what passes from one to a later one.

    Attributes:
        title: What it shows.
        nodes: In order, from the first.
        edges: From name, to name, and what passes along it.
    """

    kind: ClassVar = "diagram"
    title: str
    nodes: Sequence[Node]
    edges: Sequence[tuple[str, str, str]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", _tuples(self.nodes))
        object.__setattr__(self, "edges", _tuples(self.edges))


@dataclass(frozen=True)
class Part:
    """A part of an `Outline`: what it is called, what is to be said of it, and what it is made of."""

    name: str
    text: str = ""
    parts: Sequence[Part] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _tuples(self.parts))


@dataclass(frozen=True)
class Outline:
    """Things made of things, such as a pipeline of transformers."""

    kind: ClassVar = "outline"
    title: str
    parts: Sequence[Part]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _tuples(self.parts))


Block = Text | Notice | Facts | Table | Code | Profile | Figure | Diagram | Outline
_BLOCKS = (Text, Notice, Facts, Table, Code, Profile, Figure, Diagram, Outline)
_KINDS: dict[str, Any] = {block.kind: block for block in _BLOCKS}


@dataclass(frozen=True)
class CardTab:
    """A named part of a card."""

    name: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Card:
    """What a step shows; `summary` is the one line to read if one reads nothing else."""

    step: str
    recipe: str
    tabs: Sequence[CardTab]
    summary: str = ""

    @property
    def title(self) -> str:
        """Such as `Ingest@taxi`."""
        return f"{self.step.capitalize()}@{self.recipe}"

    def to_json(self) -> str:
        """The card as JSON text."""
        tabs = [{"name": tab.name, "blocks": [{"kind": b.kind, **asdict(b)} for b in tab.blocks]} for tab in self.tabs]
        data = {"format": FORMAT_VERSION, "step": self.step, "recipe": self.recipe, "summary": self.summary}
        return json.dumps({**data, "tabs": tabs}, indent=1, default=str)

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read back what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: The text is not a card.
        """
        data = json.loads(text)
        if data.get("format") != FORMAT_VERSION:
            raise ValueError(f"a card of format {data.get('format')!r}; expected {FORMAT_VERSION}")
        tabs = [CardTab(tab["name"], tuple(_block(block) for block in tab["blocks"])) for tab in data["tabs"]]
        return cls(data["step"], data["recipe"], tuple(tabs), data["summary"])


def _block(data: dict[str, Any]) -> Block:
    values = {name: value for name, value in data.items() if name != "kind"}
    if data["kind"] == Profile.kind:
        return Profile(tuple(ProfilePart.of(part["name"], part) for part in values["parts"]))
    if data["kind"] == Diagram.kind:
        values["nodes"] = tuple(Node(**node) for node in values["nodes"])
    if data["kind"] == Outline.kind:
        values["parts"] = tuple(map(_part, values["parts"]))
    block: Block = _KINDS[data["kind"]](**values)
    return block


def _part(data: dict[str, Any]) -> Part:
    return Part(data["name"], data["text"], tuple(map(_part, data["parts"])))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def _finite(value: Any) -> Any:
    """NaN and infinity are no JSON; they become None."""
    if isinstance(value, tuple):
        return tuple(_finite(item) for item in value)
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""A card as plain data: tabs of blocks. JSON both ways; standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT_VERSION = 1


@dataclass(frozen=True)
class About:
    """What a card says of the run it belongs to.

    Attributes:
        seconds: How long the step ran.
        finished_at: Seconds since the epoch.
        run_id: The MLflow run, for steps that have one.
    """

    step: str
    recipe: str
    profile: str
    seconds: float
    finished_at: float
    run_id: str | None = None


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Notice:
    """A sentence that stands out; `tone` is good, bad or neutral."""

    text: str
    tone: str = "neutral"
    kind: str = "notice"


@dataclass(frozen=True)
class Facts:
    """Names and values, one a line."""

    items: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """A table of texts; columns whose every cell is a number are aligned to the right."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Code:
    """Text that keeps its line breaks: a stack trace, YAML, a repr."""

    text: str
    kind: str = "code"


Block = Text | Notice | Facts | Table | Code
_KINDS: dict[str, Any] = {"text": Text, "notice": Notice, "facts": Facts, "table": Table, "code": Code}


@dataclass(frozen=True)
class CardTab:
    """A named part of a card."""

    name: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Card:
    """What a step shows."""

    step: str
    recipe: str
    tabs: Sequence[CardTab]

    @property
    def title(self) -> str:
        """Such as `Ingest@taxi`."""
        return f"{self.step.capitalize()}@{self.recipe}"

    def to_json(self) -> str:
        """The card as JSON text."""
        return json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Card:
        """Read back what `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: The text is not a card.
        """
        data = json.loads(text)
        if data.get("format") != FORMAT_VERSION:
            raise ValueError("a card of another format version")
        tabs = [CardTab(tab["name"], tuple(_block(block) for block in tab["blocks"])) for tab in data["tabs"]]
        return cls(data["step"], data["recipe"], tuple(tabs))


def _block(data: dict[str, Any]) -> Block:
    values = {name: value for name, value in data.items() if name != "kind"}
    if "items" in values:
        values["items"] = tuple((name, value) for name, value in values["items"])
    for name in ("columns", "rows"):
        if name in values:
            values[name] = tuple(tuple(item) if isinstance(item, list) else item for item in values[name])
    block: Block = _KINDS[data["kind"]](**values)
    return block

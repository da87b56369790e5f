"""What a run tells whoever watches: plain data, in the order things happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.plan import Decision


@dataclass(frozen=True)
class StepOutcome:
    """How a step of a run ended.

    Attributes:
        outcome: "run", "reused" or "failed".
        reasons: Why it ran or was reused.
        seconds: How long it took; 0 when reused.
        rows: Rows it is about, where it is about rows.
        facts: Plain data of its result, as on its card.
        key: Digest of the key of its result; None where it has none.
    """

    step: str
    outcome: str
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    rows: int | None = None
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    key: str | None = field(default=None, repr=False)


class Listener:
    """Hears of a run as it goes. This one keeps silent; a terminal or a notebook overrides what it shows."""

    def planned(self, plan: Sequence[Decision]) -> None:
        """The run has been planned, as far as that is possible beforehand."""

    def started(self, step: str, reasons: Sequence[str]) -> None:
        """A step begins to run."""

    def said(self, step: str | None, line: str) -> None:
        """A line of progress, of a step or of the run itself."""

    def progressed(self, step: str, line: str) -> None:
        """How far a step is; each line replaces the one before."""

    def ended(self, outcome: StepOutcome) -> None:
        """A step was run, reused, or failed."""

    def finished(self) -> None:
        """The run is over, and nothing failed."""

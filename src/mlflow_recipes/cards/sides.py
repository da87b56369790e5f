"""Two runs, as the page that shows them side by side takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow_recipes.cards.units import Units
    from mlflow_recipes.comparison import Comparison
    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.run_evidence import Evidence


@dataclass(frozen=True)
class Sides:
    """All that is known of two runs.

    Attributes:
        found: What `compare` says.
        a: What the first logged.
        b: What the second logged.
        drift: What the second was trained on, held against what the first was; None where that is not known.
        primary: The primary metric.
        units: Of columns and metrics.
    """

    found: Comparison
    a: Evidence
    b: Evidence
    drift: Report | None
    primary: str
    units: Units

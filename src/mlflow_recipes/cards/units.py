"""The units of columns and metrics, as axes, table heads and sentences show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflow_recipes.cards.parts import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Metrics that are amounts of the target -> what is put behind its unit.
_OF_TARGET = {
    "mean_absolute_error": "",
    "mean_squared_error": "\u00b2",
    "root_mean_squared_error": "",
    "max_error": "",
    "mean_on_target": "",
    "sum_on_target": "",
}


@dataclass(frozen=True)
class Units:
    """What the recipe says under `units`, and what follows from it for metrics.

    Attributes:
        given: Column or metric -> its unit.
        targets: The columns to predict.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    targets: Sequence[str] = ()

    def of(self, column: str) -> str:
        """The unit of a column; empty where none is given."""
        return self.given.get(column, "")

    def of_metric(self, metric: str) -> str:
        """The unit of a metric: its own, else what follows from the target's; empty for metrics without one."""
        if metric in self.given:
            return self.given[metric]
        for target in self.targets:
            of_one = metric.removesuffix(f"_{target}")
            if of_one != metric and of_one in _OF_TARGET:
                return self._powered(of_one, self.of(target))
        common = {self.of(target) for target in self.targets}
        return self._powered(metric, common.pop()) if len(common) == 1 and metric in _OF_TARGET else ""

    def titled(self, column: str) -> str:
        """A column as the title of an axis: with its unit, where it has one.

        >>> Units({"trip_minutes": "minutes"}).titled("trip_minutes")
        'trip_minutes (minutes)'
        """
        return _with(column, self.of(column))

    def metric_titled(self, metric: str) -> str:
        """A metric as the title of an axis.

        >>> Units({"price": "EUR"}, ["price"]).metric_titled("mean_squared_error")
        'mean_squared_error (EUR\u00b2)'
        """
        return _with(metric, self.of_metric(metric))

    def amount(self, value: float | None, column: str, digits: int = 3) -> str:
        """A value of a column in a sentence.

        >>> Units({"trip_minutes": "minutes"}).amount(12.345, "trip_minutes")
        '12.3 minutes'
        """
        return f"{number(value, digits)} {self.of(column)}".rstrip()

    def metric_amount(self, value: float | None, metric: str, digits: int = 4) -> str:
        """A value of a metric in a sentence."""
        return f"{number(value, digits)} {self.of_metric(metric)}".rstrip()

    @staticmethod
    def _powered(metric: str, unit: str) -> str:
        return unit and f"{unit}{_OF_TARGET[metric]}"


def _with(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name

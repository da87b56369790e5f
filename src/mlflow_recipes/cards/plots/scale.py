"""Numbers on an axis: from where to where it goes, at which of them it is divided, and how they are written."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np

from mlflow_recipes.cards.parts import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Beyond these nothing can be told apart in a picture, and arithmetic of floats ends.
_GREATEST, _LEAST = 1e100, 1e-100
_UNITS = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
_MOST_TICKS = 6
_YEARS = (1000, 9000)

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        ticks: Numbers within it to read others off.
        texts: How they are written.
        note: What all the texts have in common and therefore leave out, such as the year.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]
    logarithmic: bool = False
    note: str = ""

    def stretched(self, below: float, above: float) -> Scale:
        """The same with room for texts: so many of its lengths below and above."""
        size = self.high - self.low
        return replace(self, low=self.low - below * size, high=self.high + above * size)


def numbers(cells: Iterable[object]) -> Numbers:
    """Cells as numbers; NaN where there is none that can be drawn."""
    return np.array([_number(cell) for cell in cells], dtype=float)


def _number(cell: object) -> float:
    if not isinstance(cell, int | float) or not abs(cell) <= _GREATEST:
        return math.nan
    return 0.0 if abs(cell) < _LEAST else float(cell)


def times(cells: Iterable[object]) -> Numbers:
    """Texts of times as days since 1970, those with an offset in UTC; NaN for what is none that can be drawn."""
    return np.array([_days(cell) for cell in cells], dtype=float)


def _days(cell: object) -> float:
    from matplotlib.dates import date2num

    if not isinstance(cell, str):
        return math.nan
    try:
        when = datetime.fromisoformat(cell)
    except ValueError:
        return math.nan
    return float(date2num(when)) if _YEARS[0] <= when.year < _YEARS[1] else math.nan


def scale(values: Numbers, *, logarithmic: bool = False, margin: float = 0.0, zero: bool = False) -> Scale:
    """An axis that holds values.

    Args:
        values: Those that are NaN aside.
        logarithmic: Divide by orders of magnitude, if there is a positive value.
        margin: What is left free on either side, as a share of the axis.
        zero: Begin or end at zero, where bars stand.
    """
    found = values[np.isfinite(values)]
    if logarithmic and (found > 0).any():
        return _by_magnitude(found[found > 0], margin)
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    low, high = _apart(low, high)
    size = high - low
    low, high = (low - margin * size * (not (zero and low == 0)), high + margin * size * (not (zero and high == 0)))
    ticks = _divided(low, high)
    return Scale(low, high, ticks, tuple(written(ticks)))


def time_scale(values: Numbers) -> Scale:
    """An axis that holds times, given as days since 1970."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, num2date

    found = values[np.isfinite(values)]
    low, high = float(found.min()), float(found.max())
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    locator = AutoDateLocator(minticks=3, maxticks=_MOST_TICKS, tz=timezone.utc)
    ticks = [float(tick) for tick in locator.tick_values(num2date(low), num2date(high)) if low <= tick <= high]
    formatter = ConciseDateFormatter(locator, tz=timezone.utc, usetex=False)
    texts = formatter.format_ticks(ticks) if ticks else []
    return Scale(low, high, tuple(ticks), tuple(texts), note=formatter.get_offset() if ticks else "")


def _apart(low: float, high: float) -> tuple[float, float]:
    """Ends that differ, by so much that numbers between them can be told apart."""
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    half = max(abs(low), abs(high)) / 20 or 0.5
    return (low + high) / 2 - half, (low + high) / 2 + half


def _divided(low: float, high: float, most: int = _MOST_TICKS) -> tuple[float, ...]:
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return tuple(float(tick) for tick in ticks if low - slack <= tick <= high + slack)


def _by_magnitude(found: Numbers, margin: float) -> Scale:
    low, high = math.log10(found.min()), math.log10(found.max())
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    low, high = low - margin * (high - low), high + margin * (high - low)
    whole = [10.0**power for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]
    ticks = whole[:: -(-len(whole) // _MOST_TICKS)] if whole else []
    if len(whole) < 3:
        between = [base * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for base in (1, 2, 5)]
        ticks = [tick for tick in between if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
    if len(ticks) < 2:
        ticks = list(_divided(10**low, 10**high, 3))
    return Scale(10**low, 10**high, tuple(ticks), tuple(short(tick) for tick in ticks), logarithmic=True)


def written(ticks: Sequence[float]) -> list[str]:
    """Numbers of one axis as people read them, all with the same decimals and the same unit.

    >>> written([0, 2500, 5000]), written([0, 25_000, 50_000]), written([-0.5, 0, 0.5]), written([1e6, 1.25e6])
    (['0', '2,500', '5,000'], ['0', '25k', '50k'], ['-0.5', '0', '0.5'], ['1.00M', '1.25M'])
    """
    largest = max(map(abs, ticks), default=0.0)
    if largest >= 1e13 or 0 < largest < 1e-4:
        return [f"{tick:.3g}" for tick in ticks]
    step = min((b - a for a, b in itertools.pairwise(ticks)), default=largest)
    factor, unit = next(((factor, unit) for least, factor, unit in _UNITS if largest >= least), (1.0, ""))
    decimals = next((d for d in range(10) if all(_is_exact(tick / factor, d, step / factor) for tick in ticks)), 10)
    return [f"{tick / factor:,.{decimals}f}{unit}" if abs(tick) > step / 100 else "0" for tick in ticks]


def _is_exact(value: float, decimals: int, step: float) -> bool:
    return abs(round(value, decimals) - value) < step / 100


def short(value: float) -> str:
    """One number in a few letters.

    >>> [short(value) for value in (0, 7, 1234.5, 12_345, 1.2e6, 0.000_012, -3e15)]
    ['0', '7', '1,234', '12.3k', '1.2M', '1.2e-05', '-3e+15']
    """
    size = abs(value)
    if size >= 1e13:
        return f"{value:.3g}"
    factor, unit = next(((factor, unit) for least, factor, unit in _UNITS if size >= least), (1.0, ""))
    return number(value / factor, 3) + unit

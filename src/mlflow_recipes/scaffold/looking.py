"""What a table is like: which columns are numbers, categories or times, and what kind of recipe its target needs."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.checks.values import kind_of, values_of
from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.errors import DataError, RecipeError
from mlflow_recipes.scaffold.csv_files import share_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

LEAST_ROWS = 30
# So many rows of a class have one in each of three parts when an eighth of them is the smallest part.
LEAST_OF_A_CLASS = 8
_MOST_CLASSES = 50
_MOST_NUMBERED_CLASSES = 10
_FEW_VALUES = 20
_POSITIVE = ("yes", "y", "true", "t", "1", "positive", "pos")
_LIKE_NUMBERS = r"^[-+]?[€$£]?\s?\d[\d.,' ]*\s?[%€$£]?$"
_LIKE_TIMES = r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(\D|$)"
_MOST = 0.9
_ID = re.compile(r"(?:^|[ _-])id$|[a-z]Id$", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what a model can make of them; each of `left_out` with the reason."""

    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    times: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """Those that a model gets."""
        return (*self.numbers, *self.categories, *self.times)


@dataclass(frozen=True)
class Target:
    """What is to be predicted.

    Attributes:
        name: The column.
        template: `regression/v1` or `classification/v1`.
        positive_class: Of two classes, the one that is looked for; None for numbers and for more classes.
        classes: The classes, the most frequent first; empty for numbers.
        spread: The standard deviation of numbers: the error of always predicting their mean.
        why: Why this template, as a sentence.
        remarks: What is odd about it, in sentences.
    """

    name: str
    template: str
    positive_class: Any = None
    classes: tuple[Any, ...] = ()
    spread: float = 0.0
    why: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """How its kind is called in sentences."""
        return "regression" if self.template == REGRESSION else "classification"


def look_at_columns(table: pa.Table, target: str) -> Columns:
    """Sort the columns of a table that are not the target.

    Raises:
        DataError: There is none that a model can use.
    """
    kinds: dict[str, list[str]] = {"number": [], "category": [], "time": []}
    left_out: dict[str, str] = {}
    for name in shown_names(table.schema):
        if name == target:
            continue
        kind, reason = _kind(name, values_of(table.column(name)))
        if kind is None:
            left_out[name] = reason
        else:
            kinds[kind].append(name)
    found = Columns(tuple(kinds["number"]), tuple(kinds["category"]), tuple(kinds["time"]), left_out)
    if not found.features:
        told = "; ".join(f"'{name}' {reason}" for name, reason in left_out.items()) or "it has no other columns"
        raise DataError(f"There is nothing in the data to predict '{target}' from: {told}.")
    return found


def _kind(name: str, column: pa.ChunkedArray) -> tuple[str | None, str]:
    """What a column is to a model; None with the reason where it is nothing."""
    import pyarrow.compute as pc

    kind, filled = kind_of(column.type), len(column) - column.null_count
    reason = _idle(name, column, filled)
    if reason:
        return None, reason
    if kind == "text":
        distinct = pc.count_distinct(column).as_py()
        if hint := _as_written(column, distinct):
            return None, hint
        is_category = distinct <= _FEW_VALUES or distinct <= filled / 2
        return ("category", "") if is_category else (None, "has another text in almost every row")
    if kind in ("number", "boolean"):
        return "number", ""
    if kind == "datetime" and getattr(column.type, "tz", None):
        return None, "holds times with a zone, which stored models refuse; a step of your own can take the zone away"
    return ("time", "") if kind in ("datetime", "date") else (None, f"holds values of the type {column.type}")


def _idle(name: str, column: pa.ChunkedArray, filled: int) -> str:
    """Why a column, whatever it holds, says nothing; empty where it may say something."""
    import pyarrow.compute as pc

    if not filled:
        return "is empty"
    if not name.strip():
        return f"has no name{', as the row numbers that pandas writes' if _counts_rows(column) else ''}"
    is_id = _ID.search(name) and kind_of(column.type) in ("number", "text")
    if is_id and pc.count_distinct(column).as_py() == filled:
        return "tells rows apart and says nothing about them"
    return "counts the rows and says nothing about them" if _counts_rows(column) else ""


def _as_written(column: pa.ChunkedArray, distinct: int) -> str:
    """Of texts that are meant as times or many numbers, what keeps them from being read as such; else empty."""
    example = column.drop_null()[0].as_py()
    if share_like(column, _LIKE_TIMES) >= _MOST:
        return f"holds times written like {example!r}; to use it, write them like 2026-02-28 12:00 before init"
    if distinct > _FEW_VALUES and share_like(column, _LIKE_NUMBERS) >= _MOST:
        return f"holds numbers written like {example!r}; to use it, write them like 1234.5 before init"
    return ""


def _counts_rows(column: pa.ChunkedArray) -> bool:
    """Whether it goes 0, 1, 2 ... or 1, 2, 3 ..."""
    import pyarrow as pa

    if not pa.types.is_integer(column.type) or column.null_count:
        return False
    first = column[0].as_py()
    return first in (0, 1) and column.to_pylist() == list(range(first, first + len(column)))


def look_at_target(table: pa.Table, name: str, template: str | None) -> Target:
    """What the target is, and which template predicts it.

    Args:
        table: The data.
        name: The target's column.
        template: The template that was asked for; None chooses.

    Raises:
        RecipeError: There is no such column, or it does not fit the template.
    """
    names = shown_names(table.schema)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {_listed(names)}."
        raise RecipeError(f"The data has no column '{name}'.", hint=hint)
    if any(mark in name for mark in ("{{", "{%", "{#")) or not name.isprintable():
        raise RecipeError(f"The name of the column {name!r} means something else in recipe.yaml.", hint="Rename it.")
    column = values_of(table.column(name)).drop_null()
    if len(column) < LEAST_ROWS:
        raise DataError(
            f"'{name}' has a value in {len(column)} rows; dividing them into training, validation and test data needs "
            f"at least {LEAST_ROWS}."
        )
    chosen, why = (template, "") if template else _chosen(name, column)
    return _numbers(name, column, why, names) if chosen == REGRESSION else _classes(name, column, why)


def _chosen(name: str, column: pa.ChunkedArray) -> tuple[str, str]:
    """The template that fits a target, and why."""
    import pyarrow.compute as pc

    kind, distinct = kind_of(column.type), pc.count_distinct(column).as_py()
    if kind != "number":
        return CLASSIFICATION, f"'{name}' holds no numbers, so its values are taken for classes"
    whole = pc.all(pc.equal(column.cast("float64"), pc.floor(column.cast("float64")))).as_py()
    if distinct == 2 or (whole and distinct <= _MOST_NUMBERED_CLASSES and len(column) >= _FEW_VALUES * distinct):
        return CLASSIFICATION, f"'{name}' holds {distinct} different numbers, so they are taken for classes"
    return REGRESSION, f"'{name}' holds {distinct:,} different numbers"


def _numbers(name: str, column: pa.ChunkedArray, why: str, names: Sequence[str]) -> Target:
    import pyarrow.compute as pc

    kind = kind_of(column.type)
    if kind != "number":
        what = {"text": "texts", "boolean": "true and false"}.get(kind, f"values of the type {column.type}")
        others = [other for other in names if other != name]
        hint = f"Give --recipe classification, or another --target; there are: {_listed(others)}."
        raise DataError(f"Regression predicts numbers, but '{name}' holds {what}.", hint=hint)
    spread = pc.stddev(column.cast("float64")).as_py()
    if not math.isfinite(spread) or spread == 0:
        what = "is always the same" if spread == 0 else "is infinite in some rows"
        raise DataError(f"'{name}' {what}, so there is nothing to learn.", hint="Give another --target.")
    return Target(name, REGRESSION, spread=spread, why=why)


def _classes(name: str, column: pa.ChunkedArray, why: str) -> Target:
    import pyarrow.compute as pc

    if kind_of(column.type) not in ("text", "boolean", "number"):
        raise DataError(f"'{name}' holds values of the type {column.type}, which are no classes.")
    counted = sorted(pc.value_counts(column).to_pylist(), key=lambda one: (-one["counts"], str(one["values"])))
    classes = tuple(one["values"] for one in counted)
    if len(classes) < 2:
        raise DataError(
            f"'{name}' is always {classes[0]!r}, so there is nothing to learn.", hint="Give another --target."
        )
    if len(classes) > _MOST_CLASSES:
        hint = "Give --recipe regression." if kind_of(column.type) == "number" else "Give another --target."
        if kind_of(column.type) == "text" and (written := _as_written(column, len(classes))):
            raise DataError(f"'{name}' {written}.")
        raise DataError(f"'{name}' has {len(classes):,} different values, too many for classes.", hint=hint)
    rare = {one["values"]: one["counts"] for one in counted if one["counts"] < LEAST_OF_A_CLASS}
    if len(classes) - len(rare) < 2:
        raise DataError(f"{_rare(name, rare)}.", hint="Add rows of them, or give another --target.")
    remarks = (f"{_rare(name, rare)}: add rows of them, or leave them out.",) if rare else ()
    positive = _positive(classes) if len(classes) == 2 else None
    return Target(name, CLASSIFICATION, positive, classes, why=why, remarks=remarks)


def _rare(name: str, rare: dict[Any, int]) -> str:
    """What is wrong with classes of few rows."""
    shown = _listed([f"{one!r} ({count})" for one, count in rare.items()])
    return (
        f"'{name}' has classes of less than {LEAST_OF_A_CLASS} rows, too few to have some of each in training, "
        f"validation and test data: {shown}"
    )


def _positive(classes: Sequence[Any]) -> Any:
    """Of two classes, the one that is looked for: one that says yes, else the rarer one.

    >>> _positive(["no", "yes"]), _positive([0.0, 1.0]), _positive(["benign", "malignant"])
    ('yes', 1.0, 'malignant')
    """
    saying_yes = [one for one in classes if str(one).lower().removesuffix(".0") in _POSITIVE]
    return saying_yes[0] if len(saying_yes) == 1 else classes[-1]


def _listed(names: Sequence[str], most: int = 10) -> str:
    names = [name for name in names if name.strip()]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

"""The classes of a target: which labels there are, in which order, and whether recipe and data agree on them.

Labels are texts, whole or other numbers, or booleans, as Python has them: so they survive JSON. Their order is that of
Python's `sorted`, which is NumPy's, by which 2.22 ordered them. Missing labels are no class.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

_SHOWN = 10
_MOST_FRACTIONS = 100  # more different numbers with fractions than that are amounts, not classes
_YES_NO = {True: ("yes", "on", "y", "true"), False: ("no", "off", "n", "false")}


def labels_in(target: pd.Series) -> list[Any]:
    """The different labels of a column, sorted.

    Raises:
        DataError: Labels of a type that cannot be kept, such as dates, or of several types.
    """
    import pandas as pd

    values = pd.Series(target.dropna().unique()).astype(object).tolist()
    found = [value.item() if hasattr(value, "item") else value for value in values]
    kinds = {_kind(value): value for value in found}
    if len(kinds) > 1 or not kinds.keys() <= {"text", "number", "boolean"}:
        shown = " and ".join(f"{value!r} ({kind})" for kind, value in list(kinds.items())[:3])
        raise DataError(
            f"The target column '{target.name}' cannot be used as classes: it holds {shown}.",
            where="target_col",
            hint="Classes are all texts, all numbers or all booleans. Convert the column in the loader, for example "
            "with `.astype(str)`, or name another column.",
        )
    return sorted(found)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return "number"
    return "text" if isinstance(value, str) else str(value) if isinstance(value, float) else type(value).__name__


def codes_of(target: Any, labels: Sequence[Any]) -> np.ndarray:
    """The place of each row's label among the labels, shape (rows,); -1 where it is missing or none of them."""
    import pandas as pd

    codes: np.ndarray = pd.Index(labels).get_indexer(pd.Index(target))
    return codes


def check_classes(target: pd.Series, positive: Any, what: str) -> list[Any]:
    """Refuse a target that no classifier can be trained for; the labels.

    Args:
        target: The column.
        positive: `positive_class`; None in a recipe for several classes.
        what: What the table is called in messages, such as "the ingested data".

    Raises:
        DataError: It has fewer than two classes, or more or others than the recipe's positive class says.
    """
    labels = labels_in(target)
    if len(labels) < 2:
        raise DataError(
            f"Classification needs at least two classes; the target column '{target.name}' of {what} holds only "
            f"{labels[0]!r} in {len(target):,} rows.",
            where="target_col",
            hint="Name another column, or see how the loader fills it.",
        )
    _check_few(target, labels)
    if positive is None and len(labels) == 2:
        raise DataError(
            f"The target column '{target.name}' has two classes, {labels[0]!r} and {labels[1]!r}, and the recipe does "
            "not say which is the positive one: `positive_class` must be specified.",
            where="positive_class",
            hint=f"Add `positive_class: {yaml_text(labels[1])}` to recipe.yaml.",
        )
    if positive is not None:
        positive_among(labels, positive, str(target.name))
    return labels


def _check_few(target: pd.Series, labels: Sequence[Any]) -> None:
    amounts = len(labels) > _MOST_FRACTIONS and any(isinstance(v, float) and not v.is_integer() for v in labels)
    if not amounts and (len(labels) <= _MOST_FRACTIONS or 2 * len(labels) <= int(target.notna().sum())):
        return
    raise DataError(
        f"The target column '{target.name}' has {len(labels):,} different values in {len(target):,} rows, such as "
        f"{', '.join(map(repr, labels[:3]))}; those are no classes.",
        where="target_col",
        hint="Use `recipe: regression/v1` to predict a number." if amounts else "Name another column.",
    )


def positive_among(labels: Sequence[Any], positive: Any, column: str) -> Any:
    """The label that is the positive class, in the type that it has in the data.

    Raises:
        DataError: There is none, or there are more than two labels.
    """
    found = [label for label in labels if label == positive]
    shown = ", ".join(repr(label) for label in labels[:_SHOWN]) + (", ..." if len(labels) > _SHOWN else "")
    if not found:
        raise DataError(
            f"The positive class is {positive!r}, but the target column '{column}' holds {shown}.",
            where="positive_class",
            hint=_meant(labels, positive),
        )
    if len(labels) > 2:
        raise DataError(
            f"With a `positive_class`, the target column '{column}' must have a cardinality of 2; it has "
            f"{len(labels):,} classes: {shown}.",
            where="positive_class",
            hint="Remove `positive_class` to tell all of them apart, or make two classes of them in the loader.",
        )
    return found[0]


def _meant(labels: Sequence[Any], positive: Any) -> str:
    """What the recipe may have meant, with how to write it."""
    import difflib

    texts = {str(label).casefold(): label for label in labels}
    wanted = _YES_NO[positive] if isinstance(positive, bool) else (str(positive).casefold(),)
    label = next((texts[text] for text in wanted if text in texts), None)
    if label is None and (near := difflib.get_close_matches(str(positive).casefold(), texts, n=1)):
        label = texts[near[0]]
    if label is None:
        return "Name one of them."
    why = " YAML reads yes, no, on and off as true and false unless they are in quotes." * isinstance(positive, bool)
    return f"Did you mean `positive_class: {yaml_text(label)}`?{why}"


def yaml_text(label: Any) -> str:
    """A label as it is written in recipe.yaml: texts that YAML would read as something else in quotes."""
    import yaml

    written: str = yaml.safe_dump(label, default_flow_style=True, width=10**6).strip()
    return written.removesuffix("...").strip()

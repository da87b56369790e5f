"""What steps of the user's own make of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.tables import to_dataset
from mlflow_recipes.errors import DataError, UserCodeError

if TYPE_CHECKING:
    import pandas as pd

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.preparing import Preparation
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.user_code import UserCode, UserFunction


class NoRowsError(DataError):
    """A function of the user's left no rows."""


def prepared_by_all(data: Dataset, config: RecipeConfig, user: UserCode) -> Dataset:
    """What all preparation steps, one after the other, make of a table that is not the recipe's own.

    Raises:
        UserCodeError, DataError: As `prepared`.
    """
    for name, options in config.steps.preparations.items():
        data = prepared(data, name, options, user)
    return data


def prepared(data: Dataset, name: str, options: Preparation, user: UserCode) -> Dataset:
    """What a preparation step makes of a table.

    Args:
        data: The table; its own rows are not changed, whatever the function does.
        name: The step.
        options: Its section of the configuration.
        user: Gives its function.

    Raises:
        UserCodeError: The function raised, or returned no table that can be kept.
        NoRowsError: It returned a table without rows.
    """
    function = user.function(f"steps/{name}.py", options.function, key=f"steps.{name}.function")
    frame = _checked(function, function(data.pandas(), **options.params), data.rows)
    lead = "returned a table that cannot be kept"
    return to_dataset(frame, function.name, lambda what, hint: _wrong(function, f"{lead}: {what}", hint))


def _checked(function: UserFunction, frame: Any, rows: int) -> pd.DataFrame:
    import pandas as pd

    if frame is None:
        hint = f"End it with `return`: what {function.name} changed in the table that it was given is not looked at."
        raise _wrong(function, "returned None; expected a DataFrame.", hint)
    if not isinstance(frame, pd.DataFrame):
        raise _wrong(function, f"returned {type(frame).__name__}; expected a DataFrame.", f"Correct {function.name}.")
    if not len(frame.columns):
        raise _wrong(function, "returned a table without columns.", f"Correct {function.name}.")
    if frame.empty:
        raise NoRowsError(
            f"{function.name} left no rows of {rows:,}.",
            where=f"{function.file}:{function.line}",
            hint="See what it filters out, and whether the data is what it expects.",
        )
    return frame


def _wrong(function: UserFunction, what: str, hint: str) -> UserCodeError:
    return UserCodeError(f"{function.name} {what}", where=f"{function.file}:{function.line}", hint=hint)

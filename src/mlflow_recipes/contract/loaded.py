"""The contract of a stored model, and data held against it: for serving apps and notebooks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.contract.model import FILE, Contract
from mlflow_recipes.data.tables import flaw_of_names
from mlflow_recipes.environment import variable
from mlflow_recipes.errors import DataError, RecipeError, UnavailableError, attach_to_mlflow
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking_server import explained

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from mlflow_recipes.config.contract import Contract as Rules
    from mlflow_recipes.contract.report import Report


def hold(data: pd.DataFrame | pa.Table, model: str | Contract, rules: Rules | None = None) -> Report:
    """Hold data against what a model was trained on.

    Nothing is predicted and no model is loaded; the contract of a model that many requests are held against is best
    fetched once, with `contract.loaded.fetch`.

    Args:
        data: Rows of raw features, as the model is given them.
        model: Its URI, such as `models:/taxi-trip-duration@champion`, of MLflow's current server; or its contract.
        rules: What counts; the defaults of the recipe's section `contract` where not given.

    Returns:
        What differs, column by column; `level` is none, some or much.

    Raises:
        RecipeError: There is no such model, or it has no contract.
    """
    from mlflow_recipes.config.contract import Contract as DefaultRules
    from mlflow_recipes.contract.holding import hold as held

    contract = fetch(model) if isinstance(model, str) else model
    return held(as_table(data), contract, rules or DefaultRules())


def fetch(uri: str) -> Contract:
    """The contract of a model, by its URI.

    Raises:
        RecipeError: There is no such model, or it has no contract, or one that cannot be read.
        UnavailableError: The server cannot be reached.
    """
    import mlflow
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    attach_to_mlflow()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with explained(mlflow.get_tracking_uri()), variable(layout.PROGRESS_BAR_VARIABLE, "false"):
                file = download_artifacts(f"{uri.rstrip('/')}/{FILE}", dst_path=folder)
        except UnavailableError:
            raise
        except (MlflowException, OSError, ValueError, ImportError) as error:
            raise RecipeError(
                f"There is no {FILE} of a model '{mask(uri)}': {_first_line(error)}",
                hint="See whether there is such a model. One that was trained before there were contracts has none: "
                "train it again.",
            ) from error
        return read(Path(file), uri)


def read(file: Path, model: str) -> Contract:
    """A contract from its file.

    Args:
        file: What was fetched.
        model: Whose it is, for messages.

    Raises:
        RecipeError: It is damaged, or of a newer version.
    """
    try:
        return Contract.from_json(file.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        raise RecipeError(
            f"The contract of the model '{mask(model)}' cannot be read: {_first_line(error)}",
            hint="Train the model again, or use the version of mlflow-recipes that it was trained with.",
        ) from error


def as_table(data: Any) -> pa.Table:
    """Data as an Arrow table; a column that mixes kinds as texts.

    Raises:
        DataError: It is no table, or its column names are not plain and different.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    if not isinstance(data, pd.DataFrame):
        raise DataError(
            f"The data cannot be compared: it is of type {type(data).__name__}.",
            hint="Give a DataFrame or an Arrow table, or let `recipe.drift` read a file, a folder or an address.",
        )
    if flaw := flaw_of_names(data):
        raise DataError(f"The data cannot be compared: {flaw}.", hint="Give every column one name of its own.")
    frame = data.reset_index(drop=True)
    arrays = [_as_array(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return pa.table(arrays, names=[str(name) for name in frame.columns])


def _as_array(values: pd.Series) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return mask(lines[0])[:300]

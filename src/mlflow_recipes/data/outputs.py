"""Where scores go: a file, a folder, a delta table or a table of a database; whole or not at all."""

from __future__ import annotations

import contextlib
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mlflow_recipes.config.scoring import REFUSING
from mlflow_recipes.data.output_delta import DeltaTable
from mlflow_recipes.data.output_files import CsvFile, ParquetFile, ParquetFolder, is_folder
from mlflow_recipes.data.output_sql import SqlTable
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow_recipes.config.scoring import Output, Predict

KEY = "steps.predict.output"


class Target(Protocol):
    """A place that scores can be written to."""

    def is_populated(self) -> bool:
        """Whether there is something already."""

    def check_writable(self) -> None:
        """Find out before the work whether it can be written.

        Raises:
            RecipeError, OSError: It cannot.
        """

    def write(self, scores: Path, mode: str) -> None:
        """Write all rows of a parquet file, whole or not at all.

        Args:
            scores: The file.
            mode: overwrite, append or merge.
        """


@dataclass(frozen=True)
class Destination:
    """A target, how people know it, and what happens where it is populated.

    Attributes:
        file: Its file or folder, where it is one of this machine.
    """

    target: Target
    shown: str
    mode: str
    file: Path | None = None

    def is_wanted(self) -> bool:
        """Whether scores are to be written: not where the target is populated and the mode is `ignore`.

        Raises:
            RecipeError: It is populated, and the mode refuses that.
            UnavailableError: It cannot be written.
        """
        with told(self.shown):
            populated = self.target.is_populated()
            if populated and self.mode in REFUSING:
                raise RecipeError(
                    f"The output {self.shown} is already populated, and `save_mode: {self.mode}` refuses that.",
                    where=f"{KEY}.location",
                    hint="Name another location, or set `save_mode` to `overwrite`, `append` or `ignore`.",
                )
            if populated and self.mode == "ignore":
                return False
            self.target.check_writable()
            return True

    def write(self, scores: Path) -> None:
        """Write all rows of a parquet file.

        Raises:
            RecipeError: Its rows do not fit into what is there.
            UnavailableError: The disk is full, or the target locked.
        """
        with told(self.shown):
            self.target.write(scores, self.mode if self.mode in ("append", "merge") else "overwrite")


def destination(root: Path, predict: Predict, mark: str) -> Destination:
    """Where a recipe's scores go.

    Args:
        root: The recipe root.
        predict: `steps.predict`.
        mark: A short text that is the same for the same scoring; files that are added are named after it.

    Raises:
        RecipeError: A package is missing that the format needs.
    """
    output = predict.output
    location = str(output.location)
    made, file = _target(root, output, location, mark)
    return Destination(made, mask(location), predict.save_mode, file)


def _target(root: Path, output: Output, location: str, mark: str) -> tuple[Target, Path | None]:
    if output.using == "delta":
        table = DeltaTable(root, location, output, mark)
        return table, table.folder
    if output.using == "sql":
        return SqlTable(str(output.connection_env), location), None
    path = local_path(root, location)
    if output.using == "csv":
        return CsvFile(path, output.delimiter), path
    folder = bool(output.partition_by) or is_folder(path, location)
    return (ParquetFolder(path, output.partition_by, mark) if folder else ParquetFile(path)), path


@contextlib.contextmanager
def told(shown: str) -> Iterator[None]:
    """Say of a full disk, or of what may not be written, which output it is.

    Raises:
        UnavailableError: That is what happened inside.
    """
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"The output {shown} cannot be written: {_reason(error)}", where=f"{KEY}.location", hint=_remedy(error)
        ) from error


def _reason(error: Any) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "its disk is full."
    line = error.strerror or (str(error).splitlines() or [type(error).__name__])[0]
    return f"{line}{f' ({error.filename})' if error.filename else ''}."


def _remedy(error: Any) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "Free some space and run again; what was there is as it was."
    return "See whether it may be written and no program holds it open, then run again."

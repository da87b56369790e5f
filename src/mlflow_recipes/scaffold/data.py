"""The data of a new project: a file of the user's, read as the recipe will read it, or one that scikit-learn ships."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.config.ingesting import CsvOptions, Ingest
from mlflow_recipes.config.tasks import REGRESSION
from mlflow_recipes.errors import DataError
from mlflow_recipes.sources import ENDINGS

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Data:
    """The data of a new project.

    Attributes:
        table: All rows.
        using: The format.
        location: Where the recipe finds it, relative to its folder where it lies in there.
        delimiter: What stands between two values of a csv file.
        file: A file that has to be written, with its path in the project; None where there is one already.
        about: Where the data is from, as Markdown.
    """

    table: pa.Table
    using: str
    location: str
    delimiter: str = ","
    file: bytes | None = None
    about: str = ""


def of_file(path: Path, root: Path) -> Data:
    """A file of the user's.

    Args:
        path: The file.
        root: The folder of the new project.

    Raises:
        DataError: It is not there, of no known format, or cannot be read.
    """
    path = path.absolute()
    if not path.is_file():
        there = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, there, n=1)
        raise DataError(f"There is no file {path}.", hint=f"Did you mean {near[0]}?" if near else None)
    using = next((using for using, ends in ENDINGS.items() if path.name.lower().endswith(ends)), None)
    if using is None:
        known = ", ".join(end for ends in ENDINGS.values() for end in ends if end.count(".") == 1)
        raise DataError(f"{path.name} is of no format that is known by its name.", hint=f"Give one of {known}.")
    inside = path.is_relative_to(root.absolute())
    location = (path.relative_to(root.absolute()) if inside else path).as_posix()
    if any(char in location for char in '"{}*?[]#') or not location.isprintable():
        raise DataError(f"The path {location} holds characters that mean something else there.", hint="Rename it.")
    delimiter = _delimiter(path) if using == "csv" else ","
    about = f"`{location}`, {'in this folder' if inside else 'outside of this folder: move it here to take it along'}."
    return Data(_read(path, using, delimiter), using, location, delimiter, about=about)


def _read(path: Path, using: str, delimiter: str) -> pa.Table:
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.data.readers import pieces_of, read

    options = Ingest(using=using, location=(str(path),), csv=CsvOptions(delimiter=delimiter))
    return read(pieces_of(path.parent, options, [SourceFile(path, path.name)]), options).data.table


def _delimiter(path: Path) -> str:
    """What stands between the names in the first line of a csv file."""
    import pyarrow as pa

    with pa.input_stream(str(path)) as stream:  # also of compressed files
        first = stream.read(65536).split(b"\n", 1)[0].decode("utf-8", errors="replace")
    return max(_DELIMITERS, key=first.count)


def shipped(template: str) -> tuple[Data, str]:
    """A small real data set that scikit-learn ships, and its target."""
    from sklearn import datasets

    if template == REGRESSION:
        frame = datasets.load_diabetes(as_frame=True, scaled=False).frame
        frame["sex"] = frame["sex"].map({1.0: "a", 2.0: "b"})  # the source does not say which is which
        return _written(frame.rename(columns={"target": "progression"}), "diabetes", _DIABETES), "progression"
    loaded = datasets.load_breast_cancer(as_frame=True)
    frame = loaded.frame.rename(columns=lambda name: name.replace(" ", "_"))
    frame["diagnosis"] = frame.pop("target").map(dict(enumerate(map(str, loaded.target_names))))
    return _written(frame, "breast_cancer", _BREAST_CANCER), "diagnosis"


def _written(frame: object, name: str, about: str) -> Data:
    import pyarrow as pa
    import pyarrow.csv as pc

    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    pc.write_csv(table, sink)
    return Data(table, "csv", f"data/{name}.csv", file=sink.getvalue().to_pybytes(), about=about)


_DIABETES = """\
`data/diabetes.csv`: 442 patients with diabetes, ten measurements of each, and how far the disease had progressed one
year later. From Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004);
a copy comes with scikit-learn."""
_BREAST_CANCER = """\
`data/breast_cancer.csv`: 569 breast tumours, thirty measurements of the cell nuclei of each, and the diagnosis. From
Wolberg, Mangasarian, Street and Street, "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning Repository (1995),
CC BY 4.0; a copy comes with scikit-learn."""

"""The data of a new project: a file of the user's, read as the recipe will read it, or one that scikit-learn ships."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes.config.ingesting import CsvOptions, Ingest
from mlflow_recipes.config.tasks import REGRESSION
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.scaffold import csv_files
from mlflow_recipes.sources import ALSO_NAMED, ENDINGS

if TYPE_CHECKING:
    import pyarrow as pa

_ENDINGS = {using: (*ends, *ALSO_NAMED.get(using, ())) for using, ends in ENDINGS.items()}


@dataclass(frozen=True)
class Data:
    """The data of a new project.

    Attributes:
        table: All rows.
        using: The format.
        location: Where the recipe finds it, relative to its folder where it lies in there.
        csv: How it is written, of a csv file.
        file: A file that has to be written, with its path in the project; None where there is one already.
        about: Where the data is from, as Markdown.
    """

    table: pa.Table
    using: str
    location: str
    csv: CsvOptions = field(default_factory=CsvOptions)
    file: bytes | None = None
    about: str = ""


def of_file(path: Path, root: Path) -> Data:
    """A file of the user's.

    Args:
        path: The file.
        root: The folder of the new project.

    Raises:
        RecipeError: It is not there, of no known format, or cannot be read.
    """
    root, path = _plain(root), _plain(path)
    using = _format(path)
    inside = path.is_relative_to(root)
    location = (path.relative_to(root) if inside else path).as_posix()
    if any(char in location for char in '"{}*?[]#') or not location.isprintable():
        raise RecipeError(f"The path {location} holds characters that mean something else there.", hint="Rename it.")
    about = f"`{location}`, {'in this folder' if inside else 'outside of this folder: move it here to take it along'}."
    if using != "csv":
        return Data(_read(path, using, CsvOptions()), using, location, about=about)
    options, table = csv_files.look(path, partial(_read, path, using))
    return Data(table, using, location, options, about=about)


def _plain(path: Path) -> Path:
    """Absolute, and without `..`."""
    return Path(os.path.normpath(path.absolute()))


def _format(path: Path) -> str:
    """The format of a file that is there, by its name.

    Raises:
        RecipeError: It is not there, or its name says none.
    """
    if path.is_dir():
        raise RecipeError(f"{path} is a folder.", hint="Name a file in it; recipe.yaml can name the folder later.")
    if not path.is_file():
        there = [other.name for other in path.parent.glob("*") if _using(other)]
        near = difflib.get_close_matches(path.name, there, n=1)
        raise RecipeError(f"There is no file {path}.", hint=f"Did you mean {near[0]}?" if near else None)
    using = _using(path)
    if using is None:
        known = ", ".join(end for ends in _ENDINGS.values() for end in ends if end.count(".") == 1)
        raise RecipeError(f"{path.name} is of no format that is known by its name.", hint=f"Give one of {known}.")
    return using


def _using(path: Path) -> str | None:
    return next((using for using, ends in _ENDINGS.items() if path.name.lower().endswith(ends)), None)


def _read(path: Path, using: str, csv: CsvOptions) -> pa.Table:
    from mlflow_recipes.data.locations import SourceFile
    from mlflow_recipes.data.readers import pieces_of, read

    options = Ingest(using=using, location=(str(path),), csv=csv)
    return read(pieces_of(path.parent, options, [SourceFile(path, path.name)]), options).data.table


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

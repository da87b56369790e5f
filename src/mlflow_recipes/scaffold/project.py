"""The files of a new project: templates filled with what the data is like."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import schemas
from mlflow_recipes.checks.declared import Subject
from mlflow_recipes.checks.suggest import Suggestion, as_yaml, suggest
from mlflow_recipes.config.flow_yaml import double_quoted, flow_lines
from mlflow_recipes.config.tasks import REGRESSION
from mlflow_recipes.graph import TRAINING
from mlflow_recipes.scaffold.looking import look_at_columns
from mlflow_recipes.scaffold.requirement import requirement

if TYPE_CHECKING:
    import pyarrow as pa
    from jinja2 import Environment

    from mlflow_recipes.scaffold.data import Data
    from mlflow_recipes.scaffold.looking import Columns, Target

_TEMPLATES = Path(__file__).parents[1] / "templates"
# Where a template goes, if not to the path of its own name.
_PLACES = {"gitignore": ".gitignore", "github/recipe.yml": ".github/workflows/recipe.yml"}
SAMPLE_ROWS = 200
_LEAST_OF_A_CLASS = 20
_MOST_CHECKED = 12
_LINE = 100


def files_of(root: Path, data: Data, target: Target) -> tuple[dict[str, bytes], Columns]:
    """Every file of a project by its path, and what became of the columns.

    Args:
        root: The folder that it will lie in.
        data: The data.
        target: What is to be predicted.

    Raises:
        DataError: There is nothing to predict it from.
    """
    columns = look_at_columns(data.table, target.name)
    sample = _sample(data.table, target)
    facts = _facts(root, data, target) | {
        "columns": columns,
        "sample_rows": sample.num_rows,
        "checks": textwrap.indent(_checks(data.table, target, columns, root), "    "),
    }
    environment = _environment()
    found: dict[str, bytes] = {}
    for path in sorted(_TEMPLATES.rglob("*.jinja")):
        name = path.relative_to(_TEMPLATES).as_posix().removesuffix(".jinja")
        text = environment.from_string(path.read_text(encoding="utf-8")).render(facts)
        found[_PLACES.get(name, name)] = text.encode()
    found["notebooks/jupyter.ipynb"] = _notebook()
    found["tests/sample.parquet"] = _parquet(sample)
    for kind in schemas.KINDS:
        found[f".schemas/{kind}.schema.json"] = schemas.path_of(kind).read_bytes()
    if data.file is not None:
        found[data.location] = data.file
    return found, columns


def name_of(root: Path) -> str:
    """What experiment and model are called: as the folder, without what MLflow does not allow in names.

    >>> name_of(Path("/tmp/my: recipe")), name_of(Path("/"))
    ('my- recipe', 'recipe')
    """
    return re.sub(r"[^\w .-]+", "-", root.absolute().name).strip(" .") or "recipe"


def _facts(root: Path, data: Data, target: Target) -> dict[str, Any]:
    is_regression = target.template == REGRESSION
    name = name_of(root)
    needed, comment = requirement()
    return {
        "name": name,
        "identifier": re.sub(r"\W+", "_", name).lower(),
        "title": f"{name}: predicts {_plain(target.name)}",
        "data": data,
        "csv": data.csv.model_dump(exclude_defaults=True),
        "data_inside": not Path(data.location).is_absolute(),
        "file_name": Path(data.location).name,
        "target": target,
        "primary_metric": "root_mean_squared_error" if is_regression else "roc_auc",
        "threshold": float(f"{target.spread:.4g}"),
        "custom_metric": "typical_error" if is_regression else "share_wrong",
        "estimator": f"HistGradientBoosting{'Regressor' if is_regression else 'Classifier'}",
        "steps": [spec.name for spec in TRAINING],
        "requirement": needed,
        "not_published": comment,
        "python_version": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def _environment() -> Environment:
    """Delimiters that mean nothing in YAML, Python and Jinja's own templates."""
    import jinja2

    environment = jinja2.Environment(
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"quoted": quoted, "flow": _flow, "python": _python, "python_list": _python_list}
    return environment


def quoted(value: Any) -> str:
    """A value as YAML, texts in double quotes.

    >>> quoted("a: b"), quoted(True), quoted(1.0)
    ('"a: b"', 'true', '1.0')
    """
    return double_quoted(value) if isinstance(value, str) else json.dumps(value)


def _flow(value: Any, before: str, indent: int) -> str:
    return "\n".join(" " * indent + line for line in flow_lines(value, before))


def _python(text: str) -> str:
    """A text as a literal of Python: in double quotes, which JSON escapes alike."""
    return json.dumps(text, ensure_ascii=False)


def _python_list(values: tuple[str, ...]) -> str:
    literals = [_python(value) for value in values]
    line = f"[{', '.join(literals)}]"
    return line if len(line) < _LINE else "[\n" + "".join(f"    {literal},\n" for literal in literals) + "]"


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() and char not in "<>|`" else " " for char in text)


# Checks


def _checks(table: pa.Table, target: Target, columns: Columns, root: Path) -> str:
    """A few checks that the data passes: rows, empty cells, and of the first columns what values they have."""
    used = set(columns.features)
    names = [target.name, *(name for name in table.column_names if name in used)]
    subject = Subject("ingest", "", root, datetime.now(timezone.utc), tuple(names), ("",))
    drafted = suggest(table, names, subject)
    filled = [one.check["column"] for one in drafted if one.check["check"] == "not_null"]
    values = [
        one
        for one in drafted
        if one.check["check"] in ("range", "in_set") and one.check["column"] in names[:_MOST_CHECKED]
    ]
    found = [one for one in drafted if one.check["check"] == "row_count"]
    if filled:
        found.append(Suggestion({"check": "not_null", "column": filled}, "no empty cell"))
    return as_yaml([*found, *map(_warning, values)], f"the data of {datetime.now().date()}, {table.num_rows:,} rows")


def _warning(suggestion: Suggestion) -> Suggestion:
    return replace(suggestion, check={**suggestion.check, "severity": "warn"})


# The sample for tests


def _sample(table: pa.Table, target: Target) -> pa.Table:
    """Some rows that have a target, in their order; of classes, some of each."""
    import numpy as np
    import pyarrow.compute as pc

    column = table.column(target.name)
    rows = np.flatnonzero(np.asarray(pc.is_valid(column)))
    drawn = np.random.default_rng(0).permutation(rows)
    chosen = set(drawn[:SAMPLE_ROWS].tolist())
    for one in target.classes:
        of_class = np.asarray(pc.fill_null(pc.equal(column, one), fill_value=False))
        chosen |= set(drawn[of_class[drawn]][:_LEAST_OF_A_CLASS].tolist())
    return table.take(sorted(chosen))


def _parquet(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


# The notebook


def _notebook() -> bytes:
    """A notebook that goes through the recipe step by step."""
    cells: list[dict[str, Any]] = [
        _text("# The recipe, step by step\n\nA step runs only when something that it depends on changed.")
    ]
    cells.append(_code('import os\n\nif os.path.basename(os.getcwd()) == "notebooks":\n    os.chdir("..")'))
    cells.append(_code('from mlflow.recipes import Recipe\n\nr = Recipe(profile="local")\nr.inspect()'))
    cells += [_code(f'r.run("{spec.name}")') for spec in TRAINING]
    cells += [_text("Whatever a step gives can be had as an object."), _code('r.get_artifact("training_data").head()')]
    cells += [_text("The whole story of the last run, on one page."), _code("r.report()")]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    whole = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, indent=1) + "\n").encode()


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}

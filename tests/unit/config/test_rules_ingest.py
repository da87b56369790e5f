"""What is wrong with `steps.ingest`, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems
from mlflow_recipes.config.source import load_source

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  ingest: {ingest}
  train: {{estimator_method: f}}
model_registry: {{model_name: m}}
"""


@pytest.fixture
def problems(tmp_path: Path):
    def found(ingest: str) -> list[str]:
        (tmp_path / "recipe.yaml").write_text(RECIPE.format(ingest=ingest))
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / "profiles/local.yaml").write_text("")
        return [re.sub(r"(:4):\d+", r"\1", str(problem)) for problem in find_problems(load_source(tmp_path, "local"))]

    return found


@pytest.mark.parametrize(
    "ingest",
    [
        "{using: csv, location: a.csv, csv: {delimiter: ';', decimal: ',', types: {a: 'decimal(5, 2)'}}}",
        "{using: jsonl, location: 'a/*.jsonl.gz'}",
        "{using: sql, sql: select 1, connection_env: DB, batch_size: 10}",
        "{using: sql, location: trips, connection_env: DB, columns: [a], filters: [[a, '>', 0]]}",
        "{using: delta, location: lake, version: 3, loader_method: f}",
        "{using: delta, location: lake, timestamp: 2023-01-31 12:00:00}",
        "{using: delta, location: lake, timestamp: 2023-01-31}",
        "{using: parquet, location: a, filters: [[[a, in, [1, 2]]], [[b, not in, [x]]]], reconcile: []}",
        "{using: parquet, location: a, checksums: {a/b.parquet: 'sha256:00ff'}}",
        "{using: sql, location: a, loader_method: f}",
    ],
)
def test_what_is_right(problems, ingest: str) -> None:
    assert problems(ingest) == []


@pytest.mark.parametrize(
    ("ingest", "message"),
    [
        (
            "{using: cvs, location: a}",
            "recipe.yaml:4: steps.ingest.loader_method is missing; `using: cvs` needs it. Did you mean 'csv'?",
        ),
        (
            "{using: sql, sql: select 1}",
            "recipe.yaml:4: steps.ingest.connection_env is missing. Name the environment variable that holds the "
            "database's SQLAlchemy URL, such as `DATABASE_URL`.",
        ),
        (
            "{using: sql, connection_env: DB}",
            "recipe.yaml:4: steps.ingest names no table and no query. Name a table in `location`, or write `sql`.",
        ),
        (
            "{using: sql, connection_env: DB, sql: select 1, location: t}",
            "recipe.yaml:4: steps.ingest: `location` names a table and `sql` is a query; only one of them can be "
            "read. Remove one of them.",
        ),
        (
            "{using: sql, connection_env: DB, sql: select 1, columns: [a]}",
            "recipe.yaml:4: steps.ingest.columns goes with a table in `location`. Write it into the query of `sql`.",
        ),
        (
            "{using: delta, location: a, version: 1, timestamp: 2023-01-01 10:00}",
            "recipe.yaml:4: steps.ingest: a table has one version; `version` and `timestamp` both name one. Remove "
            "one of them.",
        ),
        (
            "{using: custom, location: a, loader_method: f, columns: a}",
            "recipe.yaml:4: steps.ingest.columns is for files that are read without a loader_method. Do it in f, or "
            "remove one of them.",
        ),
        (
            "{using: parquet, location: a, filters: [[a, '=>', 0]]}",
            "recipe.yaml:4: steps.ingest.filters: there is no operator '=>'. There are: =, ==, !=, <, <=, >, >=, in, "
            "not in. Did you mean '>'?",
        ),
        (
            "{using: parquet, location: a, filters: [[a, in, 0]]}",
            "recipe.yaml:4: steps.ingest.filters: 'a' in needs a list; found 0. Write it as "
            '`["zone", "in", [1, 2]]` or `["fare", ">", 0]`.',
        ),
        (
            "{using: parquet, location: a, filters: [[[a, '>', 0], [a, '>']]]}",
            "recipe.yaml:4: steps.ingest.filters: expected conditions of column, operator and value. Write each as "
            '`["fare", ">", 0]`.',
        ),
        (
            "{using: parquet, location: a, filters: [a]}",
            "recipe.yaml:4: steps.ingest.filters: expected conditions of column, operator and value. Write each as "
            '`["fare", ">", 0]`.',
        ),
        (
            "{using: csv, location: a, csv: {types: {b: int46}}}",
            "recipe.yaml:4: steps.ingest.csv.types: there is no type 'int46'. There are: bool, int8, int16, int32, "
            "int64, uint8, uint16, uint32, uint64, float32, float64, string, binary, date, timestamp, timestamp[us], "
            "timestamp[us, UTC], decimal(10, 2). Did you mean 'int64'?",
        ),
        (
            "{using: csv, location: a, csv: {encoding: utf-99}}",
            "recipe.yaml:4: steps.ingest.csv.encoding: expected the name of a text encoding, such as utf-8, latin-1 "
            "or utf-16; found 'utf-99'.",
        ),
        (
            "{using: csv, location: a, csv: {encoding: rot13}}",
            "recipe.yaml:4: steps.ingest.csv.encoding: expected the name of a text encoding, such as utf-8, latin-1 "
            "or utf-16; found 'rot13'.",
        ),
        (
            "{using: csv, location: a, csv: {delimiter: é}}",
            "recipe.yaml:4: steps.ingest.csv.delimiter: expected an ASCII character that ends no line; found 'é'.",
        ),
        (
            '{using: csv, location: a, csv: {quote: "\\n"}}',
            "recipe.yaml:4: steps.ingest.csv.quote: expected an ASCII character that ends no line; found '\\n'.",
        ),
        (
            "{using: csv, location: a, csv: {delimiter: '\"'}}",
            "recipe.yaml:4: steps.ingest.csv: '\"' cannot be the quote and stand in or between values, too. Give "
            "`quote: ''` for files without quotes.",
        ),
        (
            "{using: parquet, location: ['']}",
            "recipe.yaml:4: steps.ingest.location holds an empty name. Name a file, a folder, a URL, or a list of "
            "them; the recipe's folder is `.`.",
        ),
        (
            "{using: parquet, location: a, columns: []}",
            "recipe.yaml:4: steps.ingest.columns names no column. Name those to read, or remove the key to read all.",
        ),
        (
            "{using: parquet, location: a, columns: [b, c, b]}",
            "recipe.yaml:4: steps.ingest.columns names 'b' more than once. Name each column once.",
        ),
        (
            "{using: parquet, location: a, filters: [[b, not in, [1, null]]]}",
            "recipe.yaml:4: steps.ingest.filters: 'b' not in null holds for no row; no comparison finds what is "
            "missing. Give a value; leave rows without one out in a step of your own.",
        ),
        (
            "{using: csv, location: a, csv: {delimitr: ';'}}",
            "recipe.yaml:4: steps.ingest.csv.delimitr is not a key that mlflow-recipes knows; it is ignored. Did you "
            "mean 'delimiter'?",
        ),
    ],
)
def test_what_is_wrong(problems, ingest: str, message: str) -> None:
    assert problems(ingest) == [message]


@pytest.mark.parametrize(
    "kind", ["decimal(0, 0)", "decimal(39, 2)", "decimal(2, 3)", "timestamp[us, Mars/Olympus]", "timestamp[us, /etc]"]
)
def test_types_that_no_column_can_have(problems, kind: str) -> None:
    [message] = problems(f"{{using: csv, location: a, csv: {{types: {{b: '{kind}'}}}}}}")
    assert message.startswith(f"recipe.yaml:4: steps.ingest.csv.types: there is no type '{kind}'. There are: bool, ")


@pytest.mark.parametrize("kind", ["decimal(38, 38)", "timestamp[ns, +01:00]", "timestamp[us, tz=Europe/Berlin]"])
def test_types_that_columns_can_have(problems, kind: str) -> None:
    assert problems(f"{{using: csv, location: a, csv: {{types: {{b: '{kind}'}}}}}}") == []


@pytest.mark.parametrize(
    ("ingest", "start"),
    [
        (
            "{using: parquet, location: a, reconcile: [wide]}",
            "recipe.yaml:4: steps.ingest.reconcile.0: input should be 'widen', 'typed_nulls' or 'missing_columns'",
        ),
        (
            "{using: csv, location: a, csv: {delimiter: ab}}",
            "recipe.yaml:4: steps.ingest.csv.delimiter: string should have at most 1 character",
        ),
        (
            "{using: delta, location: a, version: -1}",
            "recipe.yaml:4: steps.ingest.version: input should be greater than or equal to 0; found -1.",
        ),
        (
            "{using: sql, sql: a, connection_env: DB, batch_size: 0}",
            "recipe.yaml:4: steps.ingest.batch_size: input should be greater than 0; found 0.",
        ),
        (
            "{using: csv, location: a, checksums: {a: 'sha-256:1'}}",
            "recipe.yaml:4: steps.ingest.checksums.a: string should match pattern",
        ),
    ],
)
def test_values_that_are_none(problems, ingest: str, start: str) -> None:
    [message] = problems(ingest)
    assert message.startswith(start)

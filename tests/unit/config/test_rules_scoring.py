"""What is said of `steps.predict` and `steps.ingest_scoring`, with its place."""

from __future__ import annotations

import pytest

from mlflow_recipes.config.models import find_problems
from mlflow_recipes.graph import SCORING
from mlflow_recipes.project import Project

STEPS = [spec.name for spec in SCORING]
READING = "  ingest_scoring: {using: parquet, location: new}\n"


def problems(small, section: str, steps=STEPS) -> list[str]:
    small.edit("recipe.yaml", "  register:\n", f"{section}  register:\n")
    source = Project.load("local", root=small.root).source
    return [str(problem) for problem in find_problems(source, steps) if problem.severity == "error"]


@pytest.mark.parametrize(
    ("predict", "told"),
    [
        ("output: {using: parqet, location: x}", "'parqet'. There are: parquet, csv, delta, sql, table. Did you mean"),
        ("using: parquet, location: 's3://b/x'", "is written to disks of this machine alone"),
        ("output: {using: csv, location: x, partition_by: a}", "goes with `using: parquet` or `delta` alone"),
        ("output: {using: sql, location: x}", "steps.predict.output.connection_env is missing"),
        ("output: {using: table, location: x}", "a `table` of a metastore is written by Spark alone"),
        ("using: csv, location: x, save_mode: overwrit", "Did you mean 'overwrite'?"),
        ("using: delta, location: x, save_mode: merge", "`save_mode: merge` and `output.merge_on` go together"),
        ("using: csv, location: x, result_type: doubles", "Did you mean 'double'?"),
        ("using: csv, location: x, intervals: 0.8", "there are 0.5, 0.9 and 0.99; found 0.8"),
        ("using: csv, location: x, prepare: [claen]", "there is no step of your own called 'claen'"),
        ("output: {using: csv, location: x, save_mode: append}", "`save_mode` stands beside `output`"),
        ("using: csv, location: x, model_uri: champion", "'champion' is no URI"),
    ],
)
def test_every_mistake_has_its_place(small, predict: str, told: str) -> None:
    [found] = problems(small, f"{READING}  predict: {{{predict}}}\n")
    assert told in found
    assert found.startswith("recipe.yaml:2")


def test_reading_data_to_score_is_checked_under_its_own_name(small) -> None:
    found = problems(small, "  ingest_scoring: {using: csv}\n  predict: {using: csv, location: x}\n")
    assert found == [
        "recipe.yaml:25:3: steps.ingest_scoring.location is missing. Name a file, a folder, a URL, or a list of them."
    ]


def test_a_plain_run_does_not_look_at_it(small) -> None:
    assert problems(small, "  predict: {output: {using: nonsense}, batch_rows: none}\n", ["ingest", "train"]) == []
    assert Project.load("local", root=small.root).config(Project.load("local", root=small.root).graph.training)

"""The files of a project are right before anything runs, whatever the data."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from mlflow_recipes.config.source import load_source
from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.recipe import Recipe
from mlflow_recipes.scaffold import project
from mlflow_recipes.scaffold.data import Data, shipped
from mlflow_recipes.scaffold.looking import look_at_target
from mlflow_recipes.scaffold.placing import place
from mlflow_recipes.scaffold.project import files_of, quoted

ROWS = 120
HOSTILE = {
    'pri\'ce "net"': [float(n * n % 47) for n in range(ROWS)],
    "{{ 7 * 7 }}": [float(n % 7) for n in range(ROWS)],
    "a: b # c": [f"'{n % 3}\" {{{{ x }}}}" for n in range(ROWS)],
    "<< when >>": [date(2026, 1, 1) + timedelta(days=n) for n in range(ROWS)],
    "<script>": [n % 2 == 0 for n in range(ROWS)],
}


def made(root: Path, data: Data, target: str) -> dict[str, bytes]:
    files, _ = files_of(root, data, look_at_target(data.table, target, None))
    place(root, files)
    return files


def data_of(table: pa.Table) -> Data:
    return Data(table, "parquet", "/elsewhere/d.parquet")


@pytest.mark.parametrize("template", [REGRESSION, CLASSIFICATION])
def test_the_project_is_valid(tmp_path: Path, template: str) -> None:
    data, target = shipped(template)
    files = made(tmp_path / "a new one", data, target)
    for profile in ("local", "databricks"):
        recipe = Recipe(profile, path=tmp_path / "a new one")
        assert recipe.validate() == ()
    assert {"recipe.yaml", ".gitignore", ".github/workflows/recipe.yml", "data/" + Path(data.location).name} <= set(
        files
    )


@pytest.mark.parametrize("name", list(HOSTILE))
def test_names_and_values_of_any_kind_do_no_harm(tmp_path: Path, name: str) -> None:
    if "{{" in name or name == "<< when >>":
        name = "y"
    files = made(tmp_path / "new", data_of(pa.table({**HOSTILE, "y": HOSTILE['pri\'ce "net"']})), name)
    for path, content in files.items():
        if path.endswith(".py"):
            ast.parse(content.decode())
    recipe = Recipe("local", path=tmp_path / "new")
    assert recipe.validate() == ()


def test_every_file_is_well_formed(tmp_path: Path) -> None:
    data, target = shipped(REGRESSION)
    files = made(tmp_path / "new", data, target)
    for path, content in files.items():
        if path.endswith((".yaml", ".yml", "MLproject")):
            yaml.safe_load(content.decode()) if path != "recipe.yaml" else None
        if path.endswith((".json", ".ipynb")):
            json.loads(content)
        if path.endswith((".py", ".yaml", ".md", ".yml")):
            text = content.decode()
            assert text.endswith("\n")
            assert not text.endswith("\n\n")
            assert "\n\n\n\n" not in text
            assert "<%" not in text
            assert "<<" not in text


@pytest.mark.parametrize(("location", "is_run"), [("data/d.parquet", True), ("/elsewhere/d.parquet", False)])
def test_the_workflow_runs_or_says_why_not(tmp_path: Path, location: str, is_run: bool) -> None:
    data, target = shipped(REGRESSION)
    workflow = made(tmp_path, replace(data, location=location, file=None), target)[".github/workflows/recipe.yml"]
    commands = [step.get("run") for step in yaml.safe_load(workflow)["jobs"]["recipe"]["steps"]]
    assert ("mlflow-recipes run -p local" in commands) == is_run
    assert (b"# No run: the data is outside of this folder" in workflow) != is_run


@pytest.mark.parametrize(
    ("needed", "comment"),
    [("mlflow-recipes[test]>=1", "# not there yet\n"), ("mlflow-recipes[test] @ git+https://x.org/r@0a", "")],
)
def test_what_cannot_be_installed_everywhere_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: str, comment: str
) -> None:
    monkeypatch.setattr(project, "requirement", lambda: (needed, comment))
    files = made(tmp_path, *shipped(REGRESSION))
    assert files["requirements.txt"].decode() == f"{comment}{needed}\n"
    assert ("git" in yaml.safe_load(files["conda.yaml"])["dependencies"]) == ("git+" in needed)
    for path in ("conda.yaml", "README.md", ".github/workflows/recipe.yml"):
        assert any(word in files[path] for word in (b"be had", b"can install it")) == bool(comment)


def test_what_is_left_out_is_not_asked_for_by_the_model(tmp_path: Path) -> None:
    names = ["", "{{ x }}_id", 'a "b": # id']
    table = pa.table({"x": HOSTILE["{{ 7 * 7 }}"], "y": HOSTILE['pri\'ce "net"'], **dict.fromkeys(names, range(ROWS))})
    made(tmp_path / "new", data_of(table), "y")
    source = load_source(tmp_path / "new", "local").values["steps"]
    assert source["split"]["drop"] == names
    assert not set(names) & {str(check.get("column")) for check in source["ingest"]["checks"]}


def test_the_sample_has_some_rows_of_each_class(tmp_path: Path) -> None:
    labels = ["rare"] * 8 + ["common"] * 1992
    table = pa.table({"x": [float(n % 9) for n in range(2000)], "y": labels})
    files, _ = files_of(tmp_path, data_of(table), look_at_target(table, "y", None))
    sample = pa.parquet.read_table(pa.BufferReader(files["tests/sample.parquet"]))
    assert sample.column("y").to_pylist().count("rare") == 8
    assert 200 <= sample.num_rows <= 240


@pytest.mark.parametrize("value", ["a: b", 'a "b" \\', True, 1.0, 3, "ü"])
def test_a_value_is_yaml(value: object) -> None:
    assert yaml.safe_load(quoted(value)) == value

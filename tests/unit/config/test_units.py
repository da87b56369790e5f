"""The key `units`: names and texts, and no step's business."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.config.models import find_problems, parse, step_options
from mlflow_recipes.config.source import ConfigSource, load_source
from mlflow_recipes.graph import STEP_NAMES

RECIPE = "recipe: regression/v1\ntarget_col: y\nmodel_registry: {model_name: m}\n"


def source(folder: Path, units: str) -> ConfigSource:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "local.yaml").write_text("")
    (folder / "recipe.yaml").write_text(f"{RECIPE}units: {units}\n")
    return load_source(folder, "local", ())


def test_units_are_read_and_change_no_key(tmp_path: Path) -> None:
    config = parse(source(tmp_path, "{y: minutes, x: 'm³'}"), ["split"])
    assert config.units == {"y": "minutes", "x": "m³"}
    without = parse(source(tmp_path, ""), ["split"])
    assert without.units == {}
    assert all(step_options(config, step) == step_options(without, step) for step in STEP_NAMES)


@pytest.mark.parametrize(
    ("units", "problem"),
    [
        ("{y: 3}", "units.y: input should be text; found 3."),
        ("minutes", "units: input should be a map of keys; found 'minutes'."),
        ("{y: [m]}", "units.y: input should be text."),
    ],
)
def test_what_is_no_unit_is_refused(tmp_path: Path, units: str, problem: str) -> None:
    found = [p for p in find_problems(source(tmp_path, units), ["split"]) if p.severity == "error"]
    assert [p.message for p in found] == [problem]
    assert str(found[0].where).startswith("recipe.yaml:4:")

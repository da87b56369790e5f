"""What means something else is found where it is, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.migrating.meaning_rules import RULES, Project, findings
from mlflow_recipes.migrating.python_source import PythonSource
from mlflow_recipes.migrating.yaml_source import YamlSource

RECIPE = "recipe: regression/v1\nsteps:\n"
NOTHING = f"{RECIPE}  split: {{}}\n"
STEPS = f"{RECIPE}  "
PROFILE = "experiment:\n  tracking_uri: x\n"
# rule -> recipe.yaml, a profile, code of steps/ingest.py, and the place
CASES = {
    "non-validated": (f"{STEPS}register:\n      allow_non_validated_model: true\n", PROFILE, "", "recipe.yaml:4:7"),
    "both-files": (RECIPE, f"{PROFILE}recipe: regression/v1\n", "", "profiles/local.yaml:3:1"),
    "hashes": (f"{RECIPE}a: http://h/p#frag\n", PROFILE, "", "recipe.yaml:3:1"),
    "from-json": (f"{RECIPE}a: {{{{ 'x.json' | from_json }}}}\n", PROFILE, "", "recipe.yaml:3:1"),
    "empty-sections": (f"{RECIPE}  ingest:\n  split: {{}}\n", PROFILE, "", "recipe.yaml:3:3"),
    "no-transformer": (f"{RECIPE}  transform:\n    using: custom\n", PROFILE, "", "recipe.yaml:3:3"),
    "one-argument-loader": (
        f"{RECIPE}  ingest:\n    loader_method: load\n",
        PROFILE,
        "def load(path):\n    pass\n",
        "steps/ingest.py:1:10",
    ),
    "location-lists": (f"{RECIPE}  ingest_scoring:\n    location: [a, b]\n", PROFILE, "", "recipe.yaml:4:5"),
    "changed-data": (RECIPE, f"{PROFILE}INGEST_CONFIG:\n  location: a\n", "", "profiles/local.yaml:4:3"),
    "imported-helpers": (RECIPE, PROFILE, "import os\nfrom steps.shared import a\n", "steps/ingest.py:2:1"),
    "run-names": (RECIPE, f"{PROFILE}  run_name_prefix: a\n", "", "profiles/local.yaml:3:3"),
    "filters": (f"{RECIPE}  split:\n    post_split_filter_method: f\n", PROFILE, "", "recipe.yaml:4:5"),
    "searches": (f"{RECIPE}  train:\n    tuning:\n      enabled: true\n", PROFILE, "", "recipe.yaml:5:7"),
    "classification": ("recipe: classification/v1\n", PROFILE, "", "recipe.yaml:1:1"),
    "automl": (
        f"{RECIPE}  train:\n    using: automl/flaml\nprimary_metric: m\ncustom_metrics: [{{name: m, function: f}}]\n",
        PROFILE,
        "",
        "recipe.yaml:5:1",
    ),
    "scoring": (f"{RECIPE}  predict:\n    model_uri: models:/a/1\n", PROFILE, "", "recipe.yaml:3:3"),
    "registries": (RECIPE, f"{PROFILE}model_registry:\n  uri: databricks-uc\n", "", "profiles/local.yaml:4:3"),
    "tracking": (RECIPE, "experiment:\n  name: a\n", "", "profiles/local.yaml:1:1"),
    "artifacts": (RECIPE, PROFILE, "r.get_artifact('transformer')\n", "steps/ingest.py:1:1"),
    "caught": (RECIPE, PROFILE, "try:\n    pass\nexcept MlflowException:\n    pass\n", "steps/ingest.py:3:8"),
    "cards": (RECIPE, PROFILE, "open('out/card.pkl')\n", "steps/ingest.py:1:6"),
}


def project(root: Path, recipe: str, profile: str, code: str) -> Project:
    (root / "steps").mkdir(exist_ok=True)
    (root / "steps" / "shared.py").touch()
    profiles = {"local": YamlSource("profiles/local.yaml", profile)}
    return Project(root, YamlSource("recipe.yaml", recipe), profiles, (PythonSource("steps/ingest.py", code),))


@pytest.mark.parametrize("rule", CASES)
def test_found_at_its_line(rule: str, tmp_path: Path) -> None:
    recipe, profile, code, place = CASES[rule]
    found = [one for one in findings(project(tmp_path, recipe, profile, code)) if one.rule == rule]
    assert str(found[0].where) == place
    others = [one for one in findings(project(tmp_path, NOTHING, PROFILE, "")) if one.rule == rule]
    assert others == []


def test_what_the_folder_tells(tmp_path: Path) -> None:
    root = tmp_path / "a recipe"
    (root / "metadata" / "mlflow").mkdir(parents=True)
    (root / "metadata" / "mlflow" / "mlruns.db").touch()
    profiles = {name: YamlSource(f"profiles/{name}.yaml", PROFILE) for name in ("a", "b")}
    found = findings(Project(root, YamlSource("recipe.yaml", NOTHING), profiles, ()))
    assert {one.rule for one in found} == {"spaces", "several-profiles", "old-models"}
    assert set(CASES) | {one.rule for one in found} == set(RULES)


def test_a_single_fixed_parameter_of_a_search(tmp_path: Path) -> None:
    recipe = f"{RECIPE}  train:\n    tuning: {{enabled: true}}\n    estimator_params: {{a: 1}}\n"
    found = [one for one in findings(project(tmp_path, recipe, PROFILE, "")) if one.rule == "searches"]
    assert len(found) == 2
    two = recipe.replace("a: 1", "a: 1, b: 2")
    assert len([one for one in findings(project(tmp_path, two, PROFILE, "")) if one.rule == "searches"]) == 1


@pytest.mark.parametrize("line", ["a: 1 # b", "# a", "a: '1' # \"b\"", "a: b  # c#d"])
def test_comments_are_no_hashes(line: str, tmp_path: Path) -> None:
    found = findings(project(tmp_path, f"{RECIPE}{line}\n", PROFILE, ""))
    assert [one for one in found if one.rule == "hashes"] == []

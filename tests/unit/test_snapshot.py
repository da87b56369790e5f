"""Read-only views of a recipe that ran, as plain data."""

from __future__ import annotations

import json

import pytest

from mlflow_recipes import snapshot
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.project import Project


def project(small, profile: str = "local", *overrides: str) -> Project:
    return Project.load(profile, root=small.root, overrides=overrides)


def test_before_anything_ran(small) -> None:
    views = snapshot.status(project(small))
    assert [view.status for view in views] == ["UNKNOWN"] * 6
    assert [view.finished for view in views] == [None] * 6
    assert [view.action for view in views] == ["run"] * 6
    assert project(small).record("train") is None
    assert snapshot.why(project(small), "train").since == ()


def test_after_some_steps(small) -> None:
    small.recipe().execute("transform")
    views = {view.step: view for view in snapshot.status(project(small))}
    assert [view.status for view in views.values()] == ["SUCCEEDED"] * 3 + ["UNKNOWN"] * 3
    assert [view.action for view in views.values()] == ["reuse"] * 3 + ["run"] * 3
    assert views["ingest"].rows == 400
    assert views["ingest"].finished is not None
    assert views["ingest"].finished.endswith(" UTC")
    assert project(small).record("transform") is not None
    assert project(small, "other").record("transform") is None, "no run under that profile yet"
    assert [view.status for view in snapshot.status(project(small, "other"))] == ["UNKNOWN"] * 6


def test_why_names_the_part_and_both_values(small) -> None:
    small.recipe().execute("transform")
    found = snapshot.why(project(small, "local", "steps.ingest.location=other"), "ingest")
    assert found.action == "run"
    [(when, changed)] = found.since
    assert when.endswith(" UTC")
    assert "config location" in {change.name for change in changed}
    assert json.loads(json.dumps(snapshot.as_json(found)))["step"] == "ingest"


def test_why_of_no_step(small) -> None:
    with pytest.raises(RecipeError):
        snapshot.why(project(small), "trian")


def test_a_plan_as_plain_data(small) -> None:
    [first, *_] = snapshot.as_json(snapshot.plan(project(small), "split"))
    assert json.loads(json.dumps(first)) == first
    assert first["step"] == "ingest"
    assert (first["action"], first["changed"]) == ("run", [])
    assert len(first["key"]) == 32


def test_problems_of_configuration_and_of_code(small) -> None:
    assert snapshot.problems(project(small)) == ()
    small.edit("steps/train.py", "estimator_fn", "another_fn")
    [found] = snapshot.problems(project(small))
    assert "estimator_fn" in str(found)
    assert found.severity == "error"
    small.edit("recipe.yaml", "primary_metric", "primary_metrc")
    texts = [str(problem) for problem in snapshot.problems(project(small))]
    assert any("primary_metrc" in text for text in texts)
    assert [p.severity for p in snapshot.config_warnings(project(small))] == ["warning"]


def test_functions_are_looked_at_beside_values_that_are_wrong(small) -> None:
    small.edit("steps/train.py", "def estimator_fn", "def estimator_fun")
    wrong = Project.load("local", root=small.root, overrides=["steps.register.allow_non_validated_model=maybe"])
    found = [str(problem) for problem in snapshot.problems(wrong)]
    assert len(found) == 2
    assert "allow_non_validated_model: input should be true or false" in found[0]
    assert "steps/train.py has no function 'estimator_fn'" in found[1]


def test_the_steps_as_a_picture(small) -> None:
    before = snapshot.diagram(project(small))
    assert {(node.status, node.lines, node.link) for node in before.nodes} == {("never ran", ("would run",), "")}
    small.recipe().execute("transform")
    ingest, *_, register = snapshot.diagram(project(small)).nodes
    assert (ingest.status, ingest.link) == ("done", "steps/ingest/outputs/card.html")
    assert ingest.lines[0].startswith("400 rows · ")
    assert (register.status, register.link) == ("never ran", "")
    changed = snapshot.diagram(project(small, "local", "SPLIT_RATIOS=[8, 1, 1]")).nodes
    assert [node.status for node in changed[:4]] == ["done", "stale", "may be stale", "never ran"]
    assert changed[1].lines[-1].startswith("would run: config split_ratios changed")
    assert [node.name for node in snapshot.diagram(project(small), "split").nodes] == ["ingest", "split"]
    assert [node.status for node in snapshot.diagram(project(small, "other")).nodes] == ["never ran"] * 6


def test_a_step_that_failed_says_so_with_its_checks(small) -> None:
    small.edit("recipe.yaml", "  split:\n", "  split:\n    checks: [{check: row_count, min: 1000}]\n")
    with pytest.raises(RecipeError):
        small.recipe().execute("split")
    ingest, split, *_ = snapshot.diagram(project(small)).nodes
    assert (ingest.status, split.status, split.tone) == ("done", "failed", "bad")
    assert split.lines == ("checks: 3 failed", "would run again")
    assert split.link


def test_scoring_steps_are_shown_where_they_are_configured(small) -> None:
    small.edit("recipe.yaml", "  split:\n", "  ingest_scoring:\n    using: parquet\n    location: x\n  split:\n")
    found = snapshot.diagram(project(small))
    assert [node.name for node in found.nodes][-2:] == ["register", "ingest_scoring"]


def test_what_is_wrong_with_scoring_is_a_warning_since_training_does_not_mind(small) -> None:
    scoring = "  predict:\n    output: {using: csv, location: scores.csv}\n    save_mode: apend\n"
    small.edit("recipe.yaml", "  split:\n", f"{scoring}  split:\n")
    [found] = snapshot.problems(project(small))
    assert found.severity == "warning"
    assert "steps.predict.save_mode: there is no 'apend'" in str(found)

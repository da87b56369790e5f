"""What planning knows of a recipe: keys that tell apart what matters and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.graph import TRAINING
from mlflow_recipes.project import Project, local_key, survey, user_files


def keys(small, *overrides: str) -> dict[str, str]:
    project = Project.load("local", root=small.root, overrides=overrides)
    found = survey(project, project.config(TRAINING), TRAINING)
    return {step: known.local.digest for step, known in found.known.items()}


def moved(small, before: dict[str, str], *overrides: str) -> set[str]:
    after = keys(small, *overrides)
    return {step for step in before if before[step] != after[step]}


@pytest.mark.parametrize(
    ("override", "steps"),
    [
        ("steps.train.estimator_params.alpha=0.75", {"train"}),
        ("steps.split.split_ratios=[0.5, 0.25, 0.25]", {"split"}),
        ("steps.evaluate.validation_criteria=[]", {"evaluate"}),
        ("steps.ingest.location=elsewhere", {"ingest"}),
        ("experiment.name=other", {"train"}),
        ("steps.train.skip_data_profiling=true", set()),
    ],
)
def test_an_option_moves_the_steps_that_read_it(small, override: str, steps: set[str]) -> None:
    before = keys(small)
    assert moved(small, before, override) == steps


def test_code_moves_the_steps_that_import_it(small) -> None:
    before = keys(small)
    small.edit("steps/utils/cleaning.py", "1000.0", "900.0")
    assert moved(small, before) == {"ingest"}
    small.edit("steps/utils/cleaning.py", "900.0", "1000.0")
    small.edit("steps/utils/unused.py", "1", "2")
    small.edit("steps/split.py", "500", "501")
    assert moved(small, before) == set(), "nothing names a function in these files"
    small.edit("steps/custom_metrics.py", "<= 1", "<= 2")
    assert moved(small, before) == {"train", "evaluate"}


def test_keys_do_not_depend_on_where_the_recipe_is(small, tmp_path: Path) -> None:
    before = keys(small)
    small.root.rename(tmp_path / "moved")
    small.root = tmp_path / "moved"
    assert keys(small) == before


def test_every_part_of_a_key_says_what_it_is(small) -> None:
    project = Project.load("local", root=small.root)
    config = project.config(TRAINING)
    found = survey(project, config, TRAINING)
    kinds = {part.name.split()[0] for known in found.known.values() for part in known.local.parts}
    assert kinds == {"config", "code", "source", "library"}
    for spec in TRAINING:
        names = [part.name for part in local_key(project.root, config, spec, found.digests).parts]
        assert len(names) == len(set(names))


def test_files_whose_functions_are_not_named_do_not_count(small) -> None:
    by_name = {spec.name: spec for spec in TRAINING}
    config = Project.load("local", root=small.root).config(TRAINING)
    assert user_files(config, by_name["split"]) == []
    config = Project.load("local", root=small.root, overrides=["steps.split.post_split_filter_method=keep"]).config(
        TRAINING
    )
    assert user_files(config, by_name["split"]) == ["steps/split.py"]


def test_the_store_is_where_the_variable_says(small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Project.load("local", root=small.root).store.home == small.root / "metadata" / "recipes"
    monkeypatch.setenv("MLFLOW_RECIPES_EXECUTION_DIRECTORY", str(tmp_path / "other"))
    assert Project.load("local", root=small.root).store.home == tmp_path / "other"

"""What a model was made from, as tags: the same for the same, whatever environment it was trained in."""

from __future__ import annotations

import pytest

from mlflow_recipes import layout, lineage
from mlflow_recipes.graph import TRAINING
from mlflow_recipes.project import Project


class Digests:
    """Of every table, its name."""

    def digest(self, artifact: str) -> str | None:
        return None if artifact == "validation_data" else artifact


def tags(small, profile: str = "local", *overrides: str) -> dict[str, str]:
    config = Project.load(profile, root=small.root, overrides=overrides).config(TRAINING)
    return lineage.of_training(small.root, config, Digests())


def test_data_and_libraries_by_name(small) -> None:
    found = tags(small)
    assert {name: found.get(tag) for name, tag in layout.TAGS_DATA.items()} == {
        "ingested": "ingested_data",
        "training": "training_data",
        "validation": None,
        "test": None,
    }
    environment = found[layout.TAG_ENVIRONMENT]
    assert environment.startswith("python 3.")
    assert "scikit-learn 1." in environment


@pytest.mark.parametrize(
    "override",
    ["experiment.name=other", "steps.evaluate.validation_criteria=[]", "steps.train.skip_data_profiling=true"],
)
def test_what_does_not_make_the_model(small, override: str) -> None:
    assert tags(small, "local", override) == tags(small)


@pytest.mark.parametrize("override", ["steps.train.estimator_params.alpha=7", "steps.split.split_ratios=[6, 2, 2]"])
def test_another_configuration(small, override: str) -> None:
    before, after = tags(small), tags(small, "local", override)
    assert {name for name in before if before[name] != after[name]} == {layout.TAG_CONFIG}


def test_secrets_do_not_count(small) -> None:
    keys = ["steps.train.estimator_params.api_key=one", "steps.train.estimator_params.api_key=two"]
    assert tags(small, "local", keys[0]) == tags(small, "local", keys[1])


def test_another_code_but_not_another_comment(small) -> None:
    before = tags(small)
    small.edit("steps/train.py", "from sklearn", "# the usual one\nfrom sklearn")
    assert tags(small) == before
    small.edit("steps/utils/cleaning.py", "1000.0", "999.0")
    assert {name for name in before if before[name] != tags(small)[name]} == {layout.TAG_CODE}


def test_of_a_run_only_what_made_its_model() -> None:
    assert lineage.of_run({layout.TAG_CODE: "c", layout.TAG_GIT_COMMIT: "g", layout.TAG_STEP: "x"}) == {
        layout.TAG_CODE: "c",
        layout.TAG_GIT_COMMIT: "g",
    }

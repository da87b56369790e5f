"""Register: who is let in."""

from __future__ import annotations

import pytest

from mlflow_recipes import layout
from mlflow_recipes.config.judging import Register
from mlflow_recipes.errors import GateError
from mlflow_recipes.registry import Version
from mlflow_recipes.steps import register


@pytest.mark.parametrize(
    ("status", "allowed", "let_in", "reason"),
    [
        ("VALIDATED", False, True, "it met every validation criterion."),
        ("REJECTED", False, False, "it missed a validation criterion on the test data."),
        ("REJECTED", True, True, "it missed a validation criterion on the test data."),
        ("UNKNOWN", False, False, "no validation criteria are given in steps.evaluate.validation_criteria."),
        ("UNKNOWN", True, True, "no validation criteria are given in steps.evaluate.validation_criteria."),
        ("<b>", False, False, "its validation status is unreadable."),
    ],
)
def test_admission(status: str, allowed: bool, let_in: bool, reason: str) -> None:
    assert register.admit(status, allowed=allowed) == register.Admission(let_in, reason)


def test_a_rejected_model_registers_nothing(context) -> None:
    step = context("register", run="r1", model_validation_status="REJECTED")
    with pytest.raises(GateError) as caught:
        register.run(step)
    assert caught.value.exit_code == 3
    assert str(caught.value) == (
        "steps.register: Model registration on 'small' failed: it missed a validation criterion on the test data.\n"
        "The evaluate card says by how much (`mlflow recipes inspect -s evaluate -p local`). Improve the model, or set "
        "`steps.register.allow_non_validated_model: true` to register it all the same."
    )
    assert list(step.staging.iterdir()) == []


PROMOTING, PLAIN = Register(promote=True), Register()
PROMOTED = {layout.TAG_PROMOTED: "2018-01-01T08:30:00+00:00"}


@pytest.mark.parametrize(
    ("tags", "status", "aliases", "options", "alias"),
    [
        ({}, "VALIDATED", {}, PLAIN, "challenger"),
        ({}, "VALIDATED", {}, PROMOTING, "champion"),
        ({}, "VALIDATED", {"champion": "1", "challenger": "4"}, PROMOTING, "champion"),
        ({}, "REJECTED", {"champion": "1"}, PROMOTING, "challenger"),
        ({}, "VALIDATED", {"champion": "1", "challenger": "4"}, PLAIN, "challenger"),
        # A later version was registered since.
        ({}, "VALIDATED", {"challenger": "11"}, PLAIN, None),
        # Somebody has promoted it, or taken the alias from it after it was promoted.
        ({}, "VALIDATED", {"champion": "9"}, PLAIN, None),
        (PROMOTED, "VALIDATED", {"champion": "1"}, PROMOTING, None),
        (PROMOTED, "VALIDATED", {"champion": "9"}, PLAIN, None),
    ],
)
def test_which_alias(tags, status, aliases, options, alias) -> None:
    version = Version("small", "9", "r", None, tags=tags)
    assert register.alias_for(version, status, aliases, options) == alias


def test_a_version_knows_what_made_it_and_keeps_what_people_decide(context) -> None:
    import pandas as pd

    rows = {f"{part}_data": pd.DataFrame({"y": [value]}) for part, value in (("training", 1.0), ("test", 2.0))}
    step = context("register", "steps.register.promote=true", model_validation_status="VALIDATED", **rows)
    run_id = step.tracking.start("register", None)
    step.tracking.log(run_id, tags={layout.TAG_CODE: "c0de", "other": "x"})
    step.inputs.values["run"] = run_id
    first = register.run(step)
    registry = step.tracking.registry
    tags = registry.find("small", "1").tags
    assert {name: tags[name] for name in (layout.TAG_CODE, layout.TAG_RECIPE, layout.TAG_PROFILE)} == {
        layout.TAG_CODE: "c0de",
        layout.TAG_RECIPE: "a recipe",
        layout.TAG_PROFILE: "local",
    }
    assert tags[layout.TAGS_DATA["test"]] == step.inputs.digest("test_data")
    assert "other" not in tags
    assert first.facts["made_from"][layout.TAG_CODE] == "c0de"
    assert (first.facts["aliases"], first.facts["champion"], first.facts["champion_before"]) == (
        ["champion"],
        "1",
        None,
    )

    step.inputs.values["run"] = step.tracking.start("register", None)
    second = register.run(step)
    assert (second.facts["version"], second.facts["champion_before"]) == ("2", "1")
    assert registry.aliases("small") == {"champion": "2"}

    registry.set_alias("small", "champion", "1")
    again = register.run(step)
    assert registry.aliases("small") == {"champion": "1"}
    assert (again.facts["version"], again.facts["aliases"], again.facts["champion"]) == ("2", [], "1")
    assert again.effects == second.effects


def test_what_a_crash_left_undone_is_done(context) -> None:
    """Killed once the version was made, and once it had the champion's alias but not yet the tag that says so."""
    step = context("register", "steps.register.promote=true", model_validation_status="VALIDATED")
    run_id = step.inputs.values["run"] = step.tracking.start("register", None)
    registry = step.tracking.registry
    registry.register("small", run_id, None, {})
    registry.set_alias("small", "challenger", "1")
    registry.set_alias("small", "champion", "1")
    assert register.run(step).facts["champion_before"] is None
    assert registry.aliases("small") == {"champion": "1"}
    assert layout.TAG_PROMOTED in registry.find("small", "1").tags
    assert [version.version for version in registry.versions("small")] == ["1"]

"""Promote and roll back: on real versions, real MLflow on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mlflow_recipes import layout, promotion
from mlflow_recipes.errors import GateError, RecipeError
from mlflow_recipes.project import Project
from mlflow_recipes.promotion import Promotion

INSTEAD = "Name a version: `mlflow recipes promote VERSION -p local`."


@pytest.fixture
def project(registered) -> Project:
    return Project.load("local", root=registered.small.root)


@pytest.fixture
def aliases(registered) -> Iterator[Callable[..., dict[str, str]]]:
    """Sets aliases of the registered model, as keywords, and gives them; afterwards there are none."""
    registry = registered.tracking().registry

    def given(**wanted: str) -> dict[str, str]:
        for alias, version in wanted.items():
            registry.set_alias("small", alias, version)
        return registry.aliases("small")

    for alias in given():
        registry.delete_alias("small", alias)
    yield given
    for version in registry.versions("small"):
        for alias in version.aliases:
            registry.delete_alias("small", alias)
        registry.delete_tag(version, layout.TAG_PREVIOUS_CHAMPION)


def test_promoting_and_back(project: Project, aliases) -> None:
    aliases(challenger="1")
    assert promotion.promote(project, None, force=False) == Promotion("small", "champion", None, "1")
    assert aliases(challenger="2") == {"champion": "1", "challenger": "2"}
    assert promotion.promote(project, "challenger", force=False) == Promotion("small", "champion", "1", "2")
    assert promotion.promote(project, "2", force=False) == Promotion("small", "champion", "2", "2")
    assert aliases() == {"champion": "2"}
    assert promotion.rollback(project) == Promotion("small", "champion", "2", "1")
    assert aliases() == {"champion": "1"}


def test_each_rollback_undoes_one_promotion(project: Project, aliases) -> None:
    for version in ("1", "2", "1"):
        promotion.promote(project, version, force=False)
    assert [promotion.rollback(project).after for _ in range(2)] == ["2", "1"]
    with pytest.raises(RecipeError) as caught:
        promotion.rollback(project)
    assert str(caught.value) == (
        f"Version 1 of 'small' is the 'champion', and none before it is known: nothing to roll back to.\n{INSTEAD}"
    )


def test_an_empty_name_is_not_the_challenger(project: Project, aliases) -> None:
    """As of a variable that a script forgot to set."""
    aliases(challenger="1")
    with pytest.raises(RecipeError, match=r"The registered model 'small' has no alias ''\."):
        promotion.promote(project, "", force=False)
    assert aliases() == {"challenger": "1"}


def test_nothing_to_roll_back(project: Project, aliases) -> None:
    with pytest.raises(RecipeError) as caught:
        promotion.rollback(project)
    assert str(caught.value) == (
        f"The registered model 'small' has no version with the alias 'champion': nothing to roll back.\n{INSTEAD}"
    )


def test_the_champion_before_was_deleted(project: Project, aliases, registered) -> None:
    registry = registered.tracking().registry
    aliases(champion="2")
    registry.set_tags(registry.find("small", "2"), {layout.TAG_PREVIOUS_CHAMPION: "9"})
    with pytest.raises(RecipeError) as caught:
        promotion.rollback(project)
    assert str(caught.value) == f"Version 9 of 'small', the 'champion' before version 2, was deleted.\n{INSTEAD}"
    assert aliases() == {"champion": "2"}


@pytest.mark.parametrize(
    ("status", "said"),
    [("REJECTED", "is REJECTED, not VALIDATED"), (None, "is not known: no recipe registered it")],
)
def test_a_version_that_did_not_pass(project: Project, aliases, registered, status, said: str) -> None:
    registry = registered.tracking().registry
    version = registry.find("small", "1")
    registry.set_tags(version, {layout.TAG_VALIDATION: status}) if status else registry.delete_tag(
        version, layout.TAG_VALIDATION
    )
    try:
        with pytest.raises(GateError) as caught:
            promotion.promote(project, "1", force=False)
        assert caught.value.exit_code == 3
        assert str(caught.value) == (
            f"Version 1 of 'small' was not promoted: its validation status {said}.\n"
            "Promote another version, or this one all the same with --force."
        )
        assert aliases() == {}
        assert promotion.promote(project, "1", force=True).after == "1"
    finally:
        registry.set_tags(registry.find("small", "1"), {layout.TAG_VALIDATION: "VALIDATED"})

"""The model registry: real MLflow on SQLite; versions without a model behind them, but where one is loaded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.registry import Registry, Version
from mlflow_recipes.user_code import UserCode


@pytest.fixture(scope="module")
def tracking(registered):
    return registered.tracking()


@pytest.fixture(scope="module")
def registry(tracking) -> Registry:
    return tracking.registry


@pytest.fixture(scope="module")
def register(tracking) -> Callable[..., Version]:
    """Registers a model of a new run."""

    def made(name: str, **tags: str) -> Version:
        return tracking.registry.register(name, tracking.start("register", None), None, tags)

    return made


def test_the_same_model_is_never_registered_twice_and_its_tags_follow(tracking, registry: Registry) -> None:
    run_id = tracking.start("register", None)
    first = registry.register("twice", run_id, None, {"a": "1", layout.TAG_VALIDATION: "REJECTED"})
    again = registry.register("twice", run_id, None, {"a": "1", layout.TAG_VALIDATION: "VALIDATED"})
    assert (first.version, again.version) == ("1", "1")
    found = registry.find("twice", "1")
    assert found == Version(
        "twice", "1", run_id, None, (), {"a": "1", layout.TAG_VALIDATION: "VALIDATED"}, first.created
    )
    assert again.tags == found.tags
    assert registry.register("another name", run_id, None, {}).version == "1"


def test_versions_come_newest_first_with_their_aliases(registry: Registry, register) -> None:
    name = "it's a model"
    for _ in range(11):
        register(name)
    registry.set_alias(name, "b", "2")
    registry.set_alias(name, "a", "2")
    assert [version.version for version in registry.versions(name)] == [str(number) for number in range(11, 0, -1)]
    assert registry.find(name, "2").aliases == ("a", "b")
    assert str(registry.by_alias(name, "a")) == "2 (a, b)"
    registry.delete_alias(name, "a")
    registry.delete_alias(name, "a")
    assert registry.by_alias(name, "a") is None


def test_what_does_not_exist(registry: Registry, register) -> None:
    assert registry.aliases("nobody") is registry.find("nobody", "1") is registry.by_alias("nobody", "champion") is None
    assert registry.versions("nobody") == []
    register("lonely")
    assert registry.by_alias("lonely", "champion") is registry.find("lonely", "2") is None
    run_id = str(registry.find("lonely", "1").run_id)
    assert registry.lost("lonely", "1", run_id) is None
    assert registry.lost("lonely", "2", run_id) == "version 2 of the registered model 'lonely' was deleted"
    assert registry.lost("lonely", "1", "another") == "version 1 of the registered model 'lonely' is another model now"


def test_an_alias_of_a_deleted_version(registry: Registry, register, registered) -> None:
    register("dangling")
    file = registered.small.root / "metadata/mlflow/mlruns.db"
    with closing(sqlite3.connect(file)) as database, database:
        columns = [row[1] for row in database.execute("pragma table_info(registered_model_aliases)")]
        values = {"name": "dangling", "alias": "champion", "version": 7, "workspace": "default"}
        marks = ", ".join("?" for _ in columns)
        database.execute(
            f"insert into registered_model_aliases ({', '.join(columns)}) values ({marks})",
            [values[column] for column in columns],
        )
    with pytest.raises(RecipeError) as caught:
        registry.by_alias("dangling", "champion")
    assert str(caught.value) == (
        "The alias 'champion' of the registered model 'dangling' points to version 7, which was deleted.\n"
        "Give the alias to a version that is there: `mlflow recipes promote VERSION -p local`, or on the model's page "
        "in MLflow."
    )
    assert registry.promote(registry.find("dangling", "1"), "champion", "challenger") == "7"
    assert registry.by_alias("dangling", "champion").version == "1"


def test_what_a_person_means(registry: Registry, register) -> None:
    register("meant")
    register("meant")
    registry.set_alias("meant", "champion", "1")
    assert [registry.named("meant", which).version for which in ("2", "v2", "V1", "champion")] == ["2", "2", "1", "1"]


@pytest.mark.parametrize(
    ("name", "which", "message"),
    [
        ("asked", "3", "The registered model 'asked' has no version 3. Its versions: 2, 1 (challenger).\n{otherwise}"),
        (
            "asked",
            "v03",
            "The registered model 'asked' has no version 03. Its versions: 2, 1 (challenger).\n{otherwise}",
        ),
        (
            "asked",
            "9" * 30,
            "The registered model 'asked' has no alias '"
            + "9" * 30
            + "'. Its versions: 2, 1 (challenger).\n{otherwise}",
        ),
        (
            "asked",
            "challenge",
            "The registered model 'asked' has no alias 'challenge'. Its versions: 2, 1 (challenger).\n"
            "Did you mean 'challenger'?",
        ),
        (
            "nobody",
            "champion",
            "There is no version of the registered model 'nobody' in sqlite:///{root}/metadata/mlflow/mlruns.db.\n"
            "Register one first: `mlflow recipes run -p local`.",
        ),
    ],
)
def test_what_a_person_cannot_mean(registry: Registry, register, registered, name, which, message) -> None:  # noqa: PLR0917
    if name == "asked" and registry.find("asked", "2") is None:
        register("asked")
        register("asked")
        registry.set_alias("asked", "challenger", "1")
    with pytest.raises(RecipeError) as caught:
        registry.named(name, which)
    otherwise = "Name one by its number or by an alias that it has."
    assert str(caught.value) == message.format(root=registered.small.root.as_posix(), otherwise=otherwise)


def test_a_promotion_remembers_who_was_the_champion_before(registry: Registry, register) -> None:
    first, second = register("promoted"), register("promoted")
    registry.set_alias("promoted", "next", "2")
    assert registry.promote(first, "best", "next") is None
    assert registry.aliases("promoted") == {"best": "1", "next": "2"}
    assert registry.promote(second, "best", "next") == "1"
    assert registry.aliases("promoted") == {"best": "2"}
    now = registry.find("promoted", "2")
    assert now.tags[layout.TAG_PREVIOUS_CHAMPION] == "1"
    assert layout.TAG_PROMOTED in now.tags
    assert registry.promote(now, "best", "next") == "2"
    assert registry.find("promoted", "2").tags[layout.TAG_PREVIOUS_CHAMPION] == "1"
    registry.delete_alias("promoted", "best")
    assert registry.promote(registry.find("promoted", "2"), "best", "next") is None
    assert layout.TAG_PREVIOUS_CHAMPION not in registry.find("promoted", "2").tags


def test_an_older_version_works_with_its_own_code_while_the_recipe_keeps_its(registered, tracking) -> None:
    """Both call a helper that they import when they predict; the recipe's has been edited since version 1."""
    import sys

    rows = registered.small.recipe().get_artifact("test_data").drop(columns=["y"]).head(5)
    assert registered.predictions["1"] != registered.predictions["2"]
    with UserCode(registered.small.root) as user, tracking.session(writing=False):
        function = user.function("steps/transform.py", "transformer_fn", key="k")
        ours, path, finders = sys.modules["steps.transform"], list(sys.path), list(sys.meta_path)
        old = tracking.registry.load(tracking.registry.find("small", "1"))
        for _ in range(2):
            assert list(old.predict(rows)) == registered.predictions["1"]
            assert sys.modules["steps.transform"] is ours
            from steps.utils.factor import FACTOR

            assert FACTOR == 3
        assert function().steps[0][1].func is ours.doubled
        assert (sys.path, sys.meta_path) == (path, finders)
        new = tracking.registry.load(tracking.registry.find("small", "2"))
        assert list(new.predict(rows)) == registered.predictions["2"]

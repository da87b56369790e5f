"""COMPAT section 4: profiles and Jinja."""

from __future__ import annotations

import json

import pytest

from mlflow_recipes.compat.utils import get_recipe_config
from mlflow_recipes.errors import RecipeError


def config(small, recipe: str, profile: str) -> dict:
    small.write("recipe.yaml", recipe)
    small.write("profiles/local.yaml", profile)
    return get_recipe_config(str(small.root), "local")


@pytest.mark.covers("config:profile-rendered-first", "config:set", "config:merged", "config:extra-keys")
def test_a_profile_is_rendered_first_and_its_keys_are_variables_and_values(small) -> None:
    profile = "{% set month = 3 %}\nA: {x: {{ month + 1 }}}\nexperiment: {name: n}\n"
    found = config(small, "recipe: regression/v1\nsteps: {{ A }}\nb: {{ A.x }}\nmine: 1\n", profile)
    assert found == {
        **{"recipe": "regression/v1", "steps": {"x": 4}, "b": 4, "mine": 1},
        **{"A": {"x": 4}, "experiment": {"name": "n"}},
    }


@pytest.mark.covers("config:strict")
def test_undefined_names(small) -> None:
    assert config(small, "a: {{ X | default(3) }}\n", "")["a"] == 3
    with pytest.raises(RecipeError, match=r"Failed to read recipe configuration.*'X' is undefined"):
        config(small, "a: {{ X }}\n", "")


@pytest.mark.covers("error:unreadable", "config:duplicate-keys")
@pytest.mark.parametrize("text", ["a: [1\n", "a: 1\na: 2\n", "a: {{ 1 + }}\n"])
def test_what_cannot_be_read(small, text: str) -> None:
    with pytest.raises(RecipeError, match="Failed to read recipe configuration"):
        config(small, text, "")


@pytest.mark.covers("config:from_json")
def test_from_json_is_relative_to_the_recipe(small, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write("values.json", json.dumps({"x": [1, 2]}))
    monkeypatch.chdir(tmp_path)
    assert config(small, "a: {{ ('values.json' | from_json).x }}\n", "")["a"] == [1, 2]


@pytest.mark.covers("config:hash")
def test_hashes(small) -> None:
    found = config(small, "a: http://h/p#frag\nb: 'x # y'  # {{ nowhere }}\n# {{ nowhere }}\n", "")
    assert found == {"a": "http://h/p#frag", "b": "x # y"}


@pytest.mark.covers("config:text")
def test_values_are_inserted_as_text(small) -> None:
    profile = "D: {a: [1, two]}\nT: true\nN: null\nS: text\n"
    found = config(small, "d: {{ D }}\nt: {{ T }}\nn: {{ N }}\ns: {{ S }}\n", profile)
    assert (found["d"], found["t"], found["n"], found["s"]) == ({"a": [1, "two"]}, True, "None", "text")


@pytest.mark.covers("config:both-files")
def test_the_profile_wins(small) -> None:
    assert config(small, "a: 1\n", "a: 2\n")["a"] == 2


@pytest.mark.covers("config:no-profile")
def test_without_a_profile_nothing_is_rendered(small) -> None:
    small.write("recipe.yaml", "a: '{{ X }}'\n")
    assert get_recipe_config(str(small.root)) == {"a": "{{ X }}"}

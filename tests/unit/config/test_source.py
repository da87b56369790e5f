"""Reading and merging recipe.yaml and profiles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.config.source import load_source
from mlflow_recipes.errors import ConfigError, Position

names = st.text(alphabet="abcxyz_", min_size=1, max_size=6)
leaves = st.one_of(st.integers(), st.booleans(), st.text(alphabet="abc 1", max_size=5))
trees = st.dictionaries(
    names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=6)
)


def project(root: Path, recipe: str, profile: str = "", name: str = "local") -> Path:
    (root / "profiles").mkdir(exist_ok=True)
    (root / "recipe.yaml").write_text(recipe, encoding="utf-8")
    (root / "profiles" / f"{name}.yaml").write_text(profile, encoding="utf-8")
    return root


def test_the_profile_gives_variables_and_wins(tmp_path: Path) -> None:
    source = load_source(project(tmp_path, "a: {{ X }}\nb: 1", "X: 5\nb: 2"), "local")
    assert source.values == {"a": 5, "b": 2, "X": 5}
    assert source.position(("a",)) == Position("recipe.yaml", 1, 1)
    assert source.position(("b",)) == Position("profiles/local.yaml", 2, 1)
    assert source.position(("b", "deeper", 3)) == Position("profiles/local.yaml", 2, 1)


def test_without_a_profile_nothing_is_rendered(tmp_path: Path) -> None:
    root = project(tmp_path, "a: '{{ X }}'")
    assert load_source(root, None).values == {"a": "{{ X }}"}


@settings(derandomize=True, deadline=None)
@given(trees, trees)
def test_merging(tmp_path_factory: pytest.TempPathFactory, recipe: dict[str, Any], profile: dict[str, Any]) -> None:
    root = tmp_path_factory.mktemp("recipe")
    source = load_source(project(root, yaml.safe_dump(recipe), yaml.safe_dump(profile)), "local")
    assert source.values == {**recipe, **profile}
    assert all(path in source.positions for path in paths(source.values))


def paths(tree: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in tree.items():
        found.append((*above, key))
        if isinstance(value, dict):
            found += paths(value, (*above, key))
    return found


def test_overrides(tmp_path: Path) -> None:
    root = project(tmp_path, "steps: {split: {r: [{{ X }}, 2]}, other: {{ Y.k | default(9) }}}", "X: 1\nY: {}")
    source = load_source(root, "local", ["X=7", "steps.split.r.1=8", "steps.new.key=[a, b]", "Y.k=3", "Z.z=1"])
    assert source.values["steps"] == {"split": {"r": [7, 8]}, "other": 3, "new": {"key": ["a", "b"]}}
    assert source.position(("steps", "split", "r", 1)) == Position("--set")
    assert load_source(root, "local").values["steps"]["split"] == {"r": [1, 2]}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("steps", "--set: 'steps' is not an override.\nWrite KEY.PATH=VALUE, such as steps.train.using=custom."),
        ("a..b=1", "--set: 'a..b=1' is not an override.\nWrite KEY.PATH=VALUE, such as steps.train.using=custom."),
        ("steps.r.9=1", "--set: There is no place for 'steps.r.9' in the configuration."),
        ("steps=[1", "--set: The value of 'steps' is not valid YAML: [1"),
    ],
)
def test_wrong_overrides(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_source(project(tmp_path, "steps: {r: [1]}"), "local", [override])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            "a: 1\nb: 2\na: 3",
            "recipe.yaml:3:1: Failed to read recipe configuration: the key 'a' is given twice, first in line 1.\n"
            "Remove one of them.",
        ),
        (
            "a:\n  b: 1\n c: 2",
            "recipe.yaml:3:2: Failed to read recipe configuration: while parsing a block mapping expected <block end>, "
            "but found '<block mapping start>'.\nCorrect the YAML there.",
        ),
        (
            "lookup:\n  1: a\n  true: b",
            "recipe.yaml:3:3: Failed to read recipe configuration: the key 'true' is given twice, first in line 2 as "
            "'1', which means the same.\nRemove one of them.",
        ),
        (
            "a: 1\n!!int x: 2",
            "recipe.yaml:2:1: Failed to read recipe configuration: invalid literal for int() with base 10: 'x'.\n"
            "Write a plain value.",
        ),
        (
            "- 1",
            "recipe.yaml:1:1: Failed to read recipe configuration: expected `key: value` lines, found a list.",
        ),
        (
            "a: {{ '{{' }} X }}",
            "recipe.yaml:1:5: Failed to read recipe configuration: a key must be a single word.\n"
            "Quote the value if it holds braces, or define the Jinja variable that it names.",
        ),
        (
            "a: !!python/name:os.system x",
            "recipe.yaml:1:4: Failed to read recipe configuration: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/name:os.system'.\nWrite a plain value.",
        ),
        (
            "a: !!python/object:os.x {}",
            "recipe.yaml:1:4: Failed to read recipe configuration: the tag 'tag:yaml.org,2002:python/object:os.x' is "
            "not allowed.\nWrite a plain value.",
        ),
    ],
)
def test_wrong_yaml(tmp_path: Path, recipe: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_source(project(tmp_path, recipe), "local")
    assert str(caught.value) == message


def test_keys_are_what_yaml_reads(tmp_path: Path) -> None:
    text = "lookup:\n  1: a\n  '1': b\n  off: c\n  1.5: d\n  ~: e\n  2020-01-01: f\n  'on': g\nmore: {<<: {2: x}, 3: y}"
    source = load_source(project(tmp_path, text, "7: x\n'on': 1"), "local")
    expected = {1: "a", "1": "b", False: "c", 1.5: "d", None: "e", date(2020, 1, 1): "f", "on": "g"}
    assert source.values == {"lookup": expected, "more": {2: "x", 3: "y"}, 7: "x", "on": 1}
    assert [type(key) for key in source.values["lookup"]] == [type(key) for key in expected]
    lines = {key: source.positions["lookup", key].line for key in expected}
    assert lines == dict(zip(expected, range(2, 9), strict=True))


def test_overrides_reach_keys_of_any_type(tmp_path: Path) -> None:
    root = project(tmp_path, "steps: {1: x, off: y, '2': z, 2: w}")
    source = load_source(root, "local", [f"steps.{text}" for text in ("1=7", "off=8", "2=9", "3=10", "b c=11", "[=12")])
    assert source.values["steps"] == {1: 7, False: 8, "2": 9, 2: "w", 3: 10, "b c": 11, "[": 12}


def test_what_an_override_makes_on_the_way_is_placed_there(tmp_path: Path) -> None:
    source = load_source(project(tmp_path, "steps:\n  train:\n  split: {a: 1}"), "local", ["steps.train.parms.a.b=3"])
    assert source.position(("steps", "train", "parms")) == Position("--set")
    assert source.position(("steps", "train", "parms", "a")) == Position("--set")
    assert source.position(("steps", "train")) == Position("recipe.yaml", 2, 3)


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="over 100,000 values"):
        load_source(project(tmp_path, "\n".join(lines)), "local")


def test_merge_keys_and_other_encodings(tmp_path: Path) -> None:
    root = project(tmp_path, "base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  y: 3")
    assert load_source(root, "local").values["mine"] == {"x": 1, "y": 3}
    (root / "recipe.yaml").write_bytes("\ufeffa: ü\r\nb: 1\r\n".encode())
    assert load_source(root, "local").values == {"a": "ü", "b": 1}
    (root / "recipe.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError) as caught:
        load_source(root, "local")
    assert str(caught.value) == (
        "recipe.yaml: Failed to read recipe configuration: the file is not UTF-8 text (byte 3).\nSave it as UTF-8."
    )


def test_profiles_that_are_none(tmp_path: Path) -> None:
    root = project(tmp_path, "a: 1", name="local")
    with pytest.raises(ConfigError) as caught:
        load_source(root, "locla")
    assert str(caught.value) == (
        f"Did not find the YAML configuration of profile 'locla' at {root / 'profiles' / 'locla.yaml'}.\n"
        "Did you mean 'local'? There are: local."
    )
    for name in ("../recipe", "a/b", "..", "C:x"):
        with pytest.raises(ConfigError, match="is not a profile name"):
            load_source(root, name)


def test_reading_writes_nothing(tmp_path: Path) -> None:
    root = project(tmp_path, "a: 1")
    before = sorted(tmp_path.rglob("*"))
    load_source(root, "local")
    assert sorted(tmp_path.rglob("*")) == before

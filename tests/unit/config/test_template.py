"""Rendering, and what is a comment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes import secrets
from mlflow_recipes.config.template import blank_comments, line_map, render, used_names
from mlflow_recipes.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("# {{ X }}\na: 1", "\na: 1"),
        ("a: 1 # {{ X }}", "a: 1 "),
        ("a: http://h/p#frag", "a: http://h/p#frag"),
        ("a: 'x # {{ y }}'", "a: 'x # {{ y }}'"),
        ('a: "x \\" # y" # z', 'a: "x \\" # y" '),
        ("a: don't # c", "a: don't "),
        ("a: {{ x }} # c", "a: {{ x }} "),
        ("a: {{ '#' }} # c", "a: {{ '#' }} "),
        ("{% set a = ' # ' %}", "{% set a = ' # ' %}"),
        ("a: |\n  # text {{ x }}\nb: 1 # c", "a: |\n  # text {{ x }}\nb: 1 "),
        ("a: >-\n  # text\n\n  # more\nb: [1] # c", "a: >-\n  # text\n\n  # more\nb: [1] "),
        ("a: 'two\n  # lines'", "a: 'two\n  # lines'"),
        ("{# it's # one #}\na: 1 # c", "{# it's # one #}\na: 1 "),
        ("a: 1 {# two\n # lines #} # c", "a: 1 {# two\n # lines #} "),
        ("# {# c\na: 1 # d #}", "\na: 1 "),
    ],
)
def test_what_is_a_comment(text: str, kept: str) -> None:
    assert blank_comments(text) == kept


@settings(derandomize=True)
@given(st.text(alphabet="ab #'\"{}%:|\n-\\"))
def test_lines_stay_where_they_are(text: str) -> None:
    blanked = blank_comments(text)
    assert blanked.count("\n") == text.count("\n")
    assert all(line.startswith(kept) for line, kept in zip(text.split("\n"), blanked.split("\n"), strict=True))


@settings(derandomize=True)
@given(st.text(alphabet=st.characters(blacklist_characters="'\n\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e", codec="utf-8")))
def test_text_inside_quotes_survives(text: str) -> None:
    assert blank_comments(f"a: '{text}'") == f"a: '{text}'"


def shown(text: str, root: Path, **variables: object) -> str:
    return render(text, variables, file="recipe.yaml", root=root)[0]


def test_comments_of_jinja_are_left_out(tmp_path: Path) -> None:
    assert shown("{# of {{ a }}\nfile #}\nb: {{ X }} {# c #}", tmp_path, X=1) == "\nb: 1 "


def test_values_are_inserted_as_python_text(tmp_path: Path) -> None:
    text = "a: {{ X }}\nb: {{ Y.z }}\nc: {{ W | default(3) }}\nd: {{ N }}"
    assert shown(text, tmp_path, X={"k": [1, "x"]}, Y={"z": True}, N=None) == (
        "a: {'k': [1, 'x']}\nb: True\nc: 3\nd: None"
    )


def test_an_undefined_name_is_said_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        shown("a: 1\nb: {{ INGEST_CONFG }}", tmp_path, INGEST_CONFIG=1)
    assert str(caught.value) == (
        "recipe.yaml:2: Failed to read recipe configuration: 'INGEST_CONFG' is undefined.\n"
        "Did you mean 'INGEST_CONFIG'?"
    )


def test_wrong_jinja_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^recipe.yaml:3: Failed to read recipe configuration: unexpected '}'"):
        shown("a: 1\n\nb: {{ } }}", tmp_path)


def test_the_sandbox_holds(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="access to attribute '__class__' of 'str' object is unsafe"):
        shown("a: {{ ''.__class__.__mro__ }}", tmp_path)
    with pytest.raises(ConfigError, match="Range too big"):
        shown("a: {{ range(10**9) | list }}", tmp_path)


def test_from_json_reads_relative_to_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "a.json").write_text(json.dumps({"n": 7}))
    assert shown("a: {{ ('conf/a.json' | from_json).n }}", tmp_path) == "a: 7"
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    Path("b.json").write_text("[1]")
    assert shown("a: {{ 'b.json' | from_json }}", tmp_path) == "a: [1]"
    with pytest.raises(ConfigError, match=r"from_json found no file 'c\.json'"):
        shown("a: {{ 'c.json' | from_json }}", tmp_path)


def test_lines_are_found_again_after_a_loop(tmp_path: Path) -> None:
    text = "{% for x in [1, 2] %}\n- {{ x }}\n{% endfor %}\nlast: 1"
    rendered, lines = render(text, {}, file="f", root=tmp_path)
    assert rendered.splitlines()[-1] == "last: 1"
    assert lines[-1] == 4
    assert line_map("a\nb", "a\nb") == [1, 2]


def test_which_variables_a_template_uses() -> None:
    text = "a: {{ A | default(B) }} # {{ C }}\n{% set d = D %}\nd: {{ d }}\ne: {{ 'x' | from_json }}"
    assert used_names(text) == {"A", "B", "D"}
    assert used_names("a: {{") == set()


def test_only_names_are_variables(tmp_path: Path) -> None:
    assert render("{{ a }}", {"a": 1, 2: 3, True: 4}, file="r", root=tmp_path)[0] == "1"


# Values of the environment


@pytest.fixture
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_remembered", {})


@pytest.mark.usefixtures("nothing_remembered")
def test_a_value_of_the_environment_is_inserted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALS", "30")
    monkeypatch.setenv("PLACE", "s3://bucket/a b")
    text = """a: {{ env("TRIALS") }}\nb: {{ env("PLACE") }}/x\nc: {{ env("NOT_THERE", 7) }}\n# {{ env("COMMENT") }}\n"""
    assert shown(text, tmp_path) == "a: 30\nb: s3://bucket/a b/x\nc: 7\n\n"


def test_a_variable_of_the_profile_may_be_called_env(tmp_path: Path) -> None:
    assert shown("a: {{ env }}", tmp_path, env="dev") == "a: dev"


def test_a_variable_that_is_not_set_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        shown('a: 1\nb: {{ env("NOT_THERE_AT_ALL") }}\n', tmp_path)
    assert str(caught.value) == (
        "recipe.yaml:2: The environment variable NOT_THERE_AT_ALL is not set.\n"
        'Set it, or give it a default: {{ env("NOT_THERE_AT_ALL", "...") }}.'
    )


@pytest.mark.usefixtures("nothing_remembered")
def test_a_similar_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_PASSWORD", "x")
    with pytest.raises(ConfigError, match=r"Did you mean SALES_PASSWORD\?"):
        shown('a: {{ env("SALE_PASSWORD") }}', tmp_path)


@pytest.mark.usefixtures("nothing_remembered")
@pytest.mark.parametrize("value", ['say "no"', "it's", "a: b", "a #b", "two\nlines", "end:"])
def test_a_value_that_yaml_would_misread_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ODD", value)
    with pytest.raises(ConfigError, match=r"^recipe\.yaml:2: A value of the environment holds quotes") as caught:
        shown('a: 1\nb: {{ env("ODD") }}', tmp_path)
    assert value not in str(caught.value)
    assert yaml.safe_load(shown('b: {{ env("ODD") | tojson }}', tmp_path)) == {"b": value}


@pytest.mark.usefixtures("nothing_remembered")
@pytest.mark.parametrize(
    ("value", "text", "masked"),
    [
        ("hunter2", "at hunter2 and hunter22", "at *** and hunter22"),
        ("p/w+d", "x=p%2Fw%2Bd p/w+d", "x=*** ***"),
        ("30", "30 trials", "30 trials"),
        ("true", "true", "true"),
        ("roc_auc", "roc_auc", "roc_auc"),
    ],
)
def test_a_value_is_masked_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, text: str, masked: str
) -> None:
    monkeypatch.setenv("SECRET_ONE", value)
    shown('a: {{ env("SECRET_ONE") | tojson }}', tmp_path)
    assert secrets.mask(text) == masked
    assert secrets.masked({"text": [text]}) == {"text": [masked]}

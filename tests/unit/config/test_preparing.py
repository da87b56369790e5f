"""Steps of the user's own: what may be said of them, and in which order they run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflow_recipes.config.models import find_problems, graph_of, parse, step_options
from mlflow_recipes.config.preparing import CycleError, in_order
from mlflow_recipes.config.source import ConfigSource, load_source

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  enrich: {using: custom, after: clean, function: enrich}
  clean: {using: custom, after: ingest, function: clean, params: {low: 1, high: 5.5}}
  ingest: {using: parquet, location: data}
  train: {estimator_method: estimator_fn}
model_registry: {model_name: m}
"""


@pytest.fixture
def source(tmp_path: Path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "local.yaml").write_text("")

    def made(*edits: tuple[str, str]) -> ConfigSource:
        text = RECIPE
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "recipe.yaml").write_text(text)
        return load_source(tmp_path, "local")

    return made


def test_any_further_section_with_a_function_is_a_step(source) -> None:
    config = parse(source())
    assert list(config.steps.preparations) == ["clean", "enrich"]
    assert config.steps.preparations["clean"].params == {"low": 1, "high": 5.5}
    assert [step.name for step in graph_of(source()).training][:4] == ["ingest", "clean", "enrich", "split"]


def test_where_it_stands_is_no_part_of_its_key(source) -> None:
    options = [step_options(parse(source(edit)), "clean") for edit in (("after: ingest", "before: split"), ("", ""))]
    assert options[0] == options[1]
    assert options[0]["params"] == {"low": 1, "high": 5.5}


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        (
            [("function: clean", "functoin: clean")],
            "recipe.yaml:5:3: steps.clean.function is missing.",
        ),
        (
            [("using: custom, after: ingest", "using: pandas, after: ingest")],
            "recipe.yaml:5:11: steps.clean.using: input should be 'custom'; found 'pandas'.",
        ),
        (
            [("  clean:", "  Clean Up:"), ("after: clean", "after: ingest")],
            "recipe.yaml:5:3: steps.Clean Up: a step's name is made of small letters, digits and `_`, and begins with "
            "a letter. Rename it, and its file in steps/.",
        ),
        (
            [("  enrich:", "  training:")],
            "recipe.yaml:4:3: steps.training: 'training' has another meaning in a recipe already. Rename it, and its "
            "file in steps/.",
        ),
        (
            [("after: ingest", "after: train")],
            "recipe.yaml:5:26: steps.clean.after: steps of your own stand between ingest and split, not after train. "
            "What concerns the splits goes into `steps.split.post_split_method` or `steps.transform`.",
        ),
        (
            [("after: clean", "after: claen")],
            "recipe.yaml:4:27: steps.enrich.after: there is no step 'claen'. There are: ingest, clean. "
            "Did you mean 'clean'?",
        ),
        (
            [("after: ingest", "after: enrich")],
            "recipe.yaml:4:3: The steps enrich, clean are each to run before the other. "
            "Correct their `after` and `before`.",
        ),
        (
            [("after: ingest", "after: clean")],
            "recipe.yaml:5:3: The step clean is to run before itself. Correct its `after` and `before`.",
        ),
        (
            [("low: 1", "1: 1")],
            "recipe.yaml:5:67: steps.clean.params.1: input should be text; found 1.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(source, edits: list[tuple[str, str]], problem: str) -> None:
    found = [str(p) for p in find_problems(source(*edits)) if p.severity == "error"]
    assert found == [problem]


def test_a_mistyped_step_is_no_step(source) -> None:
    found = find_problems(source(("  train: {estimator_method", "  trian: {estimator_method")))
    assert [str(problem) for problem in found if problem.severity == "warning"] == [
        "recipe.yaml:7:3: steps.trian is not a key that mlflow-recipes knows; it is ignored. Did you mean 'train'?"
    ]


def test_a_step_without_its_function_is_no_step(source) -> None:
    found = find_problems(
        source(
            ("clean: {using: custom, after: ingest, function", "clean: {using: custom, functoin"),
            (", after: clean", ""),
        )
    )
    assert [str(problem) for problem in found if problem.severity == "warning"] == [
        "recipe.yaml:5:3: steps.clean is not a key that mlflow-recipes knows; it is ignored. "
        "A step of your own names its `function`."
    ]


def test_a_mistyped_key_of_a_step_is_told(source) -> None:
    found = find_problems(source(("after: clean", "afterwards: clean")))
    assert [str(problem) for problem in found] == [
        "recipe.yaml:4:27: steps.enrich.afterwards is not a key that mlflow-recipes knows; it is ignored. "
        "Did you mean 'after'?"
    ]


@given(st.permutations(["a", "b", "c", "d", "e"]), st.data())
def test_an_order_satisfies_everything_that_is_asked(names: list[str], data: st.DataObject) -> None:
    """Edges drawn along some true order can always be met, whatever the order of declaration."""
    declared = data.draw(st.permutations(names))
    edges = {}
    for name in declared:
        place = names.index(name)
        after = data.draw(st.sampled_from([None, "ingest", *names[:place]]))
        before = data.draw(st.sampled_from([None, "split", *names[place + 1 :]]))
        edges[name] = (after, before)
    order = ["ingest", *in_order(edges), "split"]
    assert sorted(order[1:-1]) == sorted(names)
    for name, (after, before) in edges.items():
        assert after is None or order.index(after) < order.index(name)
        assert before is None or order.index(name) < order.index(before)


def test_steps_before_each_other_have_no_order() -> None:
    with pytest.raises(CycleError, match="a, b"):
        in_order({"a": ("b", None), "b": ("a", None)})

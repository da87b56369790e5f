"""pipeline.yaml becomes recipe.yaml: Jinja, comments and everything else stay."""

from __future__ import annotations

import textwrap

import pytest

from mlflow_recipes.migrating.yaml_rules import RULES, corrected, findings
from mlflow_recipes.migrating.yaml_source import UnreadableYaml, YamlSource

CASES = [
    ("pipeline.template", 'template: "regression/v1"  # kept\n', 'recipe: "regression/v1"  # kept\n'),
    (
        "pipeline.formats",
        "steps:\n  ingest: {format: {{ F | default('csv') }}, custom_loader_method: steps.ingest.load}\n",
        "steps:\n  ingest: {using: {{ F | default('csv') }}, loader_method: load}\n",
    ),
    (
        "pipeline.functions",
        "steps:\n  train:\n    estimator_method: 'steps.train.fn'\n  transform:\n    transformer_method: own.fn\n",
        "steps:\n  train:\n    estimator_method: 'fn'\n  transform:\n    transformer_method: own.fn\n",
    ),
    (
        "pipeline.estimator-spec",
        'steps:\n  train:\n    using: "estimator_spec"\n',
        'steps:\n  train:\n    using: "custom"\n',
    ),
    (
        "pipeline.filter-scope",
        "template: regression/v1\nsteps:\n  split:\n    post_split_filter_method: keep\n  train:\n",
        "recipe: regression/v1\nsteps:\n  split:\n    post_split_filter_method: keep\n"
        "    post_split_filter_scope: all\n  train:\n",
    ),
    (
        "pipeline.metrics",
        "metrics:\n  # ours\n  primary: m\n  custom:\n    - name: m\n      function: m\nother: 1\n",
        "# ours\nprimary_metric: m\ncustom_metrics:\n  - name: m\n    function: m\nother: 1\n",
    ),
    (
        "pipeline.data",
        "a: 1\n# where\ndata:\n  location: {{ X }}\n  # how\n  format: parquet\nsteps:\n  split: {}\n",
        "a: 1\nsteps:\n  # where\n  ingest:\n    location: {{ X }}\n    # how\n    using: parquet\n  split: {}\n",
    ),
    ("pipeline.data", "data:\n  location: x", "steps:\n  ingest:\n    location: x\n"),
    (
        "pipeline.data",
        "steps:\n  ingest:\n    skip_data_profiling: true\ndata:\n  location: x\n",
        "steps:\n  ingest:\n    location: x\n    skip_data_profiling: true\n",
    ),
    (
        "pipeline.output",
        "steps:\n  predict:\n    output_format: {{F}}\n    save_mode: x\n    output_location: 'a'  # there\n",
        "steps:\n  predict:\n    output:\n      using: {{F}}\n      location: 'a'  # there\n    save_mode: x\n",
    ),
]


@pytest.mark.parametrize(("rule", "before", "after"), CASES)
def test_rewritten(rule: str, before: str, after: str) -> None:
    assert corrected("pipeline.yaml", before) == after
    assert rule in {found.rule for found in findings(YamlSource("pipeline.yaml", before))}
    assert corrected("recipe.yaml", after) == after
    assert findings(YamlSource("recipe.yaml", after)) == []


def test_every_rule_has_a_test() -> None:
    assert {rule for rule, *_ in CASES} == set(RULES)


def test_a_recipe_of_2_x_is_left_alone() -> None:
    text = "recipe: regression/v1\nsteps:\n  ingest: {{INGEST_CONFIG}}\n  split:\n    post_split_filter_method: f\n"
    assert findings(YamlSource("recipe.yaml", text)) == []


def test_what_lies_in_a_condition_is_left_to_a_hand() -> None:
    text = "{% if X %}\ndata_scoring:\n  location: {{ X }}\n{% endif %}\n"
    [found] = findings(YamlSource("pipeline.yaml", text))
    assert (found.kind, str(found.where)) == ("by hand", "pipeline.yaml:2:1")
    assert corrected("pipeline.yaml", text) == text


def test_unknown_metrics_are_left_to_a_hand() -> None:
    text = "metrics:\n  secondary: m\n"
    [found] = findings(YamlSource("pipeline.yaml", text))
    assert (found.kind, corrected("p", text)) == ("by hand", text)


@pytest.mark.parametrize("text", ["a: [1\n", "a: {{ b\n", "{% if %}\na: 1\n{% bad\n"])
def test_unreadable(text: str) -> None:
    with pytest.raises(UnreadableYaml):
        YamlSource("pipeline.yaml", text)


def test_jinja_is_no_yaml() -> None:
    text = textwrap.dedent(
        """\
        # {{ in a comment
        a: {{ X | default({"b": {"c": 1}}) }}
        {% for m in months %}
        {{ m }}: "{{ m }}#x"
        {% endfor %}
        b: [1, {{ Y }}]  # }}
        """
    )
    source = YamlSource("recipe.yaml", text)
    assert [(e.name[0], e.line, e.text) for e in source.entries()] == [
        ("a", 1, None),
        ("\u0248", 3, None),
        ("b", 5, None),
    ]
    assert [len(line) for line in source.without_jinja.splitlines()][1:4] == [len(li) for li in text.splitlines()][1:4]

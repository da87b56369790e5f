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
        "pipeline.functions",
        "custom_metrics:\n  - {name: m, function: steps.custom_metrics.m}\n  - {name: n, function: n}\n",
        "custom_metrics:\n  - {name: m, function: m}\n  - {name: n, function: n}\n",
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


STEPS = "steps:\n  split: {}\n"
# What a rule would have broken, or would have made to mean something else
LEFT = {
    "flow style": "steps:\n  predict: {output_format: parquet, output_location: out}\n",
    "all in brackets": "{data: {location: a}, metrics: {primary: m}}\n",
    "a condition around": f"{{% if X %}}\ndata_scoring:\n  location: {{{{ X }}}}\n{{% endif %}}\n{STEPS}",
    "a condition within": f"data:\n{{% if X %}}\n  location: a\n{{% else %}}\n  location: b\n{{% endif %}}\n{STEPS}",
    "both branches": f"{{% if X %}}\ndata:\n  location: a\n{{% else %}}\ndata:\n  location: b\n{{% endif %}}\n{STEPS}",
    "templates in branches": "{% if X %}\ntemplate: a\n{% else %}\ntemplate: b\n{% endif %}\n",
    "a filter without its template": "{% if X %}\ntemplate: a\n{% endif %}\nsteps:\n  split:\n    "
    "post_split_filter_method: f\n",
    "a name that is set later": f"{STEPS}{{% set F = 'csv' %}}\ndata:\n  location: {{{{ F }}}}\n",
    "white space that Jinja takes": f"data:\n  location: a\n{{%- set F = 1 %}}\n{STEPS}",
    "an alias of a section": f"data: &d\n  location: a\nother: *d\n{STEPS}",
    "an alias is a section": f"defaults: &d\n  location: a\ndata: *d\n{STEPS}",
    "an anchor of others": f"defaults: &d\n  format: csv\nother: *d\ndata: *d\n{STEPS}",
    "a comment in the way": "metrics:  # ours\n  primary: m\n",
}


@pytest.mark.parametrize("name", LEFT)
def test_what_cannot_be_moved_safely_is_left_to_a_hand(name: str) -> None:
    text = LEFT[name]
    found = findings(YamlSource("pipeline.yaml", text))
    assert {one.kind for one in found} == {"by hand"}
    assert corrected("pipeline.yaml", text) == text


KEPT = {
    "quotes of a key": ("\"template\": 'regression/v1'\n", "\"recipe\": 'regression/v1'\n"),
    "quotes in a section": ("steps:\n  ingest: {'format': parquet}\n", "steps:\n  ingest: {'using': parquet}\n"),
    "quoted metrics": ('"metrics":\n  "primary": m\n', "primary_metric: m\n"),
    "quoted output": (
        "steps:\n  predict:\n    'output_format': csv\n",
        "steps:\n  predict:\n    output:\n      using: csv\n",
    ),
    "a comment of a section": (f"data:  # ours\n  location: a\n{STEPS}", None),
    "an anchor that moves first": (
        "data: &d\n  location: a\nsteps:\n  ingest_scoring:\n    <<: *d\n",
        "steps:\n  ingest: &d\n    location: a\n  ingest_scoring:\n    <<: *d\n",
    ),
    "brackets": (
        "template: regression/v1\nsteps:\n  split: {split_ratios: [1, 1, 1], post_split_filter_method: f}\n",
        "recipe: regression/v1\nsteps:\n  split: {split_ratios: [1, 1, 1], post_split_filter_method: f, "
        "post_split_filter_scope: all}\n",
    ),
    "an expression of two lines": (
        "template: {{ X\n  | default('regression/v1') }}\nb: 1\n",
        "recipe: {{ X\n  | default('regression/v1') }}\nb: 1\n",
    ),
    "a value between statements": (
        "template: r\nsteps:\n  split:\n    split_ratios: {% if L %}[1,1,1]{% else %}[8,1,1]{% endif %}\n",
        "recipe: r\nsteps:\n  split:\n    split_ratios: {% if L %}[1,1,1]{% else %}[8,1,1]{% endif %}\n",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_corrected_keeps_the_rest(name: str) -> None:
    before, after = KEPT[name]
    after = after or "steps:\n  ingest:  # ours\n    location: a\n  split: {}\n"
    assert corrected("pipeline.yaml", before) == after


def test_a_format_from_an_anchor_is_left_to_a_hand() -> None:
    text = "defaults: &d {format: csv}\nsteps:\n  ingest:\n    <<: *d\n    location: a\n"
    [found] = findings(YamlSource("pipeline.yaml", text))
    assert (found.kind, str(found.where)) == ("by hand", "pipeline.yaml:4:5")
    assert corrected("pipeline.yaml", text) == text


def test_a_function_of_another_module_is_left_to_a_hand() -> None:
    text = "steps:\n  train:\n    estimator_method: steps.shared.fn\n"
    [found] = findings(YamlSource("pipeline.yaml", text))
    assert (found.kind, corrected("p", text)) == ("by hand", text)
    assert found.message.endswith("of steps/train.py, without its module. Import it there.")


def test_a_loader_of_another_module_is_left_to_a_hand() -> None:
    found = findings(YamlSource("pipeline.yaml", f"data:\n  custom_loader_method: own.load\n{STEPS}"))
    assert [one.kind for one in found] == ["rewrite", "rewrite"]
    found = findings(YamlSource("pipeline.yaml", f"data:\n  custom_loader_method: steps.own.load\n{STEPS}"))
    assert [one.kind for one in found] == ["rewrite", "by hand", "rewrite"]


def test_unknown_metrics_are_left_to_a_hand() -> None:
    text = "metrics:\n  secondary: m\n"
    [found] = findings(YamlSource("pipeline.yaml", text))
    assert (found.kind, corrected("p", text)) == ("by hand", text)


UNREADABLE = [
    ("a: [1\n", 2, 1),
    ("b: {{ X }}\na: 'x' y\n", 2, 8),
    ("a: {{ b\n", 1, None),
    ("{% if X %}\na: 1\n", 1, None),
    ("a: \x00\n", 1, 4),
]


@pytest.mark.parametrize(("text", "line", "column"), UNREADABLE)
def test_unreadable(text: str, line: int, column: int | None) -> None:
    with pytest.raises(UnreadableYaml) as raised:
        YamlSource("pipeline.yaml", text)
    assert (raised.value.line, raised.value.column) == (line, column)


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

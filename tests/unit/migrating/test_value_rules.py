"""Values that nothing reads any more are found at their places, and only they."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.value_rules import RULES, findings
from mlflow_recipes.migrating.yaml_source import YamlSource

TRAIN = "steps:\n  train:\n"
CASES = [
    ("values.parameters", f"{TRAIN}    estimator_params: {{criterion: mse, n: 1}}\n", ["3:35"], "`squared_error`"),
    ("values.parameters", f"{TRAIN}    estimator_params:\n      max_features: auto\n", ["4:21"], "`sqrt` for Random"),
    ("values.parameters", f"{TRAIN}    estimator_params: {{model__penalty: 'none'}}\n", ["3:40"], "`null` for"),
    (
        "values.parameters",
        f'{TRAIN}    tuning:\n      parameters:\n        criterion: {{values: ["mse", "mae", "friedman_mse"]}}\n',
        ["5:30", "5:37"],
        "`squared_error` for",
    ),
    ("values.spark-sql", "steps:\n  ingest: {using: spark_sql, location: a}\n", ["2:12"], "`spark_sql` is not"),
    ("values.spark-sql", "INGEST_CONFIG:\n  using: 'spark_sql'\n", ["2:3"], "`spark_sql` is not"),
    (
        "values.stages",
        "steps:\n  predict:\n    model_uri: models:/a/Production\n",
        ["3:5"],
        "NAME@production`",
    ),
    ("values.stages", "steps:\n  predict:\n    model_uri: 'models:/{{ M }}/staging'\n", ["3:5"], "@staging"),
    ("values.no-map", "", ["1:1"], "recipe.yaml is empty"),
    ("values.no-map", "# nothing\n", ["1:1"], "recipe.yaml is empty"),
    ("values.no-map", "- recipe: regression/v1\n", ["1:1"], "recipe.yaml is no map"),
    ("values.extras", f"{TRAIN}    using: automl/flaml\n", ["3:5"], "mlflow-recipes[automl]"),
]


@pytest.mark.parametrize(("rule", "text", "places", "told"), CASES)
def test_found(rule: str, text: str, places: list[str], told: str) -> None:
    found = findings(YamlSource("recipe.yaml", text))
    assert [str(one.where) for one in found] == [f"recipe.yaml:{place}" for place in places]
    assert {(one.rule, one.kind) for one in found} == {(rule, "by hand")}
    assert told in found[0].message


def test_every_rule_has_a_test() -> None:
    assert {rule for rule, *_ in CASES} == set(RULES)


def test_others_are_left_alone() -> None:
    text = f"{TRAIN}    estimator_params: {{criterion: squared_error, loss: {{{{ L }}}}, other: mse}}\n"
    text += "  ingest: {using: sql}\n  predict: {model_uri: models:/Production/3}\n"
    assert findings(YamlSource("recipe.yaml", text)) == []

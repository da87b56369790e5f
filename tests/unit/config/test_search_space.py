"""What is drawn becomes parameters, and parameters what would have been drawn; faults are found without hyperopt."""

from __future__ import annotations

import pytest
import yaml

from mlflow_recipes.config.search_faults import DISTRIBUTIONS, find_faults
from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.errors import ConfigError

SPACE = """
depth: {distribution: quniform, low: 2, high: 9, q: 1}
step: {distribution: quniform, low: 0, high: 1, q: 0.25}
leaves: {distribution: uniformint, low: 2, high: 5}
seed: {distribution: randint, upper: 7}
rate: {distribution: loguniform, low: -3, high: 0}
kind: {distribution: pchoice, p_options: [[0.5, a], [0.5, b]]}
none: {values: [null, true, 1]}
booster:
  values:
    - gbtree
    - value: dart
      parameters:
        drop: {distribution: uniform, low: 0, high: 1}
        again: {values: [x, {value: y, parameters: {deep: {values: [1, 2]}}}]}
penalty:
  values:
    - {name: l1, weight: {distribution: uniform, low: 0, high: 1}}
    - {name: none}
"""


@pytest.fixture(scope="module")
def space() -> SearchSpace:
    return SearchSpace(yaml.safe_load(SPACE))


DRAWN = {
    "depth": 4.0, "step": 0.75, "leaves": 3.0, "seed": 6, "rate": 0.5, "kind": 1, "none": 0, "booster": 1,
    "booster.1.drop": 0.1, "booster.1.again": 1, "booster.1.again.1.deep": 1, "penalty": 0, "penalty.0.weight": 0.2,
}  # fmt: skip
POINT = {
    "depth": 4, "step": 0.75, "leaves": 3, "seed": 6, "rate": 0.5, "kind": "b", "none": None, "booster": "dart",
    "drop": 0.1, "again": "y", "deep": 2, "penalty": {"name": "l1", "weight": 0.2},
}  # fmt: skip


def test_what_is_drawn_becomes_parameters_and_whole_numbers_are_ints(space) -> None:
    point = space.decode(DRAWN)
    assert point == POINT
    assert [type(point[name]) for name in ("depth", "leaves", "seed", "step")] == [int, int, int, float]


def test_parameters_become_what_would_have_been_drawn(space) -> None:
    assert space.encode(POINT) == DRAWN
    other = {**DRAWN, "booster": 0, "penalty": 1}
    other = {label: value for label, value in other.items() if "." not in label}
    assert space.encode(space.decode(other)) == other


def test_true_and_one_are_different_values(space) -> None:
    assert space.encode({**POINT, "none": 1})["none"] == 2
    assert space.encode({**POINT, "none": True})["none"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"depth": "deep"}, "'depth' is 'deep'; expected a number."),
        ({"booster": "gblinear"}, "'booster' is 'gblinear', which is none of its values: 'gbtree', 'dart'."),
        ({"seed": 7}, "'seed' is 7; expected a number from 0 to 6."),
        ({"leaves": 2.5}, "'leaves' is 2.5; expected a whole number."),
        ({"rate": 0}, "'rate' is 0; expected a number from 0.0497871 to 1."),
        ({"rate": float("nan")}, "'rate' is nan; expected a number from 0.0497871 to 1."),
        ({"dept": 3}, "'dept' is not a parameter of the search space here."),
    ],
)
def test_points_that_cannot_be_drawn(space, change, said) -> None:
    with pytest.raises(ConfigError) as caught:
        space.encode({**POINT, **change})
    assert caught.value.summary == said


def test_a_parameter_that_is_missing_in_a_point(space) -> None:
    with pytest.raises(ConfigError, match="'drop' is missing"):
        space.encode({name: value for name, value in POINT.items() if name != "drop"})


def test_several_estimators_are_one_space() -> None:
    space = SearchSpace.over_estimators({"trees": {"depth": {"values": [1, 2]}}, "line": {}})
    assert space.decode({"estimator": 0, "estimator.0.depth": 1}) == {"estimator": "trees", "depth": 2}
    assert space.decode({"estimator": 1}) == {"estimator": "line"}


def test_a_right_space_has_no_faults() -> None:
    assert list(find_faults(yaml.safe_load(SPACE))) == []


def test_every_distribution_of_hyperopt_is_known() -> None:
    hp = pytest.importorskip("hyperopt").hp
    assert set(DISTRIBUTIONS) == {name for name in dir(hp) if callable(getattr(hp, name)) and not name.startswith("_")}


PAIRS = ("a", "p_options")


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("a: {distribution: unifrm, low: 0}", ("a", "distribution"), "hyperopt has no distribution 'unifrm'"),
        ("a: {distribution: uniform, low: 0}", ("a",), "`uniform` needs `high`"),
        ("a: {distribution: uniform, low: 0, high: 1, q: 1}", ("a", "q"), "`uniform` has no argument 'q'"),
        ("a: {distribution: uniform, low: 1, high: 0}", ("a", "low"), "low (1) is not smaller than high (0)"),
        ("a: {distribution: uniform, low: '1e-3', high: 1}", ("a", "low"), "expected a number; found '1e-3'"),
        ("a: {distribution: loguniform, low: 1, high: 1000}", ("a", "high"), "exp(1000) is too large for a number"),
        ("a: {distribution: normal, mu: 0, sigma: 0}", ("a", "sigma"), "expected a number above 0; found 0"),
        ("a: {distribution: randint, low: 0.5, high: 3}", ("a", "low"), "expected a whole number; found 0.5"),
        ("a: {distribution: pchoice, p_options: [[0.5, x]]}", PAIRS, "the probabilities do not add up to 1"),
        ("a: {distribution: pchoice, p_options: x}", PAIRS, "expected a list of [probability, value] pairs"),
        ("a: {values: []}", ("a", "values"), "expected a list with at least one value"),
        ("a: {values: [1], low: 0}", ("a", "low"), "low has no meaning beside `values`"),
        ("a: 3", ("a",), "expected `values` or a `distribution`"),
        ("1: {values: [1]}", (1,), "1 is not the name of a parameter"),
        (
            "a: {values: [{value: x, parameters: {b: {distribution: uniform, low: 2, high: 1}}}]}",
            ("a", "values", 0, "parameters", "b", "low"),
            "low (2) is not smaller than high (1)",
        ),
        (
            "a: {values: [{b: {distribution: unifor, low: 2, high: 1}}]}",
            ("a", "values", 0, "b", "distribution"),
            "hyperopt has no distribution 'unifor'",
        ),
    ],
)  # fmt: skip
def test_faults(text, where, said) -> None:
    [(path, message, _)] = list(find_faults(yaml.safe_load(text)))
    assert (path, message) == (where, said)


def test_a_near_name_is_offered() -> None:
    [(_, _, hint)] = list(find_faults({"a": {"distribution": "qunifrm"}}))
    assert hint == "Did you mean 'quniform'?"

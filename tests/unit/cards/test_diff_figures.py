"""Two runs in one picture."""

from __future__ import annotations

import numpy as np
import pytest

from mlflow_recipes.cards import diff_figures
from mlflow_recipes.cards.model import Figure, Table
from mlflow_recipes.cards.sides import Sides
from mlflow_recipes.cards.units import Units
from mlflow_recipes.modeling.diagnostics import figures
from mlflow_recipes.run_evidence import Evidence

RANDOM = np.random.default_rng(0)
ACTUAL = RANDOM.normal(size=2000)


def test_errors_of_both_are_shares_of_the_same_bins() -> None:
    a = figures(ACTUAL, ACTUAL + RANDOM.normal(0, 1, 2000))
    b = figures(ACTUAL, ACTUAL + RANDOM.normal(0.5, 3, 2000))
    table, one, other, spread = diff_figures.errors("y", a, b, Units({"y": "m"}))
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["A", "B"]
    assert table.columns[3:] == ("0.5 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99.5 %")
    assert (one.form, other.form, spread.form) == ("grid", "grid", "histogram")
    assert sum(row[-1] for row in one.rows) == 2000
    for place in (2, 3):
        assert sum(row[place] for row in spread.rows) == pytest.approx(99, abs=0.1)
    assert max(row[2] for row in spread.rows) > max(row[3] for row in spread.rows)
    assert spread.x == "prediction less target (m)"
    assert spread.marks == (("no error", 0.0),)


def test_importance_is_comparable_whatever_its_unit() -> None:
    a = diff_figures.shares({"features": [["x", 3.0, 9], ["y", 1.0, 9], ["z", -0.5, 9]]})
    assert a == {"x": 75, "y": 25, "z": 0}
    assert diff_figures.shares({"features": []}) == diff_figures.shares({}) == {}
    (figure,) = diff_figures.importance(a, {"x": 50.0, "w": 50.0})
    assert isinstance(figure, Figure)
    assert figure.rows == (("x", 75.0, 50.0), ("w", None, 50.0), ("y", 25.0, None), ("z", 0.0, None))
    assert figure.reading.endswith("Changed most: w, from 0 in A to 50.0 % in B.")


def test_many_features_are_a_table_too() -> None:
    many = {f"f{i}": 1.0 for i in range(60)}
    figure, table = diff_figures.importance(many, many)
    assert (len(figure.rows), len(table.rows)) == (15, 50)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [([1.0, 2.0], [2.5, 3.0], True), ([1.0, 2.0], [2.0, 3.0], False), ([1.0, None], [2.0, 3.0], None)],
)
def test_whether_intervals_have_nothing_in_common(a, b, expected: bool | None) -> None:
    one, other = (Evidence("r", figures={"intervals": {"level": 0.95, "metrics": {"m": ends}}}) for ends in (a, b))
    sides = Sides(None, one, other, None, "m", Units({}, ()))
    assert diff_figures.apart(sides) is expected
    assert diff_figures.apart(Sides(None, Evidence("r"), other, None, "m", Units({}, ()))) is None

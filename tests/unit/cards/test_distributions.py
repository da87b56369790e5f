"""Figures of how values are spread."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mlflow_recipes.cards.distributions import moved_figure, target_figure, time_figure
from mlflow_recipes.cards.units import Units
from mlflow_recipes.contract.report import ColumnReport
from mlflow_recipes.data.histograms import over_time, shared

UNITS = Units({"y": "min"})


def test_a_target_over_the_splits() -> None:
    values = {"training": np.arange(100.0) / 2, "test": np.append(np.arange(19.0), 1e9)}
    quantiles = {"training": {"quantiles": [12.0, 24.0, 37.0]}, "test": {"quantiles": [5.0, 10.0, 14.0]}}
    figure = target_figure("y", shared(values), quantiles, UNITS)
    assert (figure.form, figure.x, figure.y) == ("histogram", "y (min)", "share of rows (%)")
    assert figure.columns == ("y from", "to", "training", "test")
    assert np.isclose(sum(row[2] for row in figure.rows), 100)
    assert np.isclose(sum(row[3] for row in figure.rows), 95)
    assert figure.reading == (
        "The middle half of y lies between 12 and 37 min in training, 5 and 14 min in test. 0.8 % of all rows lie "
        "outside the picture."
    )


def test_splits_over_time() -> None:
    days = pa.table({"day": pa.array(np.datetime64("2018-01-01", "us") + np.arange(100) * np.timedelta64(1, "D"))})
    parts = {"training": np.arange(100) < 80, "test": np.arange(100) >= 80}
    figure = time_figure(over_time(days, "day", parts), UNITS)
    assert figure.x == "day"
    assert figure.rows[0] == ("2018-01-01", "2018-01-03 11:24:00", 3, None)
    assert figure.rows[-1][-2:] == (None, 3)
    assert figure.reading == "By day: training from 2018-01-01 to 2018-03-21, test from 2018-03-22 to 2018-04-10."


def test_splits_over_numbers_have_the_unit_of_their_column() -> None:
    table = pa.table({"y": np.arange(100)})
    figure = time_figure(over_time(table, "y", {"training": np.arange(100) < 50, "test": np.arange(100) >= 50}), UNITS)
    assert figure.x == "y (min)"
    assert figure.reading == "By y: training from 0 to 49, test from 50 to 99."


def test_what_moved() -> None:
    column = ColumnReport("y", "feature", "double", before=[0.5, 0.5], after=[0.2, 0.8], bins=["up to 5", "over 5"])
    figure = moved_figure(column, UNITS)
    assert (figure.title, figure.rows) == ("y (min)", (("up to 5", 50.0, 20.0), ("over 5", 50.0, 80.0)))
    assert figure.reading == "Most changed 'up to 5': 50.0 % of the rows in training, 20.0 % now."


def test_of_many_bins_those_that_changed_most_in_their_order() -> None:
    before = [1 / 50] * 50
    after = [1 / 50] * 10 + [0.03] * 20 + [0.01] * 20
    figure = moved_figure(
        ColumnReport("z", "feature", "string", before=before, after=after, bins=[f"b{n:02}" for n in range(50)]), UNITS
    )
    names = [row[0] for row in figure.rows]
    assert names == sorted(names)
    assert len(names) == 20
    assert figure.reading.endswith("Of 50 values or ranges, the 20 that changed most.")

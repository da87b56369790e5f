"""Figures of a search."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_recipes.cards.search import search_figures
from mlflow_recipes.cards.units import Units

UNITS = Units({"y": "min"}, ["y"])
METRIC = "mean_absolute_error"


def numbers(rows: list[list[Any]], names: list[str], **more: Any) -> dict[str, Any]:
    columns = ["place", "metric", "status", "seconds", *names]
    best = [[row[0], row[1]] for row in rows if row[2] == "finished"][:1]
    return {"parameters": names, "logarithmic": [], "columns": columns, "rows": rows, "best_so_far": best} | {
        "all": len(rows),
        **more,
    }


def test_all_forms_and_what_they_say(facts) -> None:
    search = facts["train"]["search"]
    parallel, best, first, second = search_figures(search["numbers"], METRIC, UNITS, greater_is_better=False)
    assert parallel.columns == ("depth", "rate", "kind", "mean_absolute_error (min)")
    assert len(parallel.rows) == 5
    assert parallel.reading == (
        "5 finished trials, with mean_absolute_error from 3 to 5 min; the parameter that goes along with it most comes "
        "first. 2 trials that were stopped early, failed or are too many are not drawn."
    )
    assert best.rows == ((1, 5.0), (2, 4.0), (3, 4.0), (4, 3.0), (5, 3.0), (6, 3.0), (7, 3.0))
    assert best.reading == (
        "The best was found after 4 of 7 trials, with 3 min; the 3 trials after it brought nothing better."
    )
    by_name = {figure.columns[0]: figure for figure in (first, second)}
    assert by_name["rate"].logarithmic == "x"
    assert by_name["depth"].rows[0] == (3.0, 3.0)
    assert by_name["depth"].reading == "Best at 3; better with larger values (rank correlation -0.8)."
    assert by_name["rate"].reading == "Best at 0.025; better with smaller values (rank correlation 0.8)."


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (3, "The best was found after 3 of 4 trials, with 1 min; the one trial after it brought nothing better."),
        (4, "The best was found after 4 of 4 trials, with 1 min; more might bring something better."),
    ],
)
def test_what_came_after_the_best_trial(best: int, said: str) -> None:
    rows = [[n, 1.0 if n == best else 10.0 - n, "finished", 1.0, float(n)] for n in (1, 2, 3, 4)]
    found = {**numbers(rows, ["a"]), "best_so_far": [[1, 9.0], [best, 1.0]], "all": 4}
    assert search_figures(found, METRIC, UNITS, greater_is_better=False)[0].reading == said


def test_where_greater_is_better() -> None:
    rows = [[n, n / 10, "finished", 1.0, float(n)] for n in (1, 2, 3, 4)]
    figures = search_figures(numbers(rows, ["a"]), "r2_score", UNITS, greater_is_better=True)
    assert [figure.form for figure in figures] == ["lines", "points"]
    assert figures[1].reading == "Best at 4; better with larger values (rank correlation 1)."


def test_too_few_trials_give_no_figure() -> None:
    rows = [[1, 1.0, "finished", 1.0, 2.0], [2, 2.0, "finished", 1.0, 3.0], [3, None, "failed", 1.0, 4.0]]
    assert search_figures(numbers(rows, ["a"]), METRIC, UNITS, greater_is_better=False) == []


def test_texts_have_no_slice_and_constants_no_axis() -> None:
    rows = [[n, float(n), "finished", 1.0, "ab"[n % 2], 5.0, float(-n)] for n in (1, 2, 3, 4)]
    parallel, _, *slices = search_figures(numbers(rows, ["kind", "same", "x"]), METRIC, UNITS, greater_is_better=False)
    assert parallel.columns == ("x", "kind", "mean_absolute_error (min)")
    assert [figure.columns[0] for figure in slices] == ["x"]


def test_many_parameters_and_trials_are_few_figures_of_few_lines() -> None:
    rows = [[n, float(n), "finished", 1.0, *(float(n * (k + 2) % 97) for k in range(40))] for n in range(1, 500)]
    figures = search_figures(numbers(rows, [f"p{k}" for k in range(40)]), METRIC, UNITS, greater_is_better=False)
    assert len(figures) == 8
    assert (len(figures[0].columns), len(figures[0].rows)) == (8, 200)

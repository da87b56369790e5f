"""The card of evaluate."""

from __future__ import annotations

from mlflow_recipes.cards.model import Figure, Table, Text


def test_the_model_beside_what_it_is_held_against(facts, drawn, within) -> None:
    card = drawn("evaluate", facts["evaluate"])
    metrics, beside = within(card, "Model Performance (Test)", Table)
    assert metrics.columns == ("metric", "validation", "test", "unit")
    assert beside.columns == ("metric", "test", "from", "to", "naive baseline (median)")
    assert beside.rows == (
        ("root_mean_squared_error", "4.125", "4", "", "9.5"),
        ("mean_absolute_error", "2.5", "2", "3", "8"),
    )
    [figure] = within(card, "Model Performance (Test)", Figure)
    assert (figure.form, figure.x) == ("ranges", "root_mean_squared_error (min)")
    assert figure.rows[0] == ("model", 4.125, 4.0, 4.5)


def test_slices(facts, drawn, within) -> None:
    card = drawn("evaluate", facts["evaluate"])
    [table] = within(card, "Slices", Table)
    assert table.columns == ("vendor", "rows", "root_mean_squared_error (min)", "from", "to", "naive baseline")
    assert table.rows == (("CMT", "3", "4.5", "3", "5", "9"), ("(missing)", "1", "3", "", "", "8"))
    [figure] = within(card, "Slices", Figure)
    assert figure.rows == (("CMT", 4.5, 3.0, 5.0, 9.0), ("(missing)", 3.0, None, None, 8))
    assert figure.marks == (("all rows", 4.125),)


def test_where_a_model_errs(facts, drawn, within) -> None:
    card = drawn("evaluate", facts["evaluate"])
    assert [figure.form for figure in within(card, "Residuals", Figure)] == ["grid", "histogram", "lines"]
    spread, by_size = within(card, "Residuals", Table)
    assert spread.rows == (("0.5", "0", *["0.5"] * 7),)
    assert spread.columns == (
        *("mean", "standard deviation"),
        *("0.5 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99.5 %"),
    )
    assert spread.caption == "Quantiles of the error of minutes, in min"
    assert by_size.rows[0] == ("0", "0.7", "1", "0.5", "0.5", "0.5")


def test_importance(facts, drawn, within) -> None:
    card = drawn("evaluate", facts["evaluate"])
    [figure], [table] = (within(card, "Feature Importance", kind) for kind in (Figure, Table))
    assert (figure.form, len(figure.rows), len(table.rows)) == ("bars", 20, 50)
    assert table.rows[0] == ("f0", "1")
    assert within(card, "Feature Importance", Text)[-1] == Text("10 further features are not shown here.")


def test_facts_of_an_earlier_version(facts, drawn, within) -> None:
    new = ("contest", "greater_is_better", "targets")
    card = drawn("evaluate", {name: value for name, value in facts["evaluate"].items() if name not in new})
    assert within(card, "Model Performance (Test)", Figure) == within(card, "Slices", Figure) == []
    assert len(within(card, "Residuals", Figure)) == 3
    assert within(card, "Model Performance (Test)", Table)[0].columns[-1] == "unit"

"""The card of train."""

from __future__ import annotations

from mlflow_recipes.cards.model import Code, Facts, Figure, Outline, Profile, Table, Text


def test_the_primary_metric_comes_first_with_the_gap_and_units(facts, drawn, within) -> None:
    [table] = within(drawn("train", facts["train"]), "Model Performance", Table)
    assert table.columns == ("metric", "training", "validation", "gap", "relative gap", "unit")
    assert table.rows == (
        ("root_mean_squared_error (primary)", "4.125", "4.125", "0", "+0 %", "min"),
        ("mean_absolute_error", "2.5", "3", "+0.5", "+20 %", "min"),
        ("example_count", "4", "4", "", "", ""),
    )
    assert table.tones == {"0": "strong"}


def test_how_boosting_went_and_what_more_rows_would_bring(facts, drawn, within) -> None:
    card = drawn("train", facts["train"])
    rmse, mae, learning = within(card, "Learning Curve", Figure)
    assert rmse.rows == ((1, 9.0), (6, 4.0))
    assert (rmse.x, rmse.y, rmse.marks) == ("rounds", "rmse (min)", (("best round", 6.0),))
    assert rmse.reading == (
        "validation_rmse goes from 9 after the first round to 4 after 6 rounds; predictions use 6 rounds, where it is "
        "4."
    )
    assert (mae.marks, mae.rows[-1]) == ((), (8, 3.0))
    assert learning.y == "root_mean_squared_error (min)"
    assert learning.reading == (
        "On validation data it goes from 2.5 with 500 rows to 2 min with 1,000, a change of 20.0 %."
    )
    [table] = within(card, "Learning Curve", Table)
    assert table.rows == (("500", "1.5", "2.5"), ("1,000", "1.5", "2"))


def test_a_transformed_target_has_no_unit_while_it_is_fitted(facts, drawn, within) -> None:
    card = drawn("train", facts["train"] | {"target_transform": "log"})
    rmse, _, learning = within(card, "Learning Curve", Figure)
    assert (rmse.y, learning.y) == ("rmse", "root_mean_squared_error (min)")


def test_the_search_is_drawn(facts, drawn, within) -> None:
    card = drawn("train", facts["train"])
    figures = within(card, "Tuning Trials", Figure)
    assert [figure.form for figure in figures] == ["parallel", "lines", "points", "points"]
    [trials] = within(card, "Tuning Trials", Table)
    assert trials.tones == {"0": "strong"}
    assert len(trials.rows) == 7


def test_a_search_of_an_earlier_version_has_its_table(facts, drawn, within) -> None:
    old = {name: value for name, value in facts["train"]["search"].items() if name not in ("numbers", "metric")}
    card = drawn("train", facts["train"] | {"search": old})
    assert within(card, "Tuning Trials", Figure) == []
    assert len(within(card, "Tuning Trials", Table)) == 1


def test_the_leaderboard_leads_to_the_runs_or_names_them(facts, drawn, within) -> None:
    board = facts["train"]["leaderboard"] | {"run_ids": ["r1", "r2"]}
    pages = {"pages": ["https://tracking.example/r1", None]}
    [table] = within(drawn("train", facts["train"] | {"leaderboard": board | pages}), "Leaderboard", Table)
    assert table.links == {"0,1": "https://tracking.example/r1"}
    assert table.columns == ("rank", "run")
    nowhere = board | {"pages": [None, None]}
    [table] = within(drawn("train", facts["train"] | {"leaderboard": nowhere}), "Leaderboard", Table)
    assert table.columns == ("rank", "run", "run id")
    assert table.rows[1] == ("2", "old-fox", "r2")


def test_the_worst_rows_stand_beside_those_of_training(facts, drawn, within) -> None:
    del facts["train"]["train_profile"]
    [profile] = within(drawn("train", facts["train"]), "Data Profile (Worst vs Train)", Profile)
    assert [part.name for part in profile.parts] == ["worst", "training"]


def test_no_metrics_are_said_to_be_none(drawn, within) -> None:
    assert within(drawn("train", {}), "Model Performance", Text) == [Text("No metrics were measured.")]


def test_an_estimator_has_a_name_or_parts_or_a_repr(facts, drawn, within) -> None:
    def found(**outline) -> list:
        card = drawn("train", facts["train"] | ({"outline": outline} if outline else {}))
        return [within(card, "Model Architecture", kind) for kind in (Facts, Outline, Code)]

    [named], outlines, codes = found(name="Ridge", text="alpha=0.5", parts=[])
    assert (named.items[:2], outlines, codes) == ((("Estimator", "Ridge"), ("alpha", "0.5")), [], [])
    [parameters], [outline], codes = found(name="Pipeline", text="", parts=[{"name": "a", "text": "b", "parts": []}])
    assert (parameters.items[0], outline.parts[0].parts[0].name, codes) == (("alpha", "0.5"), "a", [])
    assert found()[1:] == [[], [Code("Ridge(alpha=0.5)")]]

"""Two runs on one page: what they logged, what they did not, and what is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes import comparison, run_diff
from mlflow_recipes.cards.model import Card, Figure, Table, Text
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.project import Project


@pytest.fixture(scope="module")
def project(registered) -> Project:
    return Project.load("local", root=registered.small.root)


@pytest.fixture(scope="module")
def made(project: Project) -> Card:
    return run_diff.card(project, "1", "2")[0]


def blocks(card: Card, tab: str) -> tuple:
    return tuple(next(found.blocks for found in card.tabs if found.name == tab))


def test_the_page_of_two_versions(made: Card, project: Project) -> None:
    assert [tab.name for tab in made.tabs] == [
        *("Verdict", "Metrics", "Configuration", "Data", "Errors", "Slices", "Importance", "Code", "Libraries"),
    ]
    (configuration,) = blocks(made, "Configuration")
    assert configuration.rows == (("steps.train.estimator_params.alpha", "0.5", "3"),)
    figures = {figure.title for tab in made.tabs for figure in tab.blocks if isinstance(figure, Figure)}
    assert figures >= {
        "mean_absolute_error of both",
        "y",
        "Errors of y",
        "Predicted against actual: y, A",
        "Predicted against actual: y, B",
        "Importance of features",
    }
    page = run_diff.page(project, "1", "2")
    assert "could not be drawn" not in page.read_text(encoding="utf-8")
    assert Card.from_json(page.with_suffix(".json").read_text(encoding="utf-8")) == Card.from_json(made.to_json())


def test_who_is_better_is_said_with_how_sure_that_is(made: Card) -> None:
    (reading,) = [b.reading for b in blocks(made, "Metrics") if isinstance(b, Figure)]
    assert ("; their intervals overlap" in made.summary) == reading.endswith("which overlap.")


def test_the_order_decides_who_is_a(project: Project, made: Card) -> None:
    card, (first, _) = run_diff.card(project, "2", "1")
    metrics, others = (next(b for b in blocks(c, "Metrics") if isinstance(b, Table)) for c in (made, card))
    assert metrics.rows[0][1:3] == others.rows[0][2:0:-1]
    assert {metrics.rows[0][-1], others.rows[0][-1]} == {"A", "B"}
    assert first == comparison.compare(project, "2", "1").a.run_id


def test_a_run_that_no_recipe_made(project: Project, registered) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    card, _ = run_diff.card(project, "1", run_id)
    assert "not both were evaluated on test data" in card.summary
    for tab in ("Configuration", "Errors", "Slices", "Importance", "Code", "Libraries"):
        assert blocks(card, tab) == (Text("Not known: a run did not log this."),)


@pytest.mark.parametrize("text", ["[1]", '{"y": 3}', '{"y": {"residuals": {}}}', '"x"', "{}"])
def test_damaged_figures_spoil_their_tab_alone(project: Project, registered, tmp_path: Path, text: str) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    for name in ("errors", "slices", "importance", "intervals"):
        (tmp_path / f"{name}.json").write_text(text)
        tracking.log_file(run_id, tmp_path / f"{name}.json", "evaluate")
    card, _ = run_diff.card(project, "1", run_id)
    for tab in ("Errors", "Slices", "Importance"):
        assert str(blocks(card, tab)[0].text).startswith("Not known: ")
    assert isinstance(blocks(card, "Verdict")[-1].items, tuple)


def test_the_last_runs_by_name(project: Project, registered) -> None:
    one, two = (registered.tracking().registry.find("small", version).run_id for version in "12")
    assert run_diff.card(project, "last~1", "last")[1] == (one, two)
    with pytest.raises(RecipeError) as caught:
        run_diff.card(project, "last", "last~7")
    assert str(caught.value) == (
        "There is no run 'last~7': of the profile 'local', 2 came to their end.\n"
        "Give a version's number, an alias, or `run:` and the whole id of a run."
    )

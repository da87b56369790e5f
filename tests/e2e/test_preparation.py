"""Recipes with steps of the user's own: run, cached, explained, shown like the built-in ones."""

from __future__ import annotations

import json

import pytest

from mlflow_recipes.cards.model import Card, Table
from mlflow_recipes.errors import RecipeError
from tests.conftest import Small, write_data

OWN = """\
  enrich:
    using: custom
    after: clean
    function: enrich
  clean:
    using: custom
    after: ingest
    function: clean
    params: {limit: 2.0}
  split:"""
CLEAN = """\
from steps.utils.rows import within

def clean(frame, limit):
    return within(frame, limit)
"""
ROWS = "def within(frame, limit):\n    return frame[frame['a'].abs() < limit]\n"
ENRICH = "def enrich(frame):\n    return frame.assign(d=frame['a'] * frame['c'])\n"


@pytest.fixture
def own(small: Small) -> Small:
    small.edit("recipe.yaml", "  split:", OWN)
    small.write("steps/clean.py", CLEAN)
    small.write("steps/utils/rows.py", ROWS)
    small.write("steps/enrich.py", ENRICH)
    return small


def ran(small: Small, *arguments: str) -> list[str]:
    done = small.command("run", "-p", "local", "--json", *arguments, timeout=300)
    assert done.returncode == 0, done.stderr
    return [step["step"] for step in json.loads(done.stdout)["steps"] if step["outcome"] == "run"]


def test_own_steps_run_between_ingest_and_split_and_are_cached(own: Small) -> None:
    everything = ["ingest", "clean", "enrich", "split", "transform", "train", "evaluate", "register"]
    assert ran(own) == everything
    recipe = own.recipe()
    assert [view.step for view in recipe.status()] == everything
    cleaned, enriched = recipe.get_artifact("clean_data"), recipe.get_artifact("enrich_data")
    assert cleaned["a"].abs().max() < 2.0
    assert enriched["d"].equals(cleaned["a"] * cleaned["c"])
    assert "d" in recipe.get_artifact("training_data")
    assert recipe.artifact_path("enrich_data").is_file()
    assert "d" in recipe.get_artifact("model").metadata.get_input_schema().input_names()

    assert ran(own) == []
    own.edit("steps/enrich.py", "frame['c']", "frame['b']")
    assert ran(own, "-s", "transform") == ["enrich", "split", "transform"]
    own.edit(
        "steps/utils/rows.py", "return frame[", "return frame.loc["
    )  # another text, the same rows: nothing follows
    assert ran(own, "-s", "transform") == ["clean"]
    own.edit("recipe.yaml", "limit: 2.0", "limit: 1.0")
    assert ran(own, "-s", "enrich") == ["clean", "enrich"]
    assert [change.name for change in recipe.why("clean").since[1][1]] == ["config params.limit"]

    overview = recipe.inspect()
    assert overview is not None
    page = overview.read_text(encoding="utf-8")
    places = [page.index(f">{step}<") for step in ("ingest", "clean", "enrich", "split")]
    assert places == sorted(places)


def test_the_card_says_what_became_of_rows_and_columns(own: Small) -> None:
    own.recipe().execute("enrich")
    folder = own.root / "metadata/recipes/steps/enrich/outputs"
    card = Card.from_json((folder / "card.json").read_text(encoding="utf-8"))
    assert [tab.name for tab in card.tabs] == [
        "What Changed",
        "Data Profile",
        "Data Schema",
        "Data Preview",
        "Run Summary",
    ]
    tables = [block for block in card.tabs[0].blocks if isinstance(block, Table)]
    assert tables[0].columns == ("", "in", "out", "change")
    assert ("d", "added") in {row[:2] for table in tables for row in table.rows}
    assert [decision.step for decision in own.recipe().plan("enrich")] == ["ingest", "clean", "enrich"]


def test_a_failing_step_keeps_what_came_before_and_is_shown(own: Small) -> None:
    own.write("steps/enrich.py", "def enrich(frame):\n    return frame.assign(d=frame['aa'])\n")
    done = own.command("run", "-p", "local")
    assert done.returncode == 2
    assert "A step function failed in step enrich" in done.stderr
    assert "steps/enrich.py:2: enrich raised KeyError: 'aa'" in done.stderr
    assert {view.step: view.status for view in own.recipe().status()}["clean"] == "SUCCEEDED"
    own.write("steps/enrich.py", ENRICH)
    assert ran(own, "-s", "split") == ["enrich", "split"]


def test_a_step_taken_out_again_is_gone(own: Small) -> None:
    own.recipe().execute("split")
    own.edit("recipe.yaml", OWN, "  split:")
    recipe = own.recipe()
    assert recipe.execute("split").executed == ("split",)
    assert "d" not in recipe.get_artifact("training_data")
    with pytest.raises(RecipeError, match="The artifact with name 'enrich_data' is not supported"):
        recipe.get_artifact("enrich_data")
    with pytest.raises(RecipeError, match="There is no step called 'enrich'"):
        recipe.run("enrich")


def test_new_data_goes_through_them(own: Small) -> None:
    own.recipe().execute("split")
    write_data(own.root / "data", name="two.csv", rows=50, seed=3)
    assert own.recipe().execute("split").executed == ("ingest", "clean", "enrich", "split")

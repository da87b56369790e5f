"""The report of a run: what it takes from the cards of steps, and what it says where some are missing."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_recipes.cards import report
from mlflow_recipes.cards.build import build
from mlflow_recipes.cards.model import About, Block, Card, Code, Diagram, Facts, Figure, Notice, Table
from mlflow_recipes.cards.render import to_html
from mlflow_recipes.cards.report import card
from mlflow_recipes.cards.text import to_text
from mlflow_recipes.records import Key, Output, Part, StepRecord
from mlflow_recipes.run_record import RunRecord, StepEntry
from tests.unit.cards.conftest import HOSTILE, facts_of, trips

STEPS = ("ingest", "split", "transform", "train", "evaluate", "register")


def records(every: dict[str, dict[str, Any]] | None = None) -> dict[str, StepRecord]:
    """Results of all six steps, of a model that was accepted."""
    made = {}
    for step, given in (every or facts_of(trips())).items():
        facts = given | ({"status": "VALIDATED"} if step == "evaluate" else {})
        key = Key(step, (Part("library pandas", "0a", "3.0"), Part("library python", "0b", "3.12")))
        outputs = {"ingested_data": Output("dataset.parquet", "ab" * 16, {}, 10, 4)} if step == "ingest" else {}
        made[step] = StepRecord(step, key, outputs, facts=facts, finished_at=10.0, seconds=1.5, rows=4)
    return made


def run(failing: str | None = None, **changes: Any) -> RunRecord:
    """A run that reused ingest and ran the rest, maybe up to a step that failed."""
    steps = []
    outcome = "reused"
    for step in STEPS:
        if step == failing:
            steps.append(StepEntry(step, step, "failed", ("ValueError: no",), 0.5, trace="ValueError: no\n\nin f"))
            outcome = "pending"
        else:
            steps.append(StepEntry(step, step, outcome, ("it has never run", "b", "c", "d"), 1.5))
            outcome = "run" if outcome == "reused" else outcome
    known = {"recipe": "taxi", "profile": "local", "target": "register", "status": "failed" if failing else "succeeded"}
    return RunRecord(**{**known, "started_at": 1.0, "seconds": 9.0, "steps": steps, **changes})


def told(run: RunRecord, found: dict[str, StepRecord] | None = None) -> Card:
    return card(run, records() if found is None else found, lambda step: f"{step}/card.html")


def blocks(card: Card, tab: str) -> list[Block]:
    return list(next(found.blocks for found in card.tabs if found.name == tab))


def test_every_tab_that_it_takes_blocks_from_is_on_a_card(facts, class_facts) -> None:
    about = About("x", "taxi", "local", 1.0, 0.0)
    there: dict[str, set[str]] = {step: set() for step in facts}
    for kind in (facts, class_facts(["no", "yes"], 1)):
        for step, given in kind.items():
            there[step] |= {tab.name for tab in build(step, given, about).tabs}
    picks = {(pick.step, pick.tab) for picks in report._CHOSEN.values() for pick in picks}
    assert {(step, tab) for step, tab in picks if tab not in there[step]} == set()


def test_the_story_of_a_run() -> None:
    made = told(run())
    assert [tab.name for tab in made.tabs][:3] == ["Verdict", "Steps", "Data"]
    assert made.tabs[-1].name == "How to Reproduce"
    assert made.summary.startswith("Accepted: version ")
    kinds = {type(block) for tab in made.tabs for block in tab.blocks}
    assert kinds >= {Notice, Facts, Table, Diagram, Figure, Code}
    _, diagram, table = blocks(made, "Steps")
    assert [node.status for node in diagram.nodes] == ["reused", *["done"] * 5]
    assert table.rows[1][2] == "it has never run; b; and 2 more"
    assert table.links["0,0"] == "ingest/card.html"
    assert 'href="train/card.html"' in to_html(made)


def test_a_metric_has_its_unit_where_the_recipe_gives_one() -> None:
    made = told(run(units={"minutes": "min"}, targets=["minutes"]))
    assert " min on the test data" in made.summary


def test_the_line_of_a_failure_ends_where_its_list_begins() -> None:
    entry = StepEntry("ingest", "ingest", "failed", ("The files differ:\n  - in a",), 0.5)
    assert told(run(steps=[entry], status="failed"), {}).summary == "Failed in the step 'ingest': The files differ"


@pytest.mark.parametrize("failing", STEPS)
def test_a_run_that_failed(failing: str) -> None:
    there = {step: record for step, record in records().items() if STEPS.index(step) < STEPS.index(failing)}
    made = told(run(failing), there)
    assert made.summary.startswith(f"Failed in the step '{failing}'")
    assert blocks(made, "Verdict")[0] == Notice(f"Failed in the step '{failing}': ValueError: no", "bad")
    assert "ValueError: no" in str(blocks(made, "What Went Wrong"))
    statuses = [node.status for node in blocks(made, "Steps")[1].nodes]
    assert statuses[STEPS.index(failing)] == "failed"
    assert set(statuses[STEPS.index(failing) + 1 :]) <= {"not reached"}


def test_a_run_that_ends_without_a_step_that_failed() -> None:
    full = "The disk that holds it is full.\nFree some space."
    made = told(run(status="failed", why=full))
    assert blocks(made, "Verdict")[0] == Notice("Failed: The disk that holds it is full.", "bad")
    assert blocks(made, "What Went Wrong") == [Code(full)]
    made = told(run(status="interrupted"))
    assert blocks(made, "Verdict")[0] == Notice("Interrupted", "bad")
    assert "What Went Wrong" not in [tab.name for tab in made.tabs]


def test_what_is_rejected_by_the_gate_is_no_fault() -> None:
    there = records()
    there["evaluate"].facts["status"] = "REJECTED"
    del there["register"]
    made = told(run("register"), there)
    assert made.summary.startswith("Rejected: the model does not meet every criterion on the test data")
    there["evaluate"].facts["criteria"] = [{"passed": False, "sentence": "too large"}]
    criteria = next(block for block in blocks(told(run("register"), there), "Verdict") if isinstance(block, Table))
    assert (criteria.rows, criteria.tones) == ((("not met", "too large"),), {"0": "bad"})


def test_a_rejected_model_that_is_registered_all_the_same_is_not_called_accepted() -> None:
    there = records()
    there["evaluate"].facts["status"] = "REJECTED"
    made = told(run(), there)
    assert made.summary.startswith("Registered although it was rejected: version ")
    assert blocks(made, "Verdict")[0].tone == "bad"


def test_the_checks_of_all_steps_those_that_did_not_pass_first() -> None:
    there = records()

    def check(step: str, status: str) -> dict[str, Any]:
        known = {"table": "", "check": "range", "columns": ["a"], "sentence": "s", "rows": 1, "failing": 0}
        return {"step": step, **known, "status": status, "examples": [], "source": "", "why": ""}

    there["ingest"].facts["checks"] = [check("ingest", "passed")]
    there["split"].facts["checks"] = [check("split", "warned")]
    notice, table = blocks(told(run(), there), "Checks")
    assert notice.tone == "neutral"
    assert [row[:3] for row in table.rows] == [("split", "range of a", "warned"), ("ingest", "range of a", "passed")]


def test_results_that_are_gone_and_facts_that_are_damaged_leave_the_rest() -> None:
    assert [tab.name for tab in told(run(), {}).tabs] == ["Verdict", "Steps", "How to Reproduce"]
    there = records()
    there["split"].facts["sizes"] = 3
    made = told(run(), there)
    assert "split" not in {row[0] for row in blocks(made, "Steps")[2].rows if row[3]}
    assert "Model" in [tab.name for tab in made.tabs]


def test_how_to_reproduce() -> None:
    git = {"commit": "c0ffee", "branch": "main", "url": "https://me:pw@example.org/r.git", "uncommitted": "yes"}
    found = blocks(told(run(git=git, software={"Python": "3.12.1"}, overrides=["token=***"])), "How to Reproduce")
    assert found[0] == Code("git checkout c0ffee\nmlflow-recipes run -p local --set 'token=***'")
    assert isinstance(found[1], Notice)
    items = dict(next(block for block in found if isinstance(block, Facts)).items)
    assert items["Repository"] == "https://me:***@example.org/r.git"
    assert items["Libraries"] == "pandas 3.0"
    assert found[-1].rows == (("ingested_data", "4", "ab" * 8),)


def test_nothing_that_is_in_the_data_becomes_part_of_the_page(hostile_facts: dict[str, dict[str, Any]]) -> None:
    steps = [StepEntry(step, step, "reused", (HOSTILE,), rows=4) for step in STEPS]
    steps += [StepEntry(HOSTILE, "prepare", "failed", (HOSTILE,), trace=HOSTILE * 1000)]
    hostile = dict.fromkeys(("commit", "branch", "url", "uncommitted"), HOSTILE)
    made = card(
        RunRecord(
            *(HOSTILE, HOSTILE, HOSTILE, "failed", 1.0, 1.0, steps),
            overrides=[HOSTILE],
            tracking_uri=HOSTILE,
            run_id=HOSTILE,
            run_url=f"javascript:{HOSTILE}",
            git=hostile,
            software={HOSTILE: HOSTILE},
            units={HOSTILE: HOSTILE},
            targets=[HOSTILE],
        ),
        records(hostile_facts),
        lambda step: f"javascript:{step}",
    )
    page, text = to_html(made), to_text(made)
    for harm in ("<script", "\u202e", "\x1b", "\x00", 'href="javascript'):
        assert harm not in page
    assert "{{ 7 * 7 }}" in page
    assert not {"\x1b", "\x00", "\u202e"} & set(text)
    Card.from_json(made.to_json())

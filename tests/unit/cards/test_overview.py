from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.cards import dag
from mlflow_recipes.cards.model import Diagram, Node, Notice
from mlflow_recipes.cards.overview import overview_card
from mlflow_recipes.config.source import ConfigSource
from mlflow_recipes.project import Project


def prospect(**statuses: str) -> tuple[str, str]:
    nodes = [Node(name, status=text) for name, text in statuses.items()]
    project = Project(Path("r"), "local", ConfigSource({}, {}, "local"))
    card = overview_card(project, Diagram("t", nodes, ()))
    notice = card.tabs[0].blocks[0]
    assert isinstance(notice, Notice)
    return notice.text, notice.tone


@pytest.mark.parametrize(
    ("statuses", "said", "tone"),
    [
        ({"a": dag.DONE, "b": dag.DONE}, "Everything is up to date: a run would reuse every step.", "good"),
        (
            {"a": dag.DONE, "b": dag.STALE, "c": dag.UNDECIDED, "d": dag.NEVER},
            "A run would execute b, d. Whether c would run depends on what the steps before give.",
            "neutral",
        ),
        ({"a": dag.FAILED, "b": dag.NEVER}, "a failed. A run would execute a, b.", "bad"),
        ({"a": dag.RUNNING}, "a is running just now.", "neutral"),
    ],
)
def test_what_a_run_would_do(statuses: dict[str, str], said: str, tone: str) -> None:
    assert prospect(**statuses) == (said, tone)

"""The card of register."""

from __future__ import annotations

from mlflow_recipes.cards.model import Table


def test_lineage_of_a_version(facts, drawn, within) -> None:
    facts["register"]["made_from"] |= {
        "mlflow_recipes.environment": "python 3.11, numpy 2.4.6",
        "mlflow.source.git.branch": "main",
    }
    [table] = within(drawn("register", facts["register"]), "Lineage", Table)
    assert table.rows == (
        ("data", "test", "0a1b"),
        ("code", "", "c0de"),
        ("environment", "python", "3.11"),
        ("environment", "numpy", "2.4.6"),
        ("git", "branch", "main"),
    )


def test_a_version_of_an_earlier_version(facts, drawn) -> None:
    older = {name: value for name, value in facts["register"].items() if name in ("model_name", "version", "status")}
    assert [tab.name for tab in drawn("register", older).tabs] == ["Run Summary"]

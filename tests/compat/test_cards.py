"""COMPAT section 11: cards made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.errors import RecipeError


@pytest.mark.covers("card:BaseCard", "card:CardTab", "error:card-slot", "import:mlflow.recipes.cards")
def test_a_card_made_by_hand(tmp_path: Path) -> None:
    from mlflow.recipes.cards import BaseCard, CardTab

    card = BaseCard("taxi", "train")
    tab = card.add_tab("Numbers", "<b>{{ A }}</b>{{ B }}")
    assert isinstance(tab, CardTab)
    assert tab.add_html("A", "<i>1</i>").add_markdown("B", "*two*") is tab
    assert "<b><i>1</i></b>" in tab.to_html()
    assert card.get_tab("Numbers") is tab
    assert card.get_tab("Others") is None
    assert card.add_text("a").add_text("b").to_text() == "ab"
    card.save(str(tmp_path))
    card.save_as_html(str(tmp_path))
    assert (tmp_path / "card.html").read_text().count("Train@taxi") > 0
    assert BaseCard.load(str(tmp_path)).to_html() == card.to_html()
    assert "<td" in BaseCard.render_table([(1, 2)], columns=["a", "b"])
    with pytest.raises(RecipeError, match="not a valid template variable"):
        tab.add_html("C", "x")


@pytest.mark.covers("card:FailureCard")
def test_a_failure_card(tmp_path: Path) -> None:
    from mlflow.recipes.cards import FailureCard

    (tmp_path / "warning_logs.txt").write_text("mind this")
    page = FailureCard("taxi", "train", "Traceback: broken", str(tmp_path)).to_html()
    for text in ("Step Status", "Stacktrace", "Traceback: broken", "Warning Logs", "mind this"):
        assert text in page

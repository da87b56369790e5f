"""However much a card holds, its page can be opened, and says what it left out."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_recipes.cards.fit import MOST_BYTES
from mlflow_recipes.cards.model import (
    Card,
    CardTab,
    Code,
    Diagram,
    Facts,
    Figure,
    Node,
    Notice,
    Outline,
    Part,
    Profile,
    ProfileColumn,
    ProfilePart,
    Table,
    Text,
)
from mlflow_recipes.cards.render import to_html

WORST = "<'\U0001f600\"&"  # what takes most bytes for each of its letters


def card(*blocks: Any, tabs: int = 1) -> Card:
    return Card("s", "r", tuple(CardTab(f"t{place}", blocks) for place in range(tabs)))


def wide_profile(columns: int, tables: int) -> Profile:
    histogram = {"edges": list(range(31)), "counts": [1] * 30}
    found = tuple(
        ProfileColumn(f"{WORST}{i}", "double", min=0, max=30, quantiles=[1, 2, 3], histogram=histogram)
        if i % 2
        else ProfileColumn(f"{i}{WORST * 200}", WORST, distinct=9, top=[(WORST * 200, 1)] * 10)
        for i in range(columns)
    )
    return Profile(tuple(ProfilePart(f"table {i}", 9, None, found) for i in range(tables)))


EXTREMES = {
    "long cells": card(Table([f"c{i}" for i in range(200)], [[WORST * 200] * 200] * 60)),
    "many rows": card(Table(["a", "b"], [["1", "x"]] * 200_000)),
    "many columns": card(Table([f"c{i}" for i in range(20_000)], [["1"] * 20_000] * 20)),
    "three tables side by side": card(wide_profile(3000, 3)),
    "many tables": card(Table(["a"] * 30, [[WORST * 20] * 30] * 30), tabs=50),
    "dozens of figures": card(
        *(
            Figure("points", f"f{i}", WORST * 100, ("x", "y", "z"), [(j, j * i % 97, j % 13) for j in range(500)])
            for i in range(60)
        )
    ),
    "many parts": card(Outline("o", [Part(WORST * 200, WORST * 200, [Part(WORST * 200)] * 30)] * 900)),
    "many boxes": card(
        Diagram("d", [Node(f"n{i}", [WORST * 200] * 30) for i in range(900)], [("n0", "n1", WORST * 500)] * 99)
    ),
    "many facts and texts": card(
        Facts([(f"{i}{WORST * 200}", WORST * 200) for i in range(900)]),
        *[Text(WORST * 200), Notice(WORST * 200), Code(WORST * 20_000)] * 300,
    ),
    "everything": card(
        wide_profile(300, 9),
        Table([WORST * 200] * 300, [[WORST * 200] * 300] * 300),
        Facts([(f"{i}", WORST * 200) for i in range(900)]),
        tabs=20,
    ),
}


@pytest.mark.parametrize("name", EXTREMES)
def test_a_page_has_at_most_two_megabytes_and_says_what_it_left_out(name: str) -> None:
    html = to_html(EXTREMES[name])
    assert 50_000 < len(html.encode()) <= MOST_BYTES == 2_000_000
    assert any(
        word in html for word in ("not shown here. They are in card.json", "its data are in card.json", " characters)")
    )


def test_what_fits_is_whole() -> None:
    table = Table(["a"], [[f"row {i}"] for i in range(5000)])
    html = to_html(card(table, Text("x" * 1000)))
    assert "row 4999" in html
    assert "x" * 1000 in html
    assert "not shown here" not in html


def test_long_texts_are_shortened_before_rows_are_left_out() -> None:
    html = to_html(card(Table([f"c{i}" for i in range(200)], [["v" * 1000] * 200] * 50)))
    assert "further row" not in html
    assert "further column" not in html
    assert "... (1,000 characters)" in html


def test_counts_of_what_is_left_out_are_right() -> None:
    assert "195,000 further rows not shown here." in to_html(EXTREMES["many rows"])
    names = to_html(card(Table(["n" * 5000], [["v"] * 1] * 1)))
    assert "... (5,000 characters)" in names


def test_the_first_figures_are_kept_and_the_others_are_words() -> None:
    html = to_html(EXTREMES["dozens of figures"])
    shown = html.count("<figure")
    assert 5 < shown < 60
    assert html.count("its data are in card.json") == 60 - shown
    assert html.index("<figure") < html.index("its data are in card.json")

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import pytest

from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.model import About, Card, CardTab, Figure, Table
from mlflow_recipes.cards.text import to_text


def test_a_whole_card(facts: dict[str, dict[str, Any]]) -> None:
    card = build("ingest", facts["ingest"], About("ingest", "taxi", "local", 1.5, 1_514_795_400.0))
    assert to_text(card) == dedent(
        """\
        Ingest@taxi
        ===========
        4 rows · 6 columns · 1 file, 20.5 kB

        Data Profile
        ------------
        4 rows

        numbers     type    missing  min   25 %  median   75 %   max   mean    std  distinct
        ----------  ------  -------  ---  -----  ------  -----  ----  -----  -----  --------
        distance    double   25.0 %  1.5      2     2.5  6.125  9.75  4.583  4.502         3
        passengers  int64         0    1      1     1.5      3     6    2.5   2.38         3
        minutes     double        0    3  6.188   9.875  21.38    48  17.69  20.58         4

        texts   type    missing  distinct  most frequent
        ------  ------  -------  --------  ----------------------
        vendor  string        0         2  CMT 75.0 %, VTS 25.0 %

        times   type           missing  first                last                 distinct
        ------  -------------  -------  -------------------  -------------------  --------
        pickup  timestamp[us]   25.0 %  2018-01-01 08:30:00  2018-01-02 14:30:00         2

        others  type               missing
        ------  -----------------  -------
        stops   list<item: int64>   25.0 %

        Data Schema
        -----------
        6 columns

        column      type
        ----------  -----------------
        pickup      timestamp[us]
        distance    double
        passengers  int64
        vendor      string
        stops       list<item: int64>
        minutes     double

        Data Preview
        ------------
        The first rows, as they were read.

        pickup               distance  passengers  vendor  stops   minutes
        -------------------  --------  ----------  ------  ------  -------
        2018-01-01 08:30:00       1.5           1  CMT     [1]        7.25
        2018-01-02 14:30:00       2.5           1  VTS     []         12.5
                                 9.75           2  CMT                  48
        2018-01-01 08:30:00                     6  CMT     [2, 3]        3

        Run Summary
        -----------
        Recipe    taxi
        Profile   local
        Step      ingest
        Finished  2018-01-01 08:30:00 UTC
        Took      1.50 s
        Rows      4
        Columns   6

        Read from
        source                size
        --------------------  -------
        data/2018-01.parquet  20.5 kB
        """
    )


def test_a_whole_failure() -> None:
    text = to_text(failure("split", "taxi", "DataError: no rows.\n\nIn the recipe's own code:\n\tx = 1"))
    assert text == dedent(
        """\
        Split@taxi
        ==========
        Failed

        Step Status
        -----------
        [!] The step 'split' failed.

        DataError: no rows.

        Stacktrace
        ----------
        DataError: no rows.

        In the recipe's own code:
                x = 1
        """
    )


def test_wide_tables_go_on_below() -> None:
    table = Table(["trip", *(f"column {i}" for i in range(8))], [["1", *(str(i) for i in range(8))]])
    text = to_text(Card("s", "r", (CardTab("t", (table,)),)), width=50)
    assert max(len(line) for line in text.splitlines()) <= 50
    assert [line.split()[0] for line in text.splitlines() if line.startswith("trip")] == ["trip"] * 2
    assert all(f"column {i}" in text for i in range(8))


def test_long_and_wide_cells_are_cut_to_the_cell() -> None:
    table = Table(["東京の列", "b"], [["東" * 50, "x"], ["a\nb", "y" * 90]])
    lines = to_text(Card("s", "r", (CardTab("t", (table,)),))).splitlines()[-4:]
    assert lines == [
        "東京の列                                  b",
        "----------------------------------------  ----------------------------------------",
        "東東東東東東東東東東東東東東東東東東東 …  x",
        "a b                                       " + "y" * 39 + "…",
    ]


@pytest.mark.parametrize("step", ["ingest", "split", "transform", "train", "evaluate", "register"])
def test_nothing_steers_the_terminal(step: str, hostile_facts: dict[str, dict[str, Any]], hostile: str) -> None:
    text = to_text(build(step, hostile_facts[step], About(step, hostile, hostile, 1.0, 0.0, hostile, hostile)))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "\u241b[31m" in text


def shown(figure: Figure, width: int = 100) -> list[str]:
    return to_text(Card("s", "r", (CardTab("t", (figure,)),)), width).splitlines()[5:]


def test_small_figures_are_tables_and_bars_are_drawn_in_letters() -> None:
    bars = Figure("bars", "Growth", "Distance matters most.", ("feature", "growth"), [("distance", 2), ("hour", 0.55)])
    assert shown(bars) == [
        "Growth: Distance matters most.",
        "feature   growth",
        "--------  ------  --------------------",
        "distance       2  ████████████████████",
        "hour        0.55  █████▌",
    ]
    negative = Figure("bars", "Growth", "It fell.", ("feature", "growth"), [("distance", -2), ("hour", 1)])
    assert shown(negative)[-1] == "hour           1"
    points = Figure("lines", "Curve", "It falls.", ("x", "y"), [(1, 2.5), (2, None)])
    assert shown(points) == ["Curve: It falls.", "x    y", "-  ---", "1  2.5", "2"]


def test_large_figures_are_words_and_histograms_a_line_of_them() -> None:
    curve = Figure("lines", "Curve", "It falls.", ("x", "y"), [(i, i) for i in range(100)])
    assert shown(curve) == ["Curve: It falls."]
    histogram = Figure("histogram", "Trips", "Short.", ("from", "to", "train"), [(i, i + 1, i % 9) for i in range(18)])
    assert shown(histogram) == ["Trips: Short.", "train", " ▁▂▃▄▅▆▇█ ▁▂▃▄▅▆▇█", "0 to 18"]


@pytest.mark.parametrize("form", ["histogram", "bars", "lines", "ranges", "grid", "matrix", "parallel"])
@pytest.mark.parametrize("rows", [[], [(None, None, None, None, None)] * 3, [(0, 0, 0, 0, 0)] * 20])
def test_figures_without_values_are_words(form: str, rows: list[Any]) -> None:
    assert shown(Figure(form, "T", "Nothing.", list("abcde"), rows))[0] == "T: Nothing."

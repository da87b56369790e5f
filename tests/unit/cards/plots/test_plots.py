"""Every form, by what can be read in the SVG that comes out."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlflow_recipes.cards import plots
from mlflow_recipes.cards.model import Figure

HOSTILE = "</text></svg><script>alert(1)</script>{{ 7 * 7 }}$x_1$\u202eevil\x1b[31m\x00\ud800\"'&<!--"
FORMS = {
    "histogram": "nnnn",
    "lines": "nnn",
    "points": "nnn",
    "bars": "tnn",
    "ranges": "tnnnn",
    "grid": "nnnnn",
    "matrix": "ttn",
    "parallel": "ntnn",
}


def figure(form: str, columns: str, rows: Any, **more: Any) -> Figure:
    return Figure(form, "title", "reading", columns.split(), rows, **more)


def parsed(shown: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(plots.svg(shown))


def texts(shown: Figure) -> list[str]:
    return ["".join(node.itertext()) for node in parsed(shown).iter("text")]


def at(shown: Figure, text: str) -> tuple[float, float]:
    node = next(node for node in parsed(shown).iter("text") if node.text == text)
    return float(node.attrib["x"]), float(node.attrib["y"])


def colors(shown: Figure) -> set[str]:
    return set(re.findall(r"var\(--series-(\d)\)", plots.svg(shown)))


odd_numbers = st.one_of(
    st.none(),
    st.integers(),
    st.sampled_from([10**400, 5e-324, 1.7e308, -1.7e308, 0.0, -0.0, 1e16, 1e16 + 2]),
    st.floats(),
)
odd_texts = st.one_of(
    st.text(max_size=30), st.sampled_from([HOSTILE, "x" * 3_000, "名前" * 100, "שלום", "", "\n", "2018-01-02"])
)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    form = draw(st.sampled_from(sorted(FORMS)))
    kinds = FORMS[form] + "n" * draw(st.integers(0, 5)) if form != "grid" else FORMS[form]
    cells = [odd_texts if kind == "t" else odd_numbers for kind in kinds]
    if draw(st.booleans()) and form != "grid":
        cells[0] = st.datetimes().map(str)
    return Figure(
        form,
        draw(odd_texts),
        "reading",
        [draw(odd_texts) for _ in kinds],
        draw(st.lists(st.tuples(*cells), max_size=6)),
        draw(odd_texts),
        draw(odd_texts),
        marks=draw(st.lists(st.tuples(odd_texts, st.floats()), max_size=3)),
        diagonal=draw(st.booleans()),
        logarithmic=draw(st.sampled_from(["", "x", "y", "xy"])),
    )


@given(figures())
@settings(derandomize=True, max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_data_is_drawn_and_no_text_of_it_is_markup(shown: Figure) -> None:
    root = parsed(shown)
    assert {node.tag for node in root.iter()} <= {"svg", "g", "path", "text"}
    assert not [name for node in root.iter() for name in node.attrib if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800-\udfff]", "".join(root.itertext()))
    wide, high = map(float, root.attrib["viewBox"].split()[2:])
    assert wide == 400
    assert high < 1000
    for x, y in re.findall(r"[ML]\s*(-?[\d.]+) (-?[\d.]+)", plots.svg(shown)):
        assert -5 <= float(x) <= wide + 5
        assert -5 <= float(y) <= high + 5


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_come_out_as_texts(form: str) -> None:
    row = [1.0 if kind == "n" else HOSTILE for kind in FORMS[form]]
    other = [2.0 if kind == "n" else "b" for kind in FORMS[form]]
    shown = Figure(form, HOSTILE, HOSTILE, [HOSTILE] * len(row), [row, other], HOSTILE, HOSTILE, [(HOSTILE, 1.5)])
    assert "</text></svg><script" in "".join(parsed(shown).itertext())
    assert "<script" not in plots.svg(shown)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_no_values_are_said_in_words(form: str, value: float | None) -> None:
    empty = Figure(form, "t", "r", ["a"] * len(FORMS[form]), [], x="trip <minutes>")
    assert texts(empty) == ["There are no values to draw of trip <minutes>."]
    if form not in ("matrix", "histogram"):
        row = [value if kind == "n" else "a" for kind in FORMS[form]]
        assert texts(Figure(form, "t", "r", ["a"] * len(row), [row], x="y")) == ["There are no values to draw of y."]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_figure_gives_the_same_picture(form: str) -> None:
    rows = [[place + 1.0 if kind == "n" else f"t{place}" for kind in FORMS[form]] for place in range(3)]
    shown = Figure(form, "t", "r", list("abcdefgh")[: len(FORMS[form])], rows)
    first = plots.svg(shown)
    plots.svg.cache_clear()
    assert plots.svg(shown) == first


def test_histogram_begins_at_zero_and_names_its_distributions() -> None:
    shown = figure("histogram", "from to training test", [(0, 10, 5, 4), (10, 20, 9, 10)], x="minutes", y="rows")
    assert {"training", "test", "minutes", "rows", "0", "10"} <= set(texts(shown))
    assert colors(shown) == {"1", "2"}
    assert "stroke-dasharray" in plots.svg(shown)
    alone = figure("histogram", "from to rows", [(0, 10, 5), (10, 20, 9)])
    assert "rows" not in texts(alone)


def test_histogram_of_times_has_times_on_its_axis() -> None:
    rows = [(f"2018-{m:02}-01", f"2018-{m + 1:02}-01", m) for m in range(1, 12)]
    shown = figure("histogram", "from to rows", rows, x="pickup")
    assert {"2018", "Jul", "pickup"} <= set(texts(shown))


def test_lines_are_broken_where_a_value_is_missing() -> None:
    whole = figure("lines", "x y", [(i, i) for i in range(40)])
    broken = figure("lines", "x y", [(i, None if i == 20 else i) for i in range(40)])
    stroke = r"<path d=\"[^\"]*\" style=\"[^\"]*stroke: var\(--series-1\)"
    assert len(re.findall(stroke, plots.svg(broken))) == len(re.findall(stroke, plots.svg(whole))) + 1


def test_series_differ_by_more_than_colour() -> None:
    rows = [(i, i, i + 1, i + 2) for i in range(50)]
    dashes = re.findall(r"stroke-dasharray: ([\d., ]+)", plots.svg(figure("lines", "x a b c", rows)))
    assert len(set(dashes)) >= 2
    shapes = [
        node.attrib["d"]
        for node in parsed(figure("points", "x a b c", rows)).iter("path")
        if "--series" in node.attrib["style"]
    ]
    assert len({shape.count("L") / max(shape.count("M"), 1) for shape in shapes}) == 3


def test_too_many_series_and_rows_are_said_to_be_left_out() -> None:
    many = Figure("lines", "t", "r", ["x", *(f"s{i}" for i in range(40))], [(i, *range(40)) for i in range(5)])
    assert "34 further series are only in the data." in texts(many)
    assert colors(many) == set("123456")
    bars = figure("bars", "what n", [(f"label {i}", i) for i in range(100)])
    assert "70 further rows are only in the data." in texts(bars)
    assert "label 29" in texts(bars)
    assert "label 30" not in texts(bars)
    points = figure("points", "x y", [(i, i) for i in range(5000)])
    assert "Of 5,000 points one of 3 is drawn; all are in the data." in texts(points)
    assert len(plots.svg(points)) < 100_000


def test_bars_begin_at_zero_with_their_values_at_the_ends() -> None:
    shown = figure("bars", "feature growth", [("distance", 12_000), ("hour", -3_000)], x="growth (minutes)")
    assert {"distance", "hour", "12k", "-3,000", "growth (minutes)", "0"} <= set(texts(shown))
    assert at(shown, "-3,000")[0] < at(shown, "0")[0] < at(shown, "12k")[0]
    assert at(shown, "distance")[1] < at(shown, "hour")[1]


def test_long_labels_are_shortened_to_their_room() -> None:
    shown = figure("bars", "feature growth", [("x" * 1_000_000, 1), ("b", 2)])
    label = next(text for text in texts(shown) if text.startswith("xx"))
    assert label.endswith("\u2026")
    assert len(label) < 40
    assert len(plots.svg(shown)) < 5_000


def test_ranges_have_hollow_shapes_for_other_values() -> None:
    shown = figure("ranges", "slice model low high champion", [("a", 3, 2, 4, 5), ("b", 4, None, None, 6)])
    assert {"model", "champion", "a", "b"} <= set(texts(shown))
    hollow = [p for p in parsed(shown).iter("path") if "fill: none; stroke: var(--series-2)" in p.attrib["style"]]
    assert len(hollow) == 2  # in the legend, and both values as one path


def test_grid_is_one_path_for_each_level_of_its_key() -> None:
    rows = [(x, x + 1, y, y + 1, 1 + x * y) for x in range(30) for y in range(30)]
    shown = figure("grid", "x0 x1 y0 y1 rows", rows, x="actual", y="predicted", diagonal=True)
    filled = [p for p in parsed(shown).iter("path") if "fill: var(--series-1)" in p.attrib["style"]]
    assert len(filled) == 2 * 5
    assert "equal values" in texts(shown)
    assert "rows: 1 to <4" in texts(shown), "the first level says what is counted"
    assert len(plots.svg(shown)) < 60_000


def test_cells_that_reach_below_zero_are_not_on_a_logarithmic_axis() -> None:
    shown = figure("grid", "x0 x1 y0 y1 rows", [(0, 1, 1, 2, 5), (1, 10, 1, 2, 5)], logarithmic="x")
    filled = [p for p in parsed(shown).iter("path") if "fill: var(--series-1)" in p.attrib["style"]]
    assert len(filled) == 2


def test_both_axes_are_the_same_where_the_diagonal_is_drawn() -> None:
    shown = figure("points", "x y", [(0, 50), (10, 100)], diagonal=True)
    assert [text for text in texts(shown) if text == "100"] == ["100", "100"]


def test_matrix_has_every_count_and_few_labels() -> None:
    small = figure("matrix", "actual predicted n", [("a", "a", 5), ("a", "b", 2), ("b", "a", 0), ("b", "b", 12_345)])
    assert {"5", "2", "0", "12.3k", "a", "b"} <= set(texts(small))
    rows = [(f"c{i}", f"c{j}", 10 if i == j else 1) for i in range(20) for j in range(20)]
    large = figure("matrix", "actual predicted n", rows)
    assert texts(large).count("(others)") == 2
    counts = [int(text.replace(",", "")) for text in texts(large) if text.replace(",", "").isdigit()]
    assert (len(counts), sum(counts)) == (121, 20 * 10 + 380)


def test_parallel_has_an_axis_for_each_column_that_varies() -> None:
    rows = [(10.0**-i, "gbtree" if i % 2 else "dart", 7, 3 + i) for i in range(6)]
    shown = figure("parallel", "rate booster constant error", rows)
    assert {"rate", "booster", "error", "gbtree", "dart", "the best", "1e-05", "3", "8"} <= set(texts(shown))
    assert "constant" not in texts(shown)
    assert "Left out: 1 column with the same value everywhere." in texts(shown)
    assert at(shown, "rate")[1] < at(shown, "error")[1]


def test_marks_stand_above_the_data_and_far_ones_are_named_below() -> None:
    rows = [(i, i) for i in range(10)]
    shown = figure("lines", "round error", rows, marks=[("best", 4), ("limit", 4.2), ("far", 1e6)])
    assert "far is outside the picture." in texts(shown)
    assert at(shown, "best")[1] != at(shown, "limit")[1]
    assert at(shown, "best")[1] < at(shown, "8")[1]


def test_logarithmic_axes_name_orders_of_magnitude() -> None:
    shown = figure("points", "rate error", [(10.0**-i, i) for i in range(6)], logarithmic="x")
    assert {"0.001", "0.01", "1"} <= set(texts(shown))
    assert "-2.0" in texts(figure("points", "rate error", [(-1, 2), (-2, 3)], logarithmic="x"))


def test_the_data_can_be_had_and_hold_no_formula() -> None:
    shown = Figure("bars", "t", "r", ["name", "n"], [["=1+1", 2], ['a,"b', None]])
    assert list(csv.reader(io.StringIO(plots.data_file(shown)))) == [["name", "n"], ["'=1+1", "2"], ['a,"b', ""]]


def test_settings_of_a_users_plots_neither_change_nor_matter() -> None:
    import matplotlib as mpl

    shown = figure("lines", "x y", [(i, i) for i in range(50)])
    before = plots.svg(shown)
    with mpl.rc_context({"text.usetex": True, "figure.autolayout": True, "axes.xmargin": 0.4, "lines.linewidth": 9}):
        plots.svg.cache_clear()
        settings_then = dict(mpl.rcParams)
        assert plots.svg(shown) == before
        assert dict(mpl.rcParams) == settings_then


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(KeyError, match="pie"):
        plots.svg(figure("pie", "a b", []))

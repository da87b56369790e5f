"""Where boxes and arrows go, and what a page and a terminal show of them."""

from __future__ import annotations

import re

import pytest

from mlflow_recipes.cards.diagram import WIDTH, Drawing, drawn, fitted
from mlflow_recipes.cards.model import Card, CardTab, Diagram, Node
from mlflow_recipes.cards.render import to_html
from mlflow_recipes.cards.text import to_text

NODES = [Node(name, ["3 rows"], "good", "done") for name in "abcdef"]
CHAIN = [(a, b, f"{a}_data") for a, b in zip("abcde", "bcdef", strict=True)]


def of(*edges: tuple[str, str, str], nodes: list[Node] | None = None) -> Drawing:
    return drawn(Diagram("steps", nodes or NODES, edges))


def lines(drawing: Drawing) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight lines of all arcs; their corners are taken for sharp."""
    found = []
    for arrow in drawing.arrows:
        if not arrow.down:
            x, y, lane, _, end = (float(n) for n in re.findall(r"-?[\d.]+", re.sub(r"q[^VH]*", " ", arrow.path)))
            edge = lane + 5
            end += 5
            found += [((x, y), (edge, y)), ((edge, y), (edge, end)), ((edge, end), (x, end))]
    return found


def crossing(one, other) -> bool:
    (a, b), (c, d) = one, other
    if a[1] == b[1] and c[0] == d[0]:
        return min(a[0], b[0]) < c[0] < max(a[0], b[0]) and min(c[1], d[1]) < a[1] < max(c[1], d[1])
    return False


def test_boxes_stand_below_one_another_joined_by_arrows() -> None:
    drawing = of(*CHAIN)
    assert len(drawing.arrows) == 5
    assert all(arrow.down for arrow in drawing.arrows)
    for above, below, arrow in zip(drawing.boxes, drawing.boxes[1:], drawing.arrows, strict=False):
        assert above.y + above.height < below.y == arrow.y
    assert drawing.height > drawing.boxes[-1].y + drawing.boxes[-1].height
    assert [label.text for label in drawing.labels] == [what for *_, what in CHAIN]


def test_what_passes_boxes_by_goes_round_them_without_crossing() -> None:
    arcs = [("a", "c", "x"), ("a", "e", "y"), ("a", "f", "z"), ("c", "e", "v"), ("b", "f", "w")]
    drawing = of(*CHAIN, *arcs)
    assert sum(not arrow.down for arrow in drawing.arrows) == len(arcs)
    found = lines(drawing)
    assert max(x for line in found for x, _ in line) <= WIDTH
    assert len({line[1][0] for line in found[1::3]}) == 4, "c -> e goes on where a -> c ended"
    assert "x from a" in [label.text for label in drawing.labels]
    from_a = [line for line in found if line[0][1] < drawing.boxes[0].y + drawing.boxes[0].height]
    assert not any(crossing(one, other) for one in from_a for other in from_a)


def test_edges_back_to_itself_or_to_nothing_are_left_out() -> None:
    assert of(("b", "a", "x"), ("a", "a", "x"), ("a", "zz", "x")).arrows == []


@pytest.mark.parametrize("text", ["x" * 10_000, "\u4e2d\u6587" * 500, "a b " * 3000, "\x1b[31m\u202e" * 400])
def test_texts_fit(text: str) -> None:
    node = Node(text, [text], "good", text)
    drawing = of(("a", "b", text), ("a", "c", f"{text}, {text}"), nodes=[*NODES[:2], Node("c", [text]), node])
    labels = [*drawing.labels, *(label for box in drawing.boxes for label in (box.title, box.status, *box.lines))]
    assert all(fitted(label.text, WIDTH, 12) == label.text for label in labels)
    assert max(len(box.lines) for box in drawing.boxes) == 2
    assert not any("\x1b" in label.text or "\u202e" in label.text for label in labels)


def test_names_that_do_not_fit_are_counted() -> None:
    names = ", ".join(f"transformed_data_{i}" for i in range(9))
    [label] = of(("a", "c", names)).labels
    assert label.text == "transformed_data_0 and 8 more from a"


def page(*nodes: Node, edges=()) -> str:
    return to_html(Card("steps", "r", (CardTab("Steps", (Diagram("the steps", nodes, edges),)),)))


def test_a_page_says_it_all_twice_as_a_picture_and_as_a_list() -> None:
    html = page(Node("a", ["3 rows"], "stale", "may be stale", "steps/a/card.html"), Node("b"), edges=[("a", "b", "x")])
    picture, _, rest = html.partition("</svg>")
    assert '<a href="steps/a/card.html" tabindex="-1">' in picture
    assert '<ol aria-label="the steps">' in rest
    assert '<a href="steps/a/card.html">a</a>' in rest
    for part in (picture, rest):
        assert "may be stale" in part
        assert "3 rows" in part
    assert "takes x from a" in rest


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example/", "https://evil.example", "/etc/passwd", "\\\\x"]
)
def test_links_lead_to_files_beside_the_page_alone(link: str) -> None:
    assert link not in page(Node("a", link=link))


def test_hostile_texts_are_text(hostile: str) -> None:
    html = page(Node(hostile, [hostile], hostile, hostile, hostile), Node("b"), edges=[(hostile, "b", hostile)])
    assert "<script" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html


def test_in_a_terminal() -> None:
    card = Card("steps", "r", (CardTab("S", (Diagram("t", [*NODES[:2]], [("a", "b", "a_data")]),)),))
    assert to_text(card).splitlines()[-3:] == ["a  done · 3 rows", "  \u2193 a_data (from a)", "b  done · 3 rows"]

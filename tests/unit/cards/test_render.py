from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.cleaning import clean
from mlflow_recipes.cards.model import (
    About,
    Card,
    CardTab,
    Code,
    Facts,
    Notice,
    Profile,
    ProfileColumn,
    ProfilePart,
    Table,
    Text,
)
from mlflow_recipes.cards.render import to_html

STEPS = ["ingest", "split", "transform", "train", "evaluate", "register"]
VOID = {"meta", "path", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: its tags, attributes and text; complains of tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def links(self) -> list[str]:
        """Where the page's links lead, that past the navigation aside."""
        return [address for address in self.of("href") if address != "#Main"]

    def of(self, name: str) -> list[str]:
        return [value for attribute, value in self.attributes if attribute == name]


def page_of(step: str, facts: dict[str, Any], recipe: str = "taxi", **more: str) -> Page:
    return Page(to_html(build(step, facts, About(step, recipe, "local", 1.0, 0.0, **more))))


@pytest.mark.parametrize("step", STEPS)
def test_pages_are_self_contained(step: str, facts: dict[str, dict[str, Any]]) -> None:
    html = to_html(build(step, facts[step], About(step, "taxi", "local", 1.0, 0.0)))
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not page.of("src")
    assert not re.search(r"url\((?!#)", html)
    assert "@import" not in html
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page.of("content")
    allowed = ("#", "https://tracking.example/", "data:text/csv;base64,")
    assert all(h.startswith(allowed) for h in page.of("href"))
    assert {h[1:] for h in page.of("href") if h.startswith("#")} <= set(page.of("id"))


@pytest.mark.parametrize("step", STEPS)
def test_hostile_facts_are_text(step: str, facts: dict[str, Any], hostile_facts: dict[str, Any], hostile: str) -> None:
    plain, spoilt = page_of(step, facts[step]), page_of(step, hostile_facts[step], recipe=hostile, run_id=hostile)
    assert set(spoilt.tags) <= set(plain.tags) | {"a"}
    assert not [name for name, _ in spoilt.attributes if name.startswith("on")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800-\udfff]", spoilt.text)
    assert "<script>alert(1)</script>{{ 7 * 7 }}{% raw %}\ufffdevil\u241b[31m\u2400\ufffd\"'&<!--" in spoilt.text
    to_html(build(step, hostile_facts[step], About(step, hostile, hostile, 1.0, 0.0))).encode("utf-8")


@pytest.mark.parametrize("step", STEPS)
def test_pages_can_be_walked_by_keyboard_and_told_by_a_screen_reader(step: str, facts: dict[str, Any]) -> None:
    page = page_of(step, facts[step])
    assert page.of("lang") == ["en"]
    assert page.of("href")[0] == "#Main"
    assert "Main" in page.of("id")
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.of("class").count("scroll") == page.of("role").count("group") - page.of("class").count("outline")


def test_pictures_in_profiles_are_told_in_words() -> None:
    histogram = {"edges": ["2018-01-01", "2018-01-02", "2018-01-03"], "counts": [1, 3]}
    times = ProfileColumn("when", "timestamp", min="2018-01-01", max="2018-01-03", histogram=histogram)
    numbers = ProfileColumn("n", "int", min=0, max=4, quantiles=[1, 2, 3], histogram={"edges": [0, 4], "counts": [4]})
    page = Page(to_html(Card("s", "r", (CardTab("t", (Profile((ProfilePart("", 4, None, (times, numbers)),)),)),))))
    assert [label for label in page.of("aria-label") if label.startswith("Most")] == [
        "Most values lie from 0 to 4: 100 %",
        "Most values lie from 2018-01-02 to 2018-01-03: 75.0 %",
    ]


@pytest.mark.parametrize(("columns", "told"), [(12, []), (13, [f"c{place}" for place in range(13)])])
def test_cells_of_wide_tables_know_their_columns_since_paper_lists_them(columns: int, told: list[str]) -> None:
    table = Table([f"c{place}" for place in range(columns)], [["1"] * columns])
    page = Page(to_html(Card("s", "r", (CardTab("t", (table,)),))))
    assert page.of("data-of") == told


def test_a_hostile_failure_is_text(hostile: str) -> None:
    page = Page(to_html(failure("train", hostile, hostile * 3 + "\n\n" + hostile, [hostile])))
    assert "script" not in page.tags
    assert page.text.count("<script>") >= 5


def test_long_texts_are_shortened() -> None:
    table = Table(["n" * 1_000_000], [["v" * 1_000_000]])
    card = Card(
        "s", "r" * 1_000_000, (CardTab("t" * 1_000_000, (table, Code("c" * 1_000_000), Text("x" * 1_000_000))),)
    )
    html = to_html(card)
    assert len(html) < 120_000
    assert html.count("... (1,000,000 characters)") >= 5


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://h/x", True),
        ("http://localhost:5000/#/models/m", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("http://[", False),
        ("https://h/\u202ex", False),
    ],
)
def test_only_web_addresses_are_links(url: str, linked: bool) -> None:
    page = Page(to_html(Card("s", "r", (CardTab("t", (Facts([("run", "r1")], {"run": url}),)),))))
    assert page.links() == ["#t", *([url] if linked else [])]


def test_only_web_addresses_are_links_in_tables() -> None:
    links = {"0,1": "https://tracking.example/#/runs/1", "1,1": "javascript:alert(1)"}
    table = Table(["rank", "run"], [["1", "calm-owl"], ["2", "old-fox"]], links=links)
    page = Page(to_html(Card("train", "r", [CardTab("t", [table])])))
    assert page.links() == ["#t", "https://tracking.example/#/runs/1"]


def test_numbers_are_aligned_and_rows_have_tones() -> None:
    table = Table(["name", "n"], [["a", "1,234.5"], ["b", ""], ["c", "-1e-07"]], tones={"1": "bad"})
    page = Page(to_html(Card("s", "r", (CardTab("t", (table, Notice("no", "bad"))),))))
    assert page.of("class").count("n") == 1 + 3
    assert page.of("class").count("bad") == 1
    assert "notice bad" in page.of("class")


def test_tabs_of_one_name_have_anchors_of_their_own() -> None:
    card = Card("s", "r", tuple(CardTab(name, ()) for name in ("A b", "A b", "a-b", "名", "")))
    assert Page(to_html(card)).links() == ["#a-b", "#a-b--2", "#a-b--3", "#part", "#part--2"]


@given(st.text())
@settings(derandomize=True, max_examples=200, deadline=None)
def test_any_text_comes_through(text: str) -> None:
    page = Page(to_html(Card(text, text, (CardTab(text, (Code(f".{text}"), Text(text))),), text)))
    expected = clean(text).replace("\r", "\n")
    assert f".{expected}" in page.text

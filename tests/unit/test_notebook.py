"""What a notebook shows, in a real IPython shell that writes down what it is told to display."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from mlflow_recipes import notebook
from mlflow_recipes.events import StepOutcome


@pytest.fixture
def published() -> Iterator[list[dict[str, Any]]]:
    """Everything that is displayed, in order."""
    shell = InteractiveShell.instance()
    publisher = CapturingDisplayPublisher()
    before, shell.display_pub = shell.display_pub, publisher
    yield publisher.outputs
    shell.display_pub = before
    InteractiveShell.clear_instance()


def test_this_is_no_notebook(published: list[dict[str, Any]]) -> None:
    assert not notebook.in_notebook(), "a shell, but in no kernel"


def test_a_page_is_in_a_frame_that_runs_nothing_and_can_be_resized(published: list[dict[str, Any]]) -> None:
    page = (
        '<html><head><title>"x" & y</title></head><body><a href="#part">p</a><a href="https://a.b">q</a></body></html>'
    )
    notebook.show_page(page, '"><script>')
    html = published[0]["data"]["text/html"]
    tag = html[html.index("<iframe") :]
    assert unescape(tag.partition('srcdoc="')[2].partition('"')[0]) == page.replace(
        "<head>", '<head><base href="about:srcdoc">'
    )
    allowed = tag.partition('sandbox="')[2].partition('"')[0].split()
    assert sorted(allowed) == ["allow-downloads", "allow-popups", "allow-popups-to-escape-sandbox"]
    assert "resize: vertical" in html
    assert "<script" not in html


def test_a_run_is_one_display_that_is_updated(published: list[dict[str, Any]]) -> None:
    with notebook.NotebookListener("taxi, profile local") as listener:
        listener.said(None, "waiting for another run")
        listener.ended(StepOutcome("ingest", "reused", ("same",)))
        listener.started("train", ["steps/train.py changed"])
        for number in range(1000):
            listener.progressed("train", f"trial {number} <b>")
        time.sleep(1.2)
        for number in range(30):
            listener.said("train", f"check {number}: 3 rows <script>")
        listener.ended(StepOutcome("train", "run", (), 75.0, 1200))
    first, *updates = published
    assert first["data"]["text/plain"] == "taxi, profile local"
    assert {output["transient"]["display_id"] for output in published} == {first["transient"]["display_id"]}
    assert all(output["update"] for output in updates)
    assert 2 <= len(updates) <= 5, "a few times a second at most"
    assert "trial 999 &lt;b&gt;" in updates[0]["data"]["text/html"]
    last = updates[-1]["data"]
    assert last["text/plain"].splitlines()[:6] == [
        "taxi, profile local",
        "  waiting for another run",
        "  ingest: reused",
        "  train: done  1,200 rows  1 min 15 s",
        "  check 0: 3 rows <script>",
        "  check 1: 3 rows <script>",
    ]
    assert "and 10 more" in last["text/html"]
    assert "<script" not in last["text/html"]
    assert "trial" not in last["text/html"]


def test_a_run_that_fails_stops_where_it_is(published: list[dict[str, Any]]) -> None:
    with contextlib.suppress(ZeroDivisionError), notebook.NotebookListener("r") as listener:
        listener.started("train", [])
        listener.ended(StepOutcome("train", "failed", ("x",), 0.5))
        raise ZeroDivisionError
    assert published[-1]["data"]["text/plain"].splitlines() == ["r", "  train: failed  500 ms"]
    shown = len(published)
    time.sleep(0.7)
    assert len(published) == shown


def test_links_to_files_beside_a_page_are_left_out_of_its_frame() -> None:
    page = (
        '<head><p><a href="../x.html" target="_blank">a</a> <a class="data" href="data:text/csv;base64,eA==">b</a></p>'
    )
    shown = unescape(notebook.framed(page, "t"))
    assert '<a target="_blank">a</a>' in shown
    assert 'href="data:text/csv;base64,eA=="' in shown

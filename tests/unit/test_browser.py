"""Pages are opened where somebody can see them, and nowhere else; nothing ever waits."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from mlflow_recipes import browser

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="shell scripts as browsers, on a desktop")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "a card.html"
    file.write_text("<html></html>")
    return file


@pytest.fixture(autouse=True)
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a display, at which somebody sits; nothing but what a test puts there can open a page."""
    for name in ("CI", "GITHUB_ACTIONS", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "BROWSER", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(browser, "_SECONDS", 60)  # a busy machine needs long to start a program
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin")


def program(folder: Path, name: str, then: str = "exit 0") -> Path:
    """A program that writes down what it is asked to open; returns where."""
    file = folder / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'#!/bin/sh\necho "$@" > "{folder}/{name}.txt"\n{then}\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return folder / f"{name}.txt"


def test_on_a_desktop(page: Path, tmp_path: Path) -> None:
    opened = program(tmp_path, "xdg-open")
    assert browser.open_page(page) is None
    assert opened.read_text().strip() == page.as_uri()


def test_a_browser_that_stays_is_not_waited_for(page: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(browser, "_SECONDS", 0.5)
    program(tmp_path, "xdg-open", "exec sleep 15")
    started = time.monotonic()
    assert browser.open_page(page) is None
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("wanted", ['"no end', " ", "%s", ":"])
def test_a_wish_that_is_no_command(page: Path, monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("BROWSER", wanted)
    assert browser.open_page(page) == "no browser could be started"


def test_no_opener_or_one_that_fails(page: Path, tmp_path: Path) -> None:
    assert browser.open_page(page) == "no browser could be started"
    program(tmp_path, "xdg-open", "exit 3")
    assert browser.open_page(page) == "no browser could be started"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"CI": "true"}, "nobody looks at the screen of a CI job"),
        ({"GITHUB_ACTIONS": "true"}, "nobody looks at the screen of a CI job"),
        ({"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22"}, "this is another machine, over ssh"),
        ({"SSH_TTY": "/dev/pts/1"}, "this is another machine, over ssh"),
        ({"DISPLAY": ""}, " without a display"),
    ],
)
def test_where_nobody_could_see_it(page: Path, tmp_path: Path, monkeypatch, variables, reason: str) -> None:
    opened = program(tmp_path, "xdg-open")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(browser.open_page(page)).endswith(reason)
    assert not opened.exists()


def test_the_browser_that_somebody_wants_is_taken_over_ssh_too(page: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    opened = program(tmp_path, "forward")
    for wanted in ("forward", "missing:forward", "forward %s", "lynx:forward &"):
        program(tmp_path, "lynx")
        monkeypatch.setenv("BROWSER", wanted)
        assert browser.open_page(page) is None
        assert opened.read_text().strip() == page.as_uri()
        opened.unlink()


def test_a_browser_in_the_terminal_is_never_started(page: Path, tmp_path: Path, monkeypatch) -> None:
    started = program(tmp_path, "w3m")
    monkeypatch.setenv("BROWSER", "w3m")
    assert browser.open_page(page) == "no browser could be started"
    assert not started.exists()


def test_how_to_look_at_it_all_the_same(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = browser.how_to_look(page, "this is a machine without a display", "mlflow-recipes inspect -p local")
    assert said == (
        "Not opened: this is a machine without a display. Read it here with `mlflow-recipes inspect -p local --text`."
    )
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 fd00::2 22")
    monkeypatch.setenv("LOGNAME", "ada")
    said = browser.how_to_look(page, "this is another machine, over ssh", "x")
    assert said == (
        "Not opened: this is another machine, over ssh. Read it here with `x --text`, "
        f"or copy the file: `scp ada@[fd00::2]:'{page}' .`."
    )

"""A real browser, headless, that looks at one of our pages the way a person would, and says what is wrong with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REQUIRED = os.environ.get("MLFLOW_RECIPES_TEST_BROWSER") == "required"  # where a missing one must not go unnoticed
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# What hostile texts try to call. A script that runs leaves a trace, wherever it runs.
TRAP = "window.hit = true"
# Every rule of axe-core but those that are about a whole site.
_RULES = {"resultTypes": ["violations"]}


@dataclass
class Seen:
    """What a browser noticed while it showed a page.

    Attributes:
        faults: Scripts that ran, requests to elsewhere, messages on the console, rules of accessibility not kept.
        text: What a person can read.
        wide: Pixels by which the page is wider than the window.
    """

    faults: list[str] = field(default_factory=list)
    text: str = ""
    wide: int = 0


class Chromium:
    """Looks at pages in windows of any width, in light or in dark."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def page(self, width: int = 1300, scheme: str = "light", *, obeying: bool = True) -> Iterator[Page]:
        """An empty page.

        Args:
            width: Of the window, in pixels.
            scheme: light or dark.
            obeying: Obey what a page says may not be loaded or run; otherwise every script that slipped in would run.
        """
        context = self._browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=not obeying
        )
        try:
            yield context.new_page()
        finally:
            context.close()

    def look(self, file: Path, width: int = 1300, scheme: str = "light", *, obeying: bool = True) -> Seen:
        """Show a page, and notice what happens."""
        seen = Seen()
        with self.page(width, scheme, obeying=obeying) as page:
            page.add_init_script("window.hit = false")
            page.on("console", lambda message: seen.faults.append(f"console {message.type}: {message.text[:300]}"))
            page.on("pageerror", lambda error: seen.faults.append(f"error: {str(error)[:300]}"))
            page.on("dialog", lambda dialog: (seen.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            page.on("request", lambda request: seen.faults.extend(_elsewhere(request.url, file)))
            page.goto(file.as_uri())
            seen.text = page.inner_text("body")
            seen.wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if any(frame.evaluate("window.hit") for frame in page.frames):
                seen.faults.append("a script ran")
            seen.faults += accessibility(page)
        return seen


def accessibility(page: Page) -> list[str]:
    """The rules of axe-core that a page does not keep, each with the elements."""
    found: dict[str, Any] = Axe().run(page, options=_RULES).response
    return [
        f"{rule['id']}: {rule['help']}; {len(rule['nodes'])} times, such as {rule['nodes'][0]['html'][:200]}"
        for rule in found["violations"]
    ]


def _elsewhere(url: str, file: Path) -> list[str]:
    known = url == file.as_uri() or url.startswith(("data:", "about:"))
    return [] if known else [f"request: {url[:200]}"]


def executable() -> str | None:
    """Where there is a Chromium; None where there is none."""
    given = os.environ.get("MLFLOW_RECIPES_TEST_CHROMIUM")
    return given or next((found for name in _NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser for as long as the block lasts; without one the test is skipped, or fails where one is required."""
    from playwright.sync_api import sync_playwright

    path = executable()
    if path is None and not REQUIRED:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    assert path is not None, "Chromium is not installed, and MLFLOW_RECIPES_TEST_BROWSER says that it must be"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield Chromium(browser)
        finally:
            browser.close()

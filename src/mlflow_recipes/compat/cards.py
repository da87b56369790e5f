"""`mlflow.recipes.cards`: the cards that users' own tests, notebooks and steps build by hand.

A card is a list of tabs, a tab a Jinja template of the user's whose variables are slots to fill. What goes into a slot
by `add_html` is HTML and stays as it is, as it always has; Markdown, image attributes and tables are escaped. Templates
run in a sandbox. Cards are saved as JSON; a pickle is never loaded.
"""

from __future__ import annotations

import base64
import json
import logging
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.cards import render
from mlflow_recipes.cards.cleaning import clean
from mlflow_recipes.cards.model import Card, Table
from mlflow_recipes.cards.model import CardTab as Tab
from mlflow_recipes.cards.text import to_text
from mlflow_recipes.errors import RecipeError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from jinja2.sandbox import SandboxedEnvironment

_logger = logging.getLogger("mlflow_recipes")
_FORMAT = "mlflow.recipes card 1"
_IMAGE_KINDS = {"svg": "svg+xml", "jpg": "jpeg", "ico": "x-icon"}  # the others are named as their files end
_LONGEST_TEXT = 100_000
_WARNINGS_FILE = "warning_logs.txt"


class CardTab:
    """A tab: a template, and what its slots are filled with.

    Args:
        name: Shown as the tab's title.
        template: Jinja text; each of its variables is a slot. Slots left alone render empty.

    Raises:
        RecipeError: The template cannot be parsed.
    """

    def __init__(self, name: str, template: str) -> None:
        import jinja2
        import jinja2.meta

        self.name = name
        self.template = template
        self._filled: dict[str, str] = {}
        try:
            self._slots = jinja2.meta.find_undeclared_variables(_sandbox().parse(template))
        except jinja2.TemplateSyntaxError as error:
            raise RecipeError(
                f"The template of the tab '{name}' is no valid Jinja: {error}", where=f"line {error.lineno}"
            ) from error

    def add_html(self, name: str, html_content: str) -> CardTab:
        """Fill a slot with HTML, which is not escaped: never pass on what comes from data.

        Raises:
            RecipeError: The template has no such slot.
        """
        if name not in self._slots:
            known = ", ".join(sorted(self._slots)) or "none"
            raise RecipeError(
                f"'{name}' is not a valid template variable of the tab '{self.name}'. Its variables: {known}."
            )
        self._filled[name] = str(html_content)
        return self

    def add_markdown(self, name: str, markdown: str) -> CardTab:
        """Fill a slot with Markdown; HTML in it is shown as text, and an image is a link, so that nothing is loaded.

        Raises:
            RecipeError: The template has no such slot.
        """
        from markdown_it import MarkdownIt

        parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
        return self.add_html(name, parser.render(clean(markdown, _LONGEST_TEXT)))

    def add_image(
        self,
        name: str,
        image_file_path: str | os.PathLike[str],
        width: int | None = None,
        height: int | None = None,
    ) -> CardTab:
        """Fill a slot with an image, packed into the page.

        Args:
            name: The slot.
            image_file_path: A missing file gives the words "Image Unavailable" and a warning.
            width: In pixels.
            height: In pixels.

        Raises:
            RecipeError: The template has no such slot.
        """
        file = Path(image_file_path)
        if not file.is_file():
            self.add_html(name, "Image Unavailable")
            _logger.warning("There is no image %s to show in '%s' of the tab '%s'.", file, name, self.name)
            return self
        suffix = file.suffix[1:].lower()
        kind = f"image/{_IMAGE_KINDS.get(suffix, suffix)}"
        data = base64.b64encode(file.read_bytes()).decode("ascii")
        sizes = "".join(f' {side}="{int(size)}"' for side, size in (("width", width), ("height", height)) if size)
        return self.add_html(name, f'<img src="data:{escape(kind)};base64,{data}" alt="{escape(file.stem)}"{sizes}>')

    def add_pandas_profile(self, name: str, profile: str) -> CardTab:
        """Fill a slot with a whole HTML page, such as a profiling report, in a frame of its own.

        Its scripts may run there, but see nothing of the card.

        Raises:
            RecipeError: The template has no such slot.
        """
        page, title = escape(str(profile)), escape(f"{self.name}: {name}")
        closed = 'sandbox="allow-scripts" referrerpolicy="no-referrer"'
        frame = f'<iframe srcdoc="{page}" title="{title}" {closed} width="100%" height="500"></iframe>'
        return self.add_html(name, frame)

    def to_html(self) -> str:
        """The template with its slots filled.

        Raises:
            RecipeError: The template fails, or does what the sandbox forbids.
        """
        import jinja2

        try:
            return _sandbox().from_string(self.template).render(self._filled)
        except jinja2.TemplateError as error:
            raise RecipeError(f"The template of the tab '{self.name}' failed: {error}") from error


class BaseCard:
    """A card made by hand.

    Args:
        recipe_name: Shown in the title.
        step_name: Likewise: `<Step>@<recipe>`.
    """

    def __init__(self, recipe_name: str, step_name: str) -> None:
        self._recipe_name = recipe_name
        self._step_name = step_name
        self._tabs: list[CardTab] = []
        self._text: list[str] = []

    def add_tab(self, name: str, html_template: str) -> CardTab:
        """Add a tab and return it, to be filled.

        Raises:
            RecipeError: The template cannot be parsed.
        """
        self._tabs.append(CardTab(name, html_template))
        return self._tabs[-1]

    def get_tab(self, name: str) -> CardTab | None:
        """The first tab of that name, or None."""
        return next((tab for tab in self._tabs if tab.name == name), None)

    def add_text(self, text: str) -> BaseCard:
        """Add to what `to_text` gives."""
        self._text.append(text)
        return self

    def to_text(self) -> str:
        """What was added with `add_text`."""
        return "".join(self._text)

    def to_html(self) -> str:
        """The card as an HTML page.

        Raises:
            RecipeError: A tab's template fails.
        """
        from markupsafe import Markup

        sections = [render.Section(tab.name, Markup(tab.to_html())) for tab in self._tabs]
        return render.page((self._step_name.capitalize(), self._recipe_name), sections, closed=False)

    def save_as_html(self, path: str | os.PathLike[str]) -> None:
        """Write the HTML page to a file, or into a folder as card.html."""
        _file(path, layout.CARD_HTML).write_text(self.to_html(), encoding="utf-8", errors="replace")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the card as JSON to a file, or into a folder as card.json."""
        tabs = [{"name": tab.name, "template": tab.template, "filled": tab._filled} for tab in self._tabs]
        data = {"kind": _FORMAT, "recipe": self._recipe_name, "step": self._step_name, "text": self.to_text()}
        _file(path, layout.CARD_JSON).write_text(json.dumps({**data, "tabs": tabs}, indent=1), encoding="ascii")

    @staticmethod
    def load(path: str | os.PathLike[str]) -> BaseCard:
        """Read a card from a file or a folder: one that was saved, or the card.json of a step's outputs.

        Raises:
            FileNotFoundError: There is none.
            RecipeError: The file is no card, or a pickle, which might run anything when loaded.
        """
        file = _file(path, layout.CARD_JSON)
        if not file.exists() and (pickled := _file(path, layout.CARD_PICKLE)).exists():
            file = pickled
        return _read(file.read_bytes(), file)

    @staticmethod
    def render_table(table: Any, columns: Sequence[str] | None = None, hide_index: bool = True) -> str:
        """A table as HTML, escaped.

        Args:
            table: A DataFrame, a 2D array, a list of tuples, ... ; or a pandas Styler, which escapes as it was told.
            columns: Names for the columns; of a table that has names, which of them to show.
            hide_index: Leave the index out.
        """
        import pandas as pd

        if hasattr(table, "set_table_attributes"):
            styled = table.hide(axis="index") if hide_index else table
            return f'<div class="scroll" tabindex="0" role="group" aria-label="Table">{styled.to_html()}</div>'
        frame = pd.DataFrame(table, columns=None if columns is None else list(columns))
        rows = [[str(value) for value in row] for row in frame.itertuples(index=False, name=None)]
        names = [str(name) for name in frame.columns]
        if not hide_index:
            rows = [[str(label), *row] for label, row in zip(frame.index, rows, strict=True)]
            names = ["", *names]
        return str(render.tab_html(Tab("", (Table(names, rows),))))


class FailureCard(BaseCard):
    """The card of a step that failed.

    Args:
        recipe_name: Shown in the title.
        step_name: Likewise.
        failure_traceback: Shown as text.
        output_directory: The step's outputs folder; a warning_logs.txt there is shown as text.
    """

    def __init__(
        self, recipe_name: str, step_name: str, failure_traceback: str, output_directory: str | os.PathLike[str]
    ) -> None:
        super().__init__(recipe_name, step_name)
        status = '<p class="notice bad"><strong>Step status: Failed</strong></p>'
        self.add_tab("Step Status", "{{ STEP_STATUS }}").add_html("STEP_STATUS", status)
        self._add_lines("Stacktrace", "STACKTRACE", str(failure_traceback))
        logs = Path(output_directory) / _WARNINGS_FILE
        if logs.is_file() and (text := logs.read_text(encoding="utf-8", errors="replace")):
            self._add_lines("Warning Logs", "STEP_WARNINGS", text)

    def _add_lines(self, name: str, slot: str, text: str) -> None:
        self.add_tab(name, f"<pre>{{{{ {slot} }}}}</pre>").add_html(slot, escape(clean(text, _LONGEST_TEXT)))


def _sandbox() -> SandboxedEnvironment:
    """Where users' templates run. What is put into their slots is HTML already, so nothing is escaped again."""
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(autoescape=False)


def _file(path: str | os.PathLike[str], name: str) -> Path:
    return Path(path) / name if Path(path).is_dir() else Path(path)


def _read(content: bytes, file: Path) -> BaseCard:
    try:
        data = json.loads(content)
        if data.get("kind") != _FORMAT:
            return _of_step(Card.from_json(content.decode()))
        card = BaseCard(data["recipe"], data["step"]).add_text(data["text"])
        for tab in data["tabs"]:
            added = card.add_tab(tab["name"], tab["template"])
            for slot, html in tab["filled"].items():
                added.add_html(slot, html)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        pickled = content[:1] == b"\x80" or file.name == layout.CARD_PICKLE
        raise RecipeError(
            f"{file} is {'a pickle' if pickled else 'not a card'}. Cards are JSON; a pickle could run anything when "
            "loaded, so none is.",
            hint="Run the step again, or save the card again, to get one that can be loaded.",
        ) from error
    return card


def _of_step(card: Card) -> BaseCard:
    """A step's card as one made by hand."""
    made = BaseCard(card.recipe, card.step).add_text(to_text(card))
    for tab in card.tabs:
        made.add_tab(tab.name, "{{ CONTENT }}").add_html("CONTENT", render.tab_html(tab))
    return made

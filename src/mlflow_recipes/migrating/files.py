"""One file of a project: what is found in it, and what it becomes. By its kind: Python, notebook, YAML, other text."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mlflow_recipes.migrating import python_rules, text_rules, value_rules, yaml_rules
from mlflow_recipes.migrating.model import Finding, as_by_hand, edited
from mlflow_recipes.migrating.notebooks import Notebook
from mlflow_recipes.migrating.python_source import PythonSource
from mlflow_recipes.migrating.yaml_source import YamlSource

if TYPE_CHECKING:
    from collections.abc import Callable

_REFUSED = "Correct it yourself: with all of its corrections this file would not be Python."


@dataclass(frozen=True)
class Looked:
    """What came of a file.

    Attributes:
        findings: In the order of its lines.
        after: What it becomes; the same text where nothing is corrected.
        sources: Its Python code.
        skipped: Parts of it that could not be read, with the reason.
    """

    findings: list[Finding]
    after: str
    sources: tuple[PythonSource, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


def look_at_python(file: str, text: str, *, renamed: bool) -> Looked:
    """A module.

    Args:
        file: Its name.
        text: What is in it.
        renamed: Whether pipeline.yaml gets its new name.

    Raises:
        SyntaxError: It is not Python of the version that runs.
    """
    source = PythonSource(file, text)
    found = [*python_rules.findings(source), *text_rules.findings(file, text, renamed=renamed)]
    after = _text_corrected(file, python_rules.corrected(source), renamed=renamed)
    if not _is_python(after):
        return Looked([as_by_hand(one, _REFUSED) for one in found], text, (source,))
    return Looked(found, after, (source,))


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def look_at_notebook(file: str, text: str, *, renamed: bool) -> Looked:
    """A Jupyter notebook; a cell that is no Python is left alone.

    Raises:
        ValueError: It is not a notebook.
    """
    content = json.loads(text)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it has no cells")  # noqa: TRY004 - of a file's content, as JSON's own
    form = _form_of(text, content)
    notebook = Notebook(file, ["".join(c.get("source", "")) if c.get("cell_type") == "code" else None for c in cells])
    source = notebook.source
    found = python_rules.findings(source)
    after = notebook.split(python_rules.corrected(source))
    for number, cell in enumerate(cells, 1):
        code = "".join(cell.get("source", ""))
        found += text_rules.findings(f"{file} cell {number}", code, renamed=renamed)
        _put(cell, code, _text_corrected(file, after.get(number, code), renamed=renamed))
    changed = any(one.kind == "rewrite" for one in found)
    return Looked(found, form(content) if changed else text, (source,), tuple(notebook.skipped))


def _form_of(text: str, notebook: Any) -> Callable[[Any], str]:
    """How a notebook was written, so that what is not changed stays; as Jupyter does where that is not known."""

    def written(value: Any, indent: int | None, is_ascii: bool, end: str) -> str:
        return json.dumps(value, indent=indent, ensure_ascii=is_ascii) + end

    forms = [
        partial(written, indent=indent, is_ascii=is_ascii, end=end)
        for indent in (1, 2, 4, None)
        for is_ascii in (False, True)
        for end in ("\n", "")
    ]
    return next((form for form in forms if form(notebook) == text), forms[0])


def _put(cell: dict[str, Any], before: str, after: str) -> None:
    if after != before:
        cell["source"] = after if isinstance(cell["source"], str) else after.splitlines(keepends=True)


def look_at_config(file: str, text: str) -> Looked:
    """recipe.yaml, pipeline.yaml or a profile.

    Raises:
        UnreadableYaml: It is not YAML with Jinja in place of values.
    """
    source = YamlSource(file, text)
    found = [*yaml_rules.findings(source), *value_rules.findings(source)]
    return Looked(found, yaml_rules.corrected(file, text))


def look_at_text(file: str, text: str, *, renamed: bool) -> Looked:
    """Any other text."""
    return Looked(text_rules.findings(file, text, renamed=renamed), _text_corrected(file, text, renamed=renamed))


def _text_corrected(file: str, text: str, *, renamed: bool) -> str:
    found = text_rules.findings(file, text, renamed=renamed)
    return edited(text, [edit for one in found for edit in one.edits])

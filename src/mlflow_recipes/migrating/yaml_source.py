"""A YAML file with Jinja in it, with the positions of its keys and values; it is not rendered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.model import Edit, Finding, edited

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from mlflow_recipes.migrating.model import Kind

_OPENING = re.compile(r"\{%-?\s*(?:if|for|macro|filter|call)\b")
_CLOSING = re.compile(r"\{%-?\s*end(?:if|for|macro|filter|call)\b")
_FILLER = "\u0248"  # what stands in for a Jinja expression: a letter to YAML, and in no configuration


class UnreadableYaml(ValueError):
    """A file that is not YAML with Jinja expressions in place of values."""


@dataclass(frozen=True)
class Entry:
    """One `key: value` of a mapping.

    Attributes:
        path: The keys that lead to it, and its own.
        key: Its key's node.
        value: Its value's node.
    """

    path: tuple[str, ...]
    key: yaml.Node
    value: yaml.Node

    @property
    def name(self) -> str:
        """Its key."""
        return self.path[-1]

    @property
    def line(self) -> int:
        """Index of its first line."""
        return int(self.key.start_mark.line)

    @property
    def indent(self) -> int:
        """Columns before its key."""
        return int(self.key.start_mark.column)

    @property
    def end_line(self) -> int:
        """Index of the line after its last."""
        return _last_line(self.value) + 1

    @property
    def text(self) -> str | None:
        """Its value where that is plain text, quoted or not; None for others, and where Jinja makes it."""
        value = getattr(self.value, "value", None)
        return value if isinstance(value, str) and _FILLER not in value else None

    @property
    def is_null(self) -> bool:
        """Whether nothing is given."""
        return str(self.value.tag).endswith(":null")

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return str(self.value.tag).endswith(":seq")

    @property
    def is_true(self) -> bool:
        """Whether it is `true`."""
        return str(self.value.tag).endswith(":bool") and str(self.value.value).lower() in ("true", "yes", "on")


@dataclass(frozen=True)
class YamlSource:
    """A file.

    Args:
        file: Its name in findings.
        text: What is in it.

    Raises:
        UnreadableYaml: It is not YAML.
    """

    file: str
    text: str
    root: Any = field(init=False, compare=False)

    def __post_init__(self) -> None:
        import jinja2
        import yaml

        try:
            object.__setattr__(self, "root", yaml.compose(self.without_jinja, Loader=yaml.SafeLoader))
        except (yaml.YAMLError, jinja2.TemplateError, RecursionError) as error:
            raise UnreadableYaml(str(error).replace(_FILLER, "?")) from error

    @cached_property
    def without_jinja(self) -> str:
        """The text with a letter in place of each character of an expression, and spaces in place of statements."""
        import jinja2

        from mlflow_recipes.config.template import blank_comments

        kinds, open_kind = [], ""
        for _, kind, value in jinja2.Environment(keep_trailing_newline=True).lex(blank_comments(self.text)):
            open_kind = kind if kind in ("variable_begin", "block_begin", "comment_begin") else open_kind
            filler = {"": None, "variable_begin": _FILLER}.get(open_kind, " ")
            kinds.append(value if filler is None else "".join(c if c == "\n" else filler for c in value))
            open_kind = "" if kind in ("variable_end", "block_end", "comment_end") else open_kind
        if open_kind:
            raise jinja2.TemplateSyntaxError("an expression is not closed", self.text.count("\n"))
        return "".join(kinds)

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, with their ends."""
        return self.text.splitlines(keepends=True)

    def entries(self, *path: str) -> list[Entry]:
        """The entries of the mapping at a path; empty where there is none."""
        node = self.root
        for part in path:
            inner = next((value for key, value in _pairs(node) if key.value == part), None)
            node = inner
        return [Entry((*path, str(key.value)), key, value) for key, value in _pairs(node)]

    def entry(self, *path: str) -> Entry | None:
        """The entry at a path."""
        return next((found for found in self.entries(*path[:-1]) if found.name == path[-1]), None)

    def all_entries(self, *path: str) -> Iterator[Entry]:
        """The entries at and below a path."""
        for found in self.entries(*path):
            yield found
            yield from self.all_entries(*path, found.name)

    def in_block(self, line: int) -> bool:
        """Whether a line (from 0) lies in a `{% if %}` or `{% for %}`, and so may be left out or repeated."""
        before = "".join(self.lines[:line])
        return len(_OPENING.findall(before)) > len(_CLOSING.findall(before))

    def offset(self, line: int, column: int = 0) -> int:
        """Characters before a place; line and column from 0."""
        return sum(map(len, self.lines[:line])) + column

    def renamed(self, entry: Entry, name: str) -> Edit:
        """The edit that gives an entry's key another name."""
        start = self.offset(entry.line, entry.indent)
        return Edit(start, start + len(entry.name), name)

    def revalued(self, entry: Entry, value: str) -> Edit:
        """The edit that gives an entry another scalar value, in the quotes that it has."""
        marks = (entry.value.start_mark, entry.value.end_mark)
        start, end = (self.offset(mark.line, mark.column) for mark in marks)
        quote = self.text[start] if self.text[start] in "\"'" else ""
        return Edit(start, end, f"{quote}{value}{quote}")

    def cut(self, first: int, last: int) -> Edit:
        """The edit that removes lines `first` to `last`, `last` not included."""
        return Edit(self.offset(first), self.offset(last), "")

    def inserted(self, line: int, text: str) -> Edit:
        """The edit that puts whole lines before a line."""
        start = self.offset(line)
        lead = "\n" if start and not self.text[:start].endswith("\n") else ""
        return Edit(start, start, lead + text)

    def found(
        self, kind: Kind, entry: Entry | int, message: str, edits: tuple[Edit, ...] = (), after: str = ""
    ) -> Finding:
        """A finding at an entry, or at a line (from 0)."""
        line, column = (entry, 0) if isinstance(entry, int) else (entry.line, entry.indent)
        before = self.lines[line].strip() if line < len(self.lines) else ""
        start, end = self.offset(line), self.offset(line + 1)
        if not after and edits and all(start <= edit.start and edit.end <= end and edit.text for edit in edits):
            inner = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
            after = edited(self.lines[line], inner).strip()
        return Finding("", kind, Position(self.file, line + 1, column + 1), message, before, after, edits)


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return node.value if getattr(node, "id", "") == "mapping" else []


def _last_line(node: Any) -> int:
    """Index of the last line of a node; a block's own end mark lies after the comments that follow it."""
    if node.id == "scalar" or getattr(node, "flow_style", False):
        mark = node.end_mark
        return int(mark.line if mark.column or mark.line == node.start_mark.line else mark.line - 1)
    children = [child for pair in node.value for child in (pair if isinstance(pair, tuple) else (pair,))]
    return max([int(node.start_mark.line), *map(_last_line, children)])

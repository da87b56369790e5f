"""A YAML file with Jinja in it, with the positions of its keys and values; it is not rendered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.jinja_text import FILLER, JinjaText
from mlflow_recipes.migrating.model import Edit, Finding, edited

if TYPE_CHECKING:
    import yaml

    from mlflow_recipes.migrating.model import Kind


class UnreadableYaml(ValueError):
    """A file that is not YAML with Jinja expressions in place of values.

    Attributes:
        line: Where, from 1; None where it is not known.
        column: The same.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


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
        return value if isinstance(value, str) and FILLER not in value else None

    @property
    def is_flow(self) -> bool:
        """Whether its value is a list or map in brackets."""
        return bool(getattr(self.value, "flow_style", False))

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
            root = yaml.compose(self.jinja.as_words, Loader=yaml.SafeLoader)
        except jinja2.TemplateSyntaxError as error:
            raise UnreadableYaml(str(error.message), error.lineno) from error
        except yaml.YAMLError as error:
            raise self._unreadable(error) from error
        except RecursionError as error:
            raise UnreadableYaml("it is nested too deeply") from error
        self._place(root)
        object.__setattr__(self, "root", root)

    @cached_property
    def jinja(self) -> JinjaText:
        """What of it is Jinja."""
        return JinjaText(self.text)

    @cached_property
    def without_jinja(self) -> str:
        """The text, line by line as it is, with letters in place of expressions, and spaces in place of statements."""
        return self.jinja.blanked

    def _unreadable(self, error: Any) -> UnreadableYaml:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        index = mark.index if mark is not None else getattr(error, "position", None)
        parts = [getattr(error, "context", None), getattr(error, "problem", None)]
        told = ", ".join(part for part in parts if part) or str(error).splitlines()[0]
        line, column = (None, None) if index is None else (place + 1 for place in self.place(index))
        return UnreadableYaml(str(told).replace(FILLER, "?"), line, column)

    def _place(self, root: Any) -> None:
        """Set the lines of all marks anew: an expression of several lines was one word while YAML was composed."""
        nodes, seen = [root], set()
        while nodes:
            node = nodes.pop()
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            for mark in (node.start_mark, node.end_mark):
                mark.line, mark.column = self.place(mark.index)
            nodes += children_of(node)

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, from 0, of a character."""
        line = self.text.count("\n", 0, index)
        return line, index - (self.text.rfind("\n", 0, index) + 1)

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, with their ends."""
        return [line for line in re.split(r"(?<=\n)", self.text) if line]

    def entries(self, *path: str) -> list[Entry]:
        """The entries of the mapping at a path; empty where there is none."""
        node = self.root
        for part in path:
            node = next((value for key, value in _pairs(node) if key.value == part), None)
        return [Entry((*path, str(key.value)), key, value) for key, value in _pairs(node)]

    def items(self, *path: str) -> list[list[Entry]]:
        """The entries of each map in the list at a path."""
        found = self.entry(*path)
        nodes = found.value.value if found is not None and found.is_list else []
        return [[Entry((*path, str(key.value)), key, value) for key, value in _pairs(node)] for node in nodes]

    def raw(self, node: yaml.Node) -> str:
        """The text of a node as it is written."""
        return self.text[node.start_mark.index : node.end_mark.index]

    def entry(self, *path: str) -> Entry | None:
        """The entry at a path."""
        return next((found for found in self.entries(*path[:-1]) if found.name == path[-1]), None)

    def merged_names(self, *path: str) -> set[str]:
        """Keys that the mapping at a path takes from anchors."""
        merged = self.entry(*path, "<<")
        nodes = [] if merged is None else [merged.value, *(merged.value.value if merged.is_list else [])]
        return {str(key.value) for node in nodes for key, _ in _pairs(node)}

    def offset(self, line: int, column: int = 0) -> int:
        """Characters before a place; line and column from 0."""
        return sum(map(len, self.lines[:line])) + column

    def renamed(self, entry: Entry, name: str) -> Edit:
        """The edit that gives an entry's key another name."""
        return self._rescaled(entry.key, name)

    def revalued(self, entry: Entry, value: str) -> Edit:
        """The edit that gives an entry another scalar value, in the quotes that it has."""
        return self._rescaled(entry.value, value)

    def _rescaled(self, scalar: yaml.Node, text: str) -> Edit:
        style = getattr(scalar, "style", None)
        quote = style if style in ("'", '"') else ""
        return Edit(scalar.start_mark.index, scalar.end_mark.index, f"{quote}{text}{quote}")

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
    return max([int(node.start_mark.line), *map(_last_line, children_of(node))])


def children_of(node: Any) -> list[Any]:
    """Keys and values, or items."""
    if node.id == "scalar":
        return []
    return [child for pair in node.value for child in (pair if isinstance(pair, tuple) else (pair,))]

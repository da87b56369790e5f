"""Python code with the positions of its parts, and what its names mean."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.model import Edit, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Kind

_LONGEST_SHOWN = 160


@dataclass(frozen=True)
class Imported:
    """What a name of a module stands for.

    Attributes:
        dotted: Such as `sklearn.metrics.mean_squared_error`.
        alias: Where it is imported.
    """

    dotted: str
    alias: ast.alias


@dataclass(frozen=True)
class PythonSource:
    """A module, or a cell of a notebook.

    Args:
        file: Its name in findings.
        text: The code.
        parsed: The same with what is no Python replaced, character for character; `text` when left out.
        first_line: Line number of its first line, less one.

    Raises:
        SyntaxError: It is not Python of the version that runs.
    """

    file: str
    text: str
    parsed: str = ""
    first_line: int = 0
    tree: ast.Module = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.parsed or self.text))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node, outer ones first."""
        return tuple(ast.walk(self.tree))

    @property
    def calls(self) -> Iterator[ast.Call]:
        """Every call."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    @property
    def attributes(self) -> Iterator[ast.Attribute]:
        """Every `a.b` that is read."""
        return (node for node in self.nodes if isinstance(node, ast.Attribute))

    @cached_property
    def imports(self) -> dict[str, Imported]:
        """Name -> what it was imported as; the last import counts."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = Imported(alias.name if alias.asname else name, alias)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    found[alias.asname or alias.name] = Imported(f"{node.module}.{alias.name}", alias)
        return found

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Functions by name."""
        return {node.name: node for node in self.nodes if isinstance(node, ast.FunctionDef)}

    def dotted(self, node: ast.AST) -> str:
        """What a name or attribute stands for, by imports; empty where nothing was imported for it."""
        if isinstance(node, ast.Name):
            return self.imports[node.id].dotted if node.id in self.imports else ""
        if isinstance(node, ast.Attribute):
            inner = self.dotted(node.value)
            return f"{inner}.{node.attr}" if inner else ""
        return ""

    def alias_of(self, module: str) -> str:
        """The name that a module goes by here, such as `pd`; empty where it is not imported."""
        return next((name for name, found in self.imports.items() if found.dotted == module), "")

    def offset(self, line: int, column: int) -> int:
        """Characters before a place that `ast` gives: line from 1, column in bytes of UTF-8."""
        lines = self._lines
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    @cached_property
    def _lines(self) -> list[str]:
        # `ast` counts lines by newlines alone; splitlines would also break at form feeds.
        return [f"{line}\n" for line in (self.parsed or self.text).split("\n")]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """First character of a node, and the one after its last."""
        place: Any = node
        return self.offset(place.lineno, place.col_offset), self.offset(place.end_lineno, place.end_col_offset)

    def code(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def replace(self, node: ast.AST, text: str) -> Edit:
        """The edit that puts `text` in place of a node."""
        return Edit(*self.span(node), text)

    def attribute_name(self, node: ast.Attribute) -> tuple[int, int]:
        """The span of `b` in `a.b`."""
        end = self.span(node)[1]
        return end - len(node.attr), end

    def without_keyword(self, call: ast.Call, name: str) -> Edit:
        """The edit that takes a keyword argument out of a call, with its comma."""
        arguments: list[ast.AST] = [*call.args, *call.keywords]
        arguments.sort(key=lambda node: self.span(node)[0])
        index = next(i for i, node in enumerate(arguments) if isinstance(node, ast.keyword) and node.arg == name)
        start, end = self.span(arguments[index])
        if index:
            return Edit(self.span(arguments[index - 1])[1], end, "")
        if len(arguments) > 1:
            return Edit(start, self.span(arguments[1])[0], "")
        closing = self.span(call)[1] - 1
        rest = self.text[end:closing].strip()
        return Edit(start, closing if rest == "," else end, "")

    def found(self, kind: Kind, node: ast.AST, message: str, edits: tuple[Edit, ...] = (), **shown: str) -> Finding:
        """A finding at a node.

        Args:
            kind: As in `Finding`.
            node: Where; its lines are shown as they are, and as `edits` make them, unless `shown` says otherwise.
            message: As in `Finding`.
            edits: For `rewrite`.
            shown: `before` and `after` in place of the lines.
        """
        start, end = self.span(node)
        before = shown.get("before", _short(self._statement(start, end, ())))
        after = shown.get("after", _short(self._statement(start, end, edits)) if edits else "")
        line = self.text.count("\n", 0, start)
        column = start - (self.text.rfind("\n", 0, start) + 1)
        where = Position(self.file, self.first_line + line + 1, column + 1)
        return Finding("", kind, where, message, before, after, edits)

    def _statement(self, start: int, end: int, edits: tuple[Edit, ...]) -> str:
        """The whole lines from `start` to `end`, after those of `edits` that lie within them."""
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", end)
        last = len(self.text) if last < 0 else last
        text, moved = self.text[first:last], sorted({e for e in edits if e.start >= first and e.end <= last})
        for edit in reversed(moved):
            text = text[: edit.start - first] + edit.text + text[edit.end - first :]
        return text


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """A keyword argument of a call."""
    return next((found for found in call.keywords if found.arg == name), None)


def constant(node: ast.AST | None) -> object:
    """The value of a literal; Ellipsis where it is none."""
    return node.value if isinstance(node, ast.Constant) else ...


def _short(text: str) -> str:
    """The text without the indentation of its first line, on one line, as long as one looks at."""
    flat = " ".join(line.strip() for line in text.strip().splitlines())
    return flat if len(flat) <= _LONGEST_SHOWN else f"{flat[: _LONGEST_SHOWN - 3]}..."

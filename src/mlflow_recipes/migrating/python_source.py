"""Python code with the positions of its parts, and what its names mean."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.model import Edit, Finding
from mlflow_recipes.migrating.scopes import Imported, Scopes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow_recipes.migrating.model import Kind

_LONGEST_SHOWN = 160


@dataclass(frozen=True)
class PythonSource:
    """A module, or the code cells of a notebook, one below the other.

    Args:
        file: Its name in findings.
        text: The code.
        parsed: The same with what is no Python replaced, character for character; `text` when left out.
        cells: Of a notebook: the lines before each cell, and its name in findings.
        unread: Of a notebook: what is no Python, and may use its names.

    Raises:
        SyntaxError: It is not Python of the version that runs.
    """

    file: str
    text: str
    parsed: str = ""
    cells: tuple[tuple[int, str], ...] = ()
    unread: str = ""
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
    def scopes(self) -> Scopes:
        """What names stand for."""
        return Scopes(self.tree)

    @cached_property
    def kinds(self) -> dict[tuple[int, str], str]:
        """By scope and name, what `migrating.kinds` found already."""
        return {}

    @cached_property
    def imports(self) -> dict[str, Imported]:
        """What the module itself imports, by name; the last import counts."""
        bound = self.scopes.all[0].bindings.items()
        return {name: one.imported for name, found in bound for one in found if one.imported is not None}

    @cached_property
    def imported_modules(self) -> frozenset[str]:
        """Names of the libraries that are imported anywhere."""
        found = (one for scope in self.scopes.all for bound in scope.bindings.values() for one in bound)
        return frozenset(one.imported.dotted.partition(".")[0] for one in found if one.imported is not None)

    @cached_property
    def parents(self) -> dict[int, ast.AST]:
        """`id` of a node -> the node around it."""
        return {id(child): node for node in self.nodes for child in ast.iter_child_nodes(node)}

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around another; the module is around itself."""
        return self.parents.get(id(node), self.tree)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around another, inner ones first."""
        while node is not self.tree:
            node = self.parent(node)
            yield node

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Functions by name."""
        return {node.name: node for node in self.nodes if isinstance(node, ast.FunctionDef)}

    def dotted(self, node: ast.AST) -> str:
        """What a name or attribute stands for, by imports; empty where nothing was imported for it."""
        if isinstance(node, ast.Name):
            found = self.scopes.imported(node)
            return found.dotted if found is not None else ""
        if isinstance(node, ast.Attribute):
            inner = self.dotted(node.value)
            return f"{inner}.{node.attr}" if inner else ""
        return ""

    def binds(self, name: str) -> bool:
        """Whether a name has a meaning of its own anywhere in the file."""
        return any(name in scope.bindings for scope in self.scopes.all)

    def alias_of(self, module: str) -> str:
        """The name that a module goes by here, such as `pd`; empty where it is not imported."""
        return next((name for name, found in self.imports.items() if found.dotted == module), "")

    def offset(self, line: int, column: int) -> int:
        """Characters before a place that `ast` gives: line from 1, column in bytes of UTF-8."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    @cached_property
    def _starts(self) -> list[int]:
        """Offset of the start of each line."""
        return [0, *accumulate(map(len, self._lines))]

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
        return self.without(call, [node for node in call.keywords if node.arg == name])[0]

    def without(self, call: ast.Call, gone: Sequence[ast.AST]) -> tuple[Edit, ...]:
        """The edits that take arguments out of a call, with their commas."""
        arguments = sorted([*call.args, *call.keywords], key=lambda node: self.span(node)[0])
        kept = [node for node in arguments if not any(node is one for one in gone)]
        if not kept:
            start, end = self.span(arguments[0])[0], self.span(arguments[-1])[1]
            closing = self.span(call)[1] - 1
            return (Edit(start, closing if self.text[end:closing].strip() == "," else end, ""),)
        edits = []
        for index, node in enumerate(arguments):
            start, end = self.span(node)
            if any(node is one for one in kept):
                continue
            # The comma before it goes along; that after it where all before it go, too.
            if any(one is before for one in kept for before in arguments[:index]):
                edits.append(Edit(self.span(arguments[index - 1])[1], end, ""))
            else:
                edits.append(Edit(start, self.span(arguments[index + 1])[0], ""))
        return tuple(edits)

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
        before_it, file = next((cell for cell in reversed(self.cells) if cell[0] <= line), (0, self.file))
        where = Position(file, line - before_it + 1, column + 1)
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

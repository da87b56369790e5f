"""What a name stands for where it is used: its scope, its imports, and what is assigned to it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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
class Binding:
    """One place that gives a name its meaning.

    Attributes:
        at: Line and column from which on it counts.
        imported: What is imported.
        value: What is assigned, or the function or class of that name.
        annotation: The type that the code says.
        item_of: What a loop goes over, for its variable.
    """

    at: tuple[int, int]
    imported: Imported | None = None
    value: ast.AST | None = None
    annotation: ast.expr | None = None
    item_of: ast.expr | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension.

    Attributes:
        parent: The scope around it.
        owner: Its node.
        bindings: Name -> the places that bind it, in their order.
        outer: Names that `global` and `nonlocal` take from further out.
    """

    parent: Scope | None = None
    owner: ast.AST | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)

    def bind(self, name: str, binding: Binding) -> None:
        """Add a meaning of a name."""
        if name in self.outer and self.parent is not None:
            self.parent.bind(name, binding)
        else:
            self.bindings.setdefault(name, []).append(binding)


class Scopes:
    """The scopes of a module.

    Attributes:
        all: Every scope, outer ones first.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.all = [Scope(owner=tree)]
        self._of: dict[int, Scope] = {}
        self._targets: set[int] = set()  # names whose binding says more than that they are bound
        self._read(tree, self.all[0])

    def of(self, node: ast.AST) -> Scope:
        """The scope that a node is in."""
        return self._of[id(node)]

    def binder(self, node: ast.Name) -> Scope | None:
        """The scope that gives a name its meaning; None for builtins, and for names that come from a star."""
        scope: Scope | None = self.of(node)
        while scope is not None:
            hidden = isinstance(scope.owner, ast.ClassDef) and scope is not self.of(node)
            if node.id in scope.bindings and not hidden:
                return scope
            scope = scope.parent
        return None

    def bindings(self, node: ast.Name) -> list[Binding]:
        """All that the name may stand for; empty for builtins."""
        scope = self.binder(node)
        return scope.bindings[node.id] if scope is not None else []

    def imported(self, node: ast.Name) -> Imported | None:
        """The import that a name stands for where it is used.

        In the scope of the import it is the last one before the use; a function may run at any time, so there it is
        the last of all. `name = None` for a module that is not installed does not count.
        """
        firm = [one for one in self.bindings(node) if not isinstance(one.value, ast.Constant)]
        if not firm:
            return None
        if self.binder(node) is self.of(node):
            before = [one for one in firm if one.at <= (node.lineno, node.col_offset)]
            return (before[-1] if before else firm[0]).imported
        return firm[-1].imported

    def _inner(self, parent: Scope, owner: ast.AST) -> Scope:
        self.all.append(Scope(parent, owner))
        return self.all[-1]

    def _read(self, node: ast.AST, scope: Scope) -> None:
        self._of[id(node)] = scope
        if isinstance(node, ast.Import | ast.ImportFrom):
            _bind_imports(node, scope)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            scope.outer.update(node.names)
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            self._read_definition(node, scope)
            return
        elif isinstance(node, _COMPREHENSIONS):
            scope = self._inner(scope, node)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            scope.bind(node.name, Binding(_end(node)))
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in self._targets:
            scope.bind(node.id, Binding(_end(node)))
        for name, binding in _assigned(node):
            self._targets.add(id(name))
            scope.bind(name.id, binding)
        for child in ast.iter_child_nodes(node):
            self._read(child, scope)

    def _read_definition(self, node: Any, scope: Scope) -> None:
        """A function or class: its name and defaults are outside, its arguments and body inside."""
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, Binding((node.lineno, node.col_offset), value=node))
        inner = self._inner(scope, node)
        inside = node.body if isinstance(node.body, list) else [node.body]
        arguments = node.args if not isinstance(node, ast.ClassDef) else None
        for child in ast.iter_child_nodes(node):
            self._read(child, inner if any(child is one for one in inside) else scope)
        if arguments is not None:
            more = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
            for one in more:
                inner.bindings.setdefault(one.arg, []).insert(0, Binding((one.lineno, one.col_offset)))
            for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                bound = Binding((one.lineno, one.col_offset), annotation=one.annotation)
                inner.bindings.setdefault(one.arg, []).insert(0, bound)


def _bind_imports(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    module = node.module if isinstance(node, ast.ImportFrom) else None
    for alias in node.names:
        name = alias.asname or alias.name
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.partition(".")[0]
            found = Imported(alias.name if alias.asname else name, alias)
        elif module and not node.level:
            found = Imported(f"{module}.{alias.name}", alias)
        else:
            scope.bind(name, Binding(_end(node)))  # of the project's own
            continue
        scope.bind(name, Binding(_end(node), imported=found))


def _assigned(node: ast.AST) -> Iterator[tuple[ast.Name, Binding]]:
    """Names whose value or type can be read."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target, Binding(_end(node), value=node.value)
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target, Binding(_end(node), value=node.value, annotation=node.annotation)
    elif isinstance(node, ast.NamedExpr):
        yield node.target, Binding(_end(node), value=node.value)
    elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name):
        yield node.target, Binding(_end(node.target), item_of=node.iter)


def _end(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset

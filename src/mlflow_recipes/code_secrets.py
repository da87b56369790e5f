"""Masking secrets in Python source: literals that a secret is set to, and texts that hold one. Code stays readable."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

from mlflow_recipes.code_closure import parse
from mlflow_recipes.secrets import MASK, is_count, mask, names_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = re.compile(r"(?P<open>[a-zA-Z]*(?P<quote>'{3}|\"{3}|'|\"))(?P<inner>.*)(?P=quote)", re.DOTALL)
_Span = tuple[int, int, str]


def mask_code(source: str) -> str:
    """Python source with the literals of secrets replaced by `***`; text that does not parse is masked as such.

    >>> mask_code("token = tokens[0]")
    'token = tokens[0]'
    >>> mask_code("connect(password='pw', retries=3)")
    'connect(password="***", retries=3)'
    """
    try:
        tree = parse(source.encode())
        spans = sorted([*_literals(source, tree), *_comments(source)])
    except (SyntaxError, ValueError, RecursionError, tokenize.TokenError):
        return mask(source)
    kept, done = [], 0
    for start, end, shown in spans:
        if start >= done:  # a comment between the parts of a text was masked with it
            kept += [source[done:start], shown]
            done = end
    return "".join([*kept, source[done:]])


def _literals(source: str, tree: ast.AST) -> Iterator[_Span]:
    """Every literal that is not within another, as it is to be shown."""
    hidden = {id(literal) for node in ast.walk(tree) for literal in _secret_literals(node)}
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inner = {id(part) for node in formatted for part in ast.walk(node) if part is not node}
    lines = _line_starts(source)

    def offset(line: int, column: int) -> int:
        text = source[lines[line - 1] : lines[line] if line < len(lines) else None]
        return lines[line - 1] + len(text.encode()[:column].decode())

    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inner and node.end_lineno:
            start = offset(node.lineno, node.col_offset)
            end = offset(node.end_lineno, node.end_col_offset or 0)
            if id(node) in hidden:
                yield start, end, f'"{MASK}"'
            elif _is_text(node):
                yield start, end, _masked_literal(source[start:end])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _masked_literal(literal: str) -> str:
    match = _QUOTED.fullmatch(literal)
    return f"{match['open']}{mask(match['inner'])}{match['quote']}" if match else mask(literal)


def _secret_literals(node: ast.AST) -> Iterator[ast.AST]:
    """The literals within what a node gives to the name of a secret."""
    for name, value in _named(node):
        if not names_secret(name):
            continue
        if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            if not isinstance(value.value, bool) and not is_count(name):
                yield value
            continue
        names = {id(asked) for part in ast.walk(value) for asked in _asked_for(part)}
        yield from (part for part in ast.walk(value) if _is_text(part) and id(part) not in names)


def _asked_for(node: ast.AST) -> Iterator[ast.AST]:
    """Names of secrets that code asks others for, as in `os.environ["API_TOKEN"]`; they are no secrets themselves."""
    if isinstance(node, ast.Subscript):
        asked: list[ast.expr] = [node.slice]
    else:
        asked = node.args[:1] if isinstance(node, ast.Call) else []
    for name in asked:
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and names_secret(name.value):
            yield name


def _named(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Pairs of a name and what is given to it, or compared with it."""
    pairs: list[tuple[ast.AST | None, ast.AST | None]] = []
    if isinstance(node, ast.Assign):
        pairs += ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        pairs = [(node.target, node.value)]
    elif isinstance(node, ast.Dict):
        pairs += zip(node.keys, node.values, strict=True)
    elif isinstance(node, ast.Compare):
        for other in node.comparators:
            pairs += [(node.left, other), (other, node.left)]
    elif isinstance(node, ast.arguments):
        positional = [*node.posonlyargs, *node.args]
        pairs += zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True)
        pairs += zip(node.kwonlyargs, node.kw_defaults, strict=True)
    elif isinstance(node, ast.keyword):
        pairs = [(node, node.value)]
    yield from ((_name(target), value) for target, value in pairs if value is not None)


def _name(node: ast.AST | None) -> str:
    """The last part of a name: `token` of `self.token`, `d["token"]` and `"token"`."""
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant):
        return str(node.value)
    return str(getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "arg", None) or "")


def _comments(source: str) -> Iterator[_Span]:
    lines = _line_starts(source)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            start = lines[token.start[0] - 1] + token.start[1]
            yield start, start + len(token.string), mask(token.string)


def _line_starts(source: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", source))]

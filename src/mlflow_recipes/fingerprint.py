"""Digests of values, files, libraries and of the user's code with what it imports. Reads, never writes."""

from __future__ import annotations

import ast
import json
import re
import sys
import time
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes.check_code import check_functions, without_checks
from mlflow_recipes.code_closure import code_files, parse
from mlflow_recipes.digests import file_digest
from mlflow_recipes.distributions import distributions_of
from mlflow_recipes.http_validators import HttpValidators
from mlflow_recipes.records import Part
from mlflow_recipes.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SHOWN = 60
_RACY_SECONDS = 2.0
_WORD = re.compile(r"[^\W\d][\w-]*")


# Values


def value_digest(value: Any) -> str:
    """Digest of a plain value: typed, the order of keys does not matter, that of list items does.

    A tuple counts as a list. Two values have equal digests only if they are equal, types included.

    Raises:
        TypeError: The value is, or holds, something other than what YAML has.

    >>> len({value_digest(value) for value in (1, 1.0, "1", True, None)})
    5
    >>> value_digest({"a": 1, "b": 2}) == value_digest({"b": 2, "a": 1})
    True
    """
    return sha256(_canonical(value).encode()).hexdigest()[:32]


def _canonical(value: Any) -> str:
    """The value as text that is different for different values: every atom is quoted and named by its type."""
    if isinstance(value, dict):
        return f"dict({','.join(sorted(f'{_canonical(name)}:{_canonical(item)}' for name, item in value.items()))})"
    if isinstance(value, list | tuple):
        return f"list({','.join(map(_canonical, value))})"
    if isinstance(value, set | frozenset):
        return f"set({','.join(sorted(map(_canonical, value)))})"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"int({value:x})"  # decimal digits have a limit in Python
    if value is None or isinstance(value, bool | float | str | bytes | date):
        return f"{type(value).__name__}({json.dumps(str(value))})"
    raise TypeError(f"{type(value).__name__} is not a plain value")


def option_parts(options: Mapping[str, Any]) -> tuple[Part, ...]:
    """One part for each option of a step, by its dotted name; secrets are masked where it is shown.

    Maps count entry by entry, so that `why` can name the one that changed.
    """
    leaves = (leaf for name, value in options.items() for leaf in _leaves(name, tuple(name.split(".")), value))
    return tuple(Part(f"config {name}", value_digest(value), _shown(path, value)) for name, path, value in leaves)


def _leaves(name: str, path: tuple[Any, ...], value: Any) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Dotted name, keys and value of every entry below a value."""
    if isinstance(value, dict) and value:
        for inner, item in value.items():
            yield from _leaves(f"{name}.{_spelled(inner)}", (*path, inner), item)
    else:
        yield name, path, value


def _spelled(key: Any) -> str:
    """A key as a part of a dotted name: different for different keys, so texts are quoted unless they are plain words.

    >>> [_spelled(key) for key in ("alpha", 1, "1", True, "true", "a.b")]
    ['alpha', '1', '"1"', 'true', '"true"', '"a.b"']
    """
    if isinstance(key, str):
        is_word = _WORD.fullmatch(key) and key.lower() not in ("true", "false", "null", "nan", "inf")
        return key if is_word else json.dumps(key, ensure_ascii=False)
    return str(key).lower() if isinstance(key, bool) else "null" if key is None else str(key)


def _shown(path: Sequence[Any], value: Any) -> str:
    """The value as compact JSON. Each key on the way to it may tell that it is a secret."""
    public = value
    for key in reversed(path):
        [public] = masked({key: public}).values()
    text = json.dumps(_with_json_keys(public), default=str, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 10]}... {value_digest(value)[:6]}"


def _with_json_keys(value: Any) -> Any:
    """The value with keys that JSON does not have, such as dates, as texts."""
    if isinstance(value, dict):
        own = (str, int, float, bool, type(None))
        return {k if isinstance(k, own) else str(k): _with_json_keys(item) for k, item in value.items()}
    return [_with_json_keys(item) for item in value] if isinstance(value, list | tuple) else value


# Code


def code_parts(root: Path, entries: Sequence[str]) -> tuple[Part, ...]:
    """One part for each file that the entries and what they import from the recipe consist of.

    A file counts by its meaning: the syntax tree without comments, formatting and docstrings, so that explaining
    code never costs a run. (Code that reads its own docstrings or line numbers is the exception we accept.) One that
    does not parse counts by its bytes; running it says what is wrong. Checks in the entries do not count: they look at
    what the other code made.
    """
    files = sorted({file for entry in entries for file in code_files(root, entry)})
    checks = {entry: check_functions(root, entry) for entry in entries}
    digests = [code_digest((root / file).read_bytes(), checks.get(file, ())) for file in files]
    return tuple(Part(f"code {file}", digest, digest[:8]) for file, digest in zip(files, digests, strict=True))


def code_digest(source: bytes, checks: Sequence[str] = ()) -> str:
    """Digest of the meaning of a file, less that of the functions in it that are checks."""
    try:
        tree = parse(source)
        without_checks(tree, checks)
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                node.body = node.body[1:] if _is_text(node.body[:1]) else node.body
        meaning = ast.dump(tree).encode("utf-8", "surrogatepass")
    except (SyntaxError, RecursionError, ValueError):
        meaning = source
    return sha256(meaning).hexdigest()[:32]


def _is_text(statements: Sequence[ast.stmt]) -> bool:
    return any(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for node in statements
    )


# Libraries


def library_parts(names: Sequence[str]) -> tuple[Part, ...]:
    """One part for each installed distribution that a name stands for, and one for Python's minor version.

    Args:
        names: Distributions, or top-level modules that come from some.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {"python": python}
    for name in names:
        found |= distributions_of(name)
    return tuple(Part(f"library {name}", version, version) for name, version in found.items())


# Sources


class FileDigests:
    """Digests of files and validators of http sources, remembered between runs.

    A file's content is read again only when its size or time moved. A file that was changed within the last two
    seconds is not remembered: one more change of the same size within the clock's tick would go unnoticed.

    Args:
        known: What `known` gave in an earlier run; entries that make no sense are ignored.
    """

    def __init__(self, known: Mapping[str, Sequence[Any]] | None = None) -> None:
        self._known = {name: list(fact) for name, fact in (known or {}).items() if isinstance(fact, list | tuple)}
        self._http = HttpValidators()

    def digest(self, path: Path) -> str:
        """Digest of a file's bytes.

        Raises:
            OSError: It cannot be read.
        """
        path = path.absolute()
        name = str(path)
        stat = path.stat()
        remembered = self._known.get(name, [])
        if len(remembered) == 3 and remembered[:2] == [stat.st_size, stat.st_mtime_ns]:
            return str(remembered[2])
        digest = file_digest(path)
        if time.time() - stat.st_mtime > _RACY_SECONDS:
            self._known[name] = [stat.st_size, stat.st_mtime_ns, digest]
        else:
            self._known.pop(name, None)
        return digest

    def validator(self, url: str) -> tuple[str | None, bool]:
        """The validator of an http source, and whether its server answered; if not, the last one that it gave.

        The address is remembered by its digest, since it may hold a token.
        """
        name = f"http {value_digest(url)}"
        found = self._http.ask(url)
        if found is not None:
            self._known[name] = [found]
            return found, True
        remembered = self._known.get(name)
        return (str(remembered[0]), False) if remembered else (None, False)

    def known(self) -> dict[str, list[Any]]:
        """What to remember for the next run, as plain JSON data; files that are gone are forgotten."""
        return {name: fact for name, fact in self._known.items() if len(fact) == 1 or Path(name).exists()}

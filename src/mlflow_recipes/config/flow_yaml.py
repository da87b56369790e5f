"""Values as YAML that fits between comments: a map or a list in brackets, on as few lines as it needs."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 100
_JINJA = re.compile(r"\{(?=[{%#])")  # what would begin something else in recipe.yaml and profiles


def flow_lines(value: Any, before: str = "") -> list[str]:
    r"""A value as YAML of one line, or of several where that is too long, broken between values.

    Args:
        value: Maps, lists and scalars.
        before: What stands in front of it, such as `- ` or `drop: `.

    >>> flow_lines({"check": "in_set", "values": ["yes", "a: b", "{{ x"]}, "- ")
    ['- {check: in_set, values: ["yes", "a: b", "\\u007b{ x"]}']
    """
    pieces = _pieces(value)
    lines = [before + pieces[0]]
    for piece in pieces[1:]:
        lines[-1] += ","
        if len(lines[-1]) + len(piece) >= _WIDTH:
            lines.append(f"  {piece}")
        else:
            lines[-1] += f" {piece}"
    return lines


def _pieces(value: Any) -> list[str]:
    """The parts of a value between which commas stand."""
    if isinstance(value, dict) and value:
        return _enclosed("{}", [piece for key, one in value.items() for piece in _entry(key, one)])
    if isinstance(value, list | tuple) and value:
        return _enclosed("[]", [piece for one in value for piece in _pieces(one)])
    return [scalar(value)]


def _entry(key: Any, value: Any) -> list[str]:
    first, *others = _pieces(value)
    return [f"{scalar(key)}: {first}", *others]


def _enclosed(brackets: str, pieces: Sequence[str]) -> list[str]:
    whole = [*pieces]
    whole[0] = brackets[0] + whole[0]
    whole[-1] += brackets[1]
    return whole


def scalar(value: Any) -> str:
    """A single value as it may stand in brackets; a text without quotes where it needs none.

    >>> [scalar(value) for value in ("price", "a, b", "", "04109", True, None, 1.5)]
    ['price', '"a, b"', '""', '"04109"', 'true', 'null', '1.5']
    """
    import yaml

    text: str = yaml.safe_dump(
        [value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf
    ).strip()[1:-1]
    is_plain = not isinstance(value, str) or (text == value and (text[0].isalpha() or text[0] == "_"))
    return text if is_plain else double_quoted(value)


def double_quoted(text: str) -> str:
    """A text in double quotes, without the braces that Jinja would read and the signs that no one can see."""
    plain = json.dumps(text, ensure_ascii=False)
    return _JINJA.sub(r"\\u007b", "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain))

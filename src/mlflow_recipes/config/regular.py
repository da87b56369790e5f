"""Which regular expressions Arrow can match: it uses RE2, which has no look-around and no back references."""

from __future__ import annotations

import re

_NOT_IN_RE2 = {
    r"(?<!\\)(?:\\\\)*\(\?<?[=!]": "look-ahead and look-behind",
    r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\(\?P=)": "references to groups",
    r"(?<!\\)(?:\\\\)*\(\?>": "atomic groups",
    r"(?<!\\)(?:\\\\)*\(\?\(": "conditions",
}


def refused_pattern(pattern: str) -> str | None:
    """Why a regular expression cannot be used; None for one that can, as far as its text tells.

    >>> refused_pattern("[A-Z]{2}"), refused_pattern("(?=a)b")
    (None, 'the regular expression uses look-ahead and look-behind, which RE2 does not have')
    """
    try:
        re.compile(pattern)
    except (re.error, RecursionError) as error:
        return f"not a regular expression: {error}"
    for sign, what in _NOT_IN_RE2.items():
        if re.search(sign, pattern):
            return f"the regular expression uses {what}, which RE2 does not have"
    return None

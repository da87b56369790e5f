"""Text that others wrote, made safe to look at: nothing hidden in it, nothing that steers a terminal, not too long."""

from __future__ import annotations

import re

_LONGEST = 1_000
# What a terminal obeys or an eye cannot see: control characters, marks that turn the direction of writing, invisible
# separators and tags, halves of surrogate pairs. Joiners stay, since scripts and emoji are written with them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(value: object, longest: int = _LONGEST) -> str:
    """Text in which nothing is hidden, shortened: what cannot be seen or would steer a terminal becomes a sign.

    >>> clean("a" + chr(27) + "[31mb" + chr(0x202E) + "c")
    'a\u241b[31mb\ufffdc'
    """
    text = str(value)
    if len(text) > longest:
        text = f"{text[:longest]}... ({len(text):,} characters)"
    return _UNSEEN.sub(_sign, text.replace("\r\n", "\n"))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"

"""Masking secrets in whatever is shown, logged or kept: messages, cards, tags, snapshots. Standard library only."""

from __future__ import annotations

import re

MASK = "***"

# scheme://user:password@host and scheme://token@host
_USERINFO = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^\s/:@'\"]*)(?P<rest>:[^\s/@'\"]*)?@")
_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|"
    r"shared[_-]?access[_-]?signature|sig|signature|credential|x-amz-[a-z-]*(?:signature|credential|token)|sas"
)
# key=value in queries and connection strings, `key: value` in YAML, "key": "value" in JSON
_PAIR = re.compile(
    rf"(?P<name>(?<![A-Za-z])(?:[A-Za-z0-9]+[_-])*(?:{_NAMES})['\"]?)(?P<sign>\s*[=:]\s*)(?P<quote>['\"]?)"
    r"(?P<value>[^\s&;,'\"#}\]]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?P<kind>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_KNOWN = re.compile(r"\b(?:dapi[0-9a-f]{32}|gh[pousr]_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20,})\b")


def mask(text: str) -> str:
    """`text` with passwords, tokens and signatures replaced by `***`.

    >>> mask("postgresql://me:pw@host/db")
    'postgresql://me:***@host/db'
    >>> mask("https://x.net/a?sig=abc&n=1")
    'https://x.net/a?sig=***&n=1'
    """
    text = _USERINFO.sub(_masked_userinfo, text)
    text = _BEARER.sub(rf"\g<kind> {MASK}", text)
    text = _PAIR.sub(rf"\g<name>\g<sign>\g<quote>{MASK}", text)
    return _KNOWN.sub(MASK, text)


def _masked_userinfo(match: re.Match[str]) -> str:
    user = match["user"] if match["rest"] is not None else MASK
    return f"{match['scheme']}{user}{':' + MASK if match['rest'] is not None else ''}@"

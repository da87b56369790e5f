"""Masking secrets in whatever is shown, logged or kept: messages, cards, tags, snapshots. Standard library only.

Plain data is masked by its keys (`masked`), text by what looks like a key in it (`mask`). A name is a secret's by its
last words: `client_secret` is, `token_count` and `password_col` are not. Values that came from the environment
(`{{ env("NAME") }}` in a profile) are secrets whatever their name: `remember` keeps them while the process runs.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

MASK = "***"

# Values

_LEAST_REMEMBERED = 4  # hiding shorter ones would hide half of every text
_remembered: dict[str, re.Pattern[str]] = {}


def remember(value: str) -> None:
    """Mask a value wherever it stands from now on; not numbers, true and false, nor what has less than 4 characters."""
    if len(value) < _LEAST_REMEMBERED or _NUMBER.fullmatch(value) or _NOTHING.fullmatch(value):
        return
    for text in {value, urllib.parse.quote(value, safe="")}:
        before, after = (r"(?<!\w)" if text[0].isalnum() else "", r"(?!\w)" if text[-1].isalnum() else "")
        _remembered[text] = re.compile(f"{before}{re.escape(text)}{after}")


def _without_remembered(text: str) -> str:
    for value in sorted(_remembered, key=len, reverse=True):
        if value in text:
            text = _remembered[value].sub(MASK, text)
    return text


# Names

_KINDS_OF_KEY: tuple[str, ...] = (
    "access",
    "account",
    "api",
    "app",
    "auth",
    "client",
    "encryption",
    "master",
    "private",
    "secret",
)
_KINDS_OF_KEY = (*_KINDS_OF_KEY, "service", "shared", "signing", "ssh", "storage", "subscription")
_PHRASES = {f"{kind} key" for kind in _KINDS_OF_KEY} | {"basic auth", "http auth"}
_PHRASES |= {"authorization", "bearer", "cookie", "jwt", "pass", "pwd", "sas", "sig", "signature"}
# Words that are also written as the end of another one: PGPASSWORD, authtoken, apikey.
_ENDINGS: tuple[str, ...] = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "credential",
    "pwd",
    "apikey",
)
_ENDINGS = (*_ENDINGS, "accesskey", "accountkey", "privatekey", "secretkey")
_AFTERTHOUGHTS = {"value", "hash", "base64"}


def names_secret(name: str) -> bool:
    """Whether what has this name is a secret.

    >>> [name for name in ("clientSecret", "PGPASSWORD", "api_keys", "token_count", "tokenizer") if names_secret(name)]
    ['clientSecret', 'PGPASSWORD', 'api_keys']
    """
    words = _words(name)
    while len(words) > 1 and words[-1] in _AFTERTHOUGHTS:
        words = words[:-1]
    if not words:
        return False
    words[-1] = words[-1] if words[-1] in _PHRASES else words[-1].removesuffix("s")
    return words[-1].endswith(_ENDINGS) or words[-1] in _PHRASES or " ".join(words[-2:]) in _PHRASES


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+(?:64)?", name)]


def is_count(name: str) -> bool:
    """Whether a number of this name counts something, such as `max_tokens`; under a singular it may be a secret."""
    words = _words(name)
    return bool(words) and words[-1].endswith("s") and words[-1] not in _PHRASES


# Plain data


def masked(value: Any) -> Any:
    """Plain data with everything under the name of a secret replaced by `***`, and its texts masked as by `mask`.

    Booleans, nulls and empty values stay, and numbers under a plural, which are counts.

    >>> masked({"user": "me", "password": "a b", "tokens": ["x", "y"], "max_tokens": 5})
    {'user': 'me', 'password': '***', 'tokens': '***', 'max_tokens': 5}
    """
    if isinstance(value, dict):
        return {masked(name): _under(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return mask(value) if isinstance(value, str) else value


def _under(name: str, value: Any) -> Any:
    if not names_secret(name):
        return masked(value)
    counts = isinstance(value, int | float) and is_count(name)
    return value if isinstance(value, bool) or counts or value in (None, "", [], {}) else MASK


# Text

_HTTP = re.compile(r"(?:\w+\+)?https?://", re.IGNORECASE)
_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://"
_ADDRESS = re.compile(rf"(?<![a-zA-Z0-9+.-])(?P<scheme>{_SCHEME})(?P<rest>(?:(?!{_SCHEME})\S)+)")
_AUTHORITY = re.compile(r"[^/?#'\"]*")
_HOST_AND_PORT = re.compile(r"[^:]*(?::\d*)?|\[.*")
_BEARER = re.compile(r"\b(?P<kind>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_KNOWN = re.compile(
    r"\b(?:dapi[0-9a-f]{32}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|AKIA[0-9A-Z]{16}"
    r"|hf_[A-Za-z0-9]{20,}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)"
)
_PEM = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)

# `key: value` in YAML, "key": "value" in JSON, key=value in queries and connection strings, d["key"] = "value".
_KEY = re.compile(
    r"(?<![\w.-])(?P<name>(?:(?:api|access|account|private|secret|auth) )?[\w.-]+)"
    r"(?:\\*['\"]\]?)?[ \t]*(?P<sign>:=|=[=>]?|:(?!:|//))[ \t]*",
    re.IGNORECASE,
)
_ANNOTATION = re.compile(r"(?:Bearer|Basic|Token|ApiKey|Digest|Negotiate)[ \t]+(?=\S)", re.IGNORECASE)
# What stands where a value will be put: {{ NAME }}, ${NAME}, {name!r}, %s.
_REFERENCE = re.compile(r"\$?\{\{?\s*(?:\w[\w.]*)?(?:\s*\|\s*\w+)*(?:![rsa])?\s*\}?\}|%(?:\(\w+\))?[sdr]\b")
_NOTHING = re.compile(r"(?:null|none|true|false|~)(?=[\s,;&}\])'\"]|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?(?=[\s,;&}\])'\"]|\Z)", re.IGNORECASE)
_OPENING = re.compile(r"[rbfu]{0,2}(?P<quote>'{3}|\"{3}|\\+['\"]|['\"])", re.IGNORECASE)
_TO_CLOSING = {"'": re.compile(r"(?:\\.|''|[^'\\])*", re.DOTALL), '"': re.compile(r"(?:\\.|[^\"\\])*", re.DOTALL)}
_BARE = re.compile(r"[^\s&;,'\"#}\]]*")
_IN_FLOW = re.compile(r"(?:[^,\[\]{}\n]|\n[ \t]+(?=\S))+(?=\n?[ \t]*[,\]}])")
_LINE = re.compile(r"[^\n]*")
_BEFORE_A_YAML_KEY = re.compile(r"[ \t]*(?:[-?][ \t]+)*['\"]?")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*")
# After `key:` in YAML, what says that the value is in the lines below.
_BELOW = re.compile(r"(?:[&!][^\s]*[ \t]*)*(?:[|>][-+0-9]*)?[ \t]*(?:#[^\n]*)?(?=\n)")


def mask(text: str) -> str:
    """`text` with passwords, tokens and signatures replaced by `***`.

    >>> mask("postgresql://me:pw@host/db")
    'postgresql://me:***@host/db'
    >>> mask("https://x.net/a?sig=abc&n=1")
    'https://x.net/a?sig=***&n=1'
    """
    text = _PEM.sub(rf"\g<1>{MASK}\g<2>", _without_remembered(text))
    text = _ADDRESS.sub(lambda match: match["scheme"] + _masked_userinfo(match["scheme"], match["rest"]), text)
    text = _BEARER.sub(rf"\g<kind> {MASK}", text)
    return _KNOWN.sub(MASK, _masked_pairs(text))


def _masked_userinfo(scheme: str, rest: str) -> str:
    """What follows a scheme, without the password or token before its host.

    A password may hold any character. In the address of a database the last @ is therefore the one that ends it;
    those of http have paths and queries with an @ of their own.
    """
    authority = _AUTHORITY.match(rest)[0]  # type: ignore[index]
    http = _HTTP.fullmatch(scheme) is not None
    unquoted = re.split(r"['\"]", rest, maxsplit=1)[0]
    if "@" in authority:
        end = (authority if http or ":" not in authority else unquoted).rindex("@")
    elif ":" in authority and not (_HOST_AND_PORT.fullmatch(authority) and http):
        end = (unquoted if "@" in unquoted or _HOST_AND_PORT.fullmatch(authority) else rest).rfind("@")
    else:
        return rest
    if end < 0:
        return rest
    user, colon, _ = rest[:end].partition(":")
    return f"{user}:{MASK}{rest[end:]}" if colon else MASK + rest[end:]


def _masked_pairs(text: str) -> str:
    kept, done = [], 0
    for match in _KEY.finditer(text):
        of_a_function = match["name"].lower() == "signature" and match["sign"] == ":"
        if match.start() < done or not names_secret(match["name"]) or of_a_function:
            continue
        start, end = _value(text, match)
        if text[start:end].strip():
            # A text in quotes takes the place of a list or map, so that JSON stays JSON.
            opens = text[start] in "[{" and text[start - 1] not in "'\""
            kept += [text[done:start], f'"{MASK}"' if opens else MASK]
            done = end
    return "".join([*kept, text[done:]])


def _value(text: str, match: re.Match[str]) -> tuple[int, int]:
    """From where to where the value of a pair is to be masked; nowhere for what is no secret."""
    start = match.end()
    if annotation := _ANNOTATION.match(text, start):
        start = annotation.end()
    counted = _NUMBER.match(text, start) and is_count(match["name"])
    if counted or _REFERENCE.match(text, start) or _NOTHING.match(text, start):
        return start, start
    if opening := _OPENING.match(text, start):
        return opening.end(), _closing_quote(text, opening)
    if text.startswith(("[", "{"), start):
        return start, _closing_bracket(text, start)
    if _is_in_flow(text, match.start()) and (flow := _IN_FLOW.match(text, start)):
        return start, flow.end()
    line_start = text.rfind("\n", 0, match.start()) + 1
    column = match.start() - line_start
    if _BEFORE_A_YAML_KEY.fullmatch(text, line_start, match.start()) and match["sign"] == ":":
        return _yaml_value(text, start, column)
    return start, _BARE.match(text, start).end()  # type: ignore[union-attr]


def _is_in_flow(text: str, position: int) -> bool:
    """Whether what begins at `position` is a key of a map in braces, where spaces belong to values."""
    while position > 0 and text[position - 1] in " \t\n'\"":
        position -= 1
    return text[position - 1 : position] in ("{", ",", "[")


def _end_of_line(text: str, start: int) -> int:
    return _LINE.match(text, start).end()  # type: ignore[union-attr]


def _closing_quote(text: str, opening: re.Match[str]) -> int:
    quote, start = opening["quote"], opening.end()
    inner = _TO_CLOSING[quote].match(text, start) if quote in _TO_CLOSING else None
    end = inner.end() if inner else text.find(quote, start)
    return end if 0 <= end < len(text) else _end_of_line(text, start)


def _closing_bracket(text: str, start: int) -> int:
    """Where a list or map that opens at `start` is closed; the end of its line where it is not."""
    expected: list[str] = []
    position = start
    while position < len(text):
        char = text[position]
        if char in "'\"" and text[position - 1] in " \t\n,:[{(":
            inner = _TO_CLOSING[char].match(text, position + 1)
            position = inner.end() if inner else position
        if char in "[{":
            expected.append("]" if char == "[" else "}")
        elif char in "]}" and expected.pop() != char:
            break
        position += 1
        if not expected:
            return position
    return _end_of_line(text, start)


def _yaml_value(text: str, start: int, column: int) -> tuple[int, int]:
    """The value of a YAML key in `column`: the rest of its line without a comment, and deeper lines below."""
    line_end = _end_of_line(text, start)
    if _BELOW.match(text, start):
        below = re.compile(r"\s*").match(text, line_end).end()  # type: ignore[union-attr]
        return below, max(_end_of_block(text, line_end, column, items=True), below)
    deeper = _end_of_block(text, line_end, column, items=False)
    if text[line_end:deeper].strip():
        return start, deeper
    comment = _COMMENT.search(text[start:line_end])
    return start, start + comment.start() if comment else line_end


def _end_of_block(text: str, line_end: int, column: int, *, items: bool) -> int:
    """The end of the last of the lines that are indented deeper than `column`, or are list items in it."""
    end = line_end
    while line_end < len(text):
        line = text[line_end + 1 : _end_of_line(text, line_end + 1)]
        line_end += 1 + len(line)
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth <= column and not (items and depth == column and line.lstrip().startswith("-")):
            break
        end = line_end if line.strip() else end
    return end

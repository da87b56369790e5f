"""Between the bytes of a file and the text that the rules see: with a byte order mark and line ends of its own."""

from __future__ import annotations

import codecs
import difflib


def decoded(raw: bytes) -> str:
    """The text, without a byte order mark, with newlines alone.

    Raises:
        UnicodeDecodeError: It is not UTF-8.
    """
    return raw.decode("utf-8-sig").replace("\r\n", "\n")


def encoded(raw: bytes, after: str) -> bytes:
    r"""The bytes of `after`, which was made from those of `raw`: every line that was not changed stays as it was.

    >>> encoded(b"a\r\nb\nc\r\n", "a\nb\nd\n")
    b'a\r\nb\nd\r\n'
    """
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    return mark + _with_ends(raw.decode("utf-8-sig"), after).encode("utf-8")


def _with_ends(original: str, after: str) -> str:
    if "\r\n" not in original:
        return after
    old, new = original.split("\n"), after.split("\n")
    usual = "\r" if original.count("\r\n") * 2 > len(old) - 1 else ""
    ends = [usual] * len(new)
    matcher = difflib.SequenceMatcher(None, [line.removesuffix("\r") for line in old], new, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and stop - start == last - first):
            ends[first:last] = ["\r" if line.endswith("\r") else "" for line in old[start:stop]]
    ends[-1] = "\r" if new[-1] == old[-1].removesuffix("\r") and old[-1].endswith("\r") else ""
    return "\n".join(line + end for line, end in zip(new, ends, strict=True))

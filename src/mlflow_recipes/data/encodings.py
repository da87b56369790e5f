"""Text files, compressed or not: where bytes are not of the encoding they should be of, and how a file ends."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Undecodable:
    """A place in a file: row and byte from 1, and the bytes there."""

    row: int
    byte: int
    shown: str


def undecodable(path: Path, encoding: str) -> Undecodable | None:
    """The first bytes of a file that an encoding does not have; None where all that can be read are right."""
    import pyarrow as pa

    decoder = codecs.getincrementaldecoder(encoding)()
    offset, rows, pending = 0, 0, b""
    with pa.input_stream(str(path), compression="detect") as stream:
        while True:
            try:
                block = stream.read(_BLOCK)
            except OSError:  # compressed and damaged
                return None
            try:
                decoder.decode(block, final=not block)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                held = pending + block
                row = rows + held[:start].count(b"\n") + 1
                shown = held[start : start + 4].hex(" ")
                return Undecodable(row, offset - len(pending) + start + 1, shown)
            if not block:
                return None
            whole = pending + block
            state = decoder.getstate()[0]
            pending = state if isinstance(state, bytes) else b""
            rows += whole[: len(whole) - len(pending)].count(b"\n")
            offset += len(block)


def end_of(path: Path, encoding: str, length: int = 100) -> str:
    """The last characters of a file, without the blanks and line ends after them."""
    import pyarrow as pa

    decoder = codecs.getincrementaldecoder(encoding)("replace")
    end = ""
    with pa.input_stream(str(path), compression="detect") as stream:
        while block := stream.read(_BLOCK):
            end = (end + decoder.decode(block))[-length:]
    return end.rstrip()

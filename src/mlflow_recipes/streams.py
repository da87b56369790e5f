"""Standard output and error, as pipes that may be closed at the other end or belong to a program."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Unread(io.FileIO):
    """A file that forgets what nobody reads any more."""

    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            return len(data)  # type: ignore[arg-type]


@contextlib.contextmanager
def enduring() -> Iterator[None]:
    """Within the block, output that nobody reads any more (`... | head`) is lost without an error."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _enduring(before[0]), _enduring(before[1])
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _enduring(stream: TextIO) -> TextIO:
    number = _number(stream)
    if number is None or stream.isatty():
        return stream
    stream.flush()
    file = io.BufferedWriter(_Unread(number, "wb", closefd=False))
    line_buffering = bool(getattr(stream, "line_buffering", False))
    return io.TextIOWrapper(file, stream.encoding, stream.errors, line_buffering=line_buffering)


def _number(stream: TextIO) -> int | None:
    """The number of the file behind a stream; None where a test or a notebook put something else in its place."""
    try:
        return stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None


@contextlib.contextmanager
def out_to_err() -> Iterator[None]:
    """Within the block, what anyone writes to standard output, libraries in C and child processes too, goes to error.

    It is for a program that reads the output of the process and understands nothing but what comes after the block.
    """
    stream = sys.stdout
    out, err = _number(stream), _number(sys.stderr)
    with contextlib.redirect_stdout(sys.stderr), contextlib.ExitStack() as stack:
        if out is not None and err is not None:
            kept = os.dup(out)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, out)
            stack.callback(stream.flush)
            stream.flush()
            os.dup2(err, out)
        yield

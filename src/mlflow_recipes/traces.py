"""How an error reads: what it says and the user's own lines first, then, for who needs it, the whole way it came."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.user_code import user_frames
from mlflow_recipes.user_modules import own_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENGINE = Path(__file__).parent
_AROUND = 4  # lines shown before and after the one that an error comes from


def readable(error: BaseException, root: Path) -> str:
    """What an error says, then the user's own frames, deepest last; the whole traceback only for a fault of ours."""
    frames = user_frames(error, root)
    if not isinstance(error, RecipeError) and not frames:
        return "".join(traceback.format_exception(error)).rstrip()
    told = traceback.format_exception_only(error)[-1].rstrip()  # without a colon where it says nothing more
    lines = [str(error) if isinstance(error, RecipeError) else told]
    if frames:
        lines += ["", "In the recipe's own code:", "".join(traceback.format_list(frames)).rstrip()]
    return "\n".join(lines)


def excerpt(error: BaseException, root: Path) -> str:
    """The user's own line that an error comes from, marked, with those around it; empty where none is the user's.

    An arrow marks the line; the frames that led to it are above, one a line.
    """
    frames = user_frames(error, root)
    if not frames:
        return ""
    *callers, last = (f"{own_path(frame.filename, root)}, line {frame.lineno}, in {frame.name}" for frame in frames)
    linecache.checkcache(frames[-1].filename)
    lines = linecache.getlines(frames[-1].filename)
    line = frames[-1].lineno or 1
    around = range(max(line - _AROUND, 1), min(line + _AROUND, len(lines)) + 1)
    shown = [f"{'--->' if n == line else '    '} {n:>4} {lines[n - 1]}".rstrip() for n in around]
    return "\n".join([*callers, last, *shown])


def whole(error: BaseException, root: Path) -> str:
    """What is readable, and below it the traceback of what led to it, libraries included, the engine left out."""
    cause = underlying(error)
    if cause is None:
        return readable(error, root)
    told = traceback.TracebackException.from_exception(cause)
    for link in _links(told):
        link.stack = traceback.StackSummary.from_list(
            [frame for frame in link.stack if not Path(frame.filename).is_relative_to(_ENGINE)]
        )
    return f"{readable(error, root)}\n\n{''.join(told.format()).rstrip()}"


def underlying(error: BaseException) -> BaseException | None:
    """The exception of somebody else's that an error of ours reports; None where it is our own finding."""
    link: BaseException | None = error
    while isinstance(link, RecipeError):
        link = link.__cause__
    return link


def _links(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    link: traceback.TracebackException | None = told
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__

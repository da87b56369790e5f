"""The code of a notebook as one source, since what one cell imports the others use."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from mlflow_recipes.migrating.python_source import PythonSource

# A line between two cells. No edit reaches over it: edits are of nodes, and a node lies in one cell.
_BETWEEN = "# ----- the next cell, as migrate reads it -----"
_MAGIC = re.compile(r"^\s*([%!?]|[\w.%]+\?{1,2}\s*$)")  # `%pip install a`, `!ls`, `frame?`
_GIVEN = re.compile(r"^(\s*[\w.,\s\[\]'\"]+=\s*)[%!]")  # `files = !ls`
_OF_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")  # magics of a whole cell that is Python


class Notebook:
    """The code cells of a notebook.

    Attributes:
        skipped: Cells that cannot be read, with the reason.
    """

    def __init__(self, file: str, codes: list[str | None]) -> None:
        """Read the cells.

        Args:
            file: The notebook's name.
            codes: The text of each cell; None for one that is no code.
        """
        self.skipped: list[tuple[str, str]] = []
        self._file = file
        self._unread: list[str] = []
        self._cells: dict[int, tuple[str, str]] = {}  # number -> code, and the same as Python
        for number, code in enumerate(codes, 1):
            if code is None or not code.strip():
                continue
            try:
                self._cells[number] = (code, _as_python(code))
            except SyntaxError as error:
                self.skipped.append((f"{file} cell {number}", str(error.msg)))
                self._unread.append(code)

    @cached_property
    def source(self) -> PythonSource:
        """All cells in their order."""
        joint, line, starts = f"\n{_BETWEEN}\n", 0, []
        for number, (code, _) in self._cells.items():
            starts.append((line, f"{self._file} cell {number}"))
            line += f"{code}{joint}".count("\n")
        codes, parsed = ([cell[index] for cell in self._cells.values()] for index in (0, 1))
        lines = zip("\n".join(codes).split("\n"), "\n".join(parsed).split("\n"), strict=True)
        unread = [*self._unread, *(line for line, read in lines if line != read)]
        return PythonSource(self._file, joint.join(codes), joint.join(parsed), tuple(starts), "\n".join(unread))

    def split(self, text: str) -> dict[int, str]:
        """The cells of what the code became, by number."""
        return dict(zip(self._cells, text.split(f"\n{_BETWEEN}\n"), strict=True)) if self._cells else {}


def _as_python(code: str) -> str:
    """A cell with the same number of characters as Python.

    Raises:
        SyntaxError: It is none.
    """
    if _BETWEEN in code:
        raise SyntaxError("it has the line with which migrate takes cells apart")
    try:
        ast.parse(code)
    except SyntaxError:
        first = code.split(maxsplit=1)[0]
        if first.startswith("%%") and first not in _OF_PYTHON:
            raise SyntaxError(f"it begins with {first}") from None
        code = _without_magics(code)
        ast.parse(code)
    return code


def _without_magics(code: str) -> str:
    """Lines that are IPython's own become a `0`, so that a block with nothing else stays one."""
    lines, goes_on = [], False
    for line in code.split("\n"):
        indent = len(line) - len(line.lstrip())
        given = _GIVEN.match(line)
        blank = line
        if goes_on:
            blank = "#".ljust(len(line)) if line else ""
        elif given is not None:
            blank = f"{given[1]}0".ljust(len(line))
        elif _MAGIC.match(line):
            blank = f"{line[:indent]}0".ljust(len(line))
        goes_on = blank != line and line.rstrip().endswith("\\")
        lines.append(blank)
    return "\n".join(lines)

"""What README.md and docs/*.md show: blocks of code, and commands in them and in the text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_SHELLS = ("console", "bash", "sh", "shell", "")
_PROGRAMS = r"(?:mlflow-recipes|mlflow|make|pip|jupyter)"
_SHOWN = re.compile(rf"^\s*(?:\$ )?({_PROGRAMS}\b[^\n]*)$", re.MULTILINE)
_TOLD = re.compile(rf"`({_PROGRAMS} [^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: the page that it is on, its language, what it says."""

    page: str
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """The blocks of some languages on all pages."""
    found = [
        Block(path.name, language.strip(), text)
        for path in PAGES
        for _, language, text in _BLOCK.findall(path.read_text(encoding="utf-8"))
    ]
    return [block for block in found if block.language in languages]


def commands() -> dict[str, str]:
    """Every distinct command, without what explains it -> a page that shows it."""
    found: dict[str, str] = {}
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        told = _TOLD.findall(_BLOCK.sub("", text))
        shown = [
            command
            for block in blocks(*_SHELLS)
            if block.page == path.name
            for command in _SHOWN.findall(block.text.replace("\\\n", " "))
        ]
        for command in (*told, *shown):
            found.setdefault(plain(command), path.name)
    return found


def plain(command: str) -> str:
    """A command without explanation, comment, pipe and redirection, in one spelling.

    >>> plain("mlflow recipes  run -p local    # everything")
    'mlflow-recipes run -p local'
    """
    command = command.replace("mlflow recipes", "mlflow-recipes").strip()
    command = re.sub(r"^(mlflow-recipes)\s+", r"\1 ", command)
    command = re.split(r" {2,}| # | \| | > ", command)[0]
    return command.strip().rstrip(",.")


def arguments(command: str) -> list[str]:
    """A command's words."""
    return shlex.split(command)

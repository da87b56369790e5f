"""What is around the code: requirements, scripts, workflows, README. Found by patterns, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.model import Edit, Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Pattern:
    """Text that is not as it was.

    Attributes:
        rule: Name of the rule.
        pattern: What to look for.
        new: What to put in its place; None where a hand is needed.
        message: As in `Finding`.
        files: Ends of the names of files where it counts; empty for all.
    """

    rule: str
    pattern: re.Pattern[str]
    new: str | None
    message: str
    files: tuple[str, ...] = ()
    kind: Kind = "rewrite"


_REQUIREMENTS = (".txt", ".yaml", ".yml", ".toml", ".cfg", "setup.py")
_START = r"(^|(?<=[\s\"']))"  # of a requirement
_AT = r" *(?:==|~=) *"
PATTERNS = (
    Pattern("text.command", re.compile(r"\bmlflow pipelines\b"), "mlflow recipes", "The command is `mlflow recipes`."),
    Pattern(
        "text.variable",
        re.compile(r"\b_?MLFLOW_PIPELINES_(?=PROFILE|EXECUTION)"),
        "MLFLOW_RECIPES_",
        "Variables are called MLFLOW_RECIPES_...",
    ),
    Pattern(
        "requirements.extra",
        re.compile(r"\bmlflow\[(pipelines|recipes)\]([=<>~!]=?[^\s\"',;#]*,?)*"),
        "mlflow-recipes",
        "MLflow no longer has this extra; mlflow-recipes brings MLflow 3 and what it needs.",
    ),
    Pattern(
        "requirements.mlflow",
        re.compile(_START + r"mlflow *(==|~=|<=?) *([12]\.[\w.*]*|3(?![\d.]))"),
        None,
        "This holds MLflow below 3; require mlflow-recipes instead, which brings MLflow 3.",
        _REQUIREMENTS,
        "by hand",
    ),
    Pattern(
        "requirements.libraries",
        re.compile(
            _START
            + r"(scikit-learn *(==|~=) *(0|1\.[0-3])\b|pandas *(==|~=) *[01]\.|numpy *(==|~=) *1\.(\d|1\d|2[0-5])\b)"
        ),
        None,
        "mlflow-recipes needs scikit-learn 1.4, pandas 2.2 and numpy 1.26, or newer.",
        _REQUIREMENTS,
        "by hand",
    ),
    Pattern(
        "requirements.python",
        re.compile(r"\bpython *[=~]=? *3\.[6-9]\b"),
        None,
        "mlflow-recipes needs Python 3.10 to 3.13.",
        _REQUIREMENTS,
        "by hand",
    ),
)
# Only where pipeline.yaml itself gets its new name
FILE_NAME = Pattern(
    "text.file-name", re.compile(r"(?<![\w/.-])pipeline\.yaml\b"), "recipe.yaml", "The file is called recipe.yaml."
)


def findings(file: str, text: str, *, renamed: bool) -> list[Finding]:
    """What is found in a file of any kind.

    Args:
        file: Its name.
        text: What is in it.
        renamed: Whether pipeline.yaml gets its new name.
    """
    found = [one for pattern in _of(file, renamed) for one in _matches(pattern, file, text)]
    return sorted(found, key=lambda one: (one.where.line or 0, one.where.column or 0))


def _of(file: str, renamed: bool) -> list[Pattern]:
    patterns = [*PATTERNS, *([FILE_NAME] if renamed else [])]
    return [pattern for pattern in patterns if not pattern.files or file.endswith(pattern.files)]


def _matches(pattern: Pattern, file: str, text: str) -> Iterator[Finding]:
    for match in pattern.pattern.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        line = text[start : len(text) if end < 0 else end]
        edits: tuple[Edit, ...] = ()
        after = ""
        if pattern.new is not None:
            edits = (Edit(match.start(), match.end(), pattern.new),)
            after = (line[: match.start() - start] + pattern.new + line[match.end() - start :]).strip()
        where = Position(file, text.count("\n", 0, start) + 1, match.start() - start + 1)
        yield Finding(pattern.rule, pattern.kind, where, pattern.message, line.strip(), after, edits)

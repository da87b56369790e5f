"""What is around the code: requirements, scripts, workflows, README. Found by patterns, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating import requirement_rules
from mlflow_recipes.migrating.model import Edit, Finding
from mlflow_recipes.migrating.requirement_rules import Match


@dataclass(frozen=True)
class Pattern:
    """Text that is not as it was.

    Attributes:
        rule: Name of the rule.
        pattern: What to look for.
        new: What to put in its place; None where a hand is needed.
        message: As in `Finding`.
    """

    rule: str
    pattern: re.Pattern[str]
    new: str | None
    message: str


PATTERNS = (
    Pattern(
        "text.command",
        re.compile(r"\bmlflow([ \t]+)pipelines\b"),
        r"mlflow\1recipes",
        "The command is `mlflow recipes`.",
    ),
    Pattern(
        "text.command",
        re.compile(r"([\"'])mlflow\1(\s*,\s*)([\"'])pipelines\3"),
        r"\1mlflow\1\2\3recipes\3",
        "The command is `mlflow recipes`.",
    ),
    Pattern(
        "text.variable",
        re.compile(r"\b_?MLFLOW_PIPELINES_(?=PROFILE|EXECUTION)"),
        "MLFLOW_RECIPES_",
        "Variables are called MLFLOW_RECIPES_...",
    ),
)
# Only where pipeline.yaml itself gets its new name
FILE_NAMES = (
    Pattern(
        "text.file-name",
        re.compile(r"(?<![\w/.-])(?<![,/][\"'])(?<![,/][ \n][\"'])pipeline\.yaml\b"),
        "recipe.yaml",
        "The file is called recipe.yaml.",
    ),
    Pattern(
        "text.file-name",
        re.compile(r"(?<=[,/])\s*[\"']pipeline\.yaml[\"']"),
        None,
        "Where this is the project's own file, it is called recipe.yaml.",
    ),
)


def findings(file: str, text: str, *, renamed: bool) -> list[Finding]:
    """What is found in a file of any kind.

    Args:
        file: Its name.
        text: What is in it.
        renamed: Whether pipeline.yaml gets its new name.
    """
    matches = list(requirement_rules.matches(file, text))
    for pattern in (*PATTERNS, *(FILE_NAMES if renamed else ())):
        for match in pattern.pattern.finditer(text):
            new = None if pattern.new is None else match.expand(pattern.new)
            matches.append(Match(pattern.rule, match.start(), match.end(), pattern.message, new))
    return [_found(file, text, match) for match in sorted(matches, key=lambda match: match.start)]


def _found(file: str, text: str, match: Match) -> Finding:
    start = text.rfind("\n", 0, match.start) + 1
    end = text.find("\n", match.end)
    line = text[start : len(text) if end < 0 else end]
    where = Position(file, text.count("\n", 0, start) + 1, match.start - start + 1)
    if match.new is None:
        return Finding(match.rule, "by hand", where, match.message, line.strip())
    after = (line[: match.start - start] + match.new + line[match.end - start :]).strip()
    edit = Edit(match.start, match.end, match.new)
    return Finding(match.rule, "rewrite", where, match.message, line.strip(), after, (edit,))

"""Where Jinja is in a YAML file, and the same text with words in its place, so that YAML can be composed unrendered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILLER = "\u0248"  # what stands in for a Jinja expression: a letter to YAML, and in no configuration
_BEGINNINGS = {"variable_begin": "variable", "block_begin": "block", "comment_begin": "comment"}
_ENDS = ("variable_end", "block_end", "comment_end")
_RAW = ("raw_begin", "raw_end")
_WITH_END = ("if", "for", "macro", "filter", "call")
_BRANCHES = ("if", "for", "else", "elif", "endif", "endfor")
# The signs that take white space away; the lexer would leave that out, and places would shift.
_SIGNS = re.compile(r"(?<=\{[{%#])[-+]|[-+](?=[}%#]\})")


@dataclass(frozen=True)
class Span:
    """An expression, statement or comment of Jinja.

    Attributes:
        start: Its first character.
        end: The one after its last.
        kind: `variable`, `block` or `comment`.
        text: The whole of it.
    """

    start: int
    end: int
    kind: str
    text: str

    @property
    def word(self) -> str:
        """The first word of a statement, such as `if`."""
        found = re.match(r"\{%[-+]?\s*(\w+)", self.text)
        return found[1] if found and self.kind == "block" else ""


@dataclass(frozen=True)
class JinjaText:
    """A text with Jinja in it."""

    text: str

    @cached_property
    def uncommented(self) -> str:
        """The text with spaces in place of what YAML takes for comments; every character keeps its place."""
        from mlflow_recipes.config.template import blank_comments

        lines, kept = self.text.splitlines(keepends=True), blank_comments(self.text).splitlines(keepends=True)
        padded = []
        for line, short in zip(lines, kept, strict=True):
            body = short.rstrip("\r\n")
            padded.append(body + " " * (len(line) - len(short)) + short[len(body) :])
        return "".join(padded)

    @cached_property
    def comments(self) -> tuple[str, ...]:
        """What YAML takes for comments, in the order of the lines."""
        pairs = zip(self.text.splitlines(), self.uncommented.splitlines(), strict=True)
        return tuple(line[len(kept.rstrip()) :].strip() for line, kept in pairs if line.strip() != kept.strip())

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """All of its Jinja, in order.

        Raises:
            TemplateSyntaxError: It is not Jinja.
        """
        import jinja2

        environment = jinja2.Environment(keep_trailing_newline=True)
        environment.parse(self.uncommented)
        found, position, start, open_kind = [], 0, 0, ""
        for _, kind, value in environment.lex(_SIGNS.sub(" ", self.uncommented)):
            if kind in _BEGINNINGS or kind in _RAW:
                start, open_kind = position, _BEGINNINGS.get(kind, "block")
            position += len(value)
            if kind in _ENDS or kind in _RAW:
                found.append(Span(start, position, open_kind, self.text[start:position]))
        return tuple(found)

    @cached_property
    def blanked(self) -> str:
        """The text with letters in place of expressions, and spaces in place of statements, line by line."""
        return self._filled(newline="\n")

    @cached_property
    def as_words(self) -> str:
        """The same with one word for an expression of several lines, and for a value between statements."""
        return self._filled(newline=FILLER)

    def _filled(self, newline: str) -> str:
        parts = list(self.uncommented)
        inline = list(self._inline()) if newline == FILLER else []
        for span in self.spans:
            filler, line_end = (FILLER, newline) if span.kind == "variable" else (" ", "\n")
            parts[span.start : span.end] = [line_end if char == "\n" else filler for char in span.text]
        for start, end in inline:
            parts[start:end] = [FILLER] * (end - start)
        return "".join(parts)

    def _inline(self) -> Iterator[tuple[int, int]]:
        """Spans from `{% if %}` to `{% endif %}` that lie within a line of other text, such as one value of a key."""
        depth, start = 0, -1
        for span in self.spans:
            if span.word in _WITH_END:
                depth += 1
                if depth == 1 and self._is_amid(span):
                    start = span.start
            elif span.word.startswith("end") and span.word[3:] in _WITH_END:
                depth -= 1
                if depth == 0 and start >= 0:
                    yield start, span.end
                    start = -1

    def _is_amid(self, span: Span) -> bool:
        first = self.uncommented.rfind("\n", 0, span.start) + 1
        after = self.uncommented[span.end :].partition("\n")[0]
        return bool(self.uncommented[first : span.start].strip() and after.strip())

    def around(self, index: int) -> tuple[str, ...]:
        """The statements that decide whether, how often, and with which names a character is rendered."""
        names: list[str] = []
        branches: list[str] = []
        for span in self.spans:
            if span.start >= index:
                break
            if span.kind != "block":
                continue
            if span.word in ("endif", "endfor"):
                branches.pop()
            elif span.word in ("else", "elif"):
                branches[-1] += span.text
            elif span.word in _BRANCHES:
                branches.append(span.text)
            else:
                names.append(span.text)
        return (*names, *branches)

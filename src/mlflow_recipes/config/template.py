"""Rendering recipe.yaml and profiles as Jinja templates, in a sandbox, without touching YAML comments."""

from __future__ import annotations

import difflib
import json
import os
import re
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import METRICS, TEMPLATES
from mlflow_recipes.errors import ConfigError, Position
from mlflow_recipes.graph import STEP_NAMES
from mlflow_recipes.secrets import remember

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jinja2 import Environment

_BLOCK_SCALAR = re.compile(r"(?:^|[\s:-])[|>][+-]?[0-9]?[+-]?\s*$")
_MAX_RENDERED = 1_000_000
_YAML_SIGNS = re.compile(r"""["'\n\r]|:\s|:$|\s\#""")
# What the engine itself says in every second sentence is hidden from nobody.
_OUR_WORDS = {*TEMPLATES, *STEP_NAMES, *(metric for metrics in METRICS.values() for metric in metrics)}


def render(text: str, variables: Mapping[Any, Any], *, file: str, root: Path) -> tuple[str, list[int]]:
    """Render a template.

    Args:
        text: The template.
        variables: What its expressions may use.
        file: Its name in messages.
        root: The recipe root, for the filter `from_json`.

    Returns:
        The rendered text, and for each of its lines the number (from 1) of the line in `text` it comes from.

    Raises:
        ConfigError: Wrong syntax, an undefined variable, or an expression that failed; with the line.
    """
    import jinja2

    environment = _environment()
    environment.filters["from_json"] = _from_json_filter(root, file)
    environment.globals["env"] = _env
    environment.finalize = _finished
    blanked = blank_comments(text)
    named = {name: value for name, value in variables.items() if isinstance(name, str)}
    try:
        rendered = environment.from_string(blanked).render(named)
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(
            f"Failed to read recipe configuration: {error.message}.",
            where=Position(file, error.lineno),
            hint="Correct the Jinja expression on that line.",
        ) from error
    except jinja2.UndefinedError as error:
        raise _undefined(error, blanked, variables, file) from error
    except _Unfit as error:
        raise ConfigError(str(error), where=Position(file, _template_line(error)), hint=error.hint) from error
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"Failed to read recipe configuration: a Jinja expression failed: {error}.",
            where=Position(file, _template_line(error)),
            hint="Correct the expression; it is evaluated in a sandbox.",
        ) from error
    if len(rendered) > _MAX_RENDERED:
        raise ConfigError("Failed to read recipe configuration: it renders to over a million characters.", where=file)
    return rendered, line_map(blanked, rendered)


def used_names(text: str) -> set[str]:
    """Variables that a template uses without setting them itself; none when its syntax is wrong."""
    import jinja2
    import jinja2.meta

    try:
        return jinja2.meta.find_undeclared_variables(_environment().parse(blank_comments(text))) - {"env"}
    except jinja2.TemplateSyntaxError:
        return set()


def _environment() -> Environment:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    environment.filters["from_json"] = str  # takes its place where only names are asked for
    return environment


def _undefined(error: Exception, text: str, variables: Mapping[Any, Any], file: str) -> ConfigError:
    match = re.search(r"'([^']+)' is undefined", str(error))
    name = match[1] if match else None
    line = _template_line(error)
    if line is None and name:
        lines = text.splitlines()
        pattern = re.compile(rf"\{{[{{%].*\b{re.escape(name)}\b")
        line = next((number for number, found in enumerate(lines, 1) if pattern.search(found)), None)
    near = difflib.get_close_matches(name or "", [key for key in variables if isinstance(key, str)], n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "Define it in the profile, or give it a `default(...)`."
    return ConfigError(f"Failed to read recipe configuration: {error}.", where=Position(file, line), hint=hint)


def _template_line(error: BaseException) -> int | None:
    """The template's line in the traceback of an error raised while rendering."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


# Values of the environment


class _FromEnvironment(str):
    """A value of the environment that no filter has changed."""


class _Unfit(Exception):
    """A variable of the environment that is not set, or whose value cannot stand where it is put."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _env(name: str, *default: Any) -> Any:
    """`env("NAME")`, which has to be set, or `env("NAME", "default")`; the value is a secret from now on."""
    value = os.environ.get(name)
    if value is None and default:
        return default[0]
    if value is None:
        near = difflib.get_close_matches(name, os.environ, n=1, cutoff=0.8)
        hint = f"Did you mean {near[0]}? " if near else ""
        hint += f'Set it, or give it a default: {{{{ env("{name}", "...") }}}}.'
        raise _Unfit(f"The environment variable {name} is not set.", hint)
    if value not in _OUR_WORDS:
        remember(value)
    return _FromEnvironment(value)


def _finished(value: Any) -> Any:
    """What an expression inserts, if YAML will read it as one text."""
    if isinstance(value, _FromEnvironment) and _YAML_SIGNS.search(value):
        message = "A value of the environment holds quotes, a colon, # or line breaks, which mean something in YAML."
        raise _Unfit(message, 'Quote it, by {{ env("NAME") | tojson }} without quotes around it.')
    return value


def _from_json_filter(root: Path, file: str) -> Any:
    def from_json(name: str) -> Any:
        from pathlib import Path

        candidates = [root / name, Path(name)]
        found = next((path for path in candidates if path.is_file()), None)
        if found is None:
            raise ConfigError(
                f"Failed to read recipe configuration: from_json found no file '{name}' in the recipe or the working "
                "directory.",
                where=file,
                hint="Give its path relative to the recipe's folder.",
            )
        try:
            return json.loads(found.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ConfigError(
                f"Failed to read recipe configuration: '{name}' is not valid JSON: {error}.", where=file
            ) from error

    return from_json


def blank_comments(text: str) -> str:
    """`text` with what YAML takes for comments removed, so that Jinja inside them is not evaluated.

    A `#` starts a comment at the start of a line or after white space, outside quotes, Jinja delimiters and block
    scalars. Jinja's own comments, `{# ... #}`, are left to it. Lines stay where they are.

    >>> blank_comments("a: 'x # y' # {{ Z }}")
    "a: 'x # y' "
    """
    lines, quote, block = [], "", None
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        indent = len(body) - len(body.lstrip(" "))
        if block is not None and (not body.strip() or indent > block):
            lines.append(line)
            continue
        block = None
        kept, quote = _uncommented(body, quote)
        if not quote and _BLOCK_SCALAR.search(kept.rstrip()):
            block = indent
        lines.append(kept + line[len(body) :])
    return "".join(lines)


def _uncommented(body: str, quote: str) -> tuple[str, str]:
    """One line without its comment, and the quote, or `{#`, that is still open at its end."""
    position, previous = 0, " "
    while position < len(body):
        char = body[position]
        opened = body[position : position + 2]
        if quote == "{#":
            if opened == "#}":
                quote, position = "", position + 1
        elif quote:
            if quote == '"' and char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif opened == "{#":
            quote, position = opened, position + 1
        elif opened in ("{{", "{%"):
            end = body.find({"{{": "}}", "{%": "%}"}[opened], position)
            position = len(body) if end < 0 else end + 1
        elif char in "'\"" and previous in " \t[{,:-(":
            quote = char
        elif char == "#" and previous in " \t":
            return body[:position], ""
        previous = body[position] if position < len(body) else previous
        position += 1
    return body, quote


def line_map(template: str, rendered: str) -> list[int]:
    """For each rendered line the template line it comes from, by number from 1."""
    before, after = template.splitlines(), rendered.splitlines()
    if len(before) == len(after):
        return list(range(1, len(after) + 1))
    numbers = [0] * len(after)
    for a, b, size in difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        for offset in range(size):
            numbers[b + offset] = a + offset + 1
    last = 1
    for index, number in enumerate(numbers):
        last = numbers[index] = number or last
    return numbers

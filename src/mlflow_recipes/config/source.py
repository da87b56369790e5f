"""YAML, Jinja and a profile become one tree in which every value knows its file and line; nothing is written."""

from __future__ import annotations

import copy
import difflib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from mlflow_recipes import layout
from mlflow_recipes.config.template import render, used_names
from mlflow_recipes.errors import ConfigError, Position, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Names, numbers of list items, and whatever else YAML reads a key as.
KeyPath = tuple[Any, ...]

_SET = "--set"
# A line of recipe.yaml that inserts a whole value of the profile.
_INSERTED = re.compile(r"""\s*(?:-\s+)?['"]?(?P<key>[\w.-]+)['"]?:\s*\{\{-?\s*(?P<name>\w+)\s*-?\}\}\s*(?:\#.*)?""")
# Keys of recipe.yaml itself; an override of any other is one of a variable.
_RECIPE_KEYS = (
    *("recipe", "target_col", "positive_class", "primary_metric", "custom_metrics"),
    *("steps", "experiment", "model_registry", "code_paths"),
)
_MAX_NODES = 100_000
_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True)
class ConfigSource:
    """A recipe's configuration as it was read.

    Attributes:
        values: recipe.yaml and profile, merged; plain Python values.
        positions: Key path -> where its value was written.
        profile: The profile's name.
        warnings: What is odd in it.
    """

    values: dict[Any, Any]
    positions: Mapping[KeyPath, Position] = field(repr=False)
    profile: str | None
    warnings: tuple[Problem, ...] = ()

    def position(self, path: KeyPath) -> Position | None:
        """Where the value at `path` was written, or its nearest known ancestor."""
        while path:
            if path in self.positions:
                return self.positions[path]
            path = path[:-1]
        return None


@dataclass
class _Tree:
    """Values and their positions, of one file."""

    values: dict[Any, Any]
    positions: dict[KeyPath, Position]


def load_source(root: Path, profile: str | None, overrides: Sequence[str] = ()) -> ConfigSource:
    """Read recipe.yaml under a profile.

    Args:
        root: The recipe root.
        profile: Name of a file in profiles/; None reads recipe.yaml alone, without rendering it.
        overrides: `key.path=value` strings; values are YAML. They apply to the profile's variables before
            recipe.yaml is rendered, and to the result.

    Raises:
        ConfigError: A file is missing or cannot be read; with file and line.
    """
    if profile is None:
        tree = _parse(_read(root / layout.RECIPE_FILE, root), layout.RECIPE_FILE, None)
        return ConfigSource(tree.values, tree.positions, None)
    context = _load_profile(root, profile)
    template = _read(root / layout.RECIPE_FILE, root)
    parsed = [_parse_override(text) for text in overrides]
    for_profile = [item for item in parsed if item[0][0] in context.values or item[0][0] not in _RECIPE_KEYS]
    new = [path[0] for path, _ in for_profile if path[0] not in context.values]
    warnings = _unused(new, template, list(context.values)) if new else ()
    for path, value in for_profile:
        _override(context, path, value)
    text, lines = render(template, context.values, file=layout.RECIPE_FILE, root=root)
    recipe = _parse(text, layout.RECIPE_FILE, lines)
    warnings += _replaced(recipe, context)
    merged = _merge(replace(recipe, positions=_written(recipe.positions, template, context)), context)
    for path, value in parsed:
        if (path, value) not in for_profile:
            _override(merged, path, value)
    return ConfigSource(merged.values, merged.positions, profile, warnings)


def key_text(key: Any) -> str:
    """A key as YAML spells it.

    >>> [key_text(key) for key in ("on", True, None, 1)]
    ['on', 'true', 'null', '1']
    """
    if key is None or isinstance(key, bool):
        return "null" if key is None else str(key).lower()
    return str(key)


def dotted(path: KeyPath) -> str:
    """A key path as people write it."""
    return ".".join(map(key_text, path))


def _load_profile(root: Path, profile: str) -> _Tree:
    if not profile:
        raise ConfigError("A profile name must be provided to construct a valid Recipe object.")
    if profile in (".", "..") or any(char in profile for char in '/\\:\0*?"<>|'):
        raise ConfigError(
            f"'{profile}' is not a profile name.",
            hint=f"Give the name of a file in {layout.PROFILES_FOLDER}/, without .yaml.",
        )
    file = f"{layout.PROFILES_FOLDER}/{profile}.yaml"
    path = root / file
    if not path.is_file():
        there = sorted(found.stem for found in (root / layout.PROFILES_FOLDER).glob("*.yaml"))
        near = difflib.get_close_matches(profile, there, n=1)
        raise ConfigError(
            f"Did not find the YAML configuration of profile '{profile}' at {path}.",
            hint=(f"Did you mean '{near[0]}'? " if near else "") + f"There are: {', '.join(there) or 'no profiles'}.",
        )
    text, lines = render(_read(path, root), {}, file=file, root=root)
    return _parse(text, file, lines)


def _written(positions: dict[KeyPath, Position], template: str, profile: _Tree) -> dict[KeyPath, Position]:
    """Positions in recipe.yaml, but for values that a line `key: {{ NAME }}` takes from the profile: those in there."""
    matches = enumerate(map(_INSERTED.fullmatch, template.splitlines()), start=1)
    inserted = {line: (match["key"], match["name"]) for line, match in matches if match}
    found = dict(positions)
    for path, place in positions.items():
        key, name = inserted.get(place.line or 0, (None, None))
        if key in path and (origin := profile.positions.get((str(name), *path[path.index(key) + 1 :]))):
            found[path] = origin if path[-1] != key else place
    return found


def _merge(recipe: _Tree, profile: _Tree) -> _Tree:
    """The profile's top-level keys win over the recipe's."""
    won = set(profile.values)
    positions = {path: place for path, place in recipe.positions.items() if path[0] not in won}
    return _Tree({**recipe.values, **profile.values}, {**positions, **profile.positions})


def _replaced(recipe: _Tree, profile: _Tree) -> tuple[Problem, ...]:
    """A warning where a profile has `steps` of its own: people expect them to be added to the recipe's."""
    if "steps" not in recipe.values or "steps" not in profile.values:
        return ()
    message = f"steps: the profile's takes the place of all of that in {layout.RECIPE_FILE}."
    hint = f"Leave it out, and let {layout.RECIPE_FILE} insert what differs, such as `location: {{{{ LOCATION }}}}`."
    return (Problem(message, profile.positions.get(("steps",)), "steps", hint, "warning"),)


# Reading


def _read(path: Path, root: Path) -> str:
    name = path.relative_to(root).as_posix()
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"Failed to read recipe configuration: the file is not UTF-8 text (byte {error.start}).",
            where=name,
            hint="Save it as UTF-8.",
        ) from error
    except OSError as error:
        raise ConfigError(f"Failed to read recipe configuration: {error.strerror}.", where=name) from error


def _parse(text: str, file: str, lines: Sequence[int] | None) -> _Tree:
    """Parse YAML into values and positions; `lines` maps its lines to the file's."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(file, mark.line, mark.column, lines) if mark else file
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(
            f"Failed to read recipe configuration: {what}.", where=place, hint="Correct the YAML there."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"Failed to read recipe configuration: {error}.", where=file) from error
    if node is None:
        return _Tree({}, {})
    builder = _Builder(file, lines)
    if not isinstance(node, yaml.MappingNode):
        place = _place(file, node.start_mark.line, node.start_mark.column, lines)
        raise ConfigError(
            f"Failed to read recipe configuration: expected `key: value` lines, found a {_kind(node)}.", where=place
        )
    return _Tree(builder.build(node, ()), builder.positions)


def _place(file: str, line: int, column: int, lines: Sequence[int] | None) -> Position:
    number = line + 1
    if lines:
        number = lines[min(line, len(lines) - 1)]
    return Position(file, number, column + 1)


def _kind(node: yaml.Node) -> str:
    return {"ScalarNode": "single value", "SequenceNode": "list"}.get(type(node).__name__, "mapping")


class _Builder:
    """Builds plain values from YAML nodes and notes where each stands; refuses duplicate keys and odd tags."""

    def __init__(self, file: str, lines: Sequence[int] | None) -> None:
        self._file, self._lines = file, lines
        self._constructor = yaml.SafeLoader("")
        self._count = 0
        self.positions: dict[KeyPath, Position] = {}

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """The value of a node."""
        self._count += 1
        if self._count > _MAX_NODES:  # aliases can make a small file explode
            raise ConfigError(f"Failed to read recipe configuration: over {_MAX_NODES:,} values.", where=self._file)
        if path:
            self.positions.setdefault(path, self._at(node))
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN_TAGS:
            message = f"Failed to read recipe configuration: the tag {node.tag!r} is not allowed."
            raise ConfigError(message, where=self._at(node), hint="Write a plain value.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._constructor.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            what = getattr(error, "problem", None) or str(error)
            raise ConfigError(
                f"Failed to read recipe configuration: {what}.", where=self._at(node), hint="Write a plain value."
            ) from error

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        first: dict[Any, tuple[Position, str]] = {}
        merges = [value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge"]
        for merged in merges:
            for source in merged.value if isinstance(merged, yaml.SequenceNode) else [merged]:
                result = {**self.build(source, path), **result}
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self._key(key_node)
            if key in first:
                raise self._twice(key_node, *first[key])
            first[key] = self._at(key_node), key_node.value
            inner = (*path, key)
            self.positions[inner] = self._at(key_node)
            result[key] = self.build(value_node, inner)
        return result

    def _twice(self, node: yaml.Node, first: Position, written: str) -> ConfigError:
        same = "" if node.value == written else f" as '{written}', which means the same"
        return ConfigError(
            f"Failed to read recipe configuration: the key '{node.value}' is given twice, first in line "
            f"{first.line}{same}.",
            where=self._at(node),
            hint="Remove one of them.",
        )

    def _key(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise ConfigError(
                "Failed to read recipe configuration: a key must be a single word.",
                where=self._at(node),
                hint="Quote the value if it holds braces, or define the Jinja variable that it names.",
            )
        return self._scalar(node)

    def _at(self, node: yaml.Node) -> Position:
        return _place(self._file, node.start_mark.line, node.start_mark.column, self._lines)


# Overrides


def _parse_override(text: str) -> tuple[KeyPath, Any]:
    key, sign, value = text.partition("=")
    parts = [part.strip() for part in key.split(".")]
    if not sign or not all(parts):
        raise ConfigError(
            f"'{text}' is not an override.", where=_SET, hint="Write KEY.PATH=VALUE, such as steps.train.using=custom."
        )
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ConfigError(f"The value of '{key}' is not valid YAML: {value}", where=_SET) from error
    return tuple(parts), parsed


def _override(tree: _Tree, path: KeyPath, value: Any) -> None:
    """Put a value at a path of a tree, making mappings on the way."""
    tree.values = copy.deepcopy(tree.values)
    at: Any = tree.values
    real: list[Any] = []
    for position, part in enumerate(path):
        last = position == len(path) - 1
        key = _index(at, part, path) if isinstance(at, list) else _key_in(at, part)
        real.append(key)
        if last:
            at[key] = value
        else:
            if not isinstance(at, list) and not isinstance(at.get(key), dict | list):
                at[key] = {}
                tree.positions.setdefault(tuple(real), Position(_SET))
            at = at[key]
            if not isinstance(at, dict | list):
                raise _no_place(path)
    for old in [p for p in tree.positions if p[: len(real)] == tuple(real)]:
        del tree.positions[old]
    tree.positions[tuple(real)] = Position(_SET)


def _key_in(at: dict[Any, Any], part: str) -> Any:
    """The key of a mapping that a part of a path names: the text itself if it is there, else what YAML reads it as."""
    if part in at:
        return part
    try:
        read = yaml.safe_load(part)
    except (yaml.YAMLError, ValueError):
        return part
    return part if isinstance(read, dict | list | set) else read


def _unused(names: Sequence[str], template: str, variables: Sequence[Any]) -> tuple[Problem, ...]:
    """A warning for each overridden variable that the profile does not define and recipe.yaml does not use."""
    used = used_names(template)
    known = [*(str(name) for name in variables), *sorted(used), *_RECIPE_KEYS]
    found = []
    for name in dict.fromkeys(names):
        if name not in used:
            near = difflib.get_close_matches(name, known, n=1)
            message = f"{name} is a variable that {layout.RECIPE_FILE} does not use; it is ignored."
            hint = f"Did you mean '{near[0]}'?" if near else None
            found.append(Problem(message, Position(_SET), name, hint, "warning"))
    return tuple(found)


def _index(at: list[Any], part: str, path: KeyPath) -> int:
    if not part.isdigit() or int(part) >= len(at):
        raise _no_place(path)
    return int(part)


def _no_place(path: KeyPath) -> ConfigError:
    return ConfigError(f"There is no place for '{dotted(path)}' in the configuration.", where=_SET)

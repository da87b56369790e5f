"""Whether an edited configuration still means the same: the check that every correction of one has to pass."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from mlflow_recipes.migrating.jinja_text import FILLER
from mlflow_recipes.migrating.yaml_source import UnreadableYaml, YamlSource

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
Leaf = tuple[Path, Any, tuple[str, ...]]

SOURCES = {"data": "ingest", "data_scoring": "ingest_scoring"}
# Keys that named a function by module and name -> where they are
FUNCTIONS = {
    "ingest": ("loader_method",),
    "ingest_scoring": ("loader_method",),
    "split": ("split_method", "post_split_method", "post_split_filter_method"),
    "transform": ("transformer_method",),
    "train": ("estimator_method",),
}
# Where that function is read from -> its module
MODULES = {step: f"steps.{'ingest' if step == 'ingest_scoring' else step}" for step in FUNCTIONS}
METRIC_MODULE = "steps.custom_metrics"
OUTPUT = {"output_format": "using", "output_location": "location"}
METRICS = {"primary": "primary_metric", "custom": "custom_metrics"}
_MOVES: tuple[tuple[Path, Path], ...] = (
    (("template",), ("recipe",)),
    *(((old,), ("steps", new)) for old, new in SOURCES.items()),
    *((("steps", step, "format"), ("steps", step, "using")) for step in SOURCES.values()),
    *((("steps", step, "custom_loader_method"), ("steps", step, "loader_method")) for step in SOURCES.values()),
    *((("metrics", old), (new,)) for old, new in METRICS.items()),
    *((("steps", "predict", old), ("steps", "predict", "output", new)) for old, new in OUTPUT.items()),
)
_SCOPE = ("steps", "split", "post_split_filter_scope")
_FILTER = ("steps", "split", "post_split_filter_method")
_MOST_LEAVES = 20_000
_STRIPPING = re.compile(r"\{[{%#]-|-[}%#]\}")


def means_the_same(before: YamlSource, text: str) -> bool:
    """Whether `text` says what `before` says, be it by the old names or the new ones, and has all of its comments."""
    try:
        after = YamlSource(before.file, text)
        if _canonical(before) != _canonical(after) or _beside(before) != _beside(after) or _is_torn(before, after):
            return False
    except UnreadableYaml:
        return False
    moved = before.text.count("\n") != text.count("\n")
    return not (moved and _STRIPPING.search(before.text))  # white space that Jinja takes away was not looked at


def _beside(source: YamlSource) -> Counter[str]:
    """What is in the file and no YAML."""
    return Counter([*source.jinja.comments, *(span.text for span in source.jinja.spans)])


def _canonical(source: YamlSource) -> Counter[Leaf]:
    """Every value by the path that it has in recipe.yaml, with the Jinja statements around it."""
    found = Counter((path, _renamed_value(path, value), around) for path, value, around in _moved_leaves(source))
    paths = {path: around for path, _, around in found}
    if (template := source.entry("template")) is not None and _FILTER in paths and _SCOPE not in paths:
        around = paths[_FILTER]
        of_template = source.jinja.around(template.key.start_mark.index)
        if around[: len(of_template)] != of_template:
            around += of_template  # the scope is the old one only where the template is, so no line is right
        found[(_SCOPE, ("tag:yaml.org,2002:str", "all"), around)] += 1
    return found


def _is_torn(before: YamlSource, after: YamlSource) -> bool:
    """Whether something has its new name at one place and its old one at another, as in branches of `{% if %}`."""
    held, left = _old_names(before), _old_names(after)
    return any(0 < left[old] < count for old, count in held.items())


def _old_names(source: YamlSource) -> Counter[Path]:
    """How many values are at or below each of the old names."""
    paths = [path for path, _, _ in _leaves(source, source.root, ())]
    return Counter(old for old, _ in _MOVES for path in paths if path[: len(old)] == old)


def _moved_leaves(source: YamlSource) -> Iterator[Leaf]:
    for number, (path, value, around) in enumerate(_leaves(source, source.root, ())):
        if number > _MOST_LEAVES:
            raise UnreadableYaml("it has too many values")
        for old, new in _MOVES:
            if path[: len(old)] == old:
                path = (*new, *path[len(old) :])  # noqa: PLW2901 - one move after the other
        yield path, value, around


def _leaves(source: YamlSource, node: Any, path: Path) -> Iterator[Leaf]:
    if node is None or len(path) > 100:  # an anchor that holds itself has no end
        return
    if node.id == "scalar" or not node.value:
        value = source.raw(node) if FILLER in node.value else (node.tag, str(node.value))
        yield path, value, source.jinja.around(node.start_mark.index)
    elif node.id == "mapping":
        for key, value in node.value:
            # A key that is merged from an anchor is a key of the map.
            inner = path if key.value == "<<" else (*path, _key(source, key))
            yield from _leaves(source, value, inner)
    else:
        for number, item in enumerate(node.value):
            yield from _leaves(source, item, (*path, str(number)))


def _key(source: YamlSource, key: Any) -> str:
    return str(key.value) if isinstance(key.value, str) and FILLER not in key.value else source.raw(key)


def _renamed_value(path: Path, value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    tag, text = value
    module, _, name = text.rpartition(".")
    in_step = len(path) == 3 and path[0] == "steps" and path[2] in FUNCTIONS.get(path[1], ())
    in_metric = len(path) == 3 and path[0] == "custom_metrics" and path[2] == "function"
    if (in_step and module == MODULES[path[1]]) or (in_metric and module == METRIC_MODULE):
        return tag, name
    return (tag, "custom") if path == ("steps", "train", "using") and text == "estimator_spec" else value

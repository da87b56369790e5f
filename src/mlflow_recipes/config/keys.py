"""Every key of recipe.yaml and profiles: what it means, takes and defaults to, read from the configuration models.

`mlflow-recipes docs`, the reference pages and the JSON Schema say the same, since all come from `schema.model_schema`.

A key is named by the path to it, lists without numbers. Names that the user gives stand in angle brackets:
`steps.<name>.function`. The keys of a check are the same under every step, so they are listed once: `checks.range.min`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.examples import example_of
from mlflow_recipes.config.schema import model_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Schema = Mapping[str, Any]

_CHECKS = "checks"
# Where a map is of the user's own names: what stands for them in paths.
_NAMED = {"steps": "<name>", "contract.columns": "<column>"}
_STAND_INS = {"<name>": "clean", "<column>": "price"}
# Key -> the page about it and what is below it.
_PAGES = {
    "checks": "checks.md",
    "code_paths": "several-recipes.md",
    "contract": "drift.md",
    "model_registry": "registry.md",
    "positive_class": "classification.md",
    "primary_metric": "evaluation.md",
    "steps.<name>": "preparation.md",
    "steps.evaluate": "evaluation.md",
    "steps.ingest": "ingestion.md",
    "steps.ingest_scoring": "scoring.md",
    "steps.predict": "scoring.md",
    "steps.register": "registry.md",
    "steps.split": "splits.md",
    "steps.train": "training.md",
    "steps.train.calibrate_proba": "classification.md",
    "steps.train.decision_threshold": "classification.md",
    "steps.train.estimators": "search.md",
    "steps.train.flaml_params": "automl.md",
    "steps.train.max_trials": "automl.md",
    "steps.train.predict_prefix": "classification.md",
    "steps.train.predict_scores_for_all_classes": "classification.md",
    "steps.train.rebalance_training_data": "classification.md",
    "steps.train.rebalancing_seed": "classification.md",
    "steps.train.resampling_minority_percentage": "classification.md",
    "steps.train.time_budget_secs": "automl.md",
    "steps.train.tuning": "search.md",
}
_WORDS = {"boolean": "true or false", "integer": "whole number", "string": "text", "object": "map", "array": "list"}
_MANY = {"text": "texts", "number": "numbers", "map": "maps", "whole number": "whole numbers", "a check": "checks"}
_BOUNDS = {"minimum": "from {}", "exclusiveMinimum": "above {}", "maximum": "to {}", "exclusiveMaximum": "below {}"}


@dataclass(frozen=True)
class ConfigKey:
    """One key.

    Attributes:
        path: Such as `steps.train.tuning.max_trials`.
        description: What it means.
        takes: What may stand there, in words.
        allowed: The values that there are, where they are named.
        required: Whether its section needs it.
        default: What it is when it is not given; None for nothing.
        example: A value that it may have; None for sections.
        page: The page about it, in docs/.
        is_section: Whether it holds further keys.
        is_list: Whether it is a list of such sections.
    """

    path: str
    description: str
    takes: str
    allowed: tuple[Any, ...]
    required: bool
    default: Any
    example: Any
    page: str
    is_section: bool
    is_list: bool

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def parent(self) -> str:
        """The section that it is in; empty for the keys at the top."""
        return self.path.rpartition(".")[0]


@cache
def all_keys() -> dict[str, ConfigKey]:
    """Every key by its path, each section followed by what is in it, in the order of the models."""
    schema = model_schema()
    sections: Mapping[str, Schema] = schema["$defs"]
    kinds = sections["Ingest"]["properties"][_CHECKS]["items"]["discriminator"]["mapping"]
    checks = {"properties": {kind: {"$ref": reference} for kind, reference in kinds.items()}}
    found = [*_inside(schema, "", sections), *_inside(checks, _CHECKS, sections)]
    return {key.path: key for key in found}


def normal(path: str) -> str:
    """A path as keys are named here, from how messages and people write it.

    >>> [normal(path) for path in ("custom_metrics.0.function", "estimators[].name", "steps.split.checks.0.range.min")]
    ['custom_metrics.function', 'estimators.name', 'checks.range.min']
    """
    plain = re.sub(r"\[\d*\]|\.\d+(?=\.|$)", "", path.strip().strip("."))
    return re.sub(rf"^steps\.[^.]+\.{_CHECKS}\.", f"{_CHECKS}.", plain)


def _inside(section: Schema, path: str, sections: Mapping[str, Schema]) -> Iterator[ConfigKey]:
    """The keys in a section, each followed by those in it."""
    properties = dict(section.get("properties", {}))
    if isinstance(named := section.get("additionalProperties"), dict):
        properties[_NAMED[path]] = named
    for name, value in properties.items():
        inner = _section_of(value, sections)
        own = f"{path}.{name}" if path else name
        yield _key(own, value, inner, required=name in section.get("required", ()))
        yield from _inside(inner or {}, own, sections)


def _section_of(value: Schema, sections: Mapping[str, Schema]) -> Schema | None:
    """The section that a value is, may be, or is a list or map of; None for plain values, and for lists of checks."""
    parts = [value, *value.get("anyOf", ()), value.get("items", {})]
    reference = next((part["$ref"] for part in parts if isinstance(part, dict) and "$ref" in part), None)
    if reference is not None:
        return sections[reference.rpartition("/")[2]]
    named = value.get("additionalProperties")
    return value if isinstance(named, dict) and "$ref" in named else None


def _key(path: str, value: Schema, inner: Schema | None, *, required: bool) -> ConfigKey:
    described = value.get("description") or (inner or {}).get("description", "")
    return ConfigKey(
        path=path,
        description=re.sub(r"^`[^`]+`: (\w)", lambda found: found[1].upper(), described) if inner else described,
        takes=words(value),
        allowed=tuple(_allowed(value)),
        required=required,
        default=value.get("default") if value.get("default") != [] else None,
        example=_example(path, value) if inner is None else None,
        page=_page(path),
        is_section=inner is not None,
        is_list=inner is not None and value.get("type") == "array",
    )


def _page(path: str) -> str:
    starts = [start for start in _PAGES if path == start or path.startswith(f"{start}.")]
    return _PAGES[max(starts, key=len)] if starts else "configuration.md"


# What a value may be


def words(schema: Schema) -> str:
    """What a value may be, in words.

    >>> words({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})
    'whole number from 1'
    >>> words({"type": "array", "items": {"type": "string"}})
    'list of texts'
    """
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(words(option) for option in schema["anyOf"] if option.get("type") != "null"))
    if "enum" in schema or "const" in schema:
        return " or ".join(as_yaml(value) for value in _allowed(schema))
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])}: {words(schema['prefixItems'][0])}"
    kind = schema.get("type", "object" if "$ref" in schema or "properties" in schema else None)
    if kind is None:
        return "a check" if "discriminator" in schema else "any value"
    if isinstance(kind, list):
        return " or ".join(words({**schema, "type": one}) for one in kind)
    bounds = [text.format(as_yaml(schema[name])) for name, text in _BOUNDS.items() if name in schema]
    return " ".join([_WORDS.get(kind, str(kind)), *_of_items(schema), *bounds])


def _of_items(schema: Schema) -> list[str]:
    if not schema.get("items"):
        return []
    items = words(schema["items"])
    return [f"of {_MANY.get(items, items)}"]


def as_yaml(value: Any) -> str:
    """A value as one line of YAML.

    >>> as_yaml([0.75, 0.125]), as_yaml(None), as_yaml("7 days"), as_yaml(",")
    ('[0.75, 0.125]', 'null', '7 days', "','")
    """
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6)
    return text.removesuffix("...\n").strip()


def as_yaml_lines(value: Any) -> list[str]:
    """A value as lines of YAML, its innermost lists and maps on one line each."""
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=None, sort_keys=False, allow_unicode=True, width=10**6)
    return text.splitlines()


def _allowed(schema: Schema) -> list[Any]:
    own = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return [*own, *(value for option in schema.get("anyOf", ()) for value in _allowed(option))]


def _example(path: str, schema: Schema) -> Any:
    """A value that a key may have: its default, the first of those that there are, or one that is given for it."""
    for found in (schema.get("default"), *_allowed(schema), example_of(path)):
        if found not in (None, "", {}):
            return found
    return True if words(schema) == _WORDS["boolean"] else None


def snippet(key: ConfigKey) -> dict[str, Any]:
    """A piece of configuration with a key in it, and with what the sections around it cannot be without.

    >>> snippet(all_keys()["steps.train.tuning.max_trials"])
    {'steps': {'train': {'tuning': {'enabled': True, 'max_trials': 30}}}}
    """
    inside = _needed(key) if key.is_section else key.example
    return _around(key, [inside] if key.is_list else inside)


def _needed(section: ConfigKey, *given: str) -> dict[str, Any]:
    """What a section cannot be without; of a check that has bounds, that is one of them."""
    inside = {key.name: key for key in all_keys().values() if key.parent == section.path}
    bounds = ["min"] if {"check", "min"} <= set(inside) and not {"min", "max", "above", "below"} & set(given) else []
    return {name: key.example for name, key in inside.items() if key.required or name in bounds}


def _around(key: ConfigKey, value: Any) -> dict[str, Any]:
    """A key's value in the sections that it is in."""
    if key.parent == _CHECKS:
        return {"steps": {"ingest": {_CHECKS: [value]}}}
    section = all_keys().get(key.parent)
    entry = {_STAND_INS.get(key.name, key.name): value}
    if section is None:
        return entry
    inside = {**_needed(section, key.name), **entry}
    return _around(section, [inside] if section.is_list else inside)

"""The configuration models as JSON Schema: for `docs`, for the reference pages, and for editors.

`model_schema` is what the models say. `published` makes of it what editors get, who see files before they are rendered:
every value may also be a Jinja expression, or nothing.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from mlflow_recipes.config.models import RecipeConfig
from mlflow_recipes.config.training import as_choices
from mlflow_recipes.config.values import as_tuple

DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors know best
RECIPE, PROFILE = "recipe", "profile"
_DEFS = "#/$defs/"
_JINJA = {
    "description": "A Jinja expression, such as {{ NAME }}.",
    # Quoted, it is a text. Unquoted, YAML reads {{ NAME }} as a map whose only key is a map.
    "anyOf": [
        {"type": "string", "pattern": r"\{\{|\{%"},
        {"type": "object", "patternProperties": {r"^\{": {}}, "additionalProperties": False, "minProperties": 1},
    ],
}
# Variables that profiles have for whole sections by custom; they may be anything else, too.
_VARIABLES = {"INGEST_CONFIG": "Ingest", "INGEST_SCORING_CONFIG": "IngestScoring"}
_BOUNDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
# Validator -> what it accepts besides the type of the field.
_SHORT: dict[str, dict[str, Any]] = {
    "as_pruning": {"enum": ["median", "halving"]},
    "_as_threshold": {"type": "number", "minimum": 0, "maximum": 1},
    "_as_text": {"type": "integer"},
}
_ABOUT = ("description", "default", "examples", "title")


class _Accepted(GenerateJsonSchema):
    """What a file may hold, where that is more than what it is read as."""

    def function_before_schema(self, schema: Any) -> dict[str, Any]:
        """The short form of a value, where one of our validators turns it into the long one."""
        read = super().function_before_schema(schema)
        name = schema["function"]["function"].__name__
        if name == as_choices.__name__:
            return {**read, "items": {"anyOf": [{"type": "string"}, read["items"]]}}
        short = read["items"] if name == as_tuple.__name__ else _SHORT.get(name)
        return {"anyOf": [short, *read.get("anyOf", [read])]} if short else read

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Never: a title made of the key's own name says nothing."""
        return False


def model_schema() -> dict[str, Any]:
    """What the models say of every key: types, bounds, allowed values, defaults, descriptions, examples."""
    schema: dict[str, Any] = _renamed(RecipeConfig.model_json_schema(schema_generator=_Accepted))
    del schema["properties"]["profile"]  # which profile it is stands in no file
    return schema


def _renamed(schema: Any) -> Any:
    """Bounds by the names that JSON Schema has for them; pydantic leaves its own behind a validator of ours."""
    if isinstance(schema, dict):
        return {_BOUNDS.get(name, name): _renamed(value) for name, value in schema.items()}
    return [_renamed(item) for item in schema] if isinstance(schema, list) else schema


def published(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of file, for editors.

    Args:
        kind: `recipe` for recipe.yaml, `profile` for the files in profiles/.
    """
    schema = model_schema()
    sections = {name: _section(section) for name, section in schema["$defs"].items()}
    properties = {name: _value(value) for name, value in schema["properties"].items()}
    head: dict[str, Any] = {"$schema": DIALECT, "type": "object"}
    if kind == RECIPE:
        head |= {"title": "recipe.yaml of MLflow Recipes", "required": ["recipe"]}
    else:
        head |= {"title": "A profile of MLflow Recipes: what recipe.yaml inserts, and what it is overridden by"}
        properties |= {name: {"anyOf": [{"$ref": _DEFS + section}, {}]} for name, section in _VARIABLES.items()}
    return {**head, "properties": properties, "$defs": {**sections, "Jinja": _JINJA}}


def _section(schema: dict[str, Any]) -> dict[str, Any]:
    """A section's schema; of keys that it does not know, only those of `steps` and of `predict` may be right."""
    closed = {} if schema["title"] in ("Steps", "Predict") else {"additionalProperties": False}
    inside: dict[str, Any] = {
        "properties": {name: _value(value) for name, value in schema.get("properties", {}).items()}
    }
    if "additionalProperties" in schema:
        inside["additionalProperties"] = _value(schema["additionalProperties"])
    return {**closed, **schema, **inside}


def _value(schema: dict[str, Any] | bool) -> dict[str, Any] | bool:
    """A value's schema, with Jinja and nothing among what it may be."""
    if isinstance(schema, bool) or not set(schema) - set(_ABOUT):
        return schema
    core = {name: value for name, value in schema.items() if name not in _ABOUT}
    if set(core) == {"anyOf"}:
        options = [_inner(option) for option in core["anyOf"] if option != {"type": "null"}]
    else:
        options = [_inner(core)]
    about = {name: schema[name] for name in _ABOUT if name in schema and schema[name] is not None}
    return {**about, "anyOf": [*options, {"type": "null"}, {"$ref": f"{_DEFS}Jinja"}]}


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with what is inside of lists and maps opened for Jinja, too."""
    opened = dict(schema)
    for name in ("items", "additionalProperties"):
        if name in opened:
            opened[name] = _value(opened[name])
    if "prefixItems" in opened:  # its name in draft 7, where it goes with a limit of its own
        opened["items"] = [_value(item) for item in opened.pop("prefixItems")]
    return opened

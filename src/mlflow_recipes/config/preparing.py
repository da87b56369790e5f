"""Steps of the user's own between ingest and split: any further section of `steps` that names a `function`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from mlflow_recipes.config.fields import Function, Profiled
from mlflow_recipes.graph import STEP_NAMES

FIRST, LAST = "ingest", "split"


class Preparation(Profiled):
    """`steps.<name>`: a step of the user's own that takes a DataFrame and gives one."""

    using: Literal["custom"] = Field("custom", description="`custom`, the only way.")
    function: Function = Field(description="Function in steps/<name>.py: takes a DataFrame, returns one.")
    after: str | None = Field(None, description="The step it comes after: `ingest`, or another one of yours.")
    before: str | None = Field(None, description="The step it comes before: `split`, or another one of yours.")
    params: dict[str, Any] = Field(default_factory=dict, description="Further arguments of the function, by name.")


class CycleError(ValueError):
    """Steps that are each to come before the other, or one before itself."""


def is_preparation(name: Any, section: Any) -> bool:
    """Whether an entry of `steps` is a step of the user's own, and not a key that is mistyped.

    >>> is_preparation("clean", {"using": "custom", "function": "clean"})
    True
    >>> is_preparation("tranform", {"using": "custom", "transformer_method": "transformer_fn"})
    False
    """
    own = isinstance(name, str) and name not in STEP_NAMES and isinstance(section, Mapping)
    return own and not {"function", "after", "before"}.isdisjoint(section)


def declared(steps: Any) -> dict[str, Mapping[Any, Any]]:
    """The sections of preparation steps among the values of `steps`, as they are written."""
    found = steps.items() if isinstance(steps, Mapping) else ()
    return {name: section for name, section in found if is_preparation(name, section)}


def in_order(edges: Mapping[str, tuple[str | None, str | None]]) -> tuple[str, ...]:
    """Steps in an order in which each comes after and before what it says, else as declared.

    Args:
        edges: Name -> (after, before), in the order of declaration; names of other steps do not matter.

    Raises:
        CycleError: There is no such order.

    >>> in_order({"flag": ("clean", None), "clean": ("ingest", None), "sort": (None, "clean")})
    ('sort', 'clean', 'flag')
    """
    waits: dict[str, set[str]] = {name: set() for name in edges}
    for name, (after, before) in edges.items():
        if name in (after, before):
            raise CycleError(name)
        if after in edges:
            waits[name].add(str(after))
        if before in edges:
            waits[str(before)].add(name)
    ordered: list[str] = []
    while len(ordered) < len(edges):
        ready = next((name for name in edges if name not in ordered and waits[name] <= set(ordered)), None)
        if ready is None:
            raise CycleError(", ".join(name for name in edges if name not in ordered))
        ordered.append(ready)
    return tuple(ordered)


def order_of(steps: Any) -> tuple[str, ...]:
    """The names of preparation steps in their order, from the values of `steps` as they are written.

    An order that is not possible is reported by the rules; then it is that of declaration.
    """
    sections = declared(steps)
    try:
        return in_order({name: _edges(section) for name, section in sections.items()})
    except CycleError:
        return tuple(sections)


def _edges(section: Mapping[Any, Any]) -> tuple[str | None, str | None]:
    after, before = (value if isinstance(value := section.get(key), str) else None for key in ("after", "before"))
    return after, before

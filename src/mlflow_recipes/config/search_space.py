"""A search space as YAML says it, and how what a search algorithm draws becomes parameters of an estimator.

A parameter is either `{values: [...]}` or `{distribution: NAME, ...}`. An entry of `values` may hold parameters itself:
a map in which some value is a parameter is that map with a value drawn for it, and `{value: V, parameters: {...}}`
stands for V and draws the parameters besides, only where V is drawn.

What is drawn maps the label of each parameter that was drawn to its raw value, for a choice the number of the entry.
The labels are those that MLflow Recipes 2.22 gave hyperopt, so one seed draws the same values.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Drawn = Mapping[str, float]

_INTEGERS = ("randint", "uniformint")
LARGEST_EXPONENT = 700.0  # beyond it, exp() overflows
_ROUNDING = 1e-9
# hyperopt's own search algorithms
ALGORITHMS = ("hyperopt.rand.suggest", "hyperopt.tpe.suggest", "hyperopt.anneal.suggest", "hyperopt.atpe.suggest")
ESTIMATOR = "estimator"  # the parameter that chooses among several estimators


def is_parameter(spec: Any) -> bool:
    """Whether a value of a map says how to draw it."""
    return isinstance(spec, dict) and ("distribution" in spec or set(spec) == {"values"})


def is_conditional(entry: Any) -> bool:
    """Whether an entry of `values` brings parameters of its own besides its value."""
    return isinstance(entry, dict) and set(entry) == {"value", "parameters"} and isinstance(entry["parameters"], dict)


@dataclass(frozen=True)
class SearchSpace:
    """The parameters of `steps.train.tuning.parameters`, in their order in the file."""

    parameters: Mapping[str, Any]

    @classmethod
    def over_estimators(cls, choices: Mapping[str, Mapping[str, Any]]) -> SearchSpace:
        """One space over several estimators, each with parameters of its own, by their names."""
        entries = [{"value": name, "parameters": dict(parameters)} for name, parameters in choices.items()]
        return cls({ESTIMATOR: {"values": entries}})

    def decode(self, drawn: Drawn) -> dict[str, Any]:
        """The parameters that were drawn; whole numbers are ints."""
        found: dict[str, Any] = {}
        for name, spec in self.parameters.items():
            found |= _decoded(name, spec, name, drawn)
        return found

    def encode(self, point: Mapping[str, Any]) -> dict[str, float]:
        """What hyperopt would have drawn for these parameters.

        Raises:
            ConfigError: A parameter is missing, unknown, or has a value that is none of its choices.
        """
        drawn: dict[str, float] = {}
        used: set[str] = set()
        for name, spec in self.parameters.items():
            drawn |= _encoded(name, spec, (name, point, used))
        if unknown := [name for name in point if name not in used]:
            raise ConfigError(f"'{unknown[0]}' is not a parameter of the search space here.")
        return drawn


# The parts of one parameter


def options_of(spec: Mapping[str, Any]) -> list[Any] | None:
    """The entries of a choice; None for another distribution."""
    if "values" in spec:
        return list(spec["values"])
    if spec["distribution"] == "choice":
        return list(spec["options"])
    return [value for _, value in spec["p_options"]] if spec["distribution"] == "pchoice" else None


def inside(entry: Any, label: str) -> Iterator[tuple[str, str, Any]]:
    """The parameters inside an entry of a choice: name, label, spec."""
    nested = entry["parameters"] if is_conditional(entry) else entry
    if isinstance(nested, dict):
        for name, spec in nested.items():
            if is_conditional(entry) or is_parameter(spec):
                yield name, f"{label}.{name}", spec


def _decoded(name: str, spec: Mapping[str, Any], label: str, drawn: Drawn) -> dict[str, Any]:
    """A drawn parameter, and those that came with the entry that was drawn."""
    options = options_of(spec)
    if options is None:
        return {name: _typed(spec, drawn[label])}
    index = int(drawn[label])
    entry = options[index]
    inner: dict[str, Any] = {}
    for inner_name, inner_label, inner_spec in inside(entry, f"{label}.{index}"):
        inner |= _decoded(inner_name, inner_spec, inner_label, drawn)
    if is_conditional(entry):
        return {name: entry["value"], **inner}
    return {name: {**entry, **inner} if inner else entry}


def _typed(spec: Mapping[str, Any], value: float) -> float | int:
    """An int where every value of the distribution is whole."""
    return int(value) if _is_whole(spec) else float(value)


def _is_whole(spec: Mapping[str, Any]) -> bool:
    return spec["distribution"] in _INTEGERS or ("q" in spec and float(spec["q"]).is_integer())


def _bounds(spec: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the largest number that a distribution draws; TPE fails at observations outside of them."""
    name = spec["distribution"]
    if name == "randint":
        upper = spec.get("high", spec.get("upper", spec.get("low")))
        return (spec["low"] if "high" in spec else 0), upper - 1
    low, high = spec.get("low", -math.inf), spec.get("high", math.inf)
    if "log" in name:
        low, high = math.exp(low) if low > -math.inf else sys.float_info.min, math.exp(min(high, LARGEST_EXPONENT))
        low, high = low * (1 - _ROUNDING), high * (1 + _ROUNDING)
    half = spec.get("q", 0) / 2  # a bound is rounded to a multiple of q
    return low - half, high + half


def _encoded(name: str, spec: Mapping[str, Any], at: tuple[str, Mapping[str, Any], set[str]]) -> dict[str, float]:
    label, point, used = at
    if name not in point:
        raise ConfigError(f"'{name}' is missing.", hint="A point gives a value for every parameter.")
    used.add(name)
    value, options = point[name], options_of(spec)
    if options is None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"'{name}' is {value!r}; expected a number.")
        if _is_whole(spec) and value % 1:
            raise ConfigError(f"'{name}' is {value!r}; expected a whole number.")
        low, high = _bounds(spec)
        if not low <= value <= high:
            raise ConfigError(f"'{name}' is {value!r}; expected a number from {low:g} to {high:g}.")
        return {label: value}
    for index, entry in enumerate(options):
        drawn = _encoded_entry(entry, value, (f"{label}.{index}", point, used))
        if drawn is not None:
            return {label: index, **drawn}
    raise ConfigError(f"'{name}' is {value!r}, which is none of its values: {_listed(options)}.")


def _encoded_entry(entry: Any, value: Any, at: tuple[str, Mapping[str, Any], set[str]]) -> dict[str, float] | None:
    """What is drawn inside an entry so that it becomes `value`; None when it never does."""
    label, point, used = at
    if is_conditional(entry):
        if not _same(entry["value"], value):
            return None
        parts = [_encoded(name, spec, (inner, point, used)) for name, inner, spec in inside(entry, label)]
        return {key: number for part in parts for key, number in part.items()}
    nested = list(inside(entry, label))
    if not nested:
        return {} if _same(entry, value) else None
    drawn_names = {name for name, _, _ in nested}
    if not isinstance(value, dict) or set(value) != set(entry):
        return None
    if any(not _same(entry[name], value[name]) for name in entry if name not in drawn_names):
        return None
    parts = [_encoded(name, spec, (inner, value, set())) for name, inner, spec in nested]
    return {key: number for part in parts for key, number in part.items()}


def _same(one: Any, other: Any) -> bool:
    """Equal, with true and 1 kept apart."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _listed(options: Sequence[Any]) -> str:
    shown = [repr(entry["value"] if is_conditional(entry) else entry) for entry in options]
    return ", ".join(shown[:10])

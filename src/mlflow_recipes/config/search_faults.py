"""What can be wrong with a search space in YAML, found without hyperopt."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.search_space import LARGEST_EXPONENT, is_conditional, is_parameter
from mlflow_recipes.config.source import key_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow_recipes.config.source import KeyPath

    # Path below `parameters`, message, hint
    Found = tuple[KeyPath, str, str | None]

_RANGE = ("low", "high")
_BELL = ("mu", "sigma")
# Distribution -> arguments that it needs, and those that it may have (hyperopt.hp).
DISTRIBUTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "uniform": (_RANGE, ()),
    "quniform": ((*_RANGE, "q"), ()),
    "uniformint": (_RANGE, ()),
    "loguniform": (_RANGE, ()),
    "qloguniform": ((*_RANGE, "q"), ()),
    "normal": (_BELL, ()),
    "qnormal": ((*_BELL, "q"), ()),
    "lognormal": (_BELL, ()),
    "qlognormal": ((*_BELL, "q"), ()),
    "randint": (("low",), ("high",)),  # `randint` with one argument draws below it; `upper` is hyperopt's old name
    "choice": (("options",), ()),
    "pchoice": (("p_options",), ()),
}


def find_faults(parameters: Mapping[Any, Any], path: KeyPath = ()) -> Iterator[Found]:
    """Everything wrong with a search space, without hyperopt."""
    for name, spec in parameters.items():
        where = (*path, name)
        if not isinstance(name, str):
            yield where, f"{key_text(name)} is not the name of a parameter", "Quote it."
        elif not isinstance(spec, dict) or not ("values" in spec or "distribution" in spec):
            hint = "Write `values: [...]`, or `distribution: uniform` with its arguments."
            yield where, "expected `values` or a `distribution`", hint
        elif "values" in spec:
            yield from _choice(spec, where, "values")
        else:
            yield from _distribution(spec, where)


def _choice(spec: Mapping[str, Any], path: KeyPath, key: str) -> Iterator[Found]:
    options = spec[key]
    if not isinstance(options, list) or not options:
        yield (*path, key), "expected a list with at least one value", None
        return
    if extra := [name for name in spec if name not in ("values", "distribution", key)]:
        yield (*path, extra[0]), f"{key_text(extra[0])} has no meaning beside `{key}`", None
    for index, entry in enumerate(options):
        yield from _nested(entry, (*path, key, index))


def _nested(entry: Any, path: KeyPath) -> Iterator[Found]:
    """Faults of the parameters inside an entry of a choice."""
    if is_conditional(entry):
        yield from find_faults(entry["parameters"], (*path, "parameters"))
    elif isinstance(entry, dict):
        for name, value in entry.items():
            if is_parameter(value):
                yield from find_faults({name: value}, path)


def _distribution(spec: Mapping[str, Any], path: KeyPath) -> Iterator[Found]:
    name = spec["distribution"]
    if name not in DISTRIBUTIONS:
        near = difflib.get_close_matches(str(name), DISTRIBUTIONS, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(DISTRIBUTIONS)}."
        yield (*path, "distribution"), f"hyperopt has no distribution '{name}'", hint
        return
    needed, optional = DISTRIBUTIONS[name]
    given = [argument for argument in spec if argument != "distribution"]
    if name == "randint" and "upper" in given:
        needed, optional = ("upper",), ()
    yield from _wrong_arguments(name, (given, needed, optional), path)
    if name in ("choice", "pchoice"):
        yield from _options(spec, name, path)
        return
    wrong = [argument for argument in given if not _is_number(spec[argument])]
    for argument in wrong:
        yield (*path, argument), f"expected a number; found {spec[argument]!r}", None
    if not wrong:
        yield from _wrong_numbers(spec, name, path)


def _wrong_arguments(
    name: str, arguments: tuple[Sequence[str], Sequence[str], Sequence[str]], path: KeyPath
) -> Iterator[Found]:
    given, needed, optional = arguments
    takes = f"`{name}` takes {', '.join((*needed, *optional))}."
    for argument in needed:
        if argument not in given:
            yield path, f"`{name}` needs `{argument}`", takes
    for argument in given:
        if argument not in (*needed, *optional):
            yield (*path, argument), f"`{name}` has no argument '{key_text(argument)}'", takes


def _options(spec: Mapping[str, Any], name: str, path: KeyPath) -> Iterator[Found]:
    if name == "choice":
        if "options" in spec:
            yield from _choice(spec, path, "options")
        return
    pairs = spec.get("p_options")
    if not isinstance(pairs, list) or not pairs or not all(_is_weighted(pair) for pair in pairs):
        yield (*path, "p_options"), "expected a list of [probability, value] pairs", None
    elif abs(sum(pair[0] for pair in pairs) - 1) > 1e-6:
        yield (*path, "p_options"), "the probabilities do not add up to 1", None


def _is_weighted(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and _is_number(pair[0]) and pair[0] >= 0


def _wrong_numbers(spec: Mapping[str, Any], name: str, path: KeyPath) -> Iterator[Found]:
    low, high = spec.get("low"), spec.get("high")
    if low is not None and high is not None and not low < high:
        yield (*path, "low"), f"low ({low}) is not smaller than high ({high})", None
    elif name.endswith("loguniform") and high is not None and high > LARGEST_EXPONENT:
        hint = "`loguniform` draws exp(x) for x between low and high: give the logarithms of the bounds."
        yield (*path, "high"), f"exp({high}) is too large for a number", hint
    for argument in ("q", "sigma", "upper"):
        if argument in spec and not spec[argument] > 0:
            yield (*path, argument), f"expected a number above 0; found {spec[argument]}", None
    if name == "randint":
        for argument in ("low", "high", "upper"):
            if argument in spec and spec[argument] != int(spec[argument]):
                yield (*path, argument), f"expected a whole number; found {spec[argument]}", None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

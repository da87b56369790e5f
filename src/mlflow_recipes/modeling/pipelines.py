"""What transformers and estimators are made of, and which part made which feature, as plain JSON data.

It is for people to read: what cannot be told of a transformer of the user's is left out, and nothing is raised.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mlflow_recipes.secrets import mask, masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_FEATURES = 500
_MOST_COLUMNS = 8
_MOST_PARTS = 100
_LONGEST = 80
_UNSAID = {"feature_names_out"}
_PASSED_ON = "passed on as it is"


def outline(transformer: Any, columns: Sequence[str]) -> dict[str, Any]:
    """A transformer or estimator and its parts: {"name", "text", "parts"}, where parts are of the same form.

    Args:
        transformer: Fitted or not.
        columns: What it takes.
    """
    try:
        return _outlined("", transformer, list(map(str, columns)))
    except Exception:  # noqa: BLE001 - classes of the user's may have these names and be otherwise
        return {"name": type(transformer).__name__, "text": "", "parts": []}


def origins(transformer: Any, columns: Sequence[str], features: Sequence[str]) -> list[list[str]]:
    """Which part of a transformer made each feature, and from which columns.

    Args:
        transformer: Fitted.
        columns: What it took.
        features: What it gave.

    Returns:
        [feature, what made it, columns] for at most 500 features; the last two are empty where that is not known.
    """
    try:
        made = _made(transformer, list(map(str, columns)), features)
    except Exception:  # noqa: BLE001 - as above
        made = {}
    return [[name, *made.get(name, ["", ""])] for name in features[:_MOST_FEATURES]]


def _made(transformer: Any, columns: Sequence[str], features: Sequence[str]) -> dict[str, list[str]]:
    """By the branches of the last ColumnTransformer, where it gave as many features; else by the last part."""
    steps = _steps(transformer)
    for _, part in steps:
        if type(part).__name__ == "ColumnTransformer" and _gave(part, len(features)):
            return dict(_by_branch(part, columns, features))
    name, part = steps[0]
    return {feature: _by_part(feature, name, part, columns) for feature in features[:_MOST_FEATURES]}


# Parts


def _outlined(name: str, part: Any, columns: Sequence[str]) -> dict[str, Any]:
    kind = type(part).__name__
    if kind == "ColumnTransformer":
        found = getattr(part, "transformers_", None) or part.transformers
        parts = [_branch(branch, inner, _names(chosen, columns)) for branch, inner, chosen in found]
    elif kind in ("Pipeline", "FeatureUnion"):
        inside = part.steps if kind == "Pipeline" else part.transformer_list
        parts = [_outlined(step, inner, columns) for step, inner in inside]
    elif inside := _wrapped(part):
        parts = [_outlined(inner_name, inner, columns) for inner_name, inner in inside]
    else:
        return {"name": name or kind, "text": _said(part) if name else _params(part), "parts": []}
    return {"name": name or kind, "text": kind if name else "", "parts": parts[:_MOST_PARTS]}


def _wrapped(part: Any) -> list[tuple[str, Any]]:
    """The estimators among the parameters of one that wraps others, such as a TransformedTargetRegressor."""
    if isinstance(part, str | type) or not hasattr(part, "get_params"):
        return []
    return [(str(name), value) for name, value in part.get_params(deep=False).items() if hasattr(value, "get_params")]


def _branch(name: str, part: Any, columns: Sequence[str]) -> dict[str, Any]:
    """A branch of a ColumnTransformer, with its columns before what becomes of them."""
    found = _outlined(name, part, columns)
    return {**found, "text": f"{_listed(columns)} \u2192 {found['text']}" if columns else found["text"]}


def _said(part: Any) -> str:
    """A part without parts: its class and parameters."""
    kind = type(part).__name__
    if part == "drop":
        return "left out"
    if part == "passthrough" or (kind == "FunctionTransformer" and part.func is None):
        return _PASSED_ON
    params = _params(part)
    return f"{kind}({params})" if params else kind


def _params(part: Any) -> str:
    """The parameters that are not as they are by default; none of what does not tell its own."""
    try:
        usual = {name: each.default for name, each in inspect.signature(type(part)).parameters.items()}
        given = {str(name): value for name, value in part.get_params(deep=False).items() if name not in _UNSAID}
        other = {name: _plain(value) for name, value in given.items() if not _same(value, usual.get(name))}
    except Exception:  # noqa: BLE001 - a transformer of the user's may raise anything
        return ""
    return mask(", ".join(f"{name}={value}" for name, value in masked(other).items()))


def _plain(value: Any) -> Any:
    """A parameter as it is shown: numbers as they are, functions by their name, other things in Python's words."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value.__name__) if callable(value) and hasattr(value, "__name__") else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _same(value: Any, usual: Any) -> bool:
    return value is usual or (type(value) is type(usual) and repr(value) == repr(usual))


def _names(chosen: Any, columns: Sequence[str]) -> list[str]:
    """The columns that a branch takes: named, numbered, masked or cut out; none where a function chooses them."""
    if callable(chosen):
        return []
    if isinstance(chosen, str | int):
        chosen = [chosen]
    if isinstance(chosen, slice):
        ends = [columns.index(end) if isinstance(end, str) else end for end in (chosen.start, chosen.stop)]
        last = ends[1] + 1 if isinstance(chosen.stop, str) and ends[1] is not None else ends[1]
        return list(columns[ends[0] : last])
    picked = list(chosen)
    if picked and all(type(each).__name__.startswith("bool") for each in picked):
        return [name for name, taken in zip(columns, picked, strict=False) if taken]
    return [each if isinstance(each, str) else columns[int(each)] for each in picked]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_COLUMNS
    return ", ".join(names[:_MOST_COLUMNS]) + (f" and {more:,} more" if more > 0 else "")


# Features


def _steps(transformer: Any) -> list[tuple[str, Any]]:
    """The parts that rows go through, the last one first; what has no parts is one."""
    if type(transformer).__name__ != "Pipeline":
        return [("", transformer)]
    return [(name, part) for name, part in reversed(transformer.steps) if part not in (None, "passthrough")]


def _by_part(feature: str, step: str, part: Any, columns: Sequence[str]) -> list[str]:
    """What a part without branches says of a feature; that of a union is called after its own part."""
    inner, divided, own = feature.partition("__")
    if divided and inner in dict(getattr(part, "transformer_list", ())):
        return [f"{inner}: {_short(dict(part.transformer_list)[inner])}", _from(own, columns)]
    return [f"{step}: {_short(part)}" if step else _short(part), _from(feature, columns)]


def _gave(part: Any, features: int) -> bool:
    places = getattr(part, "output_indices_", None)
    return places is not None and sum(place.stop - place.start for place in places.values()) == features


def _by_branch(part: Any, columns: Sequence[str], features: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for name, inner, chosen in part.transformers_:
        place = part.output_indices_.get(name, slice(0, 0))
        taken = _names(chosen, columns)
        for feature in features[place.start : min(place.stop, _MOST_FEATURES)]:
            own = feature.removeprefix(f"{name}__")
            yield feature, [f"{name}: {_short(inner)}", _from(own, taken) or _listed(taken)]


def _short(part: Any) -> str:
    """A part in a few words: the function of a FunctionTransformer, the steps of a pipeline, else the class."""
    if type(part).__name__ == "Pipeline":
        return ", ".join(_short(inner) for _, inner in part.steps)
    if called := getattr(getattr(part, "func", None), "__name__", None):
        return str(called)
    return _PASSED_ON if _said(part) == _PASSED_ON else str(getattr(type(part), "__name__", part))


def _from(feature: str, columns: Sequence[str]) -> str:
    """The column that a feature is called after, such as `zone` of `zone_5`; empty without one."""
    if feature in columns:
        return feature
    return max((name for name in columns if feature.startswith(f"{name}_")), key=len, default="")

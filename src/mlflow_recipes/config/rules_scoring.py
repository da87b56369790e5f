"""Rules of the section `steps.predict`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlflow_recipes.config.problems import near, problem
from mlflow_recipes.config.scoring import FORMATS, INTERVALS, RESULT_TYPES, SAVE_MODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.config.scoring import Output
    from mlflow_recipes.config.source import ConfigSource, KeyPath
    from mlflow_recipes.errors import Problem

_PATH = ("steps", "predict")
_LOCAL = ("parquet", "csv")
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # a single letter is a drive of Windows
# Keys that only some formats have -> those.
_ONLY_OF = {"partition_by": ("parquet", "delta"), "merge_on": ("delta",), "connection_env": ("sql",)}


def check_predict(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    """What is missing to score, and what does not go together."""
    predict = config.steps.predict
    yield from _model(config, source)
    yield from _known(source, "save_mode", predict.save_mode, SAVE_MODES)
    if predict.result_type is not None:
        yield from _known(source, "result_type", predict.result_type, tuple(RESULT_TYPES))
    if predict.intervals is not None and predict.intervals not in INTERVALS:
        message = f"steps.predict.intervals: there are 0.5, 0.9 and 0.99; found {predict.intervals:g}."
        yield problem(source, (*_PATH, "intervals"), message)
    own = config.steps.preparations
    for name in predict.prepare or ():
        if name not in own:
            message = f"steps.predict.prepare: there is no step of your own called '{name}'."
            yield problem(source, (*_PATH, "prepare"), message, near(name, tuple(own)))
    yield from _output(predict.output, predict.save_mode, source)
    if predict.engine == "local" and predict.output.using == "table":
        message = "steps.predict.output.using: a `table` of a metastore is written by Spark alone."
        yield problem(source, _at(source, "using"), message, "Set `steps.predict.engine: spark`, or write `delta`.")


def _model(config: RecipeConfig, source: ConfigSource) -> Iterator[Problem]:
    predict = config.steps.predict
    if predict.model_uri is None and config.model_name is None:
        message = (
            "No model specified for batch scoring: there is neither `steps.predict.model_uri` nor "
            "`model_registry.model_name`."
        )
        yield problem(source, _PATH, message, "Name the registered model in the profile, or give `model_uri`.")
    if predict.model_uri is not None and ":/" not in predict.model_uri and not predict.model_uri.startswith(("/", ".")):
        message = (
            f"steps.predict.model_uri: '{predict.model_uri}' is no URI, such as `models:/NAME/3` or `runs:/ID/model`."
        )
        yield problem(
            source, (*_PATH, "model_uri"), message, "A version or alias alone goes into `steps.predict.model`."
        )


def _known(source: ConfigSource, key: str, value: str, known: Sequence[str]) -> Iterator[Problem]:
    if value not in known:
        message = f"steps.predict.{key}: there is no '{value}'. There are: {', '.join(known)}."
        yield problem(source, (*_PATH, key), message, near(value, known))


def _output(output: Output, save_mode: str, source: ConfigSource) -> Iterator[Problem]:
    for key in ("using", "location"):
        if not getattr(output, key):
            message = (
                f"steps.predict.output.{key}: the `{key}` configuration key must be specified for the predict step."
            )
            hint = f"It is one of {', '.join(FORMATS)}." if key == "using" else "Name a file, a folder or a table."
            yield problem(source, (*_PATH, "output"), message, hint)
    if not output.using:
        return
    if output.using not in FORMATS:
        message = f"Invalid `using` in predict step configuration: '{output.using}'. There are: {', '.join(FORMATS)}."
        yield problem(source, _at(source, "using"), message, near(output.using, FORMATS))
        return
    for key, formats in _ONLY_OF.items():
        if getattr(output, key) and output.using not in formats:
            message = f"steps.predict.output.{key} goes with `using: {'` or `'.join(formats)}` alone."
            yield problem(source, _at(source, key), message, "Remove it.")
    if output.using in _LOCAL and output.location and _ELSEWHERE.match(output.location):
        message = f"steps.predict.output.location: {output.using} is written to disks of this machine alone."
        yield problem(
            source, _at(source, "location"), message, "Name a path, or write `delta`, which knows object stores."
        )
    if (*_PATH, "output", "save_mode") in source.positions:
        message = "steps.predict.output.save_mode: `save_mode` stands beside `output`, as `steps.predict.save_mode`."
        yield problem(source, (*_PATH, "output", "save_mode"), message, "Move it there.")
    if output.using == "sql" and output.connection_env is None:
        hint = "Name the environment variable that holds the database's SQLAlchemy URL, such as `DATABASE_URL`."
        yield problem(source, (*_PATH, "output"), "steps.predict.output.connection_env is missing.", hint)
    if (save_mode == "merge") != bool(output.merge_on):
        message = "steps.predict: `save_mode: merge` and `output.merge_on` go together."
        yield problem(source, (*_PATH, "save_mode"), message, "Name the key columns, or remove one of them.")


def _at(source: ConfigSource, key: str) -> KeyPath:
    """Where a key of the output is written: in `output`, or directly under `predict`."""
    inside = (*_PATH, "output", key)
    return inside if inside in source.positions else (*_PATH, key)

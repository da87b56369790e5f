"""Which model data is scored by, and whether what is remembered of a scoring still holds. Standard library only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.config.scoring import Predict
    from mlflow_recipes.records import StepRecord

# Names in `StepRecord.effects` of the predict step.
REFERENCE = "scored_by"  # the URI of a model that can become another one: the newest version, or that of an alias
VERSION = "scored_version"  # which it was
MARK = "scored_mark"  # stands for data, configuration, code and model; unfinished scorings are kept under it
OUTPUT = "scored_output"  # a file or folder that was written, relative to the recipe root where it lies below

LATEST = "latest"
_MOVING = re.compile(r"models:/+(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/latest)", re.IGNORECASE)
_FIXED = re.compile(r"models:/+(?P<name>[^/@]+)/(?P<version>\d{1,9})")
_VERSION = re.compile(r"[vV]?(\d{1,9})")


def reference(predict: Predict, model_name: str | None, registered: tuple[str, str] | None) -> str:
    """The URI of the model that data is scored by.

    An explicit `model_uri` wins, then `model`, then the version that the register step gave last, then the newest.

    Args:
        predict: `steps.predict`.
        model_name: The recipe's registered model.
        registered: Name and version of what the register step gave last under the profile.
    """
    if predict.model_uri is not None:
        return predict.model_uri
    if predict.model is not None:
        return named(str(model_name), predict.model)
    if registered is not None and registered[0] == model_name:
        return f"models:/{model_name}/{registered[1]}"
    return f"models:/{model_name}/{LATEST}"


def named(name: str, which: str) -> str:
    """The URI of a version, by its number, or by an alias, of a registered model.

    >>> [named("taxi", which) for which in ("3", "v3", "champion", "latest")]
    ['models:/taxi/3', 'models:/taxi/3', 'models:/taxi@champion', 'models:/taxi/latest']
    """
    number = _VERSION.fullmatch(which)
    if number:
        return f"models:/{name}/{number[1]}"
    return f"models:/{name}/{LATEST}" if which == LATEST else f"models:/{name}@{which}"


def moving(uri: str) -> tuple[str, str | None] | None:
    """Registered model and alias, None for the newest, of a URI that can come to mean another version.

    >>> moving("models:/taxi@champion"), moving("models:/taxi/latest"), moving("models:/taxi/3")
    (('taxi', 'champion'), ('taxi', None), None)
    """
    found = _MOVING.fullmatch(uri)
    return (found["name"], found["alias"]) if found else None


def fixed(uri: str) -> tuple[str, str] | None:
    """Registered model and version of a URI that names both.

    >>> fixed("models:/taxi/3"), fixed("runs:/0a1b/train/model")
    (('taxi', '3'), None)
    """
    found = _FIXED.fullmatch(uri)
    return (found["name"], found["version"]) if found else None


def other_model(record: StepRecord, now: str | None) -> str | None:
    """Why a scoring was made by another model than it would be now; None where it was not.

    Args:
        record: What is remembered of the predict step.
        now: The version that its URI stands for now; None where there is none, or it cannot be told.
    """
    before = record.effects.get(VERSION)
    if now is None or now == before:
        return None
    return f"{record.effects[REFERENCE]} is version {now} now, it was version {before} when this was scored"


def lost_output(root: Path, record: StepRecord) -> str | None:
    """Why what was written is not there any more; None where it is, or was no file.

    Args:
        root: The recipe root.
        record: What is remembered of the predict step.
    """
    place = record.effects.get(OUTPUT)
    if place is None or (root / place).exists():
        return None
    return f"its output {place} is not there any more"

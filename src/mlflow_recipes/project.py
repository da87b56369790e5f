"""A recipe under one profile: where it is, its configuration, its store, and what planning must know of it.

Reads, never writes; imports neither mlflow nor pandas, so `plan`, `why` and `status` are quick.
"""

from __future__ import annotations

import importlib.metadata
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.checks.identity import checks_digest, declared_checks
from mlflow_recipes.code_closure import code_files, imported_modules
from mlflow_recipes.config.models import RecipeConfig, graph_of, parse, step_options
from mlflow_recipes.config.rules_train import search_space
from mlflow_recipes.config.source import ConfigSource, load_source
from mlflow_recipes.fingerprint import (
    FileDigests,
    code_parts,
    library_parts,
    option_parts,
    value_digest,
)
from mlflow_recipes.plan import Decision, Known, make_plan
from mlflow_recipes.records import Key, Part
from mlflow_recipes.scored import reference
from mlflow_recipes.secrets import mask
from mlflow_recipes.sources import Sources, source_parts
from mlflow_recipes.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflow_recipes.graph import Graph, StepSpec
    from mlflow_recipes.records import StepRecord

DIGESTS_MEMO = "digests"


@dataclass(frozen=True)
class Project:
    """A recipe under one profile.

    Attributes:
        root: The recipe root, absolute.
        profile: The profile's name.
        source: The configuration as it was read.
        overrides: What of it was given with `--set`.
    """

    root: Path
    profile: str
    source: ConfigSource = field(repr=False)
    overrides: Sequence[str] = field(default=(), repr=False)

    @classmethod
    def load(cls, profile: str, *, root: Path | None = None, overrides: Sequence[str] = ()) -> Project:
        """Read the recipe that `root`, or the working directory, lies in.

        Raises:
            ConfigError: No recipe, no such profile, or a file that cannot be read.
        """
        found = layout.find_root(root)
        return cls(found, profile, load_source(found, profile, overrides), tuple(overrides))

    @property
    def name(self) -> str:
        """The recipe's name: that of its folder."""
        return self.root.name

    @cached_property
    def graph(self) -> Graph:
        """Its steps, the user's own among them."""
        return graph_of(self.source)

    @cached_property
    def store(self) -> Store:
        """Where results are kept: MLFLOW_RECIPES_EXECUTION_DIRECTORY, else metadata/recipes in the recipe."""
        wanted = os.environ.get(layout.EXECUTION_DIRECTORY_VARIABLE)
        return Store(Path(wanted).absolute() if wanted else self.root / layout.DEFAULT_EXECUTION_FOLDER)

    def record(self, step: str) -> StepRecord | None:
        """The result of a step that is current under the profile; None where there is none."""
        key = self.store.state(self.profile)["steps"].get(step, {}).get("key")
        return self.store.record(step, key) if key else None

    @property
    def registered(self) -> tuple[str, str] | None:
        """Name and version of the model that the register step gave last under the profile."""
        record = self.record("register")
        return (record.effects["model_name"], record.effects["model_version"]) if record else None

    @property
    def units(self) -> dict[str, str]:
        """Units of columns and metrics, as far as they are written as they should be."""
        given = self.source.values.get("units")
        named = given.items() if isinstance(given, dict) else ()
        return {str(name): unit for name, unit in named if isinstance(unit, str)}

    def config(self, sequence: Sequence[StepSpec]) -> RecipeConfig:
        """The effective configuration, checked for the steps of `sequence`.

        Raises:
            ConfigError: With every problem found.
        """
        return parse(self.source, [spec.name for spec in sequence])


@dataclass(frozen=True)
class Survey:
    """What planning knows of each step of a sequence, and the file digests that were needed for it."""

    known: dict[str, Known]
    digests: FileDigests

    def plan(
        self,
        sequence: Sequence[StepSpec],
        only: Sequence[str] = (),
        lost: Callable[[StepRecord], str | None] | None = None,
    ) -> list[Decision]:
        """Decide every step as far as that is possible before anything ran.

        Args:
            sequence: The steps, the target last.
            only: Steps outside of which nothing may run; empty for no such limit.
            lost: Says why what a record left in MLflow cannot be relied on any more; None does not ask.

        Raises:
            RecipeError: With `only`, the steps outside of it have no results that fit together.
        """
        known = dict(self.known)
        for position, spec in enumerate(sequence):
            if lost is None or not spec.effects:
                continue
            decision = make_plan(sequence[: position + 1], known)[-1]
            asked = known[spec.name].usable if only and spec.name not in only else [decision.record]
            for record in asked:
                if record is not None and (why := lost(record)):
                    known[spec.name] = known[spec.name].without(record, why)
        return make_plan(sequence, known, only)


def survey(
    project: Project,
    config: RecipeConfig,
    sequence: Sequence[StepSpec],
    *,
    named: str | None = None,
) -> Survey:
    """Gather keys and records of every step of a sequence, the profile's current record first.

    Args:
        project: The recipe.
        config: Its effective configuration.
        sequence: The steps, the target last.
        named: The step that was asked for by name, if one was.
    """
    digests = FileDigests(project.store.read_memo(DIGESTS_MEMO))
    names = [spec.name for spec in project.graph.steps]
    current = project.store.state(project.profile)["steps"]
    known = {}
    for spec in sequence:
        in_use = current.get(spec.name, {}).get("key")
        remembered = project.store.records(spec.name)
        records = [record for record in remembered if record.key.digest == in_use]
        records += [record for record in remembered if record.key.digest != in_use]
        damaged = [r for r in records if not project.store.intact(r, digest_of=digests.digest)]
        lost = {r.key.digest: "a file of its remembered result is gone or damaged" for r in damaged}
        forced = "it was asked for by name" if spec.always_when_named and spec.name == named else None
        declared = declared_checks(config.steps, spec.name)
        checks = checks_digest(project.root, spec.name, declared, names, digests)
        key = local_key(project.root, config, spec, digests)
        if spec.name == "predict":
            wanted = reference(config.steps.predict, config.model_name, project.registered)
            key = Key(key.step, (Part("model", value_digest(wanted), mask(wanted)), *key.parts))
        known[spec.name] = Known(key, records, lost, forced, checks)
    return Survey(known, digests)


def local_key(root: Path, config: RecipeConfig, spec: StepSpec, digests: FileDigests) -> Key:
    """The parts of a step's key that are known before anything ran: config, code, sources, libraries."""
    entries = user_files(config, spec)
    parts = [*option_parts(step_options(config, spec.name)), *code_parts(root, entries)]
    if spec.name == "train":
        parts += _environment_parts(config)
    if spec.reads_sources:
        section = config.steps.ingest_scoring if spec.name == "ingest_scoring" else config.steps.ingest
        parts += source_parts(root, Sources.of(section), digests)
    files = {file for entry in entries for file in code_files(root, entry)}
    imported = {name for file in sorted(files) for name in imported_modules(root / file)}
    parts += library_parts([*spec.libraries, *sorted(imported - set(spec.libraries) - {"mlflow_recipes"})])
    return Key(spec.name, tuple({part.name: part for part in parts}.values()))


def _environment_parts(config: RecipeConfig) -> list[Part]:
    """Where runs go and what a search draws, as far as the environment decides it."""
    wanted = config.experiment
    decides = {
        layout.TRACKING_URI_VARIABLE: wanted.tracking_uri is None,
        layout.EXPERIMENT_NAME_VARIABLE: wanted.name is None and wanted.id is None,
    }
    decides[layout.SEED_VARIABLE] = search_space(config.steps.train) is not None
    given = {name: os.environ.get(name) for name, decided in decides.items() if decided}
    return [Part(f"environment {name}", value_digest(text), mask(text)) for name, text in given.items() if text]


def user_files(config: RecipeConfig, spec: StepSpec) -> list[str]:
    """The user's files behind a step under this configuration: those in which it names a function."""
    steps = config.steps
    split = steps.split
    own = steps.scoring_preparations if spec.name == "predict" else steps.preparations
    loader = steps.ingest_scoring.loader_method if spec.name == "ingest_scoring" else steps.ingest.loader_method
    used: dict[str, object] = {
        **{f"steps/{name}.py": section.function for name, section in own.items()},
        "steps/ingest.py": loader,
        "steps/split.py": split.split_method or split.post_split_method or split.post_split_filter_method,
        "steps/transform.py": steps.transform.transformer_method,
        "steps/train.py": steps.train.functions,
        "steps/custom_metrics.py": config.custom_metrics,
    }
    return [file for file in spec.code if used.get(file)]


def version() -> str:
    """The installed version of mlflow-recipes."""
    try:
        return importlib.metadata.version("mlflow-recipes")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"

"""What a running step is given of earlier steps: from memory where they ran in this process, else from the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.modeling import persist

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.records import Output, StepRecord
    from mlflow_recipes.steps.contract import StepResult
    from mlflow_recipes.store import Store
    from mlflow_recipes.tracking import Tracking

# Stored object -> the file in its folder that skops wrote.
_SKOPS_FILES = {"transformer": "transformer.skops", "model": "model/model.skops"}


class RunInputs:
    """Implements `steps.contract.Inputs` for one run."""

    def __init__(self, store: Store, tracking: Tracking | None, user_modules: tuple[str, ...]) -> None:
        self._store = store
        self._tracking = tracking
        self._modules = user_modules
        self._tables: dict[str, Dataset] = {}
        self._values: dict[str, Any] = {}
        self._outputs: dict[str, Output] = {}
        self._digests: dict[str, str] = {}
        self._effects: dict[str, dict[str, str]] = {}
        self._facts: dict[str, dict[str, Any]] = {}

    def reuse(self, record: StepRecord) -> None:
        """Take the outputs of a step that is not run again; they are read when first asked for."""
        self._outputs.update(record.outputs)
        self._digests |= {name: output.digest for name, output in record.outputs.items()}
        self._effects |= dict.fromkeys(record.outputs, record.effects)
        self._facts |= dict.fromkeys(record.outputs, record.facts)

    def keep(self, spec: StepSpec, result: StepResult, in_store: Mapping[str, Output]) -> None:
        """Take the outputs of a step that has just run, some of which are in the store already."""
        self._outputs.update(in_store)
        self._tables.update(result.tables)
        self._values.update(result.values)
        self._digests |= {name: output.digest for name, output in in_store.items()}
        self._digests |= {name: table.digest for name, table in result.tables.items()}
        self._effects |= dict.fromkeys(spec.outputs, result.effects)
        self._facts |= dict.fromkeys(spec.outputs, result.facts)

    def forget_all_but(self, needed: Collection[str]) -> None:
        """Let go of what no later step of the run takes."""
        for held in (self._tables, self._values):
            for name in set(held) - set(needed):
                del held[name]

    def readable(self, record: StepRecord, artifacts: Collection[str]) -> str | None:
        """Why outputs of a reused step cannot be read back; None when they can.

        A pickled transformer in the cache is never read; a pickled model is asked of MLflow instead.
        """
        if not self._store.intact(record, artifacts, deep=True):
            return "its remembered output is damaged"
        transformer = record.outputs.get("transformer")
        if "transformer" in artifacts and transformer and _SKOPS_FILES["transformer"] not in transformer.objects:
            return "its transformer could not be stored with skops, and a pickle in the cache is never read"
        return None

    def table(self, artifact: str) -> Dataset:
        """A table of an earlier step."""
        if artifact not in self._tables:
            output = self._outputs[artifact]
            self._tables[artifact] = Dataset(path=self._object(output, output.path), digest=output.digest)
        return self._tables[artifact]

    def file(self, artifact: str) -> Path:
        """A table that its step wrote as a parquet file."""
        output = self._outputs[artifact]
        return self._object(output, output.path)

    def value(self, artifact: str) -> Any:
        """An object of an earlier step."""
        if artifact not in self._values:
            self._values[artifact] = self._read(artifact, self._outputs[artifact])
        return self._values[artifact]

    def digest(self, artifact: str) -> str | None:
        """The digest of an output of any earlier step; None for objects of this run, which have one once stored."""
        return self._digests.get(artifact)

    def effect(self, artifact: str, name: str) -> str | None:
        """What the step that gave an artifact left outside."""
        return self._effects.get(artifact, {}).get(name)

    def fact(self, artifact: str, name: str) -> Any:
        """What the step that gave an artifact says of it."""
        return self._facts.get(artifact, {}).get(name)

    def _read(self, artifact: str, output: Output) -> Any:
        skops_file = _SKOPS_FILES.get(artifact)
        if skops_file is not None and skops_file in output.objects:
            return persist.load_cached(self._object(output, skops_file), self._modules)
        if artifact == "model" and self._tracking is not None:
            return self._tracking.load_model(str(self.value("run")))
        text = self._object(output, output.path).read_text(encoding="utf-8")
        return json.loads(text) if output.path.endswith(".json") else text

    def _object(self, output: Output, path: str) -> Path:
        return self._store.object_path(output.objects[path])

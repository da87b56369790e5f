"""What a model was made from: digests of data, code and configuration, as tags of its MLflow run and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes import layout
from mlflow_recipes.config.models import step_options
from mlflow_recipes.fingerprint import code_parts, library_parts, value_digest
from mlflow_recipes.graph import Graph
from mlflow_recipes.project import user_files
from mlflow_recipes.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.steps.contract import Inputs


def of_training(root: Path, config: RecipeConfig, inputs: Inputs) -> dict[str, str]:
    """Tags for the run of a training: the data it learns from, and what turns it into a model.

    Code counts by its meaning and configuration by what decides a result, as in the keys of steps; secrets masked.
    """
    making = Graph.preparing(tuple(config.steps.preparations)).sequence_to("train")
    code = {part.name: part.digest for spec in making for part in code_parts(root, user_files(config, spec))}
    options = {f"{spec.name}.{name}": v for spec in making for name, v in step_options(config, spec.name).items()}
    deciding = {name: value for name, value in options.items() if not name.startswith("train.experiment.")}
    libraries = library_parts(making[-1].libraries)
    return {
        **of_data(inputs, ("ingested", "training", "validation")),
        layout.TAG_CODE: value_digest(code),
        layout.TAG_CONFIG: value_digest(masked(deciding)),
        layout.TAG_ENVIRONMENT: ", ".join(f"{p.name.removeprefix('library ')} {p.shown}" for p in libraries),
    }


def of_data(inputs: Inputs, parts: Iterable[str]) -> dict[str, str]:
    """Tags with the digests of the rows that are ingested and of the splits."""
    digests = {part: inputs.digest(f"{part}_data") for part in parts}
    return {layout.TAGS_DATA[part]: digest for part, digest in digests.items() if digest}


def of_run(tags: Mapping[str, str]) -> dict[str, str]:
    """Those of a run's tags that say what its model was made from; fewer for runs of other versions."""
    names = (*layout.TAGS_DATA.values(), layout.TAG_CODE, layout.TAG_CONFIG, layout.TAG_ENVIRONMENT)
    return {name: tags[name] for name in (*names, layout.TAG_GIT_COMMIT, layout.TAG_GIT_BRANCH) if name in tags}

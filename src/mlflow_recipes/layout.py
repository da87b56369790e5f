"""Every folder, file, artifact, tag and environment-variable name. Those that 2.22 gave live only here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow_recipes.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

RECIPE_FILE = "recipe.yaml"
PROFILES_FOLDER = "profiles"
META_RECIPE = "mlflow_recipes.recipe"  # where a command line keeps the path that -C names
STEPS_FOLDER = "steps"

# What `steps.train.target_transform` may name besides a function in steps/train.py
TARGET_TRANSFORMS = ("log1p", "sqrt")

# Environment variables
PROFILE_VARIABLE = "MLFLOW_RECIPES_PROFILE"
EXECUTION_DIRECTORY_VARIABLE = "MLFLOW_RECIPES_EXECUTION_DIRECTORY"
TARGET_STEP_VARIABLE = "MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME"
TEMPLATE_VARIABLE = "MLFLOW_RECIPES_EXECUTION_TEMPLATE_NAME"  # new: lets runs of the user's own carry the template
TRACKING_URI_VARIABLE = "MLFLOW_TRACKING_URI"
REGISTRY_URI_VARIABLE = "MLFLOW_REGISTRY_URI"
EXPERIMENT_NAME_VARIABLE = "MLFLOW_EXPERIMENT_NAME"
SEED_VARIABLE = "HYPEROPT_FMIN_SEED"  # hyperopt's own; wins over the seed of the configuration
EXPERIMENT_ID_VARIABLE = "MLFLOW_EXPERIMENT_ID"  # MLflow's own `set_experiment` sets it, too
FILE_STORE_VARIABLE = "MLFLOW_ALLOW_FILE_STORE"
PROGRESS_BAR_VARIABLE = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"
HTTP_RETRIES_VARIABLE = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"

# MLflow's error codes for what does not exist
GONE = ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")

# In the recipe root
METADATA_FOLDER = "metadata"
DEFAULT_TRACKING_FOLDER = f"{METADATA_FOLDER}/mlflow"
DEFAULT_DATABASE = f"{DEFAULT_TRACKING_FOLDER}/mlruns.db"
DEFAULT_ARTIFACTS = f"{DEFAULT_TRACKING_FOLDER}/mlartifacts"
DEFAULT_EXECUTION_FOLDER = f"{METADATA_FOLDER}/recipes"

# In the execution directory
OBJECTS_FOLDER = "objects"
RECORDS_FOLDER = "records"
STATE_FOLDER = "state"
STAGING_FOLDER = "staging"
DOWNLOADS_FOLDER = "downloads"
SEARCHES_FOLDER = "searches"
SCORINGS_FOLDER = "scorings"
LOCK_FILE = "run.lock"
HOLDER_FILE = "run.lock.json"
OUTPUTS_FOLDER = "outputs"
STEP_CONFIG_FILE = "conf.yaml"
CARD_HTML = "card.html"
CARD_JSON = "card.json"
CARD_PICKLE = "card.pkl"  # 2.22's name, for `mlflow.recipes.cards.CARD_PICKLE_NAME`; nothing writes it any more
CHECKS_FILE = "checks.json"
EXECUTION_STATE_FILE = "execution_state.json"
DAG_FILE = "recipe_dag.html"
REPORTS_FOLDER = "reports"  # in it a folder for each profile, with:
RUN_FILE = "run.json"
REPORT_HTML = "report.html"
REPORT_JSON = "report.json"
DIFF_PREFIX = "diff-"  # followed by the beginnings of two runs' ids

# Names of execution_state.json's keys
STATE_STATUS_KEY = "recipe_step_execution_status"
STATE_TIME_KEY = "recipe_step_execution_last_updated_timestamp"
STATE_TRACE_KEY = "recipe_step_stack_trace"
STATE_CHECKS_KEY = "recipe_step_checks"  # new: how many checks passed and did not, and those that did not

# Artifact name -> file or folder in the step's outputs folder
ARTIFACT_PATHS = {
    "ingested_data": "dataset.parquet",
    "training_data": "train.parquet",
    "validation_data": "validation.parquet",
    "test_data": "test.parquet",
    "training_folds": "training_folds.parquet",
    "transformed_training_data": "transformed_training_data.parquet",
    "transformed_validation_data": "transformed_validation_data.parquet",
    "transformer": "transformer.pkl",
    "model": "model",
    "run": "run_id",
    "best_parameters": "best_parameters.yaml",
    "predicted_training_data": "predicted_training_data.parquet",
    "model_validation_status": "model_validation_status",
    "registered_model_version": "registered_model_version.json",
    "ingested_scoring_data": "scoring-dataset.parquet",
    "scored_data": "scored.parquet",
}
PREPARED_FILE = "dataset.parquet"  # what a step of the user's own gives, in its own outputs folder
# What `get_artifact` answers to; the rest of ARTIFACT_PATHS is passed between steps only. Each step of
# the user's own adds one: `<name>_data`.
PUBLIC_ARTIFACTS = tuple(n for n in ARTIFACT_PATHS if n not in ("training_folds", "model_validation_status"))

# On the MLflow run
MODEL_NAME = "model"
RUN_MODEL_PATH = "train/model"
RUN_ESTIMATOR_PATH = "train/estimator"
RUN_TRANSFORMER_PATH = "transform/transformer"
RUN_SNAPSHOT_PATH = "recipe_snapshot"

SOURCE_TYPE = "RECIPE"
TAG_SOURCE_TYPE = "mlflow.source.type"
TAG_SOURCE_NAME = "mlflow.source.name"
TAG_TEMPLATE = "mlflow.pipeline.template.name"
TAG_STEP = "mlflow.pipeline.step.name"
TAG_PROFILE = "mlflow.pipeline.profile.name"
TAG_PRIMARY_METRIC = "mlflow.experiment.primaryMetric.name"
TAG_PRIMARY_GREATER = "mlflow.experiment.primaryMetric.greaterIsBetter"
TAG_GIT_COMMIT = "mlflow.source.git.commit"
TAG_GIT_BRANCH = "mlflow.source.git.branch"
TAG_GIT_URL = "mlflow.source.git.repoURL"
TAG_GIT_URL_LEGACY = "mlflow.gitRepoURL"
TAG_KEY = "mlflow_recipes.key."  # + step: the key under which the step's result is remembered
TAG_ATTEMPT = "mlflow_recipes.attempt"  # found again when the process that opened the run was killed
TAG_VALIDATION = "mlflow_recipes.validation_status"
TAG_CHECKS = "mlflow_recipes.checks"  # how many checks of the data behind a run passed and did not
TAG_PARENT = "mlflow.parentRunId"
TAG_TRIAL = "mlflow_recipes.trial"  # number of a trial of a search, on its nested run
TAG_TRIAL_STATUS = "mlflow_recipes.trial_status"

# What made a model: on its versions, and as far as training knows it on its run
TAGS_DATA = {part: f"mlflow_recipes.data.{part}" for part in ("ingested", "training", "validation", "test")}  # digests
TAG_CODE = "mlflow_recipes.code"
TAG_CONFIG = "mlflow_recipes.config"
TAG_ENVIRONMENT = "mlflow_recipes.environment"

# Besides these on its versions
TAG_RECIPE = "mlflow_recipes.recipe"
TAG_PROMOTED = "mlflow_recipes.promoted_at"
TAG_PREVIOUS_CHAMPION = "mlflow_recipes.previous_champion"  # the version that a rollback goes back to
VERSION_TAGS = (
    *(TAG_SOURCE_TYPE, TAG_TEMPLATE, TAG_PROFILE, TAG_GIT_COMMIT, TAG_VALIDATION),
    *(*TAGS_DATA.values(), TAG_CODE, TAG_CONFIG, TAG_ENVIRONMENT),
    *(TAG_RECIPE, TAG_PROMOTED, TAG_PREVIOUS_CHAMPION),
)


_MOST_NAMED = 5


def artifact_path(artifact: str) -> str:
    """The file or folder of an artifact in its step's outputs folder."""
    return ARTIFACT_PATHS.get(artifact, PREPARED_FILE)


def public_artifacts(names: Iterable[str]) -> tuple[str, ...]:
    """Those artifacts that users can ask for; others are passed between steps only."""
    return tuple(name for name in names if name in PUBLIC_ARTIFACTS or name not in ARTIFACT_PATHS)


def find_root(start: Path | None = None) -> Path:
    """The nearest folder, from `start` (default: the working directory) upward, that holds a recipe.yaml.

    Raises:
        ConfigError: There is none.
    """
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / RECIPE_FILE).is_file():
            return folder
    raise ConfigError(
        f"Failed to find {RECIPE_FILE} in {here} or in a folder above it.",
        hint=_below(here) or "Change to the folder of a recipe, or one below it, and try again.",
        error_code="INTERNAL_ERROR",
    )


def root_of(path: Path) -> Path:
    """The recipe root that a path names: a folder with a recipe.yaml, or that file itself.

    Raises:
        ConfigError: There is no recipe there.
    """
    named = path.absolute()
    folder = named.parent if named.name == RECIPE_FILE else named
    if (folder / RECIPE_FILE).is_file():
        return folder
    if not named.exists():
        raise ConfigError(f"There is no {path}.", hint=_below(Path.cwd()))
    raise ConfigError(
        f"{path} is not a recipe: it is neither a {RECIPE_FILE} nor a folder with one.",
        hint=_below(named) if named.is_dir() else None,
    )


def _below(folder: Path) -> str | None:
    """A hint at the recipes in a folder and in those in it."""
    files = [*folder.glob(f"*/{RECIPE_FILE}"), *folder.glob(f"*/*/{RECIPE_FILE}")]
    there = sorted(file.parent.relative_to(folder).as_posix() for file in files)
    return f"There are recipes in {', '.join(there[:_MOST_NAMED])}; name one with -C." if there else None


def legacy_execution_directory(root: Path) -> Path:
    """Where 2.22 kept step outputs: `~/.mlflow/recipes/<sha256 of the absolute root path>`."""
    digest = hashlib.sha256(str(root.absolute()).encode()).hexdigest()
    return Path.home() / ".mlflow" / "recipes" / digest

"""The training and scoring sequences as data: what each step takes, gives, and depends on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from mlflow_recipes.errors import RecipeError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Distributions whose version changes what a step computes.
_TABLES = ("pandas", "numpy", "pyarrow")
_TRANSFORMERS = (*_TABLES, "scikit-learn", "scipy")
_MODELS = (*_TRANSFORMERS, "xgboost", "xgboost-cpu", "lightgbm", "catboost")


@dataclass(frozen=True)
class StepSpec:
    """One step of a recipe, as far as planning goes.

    Attributes:
        name: The step's name, as in `recipe.yaml` and on the command line.
        module: The module of `mlflow_recipes.steps` that runs it, and of `cards` that shows it.
        inputs: Artifacts it takes from earlier steps.
        outputs: Artifacts it gives; file names are in `layout.ARTIFACT_PATHS`.
        code: The user's files behind it, relative to the recipe root.
        libraries: Distributions whose version is part of its key.
        reads_sources: It reads data from outside the recipe, whose content is part of its key.
        always_when_named: `run -s NAME` runs it even when nothing changed (2.22 re-ingests on demand).
        effects: It writes to MLflow; what it wrote must still exist for its result to be reused.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    code: tuple[str, ...] = ()
    libraries: tuple[str, ...] = _TABLES
    reads_sources: bool = False
    always_when_named: bool = False
    effects: bool = False
    module: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "module", self.module or self.name)


TRAINING: tuple[StepSpec, ...] = (
    StepSpec("ingest", (), ("ingested_data",), code=("steps/ingest.py",), reads_sources=True, always_when_named=True),
    StepSpec(
        "split",
        ("ingested_data",),
        ("training_data", "validation_data", "test_data", "training_folds"),
        code=("steps/split.py",),
    ),
    StepSpec(
        "transform",
        ("training_data", "validation_data"),
        ("transformer", "transformed_training_data", "transformed_validation_data"),
        code=("steps/transform.py",),
        libraries=_TRANSFORMERS,
    ),
    StepSpec(
        "train",
        (
            *("training_data", "validation_data", "training_folds"),
            *("transformer", "transformed_training_data", "transformed_validation_data"),
        ),
        ("model", "run", "best_parameters", "predicted_training_data"),
        # transform.py too: the transformer's code is packed into the model, and a pickle refers to it by name.
        code=("steps/train.py", "steps/transform.py", "steps/custom_metrics.py"),
        libraries=("mlflow", *_MODELS),
        effects=True,
    ),
    StepSpec(
        "evaluate",
        # The training data is for naive baselines, of which only the columns that they need are read.
        ("model", "run", "training_data", "validation_data", "test_data"),
        ("model_validation_status",),
        code=("steps/custom_metrics.py",),
        libraries=("mlflow", *_MODELS),
        effects=True,
    ),
    StepSpec(
        "register",
        ("model", "run", "model_validation_status"),
        ("registered_model_version",),
        libraries=("mlflow",),
        effects=True,
    ),
)

# A plain run leaves them alone, as they leave training alone.
SCORING: tuple[StepSpec, ...] = (
    StepSpec(
        "ingest_scoring",
        (),
        ("ingested_scoring_data",),
        code=("steps/ingest.py",),
        reads_sources=True,
        always_when_named=True,
    ),
    StepSpec("predict", ("ingested_scoring_data",), ("scored_data",), libraries=("mlflow", *_MODELS), effects=True),
)

STEP_NAMES = tuple(step.name for step in (*TRAINING, *SCORING))
DEFAULT_TARGET = TRAINING[-1].name
PREPARE = "prepare"  # the module behind every step of the user's own


@dataclass(frozen=True)
class Graph:
    """The steps of one recipe: those that every recipe has, and the user's own between ingest and split.

    Attributes:
        training: From ingest to register, in order.
        scoring: From ingest_scoring to predict, in order.
    """

    training: tuple[StepSpec, ...] = TRAINING
    scoring: tuple[StepSpec, ...] = SCORING

    @classmethod
    def preparing(cls, names: Sequence[str]) -> Graph:
        """The graph with preparation steps of these names, in this order, each taking what the one before gives."""
        ingest, split, *rest = TRAINING
        chain: list[StepSpec] = []
        last = ingest
        for name in names:
            last = StepSpec(name, last.outputs, (f"{name}_data",), code=(f"steps/{name}.py",), module=PREPARE)
            chain.append(last)
        reading, scoring = SCORING
        scoring = replace(scoring, code=tuple(file for step in chain for file in step.code))
        return cls((ingest, *chain, replace(split, inputs=last.outputs), *rest), (reading, scoring))

    @property
    def steps(self) -> tuple[StepSpec, ...]:
        """Every step of both sequences."""
        return (*self.training, *self.scoring)

    @property
    def artifacts(self) -> tuple[str, ...]:
        """Every output of every step."""
        return tuple(artifact for step in self.steps for artifact in step.outputs)

    def find(self, name: str) -> StepSpec:
        """The step called `name`.

        Raises:
            RecipeError: There is none; names all and the nearest.
        """
        names = [step.name for step in self.steps]
        if name in names:
            return self.steps[names.index(name)]
        near = get_close_matches(name, names, n=1)
        raise RecipeError(
            f"There is no step called '{name}'. The steps are: {', '.join(names)}.",
            hint=f"Did you mean '{near[0]}'?" if near else None,
            error_code="INTERNAL_ERROR",
        )

    def sequence_of(self, step: str) -> tuple[StepSpec, ...]:
        """The whole sequence that `step` belongs to."""
        return self.training if self.find(step) in self.training else self.scoring

    def sequence_to(self, target: str) -> tuple[StepSpec, ...]:
        """The steps that a run of `target` looks at, in order: itself and everything before it in its sequence."""
        sequence = self.sequence_of(target)
        return sequence[: sequence.index(self.find(target)) + 1]

    def producer_of(self, artifact: str) -> StepSpec:
        """The step whose outputs include `artifact`."""
        return next(step for step in self.steps if artifact in step.outputs)

"""The section `steps.train`: the estimator, how it is fitted, and the search for its best parameters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from mlflow_recipes.config.fields import Function, Number, Profiled, Section, as_tuple
from mlflow_recipes.layout import TARGET_TRANSFORMS

Share = Annotated[Number, Field(gt=0, le=1)]


def as_choices(value: Any) -> Any:
    """Entries that are a name only, as those of `automl/hyperopt` are, written out."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list | tuple):
        return entries
    return tuple({"name": entry} if isinstance(entry, str) else entry for entry in entries)


def as_pruning(value: Any) -> Any:
    """A text names the kind of pruning, all else as by default."""
    return {"using": value} if isinstance(value, str) else value


class Pruning(Section):
    """`steps.train.tuning.pruning`: when a trial of a boosting estimator is stopped early because it is bad."""

    using: Literal["median", "halving"] = Field(
        "median", description="`median` of earlier trials at the same round, or successive `halving`."
    )
    warmup_trials: int = Field(10, ge=1, description="`median`: finished trials before any is stopped.")
    warmup_rounds: int = Field(30, ge=0, description="Boosting rounds that every trial may do.")
    reduction: int = Field(3, ge=2, description="`halving`: one trial in so many goes on from each rung to the next.")


class CrossValidation(Section):
    """`steps.train.tuning.cv`: score trials by cross-validation on the training data, not by the validation data."""

    folds: int = Field(5, ge=2, description="Number of folds.")
    by: str | None = Field(None, description="Column whose rows of one value stay in one fold.")


class Tuning(Section):
    """`steps.train.tuning`: hyperparameter search."""

    enabled: StrictBool = Field(description="Whether to search.")
    max_trials: int | None = Field(None, ge=1, description="Number of trials; may be raised later to go on searching.")
    parameters: dict[Any, Any] = Field(default_factory=dict, description="Search space: `values` or `distribution`.")
    algorithm: str = Field("hyperopt.rand.suggest", description="Search algorithm, such as hyperopt.tpe.suggest.")
    parallelism: int = Field(1, ge=1, description="Trials at a time.")
    sample_fraction: Number = Field(1.0, gt=0, le=1, description="Share of training rows in a trial.")
    early_stop_fn: str | None = Field(None, description="Function in steps/train.py, or dotted; ends the search.")
    timeout_secs: Number | None = Field(None, gt=0, description="No new trial is started after so many seconds.")
    seed: int = Field(42, ge=0, description="Seed of the search; HYPEROPT_FMIN_SEED in the environment wins.")
    points_to_evaluate: tuple[dict[Any, Any], ...] = Field((), description="Parameter values to try first.")
    pruning: Annotated[Pruning | None, BeforeValidator(as_pruning)] = Field(
        None, description="Stop bad trials early: `median`, `halving`, or a map with `using` and more."
    )
    cv: CrossValidation | None = Field(None, description="Score trials by cross-validation.")
    full_trials: int = Field(0, ge=0, description="Of so many best trials, the fitted estimator is logged, too.")


class EarlyStopping(Section):
    """`steps.train.early_stopping`: stop boosting when the validation data says so."""

    rounds: int = Field(ge=1, description="Boosting rounds without improvement after which fitting stops.")
    metric: str | None = Field(None, description="The library's name of the metric; its own default where not given.")


class Costs(Section):
    """`steps.train.decision_threshold.costs`: what a wrong prediction costs, in any unit."""

    false_positive: Number = Field(ge=0, description="Cost of predicting the positive class where it is not.")
    false_negative: Number = Field(ge=0, description="Cost of missing the positive class.")


class DecisionThreshold(Section):
    """`steps.train.decision_threshold`: from which score on the positive class is predicted."""

    value: Number | None = Field(None, ge=0, le=1, description="This very score.")
    maximize: str | None = Field(None, description="The score at which this metric of the validation data is largest.")
    minimize: str | None = Field(None, description="The score at which this metric of the validation data is smallest.")
    costs: Costs | None = Field(None, description="The score at which errors on the validation data cost least.")

    @model_validator(mode="after")
    def _one(self) -> DecisionThreshold:
        if sum(each is not None for each in (self.value, self.maximize, self.minimize, self.costs)) != 1:
            raise ValueError("expected a number from 0 to 1, or one of `maximize`, `minimize` and `costs`")
        return self


def _as_threshold(value: Any) -> Any:
    return value if isinstance(value, dict | DecisionThreshold) else {"value": value}


class EstimatorChoice(Section):
    """One entry of `steps.train.estimators`; with `automl/hyperopt`, a name is enough."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Its name in tables and in the search.")
    estimator_method: Function | None = Field(None, description="Function in steps/train.py; returns an estimator.")
    estimator_params: dict[Any, Any] = Field(default_factory=dict, description="Fixed parameters.")
    parameters: dict[Any, Any] = Field(default_factory=dict, description="Its part of the search space.")


class Train(Profiled):
    """`steps.train`: the estimator and its parameters."""

    using: str = Field(
        "custom", description="`custom`, a function of yours; `automl/hyperopt` or `automl/flaml` need none."
    )
    estimator_method: Function | None = Field(None, description="Function in steps/train.py; returns an estimator.")
    estimator_params: dict[Any, Any] = Field(default_factory=dict, description="Fixed parameters of the estimator.")
    estimators: Annotated[tuple[EstimatorChoice, ...], BeforeValidator(as_choices)] = Field(
        (), description="Several estimators, searched as one space; of `automl/hyperopt`, the names of those to try."
    )
    tuning: Tuning | None = Field(None, description="Hyperparameter search.")
    early_stopping: EarlyStopping | None = Field(None, description="Stop boosting when validation says so.")
    fit_params: dict[Any, Any] = Field(default_factory=dict, description="Further arguments of the estimator's fit.")
    sample_weight_col: str | None = Field(None, description="Column with row weights; not a feature.")
    target_transform: str | None = Field(
        None, description="`log1p`, `sqrt`, or a function in steps/train.py; undone in predictions."
    )
    device: Literal["cpu", "cuda"] | None = Field(None, description="Where estimators that can choose are fitted.")
    learning_curve: Annotated[tuple[Share, ...], BeforeValidator(as_tuple)] = Field(
        (), description="Shares of the training rows to fit once more with, for a learning curve."
    )
    max_trials: int | None = Field(None, ge=1, description="Trials of `automl/hyperopt`; 50 where not given.")
    time_budget_secs: Number = Field(600.0, gt=0, description="Seconds of AutoML, after which it takes the best.")
    flaml_params: dict[Any, Any] = Field(default_factory=dict, description="Arguments of FLAML's `AutoML.fit`.")
    predict_prefix: str = Field("predicted_", description="Prefix of a classifier's output columns.")
    predict_scores_for_all_classes: StrictBool = Field(True, description="Scores of every class, for classifiers.")
    calibrate_proba: Literal["isotonic", "sigmoid"] | None = Field(None, description="Calibration, for classifiers.")
    decision_threshold: Annotated[DecisionThreshold | None, BeforeValidator(_as_threshold)] = Field(
        None, description="Score from which on the positive class is predicted: a number, or `{maximize: f1_score}`."
    )
    rebalance_training_data: StrictBool | None = Field(
        None,
        description="Of more than 5,000 rows, fit fewer of the frequent classes; of two classes, unless false.",
    )
    resampling_minority_percentage: Number = Field(
        0.3, gt=0, lt=1, description="Share p of the smaller class then; no class has more than (1 - p) / p times it."
    )
    rebalancing_seed: int = Field(42, ge=0, description="Which rows are fitted.")

    @property
    def searches(self) -> bool:
        """Whether there is something to choose: a search is enabled, or several estimators are named."""
        return bool(self.estimators) or (self.tuning is not None and self.tuning.enabled)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions of steps/train.py that it names."""
        transform = None if self.target_transform in TARGET_TRANSFORMS else self.target_transform
        early_stop = self.tuning.early_stop_fn if self.tuning is not None and self.tuning.enabled else None
        ends = None if "." in str(early_stop) else early_stop
        named = (self.estimator_method, transform, ends, *(entry.estimator_method for entry in self.estimators))
        return tuple(name for name in named if name is not None)

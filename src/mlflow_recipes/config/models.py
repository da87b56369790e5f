"""The effective configuration: parsed once, checked before anything runs, every problem with its place."""

from __future__ import annotations

import difflib
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from mlflow_recipes.config.checks import KINDS
from mlflow_recipes.config.contract import Contract
from mlflow_recipes.config.faults import concerns, problems_of, without_faults
from mlflow_recipes.config.fields import Names, Section
from mlflow_recipes.config.preparing import Preparation, declared, is_preparation, order_of
from mlflow_recipes.config.ready import expanded
from mlflow_recipes.config.rules import check
from mlflow_recipes.config.scoring import Output, Predict
from mlflow_recipes.config.sections import CustomMetric, Experiment, Registry, Steps
from mlflow_recipes.config.source import dotted, key_text
from mlflow_recipes.config.splits import ignored_keys
from mlflow_recipes.config.tasks import DEFAULT_METRICS, METRICS, NUMBERS, REGRESSION, TEMPLATES, task_of
from mlflow_recipes.errors import ConfigError, Problem
from mlflow_recipes.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlflow_recipes.config.source import ConfigSource, KeyPath

_OWN_STEP = "A step of your own names its `function`."
_KINDS = {bool: "true or false", int: "a number", float: "a number", type(None): "nothing", date: "a date"}


def _targets(value: Any) -> Any:
    """One name, or several; a list of one means that one."""
    names = list(value) if isinstance(value, list | tuple) else [value]
    if not names or not all(isinstance(name, str) for name in names):
        raise ValueError("expected the name of a column, or a list of them")
    return names[0] if len(names) == 1 else tuple(names)


def _label(value: Any) -> Any:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("expected a class as it is in the data: a text, a number, true or false")  # noqa: TRY004 - pydantic collects ValueErrors only
    return value


class RecipeConfig(Section):
    """Everything recipe.yaml and the profile say, with defaults filled in."""

    recipe: str = Field(description="Template: regression/v1 or classification/v1.")
    target_col: Annotated[str | tuple[str, ...], BeforeValidator(_targets)] = Field(
        description="The column to predict, or a list of them."
    )
    positive_class: Annotated[Any, BeforeValidator(_label)] = Field(
        None, description="Positive class, for binary classification; without it there are several classes."
    )
    primary_metric: str | None = Field(None, description="The metric that models are compared by.")
    custom_metrics: tuple[CustomMetric, ...] = Field((), description="Metrics of your own.")
    steps: Steps = Field(default_factory=Steps)
    experiment: Experiment = Field(default_factory=Experiment)
    model_registry: Registry = Field(default_factory=Registry)
    contract: Contract = Field(default_factory=Contract)
    code_paths: Names = Field((), description="Folders, relative to the recipe, whose modules its steps may import.")
    units: dict[str, str] = Field(default_factory=dict, description="Units of columns and metrics, for cards.")
    profile: str | None = None

    @property
    def target_cols(self) -> tuple[str, ...]:
        """The columns to predict; mostly one."""
        return (self.target_col,) if isinstance(self.target_col, str) else self.target_col

    @property
    def non_features(self) -> tuple[str, ...]:
        """Raw columns that no model takes: the targets, and the row weights where there are any."""
        weights = self.steps.train.sample_weight_col
        return self.target_cols if weights is None else (*self.target_cols, weights)

    @property
    def task(self) -> str:
        """What is learnt: one of `tasks.NUMBERS`, `tasks.BINARY` and `tasks.MULTICLASS`."""
        return task_of(self.recipe, self.positive_class)

    @property
    def primary_metric_name(self) -> str:
        """The primary metric, or the default of the task."""
        return self.primary_metric or DEFAULT_METRICS[self.task]

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Metrics that can be a criterion or the primary one: the built-in ones, then the recipe's own.

        Of several targets, the built-in ones are means over them, and each target has its own, too.
        """
        built_in = METRICS[self.task]
        each = [f"{metric}_{target}" for target in self.target_cols for metric in built_in]
        several = each if len(self.target_cols) > 1 else []
        return tuple(dict.fromkeys((*built_in, *several, *(metric.name for metric in self.custom_metrics))))

    @property
    def model_name(self) -> str | None:
        """The registered model's name; `model_registry` wins over `steps.register`."""
        return self.model_registry.model_name or self.steps.register_.model_name

    @property
    def registry_uri(self) -> str | None:
        """The model registry's URI, where one is given."""
        return self.model_registry.registry_uri or self.model_registry.uri or self.steps.register_.registry_uri

    def greater_is_better(self, metric: str) -> bool:
        """Whether larger values of a metric are better."""
        custom = {entry.name: entry.greater_is_better for entry in self.custom_metrics}
        return custom.get(metric, METRICS[self.task].get(metric, False))


def template_of(source: ConfigSource) -> str:
    """The template that a recipe is made from, in its usual spelling.

    Raises:
        ConfigError: None is named, or one that does not exist.
    """
    value = source.values.get("recipe")
    where = source.position(("recipe",)) or "recipe.yaml"
    if value is None:
        raise ConfigError(
            "The `recipe` key is missing.", where="recipe.yaml", hint=f"Add `recipe: {REGRESSION}` at its top."
        )
    name = str(value).replace("@", "/")
    if name not in TEMPLATES:
        near = difflib.get_close_matches(name, TEMPLATES, n=1, cutoff=0.4)
        hint = f"Did you mean '{near[0]}'?" if near else None
        raise ConfigError(
            f"There is no recipe template '{value}'. There are: {', '.join(TEMPLATES)}.", where=where, hint=hint
        )
    return name


def graph_of(source: ConfigSource) -> Graph:
    """The steps of a recipe, as its configuration is written; whether it is right does not matter here."""
    return Graph.preparing(order_of(source.values.get("steps")))


def parse(source: ConfigSource, steps: Iterable[str] | None = None) -> RecipeConfig:
    """The effective configuration, checked as far as `steps` need it.

    Args:
        source: What `load_source` read.
        steps: Names of the steps that will be looked at; None means all training steps. Problems in the sections
            of other steps do not matter, and such a section is then its default.

    Raises:
        ConfigError: With every problem found.
    """
    wanted = _wanted(source, steps)
    errors = [problem for problem in find_problems(source, wanted) if problem.severity == "error"]
    if errors:
        count = f"{len(errors)} problem" + "s" * (len(errors) > 1)
        raise ConfigError(f"{count} in the configuration of profile '{source.profile}':", problems=errors)
    return _expanded(_model(_prepared(source, wanted)))


def find_problems(source: ConfigSource, steps: Iterable[str] | None = None) -> tuple[Problem, ...]:
    """Everything wrong or odd in a configuration, each with its place; nothing is raised."""
    wanted = _wanted(source, steps)
    found = [*source.warnings, *_unknown_keys(source)]
    try:
        template_of(source)
    except ConfigError as error:
        return (*found, Problem(error.summary, source.position(("recipe",)), "recipe", error.hint))
    try:
        config = _model(_prepared(source, wanted))
    except ValidationError as error:
        faults = problems_of(source, error)
        return (*found, *faults, *_further(source, wanted, faults))
    return (*found, *check(config, source, wanted))


def right_part(source: ConfigSource, steps: Iterable[str]) -> RecipeConfig | None:
    """The configuration without the values that are wrong by themselves; None where nothing can be made of the rest."""
    try:
        template_of(source)
        values = _prepared(source, steps)
        try:
            return _model(values)
        except ValidationError as error:
            rest = without_faults(values, error)
            return None if rest is None else _model(rest)
    except (ConfigError, ValidationError):
        return None


def _further(source: ConfigSource, wanted: Sequence[str], faults: Sequence[Problem]) -> Iterator[Problem]:
    """What the rules say of a configuration without the values that are wrong by themselves, `faults`."""
    config = right_part(source, wanted)
    if config is not None:
        yield from (problem for problem in check(config, source, wanted) if not concerns(problem, faults))


def _wanted(source: ConfigSource, steps: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(spec.name for spec in graph_of(source).training) if steps is None else tuple(steps)


def _prepared(source: ConfigSource, wanted: Iterable[str]) -> dict[str, Any]:
    """The values with empty sections taken for nothing given, and sections of other steps as far as they are right."""
    values = _without_nulls(source.values)
    steps = values.get("steps")
    if isinstance(steps, dict):
        values["steps"] = {name: section for name, section in steps.items() if _is_read(name, section, wanted)}
    return {**values, "recipe": template_of(source), "profile": source.profile}


def _without_nulls(values: dict[Any, Any]) -> dict[Any, Any]:
    """Keys without a value mean "nothing given"; `estimator_params` and the like are the user's own."""
    own = {"estimator_params", "flaml_params", "parameters", "fit_params", "params"}
    return {
        key: _without_nulls(value) if isinstance(value, dict) and key not in own else value
        for key, value in values.items()
        if value is not None
    }


def _is_read(step: str, section: Any, wanted: Iterable[str]) -> bool:
    """Whether a section is for a step that matters, or right."""
    field = next((f for n, f in Steps.model_fields.items() if (f.alias or n) == step), None)
    model: Any = field.annotation if field else Preparation if is_preparation(step, section) else None
    if model is None:
        return False
    if step in wanted:
        return True
    try:
        model.model_validate(section)
    except ValidationError:
        return False
    return True


def _model(values: dict[str, Any]) -> RecipeConfig:
    fields = set(RecipeConfig.model_fields)
    return RecipeConfig.model_validate({name: value for name, value in values.items() if name in fields})


def _expanded(config: RecipeConfig) -> RecipeConfig:
    """The configuration with what AutoML stands for spelled out."""
    train = expanded(config.steps.train, config.task)
    return config.model_copy(update={"steps": config.steps.model_copy(update={"train": train})})


# Unknown keys


def _unknown_keys(source: ConfigSource) -> Iterator[Problem]:
    known_top = [*RecipeConfig.model_fields]
    told = {problem.key for problem in source.warnings}
    for name in source.values:
        if name in known_top or name in told:
            continue
        near = difflib.get_close_matches(key_text(name), known_top, n=1, cutoff=0.85)
        if near or not isinstance(name, str):
            yield _odd(source, (name,), f"Did you mean '{near[0]}'?" if near else None)
    for name in ("experiment", "model_registry", "custom_metrics", "contract"):
        yield from _unknown_in(source, (name,), RecipeConfig.model_fields[name].annotation)
    yield from _unknown_in(source, ("steps",), Steps)


def _unknown_in(source: ConfigSource, path: KeyPath, annotation: Any) -> Iterator[Problem]:
    values: Any = source.values
    for part in path:
        values = values[part] if isinstance(values, list) else values.get(part) if isinstance(values, dict) else None
    by_name = get_origin(annotation) is dict
    if by_name and isinstance(values, dict):
        for name in values:
            yield from _unknown_in(source, (*path, name), _section(annotation, values))
        return
    if isinstance(values, list):
        for index, _ in enumerate(values):
            yield from _unknown_in(source, (*path, index), annotation)
    model = _section(annotation, values)
    if not isinstance(values, dict) or model is None:
        return
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    own = declared(values) if model is Steps else {}
    if model is Predict:
        fields = {**Output.model_fields, **fields}  # 2.22 took the keys of `output` there, too
    for name in values:
        if name in fields or name in own:
            inner = Preparation if name in own else fields[name].annotation
            yield from _unknown_in(source, (*path, name), inner)
        else:
            near = difflib.get_close_matches(key_text(name), fields, n=1)
            own_step = _OWN_STEP if model is Steps and isinstance(values[name], dict) else None
            yield _odd(source, (*path, name), f"Did you mean '{near[0]}'?" if near else own_step)


def _section(annotation: Any, values: Any) -> type[BaseModel] | None:
    """The section that a field is, may be (`Tuning | None`), or is a list of; of several checks, that of their kind."""
    found = _sections(annotation)
    if len(found) > 1 and isinstance(values, dict):
        return KINDS.get(str(values.get("check")))
    return found[0] if found else None


def _sections(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _sections(part)]


def _odd(source: ConfigSource, path: KeyPath, hint: str | None) -> Problem:
    key, name = dotted(path), path[-1]
    if not isinstance(name, str):
        hint = f"YAML reads it as {_KINDS.get(type(name), type(name).__name__)}, not as a name; quote it if it is one."
    return Problem(
        f"{key} is not a key that mlflow-recipes knows; it is ignored.", source.position(path), key, hint, "warning"
    )


# What decides a step's result


# What is only shown; and the place of a step of the user's own, which shows in what it takes.
_UNDECIDING = {"skip_data_profiling": True, "batch_size": True, "checks": True, "after": True, "before": True}


def step_options(config: RecipeConfig, step: str) -> dict[str, Any]:
    """The plain values that decide a step's result, by dotted name, defaults spelled out.

    What is only shown or only names something (`skip_data_profiling`, `run_name_prefix`) is not among them, nor are
    checks, which look at a result and do not make it.
    """
    section = config.steps.section(step)
    options: dict[str, Any] = section.model_dump(exclude={**_UNDECIDING, "tuning": {"parallelism", "full_trials"}})
    if step == "train" and config.steps.train.tuning is not None and not config.steps.train.tuning.enabled:
        options["tuning"] = None
    metrics = [metric.model_dump() for metric in config.custom_metrics]
    common: dict[str, Any] = {"target_col": config.target_col}
    if step == "transform":
        common["recipe"] = config.recipe
    if step in ("transform", "evaluate") and (weights := config.steps.train.sample_weight_col) is not None:
        common["sample_weight_col"] = weights  # it is no feature
    if step == "train":
        identity = config.experiment.model_dump(exclude={"run_name_prefix"})
        common |= {f"experiment.{name}": value for name, value in identity.items()}
        common |= {"recipe": config.recipe}
    if step in ("train", "evaluate"):
        common |= {"primary_metric": config.primary_metric_name, "custom_metrics": metrics}
    if step in ("split", "train", "evaluate") and config.task != NUMBERS:
        common |= {"recipe": config.recipe, "positive_class": config.positive_class}
    if step == "evaluate":
        criteria = config.steps.evaluate.validation_criteria
        options["validation_criteria"] = [criterion.model_dump(exclude_defaults=True) for criterion in criteria]
        if any(criterion.better_than == "champion" for criterion in criteria):
            registered = {"model_name": config.model_name, "registry_uri": config.registry_uri}
            common |= {**registered, "champion_alias": config.steps.register_.champion_alias}
    if step == "split":
        options = {name: value for name, value in options.items() if name not in ignored_keys(config.steps.split)}
    if step == "predict":
        common |= _scored_by(config)
    if step == "register":
        options |= {"model_name": config.model_name, "registry_uri": config.registry_uri}
        common = {}
    return {**options, **common}


def _scored_by(config: RecipeConfig) -> dict[str, Any]:
    """What of other sections decides a score: the registered model, the steps that rows go through, the columns."""
    steps = config.steps
    own = steps.scoring_preparations
    return {
        "model_name": config.model_name,
        "registry_uri": config.registry_uri,
        "predict_prefix": steps.train.predict_prefix,
        "prepared_by": {name: {"function": step.function, "params": step.params} for name, step in own.items()},
    }

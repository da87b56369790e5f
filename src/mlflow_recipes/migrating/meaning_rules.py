"""What runs unchanged and does something else than under 2.22: each found at the line it is about.

The rows are those of docs/migration.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlflow_recipes.errors import Position
from mlflow_recipes.migrating.model import Finding
from mlflow_recipes.migrating.python_source import PythonSource, constant

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow_recipes.migrating.yaml_source import Entry, YamlSource


@dataclass(frozen=True)
class Project:
    """What the rules look at.

    Attributes:
        root: The project's folder.
        recipe: recipe.yaml, or pipeline.yaml.
        profiles: By name.
        python: Modules of steps/, notebooks and tests.
    """

    root: Path
    recipe: YamlSource
    profiles: dict[str, YamlSource]
    python: tuple[PythonSource, ...]

    @property
    def configs(self) -> tuple[YamlSource, ...]:
        """recipe.yaml and the profiles."""
        return (self.recipe, *self.profiles.values())

    def function(self, file: str, name: str | None) -> tuple[PythonSource, ast.FunctionDef] | None:
        """A function of a step file; `name` may have its module before it."""
        short = (name or "").rpartition(".")[2]
        sources = (source for source in self.python if source.file == file)
        return next(((source, source.functions[short]) for source in sources if short in source.functions), None)

    def calls(self, method: str) -> Iterator[tuple[PythonSource, ast.Call]]:
        """Calls of a method of that name."""
        for source in self.python:
            for call in source.calls:
                if isinstance(call.func, ast.Attribute) and call.func.attr == method:
                    yield source, call


Rule = Callable[[Project], Iterator[Finding]]


def _each(project: Project, *path: str) -> Iterator[tuple[YamlSource, Entry]]:
    for source in project.configs:
        if (entry := source.entry(*path)) is not None:
            yield source, entry


def non_validated(project: Project) -> Iterator[Finding]:
    """`allow_non_validated_model: true`."""
    for source, entry in _each(project, "steps", "register", "allow_non_validated_model"):
        if entry.is_true:
            told = "`allow_non_validated_model` registers a REJECTED model, too, as its name says; 2.22 never did. "
            told += "The version is tagged so."
            yield source.found("meaning", entry, told)


def both_files(project: Project) -> Iterator[Finding]:
    """A top-level key in recipe.yaml and in a profile."""
    of_recipe = {entry.name for entry in project.recipe.entries()}
    for source in project.profiles.values():
        for entry in source.entries():
            if entry.name in of_recipe:
                told = f"`{entry.name}` is in {project.recipe.file}, too. The profile wins; in 2.22 it was an error."
                yield source.found("meaning", entry, told)


_HASH = re.compile(r"^[^#\n]*(?:\S#|[\"'][^\"'\n]*#)")


def hashes(project: Project) -> Iterator[Finding]:
    """A `#` that YAML does not take for a comment."""
    for source in project.configs:
        for number, (line, kept) in enumerate(zip(source.lines, source.without_jinja.splitlines(), strict=False)):
            if "#" in kept and _HASH.search(line):
                told = "The line counts to its end; 2.22 cut it at the `#`."
                yield source.found("meaning", number, told)


def from_json(project: Project) -> Iterator[Finding]:
    """The Jinja filter `from_json`."""
    for source in project.configs:
        for number, line in enumerate(source.lines):
            if re.search(r"\|\s*from_json", line):
                told = (
                    "The path is relative to the recipe's folder, or to the working directory; in 2.22 to the latter."
                )
                yield source.found("meaning", number, told)


def empty_sections(project: Project) -> Iterator[Finding]:
    """`ingest:` without anything."""
    paths: list[tuple[str, ...]] = [("steps",), ("experiment",), ("model_registry",)]
    paths += [("steps", step) for step in ("ingest", "ingest_scoring", "predict")]
    for path in paths:
        for source, entry in _each(project, *path):
            if entry.is_null:
                yield source.found("meaning", entry, "Nothing below it means nothing given; in 2.22 it crashed.")


def spaces(project: Project) -> Iterator[Finding]:
    """A path with spaces."""
    if " " in str(project.root):
        where = Position(project.recipe.file, 1, 1)
        yield Finding("", "meaning", where, f"The path {project.root} has spaces; that runs, and 2.22 refused it.")


def no_transformer(project: Project) -> Iterator[Finding]:
    """No `transformer_method`."""
    section = project.recipe.entry("steps", "transform")
    if section is not None and project.recipe.entry("steps", "transform", "transformer_method") is None:
        told = "Without `transformer_method` the features pass unchanged; in 2.22 the step failed."
        yield project.recipe.found("meaning", section, told)


def _loaders(project: Project) -> Iterator[Entry]:
    for path in (("steps", "ingest"), ("steps", "ingest_scoring"), ("INGEST_CONFIG",), ("data",)):
        for key in ("loader_method", "custom_loader_method"):
            for _, entry in _each(project, *path, key):
                yield entry


def one_argument_loader(project: Project) -> Iterator[Finding]:
    """A loader that takes the path alone."""
    for name in {entry.text for entry in _loaders(project)}:
        if (found := project.function("steps/ingest.py", name)) is not None and len(found[1].args.args) == 1:
            told = "A loader may take the path alone; 2.22 always handed it the format, too, and failed here."
            yield found[0].found("meaning", found[1].args.args[0], told, before=f"def {found[1].name}(...)")


def location_lists(project: Project) -> Iterator[Finding]:
    """A list as `location`."""
    for step in ("ingest", "ingest_scoring"):
        for source, entry in _each(project, "steps", step, "location"):
            if entry.is_list:
                told = "Every file is read, in this order; 2.22 sorted them and lost those of the same name."
                yield source.found("meaning", entry, told)


def changed_data(project: Project) -> Iterator[Finding]:
    """Data that `ingest` reads."""
    for path in (("steps", "ingest"), ("INGEST_CONFIG",), ("data",)):
        for source, entry in _each(project, *path, "location"):
            kinds = [found.text for key in ("using", "format") if (found := source.entry(*path, key)) is not None]
            if "spark_sql" in kinds:
                continue
            told = "A run notices when this data has changed, and reads it again; 2.22 went on with the old."
            yield source.found("meaning", entry, told)


def imported_helpers(project: Project) -> Iterator[Finding]:
    """Modules of the project that step files import."""
    for source in project.python:
        if not source.file.startswith("steps/"):
            continue
        for node in source.nodes:
            name = node.module if isinstance(node, ast.ImportFrom) and not node.level else None
            if name and _is_own(project.root, name):
                told = f"A change in {name} runs the steps again that import it; in 2.22 it did not."
                yield source.found("meaning", node, told)


def _is_own(root: Path, module: str) -> bool:
    path = root.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def run_names(project: Project) -> Iterator[Finding]:
    """`run_name_prefix`."""
    for source, entry in _each(project, "experiment", "run_name_prefix"):
        told = "Steps are reused with it, too; in 2.22 it made every run train again."
        yield source.found("meaning", entry, told)


def filters(project: Project) -> Iterator[Finding]:
    """`post_split_filter_method` of 2.x."""
    entry = project.recipe.entry("steps", "split", "post_split_filter_method")
    scope = project.recipe.entry("steps", "split", "post_split_filter_scope")
    if entry is not None and scope is None and project.recipe.entry("template") is None:
        told = "As in 2.22 the filter is for training rows alone; `post_split_filter_scope: all` is new."
        yield project.recipe.found("meaning", entry, told)


def searches(project: Project) -> Iterator[Finding]:
    """`tuning`."""
    for source, entry in _each(project, "steps", "train", "tuning", "enabled"):
        if not entry.is_true:
            continue
        told = "A search draws with the seed 42 (`seed`, or HYPEROPT_FMIN_SEED), and goes on after it was stopped; "
        told += "its trials carry the tags of the recipe."
        yield source.found("meaning", entry, told)
        fixed = source.entries("steps", "train", "estimator_params")
        if len(fixed) == 1:
            told = "A single fixed parameter is kept after the search; 2.22 dropped it from the final model."
            yield source.found("meaning", fixed[0], told)


def classification(project: Project) -> Iterator[Finding]:
    """`classification/v1`."""
    found = next((e for key in ("recipe", "template") for _, e in _each(project, key)), None)
    if found is None or not (found.text or "").startswith("classification"):
        return
    if project.recipe.entry("positive_class") is None:
        told = "f1_score_macro and f1_score_micro are logged under these names, next to f1_score."
        yield project.recipe.found("meaning", found, told)
    else:
        told = "Rows are rebalanced with a seed; `rebalance_training_data: false` leaves them as they are."
        yield project.recipe.found("meaning", found, told)


def automl(project: Project) -> Iterator[Finding]:
    """FLAML with a custom metric."""
    using = project.recipe.entry("steps", "train", "using")
    primary = project.recipe.entry("primary_metric")
    if using is None or using.text != "automl/flaml" or primary is None:
        return
    customs = project.recipe.entry("custom_metrics")
    entries = getattr(getattr(customs, "value", None), "value", [])
    names = {str(value.value) for metric in entries for key, value in metric.value if key.value == "name"}
    if primary.text in names:
        told = "A custom metric where greater is better is maximised; 2.22 minimised it."
        yield project.recipe.found("meaning", primary, told)


def scoring(project: Project) -> Iterator[Finding]:
    """`steps.predict`."""
    for source, entry in _each(project, "steps", "predict"):
        told = (
            "Batch scoring needs neither Spark nor another environment; it writes one parquet file, or what `output` "
        )
        told += "asks for, and a new version of the model makes it out of date."
        yield source.found("meaning", entry, told)
    for source, entry in _each(project, "steps", "predict", "model_uri"):
        yield source.found("meaning", entry, "This model is used; 2.22 preferred the version that `register` made.")


def registries(project: Project) -> Iterator[Finding]:
    """`model_registry.registry_uri` and `uri`."""
    for key in ("registry_uri", "uri"):
        for source, entry in _each(project, "model_registry", key):
            told = '`get_artifact("registered_model_version")` asks this registry; in 2.22 it failed.'
            yield source.found("meaning", entry, told if key == "registry_uri" else "`uri` counts; 2.22 ignored it.")
            if entry.text == "databricks-uc":
                told = "Unity Catalog refuses the tag mlflow.source.type, so versions there do not have it."
                yield source.found("meaning", entry, told)


def tracking(project: Project) -> Iterator[Finding]:
    """A profile without `tracking_uri`."""
    if project.recipe.entry("experiment", "tracking_uri") is not None:
        return
    for source in project.profiles.values():
        if source.entry("experiment", "tracking_uri") is None:
            entry = source.entry("experiment")
            told = "Without `tracking_uri` the variable MLFLOW_TRACKING_URI counts, where it is set; 2.22 ignored it."
            yield source.found("meaning", entry if entry is not None else 0, told)


def several_profiles(project: Project) -> Iterator[Finding]:
    """More than one profile."""
    if len(project.profiles) > 1:
        names = ", ".join(sorted(project.profiles))
        told = f"Each profile ({names}) remembers its own results, over one cache; in 2.22 they undid one another's."
        yield Finding("", "meaning", Position("profiles/"), told)


_ARTIFACTS = {
    "transformer": "The artifact `transformer` is there after transform; in 2.22 after train.",
    "best_parameters": "The artifact `best_parameters` is the text of its file, as in 2.22.",
    "registered_model_version": "`registered_model_version` is asked of the registry that the recipe names.",
}


def artifacts(project: Project) -> Iterator[Finding]:
    """`get_artifact("transformer")`."""
    for source, call in project.calls("get_artifact"):
        name = constant(call.args[0]) if call.args else ...
        if isinstance(name, str) and name in _ARTIFACTS:
            yield source.found("meaning", call, _ARTIFACTS[name])


def caught(project: Project) -> Iterator[Finding]:
    """`except MlflowException`."""
    for source in project.python:
        for node in source.nodes:
            kind = node.type if isinstance(node, ast.ExceptHandler) else None
            if kind is not None and "MlflowException" in source.code(kind):
                told = "`MlflowException` still catches what a run raises; the step's own exception is its "
                told += "`__cause__`, no longer only text."
                yield source.found("meaning", kind, told)


def cards(project: Project) -> Iterator[Finding]:
    """`card.pkl`, and warnings that are no more."""
    for source in project.python:
        for node in source.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("card.pkl"):
                yield source.found("by hand", node, "Cards are JSON: read card.json, or `recipe.inspect(step)`.")
            if isinstance(node, ast.Name) and node.id == "FutureWarning":
                yield source.found("meaning", node, "`Recipe` no longer warns of its end.")


def old_models(project: Project) -> Iterator[Finding]:
    """The database that 2.22 wrote to, where nothing ran here yet."""
    database = project.root / "metadata" / "mlflow" / "mlruns.db"
    if database.is_file() and not (project.root / "metadata" / "recipes").exists():
        told = "Runs and models of metadata/mlflow/mlruns.db stay. MLflow 3 adds its tables to it, and MLflow 2 cannot "
        told += "read it then; the first run keeps a copy, mlruns.mlflow-2.db. Models load with the library versions "
        told += "that they were pickled with."
        yield Finding("", "meaning", Position("metadata/mlflow/mlruns.db"), told)


RULES: dict[str, Rule] = {
    function.__name__.replace("_", "-"): function
    for function in (
        *(non_validated, both_files, hashes, from_json, empty_sections, spaces, no_transformer, one_argument_loader),
        *(location_lists, changed_data, imported_helpers, run_names, filters, searches, classification, automl),
        *(scoring, registries, tracking, several_profiles, artifacts, caught, cards, old_models),
    )
}


def findings(project: Project) -> list[Finding]:
    """What these rules find in a project."""
    return [replace(found, rule=name) for name, rule in RULES.items() for found in rule(project)]

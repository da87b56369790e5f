"""The facade: load a recipe, run it, look at it. Read this file first; each method is one line of the contents.

>>> from mlflow_recipes import Recipe                                    # doctest: +SKIP
>>> recipe = Recipe(profile="local")                                     # doctest: +SKIP
>>> recipe.run("transform"); recipe.get_artifact("training_data")        # doctest: +SKIP
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import artifacts, layout, notebook, showing, snapshot
from mlflow_recipes.config.models import template_of
from mlflow_recipes.errors import ConfigError, RecipeError
from mlflow_recipes.events import Listener
from mlflow_recipes.graph import DEFAULT_TARGET
from mlflow_recipes.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflow_recipes.cards.model import Card, Diagram
    from mlflow_recipes.check_report import CheckReport
    from mlflow_recipes.comparison import Comparison
    from mlflow_recipes.contract.report import Report
    from mlflow_recipes.errors import Problem
    from mlflow_recipes.one_off import Scoring
    from mlflow_recipes.plan import Decision
    from mlflow_recipes.promotion import Promotion
    from mlflow_recipes.result import RunResult
    from mlflow_recipes.store import Freed

_logger = logging.getLogger("mlflow_recipes")


class BaseRecipe:
    """A recipe under one profile.

    Args:
        recipe_root_path: The recipe's folder, or one below it; the working directory when not given.
        profile: Name of a file in `profiles/`, without `.yaml`.
        overrides: `key.path=value` strings, as with `--set`.

    Raises:
        ConfigError: No profile was named, there is no recipe, or its files cannot be read.
    """

    def __init__(self, recipe_root_path: Path | None, profile: str, overrides: Sequence[str] = ()) -> None:
        self._root = layout.find_root(recipe_root_path)  # once: the working directory may change
        self._profile, self._overrides = profile, tuple(overrides)
        self._project()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._root.name}, profile {self._profile}, in {self._root}>"

    def _repr_html_(self) -> str | None:
        """Its steps and how they stand; None, which leaves it to `repr`, where its files cannot be read."""
        try:
            project = self._project()
            return notebook.framed(showing.overview_html(project), f"Steps of {project.name}")
        except RecipeError:
            return None

    def _project(self) -> Project:
        """The recipe as its files are now; they may have been edited since the last call."""
        return Project.load(self._profile, root=self._root, overrides=self._overrides)

    @property
    def name(self) -> str:
        """The name of the recipe: that of its folder."""
        return self._project().name

    @property
    def profile(self) -> str:
        """The profile, as given."""
        return self._profile

    def run(self, step: str | None = None) -> RunResult:
        """Run a step and whatever before it is out of date, then show the card of the last step that ran.

        Args:
            step: A step's name; None runs everything up to `register`.

        Returns:
            What ran, how long, how good the model is. It is 0 as a number, and so false, as None was in 2.22.

        Raises:
            StepFailed: A step failed; its cause is the original exception.
            ConfigError: The configuration is wrong; nothing was run.
        """
        with showing.watching(self._project()) as listener:
            result = self.execute(step, listener=listener)
        self.inspect(result.outcomes[-1].step)
        return result

    def execute(
        self,
        step: str | None = None,
        *,
        only: bool = False,
        lock_timeout: float | None = None,
        listener: Listener | None = None,
    ) -> RunResult:
        """Like `run`, showing nothing, and with an account of what happened.

        Args:
            step: A step's name; None runs everything up to `register`.
            only: Run nothing but `step`; steps before it are taken as they are.
            lock_timeout: Seconds to wait at most for another run of this recipe; None waits as long as it takes.
            listener: Hears of the run as it goes.
        """
        from mlflow_recipes.runner import Runner

        project = self._project()
        target = project.graph.find(step).name if step else DEFAULT_TARGET
        runner = Runner(project, target, listener or Listener(), named=step is not None, only=only)
        return runner.run(lock_timeout)

    def plan(self, step: str | None = None, *, only: bool = False) -> list[Decision]:
        """What a run would do, step by step, and why; nothing is run."""
        return snapshot.plan(self._project(), step or DEFAULT_TARGET, named=step is not None, only=only)

    def why(self, step: str) -> snapshot.Explanation:
        """Why a step would run or be reused: which part of its key changed, since when."""
        return snapshot.why(self._project(), step)

    def status(self) -> list[snapshot.StepView]:
        """Every training step as it stands."""
        return snapshot.status(self._project())

    def diagram(self, step: str | None = None) -> Diagram:
        """The steps, up to `step` if one is given, as a picture: how each stands and what passes between them."""
        return snapshot.diagram(self._project(), step)

    def validate(self) -> tuple[Problem, ...]:
        """Everything wrong with configuration, profile and step functions that shows without running them."""
        return snapshot.problems(self._project())

    def check(self, step: str | None = None, *, data: str | Path | None = None) -> CheckReport:
        """Make the checks of steps by themselves; nothing is run or kept.

        Args:
            step: Whose checks, on its stored result; None means all training steps, and with `data` ingest.
            data: File, folder or address to check instead, read as the recipe's ingest reads.

        Raises:
            RecipeError: There is no such step, it has no result, or the data cannot be read.
        """
        from mlflow_recipes import check_report

        project = self._project()
        if data is None:
            return check_report.check_stored(project, step)
        return check_report.check_file(project, data, step)

    def suggest_checks(self, step: str | None = None) -> str:
        """Draft checks from the stored result of a step: a commented YAML block to review.

        Args:
            step: A step that gives a table; None means ingest.

        Raises:
            RecipeError: There is no such step, it has no result, or gives no table.
        """
        from mlflow_recipes import check_report

        return check_report.draft(self._project(), step or "ingest")

    def inspect(self, step: str | None = None) -> Path | None:
        """Show the card of a step, or, without a step, the recipe's steps and how they stand.

        Returns:
            Where the page is that was shown outside a notebook; None where there is nothing to show yet.
        """
        project = self._project()
        card = artifacts.card(project, project.graph.find(step).name) if step else showing.write_overview(project)
        if card is None:
            _logger.warning("The step '%s' has no card yet; run it first: recipe.run('%s').", step, step)
            return None
        return showing.show(card)

    def page(self, step: str | None = None) -> Path | None:
        """Where the card of a step is, or without a step the overview of all; None for a step that never ran."""
        project = self._project()
        return artifacts.card(project, project.graph.find(step).name) if step else showing.write_overview(project)

    def card(self, step: str | None = None) -> Card:
        """The card of a step, or without a step the overview of all, as plain data.

        Raises:
            RecipeError: There is no such step, or it never ran under the profile.
        """
        project = self._project()
        return artifacts.card_data(project, project.graph.find(step).name) if step else showing.overview(project)

    def report(self, *, show: bool = True) -> Path | None:
        """Show the report of the last run under the profile: what ran and why, data, checks, model, verdict.

        Args:
            show: Show it in the notebook or a browser; else it is only drawn.

        Returns:
            Where the page is, its JSON beside it; None when it was shown inline.

        Raises:
            RecipeError: There was no run.
        """
        from mlflow_recipes import reporting

        page = reporting.page(self._project())
        return showing.show(page) if show else page

    def diff(self, a: str | int, b: str | int, *, show: bool = True) -> Path | None:
        """Show two versions or runs side by side: metrics, configuration, data, errors, importance, code.

        Args:
            a: A version's number, an alias, `run:<id>`, or `last`, `last~1`...: the newest run, the one before it.
            b: Another one.
            show: Show the page in the notebook or a browser; else it is only drawn.

        Returns:
            Where the page is, its JSON beside it; None when it was shown inline.

        Raises:
            RecipeError: There is no such version or run.
        """
        from mlflow_recipes import run_diff

        page = run_diff.page(self._project(), a, b)
        return showing.show(page) if show else page

    def promote(self, version: str | int | None = None, *, force: bool = False) -> Promotion:
        """Make a version of the registered model the champion.

        Args:
            version: Its number or an alias of it; None means the challenger.
            force: Promote it whatever its validation status.

        Raises:
            GateError: It did not pass its validation.
            RecipeError: There is no such version.
        """
        from mlflow_recipes import promotion

        return promotion.promote(self._project(), None if version is None else str(version), force=force)

    def rollback(self) -> Promotion:
        """Make the version the champion again that was it before the present one was promoted.

        Raises:
            RecipeError: There is none to go back to.
        """
        from mlflow_recipes import promotion

        return promotion.rollback(self._project())

    def compare(self, a: str | int, b: str | int) -> Comparison:
        """Hold two versions or runs against each other: configuration, data, code, libraries, metrics.

        Args:
            a: A version's number, an alias, `run:<id>` or the id of a run.
            b: Another one.

        Raises:
            RecipeError: There is no such version or run.
        """
        from mlflow_recipes import comparison

        return comparison.compare(self._project(), a, b)

    def drift(self, data: Any, model: str | int | None = None, *, as_is: bool = False) -> Report:
        """Hold data against what a model was trained on, column by column; the report's `level` says how far it is.

        Args:
            data: A file, folder or URL, read as the recipe reads its data, relative to its folder; or a DataFrame.
            model: A model's URI, or a version's number or an alias of the recipe's registered model. None means its
                champion; where there is none, the model that was trained last, or else the newest version.
            as_is: Leave the recipe's preparation steps out.

        Raises:
            RecipeError: There is no such model, or it has no contract.
            DataError: The data cannot be read.
        """
        from mlflow_recipes import drift

        return drift.drift(self._project(), data, model, as_is=as_is)

    def predict(
        self, data: str | Path, out: str | Path, model: str | int | None = None, *, listener: Listener | None = None
    ) -> Scoring:
        """Score a file once with the recipe's model, batch by batch; nothing of it is remembered.

        Args:
            data: File, folder or URL, read as the recipe reads its data, relative to its folder.
            out: A .parquet or .csv file, or a folder of parquet, relative to the recipe's folder, too.
            model: A model's URI, or a version or an alias of the recipe's registered model. None means the one that
                the step predict would use.
            listener: Hears how far it is.

        Raises:
            RecipeError: There is no such model, the data cannot be read, or it is not what the model was trained on.
        """
        from mlflow_recipes import one_off

        wanted = None if model is None else str(model)
        return one_off.predict(self._project(), str(data), self._root / out, wanted, listener or Listener())

    @property
    def units(self) -> dict[str, str]:
        """The units of columns and metrics that the recipe gives."""
        return self._project().units

    def clean(self, step: str | None = None, *, lock_timeout: float | None = None) -> None:
        """Forget the results of a step, or of all steps; what is in MLflow stays as it is.

        Args:
            step: A step's name; None forgets all.
            lock_timeout: Seconds to wait at most for a run of this recipe; None waits as long as it takes.
        """
        project = self._project()
        specs = [project.graph.find(step)] if step else project.graph.steps
        artifacts.clean(project, [spec.name for spec in specs], lock_timeout)

    def get_artifact(self, artifact_name: str) -> Any:
        """An output of a step: a DataFrame, the transformer, the model, the run; None with a warning if absent.

        Raises:
            RecipeError: There is no artifact of that name.
        """
        return artifacts.load(self._project(), artifact_name)

    def gc(self, *, older_than: float, max_bytes: int | None = None, lock_timeout: float | None = None) -> Freed:
        """Drop results that are no profile's current ones.

        Args:
            older_than: Age in seconds beyond which they go.
            max_bytes: Keep dropping, oldest first, until no more than this is taken.
            lock_timeout: Seconds to wait at most for a run of this recipe; None waits as long as it takes.
        """
        return artifacts.collect(self._project(), older_than, max_bytes, lock_timeout)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd in the configuration, such as a key that is nearly one we know."""
        return snapshot.config_warnings(self._project())

    @property
    def outputs_root(self) -> Path:
        """The folder with one folder a step in it."""
        return self._project().store.home / layout.STEPS_FOLDER

    def artifact_path(self, artifact_name: str) -> Path:
        """Where an artifact is, or will be, in the execution directory."""
        return artifacts.path(self._project(), artifact_name)


class RegressionRecipe(BaseRecipe):
    """A recipe made from the template `regression/v1`."""


class ClassificationRecipe(BaseRecipe):
    """A recipe made from the template `classification/v1`."""


_TEMPLATES: dict[str, type[BaseRecipe]] = {
    "regression/v1": RegressionRecipe,
    "classification/v1": ClassificationRecipe,
}


class Recipe:
    """Factory: `Recipe(profile="local")` gives the recipe that the working directory lies in."""

    def __new__(  # type: ignore[misc]
        cls, profile: str, overrides: Sequence[str] = (), path: str | Path | None = None
    ) -> BaseRecipe:
        """Make the recipe of the template's class.

        Args:
            profile: Name of a file in `profiles/`, without `.yaml`.
            overrides: `key.path=value` strings, as with `--set`.
            path: The recipe's folder or its recipe.yaml; None means the recipe that the working directory lies in.

        Raises:
            ConfigError: No profile was named, there is no recipe, or its files cannot be read.
        """
        if not profile:
            raise ConfigError(
                "A profile name must be provided to construct a valid Recipe object.",
                hint=f"Give one of the files in {layout.PROFILES_FOLDER}/, such as Recipe(profile='local').",
            )
        root = None if path is None else layout.root_of(Path(path))
        return _TEMPLATES[template_of(Project.load(profile, root=root).source)](root, profile, overrides)

"""The only loop that runs steps: plan, run or reuse, commit, next.

Results pass on in memory. What a step gave is written, drawn and committed by one helper thread while the next step
runs (`committer.py`); the loop waits for it where order matters: before it fails, and at the end.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import beside, layout, run_files, traces
from mlflow_recipes.attempts import Attempts
from mlflow_recipes.checking import Checker, Given, refuse, tables_of
from mlflow_recipes.checks.identity import check_problems
from mlflow_recipes.checks.model import WARNED, Finding
from mlflow_recipes.code_closure import code_files, imported_modules
from mlflow_recipes.committer import Committer, Finished, prepare_drawing
from mlflow_recipes.config.models import step_options
from mlflow_recipes.errors import CheckError, ConfigError, RecipeError, StepFailed
from mlflow_recipes.events import Listener, StepOutcome
from mlflow_recipes.inputs import RunInputs
from mlflow_recipes.lock import exclusive
from mlflow_recipes.plan import Action, Decision, Known, decide
from mlflow_recipes.project import DIGESTS_MEMO, Project, survey, user_files
from mlflow_recipes.quiet import without_names
from mlflow_recipes.reporting import Account
from mlflow_recipes.result import RunResult
from mlflow_recipes.secrets import mask
from mlflow_recipes.steps.contract import StepContext
from mlflow_recipes.steps.scoring import journal
from mlflow_recipes.store import explained
from mlflow_recipes.tracking import Tracking
from mlflow_recipes.user_checks import check_functions, wanted_functions
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.steps.contract import StepResult

_WARNINGS_FILE = "warning_logs.txt"


class _Again(Exception):
    """A reused step turned out to be unusable; the plan is made anew, knowing that."""


class Runner:
    """One run of a recipe up to a target step."""

    def __init__(self, project: Project, target: str, listener: Listener, *, named: bool, only: bool = False) -> None:
        self.project = project
        self.target = target
        self.listener = listener
        self.sequence = project.graph.sequence_to(target)
        self.config: RecipeConfig = project.config(self.sequence)
        self.named = target if named else None
        self.only = (target,) if only else ()
        self.store = project.store
        self.tracking = Tracking(project.root, self.config, attempt=uuid.uuid4().hex)
        self._attempts = Attempts(self.store, self.tracking)
        self._account = Account(project, self.sequence, self.tracking, only=only)
        self._forced: dict[str, str] = {}
        self._checks: dict[str, str] = {}
        self._outcomes: list[StepOutcome] = []
        self._ran: dict[str, StepOutcome] = {}
        self._started = time.monotonic()

    def run(self, lock_timeout: float | None = None) -> RunResult:
        """Run what is out of date up to the target.

        Raises:
            StepFailed: A step failed; the steps before it are kept.
            UnavailableError: Another run holds the recipe, or the store cannot be written.
        """
        what = f"mlflow recipes run --profile {self.project.profile} --step {self.target}"

        def waiting(line: str) -> None:
            self.listener.said(None, line)

        with explained(self.store.home), exclusive(self.store.home, what, lock_timeout, waiting):
            self._tidy()
            self._account.open()
            try:
                with UserCode(self.project.root) as user, self._environment():
                    self._loop(user)
            except BaseException as error:
                self._account.stop(error)
                raise
            finally:
                self._attempts.settle()
                self._account.close(self._result(), self.listener)
        self.listener.finished()
        return self._result()

    def _result(self) -> RunResult:
        seconds = time.monotonic() - self._started
        uri = mask(self.tracking.uri)
        return RunResult(self.project.name, self.project.profile, tuple(self._outcomes), seconds, uri)

    # The loop

    def _loop(self, user: UserCode) -> None:
        while True:
            surveyed = survey(self.project, self.config, self.sequence, named=self._still_named)
            plan = surveyed.plan(self.sequence, self.only, self.tracking.lost if self.only else None)
            if not self._ran:
                self.listener.planned(plan)
                self._check_functions(plan)
                self._warm_up(plan)
            self._checks = {name: known.checks for name, known in surveyed.known.items()}
            inputs = RunInputs(self.store, self.tracking, user.modules)
            with Committer(self.project, self._step_config, self.tracking, self.listener) as committer:
                self._outcomes.clear()
                try:
                    self._pass(plan, surveyed.known, inputs, user, committer)
                    break
                except _Again:
                    continue
        self.store.write_memo(DIGESTS_MEMO, surveyed.digests.known())

    def _check_functions(self, plan: Sequence[Decision]) -> None:
        """Before hours of work, see whether the functions of the steps that may run are there, and what checks need.

        Raises:
            ConfigError: With everything wrong about them that shows without importing them.
        """
        root, source = self.project.root, self.project.source
        steps = [decision.step for decision in plan if decision.action is not Action.REUSE]
        names = [spec.name for spec in self.project.graph.steps]
        for what, problems in {
            "step functions": check_functions(root, wanted_functions(self.config, source, steps)),
            "checks": check_problems(root, self.config.steps, source, names),
        }.items():
            if problems:
                count = f"{len(problems)} problem" + "s" * (len(problems) > 1)
                raise ConfigError(f"{count} in the {what}:", problems=problems)

    @property
    def _still_named(self) -> str | None:
        """The step asked for by name, until it has run."""
        return None if self.named in self._ran else self.named

    def _pass(
        self,
        plan: Sequence[Decision],
        known: dict[str, Known],
        inputs: RunInputs,
        user: UserCode,
        committer: Committer,
    ) -> None:
        """Go through the steps once."""
        digests: dict[str, str] = {}
        reused: list[StepRecord] = []
        for position, spec in enumerate(self.sequence):
            taken = {name: digests[name] for name in spec.inputs}
            held = bool(self.only) and spec.name not in self.only
            decision = plan[position] if held else self._decide(spec, known[spec.name], taken)
            if decision.record is not None:
                inputs.reuse(decision.record)
                record = decision.record if held else self._checked(decision.record, inputs, user, committer)
                if record == decision.record:
                    committer.reuse(record)
                else:
                    committer.renew(record)
                reused.append(record)
                digests |= {name: output.digest for name, output in record.outputs.items()}
                why, key = decision.reasons, record.key.digest
                self._end(StepOutcome(spec.name, "reused", why, facts=record.facts, key=key))
                continue
            later = {name for step in self.sequence[position:] for name in step.inputs}
            self._check_readable(later, reused, inputs)
            result, finished = self._run_step(spec, decision, inputs, user, committer)
            fresh, in_store = committer.commit(finished)
            digests |= fresh
            inputs.keep(spec, result, in_store)
            inputs.forget_all_but({name for step in self.sequence[position + 1 :] for name in step.inputs})
        committer.settle(self.project.graph.sequence_of(self.target)[len(self.sequence) :], digests)

    def _checked(self, record: StepRecord, inputs: RunInputs, user: UserCode, committer: Committer) -> StepRecord:
        """The record of a reused step, with what its checks find now where they are due.

        Raises:
            _Again: Its tables cannot be read; the step is noted to run again.
            StepFailed: A check did not pass.
        """
        checker, digest = Checker(self.project, self.config, user), self._checks[record.step]
        if not checker.due(record, digest):
            return record
        self._check_readable(set(tables_of(record)), [record], inputs)
        started = time.monotonic()
        try:
            fresh = checker.again(record, digest)
        except BaseException as error:
            self._failed(record.step, error, committer, time.monotonic() - started)
            raise
        self._say_warnings(record.step, fresh.facts["checks"])
        return fresh

    def _say_warnings(self, step: str, checks: Sequence[dict[str, Any]]) -> None:
        for finding in map(Finding.from_dict, checks):
            if finding.status == WARNED:
                self.listener.said(step, f"check {finding.title}: {finding.sentence}")

    def _decide(self, spec: StepSpec, known: Known, inputs: dict[str, str]) -> Decision:
        """Decide a step whose inputs are known, asking MLflow whether what it left there still exists."""
        if spec.name in self._forced:
            known = replace(known, forced=self._forced[spec.name])
        decision = decide(spec, known, inputs)
        if spec.effects and decision.record is not None and (why := self.tracking.lost(decision.record)):
            decision = decide(spec, known.without(decision.record, why), inputs)
        return decision

    def _check_readable(self, needed: set[str], reused: Sequence[StepRecord], inputs: RunInputs) -> None:
        """Before a step runs, see that what it and the later ones take from reused steps can be read.

        Raises:
            _Again: Some cannot; their steps are noted to run again.
            RecipeError: Some cannot, and with `--only` nothing before the target may run.
        """
        for record in reused:
            taken = needed & set(record.outputs)
            why = inputs.readable(record, taken) if taken else None
            if why is None and "run" in taken:
                why = self.tracking.lost_artifacts(record.effects["run_id"])
            if why and self.only:
                raise RecipeError(
                    f"`--only` cannot take the result of the step '{record.step}': {why}.",
                    hint="Run without `--only`; that step then runs again.",
                )
            if why:
                self.listener.said(record.step, f"runs again: {why}")
                self._forced[record.step] = why
                raise _Again

    def _run_step(
        self, spec: StepSpec, decision: Decision, inputs: RunInputs, user: UserCode, committer: Committer
    ) -> tuple[StepResult, Finished]:
        self.listener.started(spec.name, decision.reasons)
        committer.begin(spec.name)
        staging = committer.staging()
        context = StepContext(
            spec=spec,
            root=self.project.root,
            config=self.config,
            user=user,
            tracking=self.tracking,
            inputs=inputs,
            staging=staging,
            downloads=self.store.home / layout.DOWNLOADS_FOLDER,
            say=lambda line: self.listener.said(spec.name, line),
            target=self.target,
            key=decision.key,
            searches=self.store.home / layout.SEARCHES_FOLDER,
            scorings=self.store.home / layout.SCORINGS_FOLDER,
            registered=self.project.registered,
            progress=lambda line: self.listener.progressed(spec.name, line),
            where=self.project.source.position,
        )
        started = time.monotonic()
        try:
            result = self._execute(spec, context, staging)
            self._check(spec.name, result, user, committer)
        except BaseException as error:
            self._failed(spec.name, error, committer, time.monotonic() - started)
            raise
        seconds = time.monotonic() - started
        assert decision.key is not None, "a step that runs has all its inputs"
        told = (seconds, result.rows, result.facts, decision.key.digest)
        self._end(StepOutcome(spec.name, "run", decision.reasons, *told))
        return result, Finished(spec, decision.key, result, staging, seconds, self._checks[spec.name])

    def _check(self, step: str, result: StepResult, user: UserCode, committer: Committer) -> None:
        """Make the checks of what a step gave, before any of it is kept.

        Raises:
            CheckError: One of severity error did not pass; the step's MLflow run, if it has one, says so.
        """
        if not self._checks[step]:
            return
        found = Checker(self.project, self.config, user).all_of(step, Given.of_result(step, result))
        result.facts["checks"] = [finding.to_dict() for finding in found]
        self._say_warnings(step, result.facts["checks"])
        try:
            refuse(step, found)
        except CheckError:
            if run_id := result.effects.get("run_id"):
                committer.refuse(step, run_id, result.facts["checks"])
            raise

    def _execute(self, spec: StepSpec, context: StepContext, staging: Path) -> StepResult:
        """Run one step's function, inside MLflow's session where it may use MLflow; keep the warnings it raised."""
        step = import_module(f"mlflow_recipes.steps.{spec.module}")
        if spec.name == "train":
            self._attempts.announce()
        if not spec.effects:
            with self.tracking.session() if self._uses_mlflow(spec) else contextlib.nullcontext():
                return step.run(context)  # type: ignore[no-any-return]
        with self.tracking.session(), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            with without_names():
                result: StepResult = step.run(context)
        told = [warning for warning in caught if "mlflow" not in Path(warning.filename).parts]  # not MLflow's of itself
        lines = [mask(f"{Path(w.filename).name}:{w.lineno}: {w.category.__name__}: {w.message}") for w in told]
        if spec.name in ("train", "evaluate"):
            text = "".join(f"{line}\n" for line in lines)
            (staging / _WARNINGS_FILE).write_text(text, encoding="utf-8")
            result.facts["warnings"] = [*result.facts.get("warnings", []), *lines]
        return result

    def _uses_mlflow(self, spec: StepSpec) -> bool:
        """Whether the user's code of a step imports MLflow; then what it logs goes where the recipe's runs go."""
        root = self.project.root
        files = {file for entry in user_files(self.config, spec) for file in code_files(root, entry)}
        return any("mlflow" in imported_modules(root / file) for file in files)

    def _failed(self, step: str, error: BaseException, committer: Committer, seconds: float) -> None:
        """Keep what finished, write down the failure, and say it in 2.22's words."""
        trace, whole = (mask(told(error, self.project.root)) for told in (traces.readable, traces.whole))
        checks = error.findings if isinstance(error, CheckError) else ()
        committer.fail(step, whole, checks)
        self._account.fail(whole, checks, error)
        facts: dict[str, Any] = {"checks": list(checks)} if checks else {}
        self._end(StepOutcome(step, "failed", (mask(str(error)),), seconds, facts=facts))
        if not isinstance(error, Exception):
            return
        asked = f"step '{self.named}' of recipe" if self.named else "recipe"
        headline = f"Failed to run {asked} '{self.project.name}'."
        message = f"{headline}\nStep:{step}\n{trace}\nStatus: FAILED"
        exit_code = error.exit_code if isinstance(error, RecipeError) else 1
        card = self.store.outputs_folder(step) / layout.CARD_HTML
        failure = StepFailed(message, step=step, exit_code=exit_code, card=card, result=self._result())
        failure.excerpt = mask(traces.excerpt(error, self.project.root))
        raise failure from error

    def _end(self, outcome: StepOutcome) -> None:
        """Note how a step went; one that ran before the plan was made anew is not told twice."""
        if outcome.outcome == "reused" and outcome.step in self._ran:
            self._outcomes.append(self._ran[outcome.step])
            return
        self._outcomes.append(outcome)
        self.listener.ended(outcome)
        if outcome.outcome == "run":
            self._ran[outcome.step] = outcome
            self._forced.pop(outcome.step, None)

    def _step_config(self, step: str) -> str:
        return run_files.step_config_text(step_options(self.config, step))

    # MLflow

    def _warm_up(self, plan: Sequence[Decision]) -> None:
        """While the first steps read data, import what draws, and connect to MLflow if a step with effects may run."""
        if all(decision.action is Action.REUSE for decision in plan):
            return
        prepare_drawing()
        effects = {spec.name for spec in self.sequence if spec.effects}
        first = plan[0].action is not Action.REUSE or (plan[1:2] and plan[1].action is not Action.REUSE)
        if first and any(d.step in effects and d.action is not Action.REUSE for d in plan):
            beside.start(self.tracking.warm_up, "mlflow warm-up")

    def _tidy(self) -> None:
        """Clear what a killed run left: half-written outputs, an open MLflow run."""
        self.store.clear_staging()
        journal.tidy(self.store)
        self.store.ignore_in_git()
        if layout.EXECUTION_DIRECTORY_VARIABLE not in os.environ:
            self.store.link_from(layout.legacy_execution_directory(self.project.root))
        self._attempts.close_those_of_killed_runs()

    @contextlib.contextmanager
    def _environment(self) -> Iterator[None]:
        """The working directory and the environment variables that the user's functions see in 2.22."""
        names = {layout.TARGET_STEP_VARIABLE: self.target, layout.PROFILE_VARIABLE: self.project.profile}
        before = {name: os.environ.get(name) for name in names}
        here = Path.cwd()
        os.environ.update(names)
        os.chdir(self.project.root)
        try:
            yield
        finally:
            os.chdir(here)
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

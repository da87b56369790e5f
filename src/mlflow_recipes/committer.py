"""Keeping what steps gave: stored, drawn, recorded and shown by one helper thread while the next step runs.

Digests are taken at once, because they decide what the next step does; bytes are written aside. A step counts as
done when its record is saved, which comes after everything it refers to is in place.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from mlflow_recipes import beside, layout, run_files, views
from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.model import About, Card
from mlflow_recipes.cards.render import load_drawing, to_html
from mlflow_recipes.checks.model import summary
from mlflow_recipes.plan import INPUT
from mlflow_recipes.records import Output, StepRecord, StepStatus
from mlflow_recipes.store import Meaning, explained, gather
from mlflow_recipes.tracking_server import asked_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mlflow_recipes.events import Listener
    from mlflow_recipes.graph import StepSpec
    from mlflow_recipes.project import Project
    from mlflow_recipes.records import Key
    from mlflow_recipes.steps.contract import StepResult
    from mlflow_recipes.tracking import Tracking


DRAWING = "drawing"


def prepare_drawing() -> None:
    """Import what draws cards beside the first step."""
    beside.start(load_drawing, DRAWING)


@dataclass(frozen=True)
class Finished:
    """A step that ran: what it gave, the staging folder with its files, the digest of the checks that it passed."""

    spec: StepSpec
    key: Key
    result: StepResult
    staging: Path
    seconds: float
    checks: str = ""


class Committer:
    """Commits the steps of one run in order. Leaving the block waits for what is still being written."""

    def __init__(self, project: Project, config_text: Callable[[str], str], tracking: Tracking, listener: Listener):
        self._project = project
        self._store = project.store
        self._config_text = config_text
        self._tracking = tracking
        self._listener = listener
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._pending: list[Future[None]] = []
        self._stack = contextlib.ExitStack()
        self._shown: dict[str, dict[str, str]] = {}
        self._checks: dict[str, list[dict[str, Any]]] = {}

    def __enter__(self) -> Committer:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._aside.shutdown(wait=True, cancel_futures=kind is not None)
            self._stack.close()

    def flush(self) -> None:
        """Wait for everything handed over so far; the first failure is raised here."""
        pending, self._pending = self._pending, []
        for future in pending:
            future.result()

    # What the runner calls, in the order of the loop

    def staging(self) -> Path:
        """A new staging folder, removed when the run ends."""
        return self._stack.enter_context(self._store.staging())

    def begin(self, step: str) -> None:
        """Show that a step is running. What it gave before stays visible until it is replaced."""
        run_files.write_state(self._store, step, StepStatus.RUNNING)

    def reuse(self, record: StepRecord) -> None:
        """Show a reused step's outputs, if the outputs folder shows something else."""
        self._submit(lambda: self._reuse(record))

    def renew(self, record: StepRecord) -> None:
        """Remember and show a reused step with what its checks found now."""
        self._submit(lambda: self._renew(record))

    def commit(self, finished: Finished) -> tuple[dict[str, str], dict[str, Output]]:
        """Take over what a step gave.

        Returns:
            Artifact name -> digest of its meaning, at once; and those that are in the store already.
        """
        result, spec = finished.result, finished.spec
        outputs = {
            name: gather(self._store, finished.staging, layout.artifact_path(name), Meaning(extra=_extra_files(name)))
            for name in spec.outputs
            if name not in result.tables
        }
        digests = {name: output.digest for name, output in outputs.items()}
        digests |= {name: table.digest for name, table in result.tables.items()}
        in_store = dict(outputs)
        self._submit(lambda: self._commit(finished, outputs))
        return digests, in_store

    def fail(self, step: str, trace: str, checks: Sequence[dict[str, Any]] = ()) -> None:
        """Keep what finished before, and show in its outputs folder how `step` failed and what its checks found."""
        with contextlib.suppress(Exception):
            self.flush()
        texts = self._drawn(step, lambda: failure(step, self._project.name, trace, checks=checks))
        texts[layout.EXECUTION_STATE_FILE] = run_files.state_text(StepStatus.FAILED, trace, checks=checks)
        if checks:
            texts[layout.CHECKS_FILE] = run_files.checks_text(checks)
        views.show_failure(self._store, step, self._project.profile, texts)
        self._remember(step, {"status": StepStatus.FAILED.value, "error": trace})

    def refuse(self, step: str, run_id: str, checks: Sequence[dict[str, Any]]) -> None:
        """Leave on the MLflow run of a step what its checks found, as far as that works, and mark it as failed."""
        with contextlib.suppress(Exception), self._store.staging() as folder:
            (folder / step).mkdir()
            (folder / step / layout.CHECKS_FILE).write_text(run_files.checks_text(checks), encoding="utf-8")
            self._tracking.log_folder(run_id, folder)
            self._tracking.log(run_id, tags={layout.TAG_CHECKS: summary(checks)})
        self._tracking.terminate(run_id, "FAILED")

    def settle(self, later: Sequence[StepSpec], digests: Mapping[str, str]) -> None:
        """After a run: outputs of later steps that no longer fit what they were made from are not current any more."""
        self.flush()
        state = self._store.state(self._project.profile)
        known = dict(digests)
        for spec in later:
            entry = state["steps"].get(spec.name, {})
            record = next((r for r in self._store.records(spec.name) if r.key.digest == entry.get("key")), None)
            fits = record is not None and all(
                part.digest == known.get(part.name.removeprefix(f"{INPUT} "))
                for part in record.key.parts
                if part.name.startswith(f"{INPUT} ")
            )
            if record is not None and fits:
                known |= {name: output.digest for name, output in record.outputs.items()}
            elif entry:
                del state["steps"][spec.name]
                self._store.show(spec.name, {}, {}, key=None)
        self._store.save_state(self._project.profile, state)

    # The helper thread

    def _submit(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            with explained(self._store.home):
                work()

        self._pending.append(self._aside.submit(guarded))

    def _reuse(self, record: StepRecord) -> None:
        self._note(record)
        if not views.shows(self._store, record):
            self._show(record)
        self._store.used(record)
        self._remember(record.step, {"status": StepStatus.SUCCEEDED.value, "key": record.key.digest})

    def _renew(self, record: StepRecord) -> None:
        """Draw a record's card and write its checks anew; everything else of it stays."""
        module = self._project.graph.find(record.step).module
        about = self._about(record.step, record.seconds, record.finished_at, record.effects.get("run_id"))
        texts = self._drawn(record.step, lambda: build(module, record.facts, about))
        if record.facts["checks"]:
            texts[layout.CHECKS_FILE] = run_files.checks_text(record.facts["checks"])
        files = {name: digest for name, digest in record.files.items() if name != layout.CHECKS_FILE}
        with self._store.staging() as folder:
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8")
                files[name] = self._store.add(folder / name)
        fresh = replace(record, files=files, stored_at=time.time())
        self._note(fresh)
        self._store.save(fresh)
        self._show(fresh)
        self._remember(fresh.step, {"status": StepStatus.SUCCEEDED.value, "key": fresh.key.digest})

    def _note(self, record: StepRecord) -> None:
        """Keep in mind what of a step the train step is to log on the MLflow run."""
        names = (layout.CARD_HTML, layout.CHECKS_FILE)
        self._shown[record.step] = {name: record.files[name] for name in names if name in record.files}
        self._checks[record.step] = record.facts.get("checks") or []

    def _commit(self, finished: Finished, outputs: dict[str, Output]) -> None:
        result, step = finished.result, finished.spec.name
        for name, table in result.tables.items():
            path = layout.artifact_path(name)
            table.write(finished.staging / path)
            outputs[name] = gather(self._store, finished.staging, path, Meaning(table.digest, table.rows))
        now = time.time()
        result.facts.update(result.describe())
        if result.facts.get("checks"):
            text = run_files.checks_text(result.facts["checks"])
            (finished.staging / layout.CHECKS_FILE).write_text(text, encoding="utf-8")
        self._draw(finished, now)
        self._publish(finished)
        rest = [file for file in finished.staging.rglob("*") if file.is_file()]
        files = {file.relative_to(finished.staging).as_posix(): self._store.add(file) for file in rest}
        record = StepRecord(
            step,
            finished.key,
            outputs,
            files,
            result.effects,
            result.facts,
            finished_at=now,
            stored_at=time.time(),
            seconds=finished.seconds,
            rows=result.rows,
            checks=finished.checks,
        )
        self._note(record)
        self._store.save(record)
        self._show(record)
        self._remember(step, {"status": StepStatus.SUCCEEDED.value, "key": record.key.digest})

    def _show(self, record: StepRecord) -> None:
        views.show(self._store, record)
        run_files.write_step_config(self._store, record.step, self._config_text(record.step))

    def _remember(self, step: str, entry: dict[str, Any]) -> None:
        state = self._store.state(self._project.profile)
        state["steps"][step] = {**entry, "at": time.time()}
        self._store.save_state(self._project.profile, state)

    def _draw(self, finished: Finished, now: float) -> None:
        """Write the step's card."""
        result = finished.result
        about = self._about(finished.spec.name, finished.seconds, now, result.effects.get("run_id"))
        for name, text in self._drawn(about.step, lambda: build(finished.spec.module, result.facts, about)).items():
            (finished.staging / name).write_text(text, encoding="utf-8")

    def _about(self, step: str, seconds: float, finished_at: float, run_id: str | None) -> About:
        page = self._tracking.run_page(run_id) if run_id else None
        names = step, self._project.name, self._project.profile
        return About(*names, seconds, finished_at, run_id, page, self._tracking.config.units)

    def _drawn(self, step: str, make: Callable[[], Card]) -> dict[str, str]:
        """File name -> text of a card; empty for one that cannot be drawn, which never fails a step."""
        beside.wait(DRAWING)
        try:
            card = make()
            return {layout.CARD_HTML: to_html(card), layout.CARD_JSON: card.to_json()}
        except Exception as error:  # noqa: BLE001 - a card is a convenience
            self._listener.said(step, f"its card could not be drawn ({type(error).__name__}: {error})")
            return {}

    def _publish(self, finished: Finished) -> None:
        """Log cards, and with the train step the recipe itself, on the MLflow run."""
        step, run_id = finished.spec.name, finished.result.effects.get("run_id")
        if run_id is None:
            return
        with self._store.staging() as folder:
            for earlier, files in self._shown.items() if step == "train" else ():
                self._store.place({f"{earlier}/{name}": digest for name, digest in files.items()}, folder)
            (folder / step).mkdir(exist_ok=True)
            for name in (layout.CARD_HTML, layout.CHECKS_FILE):
                if (finished.staging / name).exists():
                    shutil.copyfile(finished.staging / name, folder / step / name)
            if step == "train":
                best = layout.ARTIFACT_PATHS["best_parameters"]
                text = str(finished.result.values["best_parameters"])
                (folder / step / best).write_text(text, encoding="utf-8")
                run_files.snapshot(self._project, folder / layout.RUN_SNAPSHOT_PATH)
            try:
                self._tracking.log_folder(run_id, folder)
                self._tag_checks(run_id, finished)
            except BaseException:
                with contextlib.suppress(Exception), asked_once():
                    self._tracking.terminate(run_id, "FAILED")
                raise

    def _tag_checks(self, run_id: str, finished: Finished) -> None:
        """Say on the MLflow run how many checks passed, those of the steps before it included."""
        checks = [*chain.from_iterable(self._checks.values()), *(finished.result.facts.get("checks") or [])]
        if checks:
            self._tracking.log(run_id, tags={layout.TAG_CHECKS: summary(checks)})


def _extra_files(artifact: str) -> tuple[str, ...]:
    """Files that belong to an artifact besides the one that 2.22 named."""
    return ("transformer.skops",) if artifact == "transformer" else ()

"""Keeping what steps gave: stored, drawn, recorded and shown by one helper thread while the next step runs.

Digests are taken at once, because they decide what the next step does; bytes are written aside. A step counts as
done when its record is saved, which comes after everything it refers to is in place.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, run_files, views
from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.model import About, Card
from mlflow_recipes.cards.render import to_html
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


@dataclass(frozen=True)
class Finished:
    """A step that ran: what it gave, and the staging folder that holds its files."""

    spec: StepSpec
    key: Key
    result: StepResult
    staging: Path
    seconds: float


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
        self._cards: dict[str, str] = {}

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

    def commit(self, finished: Finished) -> dict[str, str]:
        """Take over what a step gave.

        Returns:
            Artifact name -> digest of its meaning, at once.
        """
        result, spec = finished.result, finished.spec
        outputs = {
            name: gather(self._store, finished.staging, layout.artifact_path(name), Meaning(extra=_extra_files(name)))
            for name in spec.outputs
            if name not in result.tables
        }
        digests = {name: output.digest for name, output in outputs.items()}
        digests |= {name: table.digest for name, table in result.tables.items()}
        self._submit(lambda: self._commit(finished, outputs))
        return digests

    def fail(self, step: str, trace: str) -> None:
        """Keep what finished before, and show the failure of `step` in its outputs folder."""
        with contextlib.suppress(Exception):
            self.flush()
        texts = self._drawn(step, lambda: failure(step, self._project.name, trace))
        texts[layout.EXECUTION_STATE_FILE] = run_files.state_text(StepStatus.FAILED, trace)
        views.show_failure(self._store, step, self._project.profile, texts)
        self._remember(step, {"status": StepStatus.FAILED.value, "error": trace})

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
        self._cards[record.step] = record.files.get(layout.CARD_HTML, "")
        if not views.shows(self._store, record):
            self._show(record)
        self._store.used(record)
        self._remember(record.step, {"status": StepStatus.SUCCEEDED.value, "key": record.key.digest})

    def _commit(self, finished: Finished, outputs: dict[str, Output]) -> None:
        result, step = finished.result, finished.spec.name
        for name, table in result.tables.items():
            path = layout.artifact_path(name)
            table.write(finished.staging / path)
            outputs[name] = gather(self._store, finished.staging, path, Meaning(table.digest, table.rows))
        now = time.time()
        result.facts.update(result.describe())
        self._draw(finished, now)
        self._publish(finished)
        rest = [file for file in finished.staging.rglob("*") if file.is_file()]
        files = {file.relative_to(finished.staging).as_posix(): self._store.add(file) for file in rest}
        self._cards[step] = files.get(layout.CARD_HTML, "")
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
        )
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
        step, result = finished.spec.name, finished.result
        run_id = result.effects.get("run_id")
        about = About(
            step=step,
            recipe=self._project.name,
            profile=self._project.profile,
            seconds=finished.seconds,
            finished_at=now,
            run_id=run_id,
            run_url=self._tracking.run_page(run_id) if run_id else None,
        )
        for name, text in self._drawn(step, lambda: build(finished.spec.module, result.facts, about)).items():
            (finished.staging / name).write_text(text, encoding="utf-8")

    def _drawn(self, step: str, make: Callable[[], Card]) -> dict[str, str]:
        """File name -> text of a card; empty for one that cannot be drawn, which never fails a step."""
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
            for name, digest in self._cards.items() if step == "train" else ():
                if digest:
                    self._store.place({f"{name}/{layout.CARD_HTML}": digest}, folder)
            (folder / step).mkdir(exist_ok=True)
            if (finished.staging / layout.CARD_HTML).exists():
                shutil.copyfile(finished.staging / layout.CARD_HTML, folder / step / layout.CARD_HTML)
            if step == "train":
                best = layout.ARTIFACT_PATHS["best_parameters"]
                text = str(finished.result.values["best_parameters"])
                (folder / step / best).write_text(text, encoding="utf-8")
                run_files.snapshot(self._project, folder / layout.RUN_SNAPSHOT_PATH)
            try:
                self._tracking.log_folder(run_id, folder)
            except BaseException:
                with contextlib.suppress(Exception), asked_once():
                    self._tracking.terminate(run_id, "FAILED")
                raise


def _extra_files(artifact: str) -> tuple[str, ...]:
    """Files that belong to an artifact besides the one that 2.22 named."""
    return ("transformer.skops",) if artifact == "transformer" else ()

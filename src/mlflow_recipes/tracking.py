"""The only user of MLflow's tracking API; owns the life of a run. Its `registry` is that of models.

One MLflow run belongs to one recipe run: `train` opens it, `evaluate` and `register` reopen it. Nothing here is
imported or contacted before a step asks for it, except by `warm_up`, which a run may call from a thread while the
first steps read data.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import experiment, fluent, layout, run_tags, scored, tracking_database
from mlflow_recipes.data.dataset import representative
from mlflow_recipes.environment import variable
from mlflow_recipes.errors import RecipeError, attach_to_mlflow
from mlflow_recipes.quiet import quiet
from mlflow_recipes.records import NO_CHAMPION, moved
from mlflow_recipes.registry import Registry
from mlflow_recipes.secrets import mask, masked
from mlflow_recipes.sources import local_path
from mlflow_recipes.tracking_server import (
    absolute_uri,
    asked_once_after_failure,
    explained,
    file_store_allowed,
    page,
    tracking_uri,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Run

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.data.dataset import Dataset
    from mlflow_recipes.records import StepRecord


class Tracking:
    """The MLflow side of one recipe under one profile."""

    def __init__(self, root: Path, config: RecipeConfig, attempt: str = "") -> None:
        self.root = root
        self.config = config
        self.uri = tracking_uri(root, config)
        self.attempt = attempt
        self._lock = threading.RLock()
        self.left_open = False  # whether a run of this attempt may still be RUNNING
        self.opened: str | None = None  # the run that `start` or `resume` opened
        self._alive: dict[str, str | None] = {}

    # Connection

    @property
    def registry_uri(self) -> str | None:
        """The model registry, where the recipe names one of its own."""
        uri = self.config.registry_uri
        return absolute_uri(self.root, uri) if uri else None

    @cached_property
    def registry(self) -> Registry:
        """The model registry of this recipe."""
        return Registry(self)

    @cached_property
    def _connected(self) -> MlflowClient:
        import mlflow

        attach_to_mlflow()
        registry = self.registry_uri
        try:
            with quiet("mlflow.store.db.utils", "alembic"), self._folders_allowed():
                for uri in (self.uri, registry or self.uri):
                    tracking_database.create(uri, lambda new: mlflow.MlflowClient(tracking_uri=new))
                    tracking_database.follow(uri, self.root)
                return mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=registry)
        except ImportError as error:
            raise RecipeError(
                f"MLflow {mlflow.__version__} cannot work with the libraries that are installed here: {error}",
                hint="Upgrade MLflow, or install what this version needs; for older ones that is `sqlalchemy<2.1`.",
            ) from error

    @contextlib.contextmanager
    def _folders_allowed(self) -> Iterator[None]:
        with file_store_allowed(self.uri), file_store_allowed(self.registry.uri):
            yield

    @property
    def client(self) -> MlflowClient:
        """MLflow's client for this recipe's server and registry."""
        with self._lock:
            return self._connected

    @contextlib.contextmanager
    def session(self, *, writing: bool = True) -> Iterator[None]:
        """Make this recipe's server, registry and experiment MLflow's current ones, and put back what was before.

        The user's own functions may call `mlflow.log_metric` and friends, as they could in 2.22.

        Args:
            writing: Make the experiment current, too, and create it where it does not exist.
        """
        with explained(self.uri):
            experiment_id = self.experiment_id if writing else None
            with (
                contextlib.ExitStack() as tidying,
                fluent.current(self.uri, self.registry_uri, experiment_id),
                self._folders_allowed(),
                asked_once_after_failure(tidying),
            ):
                yield

    def warm_up(self) -> None:
        """Import what training needs and connect, so that it is there when train asks; failures show up then."""
        with contextlib.suppress(Exception):
            import mlflow.sklearn  # noqa: F401

            with self._lock:
                self.client.get_experiment(self.experiment_id)

    @cached_property
    def _experiment(self) -> str:
        return experiment.find_or_create(self.client, self.uri, self.root, self.config.experiment)

    @property
    def experiment_id(self) -> str:
        """The recipe's experiment, created where it does not exist yet."""
        with self._lock:
            return self._experiment

    # Runs

    def run_page(self, run_id: str) -> str | None:
        """Where a run can be looked at, on servers that have pages."""
        return page(self.uri, "experiments", self.experiment_id, "runs", run_id)

    def start(self, target: str, run_name: str | None) -> str:
        """Open the MLflow run of this recipe run and return its id."""
        tags = {**self._source_tags, layout.TAG_STEP: target}
        tags |= {layout.TAG_ATTEMPT: self.attempt} if self.attempt else {}
        self.left_open = True
        run = self.client.create_run(self.experiment_id, run_name=run_name, tags=tags)
        self.opened = str(run.info.run_id)
        return self.opened

    def resume(self, run_id: str, target: str) -> bool:
        """Take over the run of a killed attempt, if it is still there and was not finished."""
        run = self.find_run(run_id)
        if run is None or run.info.lifecycle_stage != "active" or run.info.status == "FINISHED":
            return False
        if run.info.experiment_id != self.experiment_id:
            return False
        self.left_open = True
        for name, value in {layout.TAG_STEP: target, layout.TAG_ATTEMPT: self.attempt}.items():
            self.client.set_tag(run_id, name, value)
        self.opened = run_id
        return True

    def child_tags(self, parent: str) -> dict[str, str]:
        """The tags of a run that is nested in `parent`."""
        tags = {**self._source_tags, layout.TAG_PARENT: parent}
        return tags | ({layout.TAG_ATTEMPT: self.attempt} if self.attempt else {})

    @cached_property
    def _source_tags(self) -> dict[str, str]:
        return run_tags.source(self.root, self.config)

    @contextlib.contextmanager
    def active(self, run_id: str) -> Iterator[None]:
        """Reopen a run for the length of a block: FINISHED after it, FAILED when it raises, KILLED on Ctrl-C."""
        self.left_open = True
        with (
            contextlib.ExitStack() as tidying,
            fluent.reopened(run_id, self.terminate),
            asked_once_after_failure(tidying),
        ):
            yield

    def join(self, run_id: str) -> None:
        """Make an open run the current one of this thread, for as long as the thread lives."""
        fluent.join(run_id)

    def terminate(self, run_id: str, status: str) -> None:
        """Give a run its final status: FINISHED, FAILED or KILLED."""
        self.client.set_terminated(run_id, status)
        self.left_open = False

    def abandon(self, attempt: str) -> None:
        """Mark runs that a killed process left RUNNING as KILLED.

        Args:
            attempt: What that process called its attempt.
        """
        with explained(self.uri):
            left = f"tags.`{layout.TAG_ATTEMPT}` = '{attempt}' and attributes.status = 'RUNNING'"
            for run in self.client.search_runs([self.experiment_id], left):
                self.client.set_terminated(run.info.run_id, "KILLED")

    def log(
        self,
        run_id: str,
        *,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        model_id: str | None = None,
    ) -> None:
        """Log metrics, parameters and tags of a run in one request a hundred parameters."""
        import time

        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        measured = [Metric(n, float(v), now, 0, model_id=model_id) for n, v in (metrics or {}).items()]
        given = [Param(name, str(value)[:6000]) for name, value in masked(dict(params or {})).items()]
        marks = [RunTag(name, str(value)) for name, value in (tags or {}).items()]
        self.client.log_batch(run_id, metrics=measured, params=given[:100], tags=marks)
        for start in range(100, len(given), 100):
            self.client.log_batch(run_id, params=given[start : start + 100])

    def log_curve(self, run_id: str, curves: Mapping[str, Sequence[float]]) -> None:
        """Log metrics that have a value for each step, from 0, a thousand values a request."""
        import time

        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        points = [
            Metric(re.sub(r"[^\w\-. /]", "_", name), float(value), now, step)
            for name, values in curves.items()
            for step, value in enumerate(values)
        ]
        for start in range(0, len(points), 1000):
            self.client.log_batch(run_id, metrics=points[start : start + 1000])

    def log_folder(self, run_id: str, folder: Path, artifact_path: str | None = None) -> None:
        """Log what is in a folder under `artifact_path` of a run."""
        with explained(self.uri):
            self.client.log_artifacts(run_id, str(folder), artifact_path)

    def log_file(self, run_id: str, file: Path, artifact_path: str | None = None) -> None:
        """Log a file under `artifact_path` of a run."""
        self.client.log_artifact(run_id, str(file), artifact_path)

    def log_datasets(self, run_id: str, tables: Mapping[str, Dataset]) -> None:
        """Log tables as dataset inputs of a run, by their digests; keys are contexts such as "training"."""
        from mlflow.data.code_dataset_source import CodeDatasetSource
        from mlflow.data.pandas_dataset import from_pandas
        from mlflow.entities import Dataset as Logged
        from mlflow.entities import DatasetInput, InputTag

        inputs, source, target = [], CodeDatasetSource(self._source_tags), _only(self.config.target_cols)
        for context, table in tables.items():
            sample = representative(table.pandas())
            described = from_pandas(sample, source, target, f"{context}_data", table.digest).to_dict()
            size = {"num_rows": table.rows, "num_elements": table.rows * sample.shape[1]}
            logged = Logged(**{**described, "profile": json.dumps(size)})
            inputs.append(DatasetInput(logged, [InputTag("mlflow.data.context", context)]))
        self.client.log_inputs(run_id, datasets=inputs)

    def set_primary_metric(self, name: str, greater_is_better: bool) -> None:
        """Tell the experiment which metric the run list is about."""
        self.client.set_experiment_tag(self.experiment_id, layout.TAG_PRIMARY_METRIC, name)
        self.client.set_experiment_tag(self.experiment_id, layout.TAG_PRIMARY_GREATER, str(greater_is_better))

    def best_runs(self, metric: str, greater_is_better: bool, this: str, limit: int = 20) -> list[dict[str, Any]]:
        """The best finished runs of the experiment by a metric, and this one, which is not finished yet.

        Returns:
            Best first: run_id, name, start (ms since the epoch), metrics, estimator.
        """
        order = [f"metrics.`{metric}` {'DESC' if greater_is_better else 'ASC'}"]
        filtering = f"tags.`{layout.TAG_TEMPLATE}` = '{self.config.recipe}' and attributes.status = 'FINISHED'"
        found = self.client.search_runs([self.experiment_id], filtering, max_results=limit, order_by=order)
        runs = [run for run in (*found, self.client.get_run(this)) if metric in run.data.metrics]
        runs.sort(key=lambda run: run.data.metrics[metric], reverse=greater_is_better)
        return [
            {
                "run_id": run.info.run_id,
                "name": run.info.run_name,
                "start": run.info.start_time,
                "metrics": dict(run.data.metrics),
                "estimator": run.data.tags.get("estimator_name", ""),
            }
            for run in runs
        ]

    # Models

    def create_model(self, run_id: str, params: Mapping[str, Any]) -> str:
        """Create the run's logged model, still empty, and return its id."""
        model = self.client.create_logged_model(
            self.experiment_id,
            name=layout.MODEL_NAME,
            source_run_id=run_id,
            params={name: str(value) for name, value in masked(dict(params)).items()},
        )
        return str(model.model_id)

    def log_model(self, run_id: str, model_id: str, folder: Path) -> None:
        """Give a saved model to its logged model, to the run at 2.22's path, and mark it as ready."""
        from mlflow.entities import LoggedModelOutput

        self.client.log_model_artifacts(model_id, str(folder))
        self.client.finalize_logged_model(model_id, "READY")
        self.client.log_outputs(run_id, models=[LoggedModelOutput(model_id, 0)])
        self.log_folder(run_id, folder, layout.RUN_MODEL_PATH)

    def load_model(self, run_id: str, path: str = layout.RUN_MODEL_PATH) -> Any:
        """The scikit-learn pipeline that a run logged, or what else it logged as a model at `path`."""
        import mlflow.sklearn

        with variable(layout.PROGRESS_BAR_VARIABLE, "false"):
            return mlflow.sklearn.load_model(f"runs:/{run_id}/{path}")

    def load_pyfunc(self, run_id: str) -> Any:
        """The model that a run logged, as a `mlflow.pyfunc.PyFuncModel`."""
        import mlflow.pyfunc

        with variable(layout.PROGRESS_BAR_VARIABLE, "false"):  # of files that mostly lie on this machine
            return mlflow.pyfunc.load_model(f"runs:/{run_id}/{layout.RUN_MODEL_PATH}")

    # What was left outside, and whether it is still there

    def lost(self, record: StepRecord) -> str | None:
        """Why what a step left in MLflow, or wrote, cannot be relied on any more; None when it is all there."""
        if why := scored.lost_output(self.root, record):
            return why
        with explained(self.uri):
            run_id = record.effects.get("run_id")
            if run_id:
                if run_id not in self._alive:
                    self._alive[run_id] = self._lost_run(run_id)
                if self._alive[run_id]:
                    return self._alive[run_id]
            if version := record.effects.get("model_version"):
                return self.registry.lost(record.effects["model_name"], version, str(run_id))
            return self._other_champion(record) or self.registry.other_model(record)

    def _other_champion(self, record: StepRecord) -> str | None:
        """Why a comparison with the champion is out of date: another model has become it since, not this one."""
        before = record.effects.get("champion_version")
        if before is None:
            return None
        now = self.registry.by_alias(*record.effects["champion"].rsplit("@", 1))
        if now is not None and now.run_id == record.effects["run_id"]:
            return None
        return moved(before, now.version if now else NO_CHAMPION)

    def _lost_run(self, run_id: str) -> str | None:
        run = self.find_run(run_id)
        if run is None:
            return f"its MLflow run {run_id} is not in {mask(self.uri)}"
        return None if run.info.lifecycle_stage == "active" else f"its MLflow run {run_id} was deleted"

    def find_run(self, run_id: str) -> Run | None:
        """A run by its id; None where there is none."""
        from mlflow.exceptions import MlflowException

        try:
            return self.client.get_run(run_id)
        except MlflowException as error:
            if error.error_code not in layout.GONE:
                raise
            return None

    def lost_artifacts(self, run_id: str) -> str | None:
        """Why artifacts of a run on a local disk cannot be reached any more; None when they can, or are elsewhere."""
        place = self.client.get_run(run_id).info.artifact_uri
        if not place.startswith("file:") or local_path(self.root, place).exists():
            return None
        return f"the artifacts of its MLflow run are not at {local_path(self.root, place)} any more"

    def fetch_logged(self, run_id: str, path: str, folder: Path) -> Path | None:
        """Download an artifact of a run, a file or a folder, into `folder`; None where the run has none there."""
        if path not in {entry.path for entry in self.client.list_artifacts(run_id, path.rpartition("/")[0] or None)}:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        with variable(layout.PROGRESS_BAR_VARIABLE, "false"):
            return Path(self.client.download_artifacts(run_id, path, str(folder)))

    def fetch(self, uri: str, folder: Path) -> Path:
        """Download anything MLflow's artifact stores can resolve into `folder`."""
        import mlflow.artifacts

        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder)))


def _only(names: Sequence[str]) -> str | None:
    """The one name; MLflow's datasets have no place for several targets."""
    return names[0] if len(names) == 1 else None

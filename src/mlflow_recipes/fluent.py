"""MLflow's current server, experiment and run: the recipe's for the length of a block, and then the user's again.

A notebook may have a run open and an experiment set, and step functions may call `mlflow.log_metric`, start runs and
leave them open. In MLflow Recipes 2.22 each step was a process of its own; here the block is the border.
"""

from __future__ import annotations

import contextlib
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# MLflow has no public way to read the experiment that `set_experiment` made current, nor to unset it.
_EXPERIMENT = "_active_experiment_id"


@contextlib.contextmanager
def current(uri: str, registry_uri: str | None, experiment_id: str | None) -> Iterator[None]:
    """Make a server, a registry and an experiment MLflow's current ones; afterwards end what runs are left open.

    Args:
        uri: Tracking URI.
        registry_uri: Registry URI; None leaves it to follow the tracking server.
        experiment_id: Where runs that the block starts go; None leaves it as it is.
    """
    import mlflow

    outer, before = _open_run(), _swap_experiment(experiment_id)
    uri_before = os.environ.get(layout.TRACKING_URI_VARIABLE)
    registry_before = os.environ.get(layout.REGISTRY_URI_VARIABLE)
    mlflow.set_tracking_uri(uri)
    if registry_uri:
        mlflow.set_registry_uri(registry_uri)
    try:
        yield
    finally:
        _end_runs({outer})
        _swap_experiment(before)
        mlflow.set_tracking_uri(uri_before)  # type: ignore[arg-type]
        if registry_uri:
            mlflow.set_registry_uri(registry_before)  # type: ignore[arg-type]
            if registry_before is None:  # MLflow sets the variable, but does not unset it
                os.environ.pop(layout.REGISTRY_URI_VARIABLE, None)


@contextlib.contextmanager
def reopened(run_id: str, terminate: Callable[[str, str], Any]) -> Iterator[None]:
    """Make a run the current one: FINISHED after the block, FAILED when it raises, KILLED on Ctrl-C.

    Args:
        run_id: The run.
        terminate: Gives a run its final status, also one that step code has ended already.
    """
    import mlflow

    outer = _open_run()
    mlflow.start_run(run_id=run_id, nested=True)
    status = "FAILED"
    try:
        yield
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        _end_runs({run_id, outer})
        terminate(run_id, status)
        if _open_run() == run_id:
            mlflow.end_run(status)


def _open_run() -> str | None:
    import mlflow

    run = mlflow.active_run()
    return None if run is None else str(run.info.run_id)


def _end_runs(until: set[str | None]) -> None:
    """End open runs, the innermost first, until one of `until` is the current one, or none is."""
    import mlflow

    while (run := _open_run()) is not None and run not in until:
        mlflow.end_run()


def _swap_experiment(experiment_id: str | None) -> str | None:
    """Make an experiment the current one and return the one before; None leaves, and stands for, none."""
    state = import_module("mlflow.tracking.fluent")
    before: str | None = getattr(state, _EXPERIMENT, None)
    if hasattr(state, _EXPERIMENT):
        setattr(state, _EXPERIMENT, experiment_id)
    return before

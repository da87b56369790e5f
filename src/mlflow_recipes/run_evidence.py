"""What a run logged about its model besides metrics and files: what two runs are held against each other with."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.contract.loaded import read
from mlflow_recipes.contract.model import FILE as CONTRACT_FILE
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking_server import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.contract.model import Contract
    from mlflow_recipes.tracking import Tracking

_EVALUATE = "evaluate"
_MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Evidence:
    """What is known of one run. Figures are those of the evaluate step; None for what it did not log.

    Attributes:
        run_id: The run.
        name: MLflow's name of it.
        started: Seconds since the epoch.
        url: Its page, on servers that have pages.
        tags: All of them.
        rows: Rows of each split.
        figures: Name -> plain data: intervals, others, slices, errors, importance.
        contract: What the training data were like.
    """

    run_id: str
    name: str = ""
    started: float | None = None
    url: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    contract: Contract | None = None


def gather(tracking: Tracking, run_id: str) -> Evidence:
    """Fetch what a run logged. Call it within a session.

    Raises:
        UnavailableError: The server cannot be reached.
    """
    run = tracking.client.get_run(run_id)
    with tempfile.TemporaryDirectory() as folder:
        figures = tracking.fetch_logged(run_id, _EVALUATE, Path(folder, "figures"))
        contract = tracking.fetch_logged(run_id, f"{layout.RUN_MODEL_PATH}/{CONTRACT_FILE}", Path(folder, "contract"))
        return Evidence(
            run_id,
            mask(run.info.run_name or ""),
            run.info.start_time / 1000 if run.info.start_time else None,
            page(tracking.uri, "experiments", run.info.experiment_id, "runs", run_id),
            {name: mask(str(value)) for name, value in run.data.tags.items()},
            _rows(run),
            _figures(figures) if figures else {},
            _contract(contract) if contract else None,
        )


def _figures(folder: Path) -> dict[str, Any]:
    """Every file of JSON in a folder, by its name; damaged and huge ones are not there."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        try:
            if file.stat().st_size <= _MOST_BYTES:
                found[file.stem] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
    return found


def _contract(file: Path) -> Contract | None:
    try:
        return read(file, "")
    except RecipeError:
        return None


def _rows(run: Any) -> dict[str, int]:
    """Rows of the tables that a run logged as inputs, by their context."""
    found = {}
    for logged in run.inputs.dataset_inputs if run.inputs else ():
        context = next((tag.value for tag in logged.tags if tag.key == "mlflow.data.context"), logged.dataset.name)
        try:
            rows = json.loads(logged.dataset.profile or "{}").get("num_rows")
        except (ValueError, AttributeError):
            continue
        if isinstance(rows, int):
            found[str(context)] = rows
    return found

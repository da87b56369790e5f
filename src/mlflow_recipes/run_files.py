"""Small files of a run that people and other programs read: execution states, step configs, the recipe's snapshot."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.checks.model import PASSED, counts
from mlflow_recipes.code_closure import code_files
from mlflow_recipes.code_paths import code_paths, divided
from mlflow_recipes.code_secrets import mask_code
from mlflow_recipes.records import StepStatus
from mlflow_recipes.secrets import mask, masked
from mlflow_recipes.store import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow_recipes.project import Project
    from mlflow_recipes.store import Store

_PUBLIC_SUFFIXES = {".py", ".yaml", ".yml", ".md", ".toml", ".txt", ".json"}


def state_text(
    status: StepStatus,
    trace: str | None = None,
    when: float | None = None,
    checks: Sequence[dict[str, Any]] | None = None,
) -> str:
    """The text of execution_state.json, with 2.22's keys, and one for checks where the step has some.

    Args:
        status: How the step stands.
        trace: What went wrong.
        when: Seconds since the epoch; now if not given.
        checks: What its checks found, as plain data.
    """
    state: dict[str, Any] = {
        layout.STATE_STATUS_KEY: status.value,
        layout.STATE_TIME_KEY: int(when or time.time()),
        layout.STATE_TRACE_KEY: trace,
    }
    if checks:
        told = [check for check in checks if check["status"] != PASSED]
        state[layout.STATE_CHECKS_KEY] = {**counts(checks), "not_passed": told}
    return json.dumps(state)


def checks_text(checks: Sequence[dict[str, Any]]) -> str:
    """The text of checks.json: what every check of a step found."""
    return json.dumps({"format": 1, "checks": list(checks)}, indent=1, ensure_ascii=False)


def write_state(store: Store, step: str, status: StepStatus) -> None:
    """Put a step's execution state into its outputs folder, beside what is there."""
    write_text(store.outputs_folder(step) / layout.EXECUTION_STATE_FILE, state_text(status))


def read_state(store: Store, step: str) -> dict[str, Any]:
    """A step's execution state; UNKNOWN where there is none."""
    try:
        data = json.loads((store.outputs_folder(step) / layout.EXECUTION_STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = None
    unknown = {
        layout.STATE_STATUS_KEY: StepStatus.UNKNOWN.value,
        layout.STATE_TIME_KEY: 0,
        layout.STATE_TRACE_KEY: None,
    }
    return {**unknown, **data} if isinstance(data, dict) else unknown


def write_step_config(store: Store, step: str, text: str) -> None:
    """Write the effective configuration of a step where 2.22 wrote it, if it differs from what is there."""
    path = store.home / layout.STEPS_FOLDER / step / layout.STEP_CONFIG_FILE
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def step_config_text(options: dict[str, Any]) -> str:
    """A step's options as YAML, secrets masked."""
    import yaml

    return yaml.safe_dump(masked(options), sort_keys=False, default_flow_style=False)


def _shared_files(root: Path, folder: Path) -> dict[Path, Path]:
    """The files from `code_paths` behind the steps, each with where it goes."""
    folders = code_paths(root)
    entries = (
        [f"{layout.STEPS_FOLDER}/{path.name}" for path in (root / layout.STEPS_FOLDER).glob("*.py")] if folders else []
    )
    found = {file: divided(file, folders) for entry in entries for file in code_files(root, entry)}
    return {root / file: folder / inside for file, (shared, inside) in found.items() if shared}


def snapshot(project: Project, folder: Path) -> None:
    """Copy the recipe's own text files to `folder`, secrets masked: recipe.yaml, profiles, steps, requirements.

    What the steps import from `code_paths` goes into a folder of that name. The resolved configuration is written to
    runtime/recipe.yaml.
    """
    import yaml

    root = project.root
    files = [root / layout.RECIPE_FILE, root / "requirements.txt"]
    files += sorted((root / layout.PROFILES_FOLDER).glob("*.yaml"))
    files += sorted(p for p in (root / layout.STEPS_FOLDER).rglob("*") if p.suffix in _PUBLIC_SUFFIXES)
    targets = {file: folder / file.relative_to(root) for file in files} | _shared_files(root, folder / "code_paths")
    for file, target in targets.items():
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(mask_code(text) if file.suffix == ".py" else mask(text), encoding="utf-8")
    resolved = yaml.safe_dump(masked(project.source.values), sort_keys=False, default_flow_style=False)
    (folder / "runtime").mkdir(parents=True, exist_ok=True)
    (folder / "runtime" / layout.RECIPE_FILE).write_text(resolved, encoding="utf-8")

"""Two versions or runs side by side: what differs in configuration, data, code and libraries, and which is better."""

from __future__ import annotations

import difflib
import json
import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.fingerprint import code_parts, option_parts
from mlflow_recipes.records import Change, Key, Part, changes
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking import Tracking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflow_recipes.config.models import RecipeConfig
    from mlflow_recipes.project import Project

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_ANY_ID = re.compile(r"[a-zA-Z0-9][\w-]{0,255}")  # what MLflow takes for the id of a run
_LAST = re.compile(r"last(?:~(\d{1,9}))?")
_MOST_RUNS = 10_000  # that are looked through for an earlier one
_PARTS_OF_METRICS = ("training_", "val_", "test_")
_GREATER_IS_BETTER = ("r2_score", "score")  # of those that are logged and cannot be a criterion
_REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Attributes:
        name: How a person would call it: `version 3 (champion)`, `run 1f2e3d4c`.
        run_id: The MLflow run that trained it.
        status: Its validation status, where it was evaluated.
        metrics: As logged.
    """

    name: str
    run_id: str
    status: str | None
    metrics: dict[str, float]


@dataclass(frozen=True)
class MetricChange:
    """A metric on both sides; None where a side lacks it.

    Attributes:
        better: "a", "b" or "equal"; None where it is not known whether larger is better, or a side lacks it or has NaN.
    """

    name: str
    a: float | None
    b: float | None
    better: str | None


@dataclass(frozen=True)
class Comparison:
    """Two sides and how they differ; None where a side did not log what it would take to know.

    Attributes:
        metrics: All metrics, the primary one of the test data first.
        config: Changed keys of the effective configuration.
        data: Changed tables: rows and digest.
        code: Changed step files, by meaning: comments do not count.
        libraries: Changed requirements of the models.
        diff: Unified diff of the changed step files.
        notes: What to keep in mind.
    """

    a: Side
    b: Side
    metrics: tuple[MetricChange, ...]
    config: tuple[Change, ...] | None
    data: tuple[Change, ...] | None
    code: tuple[Change, ...] | None
    libraries: tuple[Change, ...] | None
    diff: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    """What made a model, as far as its run logged it: parts to hold against another's, and where its files are now."""

    config: Key | None
    data: Key | None
    code: Key | None
    libraries: Key | None
    folder: Path


def compare(project: Project, a: str | int, b: str | int) -> Comparison:
    """Hold two versions or runs against each other.

    Args:
        project: The recipe.
        a: A version's number, an alias, `run:<id>`, the id of a run, or `last`, `last~1`...: the newest run of the
            profile that came to its end, the one before it.
        b: Another one.

    Raises:
        RecipeError: There is no such version or run.
        UnavailableError: The server cannot be reached.
    """
    config = project.config([project.graph.find("register")])
    tracking = Tracking(project.root, config)
    with tracking.session(writing=False), tempfile.TemporaryDirectory() as folder:
        one, other = _side(tracking, str(a)), _side(tracking, str(b))
        before, after = (_made(tracking, side, Path(folder, which)) for side, which in ((one, "a"), (other, "b")))
        code = _changes(before.code, after.code)
        data = _changes(before.data, after.data)
        return Comparison(
            one,
            other,
            _metrics(config, one.metrics, other.metrics),
            _changes(before.config, after.config),
            data,
            code,
            _changes(before.libraries, after.libraries),
            _diff(before.folder, after.folder, [change.name for change in code or ()]),
            _caveats(data or ()),
        )


def _side(tracking: Tracking, which: str) -> Side:
    if last := _LAST.fullmatch(which):
        which = f"run:{_last(tracking, which, int(last[1] or 0))}"
    run_id, name = which.removeprefix("run:"), f"run {which.removeprefix('run:')[:8]}"
    if run_id == which and not _RUN_ID.fullmatch(which):
        version = tracking.registry.named(str(tracking.config.model_name), which)
        if version.run_id is None:
            raise RecipeError(f"Version {version.version} of '{version.name}' does not say which run trained it.")
        run_id, name = version.run_id, f"version {version}"
    run = tracking.find_run(run_id) if _ANY_ID.fullmatch(run_id) else None
    if run is None:
        raise RecipeError(
            f"There is no MLflow run '{run_id}' in {mask(tracking.uri)}.",
            hint="Give a version's number, an alias, or `run:` and the whole id of a run.",
        )
    return Side(name, run_id, run.data.tags.get(layout.TAG_VALIDATION), dict(run.data.metrics))


def _last(tracking: Tracking, which: str, back: int) -> str:
    """The id of the newest run of the profile that came to its end, or of one before it; trials of searches aside."""
    profile = str(tracking.config.profile)
    quote = '"' if "'" in profile else "'"
    wanted = [f"tags.`{layout.TAG_PROFILE}` = {quote}{profile}{quote}", f"tags.`{layout.TAG_STEP}` LIKE '%'"]
    wanted += [f"tags.`{layout.TAG_SOURCE_TYPE}` = '{layout.SOURCE_TYPE}'", "attributes.status = 'FINISHED'"]
    runs = tracking.client.search_runs(
        [tracking.experiment_id],
        " and ".join(wanted),
        max_results=min(back + 1, _MOST_RUNS),
        order_by=["attributes.start_time DESC"],
    )
    if len(runs) <= back:
        raise RecipeError(
            f"There is no run '{which}': of the profile '{profile}', {len(runs)} came to their end.",
            hint="Give a version's number, an alias, or `run:` and the whole id of a run.",
        )
    return str(runs[back].info.run_id)


def _made(tracking: Tracking, side: Side, folder: Path) -> _Made:
    """Fetch what a run logged of how its model was made."""
    snapshot = tracking.fetch_logged(side.run_id, layout.RUN_SNAPSHOT_PATH, folder)
    model = tracking.fetch_logged(side.run_id, f"{layout.RUN_MODEL_PATH}/{_REQUIREMENTS}", folder)
    return _Made(
        _key(option_parts(_config(snapshot)), "config ") if snapshot else None,
        _key(_data_parts(tracking, side.run_id)),
        _key(code_parts(snapshot, _step_files(snapshot)), "code ") if snapshot else None,
        _key(_requirements(model)) if model else None,
        snapshot or folder,
    )


def _key(parts: Iterable[Part], kind: str = "") -> Key | None:
    named = tuple(Part(part.name.removeprefix(kind), part.digest, part.shown) for part in parts)
    return Key("compare", named) if named else None


def _changes(before: Key | None, after: Key | None) -> tuple[Change, ...] | None:
    return changes(before, after) if before and after else None


def _config(snapshot: Path) -> dict[str, Any]:
    """The effective configuration; empty where it is not there, or damaged."""
    import yaml

    try:
        values = yaml.safe_load((snapshot / "runtime" / layout.RECIPE_FILE).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return values if isinstance(values, dict) else {}


def _step_files(snapshot: Path) -> list[str]:
    return sorted(path.relative_to(snapshot).as_posix() for path in (snapshot / layout.STEPS_FOLDER).rglob("*.py"))


def _data_parts(tracking: Tracking, run_id: str) -> list[Part]:
    """The tables of a run: those it logged as inputs, and what was ingested, by its tag."""
    run = tracking.client.get_run(run_id)
    ingested = run.data.tags.get(layout.TAGS_DATA["ingested"])
    parts = [Part("ingested", ingested, ingested[:8])] if ingested else []
    for logged in run.inputs.dataset_inputs if run.inputs else ():
        context = next((tag.value for tag in logged.tags if tag.key == "mlflow.data.context"), logged.dataset.name)
        rows = json.loads(logged.dataset.profile or "{}").get("num_rows")
        size = f"{rows:,} rows, " if isinstance(rows, int) else ""
        parts.append(Part(context, logged.dataset.digest, f"{size}{logged.dataset.digest[:8]}"))
    return parts


def _requirements(file: Path) -> list[Part]:
    pinned = [line.partition("==") for line in file.read_text(encoding="utf-8").splitlines() if "==" in line]
    return [Part(name.strip(), version.strip(), version.strip()) for name, _, version in pinned]


def _metrics(config: RecipeConfig, a: dict[str, float], b: dict[str, float]) -> tuple[MetricChange, ...]:
    first = f"test_{config.primary_metric_name}"
    names = sorted({*a, *b}, key=lambda name: (name != first, not name.startswith("test_"), name))
    return tuple(MetricChange(name, a.get(name), b.get(name), _better(config, name, a, b)) for name in names)


def _better(config: RecipeConfig, name: str, a: dict[str, float], b: dict[str, float]) -> str | None:
    part = next((part for part in _PARTS_OF_METRICS if name.startswith(part)), "")
    metric = name.removeprefix(part)
    known = metric in config.metric_names or metric in _GREATER_IS_BETTER
    if not known or any(math.isnan(side.get(name, math.nan)) for side in (a, b)):
        return None
    if a[name] == b[name]:
        return "equal"
    greater = metric in _GREATER_IS_BETTER or config.greater_is_better(metric)
    return "b" if (b[name] > a[name]) == greater else "a"


def _diff(a: Path, b: Path, files: Iterable[str]) -> str:
    lines: list[str] = []
    for file in files:
        old, new = (
            (folder / file).read_text(encoding="utf-8").splitlines() if (folder / file).is_file() else []
            for folder in (a, b)
        )
        lines += difflib.unified_diff(old, new, f"a/{file}", f"b/{file}", n=1, lineterm="")
    return "\n".join(lines)


def _caveats(data: Iterable[Change]) -> tuple[str, ...]:
    tested = any(change.name == "test" for change in data)
    return ("The test data differ, so the test metrics say little about which model is better.",) if tested else ()

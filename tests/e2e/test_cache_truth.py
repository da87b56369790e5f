"""`plan`, `why` and the run tell the same truth about edits; the table of them is in docs/caching.md.

`UPDATE_DOCS=1 pytest tests/e2e/test_cache_truth.py` writes the table anew.
"""

from __future__ import annotations

import importlib.metadata
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.plan import Action
from mlflow_recipes.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = ("ingest", "split", "transform", "train", "evaluate", "register")
DOCS = Path(__file__).parents[2] / "docs" / "caching.md"
BEGIN, END = "<!-- edits: begin -->", "<!-- edits: end -->"


@dataclass(frozen=True)
class Edit:
    """One edit: what is done, which steps must run then, the step that `why` is asked about, and what it must say."""

    name: str
    do: Callable
    runs: tuple[str, ...]
    asked: str = "ingest"
    because: str = "nothing it depends on changed"
    profile: str = "local"
    overrides: tuple[str, ...] = ()
    step: str | None = None


def replace(relative: str, old: str, new: str) -> Callable:
    @contextmanager
    def done(small) -> Iterator[None]:
        path = small.root / relative
        before = path.read_bytes()
        small.edit(relative, old, new)
        yield
        path.write_bytes(before)

    return done


@contextmanager
def nothing(small) -> Iterator[None]:
    yield


@contextmanager
def touched(small) -> Iterator[None]:
    os.utime(small.root / "data" / "one.csv", (1_600_000_000, 1_600_000_000))
    yield


def one_cell(line: int) -> Callable:
    """Another value in the last digit of a line of the csv file."""

    @contextmanager
    def done(small) -> Iterator[None]:
        path = small.root / "data" / "one.csv"
        before = path.read_text()
        lines = before.splitlines()
        lines[line] = f"{lines[line]}1"
        path.write_text("\n".join(lines) + "\n")
        yield
        path.write_text(before)

    return done


@contextmanager
def implausible_row(small) -> Iterator[None]:
    path = small.root / "data" / "one.csv"
    before = path.read_text()
    path.write_text(before + "1,1,1,2000\n")
    yield
    path.write_text(before)


@contextmanager
def new_file(small) -> Iterator[None]:
    path = small.root / "data" / "two.csv"
    path.write_text("a,b,c,y\n1,1,1,3\n")
    yield
    path.unlink()


@contextmanager
def other_library(small) -> Iterator[None]:
    real = importlib.metadata.version
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.metadata, "version", lambda n: "0.0.1" if n == "scikit-learn" else real(n))
        yield


@contextmanager
def deleted_run(small) -> Iterator[None]:
    small.client().delete_run(small.recipe().get_artifact("run").info.run_id)
    yield


@contextmanager
def deleted_version(small) -> Iterator[None]:
    version = small.recipe().get_artifact("registered_model_version")
    small.client().delete_model_version("small", version.version)
    yield


@contextmanager
def lost_object(small) -> Iterator[None]:
    project = Project.load("local", root=small.root)
    record = project.record("split")
    project.store.object_path(record.outputs["test_data"].objects["test.parquet"]).unlink()
    yield


@contextmanager
def moved(small) -> Iterator[None]:
    small.root.rename(small.root.with_name("elsewhere"))
    small.root = small.root.with_name("elsewhere")
    yield
    small.root.rename(small.root.with_name("a recipe"))
    small.root = small.root.with_name("a recipe")


TRAIN_ON = ("train", "evaluate", "register")
EDITS = (
    Edit("nothing", nothing, ()),
    Edit("a comment in recipe.yaml", replace("recipe.yaml", "# A small recipe", "# A tiny recipe"), ()),
    Edit(
        "a default spelled out", replace("recipe.yaml", "    using: custom\n    tr", "    using: 'custom'\n    tr"), ()
    ),
    Edit("`skip_data_profiling: true`", nothing, (), overrides=("steps.split.skip_data_profiling=true",)),
    Edit("`run_name_prefix` in the profile", nothing, (), overrides=("experiment.run_name_prefix=nightly",)),
    Edit(
        "a comment in steps/train.py",
        replace("steps/train.py", "return Ridge", "# ridge\n    return Ridge"),
        (),
        "train",
    ),
    Edit("a docstring in a helper", replace("steps/utils/cleaning.py", "Shared cleaning", "Cleaning for all"), ()),
    Edit("a helper nobody imports", replace("steps/utils/unused.py", "1", "2"), ()),
    Edit("a step file whose functions are not named", replace("steps/split.py", "500", "400"), (), "split"),
    Edit(
        "a check declared under split",
        replace("recipe.yaml", "  split:\n", "  split:\n    checks: [{check: row_count, min: 10}]\n"),
        (),
        "split",
        "its checks did; they are made again",
    ),
    Edit(
        "a `check_*` function in steps/ingest.py",
        replace("steps/ingest.py", "(path))", "(path))\n\n\ndef check_size(frame):\n    assert len(frame) > 10"),
        (),
        because="its checks did; they are made again",
    ),
    Edit("data file touched", touched, ()),
    Edit("data changed, loader drops the change", implausible_row, ("ingest",), because="source data/one.csv changed"),
    Edit("data changed in one cell of a training row", one_cell(2), STEPS, because="source data/one.csv changed"),
    Edit(
        "data changed in one cell of a test row",
        one_cell(7),
        ("ingest", "split", "evaluate"),
        because="source data/one.csv changed",
    ),
    Edit("data file added to the folder", new_file, STEPS, because="source data/two.csv is new"),
    Edit(
        "helper module of the loader",
        replace("steps/utils/cleaning.py", "1000.0", "2.0"),
        STEPS,
        because="code steps/utils/cleaning.py changed",
    ),
    Edit(
        "config value of split",
        nothing,
        STEPS[1:],
        "split",
        "config split_ratios changed ([0.75,0.125,0.125] -> [0.8,0.1,0.1])",
        overrides=("SPLIT_RATIOS=[0.8, 0.1, 0.1]",),
    ),
    Edit(
        "transformer code",
        replace("steps/transform.py", "* 2", "* 3"),
        STEPS[2:],
        "transform",
        "code steps/transform.py changed",
    ),
    Edit(
        "estimator code",
        replace("steps/train.py", "random_state=0", "random_state=7"),
        TRAIN_ON,
        "train",
        "code steps/train.py changed",
    ),
    Edit(
        "`--set` of a parameter",
        nothing,
        TRAIN_ON,
        "train",
        "config estimator_params.alpha changed (0.5 -> 9)",
        overrides=("steps.train.estimator_params.alpha=9",),
    ),
    Edit(
        "another profile",
        nothing,
        TRAIN_ON,
        "train",
        "config estimator_params.alpha changed (0.5 -> 0.25)",
        profile="other",
    ),
    Edit(
        "custom metric code",
        replace("steps/custom_metrics.py", "<= 1", "<= 2"),
        TRAIN_ON,
        "train",
        "code steps/custom_metrics.py changed",
    ),
    Edit(
        "criterion's threshold",
        replace("recipe.yaml", "threshold: 10", "threshold: 11"),
        ("evaluate",),
        "evaluate",
        "config validation_criteria changed",
    ),
    Edit(
        "another model name",
        nothing,
        ("register",),
        "register",
        "config model_name changed",
        overrides=("model_registry.model_name=big",),
    ),
    Edit("another scikit-learn", other_library, STEPS[2:], "transform", "library scikit-learn changed"),
    Edit("recipe moved to another folder", moved, ()),
    Edit("`ingest` asked for by name", nothing, ("ingest",), because="it was asked for by name", step="ingest"),
    Edit("registered version deleted", deleted_version, ("register",), "register", "model 'small' was deleted"),
    Edit("MLflow run deleted", deleted_run, TRAIN_ON, "train", "was deleted"),
    Edit("a cached file lost", lost_object, ("split",), "split", "a file of its remembered result is gone"),
)


def test_every_edit(small) -> None:
    small.recipe().execute()
    rows = []
    for edit in EDITS:
        with edit.do(small):
            recipe = small.recipe(edit.profile, *edit.overrides)
            planned = recipe.plan(edit.step)
            reason = planned[STEPS.index(edit.asked)].reasons[0]
            assert edit.because in reason, edit.name
            assert recipe.why(edit.asked).reasons[0] == reason or edit.step, edit.name
            executed = recipe.execute(edit.step).executed
            assert executed == edit.runs, edit.name
            certain = {d.step for d in planned if d.action is Action.RUN}
            possible = {d.step for d in planned if d.action is not Action.REUSE}
            assert certain <= set(executed) <= possible, edit.name
            assert recipe.execute().executed == (), edit.name
        undone = small.recipe().execute().executed
        assert undone == (), f"undoing: {edit.name}"
        rows.append((edit.name, _steps(edit.runs), _plan(planned), _steps(executed), _shortened(reason)))
    _compare_with_docs(rows)


def _steps(steps: tuple[str, ...]) -> str:
    return ", ".join(steps) or "-"


def _plan(planned) -> str:
    runs = ", ".join(d.step for d in planned if d.action is Action.RUN)
    maybe = ", ".join(d.step for d in planned if d.action is Action.UNDECIDED)
    return "; ".join(filter(None, [runs, f"then perhaps {maybe}" if maybe else ""])) or "-"


def _shortened(reason: str) -> str:
    import re

    return re.sub(r"[0-9a-f]{32}", "...", re.sub(r"\([0-9a-f]{8} -> [0-9a-f]{8}\)", "(digest)", reason)).replace(
        "|", "\\|"
    )


def _compare_with_docs(rows: list[tuple[str, ...]]) -> None:
    head = ["| edit | must run | `plan` said | ran | why, of the first step concerned |", "|---|---|---|---|---|"]
    table = "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])
    text = DOCS.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    shown, after = rest.split(END)
    if os.environ.get("UPDATE_DOCS"):
        DOCS.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
        shown = f"\n{table}\n"
    assert shown.strip() == table

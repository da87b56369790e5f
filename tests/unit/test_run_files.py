"""Execution states, step configurations, the snapshot: 2.22's names, no secrets."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from mlflow_recipes import run_files
from mlflow_recipes.project import Project
from mlflow_recipes.records import StepStatus
from mlflow_recipes.store import Store


def test_a_state_and_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run_files.write_state(store, "train", StepStatus.RUNNING)
    state = run_files.read_state(store, "train")
    assert state["recipe_step_execution_status"] == "RUNNING"
    assert isinstance(state["recipe_step_execution_last_updated_timestamp"], int)
    assert state["recipe_step_stack_trace"] is None
    text = run_files.state_text(StepStatus.FAILED, "Traceback", when=12.7)
    assert json.loads(text) == {
        "recipe_step_execution_status": "FAILED",
        "recipe_step_execution_last_updated_timestamp": 12,
        "recipe_step_stack_trace": "Traceback",
    }


def test_no_state_and_a_damaged_one_are_unknown(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for content in (None, "{half", "[]"):
        if content is not None:
            path = store.outputs_folder("train") / "execution_state.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        assert run_files.read_state(store, "train")["recipe_step_execution_status"] == "UNKNOWN"


def test_an_unchanged_configuration_is_not_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run_files.write_step_config(store, "train", "a: 1\n")
    file = tmp_path / "steps" / "train" / "conf.yaml"
    before = file.stat().st_mtime_ns
    run_files.write_step_config(store, "train", "a: 1\n")
    assert file.stat().st_mtime_ns == before
    run_files.write_step_config(store, "train", "a: 2\n")
    assert file.read_text() == "a: 2\n"


def test_the_snapshot_holds_the_recipe_and_no_secret(small, tmp_path: Path) -> None:
    small.edit("profiles/local.yaml", "location: data", "location: https://me:hunter2@host/data.csv?sig=abc123")
    small.write("steps/notes.bin", "not text")
    small.write("steps/train.py", 'TOKEN = "dapi0123456789abcdef0123456789abcdef"\n')
    run_files.snapshot(Project.load("local", root=small.root), tmp_path / "snapshot")
    files = {path.relative_to(tmp_path / "snapshot").as_posix() for path in (tmp_path / "snapshot").rglob("*.*")}
    assert {"recipe.yaml", "profiles/local.yaml", "profiles/other.yaml", "steps/train.py"} <= files
    assert "runtime/recipe.yaml" in files
    assert "steps/notes.bin" not in files
    text = "".join(path.read_text() for path in (tmp_path / "snapshot").rglob("*.*"))
    assert not [secret for secret in ("hunter2", "abc123", "dapi0123") if secret in text]
    resolved = yaml.safe_load((tmp_path / "snapshot" / "runtime" / "recipe.yaml").read_text())
    assert resolved["steps"]["ingest"]["location"] == "https://me:***@host/data.csv?sig=***"


PROFILE_WITH_SECRETS = """\
clientSecret: S3CRET1
password: "S3CRET2 S3CRET3"
token: |-
  S3CRET4
sinks:
  - url: postgresql://me:S3CRET5/S3CRET6@db/x
    api_keys: [S3CRET7, "S3CRET8, #"]
max_tokens: 5
"""
STEP_WITH_SECRETS = """\
import warnings

token = tokens[0]
password = (
    "S3CRET9"
)
warnings.warn("bad clientSecret: S3CRET10")
"""


def test_secrets_of_every_form_are_kept_out_of_the_snapshot(small, tmp_path: Path) -> None:
    small.write("profiles/local.yaml", (small.root / "profiles" / "local.yaml").read_text() + PROFILE_WITH_SECRETS)
    small.write("steps/more.py", STEP_WITH_SECRETS)
    run_files.snapshot(Project.load("local", root=small.root), tmp_path / "snapshot")
    texts = {path.name: path.read_text() for path in (tmp_path / "snapshot").rglob("*.*")}
    assert [name for name, text in texts.items() if "S3CRET" in text] == []
    assert texts["local.yaml"].endswith(
        "clientSecret: ***\n"
        'password: "***"\n'
        "token: |-\n  ***\n"
        'sinks:\n  - url: postgresql://me:***@db/x\n    api_keys: "***"\n'
        "max_tokens: 5\n"
    )
    assert texts["more.py"].splitlines()[2:] == [
        "token = tokens[0]",
        "password = (",
        '    "***"',
        ")",
        'warnings.warn("bad clientSecret: ***")',
    ]


def test_a_step_configuration_is_masked_by_its_keys() -> None:
    options = {"estimator_params": {"apiKeys": ["a b", "c"], "alpha": 0.5, "max_tokens": 7}}
    assert run_files.step_config_text(options) == (
        "estimator_params:\n  apiKeys: '***'\n  alpha: 0.5\n  max_tokens: 7\n"
    )

"""Checks in whole runs: they stop a run at their step, nothing is kept, and it goes on from there once they pass."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlflow_recipes.cards.model import Card
from mlflow_recipes.errors import CheckError, StepFailed
from mlflow_recipes.project import Project
from mlflow_recipes.records import StepRecord
from tests.conftest import Small

CHECKS = """\
  split:
    checks:
      - {check: row_count, min: 20}
      - {check: range, column: a, min: -2, allowed: 50 %, tables: training, severity: warn}
    split_ratios"""
OK = ["ingest", "split", "transform", "train", "evaluate", "register"]


def declare(small: Small, step: str, *checks: str) -> None:
    """Put checks under a step: those of ingest into the profile, where its section is, in place of others."""
    lines = "".join(f"      - {check}\n" for check in checks)
    if step == "ingest":
        text = (small.root / "profiles/local.yaml").read_text().partition("  checks:\n")[0]
        small.write("profiles/local.yaml", f"{text}  checks:\n{lines}" if checks else text)
    else:
        small.edit("recipe.yaml", f"  {step}:\n", f"  {step}:\n    checks:\n{lines}")


def fails(small: Small, step: str | None = None) -> StepFailed:
    with pytest.raises(StepFailed) as failed:
        small.recipe().execute(step)
    assert failed.value.exit_code == 5
    assert isinstance(failed.value.__cause__, CheckError)
    return failed.value


def outputs(small: Small, step: str) -> Path:
    return small.recipe().outputs_root / step / "outputs"


def record(small: Small, step: str) -> StepRecord | None:
    return Project.load("local", root=small.root).record(step)


def test_a_failed_check_stops_the_run_keeps_nothing_and_shows_rows(small: Small) -> None:
    declare(
        small, "ingest", "{check: range, column: a, max: 1, why: sensors stop there}", "{check: not_null, column: b}"
    )
    failed = fails(small)
    text = str(failed.__cause__)
    assert text.startswith("1 of 2 checks of the step 'ingest' did not pass, so its result is not kept:\n")
    assert "  - range of a: " in text
    assert "rows (1" in text
    assert "are greater than 1. (profiles/local.yaml:11:9)" in text
    assert "because: sensors stop there" in text
    assert "row " in text
    assert record(small, "ingest") is None
    folder = outputs(small, "ingest")
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.html",
        "card.json",
        "checks.json",
        "execution_state.json",
    ]
    state = json.loads((folder / "execution_state.json").read_text())
    assert state["recipe_step_execution_status"] == "FAILED"
    checks = state["recipe_step_checks"]
    assert (checks["passed"], checks["failed"], len(checks["not_passed"])) == (1, 1, 1)
    [told] = checks["not_passed"]
    assert (told["columns"], len(told["examples"])) == (["a"], 10)
    assert told["share"] == told["failing"] / told["rows"]
    assert [c["status"] for c in json.loads((folder / "checks.json").read_text())["checks"]] == ["failed", "passed"]
    card = Card.from_json((folder / "card.json").read_text())
    assert [tab.name for tab in card.tabs] == ["Step Status", "Checks", "Stacktrace"]


def test_it_goes_on_from_there(small: Small) -> None:
    small.edit("recipe.yaml", "  split:\n    split_ratios", CHECKS)
    small.edit("recipe.yaml", "min: 20", "min: 100")
    failed = fails(small)
    assert failed.step == "split"
    assert failed.result.to_dict()["steps"][1]["checks"][0]["sentence"].startswith("there are ")
    small.edit("recipe.yaml", "min: 100", "min: 20")
    result = small.recipe().execute()
    assert list(result.executed) == OK[1:]
    checks = result.to_dict()["steps"][1]["checks"]
    assert [(c["table"], c["status"]) for c in checks] == [
        ("training", "passed"),
        ("training", "passed"),
        ("validation", "passed"),
        ("test", "passed"),
    ]


def test_editing_checks_alone_checks_the_stored_result_again(small: Small) -> None:
    small.recipe().execute("split")
    declare(small, "ingest", "{check: not_null, column: a}")
    planned = small.recipe().plan("split")
    assert (planned[0].action.value, planned[0].reasons[0]) == (
        "reuse",
        "nothing it depends on changed, but its checks did; they are made again",
    )
    result = small.recipe().execute("split")
    assert result.executed == ()
    assert [c["status"] for c in result.facts("ingest")["checks"]] == ["passed"]
    folder = outputs(small, "ingest")
    assert "Checks" in [tab.name for tab in Card.from_json((folder / "card.json").read_text()).tabs]
    assert (folder / "checks.json").is_file()
    assert small.recipe().plan("split")[0].reasons[0] == "nothing it depends on changed"

    before = record(small, "ingest")
    declare(small, "ingest", "{check: not_null, column: zz}")
    for _ in range(2):  # it does not pass by being asked twice
        failed = fails(small, "split")
        assert "there is no column 'zz'." in str(failed)
        assert "so its result is not kept" not in str(failed)
    declare(small, "ingest", "{check: not_null, column: b}")
    result = small.recipe().execute("split")
    assert result.executed == ()
    assert record(small, "ingest").outputs == before.outputs

    declare(small, "ingest")
    assert small.recipe().execute("split").executed == ()
    assert not (folder / "checks.json").exists()
    assert "Checks" not in [tab.name for tab in Card.from_json((folder / "card.json").read_text()).tabs]


def test_functions_and_their_edits(small: Small) -> None:
    text = (small.root / "steps/ingest.py").read_text()
    check = '\n\ndef check_size(df):\n    df["a"] = None\n    assert len(df) >= 5, f"only {len(df)} rows"\n'
    small.write("steps/ingest.py", text + check)
    small.write(
        "steps/split.py", (small.root / "steps/split.py").read_text() + "\n\ndef check_parts(a, b, c):\n    pass\n"
    )
    result = small.recipe().execute("split")
    assert [c["check"] for c in result.facts("ingest")["checks"]] == ["check_size"]
    assert [(c["check"], c["table"]) for c in result.facts("split")["checks"]] == [("check_parts", "")]
    assert small.recipe().get_artifact("ingested_data")["a"].notna().all()
    small.edit("steps/ingest.py", ">= 5", ">= 5000")
    assert small.recipe().plan("split")[0].action.value == "reuse"
    failed = fails(small, "split")
    assert "check_size: only 400 rows (steps/ingest.py:11)" in str(failed)
    small.edit("steps/ingest.py", ">= 5000", ">= 50")
    assert small.recipe().execute("split").executed == ()


def test_a_check_that_raises_is_a_failed_check(small: Small) -> None:
    small.write(
        "steps/ingest.py", (small.root / "steps/ingest.py").read_text() + "\n\ndef check_it(df):\n    df['zz']\n"
    )
    failed = fails(small, "ingest")
    assert "check_it: raised KeyError: 'zz' at `df['zz']`. (steps/ingest.py:10)" in str(failed)
    assert "Traceback" not in str(failed)


def test_freshness_is_looked_at_on_every_run(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    small.write(
        "steps/ingest.py",
        """\
        import pandas as pd

        def load(path, file_format):
            return pd.read_csv(path).assign(at=pd.Timestamp.now("UTC"))
        """,
    )
    declare(small, "ingest", "{check: freshness, column: at, max_age: 2 days}")
    assert small.recipe().execute("ingest").executed == ("ingest",)
    assert small.recipe().execute("split").executed == ("split",)

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + datetime.timedelta(days=3)

    monkeypatch.setattr("mlflow_recipes.checking.datetime", Later)
    failed = fails(small, "split")
    assert failed.step == "ingest"
    assert "3 days before the check; it may be 2 days old" in str(failed)


def test_train_and_evaluate_leave_their_checks_in_mlflow(small: Small) -> None:
    declare(
        small,
        "train",
        "{check: not_null, column: predicted_data}",
        "{check: range, column: predicted_data, max: 0, severity: warn, name: small}",
    )
    small.write(
        "steps/evaluate.py",
        """\
        def check_metrics(metrics):
            assert metrics["test"]["mean_absolute_error"] < 5, "far off"
        """,
    )
    small.write("steps/ingest.py", (small.root / "steps/ingest.py").read_text() + "\n\ndef check_it(df):\n    pass\n")
    result = small.recipe().execute()
    run_id = result.facts("train")["run_id"]
    client = small.client()
    assert client.get_run(run_id).data.tags["mlflow_recipes.checks"] == "3 passed, 1 warned"
    for step in ("ingest", "train", "evaluate"):
        assert "checks.json" in [Path(f.path).name for f in client.list_artifacts(run_id, step)]
    small.edit("steps/evaluate.py", "< 5", "< 0")
    failed = fails(small)
    assert (failed.step, "check_metrics: far off (steps/evaluate.py:2)" in str(failed)) == ("evaluate", True)


def test_a_failed_check_of_train_marks_its_run_as_failed(small: Small) -> None:
    declare(small, "train", "{check: row_count, min: 1000000}")
    fails(small, "train")
    [run] = small.client().search_runs(["1"])
    assert (run.info.status, run.data.tags["mlflow_recipes.checks"]) == ("FAILED", "1 failed")
    assert "train/checks.json" in [file.path for file in small.client().list_artifacts(run.info.run_id, "train")]
    assert record(small, "train") is None


def test_schemas(small: Small) -> None:
    if find_spec("pandera") is None:
        pytest.skip("pandera is an extra")
    small.write(
        "steps/checks.py",
        """\
        import pandera.pandas as pa

        ingest = pa.DataFrameSchema({"a": pa.Column(float), "q": pa.Column(int)})
        split_test = pa.DataFrameSchema({"a": pa.Column(float)})
        """,
    )
    failed = fails(small, "split")
    assert "  - ingest: column_in_dataframe: 'q'. (steps/checks.py)" in str(failed)
    small.edit("steps/checks.py", ', "q": pa.Column(int)', "")
    result = small.recipe().execute("split")
    assert [(c["name"], c["table"]) for c in result.facts("split")["checks"]] == [("split_test", "test")]


def test_what_shows_before_anything_runs(small: Small) -> None:
    declare(small, "ingest", "{check: foreign_key, column: a, file: zones.csv}")
    small.write("steps/checks.py", "import pandera.pandas as pa\n\nigest = pa.DataFrameSchema({})\n")
    small.write("steps/register.py", "def check_version(version):\n    pass\n")
    done = small.command("run", "-p", "local")
    assert done.returncode == 2
    assert "3 problems in the checks:" in done.stderr
    assert "steps/register.py: check_version: the step 'register' gives nothing to check." in done.stderr
    assert "steps/checks.py:3: the schema 'igest' belongs to no step: its name begins with none." in done.stderr
    assert "Did you mean 'ingest'?" in done.stderr
    assert "steps.ingest.checks.0.file: the lookup file 'zones.csv' does not exist." in done.stderr
    assert small.command("validate", "-p", "local").returncode == 2


def test_check_command_on_stored_results_and_on_other_data(small: Small, tmp_path: Path) -> None:
    declare(small, "ingest", "{check: not_null, column: a}", "{check: range, column: b, max: 100, severity: warn}")
    done = small.command("check", "-p", "local", "-s", "ingest")
    assert done.returncode == 2
    assert "The step 'ingest' has no result under the profile 'local'" in done.stderr
    small.recipe().execute("split")
    done = small.command("check", "-p", "local")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["step", "check", "column", "rows", "failing", "share", "verdict"]
    assert lines[1] == ["ingest", "not_null", "a", "0", "0", "%", "passed"]
    assert "Without a result, so not checked: transform, train, evaluate, register." in done.stdout

    other = tmp_path / "other.csv"
    other.write_text("a,b,c,y\n1,200,3,4\n,5,6,\n")
    done = small.command("check", "-p", "local", "--data", str(other))
    assert done.returncode == 5
    assert "  - not_null of a: 1 of 2 rows (50 %) are empty." in done.stdout
    assert "      row 1: a = nan" in done.stdout or "      row 1: a = null" in done.stdout
    assert done.stdout.endswith("1 warned, 1 failed.\n")
    report = json.loads(small.command("check", "-p", "local", "--data", str(other), "--json").stdout)
    assert (report["passed"], report["counts"]["failed"], report["checks"][0]["failing"]) == (False, 1, 1)
    assert small.command("check", "-p", "local", "--data", "nothing.csv").returncode == 3
    assert small.command("check", "-p", "local", "-s", "ingst").returncode == 2
    assert small.recipe().check("ingest").passed
    done = small.command("check", "-p", "local", "-s", "split", "--data", str(other))
    assert done.returncode == 2
    assert "Other data cannot be checked as what the step 'split' gives." in done.stderr


def test_suggested_checks_are_written_and_pass(small: Small, tmp_path: Path) -> None:
    assert small.command("suggest-checks", "-p", "local").returncode == 2
    small.recipe().execute("transform")
    done = small.command("suggest-checks", "-p", "local")
    assert done.returncode == 0
    assert done.stdout.startswith("# Drafted from the result of the step 'ingest', 400 rows.\n")
    out = tmp_path / "checks.yaml"
    assert small.command("suggest-checks", "-p", "local", "--out", str(out)).stdout == ""
    assert out.read_text() == done.stdout
    block = "".join(f"  {line}\n" for line in done.stdout.splitlines())
    small.write("profiles/local.yaml", (small.root / "profiles/local.yaml").read_text() + block)
    assert small.recipe().check("ingest").passed
    assert len(small.recipe().check("ingest").findings) > 8
    assert "of the step 'transform'" in small.command("suggest-checks", "-p", "local", "-s", "transform").stdout


def test_steps_of_ones_own_are_checked_on_stored_and_on_other_data(small: Small, tmp_path: Path) -> None:
    section = (
        "  clean:\n    function: clean\n    after: ingest\n    checks: [{check: range, column: a, min: -1}]\n  split:\n"
    )
    small.edit("recipe.yaml", "  split:\n", section)
    small.write("steps/clean.py", "def clean(frame):\n    return frame[frame['b'] > 0]\n")
    failed = fails(small, "split")
    assert failed.step == "clean"
    assert "row " in str(failed)
    assert "b = " in str(failed)
    other = tmp_path / "other.csv"
    other.write_text("a,b,c,y\n-5,-1,3,4\n1,5,6,7\n")
    assert small.command("check", "-p", "local", "-s", "clean", "--data", str(other)).returncode == 0
    other.write_text("a,b,c,y\n-5,1,3,4\n1,5,6,7\n")
    assert small.command("check", "-p", "local", "-s", "clean", "--data", str(other)).returncode == 5
    small.write("steps/clean.py", "def clean(frame):\n    return frame[frame['a'] > -1]\n")
    assert small.recipe().execute("split").executed == ("clean", "split")


def test_a_stored_table_that_is_damaged_is_made_again_not_checked(small: Small) -> None:
    small.recipe().execute("ingest")
    made = record(small, "ingest").outputs["ingested_data"].objects["dataset.parquet"]
    path = Project.load("local", root=small.root).store.object_path(made)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(whole[:100] + bytes(50) + whole[150:])
    os.utime(path, ns=times)  # so that only reading it tells
    declare(small, "ingest", "{check: not_null, column: a}")
    assert small.command("check", "-p", "local", "-s", "ingest").returncode == 3
    result = small.recipe().execute("split")
    assert result.executed == ("ingest", "split")
    assert [check["status"] for check in result.facts("ingest")["checks"]] == ["passed"]

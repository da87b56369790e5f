"""COMPAT section 3: the commands, inside MLflow and beside it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from mlflow_recipes.lock import exclusive


def through_mlflow(small, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    import os

    return subprocess.run(
        [sys.executable, "-m", "mlflow", "recipes", *arguments],
        cwd=small.root / "steps",
        env={**os.environ, "GITHUB_ACTIONS": "1", **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_a_run_through_mlflow(small) -> None:
    done = through_mlflow(small, "run", "--profile", "local", "--step", "split")
    assert done.returncode == 0, done.stderr
    assert "Creating MLflow Recipe 'a recipe' with profile: 'local'" in done.stdout
    assert done.stdout.count("Running step ingest...") == done.stdout.count("Running step split...") == 1
    assert "Run MLflow Recipe step: split" in done.stderr
    again = through_mlflow(small, "run", "-s", "split", MLFLOW_RECIPES_PROFILE="local")
    assert "ingest, split: No changes. Skipping." in again.stderr
    assert "Running step" not in again.stdout
    card = through_mlflow(small, "inspect", "-s", "split", "-p", "local")
    assert card.stdout.strip().endswith("split/outputs/card.html")
    path = through_mlflow(small, "get-artifact", "-a", "training_data", "-p", "local")
    assert path.stdout.strip() == str(
        small.root / "metadata" / "recipes" / "steps" / "split" / "outputs" / "train.parquet"
    )
    assert through_mlflow(small, "clean", "-p", "local").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "Missing option '--profile'"),
        (("get-artifact", "-p", "local"), "Missing option '--artifact'"),
        (("run", "-p", "local", "--only"), "--only needs a --step."),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_usage_errors_exit_with_2(small, arguments: tuple[str, ...], said: str) -> None:
    done = small.command(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_json_is_all_that_a_program_reads(small) -> None:
    done = small.command("run", "-p", "local", "-s", "split", "--json")
    result = json.loads(done.stdout)
    assert [(step["step"], step["outcome"]) for step in result["steps"]] == [("ingest", "run"), ("split", "run")]
    assert result["steps"][1]["sizes"] == {"training": 284, "validation": 57, "test": 59}
    plan = json.loads(small.command("plan", "-p", "local", "--json").stdout)
    assert [step["action"] for step in plan] == ["reuse", "reuse", "run", "run", "run", "run"]
    status = json.loads(small.command("status", "-p", "local", "--json").stdout)
    assert [view["status"] for view in status] == ["SUCCEEDED", "SUCCEEDED", *["UNKNOWN"] * 4]
    why = json.loads(small.command("why", "train", "-p", "local", "--json").stdout)
    assert why["reasons"] == ["it has never run"]
    assert json.loads(small.command("validate", "-p", "local", "--json").stdout) == []


def test_what_step_functions_print_is_not_among_the_json(small) -> None:
    talk = (
        'import os\n\nprint("at import")\n\n\ndef load(path, file_format):\n'
        '    print("in python")\n    os.write(1, b"in c\\n")\n    os.system("echo in a child")\n'
        "    import pandas as pd\n\n    return pd.read_csv(path)\n"
    )
    small.write("steps/ingest.py", talk)
    done = small.command("run", "-p", "local", "-s", "ingest", "--json")
    assert [step["step"] for step in json.loads(done.stdout)["steps"]] == ["ingest"]
    for said in ("at import", "in python", "in c", "in a child"):
        assert f"{said}\n" in done.stderr


def unread(small, *arguments: str, err: bool = False) -> subprocess.CompletedProcess:
    """A command whose output nobody reads: the other end of its pipe is closed before it starts."""
    import os

    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-m", "mlflow_recipes", *arguments],
            cwd=small.root,
            stdout=writing,
            stderr=writing if err else subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writing)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no broken pipes")
def test_nobody_reads_what_is_shown(small) -> None:
    commands = (("plan",), ("plan", "--json"), ("why", "train"), ("status",), ("validate",), ("run", "--dry-run"))
    for command in commands:
        done = unread(small, *command, "-p", "local")
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no broken pipes")
@pytest.mark.parametrize("err", [False, True])
def test_a_run_goes_on_when_nobody_reads_what_it_says(small, err: bool) -> None:
    small.edit("steps/train.py", "    return", '    print("fitting " * 10_000, flush=True)\n    return')
    done = unread(small, "run", "-p", "local", err=err)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in (done.stderr or "")
    plan = json.loads(small.command("plan", "-p", "local", "--json").stdout)
    assert {step["action"] for step in plan} == {"reuse"}


def test_dry_run_runs_nothing(small) -> None:
    done = small.command("run", "-p", "local", "--dry-run")
    assert done.stdout.splitlines()[0].split() == ["step", "action", "why"]
    assert not (small.root / "metadata").exists()


def test_quick_commands_import_nothing_heavy(small) -> None:
    code = (
        "import sys\nfrom mlflow_recipes.cli import group\n"
        "try:\n    group(sys.argv[1:], standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        "heavy = {'mlflow', 'pandas', 'sklearn', 'numpy', 'pyarrow', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    small.command("run", "-p", "local")
    quick = ("--help", "plan", "plan --mermaid", "why train", "status", "validate", "inspect -s train --json")
    for arguments in map(str.split, quick):
        profile = [] if arguments == ["--help"] else ["-p", "local"]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments, *profile],
            cwd=small.root,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)


def test_gc(small) -> None:
    small.command("run", "-p", "local", "-s", "split")
    small.command("run", "-p", "local", "-s", "split", "--set", "SPLIT_RATIOS=[8, 1, 1]")
    done = small.command("gc", "-p", "local", "--older-than", "0s")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Dropped 1 results, ")
    plan = json.loads(small.command("plan", "-p", "local", "-s", "split", "--json").stdout)
    assert [step["action"] for step in plan] == ["run", "run"] or plan[1]["action"] == "run"
    assert small.command("gc", "-p", "local", "--older-than", "soon").returncode == 2


def test_an_interrupt_keeps_what_finished(small) -> None:
    import signal
    import time

    small.write("steps/train.py", "import time\n\n\ndef estimator_fn(params):\n    time.sleep(60)\n")
    process = small.start("run", "-p", "local")
    records = small.root / "metadata" / "recipes" / "records" / "transform"
    deadline = time.monotonic() + 60
    while not list(records.glob("*.json")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Interrupted. Finished steps are kept; run again to go on." in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["clean", "gc"])
def test_clean_and_gc_say_for_whom_they_wait(small, command: str) -> None:
    small.recipe().execute("ingest")
    with exclusive(small.recipe().outputs_root.parent, "mlflow recipes run", 0, print):
        done = small.command(command, "-p", "local", "--lock-timeout", "0.5")
    assert done.returncode == 4
    waiting, message, hint = done.stderr.strip().splitlines()[0], *done.stderr.strip().splitlines()[-2:]
    holder = r"process \d+ of .*, `mlflow recipes run`, since .*"
    assert re.fullmatch(f"waiting for another run of this recipe: {holder}", waiting)
    assert message.startswith("Another run holds this recipe: process ")
    assert hint == "It was waited for 0.5 s. Wait for it to end, or give `--lock-timeout` more seconds."


def test_a_plan_as_mermaid(small) -> None:
    before = small.command("plan", "-p", "local", "--mermaid")
    assert before.returncode == 0, before.stderr
    assert before.stdout.startswith('flowchart TD\n    s1["ingest<br/>')
    assert not (small.root / "metadata").exists()
    assert small.command("plan", "-p", "local", "--mermaid", "--json").returncode == 2


def test_inspect_says_where_the_card_is_and_how_to_look_at_it(small) -> None:
    nothing = small.command("inspect", "-s", "split", "-p", "local")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "The step 'split' has no card yet; run it first: mlflow-recipes run -s split -p local" in nothing.stderr
    assert small.command("inspect", "-s", "split", "-p", "local", "--json").returncode == 2
    small.recipe().execute("split")
    folder = small.root / "metadata" / "recipes"
    for step, page in ((["-s", "split"], folder / "steps/split/outputs/card.html"), ([], folder / "recipe_dag.html")):
        done = small.command("inspect", *step, "-p", "local", CI="true")
        assert done.stdout == f"{page}\n"
        assert page.is_file()
        [line] = done.stderr.splitlines()
        assert line.startswith("Not opened: ")
        asked = " ".join(["mlflow-recipes inspect", *step, "-p local --text"])
        assert f"`{asked}`" in line
    assert json.loads(small.command("inspect", "-s", "split", "-p", "local", "--json").stdout)["step"] == "split"
    text = small.command("inspect", "-p", "local", "--text", COLUMNS="60").stdout
    assert text.startswith("Steps@a recipe\n")
    assert max(map(len, text.splitlines())) <= 60
    assert small.command("inspect", "-p", "local", "--text", "--json").returncode == 2

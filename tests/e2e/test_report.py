"""Every run leaves an account of itself and a report, however it ends; two runs make a page side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_recipes import layout, reporting
from mlflow_recipes.cards.model import Card
from mlflow_recipes.errors import RecipeError, StepFailed
from mlflow_recipes.project import Project
from mlflow_recipes.run_record import RunRecord
from tests.conftest import Small, write_data


def project(small: Small) -> Project:
    return Project.load("local", root=small.root)


def folder(small: Small) -> Path:
    return small.root / "metadata/recipes/reports/local"


def account(small: Small) -> RunRecord:
    found = reporting.last(project(small))
    assert found is not None
    return found


def report(small: Small) -> Card:
    assert (folder(small) / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    return Card.from_json((folder(small) / "report.json").read_text(encoding="utf-8"))


def logged(small: Small, run_id: str, path: str = layout.REPORT_HTML) -> str:
    file = small.client().download_artifacts(run_id, path, str(small.root.parent))
    return Path(file).read_text(encoding="utf-8")


def outcomes(small: Small) -> dict[str, str]:
    return {entry.step: entry.outcome for entry in account(small).steps}


def test_a_run_is_told_and_told_again_without_running(small: Small) -> None:
    small.write("profiles/local.yaml", (small.root / "profiles/local.yaml").read_text() + "units: {y: minutes}\n")
    done = small.command("run", "-p", "local", "--set", "ALPHA=0.25", "--set", "api_token=hunter2")
    assert done.returncode == 0, done.stderr
    page = folder(small) / "report.html"
    assert f"report      {page}  (mlflow-recipes report --open -p local)" in done.stdout.splitlines()
    assert "hunter2" not in (folder(small) / "run.json").read_text() + page.read_text()
    told = report(small)
    assert [tab.name for tab in told.tabs] == [
        *("Verdict", "Steps", "Data", "Model", "Evaluation", "Version", "How to Reproduce"),
    ]
    assert told.summary.startswith("Accepted: version 1 of small (challenger) \u00b7 mean_absolute_error ")
    assert " minutes on the test data (95 % interval " in told.summary
    assert account(small).command == "mlflow-recipes run -p local --set ALPHA=0.25 --set 'api_token=***'"
    run_id = account(small).run_id
    assert "Accepted: version 1 of small" in logged(small, run_id)
    assert 'href="train/card.html"' in logged(small, run_id)
    assert logged(small, run_id, "train/card.html")
    assert 'href="../../steps/train/outputs/card.html"' in page.read_text()
    assert (folder(small) / "../../steps/train/outputs/card.html").is_file()

    again = small.command("run", "-p", "local", "--set", "ALPHA=0.25", "--set", "api_token=hunter2")
    assert "report      (mlflow-recipes report --open -p local)" in again.stdout.splitlines()
    assert not page.exists(), "nothing ran, so nothing was drawn"
    assert set(outcomes(small).values()) == {"reused"}
    shown = small.command("report", "-p", "local", "--text")
    assert "6 reused" in shown.stdout.splitlines()
    assert report(small).summary == told.summary
    assert small.command("report", "-p", "local").stdout == f"{page}\n"
    assert json.loads(small.command("report", "-p", "local", "--json").stdout)["step"] == "report"


def test_a_run_that_only_reuses_imports_nothing_that_draws(small: Small) -> None:
    small.recipe().execute("split")
    program = (
        "import sys\nfrom mlflow_recipes import Recipe\nRecipe('local').execute('split')\n"
        "print(*(name for name in ('matplotlib', 'jinja2', 'mlflow_recipes.cards.report') if name in sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=small.root, capture_output=True, text=True, check=True)
    assert "matplotlib" not in answer.stdout
    assert "mlflow_recipes.cards.report" not in answer.stdout


def test_a_step_that_fails_is_told_with_its_traceback(small: Small) -> None:
    small.write(
        "steps/train.py",
        """\
        def estimator_fn(estimator_params):
            raise RuntimeError("<script>alert(1)</script> password=hunter2")
        """,
    )
    with pytest.raises(StepFailed):
        small.recipe().execute()
    assert outcomes(small) == {
        **dict.fromkeys(("ingest", "split", "transform"), "run"),
        "train": "failed",
        **dict.fromkeys(("evaluate", "register"), "pending"),
    }
    assert account(small).status == "failed"
    told = report(small)
    assert told.summary.startswith("Failed in the step 'train': steps/train.py:2: estimator_fn raised RuntimeError: ")
    assert [tab.name for tab in told.tabs][:3] == ["Verdict", "What Went Wrong", "Steps"]
    page = (folder(small) / "report.html").read_text()
    assert "<script" not in page
    assert "hunter2" not in page
    assert "steps/train.py" in page
    failed = account(small).run_id
    assert failed is not None
    assert small.client().get_run(failed).info.status == "FAILED"
    assert "Failed in the step" in logged(small, failed)


def test_a_model_that_is_rejected(small: Small) -> None:
    small.edit("recipe.yaml", "threshold: 10", "threshold: 0.0001")
    with pytest.raises(StepFailed):
        small.recipe().execute()
    told = report(small)
    assert told.summary.startswith("Rejected: the model does not meet every criterion on the test data")
    assert outcomes(small)["register"] == "failed"
    assert "Rejected" in logged(small, account(small).run_id)


def test_on_a_server(small: Small, mlflow_server: str) -> None:
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", mlflow_server)
    small.recipe().execute()
    run = account(small)
    assert run.run_url == f"{mlflow_server}/#/experiments/1/runs/{run.run_id}"
    from mlflow import MlflowClient

    assert layout.REPORT_HTML in {file.path for file in MlflowClient(mlflow_server).list_artifacts(run.run_id)}
    small.recipe().execute()
    assert account(small).run_url == run.run_url, "known from the run before; nobody was asked"
    small.edit("recipe.yaml", "default(0.5)", "default(3)")
    small.recipe().execute()
    page = small.recipe().diff("last~1", "last", show=False)
    text = page.read_text(encoding="utf-8")
    assert f'href="{run.run_url}"' in text
    assert "steps.train.estimator_params.alpha" in text


def test_two_runs_with_other_data_and_parameters(small: Small) -> None:
    small.edit("recipe.yaml", "validation_criteria", "slices: [c]\n    validation_criteria")
    small.recipe().execute()
    small.edit("recipe.yaml", "default(0.5)", "default(300)")
    small.write("steps/train.py", (small.root / "steps/train.py").read_text() + "\n\nOTHER = 1\n")
    write_data(small.root / "data", name="two.csv", rows=300, seed=1)
    frame = (small.root / "data/two.csv").read_text().splitlines()
    moved = [frame[0], *(f"{float(line.split(',')[0]) + 3}{line[line.index(',') :]}" for line in frame[1:])]
    (small.root / "data/two.csv").write_text("\n".join(moved) + "\n")
    small.recipe().execute()
    done = small.command("diff", "1", "2", "-p", "local", "--text")
    assert done.returncode == 0, done.stderr
    said = done.stdout
    for line in (
        "A is better: mean_absolute_error on the test data is ",
        "steps.train.estimator_params.alpha  0.5  300",
        "steps/train.py",
        "+OTHER = 1",
        "training          284       ",
        "Its distribution moved, most of all",
        "Importance of features: ",
        "mean_absolute_error by c: ",
        "Predicted against actual: y, B: ",
    ):
        assert line in said
    path = Path(small.command("diff", "1", "2", "-p", "local").stdout.strip())
    page = path.read_text(encoding="utf-8")
    assert page.count("<figure>") >= 8
    assert "could not be drawn" not in page
    assert path.name.startswith("diff-")
    assert Card.from_json(path.with_suffix(".json").read_text(encoding="utf-8")).step == "diff"


def test_runs_that_are_not_there(small: Small) -> None:
    small.recipe().execute("split")
    done = small.command("diff", "last~1", "last", "-p", "local")
    assert done.returncode == 2
    assert "There is no run 'last~1': of the profile 'local', 0 came to their end." in done.stderr
    for which in ("last", "last~123456"):
        with pytest.raises(RecipeError, match=f"There is no run '{which}': of the profile"):
            small.recipe().diff(which, "last", show=False)

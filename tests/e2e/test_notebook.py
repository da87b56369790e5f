"""The notebooks of this repository, top to bottom in a real kernel, and what errors and edited code look like there."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
SEPARATOR = "\n\n# COMMAND ----------\n\n"


class Notebook:
    """A notebook that was executed.

    Attributes:
        messages: What the kernel sent, by type, as often as it did.
    """

    def __init__(self, cells: list[str], folder: Path, *, allow_errors: bool = False) -> None:
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(made, timeout=300, allow_errors=allow_errors, resources=resources)
        self.messages: Counter[str] = Counter()
        process = client.process_message

        def counted(message: dict[str, Any], *rest: Any) -> Any:
            self.messages[message["msg_type"]] += 1
            return process(message, *rest)

        client.process_message = counted  # type: ignore[method-assign]
        client.execute()
        self.cells: list[NotebookNode] = made.cells

    def cell(self, start: str, nth: int = 0) -> NotebookNode:
        return [cell for cell in self.cells if cell.source.startswith(start)][nth]

    def error(self, start: str, nth: int = 0) -> str:
        [error] = [output for output in self.cell(start, nth).outputs if output.output_type == "error"]
        return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error.traceback))


def pages(cell: NotebookNode) -> list[str]:
    """The pages that a cell shows in frames, as HTML."""
    shown = [output.data.get("text/html", "") for output in cell.outputs if "data" in output]
    frames = [html for html in shown if "<iframe" in html]
    assert all('sandbox="allow-popups allow-popups-to-escape-sandbox allow-downloads"' in html for html in frames)
    return [unescape(html.partition('srcdoc="')[2].partition('"')[0]) for html in frames]


def titles(cell: NotebookNode) -> list[str]:
    return [page.partition("<title>")[2].partition("</title>")[0] for page in pages(cell)]


def progress(cell: NotebookNode) -> list[str]:
    """What a cell says of a run in the end, line by line; nothing without a run."""
    told = [
        o.data["text/plain"] for o in cell.outputs if "mlflow-recipes-run" in o.get("data", {}).get("text/html", "")
    ]
    assert len(told) <= 1, "a run is shown once"
    return told[0].splitlines() if told else []


def streamed(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@pytest.fixture
def quick_taxi(taxi: Path) -> Path:
    """The recipe of this repository with its notebooks and few trips, so that a model is trained in a second."""
    shutil.copytree(ROOT / "notebooks", taxi / "notebooks")
    recipe = taxi / "recipe.yaml"
    recipe.write_text(recipe.read_text("utf-8").replace("learning_rate: 0.05", "learning_rate: 0.3"), "utf-8")
    with (taxi / "profiles" / "local.yaml").open("a", encoding="utf-8") as profile:
        profile.write("\nN_ESTIMATORS: 40\n")
    return taxi


def test_the_jupyter_notebook(quick_taxi: Path) -> None:
    source = nbformat.read(ROOT / "notebooks" / "jupyter.ipynb", as_version=4)
    assert all(not cell.outputs and cell.execution_count is None for cell in source.cells if cell.cell_type == "code")
    cells = [cell.source for cell in source.cells if cell.cell_type == "code"]
    done = Notebook(cells, quick_taxi / "notebooks")
    assert titles(done.cell("r.inspect()")) == ["Steps@taxi"]
    for step in ("ingest", "clean", "split", "transform", "train", "evaluate"):
        cell = done.cell(f'r.run("{step}")')
        assert titles(cell) == [f"{step.capitalize()}@taxi"]
        assert any(line.strip().startswith(f"{step}: done") for line in progress(cell))
        assert any(
            "<RunResult of taxi" in o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"
        )
    assert titles(done.cell("r.run()")) == ["Register@taxi"]
    assert [line.split(": ")[1] for line in progress(done.cell("r.run()", 1))[1:]] == ["reused"] * 8
    assert len(titles(done.cell("r.report()"))) == len(titles(done.cell("r.diff("))) == 1
    assert "fare" not in streamed(done.cell("drift = "))
    assert streamed(done.cell("drift = ")).strip()
    assert done.messages["update_display_data"] < 200, "no flood"
    for cell in done.cells:
        assert "Running step" not in streamed(cell)
        assert "Downloading artifacts" not in streamed(cell)
        assert len(streamed(cell)) < 2000


def test_a_notebook_is_not_taken_for_the_package_of_its_name(quick_taxi: Path) -> None:
    done = Notebook(["import mlflow"], quick_taxi / "notebooks", allow_errors=True)
    assert "do os.chdir('..') before you import mlflow." in done.error("import mlflow")


def databricks_cells(text: str) -> list[str]:
    """The code cells of a notebook in Databricks' source format, magics as IPython takes them."""
    head, _, rest = text.partition("\n")
    assert head == "# Databricks notebook source"
    cells = [re.sub(r"(?m)^# MAGIC ?", "", cell).strip() for cell in rest.split(SEPARATOR)]
    return [cell for cell in cells if not cell.startswith("%md")]


def test_the_databricks_notebook(quick_taxi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_RECIPES_PROFILE", "local")
    cells = databricks_cells((ROOT / "notebooks" / "databricks.py").read_text("utf-8"))
    done = Notebook(cells, quick_taxi)
    assert titles(done.cell("r.clean()")) == ["Steps@taxi"]
    for step in ("ingest", "clean", "split", "transform", "train", "evaluate", "register"):
        assert titles(done.cell(f'r.run("{step}")')) == [f"{step.capitalize()}@taxi"]
    assert len(pages(done.cell("r.report()"))) == 1
    assert "nothing it depends on changed" in streamed(done.cell('print(r.why("train")'))


EDIT = """\
from pathlib import Path

file = Path("../steps/train.py")
text = file.read_text()
file.write_text(text.replace({!r}, {!r}))
"""


def test_edited_code_runs_and_errors_show_the_users_own_lines(small, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    (small.root / "notebooks").mkdir()
    small.write("steps/utils/depth.py", "DEPTH = 1\n")
    small.edit("steps/train.py", "def estimator_fn", "from steps.utils.depth import DEPTH\n\n\ndef estimator_fn")
    small.edit(
        "steps/train.py", "    return", '    print("alpha", estimator_params["alpha"], "depth", DEPTH)\n    return'
    )
    edited = EDIT.format('"alpha", ', '"edited alpha", ')
    broken = EDIT.format("    return", '    missing = {}["nowhere"]\n    return')
    cells = [
        "%load_ext autoreload\n%autoreload 2",
        "import sys\nsys.path.insert(0, '..')\nfrom steps.train import estimator_fn",
        "from mlflow.recipes import Recipe\nr = Recipe(profile='local')",
        "r.run('train')",
        edited,
        "r.run('train')  # edited",
        "from steps.train import estimator_fn\n_ = estimator_fn({'alpha': 3})",
        "Path('../steps/utils/depth.py').write_text('DEPTH = 22\\n')",
        "r.run('train')  # helper edited",
        broken,
        "r.run('train')  # broken",
        "try:\n    r.run('train')\nexcept Exception as error:\n    print(repr(error.__cause__.__cause__))",
        "Recipe(profile='lokal')",
        "r.run('trian')",
        "r",
    ]
    done = Notebook(cells, small.root / "notebooks", allow_errors=True)
    assert "alpha 0.5 depth 1" in streamed(done.cell("r.run('train')"))
    assert "edited alpha 0.5 depth 1" in streamed(done.cell("r.run('train')  # edited"))
    assert "edited alpha 3" in streamed(done.cell("from steps.train"))
    assert "edited alpha 0.5 depth 22" in streamed(done.cell("r.run('train')  # helper"))
    assert not any("autoreload of" in streamed(cell) for cell in done.cells)
    error = done.error("r.run('train')  # broken")
    card = small.root / "metadata" / "recipes" / "steps" / "train" / "outputs" / "card.html"
    assert error.startswith("A step function failed: step train\n")
    assert re.search(r'(?m)^---> +\d+ +missing = {}\["nowhere"\]$', error)
    assert error.endswith(f"The whole traceback is on the step's card: {card}")
    assert "mlflow_recipes" not in error.replace(str(card), "")
    assert progress(done.cell("r.run('train')  # broken"))[-1].strip().startswith("train: failed")
    assert streamed(done.cell("try:")).splitlines()[-1] == "KeyError('nowhere')"
    assert done.error("Recipe(profile").startswith("The recipe's configuration is not valid\n")
    assert "Did you mean 'train'?" in done.error("r.run('trian')")
    assert "mlflow_recipes" not in done.error("r.run('trian')")
    assert titles(done.cell("r", -1)) == ["Steps@a recipe"]

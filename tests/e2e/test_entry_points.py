"""The four ways in, and the way out: uninstalling leaves MLflow as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BINARIES = Path(sys.executable).parent
FLAGSHIP = ("recipe.yaml", "profiles", "steps", "data", "MLproject", "conda.yaml", "scripts", "src")


@pytest.fixture(scope="module")
def flagship(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the flagship that never ran."""
    root = tmp_path_factory.mktemp("flagship")
    for name in FLAGSHIP:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, root / name)
    return root


def run(*command: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    environment |= {
        "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTIONS": "1",
        "HOME": str(cwd / "home"),
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


PYTHON = "from mlflow.recipes import Recipe; Recipe(profile='local').run()"


@pytest.mark.parametrize(
    "command",
    [
        ("mlflow", "recipes", "run", "--profile", "local"),
        ("mlflow-recipes", "run", "-p", "local"),
        ("python", "-c", PYTHON),
        ("mlflow", "run", ".", "--env-manager", "local"),
    ],
    ids=["mlflow recipes", "mlflow-recipes", "python", "mlflow run"],
)
def test_a_way_in(flagship: Path, command: tuple[str, ...]) -> None:
    shutil.rmtree(flagship / "metadata", ignore_errors=True)
    done = run(BINARIES / command[0], *command[1:], cwd=flagship)
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = flagship / "metadata" / "recipes" / "steps" / "register" / "outputs"
    assert '"registered_model_version": "1"' in (outputs / "registered_model_version.json").read_text()
    assert '"taxi-trip-duration"' in (outputs / "registered_model_version.json").read_text()


def test_the_way_out(tmp_path: Path) -> None:
    """Without the distribution, MLflow has no such command, no such module, and none of ours is loaded."""
    site = Path(next(path for path in sys.path if path.endswith("site-packages")))
    for entry in site.iterdir():
        if "mlflow_recipes" not in entry.name and entry.suffix != ".pth":
            (tmp_path / entry.name).symlink_to(entry)
    code = (
        "import sys, importlib.util, mlflow, mlflow.cli\n"
        "assert 'recipes' not in mlflow.cli.cli.commands\n"
        "assert importlib.util.find_spec('mlflow.recipes') is None\n"
        "assert not [name for name in sys.modules if name.startswith('mlflow_recipes')]\n"
        "assert not hasattr(mlflow.environment_variables, 'MLFLOW_RECIPES_PROFILE')\n"
    )
    done = run(sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr

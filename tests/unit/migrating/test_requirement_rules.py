"""Requirements that hold a library below what is needed are found however they are written, and only they."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.text_rules import findings

MLFLOW, LIBRARIES, PYTHON = "requirements.mlflow", "requirements.libraries", "requirements.python"
HELD_LINES = {
    MLFLOW: ["mlflow>=1.28,<2", "MLflow==1.30", "mlflow-skinny<3", "mlflow==2.*"],
    LIBRARIES: [
        *("scikit-learn<1.2", "scikit-learn>=1.0,<1.3", "scikit_learn==1.0", "pandas>=1.3,<1.5", "pandas<2"),
        *("numpy<1.24", "xgboost==1.5", "numpy ~= 1.21.0", "pandas (>=1.3,<2)", "pandas==1.5.3; python_version<'4'"),
    ],
}
HELD = [
    *(("requirements.txt", line, rule) for rule, lines in HELD_LINES.items() for line in lines),
    ("setup.cfg", "install_requires =\n  pandas<2\n", LIBRARIES),
    ("pyproject.toml", 'dependencies = ["a", "pandas<2"]', LIBRARIES),
    ("pyproject.toml", 'pandas = "^1.4"', LIBRARIES),
    ("pyproject.toml", 'scikit-learn = "~1.2"', LIBRARIES),
    ("pyproject.toml", 'mlflow = {version = "^1.30", extras = ["x"]}', MLFLOW),
    ("pyproject.toml", 'python = "^3.8"', PYTHON),
    ("pyproject.toml", 'requires-python = ">=3.8"', PYTHON),
    ("Pipfile", 'pandas = "==1.3.5"', LIBRARIES),
    ("Pipfile", 'python_version = "3.8"', PYTHON),
    ("conda.yaml", "dependencies:\n- pandas=1.3\n", LIBRARIES),
    ("conda.yaml", "- python=3.8.10\n", PYTHON),
    ("Dockerfile", "RUN pip install 'pandas<2'", LIBRARIES),
    ("Dockerfile", "FROM python:3.8-slim", PYTHON),
    (".github/workflows/ci.yml", '      python-version: "3.8"', PYTHON),
]
FREE_LINES = [
    *("mlflow>=2", "mlflow==3.1.4", "mlflow<4", "mlflow-recipes==1", "pandas>=1.3,<3", "pandas===1.3", "# pandas<2"),
    *("scikit-learn~=1.2", "numpy==1.*", "numpy<=1.26", "geopandas==0.9", "pandas-stubs==1.2"),
]
FREE = [
    *(("requirements.txt", line) for line in FREE_LINES),
    ("requirements.txt", "x==1; python_version == '3.8'"),
    ("pyproject.toml", 'pandas = "*"'),
    ("pyproject.toml", 'pandas = "^2"\nnumpy = "^1.21"\npython = ">=3.10"'),
    ("Dockerfile", "FROM python:3.12"),
    ("conda.yaml", "- python=3.11\n- pandas=2\n"),
    ("notes.md", "we had pandas<2 then"),
]
EXTRAS = [
    ("requirements.txt", "mlflow[pipelines]==1.30.0", "mlflow-recipes"),
    ("requirements.txt", "mlflow [pipelines] == 1.30", "mlflow-recipes"),
    ("requirements.txt", "MLflow[recipes]>=2,<3 ; a", "mlflow-recipes ; a"),
    ("README.md", "pip install 'mlflow[recipes]<3'", "pip install 'mlflow-recipes'"),
    ("requirements.txt", "mlflow[extras,pipelines]==1.30", ""),
    ("requirements.txt", "mlflow[pipelines] @ git+https://x", ""),
    ("README.md", "pip install mlflow[pipelines]@git+https://x", ""),
    ("requirements.txt", "mlflow[pipelines]==1.30 \\\n  --hash=sha256:a", ""),
    ("pyproject.toml", 'mlflow = {version = "^1.30", extras = ["pipelines"]}', ""),
]


@pytest.mark.parametrize(("file", "text", "rule"), HELD)
def test_held(file: str, text: str, rule: str) -> None:
    assert [(one.rule, one.kind) for one in findings(file, text, renamed=False)] == [(rule, "by hand")]


@pytest.mark.parametrize(("file", "text"), FREE)
def test_free(file: str, text: str) -> None:
    assert findings(file, text, renamed=False) == []


@pytest.mark.parametrize(("file", "text", "after"), EXTRAS)
def test_extras(file: str, text: str, after: str) -> None:
    [found] = findings(file, text, renamed=False)
    assert (found.rule, found.kind, found.after) == ("requirements.extra", "rewrite" if after else "by hand", after)


NAMES = [
    ("mlflow  pipelines run", "mlflow  recipes run"),
    ("run(['mlflow', \"pipelines\", 'run'])", "run(['mlflow', \"recipes\", 'run'])"),
    ("open('pipeline.yaml')", "open('recipe.yaml')"),
    ("os.path.join('conf', 'pipeline.yaml')", ""),
    ("Path(root) / 'pipeline.yaml'", ""),
]


@pytest.mark.parametrize(("text", "after"), NAMES)
def test_names(text: str, after: str) -> None:
    [found] = findings("a.py", text, renamed=True)
    assert (found.kind, found.after) == ("rewrite" if after else "by hand", after)

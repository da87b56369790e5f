"""`mlflow.pipelines` becomes `mlflow.recipes` in all of a file, or in none of what belongs together."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.python_rules import corrected, findings
from mlflow_recipes.migrating.python_source import PythonSource

REWRITTEN = [
    ("import mlflow.pipelines as mp\nmp.Pipeline(profile=a)", "import mlflow.recipes as mp\nmp.Recipe(profile=a)"),
    (
        "import mlflow, mlflow.pipelines\nmlflow.log_metric(a, 1)\nmlflow.pipelines.Pipeline(profile=a).run()",
        "import mlflow, mlflow.recipes\nmlflow.log_metric(a, 1)\nmlflow.recipes.Recipe(profile=a).run()",
    ),
    (
        "from mlflow import log_metric, pipelines as mp\nmp.Pipeline(profile=a)",
        "from mlflow import log_metric, recipes as mp\nmp.Recipe(profile=a)",
    ),
    ("import mlflow\nmlflow.pipelines.Pipeline('a')", "import mlflow\nmlflow.recipes.Recipe('a')"),
    (
        "import mlflow.pipelines.pipeline\nx: mlflow.pipelines.pipeline.Pipeline",
        "import mlflow.recipes.recipe\nx: mlflow.recipes.recipe.Recipe",
    ),
    (
        "from mlflow.pipelines import utils, pipeline\nutils.get_pipeline_name()\npipeline.Pipeline",
        "from mlflow.recipes import utils, recipe as pipeline\nutils.get_recipe_name()\npipeline.Recipe",
    ),
    ("from mlflow.pipelines import Pipeline as Recipe\nRecipe('a')", "from mlflow.recipes import Recipe\nRecipe('a')"),
    # The import of a function is that of the function alone.
    (
        "from sklearn.pipeline import Pipeline\ndef f():\n    from mlflow.pipelines import Pipeline\n"
        "    return Pipeline('a')\nmodel = Pipeline(steps)",
        "from sklearn.pipeline import Pipeline\ndef f():\n    from mlflow.recipes import Recipe\n"
        "    return Recipe('a')\nmodel = Pipeline(steps)",
    ),
    # Where the old name has another meaning, too, or is named in a text, it stays.
    (
        "from mlflow.pipelines import Pipeline\np = Pipeline('a')\nfrom sklearn.pipeline import Pipeline\nPipeline(b)",
        "from mlflow.recipes import Recipe as Pipeline\np = Pipeline('a')\n"
        "from sklearn.pipeline import Pipeline\nPipeline(b)",
    ),
    (
        "from mlflow.pipelines import Pipeline\nclass Recipe: pass\nPipeline('a')",
        "from mlflow.recipes import Recipe as Pipeline\nclass Recipe: pass\nPipeline('a')",
    ),
    (
        "from mlflow.pipelines import Pipeline\n__all__ = ['Pipeline']",
        "from mlflow.recipes import Recipe as Pipeline\n__all__ = ['Pipeline']",
    ),
]
BY_HAND = [
    "from mlflow.pipelines import *\nPipeline('a')",
    "from mlflow.pipelines.regression import x",
    "import mlflow.pipelines.steps.train",
    "from mlflow.pipelines import steps",
    "import mlflow\nmlflow.pipelines.steps.train.TrainStep",
    "patch('mlflow.pipelines.Pipeline')",
    "client.get_latest_versions('m')",
    "load('models:/m/Staging')",
]
LEFT_ALONE = ["load('models:/m@champion')", "load('models:/m/1')", "import mlflow\nmlflow.recipes.Recipe('a')"]


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_rewritten_as_a_whole(before: str, after: str) -> None:
    assert corrected(PythonSource("x.py", before)) == after
    assert findings(PythonSource("x.py", after)) == []


@pytest.mark.parametrize("code", BY_HAND)
def test_by_hand(code: str) -> None:
    assert [one.kind for one in findings(PythonSource("x.py", code))] == ["by hand"]
    assert corrected(PythonSource("x.py", code)) == code


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert findings(PythonSource("x.py", code)) == []

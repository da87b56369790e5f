"""The cells of a notebook share their names, and what is no Python is said or left out."""

from __future__ import annotations

import json

import pytest

from mlflow_recipes.migrating.files import Looked, look_at_notebook


def looked(*codes: str) -> Looked:
    cells = [{"cell_type": "code", "source": code} for code in codes]
    return look_at_notebook("n.ipynb", json.dumps({"cells": cells}), renamed=False)


def after(*codes: str) -> list[str]:
    return [cell["source"] for cell in json.loads(looked(*codes).after)["cells"]]


def test_names_are_known_in_later_cells() -> None:
    first = (
        "from mlflow.pipelines import Pipeline\nfrom sklearn.preprocessing import OneHotEncoder\nimport numpy as np\n"
    )
    codes = (first, "p = Pipeline(profile='local')", "é = 1\nOneHotEncoder(sparse=False)\nnp.float(1)")
    assert after(*codes) == [
        first.replace("mlflow.pipelines import Pipeline", "mlflow.recipes import Recipe"),
        "p = Recipe(profile='local')",
        "é = 1\nOneHotEncoder(sparse_output=False)\nfloat(1)",
    ]
    places = [str(one.where) for one in looked(*codes).findings]
    assert places == ["n.ipynb cell 1:1:1", "n.ipynb cell 2:1:5", "n.ipynb cell 3:2:15", "n.ipynb cell 3:3:1"]


def test_the_import_before_the_use_counts() -> None:
    codes = ("import numpy as m", "m.float", "import math as m", "m.float")
    assert after(*codes) == ["import numpy as m", "float", "import math as m", "m.float"]


@pytest.mark.parametrize(
    "line",
    ["!ls é", "%time f()", "p?", "?p.x", "files = !ls", "x = %magic a", "if a:\n    !ls", "!pip \\\n  install a"],
)
def test_lines_of_ipython_are_passed_over(line: str) -> None:
    code = f"import numpy as np\n{line}\nnp.float(1)\n"
    assert after(code) == [f"import numpy as np\n{line}\nfloat(1)\n"]
    assert looked(code).skipped == ()


def test_a_line_that_only_looks_like_a_magic() -> None:
    code = "import numpy as np\nx = ('%s'\n% np.float(1))"
    assert after(code) == ["import numpy as np\nx = ('%s'\n% float(1))"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [("%%bash\nls", "it begins with %%bash"), ("this is: not python", "invalid syntax"), ("%%sql x\ny", "%%sql")],
)
def test_cells_that_are_no_python_are_named(code: str, reason: str) -> None:
    [(place, told)] = looked("import numpy as np", code, "np.float").skipped
    assert place == "n.ipynb cell 2"
    assert reason in told
    assert after("import numpy as np", code, "np.float") == ["import numpy as np", code, "float"]


def test_python_in_a_cell_magic() -> None:
    assert after("import numpy as np", "%%time\nnp.float") == ["import numpy as np", "%%time\nfloat"]


@pytest.mark.parametrize("code", ["%timeit Pipeline('a')", "%%prun_it\nPipeline('a')"])
def test_a_name_that_is_used_where_nothing_is_read_stays(code: str) -> None:
    first = "from mlflow.pipelines import Pipeline"
    assert after(first, code) == ["from mlflow.recipes import Recipe as Pipeline", code]


def test_no_code() -> None:
    assert after() == []
    assert after("", "# a") == ["", "# a"]

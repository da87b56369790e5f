"""`append` becomes `concat` only where a frame is surely what is appended."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.python_rules import corrected, findings
from mlflow_recipes.migrating.python_source import PythonSource

PANDAS = "import pandas as pd\n"
JOINED = [
    ("df = df.append(pd.DataFrame(rows), sort=False)", "df = pd.concat([df, pd.DataFrame(rows)], sort=False)"),
    ("a = pd.read_csv(f)\ndf = df.append(a)", "a = pd.read_csv(f)\ndf = pd.concat([df, a])"),
    ("def f(a: pd.DataFrame):\n    return b.append(a)", "def f(a: pd.DataFrame):\n    return pd.concat([b, a])"),
    (
        "a = pd.DataFrame()\na = a.drop('x').append(a).reset_index(drop=True)",
        "a = pd.DataFrame()\na = pd.concat([a.drop('x'), a]).reset_index(drop=True)",
    ),
]
# code, what is told of it
BY_HAND = [
    ('df = df.append(pd.Series({"a": 1}, name="r"))', '`pd.concat([df, pd.Series({"a": 1}, name="r").to_frame().T])`'),
    ("s = pd.Series(x)\ndf = df.append(s, ignore_index=True)", "`pd.concat([df, s.to_frame().T], ignore_index=True)`"),
    ("df = df.append({'a': 1}, ignore_index=True)", "`pd.concat([df, pd.DataFrame([{'a': 1}])], ignore_index=True)`"),
    ("df = df.append([a, b])", "`pd.concat([df, *[a, b]])`"),
    ("df = df.append(row)", "`row.to_frame().T`"),
    ("df = df.append(pd.read_csv(f, squeeze=True))", "concat"),
    ("df = df.append(pd.read_csv(f, **more))", "concat"),
    ("if c:\n    r = pd.Series(x)\nelse:\n    r = pd.DataFrame(x)\ndf = df.append(r)", "concat"),
    ("df = df.append(x).reset_index(drop=True)", "concat"),
    ("def f():\n    return train.append(a), val, test", "concat"),
    ("x = [df.append(other)]", "concat"),
    ("x = pd.concat([df.append(x)])", "concat"),
    ("df = pd.DataFrame()\ndf.append(x)", "concat"),
    ("s = pd.Series(a)\ns = s.append(pd.DataFrame(b))", "concat"),
]
LISTS = [
    "lst = []\ny = lst.append(z)",
    "lst = list(a)\ny = lst.append(b)",
    "lst = [1]\ndef f():\n    return lst.append(z)",
    "done.append(1)",
    "x = queue.append((a, b)).result()",
    "[done.append(x) for x in y]",
    "c and done.append(x)",
    "done.append(a) if a else done.append(b)",
    "f = lambda x: done.append(x)",
    "import numpy as np\nx = np.append(a)",
    "class Log:\n    def append(self, x): pass\n    def f(self):\n        return self.append(z)\nx = Log().append(z)",
]


@pytest.mark.parametrize(("before", "after"), JOINED)
def test_a_frame_is_joined(before: str, after: str) -> None:
    assert corrected(PythonSource("x.py", PANDAS + before)) == PANDAS + after


@pytest.mark.parametrize(("code", "told"), BY_HAND)
def test_anything_else_is_by_hand(code: str, told: str) -> None:
    [found] = [one for one in findings(PythonSource("x.py", PANDAS + code)) if one.rule == "pandas.append"]
    assert found.kind == "by hand"
    assert told in found.message
    assert corrected(PythonSource("x.py", PANDAS + code)) in (
        PANDAS + code,
        PANDAS + code.replace(", squeeze=True", ""),
    )


@pytest.mark.parametrize("code", LISTS)
def test_a_list_is_none_of_pandas(code: str) -> None:
    assert findings(PythonSource("x.py", code)) == []


def test_a_frame_that_is_made_of_itself_many_times_is_known_at_once() -> None:
    steps = "".join(f"df = df.drop(df.a == {n}).append(df)\n" for n in range(40))
    found = findings(PythonSource("x.py", f"{PANDAS}df = pd.DataFrame()\n{steps}"))
    assert [one.kind for one in found] == ["rewrite"] * 40

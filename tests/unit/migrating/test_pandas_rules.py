"""Calls of pandas that other libraries have, too, and changes that are lost on copies."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.python_rules import corrected, findings
from mlflow_recipes.migrating.python_source import PythonSource

CORRECTED = [
    ("df.fillna(value=None, method='pad')", "df.ffill()"),
    ("df.fillna(None, limit=1, method='bfill')", "df.bfill(limit=1)"),
    ("df.fillna(method='pad', value=None, limit=1,)", "df.ffill(limit=1,)"),
    ("from steps import frame\nframe.iteritems()", "from steps import frame\nframe.items()"),
    ("x = s.is_monotonic", "x = s.is_monotonic_increasing"),
    ("from pandas import read_csv\nread_csv(f, squeeze=False)", "from pandas import read_csv\nread_csv(f)"),
    (
        "from pandas import read_csv as r, to_datetime\nr(f, error_bad_lines=False, warn_bad_lines=True)\n"
        "to_datetime(x, infer_datetime_format=True)",
        'from pandas import read_csv as r, to_datetime\nr(f, on_bad_lines="skip")\nto_datetime(x)',
    ),
    ("df.any(1)", "df.any(axis=1)"),
    ("import pandas as pd\npd.concat([a, b], 1)", "import pandas as pd\npd.concat([a, b], axis=1)"),
    ("import pandas as pd\npd.read_csv(f, ';')", "import pandas as pd\npd.read_csv(f, sep=';')"),
    ("df.dropna(0)", "df.dropna(axis=0)"),
    ("df.drop_duplicates('a', 'last')", "df.drop_duplicates('a', keep='last')"),
    ("df.sort_values('a', 0, False)", "df.sort_values('a', axis=0, ascending=False)"),
    ("df.pivot('a', 'b', 'c')", "df.pivot(index='a', columns='b', values='c')"),
    ("df.a.str.split(' ', 1, True)", "df.a.str.split(' ', n=1, expand=True)"),
    ("df.to_csv(f, ';')", "df.to_csv(f, sep=';')"),
]
# code, a word of what is told
TOLD = [
    ("df.fillna(0, method='pad')", "ffill"),
    ("df.fillna(None, 'pad')", "ffill"),
    ("df.ix[0]", ".loc"),
    ("from helpers import frame\nx = frame.append(y)", "concat"),
    ("import numpy as np\nx = df[a].dtype == np.object_", "is_string_dtype"),
    ("df.lookup(a, b)", "If this is of pandas"),
    ("df.sum(level=0)", "group by"),
    ("import pandas as pd\npd.read_csv(f, squeeze=True)", "squeeze"),
    ("import pandas as pd\npd.read_csv(f, prefix='x')", "names="),
    ("import pandas as pd\npd.DatetimeIndex(x).week", "isocalendar"),
    ("df.t.astype('int64') // 10 ** 9", "microseconds"),
    ("df.a.fillna(0, inplace=True)", '`df["a"] = df["a"].fillna(...)`'),
    ("df[col].fillna(0, inplace=True)", "`df[col] = df[col].fillna(...)`"),
    ("df.loc[:, 'a'].fillna(0, inplace=True)", "`df['a'] = df['a'].fillna(...)`"),
    ("df.loc[rows, 'a'].clip(0, inplace=True)", "`df.loc[rows, 'a'] = df.loc[rows, 'a'].clip(...)`"),
    ("df['a'].drop(0, inplace=True)", "call `drop` of the DataFrame"),
    ("df['a'][0] += 1", "df.loc[0, 'a']"),
    ("df[['a', 'b']].replace(1, 2, inplace=True)", "copy"),
    ("class A:\n    def applymap(self): pass\nx.applymap(f)", "a class of this file"),
]
REWRITTEN_COPIES = [
    ("df['a'].replace(1, 2, inplace=True)", "df['a'] = df['a'].replace(1, 2)"),
    (
        "for c in ['a', 'b']:\n    df[c].fillna(0, inplace=True)",
        "for c in ['a', 'b']:\n    df[c] = df[c].fillna(0)",
    ),
    ("c = 'a'\ndf[c].fillna(0, inplace=True)", "c = 'a'\ndf[c] = df[c].fillna(0)"),
]
OTHERS = [
    "import six\nsix.iteritems({'a': 1})",
    "class A:\n    def applymap(self, f): return self.mad()\n    def mad(self): return 1\nA().applymap(f)",
    "class A:\n    def iteritems(self): pass\na = A()\na.iteritems()",
    "import numpy as np\nnp.zeros(3).swapaxes(0, 1)\nx = np.ones(2)\nx.swapaxes(0, 1)",
    "import argparse\nargs = argparse.ArgumentParser().parse_args()\nargs.get_value",
    "self.frame.fillna(0, inplace=True)",
    "parts = {'a': x}\nparts['a'].fillna(0, inplace=True)",
    "state['steps'][step] = {'a': 1}",
    "state['steps']['a'] = 1",
    "state = {}\nstate['steps'][step] = 1",
    "s.sort_values(0, False)",
    "any(1)",
    "df.drop('a', errors='ignore')",
    "text.split(' ', 1)",
    "import numpy as np\nnp.any(x, 1)",
    "import pandas as pd\npd.period_range(a, b, freq='M')",
]


@pytest.mark.parametrize(("before", "after"), CORRECTED + REWRITTEN_COPIES)
def test_corrected(before: str, after: str) -> None:
    assert corrected(PythonSource("x.py", before)) == after
    assert findings(PythonSource("x.py", after)) == []


@pytest.mark.parametrize(("code", "told"), TOLD)
def test_told_and_not_touched(code: str, told: str) -> None:
    found = findings(PythonSource("x.py", code))
    assert [one.kind for one in found] == ["by hand"]
    assert told in found[0].message
    assert corrected(PythonSource("x.py", code)) == code


@pytest.mark.parametrize("code", OTHERS)
def test_other_libraries_and_own_classes(code: str) -> None:
    assert findings(PythonSource("x.py", code)) == []

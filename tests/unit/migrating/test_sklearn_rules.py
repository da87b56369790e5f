"""What scikit-learn renamed, in calls and in dicts; and what only has the same name."""

from __future__ import annotations

import pytest

from mlflow_recipes.migrating.python_rules import corrected, findings
from mlflow_recipes.migrating.python_source import PythonSource

METRICS = "from sklearn.metrics import mean_squared_error"
REWRITTEN = [
    (
        f"{METRICS}, mean_squared_error as mse\na = mean_squared_error(x, y, squared=False)\n"
        "b = mse(x, y, squared=False)",
        "from sklearn.metrics import root_mean_squared_error, mean_squared_error, mean_squared_error as mse\n"
        "a = root_mean_squared_error(x, y)\nb = root_mean_squared_error(x, y)",
    ),
    (
        f"def f():\n    {METRICS}\n    return mean_squared_error(x, y, squared=False)",
        "def f():\n    from sklearn.metrics import root_mean_squared_error, mean_squared_error\n"
        "    return root_mean_squared_error(x, y)",
    ),
    (
        "from sklearn.feature_extraction.text import CountVectorizer\ncv = CountVectorizer()\n"
        "x = cv.get_feature_names() + ['x']",
        "from sklearn.feature_extraction.text import CountVectorizer\ncv = CountVectorizer()\n"
        "x = list(cv.get_feature_names_out()) + ['x']",
    ),
    (
        "names = cv.get_feature_names()\ndf = DataFrame(x, columns=names)",
        "names = cv.get_feature_names_out()\ndf = DataFrame(x, columns=names)",
    ),
    (
        "from sklearn.preprocessing import OneHotEncoder\nx = OneHotEncoder().get_feature_names(['a'])[0]",
        "from sklearn.preprocessing import OneHotEncoder\nx = OneHotEncoder().get_feature_names_out(['a'])[0]",
    ),
    (
        "from sklearn.model_selection import cross_val_score as s\ns(m, x, fit_params=p)",
        "from sklearn.model_selection import cross_val_score as s\ns(m, x, params=p)",
    ),
    (
        "from sklearn.tree import DecisionTreeRegressor as T\nT(presort='auto', min_impurity_split=None)",
        "from sklearn.tree import DecisionTreeRegressor as T\nT()",
    ),
    ("from numpy import NaN, inf\nx = NaN", "from numpy import nan as NaN, inf\nx = NaN"),
    ("import numpy as np\nnp.int0(1)", "import numpy as np\nnp.intp(1)"),
]
ENSEMBLE = "from sklearn.ensemble import GradientBoostingRegressor as G, AdaBoostClassifier as A\n"
ENCODER = "from sklearn.preprocessing import OneHotEncoder as E\n"
TOLD = [
    (
        f"{METRICS}\ndef root_mean_squared_error(a, b):\n    return mean_squared_error(a, b, squared=False)",
        "sklearn.metr",
    ),
    ("x = cv.get_feature_names() + ['x']", "list(...)"),
    ("names = cv.get_feature_names()\nnames.index('a')", "list(...)"),
    ("class A:\n    def get_feature_names(self): pass\nx.get_feature_names()", "a class of this file"),
    (f"{ENSEMBLE}G(criterion='mae')", "leave it out"),
    (f"{ENSEMBLE}G(min_impurity_split=1)", "min_impurity_decrease"),
    (f"{ENSEMBLE}A(algorithm='SAMME.R')", "SAMME"),
    (f"{ENSEMBLE}p = {{'loss': 'ls'}}\nG(**p)", "squared_error"),
    (f"{ENCODER}E(**{{'sparse': False}})", "`sparse_output`"),
    (f"{ENCODER}p = dict(sparse=False)\nE(**p)", "`sparse_output`"),
    ("import sklearn\np = dict(base_estimator__max_depth=1)\np = {'base_estimator__max_depth': 1}", "`estimator`"),
    ("import sklearn\np = {'model__penalty': ['l2', 'none']}", "None"),
    ("from sklearn.utils import check_array\ncheck_array(x, force_all_finite=False)", "ensure_all_finite"),
    ("from sklearn.metrics import make_scorer\nmake_scorer(f, needs_proba=p)", "response_method"),
    ("from numpy import float as f", "Python's own"),
    ("import numpy as np\nstr = 'a'\nnp.str", "another `str`"),
    ("import pandas.util.testing", "pandas.testing"),
    ("from pandas.io.json import json_normalize", "pd.json_normalize"),
    ("df.pad()", "ffill"),
    ("df.first('3D')", "Timedelta"),
    ("import lightgbm as lgb\nimport xgboost\nlgb.LGBMRegressor().fit(x, early_stopping_rounds=1)", "fit of lightgbm"),
    ("import lightgbm, xgboost\nm.fit(x, early_stopping_rounds=1)", "xgboost or lightgbm"),
]
OTHERS = [
    "class A:\n    def get_feature_names(self): pass\nm = A()\nm.get_feature_names()",
    "p = {'criterion': 'mse'}",  # no scikit-learn here
    "import sklearn\np = {'loss': 'mse', 'sparse': False}",
    "import sklearn\nclass A:\n    def f(self): return self.base_estimator",
    "import xgboost\nfrom sklearn.svm import SVC\nSVC().fit(x, eval_metric='a')",
    "df.first()",
    "import numpy as np\nnp.pad(a, 1)",
    "df.a.str.replace('ab', 'c')",
    "df.a.str.replace('a+', 'c', regex=False)",
]
FUNCTION = "from sklearn.preprocessing import FunctionTransformer as F\nimport pandas as pd\ndef f(df):\n    {}\n"
ARGUMENT = ", feature_names_out='one-to-one'"
CHANGED = [
    "out = df.copy()\n    out['b'] = df['a'] * 2\n    return out",
    "return pd.get_dummies(df)",
    "df = df.fillna(0).rename(columns={'a': 'b'})\n    return df",
    "df.drop('a', axis=1, inplace=True)\n    return df",
    "df.pop('a')\n    return df",
    "return df.reset_index()",
]
KEPT = [
    "m = {}\n    m['zz'] = 2\n    return df",
    "x = ','.join(df.columns)\n    return df",
    "return df.rename({0: 1}, axis='index')",
    "out = df.copy()\n    out['a'] = df['a'] * 2\n    return out",
    "df['a'] = df.a * 2\n    return df",
    "for c in ['a']:\n        df[c] = 1\n    df['a'] = 2\n    return df",
    "x = df.drop(columns=['a'])\n    df['b'] = x['b'].sum()\n    return df",
    "return df.drop(0)",
    "return df.reset_index(drop=True)",
]


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_rewritten(before: str, after: str) -> None:
    assert corrected(PythonSource("x.py", before)) == after
    assert findings(PythonSource("x.py", after)) == []


@pytest.mark.parametrize(("code", "told"), TOLD)
def test_told_and_not_touched(code: str, told: str) -> None:
    found = findings(PythonSource("x.py", code))
    assert {one.kind for one in found} == {"by hand"}
    assert told in found[0].message
    assert len({one.where for one in found}) == len(found)
    assert corrected(PythonSource("x.py", code)) == code


@pytest.mark.parametrize("code", OTHERS)
def test_others_are_left_alone(code: str) -> None:
    assert findings(PythonSource("x.py", code)) == []


@pytest.mark.parametrize("body", CHANGED)
def test_names_are_not_promised_where_columns_change(body: str) -> None:
    code = FUNCTION.format(body)
    assert corrected(PythonSource("x.py", f"{code}F(f{ARGUMENT})")) == f"{code}F(f)"


@pytest.mark.parametrize("body", KEPT)
def test_names_stay_promised_where_no_change_is_sure(body: str) -> None:
    code = f"{FUNCTION.format(body)}F(f{ARGUMENT})"
    assert [one.kind for one in findings(PythonSource("x.py", code))] == ["meaning"]


def test_an_import_without_a_use_is_only_said() -> None:
    code = "from sklearn.experimental import enable_hist_gradient_boosting"
    assert [one.kind for one in findings(PythonSource("x.py", code))] == ["meaning"]

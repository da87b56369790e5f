"""Each rule corrects or tells what it is for, and leaves alone what only looks like it."""

from __future__ import annotations

import textwrap

import pytest

from mlflow_recipes.migrating.python_rules import RULES, corrected, findings
from mlflow_recipes.migrating.python_source import PythonSource

# rule, code, what it becomes
REWRITTEN = [
    ("numpy.names", "import numpy as np\nx = np.float(1)", "import numpy as np\nx = float(1)"),
    ("numpy.names", "import numpy\nx = [numpy.NaN, numpy.float_]", "import numpy\nx = [numpy.nan, numpy.float64]"),
    ("joblib", "from sklearn.externals import joblib", "import joblib"),
    (
        "sklearn.keywords",
        "from sklearn.preprocessing import OneHotEncoder\nOneHotEncoder(sparse=False, drop='first')",
        "from sklearn.preprocessing import OneHotEncoder\nOneHotEncoder(sparse_output=False, drop='first')",
    ),
    (
        "sklearn.keywords",
        "from sklearn.ensemble import BaggingRegressor as Bag\nBag(base_estimator=x)",
        "from sklearn.ensemble import BaggingRegressor as Bag\nBag(estimator=x)",
    ),
    (
        "sklearn.values",
        "from sklearn import ensemble\nensemble.RandomForestRegressor(criterion='mse', max_features='auto')",
        'from sklearn import ensemble\nensemble.RandomForestRegressor(criterion="squared_error", max_features=1.0)',
    ),
    (
        "sklearn.values",
        "from sklearn.linear_model import LogisticRegression\nLogisticRegression(penalty='none')",
        "from sklearn.linear_model import LogisticRegression\nLogisticRegression(penalty=None)",
    ),
    (
        "sklearn.gone-keywords",
        "from sklearn.linear_model import Ridge\nRidge(\n    normalize=False,\n    alpha=1,  # kept\n)",
        "from sklearn.linear_model import Ridge\nRidge(\n    alpha=1,  # kept\n)",
    ),
    (
        "sklearn.squared",
        "from sklearn.metrics import mean_squared_error\n\ne = mean_squared_error(a, b, squared=False)",
        "from sklearn.metrics import root_mean_squared_error, mean_squared_error\n\ne = root_mean_squared_error(a, b)",
    ),
    (
        "sklearn.squared",
        "import sklearn.metrics as m\ne = m.mean_squared_error(a, b, squared=True)",
        "import sklearn.metrics as m\ne = m.mean_squared_error(a, b)",
    ),
    (
        "sklearn.scorers",
        "from sklearn.metrics import make_scorer\nmake_scorer(f, needs_proba=True)",
        'from sklearn.metrics import make_scorer\nmake_scorer(f, response_method="predict_proba")',
    ),
    ("sklearn.feature-names", "x.get_feature_names()", "x.get_feature_names_out()"),
    (
        "sklearn.one-to-one",
        """
        from sklearn.preprocessing import FunctionTransformer
        def f(df):
            df["hour"] = df["time"].dt.hour
            return df
        t = FunctionTransformer(f, feature_names_out="one-to-one")  # t
        """,
        """
        from sklearn.preprocessing import FunctionTransformer
        def f(df):
            df["hour"] = df["time"].dt.hour
            return df
        t = FunctionTransformer(f)  # t
        """,
    ),
    (
        "sklearn.one-to-one-dict",
        """
        from sklearn.preprocessing import FunctionTransformer
        def f(df):
            return df.drop(columns=["a"])
        more = {"feature_names_out": "one-to-one"}
        t = FunctionTransformer(f, **more)
        """,
        """
        from sklearn.preprocessing import FunctionTransformer
        def f(df):
            return df.drop(columns=["a"])
        more = {}
        t = FunctionTransformer(f, **more)
        """,
    ),
    ("pandas.methods", "for a, b in df.iteritems(): df.applymap(str)", "for a, b in df.items(): df.map(str)"),
    ("pandas.fillna", "df = df.fillna(method='pad', limit=2)", "df = df.ffill(limit=2)"),
    (
        "pandas.keywords",
        "import pandas as pd\npd.read_csv(f, error_bad_lines=False, delim_whitespace=True)",
        'import pandas as pd\npd.read_csv(f, on_bad_lines="skip", sep=r"\\s+")',
    ),
    ("pandas.keywords", "df.to_csv(f, line_terminator='x')", "df.to_csv(f, lineterminator='x')"),
    ("pandas.axis", "df.drop('a', 1)", "df.drop('a', axis=1)"),
    (
        "pandas.append",
        "import pandas as pd\ndf = df.append(pd.DataFrame(rows), ignore_index=True)",
        "import pandas as pd\ndf = pd.concat([df, pd.DataFrame(rows)], ignore_index=True)",
    ),
    ("pandas.copies", "df['a'].fillna(0, inplace=True)", "df['a'] = df['a'].fillna(0)"),
    ("pandas.frequencies", "x = df.t.dt.floor('15T')", 'x = df.t.dt.floor("15min")'),
    ("pandas.frequencies", "x = df.resample('M').sum()", 'x = df.resample("ME").sum()'),
    ("pandas.frequencies", "x = df.resample(rule='2AS').sum()", 'x = df.resample(rule="2YS").sum()'),
    (
        "pandas.frequencies",
        "import pandas as pd\npd.to_timedelta(x, unit='T')",
        'import pandas as pd\npd.to_timedelta(x, unit="min")',
    ),
    (
        "pandas.frequencies",
        "from pandas import date_range as d\nd(a, freq='Q-DEC')",
        'from pandas import date_range as d\nd(a, freq="QE-DEC")',
    ),
    ("pandas.units", "x.astype('datetime64')", 'x.astype("datetime64[ns]")'),
    (
        "xgboost.arguments",
        "import xgboost as xgb\nxgb.XGBRegressor(use_label_encoder=False, objective='reg:linear')",
        'import xgboost as xgb\nxgb.XGBRegressor(objective="reg:squarederror")',
    ),
    (
        "mlflow.pipelines",
        "from mlflow.pipelines import Pipeline\np = Pipeline(profile='local')",
        "from mlflow.recipes import Recipe\np = Recipe(profile='local')",
    ),
    (
        "mlflow.pipelines",
        "from mlflow.pipelines.utils import get_pipeline_config as config\nconfig()",
        "from mlflow.recipes.utils import get_recipe_config as config\nconfig()",
    ),
    ("mlflow.pipelines", "from mlflow import pipelines", "from mlflow import recipes as pipelines"),
    (
        "mlflow.names",
        "import mlflow.pipelines\np = mlflow.pipelines.Pipeline('a')",
        "import mlflow.recipes\np = mlflow.recipes.Recipe('a')",
    ),
]

# rule, code, a word of what is told
TOLD = [
    ("gone", "from sklearn.datasets import load_boston", "fetch_california_housing"),
    ("gone", "import pandas as pd\npd.datetime.now()", "standard library"),
    ("sklearn.gone-keywords", "from sklearn.linear_model import Ridge\nRidge(normalize=True)", "StandardScaler"),
    ("sklearn.squared", "from sklearn.metrics import mean_squared_error\nmean_squared_error(a, squared=s)", "root_"),
    ("sklearn.unneeded", "import sklearn\nx = model.base_estimator_", "`estimator_`"),
    ("sklearn.in-dicts", "import sklearn\ngrid = {'m__criterion': ['mse', 'mae']}", "squared_error"),
    ("pandas.patterns", "df.a.str.replace('a+', 'b')", "regex=True"),
    ("sklearn.prefit", "from sklearn.calibration import CalibratedClassifierCV as C\nC(x, cv='prefit')", "FrozenEst"),
    ("pandas.gone", "df.as_matrix()", "to_numpy"),
    ("pandas.gone", "df.t.dt.week", "isocalendar"),
    ("pandas.gone", "import pandas as pd\npd.read_csv(f, squeeze=True)", "squeeze"),
    ("pandas.append", "df = df.append(row)", "concat"),
    ("pandas.copies", "df['a'][mask] = 0", "df.loc[mask, 'a']"),
    ("pandas.copies", "df[df.a > 0]['a'] = 0", "df.loc[df.a > 0, 'a']"),
    ("pandas.seconds", "s = df.t.astype('int64') // 10**9", "microseconds"),
    ("pandas.frequencies", "x.floor('H')", "If this is a time"),
    ("pandas.frequencies", "x.asfreq('M')", "periods"),
    ("pandas.text", "c = [n for n in df if df[n].dtype == 'object']", "is_string_dtype"),
    ("boosting.fit", "import xgboost\nm.fit(X, y, early_stopping_rounds=5)", "early_stopping"),
    ("xgboost.arguments", "from xgboost import XGBRegressor\nXGBRegressor(tree_method='gpu_hist')", "cuda"),
    ("mlflow.step-classes", "from mlflow.recipes.steps.split import SplitStep", "not kept"),
    ("mlflow.stages", "client.transition_model_version_stage('m', 1, 'Production')", "@champion"),
    ("mlflow.stages", "load(f'models:/{name}/Production')", "@champion"),
    ("mlflow.profile", "from mlflow.pipelines import Pipeline\nPipeline()", "profile"),
]

LEFT_ALONE = [
    "items = []\nitems.append(1)",
    "import numpy as np\nnp.float64(1)",
    "float(1)",
    "from sklearn.preprocessing import OneHotEncoder\nOneHotEncoder(sparse_output=False)",
    "OneHotEncoder(sparse=False)",  # of another library
    "d['a']['b'].append(1)",
    "np.NaN",  # no numpy
    "df = df.fillna(0)",
    "df.drop('a', axis=1)",
    "x.dt.floor('h')",
    "x.floor('h')",
    "import math\nmath.floor('H')",
    "import lightgbm\nm.fit(X, y, eval_metric='l2', callbacks=[])",
    "from mlflow.recipes import Recipe\nRecipe(profile='local')",
    "from mlflow.recipes.cards import BaseCard",
]


def source(code: str, file: str = "steps/x.py") -> PythonSource:
    return PythonSource(file, textwrap.dedent(code))


@pytest.mark.parametrize(("rule", "before", "after"), REWRITTEN)
def test_rewritten(rule: str, before: str, after: str) -> None:
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    assert corrected(PythonSource("steps/x.py", before)) == after
    assert rule in {found.rule for found in findings(source(before)) if found.kind == "rewrite"}
    assert corrected(PythonSource("steps/x.py", after)) == after
    assert not [found for found in findings(source(after)) if found.kind == "rewrite"]


@pytest.mark.parametrize(("rule", "code", "word"), TOLD)
def test_told_and_not_touched(rule: str, code: str, word: str) -> None:
    found = [one for one in findings(source(code)) if one.rule == rule]
    assert found
    assert all(one.kind == "by hand" and not one.edits for one in found)
    assert word in found[0].message
    if rule not in ("mlflow.profile",):
        assert corrected(PythonSource("steps/x.py", code)) == code


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert findings(source(code)) == []
    assert corrected(PythonSource("steps/x.py", code)) == code


def test_a_custom_metric_in_a_dict() -> None:
    code = "def m(eval_df, builtin_metrics) -> Dict[str, int]:\n    return {'m': f(eval_df)}  # ours\n"
    file = "steps/custom_metrics.py"
    assert (
        corrected(PythonSource(file, code))
        == "def m(eval_df, builtin_metrics) -> float:\n    return f(eval_df)  # ours\n"
    )
    assert corrected(PythonSource("steps/train.py", code)) == code
    two = "def m(eval_df, builtin_metrics):\n    return {'m': 1, 'n': 2}\n"
    [found] = findings(PythonSource(file, two))
    assert (found.rule, found.kind) == ("steps.metric-dict", "by hand")


def test_one_to_one_stays_where_columns_do_not_seem_to_change() -> None:
    code = """
    from sklearn.preprocessing import FunctionTransformer
    def f(df):
        df["a"] = df["a"] * 2
        return df
    FunctionTransformer(f, feature_names_out="one-to-one")
    """
    [found] = findings(source(code))
    assert (found.rule, found.kind) == ("sklearn.one-to-one", "meaning")
    assert corrected(PythonSource("x.py", textwrap.dedent(code))) == textwrap.dedent(code)


def test_every_rule_has_a_test() -> None:
    tested = {rule for rule, *_ in (*REWRITTEN, *TOLD)} | {"steps.metric-dict"}
    assert tested == set(RULES)


def test_positions_count_characters_and_lines() -> None:
    code = 'é = "ü"; import numpy as np\n\n\nx = ["ö", np.float(1)]\n'
    [found] = findings(source(code))
    assert str(found.where) == "steps/x.py:4:11"
    assert corrected(PythonSource("x.py", code)) == code.replace("np.float", "float")


def test_all_corrections_of_a_statement() -> None:
    code = "import numpy as np\nimport pandas as pd\nx = pd.DataFrame(np.float(1)).append(pd.DataFrame(np.NaN))\n"
    after = "import numpy as np\nimport pandas as pd\nx = pd.concat([pd.DataFrame(float(1)), pd.DataFrame(np.nan)])\n"
    assert corrected(PythonSource("x.py", code)) == after

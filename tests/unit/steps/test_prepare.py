"""A step of the user's own, called by itself."""

from __future__ import annotations

import pandas as pd
import pytest

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.errors import DataError, RecipeError, UserCodeError
from mlflow_recipes.steps import prepare, preparing
from mlflow_recipes.steps.preparing import NoRowsError

FRAME = pd.DataFrame({"a": [1.0, 2.0, None, 4.0], "y": [1, 2, 3, 4]})
SECTION = "  clean: {using: custom, after: ingest, function: clean}\n  split:"


@pytest.fixture
def clean(small, context):
    """Runs the step `clean` with this text of steps/clean.py on four rows."""

    def run(text: str, section: str = SECTION, frame: pd.DataFrame = FRAME):
        small.edit("recipe.yaml", "  split:", section)
        small.write("steps/clean.py", text)
        return prepare.run(context("clean", ingested_data=frame))

    return run


def test_a_table_in_a_table_out(clean, lines) -> None:
    section = SECTION.replace("function: clean", "function: clean, params: {most: 3}")
    result = clean(
        """\
        from steps.utils.rows import without_holes

        def clean(frame, most):
            return without_holes(frame).query("y <= @most").assign(b=lambda f: f["a"] * 2, y=lambda f: f["y"] / 1)
        """.replace("from steps.utils.rows import without_holes", "without_holes = lambda f: f.dropna()"),
        section,
    )
    frame = result.tables["clean_data"].pandas()
    assert frame.to_dict("list") == {"a": [1.0, 2.0], "y": [1.0, 2.0], "b": [2.0, 4.0]}
    assert list(frame.index) == [0, 1]
    assert lines == ["4 rows in, 2 out"]
    facts = result.facts | result.describe()
    assert (facts["rows_before"], facts["rows"], facts["added"], facts["removed"]) == (4, 2, ["b"], [])
    assert facts["retyped"] == [["y", "int64", "double"]]
    assert facts["params"] == {"most": "3"}
    assert facts["profile"]["rows"] == 2


def test_what_is_remembered_of_params_holds_no_secret(clean) -> None:
    params = 'params: {most: 3, api_token: abc, url: "postgresql://me:pw@host/db"}'
    result = clean(
        "def clean(frame, **given):\n    return frame.assign(t=given['api_token'])\n",
        SECTION.replace("function: clean", f"function: clean, {params}"),
    )
    assert result.tables["clean_data"].pandas()["t"].tolist() == ["abc"] * 4
    assert result.facts["params"] == {"most": "3", "api_token": "***", "url": "postgresql://me:***@host/db"}


def test_a_table_that_is_not_the_recipes_own_goes_through_all_of_them(small, context) -> None:
    small.edit("recipe.yaml", "  split:", SECTION.replace("\n", "\n  late: {function: late, after: clean}\n", 1))
    small.write("steps/clean.py", "def clean(frame):\n    return frame.assign(y=frame['y'] + 1)\n")
    small.write("steps/late.py", "def late(frame):\n    return frame.assign(y=frame['y'] * 2)\n")
    made = context("late", clean_data=FRAME)
    data = preparing.prepared_by_all(Dataset.from_pandas(FRAME), made.config, made.user)
    assert data.pandas()["y"].tolist() == [4, 6, 8, 10]


def test_what_a_function_changes_in_place_changes_nothing_else(clean, context) -> None:
    result = clean(
        "def clean(frame):\n    frame['a'] = 0.0\n    frame.drop(index=[0], inplace=True)\n    return frame\n"
    )
    assert result.tables["clean_data"].pandas()["a"].tolist() == [0.0, 0.0, 0.0]
    assert FRAME["a"].tolist()[0] == 1.0


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            "def clean(frame):\n    frame.dropna(inplace=True)\n",
            UserCodeError,
            "steps/clean.py:1: clean returned None; expected a DataFrame.\nEnd it with `return`: what clean changed in "
            "the table that it was given is not looked at.",
        ),
        (
            "def clean(frame):\n    return frame['a']\n",
            UserCodeError,
            "steps/clean.py:1: clean returned Series; expected a DataFrame.\nCorrect clean.",
        ),
        (
            "def clean(frame):\n    return frame[frame['a'] > 9]\n",
            NoRowsError,
            "steps/clean.py:1: clean left no rows of 4.\n"
            "See what it filters out, and whether the data is what it expects.",
        ),
        (
            "def clean(frame):\n    return frame[[]]\n",
            UserCodeError,
            "steps/clean.py:1: clean returned a table without columns.\nCorrect clean.",
        ),
        (
            "def clean(frame):\n    return frame.rename(columns={'y': 'yy'})\n",
            DataError,
            "target_col: The target column 'y' is not in the table of the step 'clean'. Its columns are: 'a', 'yy'.\n"
            "Did you mean 'yy'?",
        ),
        (
            "def clean(frame):\n    return frame.assign(b=[1, 'x', None, 2])\n",
            UserCodeError,
            "steps/clean.py:1: clean returned a table that cannot be kept: the column 'b' mixes values that no table "
            "format can hold (2 int, 1 str), such as 'x' in row 1.\n"
            "Give it one type in clean: `pd.to_numeric(..., errors='coerce')` or `astype(str)`.",
        ),
        (
            "def clean(frame):\n    return frame['b']\n",
            UserCodeError,
            "steps/clean.py:2: clean raised KeyError: 'b'\n  return frame['b']\nCorrect the code there, or the data "
            "that it gets.",
        ),
        (
            "def tidy(frame):\n    return frame\n",
            UserCodeError,
            "steps/clean.py: steps/clean.py has no function 'clean', which steps.clean.function names.\nIt has: tidy.",
        ),
    ],
    ids=["None", "Series", "no rows", "no columns", "no target", "mixed", "raises", "no function"],
)
def test_what_is_no_table_is_refused(clean, text: str, kind: type[RecipeError], message: str) -> None:
    with pytest.raises(kind) as caught:
        clean(text)
    assert type(caught.value) is kind
    assert str(caught.value) == message


def test_only_the_last_step_must_have_the_target(clean, small) -> None:
    section = SECTION.replace("\n", "\n  late: {function: late, after: clean}\n", 1)
    result = clean("def clean(frame):\n    return frame.rename(columns={'y': 'minutes'})\n", section)
    assert list(result.tables["clean_data"].pandas()) == ["a", "minutes"]

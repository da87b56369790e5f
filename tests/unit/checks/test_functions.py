"""`check_*` functions: how they pass and fail, and what is said of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlflow_recipes.check_code import check_functions
from mlflow_recipes.checks import functions
from mlflow_recipes.checks.model import Finding
from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.user_code import UserCode

FRAME = pd.DataFrame({"a": [1, -2, 3], "b": ["x", "y", "z"], "c": [0.1, 0.2, 0.3]}, index=[7, 8, 9])


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Runs the checks of a step file with a text."""

    def run(text: str, step: str = "ingest", **given) -> list[Finding]:
        file = tmp_path / "steps" / f"{step}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text))
        with UserCode(tmp_path) as user:
            return functions.run(user, step, check_functions(tmp_path, f"steps/{step}.py"), given or {"": FRAME})

    return run


@pytest.mark.parametrize(
    "body",
    ["pass", "return True", "return df['a'].notna()", "assert len(df) == 3", "return ''", "return df['a'].sum() == 2"],
)
def test_passes(made, body: str) -> None:
    [found] = made(f"def check_it(df):\n    {body}\n")
    assert (found.check, found.status) == ("check_it", "passed")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return False", "returned False."),
        ("return df['a'].min() > 0", "returned False."),
        ("return 'too many refunds'", "too many refunds"),
        ("assert df['a'].min() > 0, f'a is {df.a.min()} somewhere'", "a is -2 somewhere"),
        ("assert (df['a'] > 0).all()", "assert (df['a'] > 0).all(), where df = DataFrame of 3 x 3."),
        (
            "share, most = (df['a'] < 0).mean(), 0.1\n    assert (\n        share < most\n    )",
            "assert ( share < most ), where share = 0.3333333333333333, most = 0.1.",
        ),
        ("raise AssertionError('no')", "no"),
        ("raise AssertionError", "raise AssertionError."),
    ],
)
def test_fails_with_its_own_words(made, body: str, sentence: str) -> None:
    [found] = made(f"def check_it(df):\n    {body}\n")
    assert (found.status, found.sentence) == ("failed", sentence)


def test_points_at_the_line_of_the_assert(made) -> None:
    [found] = made("def check_it(df):\n    x = 1\n    assert x == 2\n")
    assert found.source == "steps/ingest.py:3"
    assert found.sentence == "assert x == 2, where x = 1."


def test_a_series_says_which_rows(made) -> None:
    [found] = made("def check_it(df):\n    return df['a'] > 0\n")
    assert (found.status, found.rows, found.failing) == ("failed", 3, 1)
    assert found.sentence == "1 of 3 rows (33 %) failed."
    assert str(found.examples[0]) == "row 1: a = -2"


def test_a_series_may_leave_rows_out(made) -> None:
    given = pd.DataFrame({"a": pd.array([1, None, -1], "Int64")})
    [found] = made("def check_it(df):\n    return df['a'] > 0\n", data=given)
    assert [example.row for example in found.examples] == [2]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return 5", "returned a int; expected None or True where it passed"),
        ("return df", "returned a DataFrame; expected"),
        ("return df['a']", "returned a Series of int64; expected"),
        ("return (df['a'] > 0).reset_index(drop=True)", "returned 3 values for 3 rows, or with another index"),
        ("return (df['a'] > 0)[:1]", "returned 1 values for 3 rows"),
        ("df['zz']", "raised KeyError: 'zz' at `df['zz']`."),
        ("raise SystemExit(3)", "raised SystemExit: 3 at `raise SystemExit(3)`."),
    ],
)
def test_cannot_be_made(made, body: str, sentence: str) -> None:
    [found] = made(f"def check_it(df):\n    {body}\n")
    assert (found.status, found.source) == ("error", f"steps/ingest.py:{2 if 'raised' in sentence else 1}")
    assert found.sentence.startswith(sentence)


def test_secrets_are_masked(made) -> None:
    [found] = made("def check_it(df):\n    raise ValueError('postgresql://me:pw@host/db')\n")
    assert "pw" not in found.sentence


def test_gets_all_tables_or_each(made) -> None:
    text = """\
        def check_all(training, validation, test):
            assert len(training) > len(test), "small"

        def check_each(df, most=3):
            assert len(df) < most, len(df)

        def check_two(a, b):
            pass
        """
    found = made(text, "split", training=FRAME, validation=FRAME[:1], test=FRAME[:2])
    told = [(f.check, f.table, f.status, f.sentence) for f in found]
    assert told == [
        ("check_all", "", "passed", "passed."),
        ("check_each", "training", "failed", "3"),
        ("check_each", "validation", "passed", "passed."),
        ("check_each", "test", "passed", "passed."),
        ("check_two", "", "error", "it takes 2 arguments; expected 1, or 3: training, validation, test."),
    ]


def test_what_a_check_changes_no_other_sees(made) -> None:
    text = """\
        def check_first(df):
            df["a"] = 0
            df.loc[7, "b"] = "changed"
            del df["c"]

        def check_second(df):
            assert list(df["a"]) == [1, -2, 3]
            assert list(df["b"]) == ["x", "y", "z"]
            assert "c" in df
        """
    before = FRAME.copy()
    assert [found.status for found in made(text)] == ["passed", "passed"]
    pd.testing.assert_frame_equal(before, FRAME)


def test_metrics_are_a_map(made) -> None:
    text = """\
        def check_metrics(metrics):
            metrics["test"]["mae"] = metrics["test"]["mae"] * 2
            assert metrics["test"]["mae"] < 3, "too large"
        """
    given = {"test": {"mae": 2.0}}
    [found] = made(text, "evaluate", **{"": given})
    assert (found.status, found.sentence, given) == ("failed", "too large", {"test": {"mae": 2.0}})


def test_a_file_that_does_not_import(made) -> None:
    with pytest.raises(UserCodeError, match=r"steps/ingest.py could not be imported: .*nowhere"):
        made("import nowhere\n\ndef check_it(df):\n    pass\n")


def test_a_message_without_end_is_cut(made) -> None:
    [found] = made("def check_it(df):\n    assert False, 'x' * 100_000\n")
    assert len(found.sentence) == 2000

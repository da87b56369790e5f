"""Every kind of split on whole rows, and the whole message where data does not fit it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import CheckError, DataError, RecipeError, UserCodeError
from mlflow_recipes.steps import split

KEY = "steps.split"
RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(
    {
        "x": RANDOM.permutation(400),
        "y": RANDOM.normal(size=400),
        "when": pd.Timestamp("2018-01-01") + pd.to_timedelta(np.arange(400), unit="D"),
        "who": RANDOM.integers(0, 40, 400),
        "split": np.array(["Train", "val", "TEST"])[[0] * 300 + [1] * 60 + [2] * 40],
        'zone "a".b\'': np.array(["a", "b"])[RANDOM.integers(0, 2, 400)],
    }
)
NAMES = ("training_data", "validation_data", "test_data")


def section(**keys: Any) -> list[str]:
    return [f"{KEY}={{{', '.join(f'{name}: {value}' for name, value in keys.items())}}}"]


@pytest.fixture
def run(context):
    def divided(rows: pd.DataFrame, **keys: Any) -> Any:
        return split.run(context("split", *section(**keys), ingested_data=rows))

    return divided


def parts(result) -> list[pd.DataFrame]:
    return [result.tables[name].pandas() for name in NAMES]


def test_by_time_with_a_gap(run, lines) -> None:
    result = run(ROWS, using="time", column="when", cut_points="[2018-10-01, 2018-12-01]", gap="7 days")
    training, validation, test = parts(result)
    assert (training["when"].max(), validation["when"].min()) == (
        pd.Timestamp("2018-09-23"),
        pd.Timestamp("2018-10-01"),
    )
    assert (validation["when"].max(), test["when"].min()) == (pd.Timestamp("2018-11-23"), pd.Timestamp("2018-12-01"))
    assert result.facts["left_out"] == {"in the gap": 14}
    assert result.facts["division"] == {
        "column": "when",
        "cut_points": ["2018-10-01", "2018-12-01"],
        "gap": "7 days",
    }
    assert lines == ["left out 14 rows: in the gap"]
    assert len(result.tables["training_folds"].table.column("time")) == len(training)


def test_by_time_and_ratios(run) -> None:
    training, validation, test = parts(run(ROWS.sample(frac=1, random_state=0), using="time", column="when"))
    assert [len(training), len(validation), len(test)] == [300, 50, 50]
    assert training["when"].max() < validation["when"].min()
    assert validation["when"].max() < test["when"].min()


def test_by_group_less_the_column(run, lines) -> None:
    rows = ROWS.assign(who=ROWS["who"].where(ROWS.index >= 5).astype("Int64"))
    result = run(rows, using="group", column="who", drop="[who, split]")
    indexes = [set(rows.loc[part.index, "who"]) for part in parts(result)]
    assert sum(map(len, indexes)) == len(set.union(*indexes))
    assert list(parts(result)[0]) == ["x", "y", "when", 'zone "a".b\'']
    assert result.facts["dropped_columns"] == ["who", "split"]
    assert lines[0] == "left out 5 rows: no value in 'who'"
    assert len(result.tables["training_folds"].table.column("group")) == len(parts(result)[0])


def test_by_strata(run) -> None:
    result = run(ROWS, using="stratified", column="'zone \"a\".b'''")
    whole = ROWS['zone "a".b\''].value_counts()
    for part, share in zip(parts(result), (0.75, 0.125, 0.125), strict=True):
        assert ((part['zone "a".b\''].value_counts() - whole * share).abs() <= 1).all()


def test_by_labels_in_a_column_named_split(run) -> None:
    result = run(ROWS, using="predefined", column="split", drop="split")
    assert result.facts["sizes"] == {"training": 300, "validation": 60, "test": 40}
    assert result.facts["division"]["labels"]["test"] == {"TEST": 40}
    assert "split" not in parts(result)[0]


def test_by_folds(run) -> None:
    result = run(ROWS, using="kfold", folds=4, column="who", drop="who")
    training = parts(result)[0]
    folds = result.tables["training_folds"].table.column("fold").to_numpy()
    groups = ROWS.loc[training.index, "who"]
    assert sorted(set(folds)) == [0, 1, 2]
    assert groups.groupby(groups.to_numpy()).size().sum() == len(folds)
    assert pd.Series(folds).groupby(groups.to_numpy()).nunique().max() == 1


def test_users_functions_go_on_working(small, run) -> None:
    small.write("steps/split.py", "def f(*parts):\n    return [p.drop(columns='who') for p in parts]\n")
    result = run(ROWS, using="group", column="who", post_split_method="f")
    assert list(parts(result)[1]) == [name for name in ROWS if name != "who"]
    assert result.tables["training_folds"].rows == 0  # nothing is left that says who is who
    small.write("steps/split.py", "def f(part):\n    return part['x'] % 2 == 0\n")
    filtered = run(ROWS, using="time", column="when", post_split_filter_method="f")
    assert (parts(filtered)[0]["x"] % 2 == 0).all()
    assert filtered.tables["training_folds"].rows == len(parts(filtered)[0])


UNKNOWN = "There are: " + ", ".join(map(repr, ROWS)) + "."


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"using": "time", "column": "whenn"},
            f"{KEY}.column: There is no column 'whenn' in the data. {UNKNOWN}\nDid you mean 'when'?",
        ),
        (
            {"drop": "[x, qqq]"},
            f"{KEY}.drop: There is no column 'qqq' in the data. {UNKNOWN}\nName one of them.",
        ),
        (
            {"leakage": "{groups: hwo}"},
            f"{KEY}.leakage.groups: There is no column 'hwo' in the data. {UNKNOWN}\nDid you mean 'who'?",
        ),
        (
            {"leakage": "{time: split}"},
            f"{KEY}.leakage.time: 'split' holds texts, such as 'Train'; their order is not that of time.\n"
            'Make them times in steps/ingest.py: `frame["split"] = pd.to_datetime(frame["split"])`.',
        ),
        (
            {"using": "time", "column": "when", "cut_points": "[2018-10-01, 2020-01-01]"},
            f"{KEY}.cut_points: The cut point 2020-01-01 is after the last of the times in 'when', which go from "
            "2018-01-01 to 2019-02-04.\nChoose one between them.",
        ),
        (
            {"using": "time", "column": "when", "cut_points": "[2018-01-01, 2018-10-01]"},
            f"{KEY}.cut_points: The cut point 2018-01-01 is not after the first of the times in 'when', which go from "
            "2018-01-01 to 2019-02-04.\nChoose one between them.",
        ),
        (
            {"using": "time", "column": "when", "gap": "60 days"},
            f"{KEY}: Each split needs at least 4 rows; got training 240, validation 0, test 50. 110 rows were left "
            "out: in the gap. The times in 'when' go from 2018-01-01 to 2019-02-04; validation begins at 2018-10-28, "
            "test at 2018-12-17, each after a gap of 60 days.\n"
            "Change `split_ratios` or `gap`, or ingest more rows.",
        ),
        (
            {"using": "group", "column": "one"},
            f"{KEY}.column: All rows have the same value in 'one', so there is one group only.\nName another column.",
        ),
        (
            {"using": "group", "column": "'zone \"a\".b'''"},
            f"{KEY}.column: 'zone \"a\".b'' has 2 groups; three splits need at least three.\nName another column.",
        ),
        (
            {"using": "kfold", "column": "who", "folds": 40},
            f"{KEY}.column: 'who' has 40 groups; 40 folds and the test data need at least 41.\nChoose fewer `folds`, "
            "or another column.",
        ),
        (
            {"using": "stratified", "column": "name"},
            f"{KEY}.column: 'name' has 400 different values in 400 rows; most rows are in strata of less than 3.\n"
            "Name a column with fewer values.",
        ),
        (
            {"using": "predefined", "column": "split", "labels": "{test: [holdout]}"},
            f"{KEY}.labels: 40 rows have a value in 'split' that means no split: 'TEST' (40).\nSay which values mean "
            "which split, such as `labels: {training: [a, b], validation: c, test: d}`.",
        ),
        (
            {"using": "predefined", "column": "nothing"},
            f"{KEY}.column: No row has a value in 'nothing'.\nName another column.",
        ),
        (
            {"using": "predefined", "column": "lists"},
            f"{KEY}.column: 'lists' holds values of type list<item: int64>; they can be no labels.\nName another "
            "column.",
        ),
    ],
)
def test_what_does_not_fit(run, keys: dict[str, Any], message: str) -> None:
    extra = {
        "one": 1,
        "name": [f"n{number}" for number in range(400)],
        "nothing": pd.Series([None] * 400, dtype=object),
        "lists": [[1]] * 400,
    }
    rows = ROWS.assign(**{name: extra[name] for name in extra if name == keys.get("column")})
    with pytest.raises(DataError) as caught:
        run(rows, **keys)
    assert str(caught.value) == message


def test_labels_of_ones_own(run) -> None:
    swapped = run(ROWS, using="predefined", column="split", labels="{validation: [test], test: [val]}")
    assert swapped.facts["sizes"] == {"training": 300, "validation": 40, "test": 60}


def test_many_unknown_labels(run) -> None:
    counts = ROWS["who"].astype(str).value_counts().reset_index().sort_values(["count", "who"], ascending=[False, True])
    shown = ", ".join(f"'{value}' ({count})" for value, count in counts.head().itertuples(index=False))
    with pytest.raises(DataError) as caught:
        run(ROWS, using="predefined", column="who")
    message, _, _ = str(caught.value).partition("\n")
    assert message == f"{KEY}.labels: 400 rows have a value in 'who' that means no split: {shown} and 35 more."


def test_strata_with_too_few_rows_are_named(run, lines) -> None:
    rows = ROWS.assign(kind=["rare", "rare", *["often"] * 398])
    result = run(rows, using="stratified", column="kind")
    warning = "strata of 'kind' with too few rows for every split: 'rare' (2)"
    assert result.facts["warnings"] == [warning]
    assert lines[0] == warning


def test_leaks_are_said_and_can_stop_the_run(run, lines) -> None:
    rows = pd.concat([ROWS, ROWS.head(40)], ignore_index=True)
    leaks = run(rows).facts["leakage"]["findings"]
    assert [line.removeprefix("leakage: ") for line in lines if line.startswith("leakage: ")] == leaks
    assert "validation and test rows" in leaks[0]
    with pytest.raises(CheckError) as caught:
        run(rows, on_leak="fail")
    message = str(caught.value).splitlines()
    assert message[:3] == [f"{KEY}.on_leak: The splits leak:", f"  - {leaks[0]}", "    such as:"]
    assert message[3].startswith("      split validation, x ")
    assert message[-1] == "Correct the data or the split, name what is right in `leakage`, or set `on_leak: warn`."
    assert caught.value.exit_code == 5
    assert run(rows, on_leak="fail", leakage="{duplicates: 0.5}").facts["leakage"]["findings"] == []


def test_features_only_are_suspected(run) -> None:
    rows = ROWS.assign(cheat=ROWS["y"] * 2, weight=ROWS["y"] + 10)
    found = run(rows).facts["leakage"]["features"]
    assert [one["column"] for one in found] == ["cheat", "weight"]
    assert run(rows, drop="[cheat, weight]").facts["leakage"]["features"] == []


def test_no_target_at_all(run) -> None:
    with pytest.raises(DataError) as caught:
        run(ROWS.assign(y=np.nan), using="time", column="when")
    assert str(caught.value).startswith(
        f"{KEY}: Each split needs at least 4 rows; got training 0, validation 0, test 0."
    )


def test_no_target_column(run) -> None:
    with pytest.raises(RecipeError) as caught:
        run(ROWS.drop(columns="y"))
    assert str(caught.value).startswith("target_col: There is no column 'y' in the data. There are: 'x', 'when',")


def test_folds_by_a_column_that_a_function_removed(small, run) -> None:
    small.write("steps/split.py", "def f(*parts):\n    return [p.drop(columns='who') for p in parts]\n")
    assert run(ROWS, using="kfold", column="who", post_split_method="f").tables["training_folds"].rows == 0


def test_messages_of_functions_stay(small, run) -> None:
    small.write("steps/split.py", "def f(part):\n    return None\n")
    with pytest.raises(UserCodeError):
        run(ROWS, using="stratified", post_split_filter_method="f")


def test_where_in_time_the_splits_are_and_how_their_targets_are_spread(run) -> None:
    described = run(ROWS, using="time", column="when").describe()
    assert list(described["over_time"]["spans"]) == ["training", "validation", "test"]
    assert sum(map(sum, described["over_time"]["counts"].values())) == 400
    spread = described["target_distributions"]["y"]
    assert sum(map(sum, spread["counts"].values())) + sum(spread["outside"].values()) == 400
    assert run(ROWS, using="split_ratios").describe()["over_time"] is None

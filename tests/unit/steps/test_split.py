"""Split: three parts, and the whole message for everything that a user's function can give back wrongly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.steps import split

ROWS = pd.DataFrame({"a": np.arange(100), "y": np.arange(100.0)})
NAMES = ("training_data", "validation_data", "test_data")
CUSTOM = ("steps.split.using=custom", "steps.split.split_method=f", "steps.split.split_ratios=null")
FILTER = ("steps.split.post_split_filter_method=f",)
POST = ("steps.split.post_split_method=f",)


def parts(result) -> list[pd.DataFrame]:
    return [result.tables[name].pandas() for name in NAMES]


def test_rows_without_a_target_are_dropped_and_counted(context, lines) -> None:
    rows = ROWS.assign(y=ROWS["y"].where(ROWS["a"] >= 7))
    result = split.run(context("split", ingested_data=rows))
    assert sum(len(part) for part in parts(result)) == result.rows == 93
    assert result.facts["dropped_null_target"] == 7
    assert lines[0] == "dropped 7 rows without a value in 'y'"
    assert sorted(pd.concat(parts(result))["a"]) == list(range(7, 100))


def test_rows_without_one_of_several_targets_are_dropped(context, lines) -> None:
    rows = ROWS.assign(y=ROWS["y"].where(ROWS["a"] >= 7), z=ROWS["y"].where(ROWS["a"] < 98))
    result = split.run(context("split", "target_col=[y, z]", ingested_data=rows))
    assert result.facts["dropped_null_target"] == 9
    assert lines[0] == "dropped 9 rows without a value in 'y' or 'z'"
    described = result.describe()
    assert set(described["targets"]) == {"y", "z"}
    assert max(described["targets"]["z"][part]["max"] for part in split.NAMES) == 97


def test_every_target_must_be_left_by_the_users_function(small, context) -> None:
    small.write("steps/split.py", "def f(*parts):\n    return [part.drop(columns='z') for part in parts]\n")
    with pytest.raises(UserCodeError) as caught:
        split.run(context("split", "target_col=[y, z]", *POST, ingested_data=ROWS.assign(z=1.0)))
    assert str(caught.value) == "steps/split.py:1: f returned DataFrames without the target column 'z'.\nCorrect f."


def test_every_row_goes_to_one_part_by_the_ratios(context) -> None:
    result = split.run(context("split", "steps.split.split_ratios=[0.5, 0.25, 0.25]", ingested_data=ROWS))
    assert list(result.facts["sizes"]) == ["training", "validation", "test"]
    assert sorted(pd.concat(parts(result))["a"]) == list(range(100))
    assert result.facts["ratios"] == [0.5, 0.25, 0.25]


def test_labels_of_the_users_own_in_any_order(small, context) -> None:
    small.write(
        "steps/split.py",
        """
        import pandas as pd

        def f(frame):
            third = frame.index % 3
            labels = third.map({0: "TRAINING", 1: "VALIDATION", 2: "TEST"})
            frame["a"] = 0  # a function may do what it likes with what it is given
            return pd.Series(labels, index=frame.index).sample(frac=1, random_state=0)
        """,
    )
    result = split.run(context("split", *CUSTOM, ingested_data=ROWS))
    assert [list(part["a"])[:3] for part in parts(result)] == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    assert result.facts["method"] == "f"


@pytest.mark.parametrize(
    ("scope", "filtered"), [("all", ["training", "validation", "test"]), ("training", ["training"])]
)
def test_a_filter_and_its_scope(small, context, scope: str, filtered: list[str]) -> None:
    small.write("steps/split.py", "def f(frame):\n    return frame['a'] % 2 == 0\n")
    options = (*FILTER, f"steps.split.post_split_filter_scope={scope}")
    result = split.run(context("split", *options, ingested_data=ROWS))
    assert [name for name, count in result.facts["filtered"].items() if count] == filtered
    for name, part in zip(("training", "validation", "test"), parts(result), strict=True):
        assert (part["a"] % 2 == 0).all() == (name in filtered)


LABELS = "expected a pandas Series of TRAINING, VALIDATION, TEST, one for each of the 100 rows."
KEEP_ROWS = "expected a boolean Series, True = keep, with one value for each of the {rows} rows."


@pytest.mark.parametrize(
    ("options", "body", "message"),
    [
        (CUSTOM, "return None", f"returned None; {LABELS}"),
        (CUSTOM, "return ['TEST'] * 100", f"returned list of length 100; {LABELS}"),
        (CUSTOM, "return pd.Series(['TEST'] * 99)", f"returned 99 labels; {LABELS}"),
        (CUSTOM, "return pd.Series(['TRAIN'] * 100)", f"returned the labels TRAIN; {LABELS}"),
        (POST, "return train", "returned pandas.DataFrame of length {train}; expected three DataFrames: training, "
         "validation, test."),
        (POST, "return train, val", "returned tuple of length 2; expected three DataFrames: training, validation, "
         "test."),
        (POST, "return train, val, test.assign(x=1)", "returned DataFrames with different columns: x not in all of "
         "them."),
        (POST, "return train, val, test[['y', 'a']]", "returned DataFrames with different columns: their order "
         "differs."),
        (POST, "return tuple(p.drop(columns='y') for p in (train, val, test))", "returned DataFrames without the "
         "target column 'y'."),
        (POST, "return train, val, test.assign(y=pd.Categorical(['x'] * len(test)))", "returned a target column 'y' "
         "of category in the test data; expected numbers."),
        (POST, "return tuple(pd.concat([p, p[['a']]], axis=1) for p in (train, val, test))", "returned a table that "
         "cannot be kept: it has more than one column called 'a'."),
        (FILTER, "return None", "returned None; expected a boolean Series, True = keep, with one value for each of the "
         "{train} rows."),
        (FILTER, "return frame['a']", "returned a Series of int64; expected a boolean Series, True = keep, with one "
         "value for each of the {train} rows."),
        (FILTER, "return pd.array([None] * len(frame), dtype='boolean').to_series() if False else "
         "pd.Series([None] * len(frame), dtype='boolean')", "returned {train} missing values; expected a boolean "
         "Series, True = keep, with one value for each of the {train} rows."),
    ],
)  # fmt: skip
def test_what_a_function_gives_back_wrongly(small, context, options, body: str, message: str) -> None:
    head = "train, val, test" if options is POST else "frame"
    small.write("steps/split.py", f"import pandas as pd\n\ndef f({head}):\n    {body}\n")
    train = len(parts(split.run(context("split", ingested_data=ROWS)))[0])
    with pytest.raises(UserCodeError) as caught:
        split.run(context("split", *options, ingested_data=ROWS))
    assert str(caught.value) == f"steps/split.py:3: f {message.replace('{train}', str(train))}\nCorrect f."


def test_a_table_that_cannot_be_kept(small, context) -> None:
    small.write(
        "steps/split.py",
        """
        def f(*parts):
            return tuple(p.assign(k=[1, "two"] * (len(p) // 2) + [3] * (len(p) % 2)) for p in parts)
        """,
    )
    with pytest.raises(UserCodeError) as caught:
        split.run(context("split", *POST, ingested_data=ROWS))
    message = str(caught.value)
    assert message.startswith(
        "steps/split.py:2: f returned a table that cannot be kept: the column 'k' mixes values that no table format "
        "can hold ("
    )
    assert message.endswith("\nGive it one type in f: `pd.to_numeric(..., errors='coerce')` or `astype(str)`.")


def test_types_that_differ_are_remarked_on(small, context, lines) -> None:
    small.write("steps/split.py", "def f(train, val, test):\n    return train, val.astype({'a': float}), test\n")
    result = split.run(context("split", *POST, ingested_data=ROWS))
    warning = "the column 'a' differs in type: int64 in training, float64 in validation, int64 in test"
    assert result.facts["warnings"][0] == warning
    assert warning in lines


def test_labels_with_another_index(small, context) -> None:
    small.write("steps/split.py", "import pandas as pd\n\ndef f(frame):\n    return pd.Series(['TEST'] * len(frame))\n")
    rows = ROWS.assign(y=ROWS["y"].where(ROWS["a"] >= 1))
    with pytest.raises(UserCodeError) as caught:
        split.run(context("split", *CUSTOM, ingested_data=rows))
    assert str(caught.value) == (
        "steps/split.py:3: f returned labels with another index than the rows it was given; expected a pandas Series "
        "of TRAINING, VALIDATION, TEST, one for each of the 99 rows.\n"
        "Build the Series with `index=df.index`: rows without a target were dropped before, so the index may have gaps."
    )


def test_too_few_rows(small, context) -> None:
    small.write("steps/split.py", "def f(frame):\n    return frame['a'] < 3\n")
    with pytest.raises(DataError) as caught:
        split.run(
            context(
                "split",
                *FILTER,
                "steps.split.post_split_filter_scope=all",
                ingested_data=ROWS.assign(a=range(100, 0, -1)),
            )
        )
    counted, _, hint = str(caught.value).partition("\n")
    assert counted.startswith("steps.split: Each split needs at least 4 rows; got training ")
    assert sum(int(word) for word in counted.replace(",", " ").replace(".", " ").split() if word.isdigit()) == 4 + 2
    assert hint == "Ingest more rows, change `split_ratios`, or see what the filter in steps/split.py removes."


def test_a_function_that_fills_one_split(small, context) -> None:
    small.write("steps/split.py", "def f(frame):\n    return frame['a'].map(lambda _: 'TRAINING')\n")
    with pytest.raises(DataError) as caught:
        split.run(context("split", *CUSTOM, ingested_data=ROWS.assign(a=1)))
    assert str(caught.value) == (
        f"steps.split: Each split needs at least 4 rows; got training {len(ROWS)}, validation 0, test 0.\n"
        "Ingest more rows, or see which labels f in steps/split.py gives."
    )


def test_a_small_part_is_remarked_on(context, lines) -> None:
    result = split.run(context("split", "steps.split.split_ratios=[0.8, 0.1, 0.1]", ingested_data=ROWS))
    [warning] = result.facts["warnings"]
    assert warning in lines
    assert warning.startswith("the ")
    assert warning.endswith(" rows")


# Classes

CLASSES = ROWS.assign(y=np.where(ROWS["a"] % 3 == 0, "no", "yes"))
BINARY = ("recipe=classification/v1", "positive_class='yes'", "primary_metric=f1_score")
RATIOS = ("steps.split.split_ratios=[0.5, 0.25, 0.25]",)


def test_classes_are_divided_each_by_itself_and_counted(context) -> None:
    result = split.run(context("split", *BINARY, *RATIOS, ingested_data=CLASSES))
    classes = result.facts["classes"]
    assert classes["labels"] == ["no", "yes"]
    for name, part in zip(split.NAMES, parts(result), strict=True):
        assert part["y"].tolist() == sorted(part["y"])
        assert classes["counts"][name] == [(part["y"] == label).sum() for label in classes["labels"]]
    assert sorted(pd.concat(parts(result))["a"]) == list(range(100))
    assert result.describe()["target_distributions"] == {}


def test_rows_without_a_label_are_dropped(context, lines) -> None:
    rows = CLASSES.assign(y=CLASSES["y"].where(ROWS["a"] >= 7))
    result = split.run(context("split", *BINARY, *RATIOS, ingested_data=rows))
    assert (result.rows, lines[0]) == (93, "dropped 7 rows without a value in 'y'")
    assert result.facts["classes"]["labels"] == ["no", "yes"]


@pytest.mark.parametrize("using", ["stratified", "kfold", "group, column: g"])
def test_other_kinds_of_split_take_classes(context, using: str) -> None:
    rows = CLASSES.assign(g=ROWS["a"] // 5)
    result = split.run(context("split", *BINARY, f"steps.split={{using: {using}}}", ingested_data=rows))
    assert np.sum(list(result.facts["classes"]["counts"].values())) == 100


def test_a_class_that_a_split_has_no_row_of(context, lines) -> None:
    rows = CLASSES.assign(y=np.where(ROWS["a"] == 50, "rare", CLASSES["y"]))
    given = ("recipe=classification/v1", "primary_metric=accuracy_score", *RATIOS)
    result = split.run(context("split", *given, ingested_data=rows))
    [line] = [line for line in lines if "no rows" in line]
    assert line.count("'rare' in ") == 2
    assert line in result.facts["warnings"]


def test_a_users_function_may_leave_labels_but_not_none(small, context) -> None:
    small.write("steps/split.py", "def f(*parts):\n    return [part.assign(y=part['y'] == 'yes') for part in parts]\n")
    given = ("recipe=classification/v1", "primary_metric=f1_score", *RATIOS, *POST)
    result = split.run(context("split", *given, "positive_class=true", ingested_data=CLASSES))
    assert result.facts["classes"]["labels"] == [False, True]
    with pytest.raises(DataError, match="The positive class is 'yes', but the target column 'y' holds False, True"):
        split.run(context("split", *given, "positive_class='yes'", ingested_data=CLASSES))


def test_a_feature_that_gives_a_class_away(context) -> None:
    rows = pd.concat([CLASSES] * 3).reset_index(drop=True)
    rows = rows.assign(n=np.arange(300), twin=rows["y"].map({"no": 7.0, "yes": 1.0}))
    result = split.run(context("split", *BINARY, *RATIOS, ingested_data=rows.drop(columns="a")))
    assert [found["column"] for found in result.facts["leakage"]["features"]] == ["twin"]


def test_the_training_rows_of_each_class_are_described(context) -> None:
    result = split.run(context("split", *BINARY, *RATIOS, ingested_data=CLASSES))
    described, counts = result.describe(), result.facts["classes"]["counts"]["training"]
    assert {name: found["rows"] for name, found in described["class_profiles"].items()} == {
        "Positive": counts[1],
        "Negative": counts[0],
    }
    bare = split.run(context("split", *BINARY, *RATIOS, "steps.split.skip_data_profiling=true", ingested_data=CLASSES))
    assert bare.describe()["class_profiles"] is None

"""Transform: fitted on training features alone; columns named; wrong transformers by their message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.steps import transform

TRAIN = pd.DataFrame({"a": [0.0, 2.0], "b": [1.0, 3.0], "c": [5.0, 7.0], "y": [1.0, 2.0]})
VALIDATION = pd.DataFrame({"a": [4.0], "b": [2.0], "c": [6.0], "y": [3.0]})


def transformed(context, *options: str):
    return transform.run(context("transform", *options, training_data=TRAIN, validation_data=VALIDATION))


def own(small, *body: str) -> None:
    small.write("steps/transform.py", "\n".join(["import numpy as np", "import pandas as pd", *body]) + "\n")


def test_the_statistics_are_those_of_the_training_data(context) -> None:
    result = transformed(context)
    train, validation = (result.tables[f"transformed_{name}_data"].pandas() for name in ("training", "validation"))
    assert list(train.columns) == ["a", "b", "c", "y"]
    assert list(train["a"]) == [-1.0, 1.0]
    assert list(validation["a"]) == [3.0]
    assert list(validation["y"]) == [3.0]
    assert result.facts["input_schema"] == [{"name": name, "dtype": "double"} for name in "abc"]
    assert result.facts["format"] == "skops"
    assert [part["text"] for part in result.facts["outline"]["parts"]] == [
        "FunctionTransformer(func=doubled)",
        "StandardScaler",
    ]
    assert [(name, column) for name, _, column in result.facts["origins"]] == [(name, name) for name in "abc"]
    cost = result.facts["cost"]
    assert cost["fit_seconds"] > 0 < cost["transform_seconds"]
    assert (cost["rows"], cost["bytes_before"], cost["bytes_after"]) == (3, 64, 64)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        (("steps.transform.transformer_method=null",), "transformer_fn = None"),
        ((), "def transformer_fn():\n    return None"),
    ],
    ids=["no method", "None"],
)
def test_without_a_transformer_the_data_stays(small, context, options, body: str) -> None:
    own(small, body)
    result = transformed(context, *options)
    pd.testing.assert_frame_equal(result.tables["transformed_training_data"].pandas(), TRAIN)


BASE = ["class T:", "    def fit(self, X, y): return self", "    def transform(self, X):"]
MAKE = ["def transformer_fn():", "    return T()"]


def test_nameless_columns_are_numbered_to_equal_width(small, context, lines) -> None:
    own(small, *BASE, "        return np.tile(X.to_numpy(), 4)", *MAKE)
    result = transformed(context)
    names = list(result.tables["transformed_training_data"].pandas().columns)
    assert names == [*(f"f_{i:02d}" for i in range(12)), "y"]
    assert lines[0] == ("the transformer does not name its output columns (AttributeError); they are f_0, f_1, ...")


def test_sparse_results_become_a_table(small, context) -> None:
    own(small, "from scipy.sparse import csr_matrix", *BASE, "        return csr_matrix(X.to_numpy())", *MAKE)
    found = transformed(context).tables["transformed_training_data"].pandas()
    assert np.array_equal(found[["f_0", "f_1", "f_2"]], TRAIN[["a", "b", "c"]])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (["def transformer_fn():", "    return 3"], "3: transformer_fn returned int, which has no fit and no transform "
         "method; expected a scikit-learn transformer, or None for no transformation."),
        ([*BASE, "        return X.head(1)", *MAKE], "7: transformer_fn made a transformer that returned 1 rows for "
         "2."),
        ([*BASE, "        return 'x'", *MAKE], "7: transformer_fn made a transformer that returned str; expected a "
         "table."),
        ([*BASE, "        return pd.concat([X, X], axis=1)", *MAKE], "7: transformer_fn made a transformer that "
         "returned columns of the same name: a, b, c."),
    ],
)  # fmt: skip
def test_what_is_no_transformer(small, context, body: list[str], message: str) -> None:
    own(small, *body)
    with pytest.raises(UserCodeError) as caught:
        transformed(context)
    assert str(caught.value) == f"steps/transform.py:{message}\nCorrect transformer_fn."


def test_a_transformer_that_raises_names_the_users_line(small, context) -> None:
    own(small, *BASE, "        return X['nope']", *MAKE)
    with pytest.raises(UserCodeError) as caught:
        transformed(context)
    assert str(caught.value).startswith("steps/transform.py:6: The transformer's transform failed")
    assert "KeyError: 'nope'" in str(caught.value)


def test_a_table_that_cannot_be_kept(small, context) -> None:
    own(small, *BASE, "        return X.assign(k=([1, 'two'] * len(X))[: len(X)])", *MAKE)
    with pytest.raises(UserCodeError) as caught:
        transformed(context)
    message = str(caught.value)
    assert message.startswith(
        "steps/transform.py:7: transformer_fn made a transformer that returned a table that cannot be kept: the column "
        "'k' mixes values that no table format can hold ("
    )
    assert message.endswith(
        "\nGive it one type in transformer_fn: `pd.to_numeric(..., errors='coerce')` or `astype(str)`."
    )


def test_several_targets_come_last_and_weights_are_left_out(small, context) -> None:
    own(small, "def transformer_fn():\n    return None")
    rows = TRAIN.rename(columns={"b": "w"})[["y", "w", "a", "c"]]
    step = context(
        "transform",
        "target_col=[c, y]",
        "steps.train.sample_weight_col=w",
        training_data=rows,
        validation_data=rows,
    )
    result = transform.run(step)
    assert list(result.tables["transformed_training_data"].pandas().columns) == ["a", "c", "y"]
    assert [column["name"] for column in result.facts["input_schema"]] == ["a"]


def test_the_transformer_is_fitted_with_all_targets_and_without_weights(small, context) -> None:
    own(
        small,
        "class T:",
        "    def fit(self, X, y):",
        "        assert (list(X), list(y)) == (['a', 'b'], ['c', 'y'])",
        "        return self",
        "    def transform(self, X): return X",
        *MAKE,
    )
    transformed(context, "target_col=[c, y]")


def test_a_column_of_weights_that_is_missing(context) -> None:
    with pytest.raises(DataError, match=r"The training data has no column 'w' to weigh its rows by\."):
        transformed(context, "steps.train.sample_weight_col=w")

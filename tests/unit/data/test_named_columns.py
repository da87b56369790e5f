"""Columns that a recipe names: found whatever they are called, and missed with a near match."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mlflow_recipes.data.named_columns import check_columns, column_of, missing_in
from mlflow_recipes.errors import DataError

TABLE = pa.table({"a.b": [1.0, float("nan"), None], 'a "b"': ["x", None, "y"], "split": [1, 2, 3]})


def test_names_of_every_kind() -> None:
    for name in TABLE.column_names:
        assert column_of(TABLE, name, "key").type == TABLE.schema.field(name).type
    category = TABLE.set_column(0, "c", TABLE.column('a "b"').dictionary_encode())
    assert str(column_of(category, "c", "key").type) == "string"


def test_missing_values_of_both_kinds() -> None:
    assert missing_in(TABLE.column("a.b")).tolist() == [False, True, True]
    assert missing_in(TABLE.column('a "b"')).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("name", "hint"), [("splt", "Did you mean 'split'?"), ("zzz", "Name one of them."), ("a_b", "Did you mean 'a.b'?")]
)
def test_a_column_that_is_not_there(name: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        check_columns(TABLE, ("split", name), "steps.split.drop")
    assert str(caught.value) == (
        f"steps.split.drop: There is no column '{name}' in the data. There are: 'a.b', 'a \"b\"', 'split'.\n{hint}"
    )


def test_many_columns_are_not_all_named() -> None:
    wide = pa.table({f"c{number}": [1] for number in range(10_000)})
    with pytest.raises(DataError) as caught:
        column_of(wide, "d", "steps.split.column")
    assert str(caught.value).endswith("'c28', 'c29' and 9,970 more.\nName one of them.")

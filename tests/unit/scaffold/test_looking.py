"""What a column is to a model, and which template a target needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from mlflow_recipes.config.tasks import CLASSIFICATION, REGRESSION
from mlflow_recipes.errors import DataError, RecipeError
from mlflow_recipes.scaffold.looking import look_at_columns, look_at_target

ROWS = 60
NUMBERS = [float(n * n % 47) + 0.5 for n in range(ROWS)]


def table(**columns: list[object]) -> pa.Table:
    return pa.table({"y": NUMBERS, **columns})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (NUMBERS, "numbers"),
        ([*range(ROWS - 1), 0], "numbers"),
        ([*range(2, ROWS + 2)], "numbers"),
        ([True, False, None] * 20, "numbers"),
        (["a", "b", "c", None] * 15, "categories"),
        (["1,5 l", "2,5 l"] * 30, "categories"),
        (["5 %", "10 %"] * 30, "categories"),
        ([date(2026, 1, 1) + timedelta(days=n) for n in range(ROWS)], "times"),
        ([datetime(2026, 1, 1, n % 24) for n in range(ROWS)], "times"),
    ],
)
def test_columns_are_sorted_by_what_they_hold(values: list[object], kind: str) -> None:
    found = look_at_columns(table(x=values), "y")
    assert getattr(found, kind) == ("x",)
    assert found.features == ("x",)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("", list(range(ROWS)), "has no name, as the row numbers that pandas writes"),
        (" ", NUMBERS, "has no name"),
        ("Unnamed: 0", list(range(ROWS)), "counts the rows and says nothing about them"),
        ("n", list(range(1, ROWS + 1)), "counts the rows and says nothing about them"),
        ("house_id", list(range(ROWS)), "tells rows apart and says nothing about them"),
        ("customerId", [f"c{n}" for n in range(ROWS)], "tells rows apart and says nothing about them"),
        ("comment", [f"text {n}" for n in range(ROWS)], "has another text in almost every row"),
        ("nothing", pa.nulls(ROWS, pa.float64()), "is empty"),
        ("price", [f"{n}.000,5" for n in range(ROWS)], "holds numbers written like '0.000,5'; to use it, write them"),
        ("day", ["01/02/2026", None] * 30, "holds times written like '01/02/2026'; to use it, write them"),
        ("at", pa.array([datetime(2026, 1, 1)] * ROWS, pa.timestamp("us", "UTC")), "holds times with a zone, which"),
        ("listed", [[1]] * ROWS, "holds values of the type list<item: int64>"),
    ],
)
def test_what_says_nothing_is_left_out_with_the_reason(name: str, values: list[object], reason: str) -> None:
    found = look_at_columns(table(a=NUMBERS, **{name: values}), "y")
    assert list(found.left_out) == [name]
    assert found.left_out[name].startswith(reason)
    with pytest.raises(DataError, match=r"^There is nothing in the data to predict 'y' from: "):
        look_at_columns(table(**{name: values}), "y")


@pytest.mark.parametrize(
    ("values", "template", "positive"),
    [
        (NUMBERS, REGRESSION, None),
        (list(range(ROWS)), REGRESSION, None),
        ([1, 2, 3] * 20, CLASSIFICATION, None),
        ([0, 1, 0] * 20, CLASSIFICATION, 1),
        ([0.0, 1.0, 1.0] * 20, CLASSIFICATION, 1.0),
        (["no", "yes", "yes"] * 20, CLASSIFICATION, "yes"),
        (["ham", "spam", "ham"] * 20, CLASSIFICATION, "spam"),
        (["a", "b", "c"] * 20, CLASSIFICATION, None),
        ([True, False, True] * 20, CLASSIFICATION, True),
    ],
)
def test_the_template_is_chosen_from_the_target(values: list[object], template: str, positive: object) -> None:
    found = look_at_target(pa.table({"y": values}), "y", None)
    assert (found.template, found.positive_class) == (template, positive)
    assert found.why


@pytest.mark.parametrize(("rows", "remarks"), [(8, 0), (7, 1)])
def test_a_class_of_few_rows_is_remarked_on(rows: int, remarks: int) -> None:
    found = look_at_target(pa.table({"y": ["a", "b"] * 20 + ["rare"] * rows}), "y", None)
    assert len(found.remarks) == remarks
    assert all(remark.endswith("'rare' (7): add rows of them, or leave them out.") for remark in found.remarks)


def test_the_template_that_is_asked_for_wins() -> None:
    assert look_at_target(pa.table({"y": [1, 2, 3] * 20}), "y", REGRESSION).spread == pytest.approx(0.8165, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "name", "template", "message"),
    [
        (NUMBERS, "Y", None, "The data has no column 'Y'.\nThere are: y."),
        (NUMBERS, "yy", None, "The data has no column 'yy'.\nDid you mean 'y'?"),
        (["a", "b"] * 30, "y", REGRESSION, "Regression predicts numbers, but 'y' holds texts.\nGive --recipe classif"),
        (NUMBERS[:20], "y", None, "'y' has a value in 20 rows; dividing them"),
        ([1.5] * ROWS, "y", REGRESSION, "'y' is always the same, so there is nothing to learn."),
        ([1.0, float("inf")] * 30, "y", REGRESSION, "'y' is infinite in some rows"),
        (["a"] * ROWS, "y", None, "'y' is always 'a', so there is nothing to learn."),
        ([f"n{n}" for n in range(ROWS)], "y", None, "'y' has 60 different values, too many for classes."),
        ([f"{n},5 €" for n in range(ROWS)], "y", None, "'y' holds numbers written like '0,5 €'; to use it, write them"),
        (
            ["no"] * 53 + ["yes"] * 7,
            "y",
            None,
            "'y' has classes of less than 8 rows, too few to have some of each in training, validation and test data: "
            "'yes' (7).\nAdd rows of them",
        ),
        ([datetime(2026, 1, 1)] * ROWS, "y", None, "'y' holds values of the type timestamp[us], which are no classes."),
    ],
)
def test_a_target_that_does_not_fit_is_refused(values: list[object], name: str, template: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        look_at_target(pa.table({"y": values}), name, template)
    assert str(caught.value).startswith(message)


def test_a_column_without_a_name_is_not_proposed() -> None:
    with pytest.raises(RecipeError, match=r"There are: y\.$"):
        look_at_target(pa.table({"": NUMBERS, "y": NUMBERS}), "price", None)


def test_a_name_that_means_something_in_recipe_yaml_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"means something else in recipe\.yaml"):
        look_at_target(pa.table({"{{ y }}": NUMBERS}), "{{ y }}", None)

"""The estimators of a recipe: how their functions are called, and what they must return."""

from __future__ import annotations

import pytest

from mlflow_recipes.errors import UserCodeError
from mlflow_recipes.steps.candidates import candidates


@pytest.mark.parametrize(
    ("signature", "options", "called"),
    [
        ("estimator_params", (), {"alpha": 0.5}),
        ("estimator_params=None", (), {"alpha": 0.5}),
        ("estimator_params", ("steps.train.estimator_params={}",), {}),
        ("", ("steps.train.estimator_params={}",), None),
    ],
)
def test_how_the_function_is_called(small, context, signature: str, options, called) -> None:
    small.write(
        "steps/train.py",
        f"""
        from sklearn.linear_model import Ridge

        def estimator_fn({signature}):
            estimator = Ridge()
            estimator.called = {signature.partition("=")[0] or None}
            return estimator
        """,
    )
    found = candidates(context("train", *options)).first
    assert found.make(found.fixed).called == called


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ("None", "returned NoneType, which has no fit and no predict and no get_params method"),
        ("object.__new__(type('Half', (), {'fit': print, 'predict': print}))", "returned Half, which has no "
         "get_params method"),
    ],
)  # fmt: skip
def test_what_is_no_estimator(small, context, returned: str, message: str) -> None:
    small.write("steps/train.py", f"def estimator_fn(params):\n    return {returned}\n")
    found = candidates(context("train")).first
    with pytest.raises(UserCodeError) as caught:
        found.make(found.fixed)
    assert str(caught.value) == (
        f"steps/train.py:1: estimator_fn {message}; expected an unfitted scikit-learn style estimator.\n"
        "Return an estimator from estimator_fn."
    )


def test_one_estimator_is_completed_by_its_fixed_parameters(context) -> None:
    found = candidates(context("train", "steps.train.estimator_params={alpha: 1, tol: 2}"))
    assert found.complete({"alpha": 5}) == {"alpha": 5, "tol": 2}
    assert found.make({"alpha": 5, "tol": 2}).alpha == 5


def test_each_of_several_has_fixed_parameters_of_its_own(context) -> None:
    fixed = "{name: p, estimator_method: estimator_fn, estimator_params: {tol: 2}}"
    entries = f"[{fixed}, {{name: q, estimator_method: estimator_fn}}]"
    found = candidates(context("train", "steps.train.estimator_method=null", f"steps.train.estimators={entries}"))
    assert found.complete({"estimator": "p", "alpha": 5}) == {"estimator": "p", "alpha": 5, "tol": 2}
    assert found.complete({"estimator": "q"}) == {"estimator": "q"}
    candidate, own = found.of({"estimator": "p", "alpha": 5})
    assert (candidate.name, own) == ("p", {"alpha": 5})
    assert found.make({"estimator": "q", "alpha": 7}).alpha == 7

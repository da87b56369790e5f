"""Register: who is let in."""

from __future__ import annotations

import pytest

from mlflow_recipes.errors import GateError
from mlflow_recipes.steps import register


@pytest.mark.parametrize(
    ("status", "allowed", "let_in", "reason"),
    [
        ("VALIDATED", False, True, "it met every validation criterion."),
        ("REJECTED", False, False, "it missed a validation criterion on the test data."),
        ("REJECTED", True, True, "it missed a validation criterion on the test data."),
        ("UNKNOWN", False, False, "no validation criteria are given in steps.evaluate.validation_criteria."),
        ("UNKNOWN", True, True, "no validation criteria are given in steps.evaluate.validation_criteria."),
        ("<b>", False, False, "its validation status is unreadable."),
    ],
)
def test_admission(status: str, allowed: bool, let_in: bool, reason: str) -> None:
    assert register.admit(status, allowed=allowed) == register.Admission(let_in, reason)


def test_a_rejected_model_registers_nothing(context) -> None:
    step = context("register", run="r1", model_validation_status="REJECTED")
    with pytest.raises(GateError) as caught:
        register.run(step)
    assert caught.value.exit_code == 3
    assert str(caught.value) == (
        "steps.register: Model registration on 'small' failed: it missed a validation criterion on the test data.\n"
        "The evaluate card says by how much (`mlflow recipes inspect -s evaluate -p local`). Improve the model, or set "
        "`steps.register.allow_non_validated_model: true` to register it all the same."
    )
    assert list(step.staging.iterdir()) == []

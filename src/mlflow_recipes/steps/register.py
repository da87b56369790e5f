"""Register: makes the run's model a version of the registered model, if it passed.

In: `model` (its digest), `run`, `model_validation_status`; `model_registry.model_name`,
`steps.register.allow_non_validated_model`.
Out: `registered_model_version`. The same model is never registered twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from mlflow_recipes import layout
from mlflow_recipes.errors import GateError
from mlflow_recipes.steps.contract import StepContext, StepResult

VALIDATED = "VALIDATED"


@dataclass(frozen=True)
class Admission:
    """Whether a model may be registered, and the sentence that says why."""

    allowed: bool
    reason: str


def run(context: StepContext) -> StepResult:
    """Decide, register, write down the version."""
    name = str(context.config.model_name)
    run_id = str(context.inputs.value("run"))
    status = str(context.inputs.value("model_validation_status"))
    admission = admit(status, allowed=context.config.steps.register_.allow_non_validated_model)
    if not admission.allowed:
        raise GateError(
            f"Model registration on '{name}' failed: {admission.reason}",
            where="steps.register",
            hint=_numbers(context) + "The evaluate card says by how much (`mlflow recipes inspect -s evaluate -p "
            f"{context.config.profile}`). Improve the model, or set `steps.register.allow_non_validated_model: true` "
            "to register it all the same.",
        )
    if status != VALIDATED:
        context.say(f"registering although {admission.reason}")
    version = context.tracking.registry.register(
        name, run_id, context.inputs.effect("model", "model_id"), _tags(context, status)
    )
    registered = {"registered_model_name": name, "registered_model_version": version}
    file = context.staging / layout.ARTIFACT_PATHS["registered_model_version"]
    file.write_text(json.dumps(registered), encoding="utf-8")
    return StepResult(
        values={"registered_model_version": registered},
        facts={
            "run_id": run_id,
            "model_name": name,
            "version": version,
            "status": status,
            "registered": True,
            "url": context.tracking.registry.page(name, version),
            "source": f"runs:/{run_id}/{layout.RUN_MODEL_PATH}",
        },
        effects={"run_id": run_id, "model_name": name, "model_version": version},
    )


def _numbers(context: StepContext) -> str:
    """The sentences of the criteria that were missed, a line each."""
    reasons = context.inputs.effect("model_validation_status", "reasons") or ""
    return "".join(f"  - {line}\n" for line in reasons.splitlines())


def admit(status: str, *, allowed: bool) -> Admission:
    """Whether a model with this validation status may be registered.

    Args:
        status: VALIDATED, REJECTED or UNKNOWN (no criteria were given).
        allowed: `allow_non_validated_model`.
    """
    reasons = {
        VALIDATED: "it met every validation criterion",
        "REJECTED": "it missed a validation criterion on the test data",
        "UNKNOWN": "no validation criteria are given in steps.evaluate.validation_criteria",
    }
    return Admission(status == VALIDATED or allowed, f"{reasons.get(status, 'its validation status is unreadable')}.")


def _tags(context: StepContext, status: str) -> dict[str, str]:
    return {
        layout.TAG_SOURCE_TYPE: layout.SOURCE_TYPE,
        layout.TAG_TEMPLATE: context.config.recipe,
        layout.TAG_PROFILE: context.config.profile or "",
        layout.TAG_VALIDATION: status,
    }

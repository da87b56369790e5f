"""Register: makes the run's model a version of the registered model, if it passed, and gives it its alias.

In: `model` (its digest), `run`, `model_validation_status`; `model_registry.model_name`; `steps.register`.
Out: `registered_model_version`. The same model is never registered twice, and never promoted twice: a version that
somebody has taken the champion's alias from does not get it back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, lineage
from mlflow_recipes.errors import GateError
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from mlflow_recipes.config.judging import Register
    from mlflow_recipes.registry import Version

VALIDATED = "VALIDATED"


@dataclass(frozen=True)
class Admission:
    """Whether a model may be registered, and the sentence that says why."""

    allowed: bool
    reason: str


def run(context: StepContext) -> StepResult:
    """Decide, register, give aliases, write down the version."""
    name = str(context.config.model_name)
    run_id = str(context.inputs.value("run"))
    status = str(context.inputs.value("model_validation_status"))
    _check_admission(context, name, status)
    model_id = context.inputs.effect("model", "model_id")
    version = context.tracking.registry.register(name, run_id, model_id, _tags(context, run_id, status))
    facts = _give_alias(context, version, status)
    registered = {"registered_model_name": name, "registered_model_version": version.version}
    file = context.staging / layout.ARTIFACT_PATHS["registered_model_version"]
    file.write_text(json.dumps(registered), encoding="utf-8")
    return StepResult(
        values={"registered_model_version": registered},
        facts={
            "run_id": run_id,
            "model_name": name,
            "version": version.version,
            "status": status,
            "registered": True,
            "url": context.tracking.registry.page(name, version.version),
            "source": f"runs:/{run_id}/{layout.RUN_MODEL_PATH}",
            "made_from": lineage.of_run(version.tags),
            **facts,
        },
        effects={"run_id": run_id, "model_name": name, "model_version": version.version},
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


def alias_for(version: Version, status: str, aliases: dict[str, str], options: Register) -> str | None:
    """The alias that a version is to get now; None where it stays as it is.

    Args:
        version: As it is in the registry.
        status: Its validation status.
        aliases: Alias -> version of the registered model.
        options: `steps.register`.
    """
    if layout.TAG_PROMOTED in version.tags:
        return None
    if options.promote and status == VALIDATED:
        return options.champion_alias
    later = int(aliases.get(options.challenger_alias, "0")) > int(version.version)
    is_champion = aliases.get(options.champion_alias) == version.version
    return None if later or is_champion else options.challenger_alias


def _check_admission(context: StepContext, name: str, status: str) -> None:
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


def _tags(context: StepContext, run_id: str, status: str) -> dict[str, str]:
    made_from = lineage.of_run(context.tracking.client.get_run(run_id).data.tags)
    return {
        **made_from,
        **lineage.of_data(context.inputs, layout.TAGS_DATA),
        layout.TAG_SOURCE_TYPE: layout.SOURCE_TYPE,
        layout.TAG_TEMPLATE: context.config.recipe,
        layout.TAG_RECIPE: context.root.name,
        layout.TAG_PROFILE: context.config.profile or "",
        layout.TAG_VALIDATION: status,
    }


def _give_alias(context: StepContext, version: Version, status: str) -> dict[str, Any]:
    """Make a version the champion or the challenger; facts about who is what now, and who the champion was before."""
    registry, options = context.tracking.registry, context.config.steps.register_
    if not registry.has_aliases:
        return {"aliases": [], "champion": None, "champion_before": None}
    aliases = registry.aliases(version.name) or {}
    alias = alias_for(version, status, aliases, options)
    if alias == options.champion_alias:
        registry.promote(version, options.champion_alias, options.challenger_alias)
    elif alias is not None:
        registry.set_alias(version.name, alias, version.version)
    now = registry.aliases(version.name) or {}
    before = aliases.get(options.champion_alias)
    return {
        "aliases": sorted(name for name, number in now.items() if number == version.version),
        "champion": now.get(options.champion_alias),
        "champion_before": before if before != version.version else version.tags.get(layout.TAG_PREVIOUS_CHAMPION),
    }

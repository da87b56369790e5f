"""How a run ended, as `Recipe.run` gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.parts import joined, number
from mlflow_recipes.checks.model import summary
from mlflow_recipes.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.events import StepOutcome


@dataclass(frozen=True, repr=False)
class RunResult(int):
    """How a run ended. As a number it is the exit status of the run: 0 where all went well, 1 where a step failed.

    In 2.22 `Recipe.run` gave None. A number that is 0 still does where code relied on that: it is false, `sys.exit`
    takes it for success, and an orchestrator that stores what a task returns can store it.

    Attributes:
        recipe: The recipe's name.
        profile: The profile's name.
        outcomes: One for each step that was looked at, in order.
        seconds: The whole run.
        tracking_uri: Where its MLflow run is, secrets masked.
    """

    recipe: str
    profile: str
    outcomes: tuple[StepOutcome, ...]
    seconds: float
    tracking_uri: str

    def __new__(cls, *args: Any, **fields: Any) -> RunResult:
        """Make the number that it is."""
        outcomes = fields.get("outcomes", args[2] if len(args) > 2 else ())
        return super().__new__(cls, any(outcome.outcome == "failed" for outcome in outcomes))

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.recipe, self.profile, self.outcomes, self.seconds, self.tracking_uri)

    def __repr__(self) -> str:
        said = "; ".join(f"{name}: {value}" for name, value in self.highlights())
        return printable(f"<RunResult of {self.recipe}, profile {self.profile}: {said}>")

    def _repr_html_(self) -> str:
        from mlflow_recipes.cards.render import fragment

        return fragment("result.html.j2", result=self, highlights=list(self.highlights()))

    def highlights(self) -> Iterator[tuple[str, str]]:
        """The few facts to read if one reads nothing else, each with its name."""
        for word, name in (("run", "ran"), ("reused", "reused"), ("failed", "failed")):
            if steps := [outcome.step for outcome in self.outcomes if outcome.outcome == word]:
                yield name, ", ".join(steps)
        yield "took", f"{self.seconds:.1f} s"
        trained, evaluated, registered = (self.facts(step) for step in ("train", "evaluate", "register"))
        metrics, primary = (evaluated or trained).get("metrics", {}), (evaluated or trained).get("primary_metric")
        measured = [
            f"{number(metrics[on][primary])} ({on})" for on in ("validation", "test") if primary in metrics.get(on, {})
        ]
        if measured:
            yield str(primary), ", ".join(measured)
        if checks := [check for outcome in self.outcomes for check in outcome.facts.get("checks") or ()]:
            yield "checks", summary(checks)
        if "status" in evaluated:
            yield "validation", str(evaluated["status"])
        if "version" in registered:
            aliases = ", ".join(registered.get("aliases") or ())
            yield "model", joined(f"{registered['model_name']}, version {registered['version']}", aliases)
        if "run_id" in trained:
            yield "MLflow run", str(trained["run_id"])

    def facts(self, step: str) -> dict[str, Any]:
        """The facts of a step; empty when the run did not look at it."""
        return next((outcome.facts for outcome in self.outcomes if outcome.step == step), {})

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON data: without tables and profiles, which are on the cards."""
        shown = ("run_id", "metrics", "criteria", "status", "model_name", "version", "sizes", "checks")
        steps = [
            {
                "step": outcome.step,
                "outcome": outcome.outcome,
                "reasons": list(outcome.reasons),
                "seconds": round(outcome.seconds, 3),
                "rows": outcome.rows,
                **{name: outcome.facts[name] for name in shown if name in outcome.facts},
            }
            for outcome in self.outcomes
        ]
        return {
            "recipe": self.recipe,
            "profile": self.profile,
            "seconds": round(self.seconds, 3),
            "tracking_uri": self.tracking_uri,
            "steps": steps,
        }

    @property
    def executed(self) -> tuple[str, ...]:
        """The steps that ran."""
        return tuple(outcome.step for outcome in self.outcomes if outcome.outcome == "run")

"""Deciding what runs, with plain values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.graph import TRAINING, StepSpec
from mlflow_recipes.plan import Action, Known, decide, full_key, make_plan
from mlflow_recipes.records import Key, Output, Part, StepRecord

FIRST = StepSpec("first", (), ("a",))
SECOND = StepSpec("second", ("a",), ("b",))
THIRD = StepSpec("third", ("b",), ())
CHAIN = (FIRST, SECOND, THIRD)


def local(step: str, **options: str) -> Key:
    return Key(step, tuple(Part(f"config {name}", value, value) for name, value in options.items()))


def record(spec: StepSpec, key: Key, at: float = 1.0, **outputs: str) -> StepRecord:
    made = {name: Output(f"{name}.parquet", digest, {}, 0) for name, digest in outputs.items()}
    return StepRecord(spec.name, key, made, finished_at=at)


def settled(a: str = "A", b: str = "B", **options: str) -> dict[str, Known]:
    """A chain that has run once."""
    keys = {spec.name: local(spec.name, **options) for spec in CHAIN}
    first = record(FIRST, keys["first"], a=a)
    second = record(SECOND, full_key(keys["second"], {"a": a}), b=b)
    third = record(THIRD, full_key(keys["third"], {"b": b}))
    records = {"first": first, "second": second, "third": third}
    return {name: Known(keys[name], [records[name]]) for name in keys}


def test_nothing_ever_ran() -> None:
    plan = make_plan(CHAIN, {spec.name: Known(local(spec.name)) for spec in CHAIN})
    assert [(d.action, d.reasons) for d in plan] == [(Action.RUN, ("it has never run",))] * 3


def test_nothing_changed() -> None:
    plan = make_plan(CHAIN, settled(x="1"))
    assert [d.action for d in plan] == [Action.REUSE] * 3
    assert plan[0].reasons == ("nothing it depends on changed",)


def test_a_change_runs_its_step_and_leaves_the_next_ones_undecided() -> None:
    known = settled(x="1")
    known["first"] = Known(local("first", x="2"), known["first"].records)
    plan = make_plan(CHAIN, known)
    assert [d.action for d in plan] == [Action.RUN, Action.UNDECIDED, Action.UNDECIDED]
    assert plan[0].reasons == ("config x changed (1 -> 2)",)
    assert plan[1].reasons == ("runs if the output of a step before it changes",)


def test_a_step_whose_own_part_changed_surely_runs_whatever_comes_before_it() -> None:
    known = settled(x="1")
    known["first"] = Known(local("first", x="2"), known["first"].records)
    known["third"] = Known(local("third", x="2"), known["third"].records)
    assert [d.action for d in make_plan(CHAIN, known)] == [Action.RUN, Action.UNDECIDED, Action.RUN]


def test_an_identical_output_stops_the_cascade() -> None:
    known = settled(x="1")
    assert decide(SECOND, known["second"], {"a": "A"}).action is Action.REUSE
    changed = decide(SECOND, known["second"], {"a": "other"})
    assert (changed.action, changed.reasons) == (Action.RUN, ("input a changed (A -> other)",))


def test_an_older_generation_is_found_again() -> None:
    known = settled(x="1")
    newer = record(FIRST, local("first", x="2"), at=2.0, a="A2")
    known["first"] = Known(local("first", x="1"), [newer, *known["first"].records])
    assert [d.action for d in make_plan(CHAIN, known)] == [Action.REUSE] * 3


def test_what_was_lost_outside_runs_again_and_says_why() -> None:
    known = settled(x="1")
    old = known["second"]
    known["second"] = Known(old.local, old.records, {old.records[0].key.digest: "its MLflow run r was deleted"})
    plan = make_plan(CHAIN, known)
    assert (plan[1].action, plan[1].reasons) == (Action.RUN, ("its MLflow run r was deleted",))


def test_a_lost_result_is_known_before_its_inputs_are() -> None:
    known = settled(x="1")
    known["first"] = Known(local("first", x="2"), known["first"].records)
    known["second"] = known["second"].without(known["second"].records[0], "a file of it is gone")
    plan = make_plan(CHAIN, known)
    assert (plan[1].action, plan[1].reasons) == (Action.RUN, ("a file of it is gone",))
    other = record(SECOND, full_key(local("second", x="1"), {"a": "A2"}), b="B2")
    known["second"] = Known(known["second"].local, [*known["second"].records, other], known["second"].lost)
    assert make_plan(CHAIN, known)[1].action is Action.UNDECIDED


def test_changes_are_told_since_the_result_that_was_used_last() -> None:
    used, newer = record(FIRST, local("first", x="1")), record(FIRST, local("first", x="9"), at=2.0)
    known = Known(local("first", x="2"), [used, newer])
    assert decide(FIRST, known, {}).reasons == ("config x changed (1 -> 2)",)


def test_only_does_not_take_what_is_lost() -> None:
    known = settled(x="1")
    known["first"] = known["first"].without(known["first"].records[0], "a file of it is gone")
    with pytest.raises(RecipeError, match="and there is none"):
        make_plan(CHAIN, known, only=["third"])


def test_forced() -> None:
    known = settled(x="1")
    known["first"] = Known(known["first"].local, known["first"].records, forced="it was asked for by name")
    decision = make_plan(CHAIN, known)[0]
    assert (decision.action, decision.reasons) == (Action.RUN, ("it was asked for by name",))
    assert decide(FIRST, known["first"], None).action is Action.RUN


def test_only_takes_stale_results_as_they_are() -> None:
    known = settled(x="1")
    known["first"] = Known(local("first", x="2"), known["first"].records)
    known["third"] = Known(local("third", x="2"), known["third"].records)
    plan = make_plan(CHAIN, known, only=["third"])
    assert [d.action for d in plan] == [Action.REUSE, Action.REUSE, Action.RUN]
    assert plan[0].reasons[0] == "taken as it is, although stale, because of --only"


def test_only_without_a_result_to_take() -> None:
    with pytest.raises(RecipeError) as caught:
        make_plan(CHAIN, {spec.name: Known(local(spec.name)) for spec in CHAIN}, only=["third"])
    assert str(caught.value) == (
        "`--only` needs a result of the step 'first', and there is none.\nRun without `--only` first."
    )


def test_only_takes_results_that_were_made_from_one_another() -> None:
    """Of the second step only an older result fits the first step's newest one, or the other way round."""
    old, new = settled(x="1"), settled(a="A2", x="2")
    known = {
        "first": Known(local("first", x="2"), [*new["first"].records, *old["first"].records]),
        "second": Known(local("second", x="1"), old["second"].records),
        "third": Known(local("third", x="9")),
    }
    plan = make_plan(CHAIN, known, only=["third"])
    assert [decision.record for decision in plan[:2]] == [*old["first"].records, *old["second"].records]
    known["first"] = Known(local("first", x="2"), new["first"].records)
    with pytest.raises(RecipeError) as caught:
        make_plan(CHAIN, known, only=["third"])
    assert str(caught.value) == (
        "`--only` needs results of first, second that were made from one another, and there are none.\n"
        "Run without `--only` first."
    )


@settings(derandomize=True, deadline=None)
@given(st.sets(st.sampled_from([spec.name for spec in TRAINING])))
def test_after_any_edit_every_step_before_the_first_edited_one_is_reused(edited: set[str]) -> None:
    known, digests = {}, {}
    for spec in TRAINING:
        key = full_key(local(spec.name, x="1"), {name: digests[name] for name in spec.inputs})
        made = {name: f"{name}!" for name in spec.outputs}
        digests.update(made)
        now = local(spec.name, x="2" if spec.name in edited else "1")
        known[spec.name] = Known(now, [record(spec, key, **made)])
    plan = make_plan(TRAINING, known)
    first = next((i for i, spec in enumerate(TRAINING) if spec.name in edited), len(TRAINING))
    assert all(decision.action is Action.REUSE for decision in plan[:first])
    assert all(decision.action is not Action.REUSE for decision in plan[first : first + 1])
    assert all(d.action is Action.RUN for d in plan if d.step in edited)

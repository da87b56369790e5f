"""The steps as data."""

from __future__ import annotations

import pytest

from mlflow_recipes import graph, layout
from mlflow_recipes.errors import RecipeError


def test_the_order_of_the_steps() -> None:
    assert [step.name for step in graph.TRAINING] == ["ingest", "split", "transform", "train", "evaluate", "register"]
    assert [step.name for step in graph.SCORING] == ["ingest_scoring", "predict"]


def test_every_input_is_given_by_an_earlier_step_and_every_output_has_a_place() -> None:
    for sequence in (graph.TRAINING, graph.SCORING):
        given: set[str] = set()
        for step in sequence:
            assert set(step.inputs) <= given
            given |= set(step.outputs)
        assert given <= set(layout.ARTIFACT_PATHS)


def test_sequences_end_at_their_target_and_never_mix() -> None:
    recipe = graph.Graph()
    assert [step.name for step in recipe.sequence_to("transform")] == ["ingest", "split", "transform"]
    assert [step.name for step in recipe.sequence_to("predict")] == ["ingest_scoring", "predict"]
    assert recipe.producer_of("test_data").name == "split"


def test_steps_of_ones_own_stand_in_a_chain_between_ingest_and_split() -> None:
    recipe = graph.Graph.preparing(["clean", "enrich"])
    assert [step.name for step in recipe.training[:4]] == ["ingest", "clean", "enrich", "split"]
    assert [step.inputs for step in recipe.training[1:4]] == [("ingested_data",), ("clean_data",), ("enrich_data",)]
    assert recipe.training[4:] == graph.TRAINING[2:]
    assert recipe.find("clean").module == "prepare"
    assert recipe.find("clean").code == ("steps/clean.py",)
    assert recipe.producer_of("enrich_data").name == "enrich"
    assert [step.name for step in recipe.sequence_to("enrich")] == ["ingest", "clean", "enrich"]
    assert graph.Graph.preparing([]) == graph.Graph()


def test_an_unknown_step_is_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError) as caught:
        graph.Graph.preparing(["clean"]).find("tranform")
    assert str(caught.value) == (
        "There is no step called 'tranform'. The steps are: ingest, clean, split, transform, train, evaluate, "
        "register, ingest_scoring, predict.\nDid you mean 'transform'?"
    )
    assert caught.value.error_code == "INTERNAL_ERROR"

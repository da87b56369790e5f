from __future__ import annotations

from mlflow_recipes.cards import dag
from mlflow_recipes.graph import Graph

GRAPH = Graph.preparing(["clean"])


def test_boxes_are_the_steps_that_stand_somehow_in_the_order_of_the_recipe() -> None:
    stands = {"split": dag.Stand(dag.STALE, why=("would run: x",)), "ingest": dag.Stand(dag.DONE, 1200, 0.5)}
    ingest, split = dag.diagram_of(GRAPH, stands).nodes
    assert (ingest.name, ingest.status, ingest.tone, ingest.lines) == (
        "ingest",
        "done",
        "good",
        ("1,200 rows · 500 ms",),
    )
    assert (split.name, split.status, split.tone, split.lines) == ("split", "stale", "stale", ("would run: x",))


def test_edges_name_what_passes_also_past_other_steps() -> None:
    stands = {step.name: dag.Stand(dag.NEVER) for step in GRAPH.training}
    edges = {(giver, taker): what for giver, taker, what in dag.diagram_of(GRAPH, stands).edges}
    assert edges["ingest", "clean"] == "ingested_data"
    assert edges["clean", "split"] == "clean_data"
    assert edges["split", "evaluate"] == "training_data, validation_data, test_data"
    assert edges["split", "train"] == "training_data, validation_data"
    assert edges["evaluate", "register"] == "model_validation_status"
    assert ("ingest", "split") not in edges

"""What a step is given of earlier ones: from memory, from the store, and never from a pickle."""

from __future__ import annotations

from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.graph import Graph
from mlflow_recipes.inputs import RunInputs
from mlflow_recipes.project import Project
from mlflow_recipes.steps.contract import StepResult
from mlflow_recipes.store import Store


def reused(small, step: str = "train") -> tuple[RunInputs, Store]:
    small.recipe().execute(step)
    store = Project.load("local", root=small.root).store
    inputs = RunInputs(store, None, ("steps",))
    for name in ("ingest", "split", "transform", "train")[: ("split", "transform", "train").index(step) + 2]:
        inputs.reuse(store.records(name)[0])
    return inputs, store


def test_from_the_store(small) -> None:
    inputs, store = reused(small)
    record = store.records("split")[0]
    assert inputs.table("training_data").digest == record.outputs["training_data"].digest
    assert inputs.table("training_data").rows == record.outputs["training_data"].rows
    assert inputs.digest("test_data") == record.outputs["test_data"].digest
    assert inputs.digest("no such") is None
    assert inputs.value("run") == inputs.effect("model", "run_id")
    assert "alpha" in inputs.value("best_parameters")
    assert inputs.effect("model", "no such") is None
    assert [column["name"] for column in inputs.fact("ingested_data", "schema")] == ["a", "b", "c", "y"]
    assert inputs.fact("ingested_data", "no such") is None


def test_memory_goes_before_the_store_and_is_let_go_of(small) -> None:
    inputs, store = reused(small, "split")
    import pandas as pd

    mine = Dataset.from_pandas(pd.DataFrame({"y": [1.0]}))
    result = StepResult(tables={"training_data": mine}, effects={"run_id": "r"}, facts={"n": 1})
    stored = store.records("split")[0].outputs["validation_data"]
    inputs.keep(Graph().find("split"), result, {"test_data": stored})
    assert inputs.table("test_data").digest == stored.digest, "what a step has put into the store itself"
    assert inputs.fact("training_data", "n") == 1
    assert inputs.table("training_data") is mine
    assert inputs.digest("training_data") == mine.digest
    assert inputs.effect("training_data", "run_id") == "r"
    inputs.forget_all_but(["validation_data"])
    assert inputs.table("training_data").rows == store.records("split")[0].outputs["training_data"].rows


def test_damage_is_noticed_in_what_is_needed_and_nothing_else(small) -> None:
    inputs, store = reused(small, "split")
    record = store.records("split")[0]
    [digest] = record.outputs["test_data"].objects.values()
    store.object_path(digest).write_bytes(b"x")
    assert inputs.readable(record, ["training_data"]) is None
    assert inputs.readable(record, ["test_data"]) == "its remembered output is damaged"


def test_a_transformer_that_is_only_pickled_is_not_readable(small) -> None:
    small.edit(
        "steps/transform.py",
        "FunctionTransformer(doubled, feature_names_out",
        "FunctionTransformer(lambda f: f, feature_names_out",
    )
    inputs, store = reused(small, "transform")
    record = store.records("transform")[0]
    assert inputs.readable(record, ["transformed_training_data"]) is None
    assert inputs.readable(record, ["transformer"]) == (
        "its transformer could not be stored with skops, and a pickle in the cache is never read"
    )

"""The parts together, without the engine: what a data scientist would have in one script."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.pipeline import make_pipeline

from steps.clean import drop_implausible
from steps.custom_metrics import within_two_minutes
from steps.split import believable_speed
from steps.train import estimator_fn
from steps.transform import transformer_fn
from steps.trips import one_schema

DATA = Path(__file__).resolve().parents[2] / "data"
LIMITS = {"shortest_minutes": 1, "longest_minutes": 60, "longest_miles": 100}


def test_a_small_model_learns_from_two_months_and_predicts_a_third() -> None:
    january, march, may = (
        drop_implausible(one_schema(pd.read_parquet(DATA / f"yellow_tripdata_2018-{month}.parquet")), **LIMITS)
        for month in ("01", "03", "05")
    )
    training = pd.concat([january, march])
    training = training[believable_speed(training)]
    model = make_pipeline(transformer_fn(), estimator_fn({"n_estimators": 50, "max_depth": 6, "learning_rate": 0.2}))
    model.fit(training.drop(columns="trip_minutes"), training["trip_minutes"])
    result = pd.DataFrame(
        {"prediction": model.predict(may.drop(columns="trip_minutes")), "target": may["trip_minutes"]}
    )
    naive = result.assign(prediction=training["trip_minutes"].median())
    off, naive_off = ((frame["prediction"] - frame["target"]).abs().mean() for frame in (result, naive))
    assert off < naive_off / 2
    assert within_two_minutes(result, {}) > 2 * within_two_minutes(naive, {})

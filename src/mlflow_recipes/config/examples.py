"""Examples of keys that have no default and no list of values to take one from: what `docs` and the reference show."""

from __future__ import annotations

from typing import Any

# The end of a key's path -> a value that it may have; the longest end counts.
EXAMPLES: dict[str, Any] = {
    "recipe": "regression/v1",
    "target_col": "price",
    "positive_class": "yes",
    "primary_metric": "mean_absolute_error",
    "code_paths": ["../shared"],
    "units": {"price": "EUR"},
    "custom_metrics.name": "within_ten_percent",
    "custom_metrics.function": "within_ten_percent",
    # Reading
    "using": "parquet",
    "location": "data/sales.parquet",
    "sql": "SELECT * FROM sales WHERE price > 0",
    "version": 12,
    "timestamp": "2026-01-31 12:00:00",
    "loader_method": "load_file_as_dataframe",
    "columns": ["price", "area", "city"],
    "filters": [["price", ">", 0]],
    "reconcile": ["widen", "typed_nulls"],
    "null_values": ["", "n/a"],
    "timestamp_formats": ["%d.%m.%Y %H:%M"],
    "csv.types": {"zip": "string"},
    "connection_env": "SALES_DATABASE",
    "checksums": {"data/sales.parquet": "sha256:0123abcd"},
    # Own steps
    "<name>.function": "clean",
    "after": "ingest",
    "before": "split",
    "params": {"least_area": 10},
    # Splits
    "split.column": "sold_at",
    "cut_points": ["2026-01-01", "2026-04-01"],
    "split_method": "split_by_month",
    "post_split_method": "process_splits",
    "post_split_filter_method": "is_plausible",
    "drop": ["id"],
    "groups": ["customer"],
    "time": "sold_at",
    "trusted": ["list_price"],
    # Training
    "transformer_method": "transformer_fn",
    "estimator_method": "estimator_fn",
    "estimator_params": {"max_iter": 200},
    "parameters": {"max_depth": {"distribution": "uniformint", "low": 3, "high": 9}},
    "max_trials": 30,
    "early_stop_fn": "no_progress_loss",
    "timeout_secs": 600,
    "points_to_evaluate": [{"max_depth": 6}],
    "cv.by": "customer",
    "rounds": 30,
    "early_stopping.metric": "mae",
    "fit_params": {"verbose": False},
    "sample_weight_col": "weight",
    "target_transform": "log1p",
    "learning_curve": [0.1, 0.3, 1],
    "flaml_params": {"estimator_list": ["lgbm"]},
    "decision_threshold.value": 0.4,
    "false_positive": 1,
    "false_negative": 5,
    "maximize": "f1_score",
    "minimize": "cost_of_errors",
    # Judging
    "metric": "mean_absolute_error",
    "threshold": 4,
    "slice": "city",
    "max_slice_degradation": "5 %",
    "slices": ["city"],
    "baseline_by": ["city"],
    # Where runs and models go
    "experiment.name": "prices",
    "id": "12",
    "tracking_uri": "sqlite:///metadata/mlflow/mlruns.db",
    "artifact_location": "s3://models/prices",
    "run_name_prefix": "nightly",
    "model_name": "prices",
    "registry_uri": "databricks-uc",
    "uri": "databricks-uc",
    "ignore": ["id"],
    # Scoring
    "output.location": "data/scored.parquet",
    "model_uri": "models:/prices@champion",
    "predict.model": "champion",
    "result_type": "double",
    "intervals": 0.9,
    "passthrough": ["id"],
    "prepare": ["clean"],
    "batch_rows": 50_000,
    # Checks
    "checks": [{"check": "not_null", "column": "price"}],
    "evaluate.checks": [],
    "register.checks": [],
    "name": "prices are there",
    "why": "A sale without a price is a fault of the export.",
    "tables": ["training"],
    "column": "price",
    "dtype.dtype": "number",
    "allowed_rows": 5,
    "file": "data/cities.csv",
    "key": "city",
    "max_age": "2 days",
    "values": ["north", "south"],
    "by": ["city"],
    "q": 0.5,
    "pattern": "[0-9]{5}",
    "min": 0,
    "max": 1000,
    "above": 0,
    "below": 1000,
}


def example_of(path: str) -> Any:
    """The example of a key; None where there is none here."""
    parts = path.split(".")
    ends = (".".join(parts[start:]) for start in range(len(parts)))
    return next((EXAMPLES[end] for end in ends if end in EXAMPLES), None)

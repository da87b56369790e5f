from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlflow_recipes.data.profile import preview, profile, schema
from mlflow_recipes.modeling.diagnostics import figures

# Markup, templates, a mark that turns the direction of writing, a terminal's escape sequence, half a character.
HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}{% raw %}\u202eevil\x1b[31m\x00\ud800\"'&<!--"


def trips(name: str = "vendor") -> pa.Table:
    start = dt.datetime(2018, 1, 1, 8, 30)
    return pa.table(
        {
            "pickup": [start, start + dt.timedelta(hours=30), None, start],
            "distance": [1.5, 2.5, 9.75, None],
            "passengers": [1, 1, 2, 6],
            name: ["CMT", "VTS", "CMT", "CMT"],
            "stops": [[1], [], None, [2, 3]],
            "minutes": [7.25, 12.5, 48.0, 3.0],
        }
    )


def facts_of(table: pa.Table) -> dict[str, dict[str, Any]]:
    """Facts of all six steps, as the steps give them."""
    described, columns, first = profile(table), schema(table), preview(table)
    metrics = {"mean_absolute_error": 2.5, "root_mean_squared_error": 4.125, "example_count": 4}
    parts = ("training", "validation", "test")
    return {
        "ingest": {
            "rows": table.num_rows,
            "columns": len(columns),
            "profile": described,
            "schema": columns,
            "preview": first,
            "sources": [{"location": "data/2018-01.parquet", "bytes": 20480, "rows": None}],
        },
        "split": {
            "sizes": {"training": 75, "validation": 13, "test": 12},
            "dropped_null_target": 2,
            "filtered": {"training": 5, "validation": 0, "test": 0},
            "ratios": [0.75, 0.125, 0.125],
            "method": None,
            "profiles": dict.fromkeys(parts, described),
            "target": {part: {"mean": 17.6875, "std": 20.5, "min": 3.0, "max": 48.0} for part in parts},
            "warnings": [],
        },
        "transform": {
            "transformer": "Scaler(func=<function f at 0x7f00>)",
            "profile": described,
            "input_schema": columns[:-1],
            "output_schema": columns,
            "preview": first,
            "format": "skops",
        },
        "train": {
            "run_id": "r1",
            "metrics": {"training": metrics, "validation": metrics | {"mean_absolute_error": 3.0}},
            "primary_metric": "root_mean_squared_error",
            "estimator": "Ridge(alpha=0.5)",
            "params": {"alpha": "0.5", "solver": "auto", "max_iter": "None", "tol": "None"},
            "best_parameters": "# hardcoded parameters\nalpha: '0.5'\n",
            "signature": {"inputs": "distance: double", "outputs": "prediction: double"},
            "predictions_profile": described,
            "worst": first,
            "worst_profile": described,
            "train_profile": described,
            "leaderboard": {"columns": ["rank", "run"], "rows": [["1", "calm-owl (this run)"], ["2", "old-fox"]]},
            "warnings": ["train.py:3: UserWarning: slow", "train.py:3: UserWarning: slow"],
            "format": "skops",
        },
        "evaluate": {
            "metrics": {"validation": metrics, "test": metrics},
            "primary_metric": "root_mean_squared_error",
            "criteria": [
                {"metric": "root_mean_squared_error", "passed": False, "sentence": "It is 4.125, not 4."},
                {"metric": "within", "passed": True, "sentence": "It is 0.75."},
            ],
            "intervals": {
                "level": 0.95,
                "metrics": {"mean_absolute_error": [2.0, 3.0], "root_mean_squared_error": [4.0, None]},
            },
            "others": {"naive baseline (median)": {"root_mean_squared_error": 9.5, "mean_absolute_error": 8.0}},
            "slices": [
                {
                    "column": "vendor",
                    "slices": [
                        {"slice": "CMT", "rows": 3, "value": 4.5, "low": 3.0, "high": 5.0, "naive baseline": 9.0},
                        {"slice": "(missing)", "rows": 1, "value": 3.0, "low": None, "high": None, "naive baseline": 8},
                    ],
                }
            ],
            "errors": {"minutes": figures(np.arange(8.0), np.arange(8.0) + 0.5)},
            "worst": first,
            "status": "REJECTED",
            "warnings": ["custom_metrics.py:9: RuntimeWarning: divided by zero"],
            "importance": {
                "method": "permutation",
                "note": "By shuffling.",
                "columns": ["growth of error"],
                "features": [[f"f{i}", 1.0 - i / 100] for i in range(60)],
            },
        },
        "register": {
            "model_name": "taxi",
            "version": "3",
            "aliases": ["champion"],
            "champion": "3",
            "champion_before": "2",
            "made_from": {"mlflow_recipes.data.test": "0a1b", "mlflow_recipes.code": "c0de"},
            "status": "VALIDATED",
            "registered": True,
            "source": "runs:/r1/train/model",
            "url": "https://tracking.example/#/models/taxi/versions/3",
        },
    }


@pytest.fixture
def facts() -> dict[str, dict[str, Any]]:
    return facts_of(trips())


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def hostile_facts() -> dict[str, dict[str, Any]]:
    """The same facts with every text of them, names of columns included, replaced by a hostile one."""
    keys = {"status", "primary_metric"}

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: part if key in keys else spoil(part) for key, part in value.items()}
        if isinstance(value, list):
            return [spoil(part) for part in value]
        return HOSTILE if isinstance(value, str) else value

    spoilt: dict[str, dict[str, Any]] = spoil(facts_of(trips()))
    return spoilt

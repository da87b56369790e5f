from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlflow_recipes.cards.build import build
from mlflow_recipes.cards.model import About, Card
from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.data.class_profiles import class_rows
from mlflow_recipes.data.histograms import over_time, shared
from mlflow_recipes.data.profile import preview, profile, schema
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.modeling.diagnostics import figures
from mlflow_recipes.modeling.objective import Measure
from mlflow_recipes.modeling.search import ENOUGH, SearchOptions, SearchResult
from mlflow_recipes.modeling.search_report import SearchReport, tuned_names
from mlflow_recipes.modeling.trials import Trial

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


def searched() -> dict[str, Any]:
    """Facts of a search of seven trials over two parameters, of which one was stopped early and one failed."""
    space = SearchSpace(
        {
            "depth": {"distribution": "uniformint", "low": 1, "high": 9},
            "rate": {"distribution": "loguniform", "low": -4, "high": 0},
            "kind": {"values": ["a", "b"]},
        }
    )
    losses = [5.0, 4.0, 4.5, 3.0, 3.5, 6.0, None]
    statuses = [*["finished"] * 5, "pruned", "failed"]
    trials = [
        Trial(n, {}, status, loss, params={"depth": str(n), "rate": str(0.1 / (n + 1)), "kind": "ab"[n % 2]})
        for n, (status, loss) in enumerate(zip(statuses, losses, strict=True))
    ]
    options = SearchOptions(space, 7, "hyperopt.tpe.suggest", 1)
    report = SearchReport(options, Measure(lambda *_: {}, "root_mean_squared_error", False))
    return report.facts(SearchResult(trials, trials[3], 0, ENOUGH), tuned_names(space.parameters))


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
            "over_time": over_time(table, "pickup", {part: np.arange(4) == i for i, part in enumerate(parts)}),
            "target_distributions": {"minutes": shared(dict.fromkeys(parts, np.arange(8.0)))},
            "target": {part: {"mean": 17.6875, "std": 20.5, "min": 3.0, "max": 48.0} for part in parts},
            "warnings": [],
        },
        "transform": {
            "transformer": "Scaler(func=<function f at 0x7f00>)",
            "outline": {"name": "Scaler", "text": "", "parts": [{"name": "a", "text": "x: f", "parts": []}]},
            "origins": [["distance", "a: f", "distance"], ["passengers", "", ""]],
            "cost": {"fit_seconds": 0.5, "transform_seconds": 2.0, "rows": 4, "bytes_before": 4e6, "bytes_after": 2e6},
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
            "targets": ["minutes"],
            "curve": {"validation_rmse": [[0, 9.0], [5, 4.0]], "validation_mae": [[0, 8.5], [7, 3.0]]},
            "best_iteration": 5,
            "learning_curve": [{"rows": n, "training": 1.5, "validation": 3 - n / 1000} for n in (500, 1000)],
            "search": searched(),
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
            "greater_is_better": False,
            "targets": ["minutes"],
            "contest": [
                {"name": "model", "value": 4.125, "low": 4.0, "high": 4.5},
                {"name": "naive baseline (median)", "value": 9.5, "low": 9.0, "high": 10.0},
            ],
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


def class_facts_of(labels: list[Any], positive: int | None = None, *, scored: bool = True) -> dict[str, dict[str, Any]]:
    """Facts of the steps of a recipe that tells classes apart, as far as they are others than those of numbers."""
    random = np.random.default_rng(0)
    actual = random.integers(0, len(labels), 200).astype(float)
    scores = random.gamma(1.0, size=(200, len(labels))) + np.eye(len(labels))[actual.astype(int)]
    scores /= scores.sum(axis=1, keepdims=True)
    predicted = np.column_stack([scores.argmax(axis=1), scores if scored else scores * np.nan])
    outcome = Classes(tuple(labels), None if positive is None else labels[positive])
    features = pd.DataFrame({"a": random.normal(size=200)})
    metrics, worst = outcome.metrics(actual, predicted), outcome.worst(features, actual, predicted)
    numbers, table = facts_of(trips()), trips()
    counts = {part: [10 * (i + 1) for i in range(len(labels))] for part in ("training", "validation", "test")}
    primary = {"primary_metric": "accuracy_score", "greater_is_better": True, "targets": ["kind"], "worst": worst}
    found = outcome.figures(actual, predicted)
    new = {
        "ingest": {"classes": class_rows(pd.Series([labels[int(code)] for code in actual]))},
        "split": {"classes": {"labels": labels, "counts": counts}, "class_profiles": {"Positive": profile(table)}},
        "train": {
            "metrics": {"training": metrics, "validation": metrics},
            "calibration": "isotonic",
            **primary,
            **found,
        },
        "evaluate": {
            "metrics": {"validation": metrics, "test": metrics},
            "intervals": {"level": 0.95, "metrics": {"accuracy_score": [0.5, 0.7]}},
            "others": {},
            "contest": [{"name": "model", "value": 0.6, "low": 0.5, "high": 0.7}],
            "slices": [],
            "errors": None,
            "threshold": {"value": 0.3},
            **primary,
            **found,
        },
    }
    return {step: {**numbers[step], **new.get(step, {})} for step in numbers}


@pytest.fixture
def class_facts() -> Callable[..., dict[str, dict[str, Any]]]:
    return class_facts_of


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


@pytest.fixture
def drawn() -> Callable[..., Card]:
    """Builds a card of a recipe whose minutes are minutes."""

    def made(step: str, facts: dict[str, Any]) -> Card:
        about = About(step, "taxi", "local", 1.5, 1_514_795_400.0, units={"minutes": "min", "distance": "miles"})
        return build(step, facts, about)

    return made


@pytest.fixture
def within() -> Callable[..., list[Any]]:
    """Gives the blocks of one kind in a tab of a card."""

    def found(card: Card, tab: str, kind: type) -> list[Any]:
        return [block for each in card.tabs if each.name == tab for block in each.blocks if isinstance(block, kind)]

    return found

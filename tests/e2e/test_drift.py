"""New data held against the training data of a model: real months of taxi trips, by the command."""

from __future__ import annotations

import json
import os
import shutil
import textwrap
from pathlib import Path

import pytest

from tests.conftest import Small

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MLFLOW_RECIPES_TEST_DATA", ROOT.parent / "shared" / "data"))
SAMPLE, TLC = DATA / "sample", DATA / "tlc"

RECIPE = """\
recipe: regression/v1
target_col: total_amount
steps:
  ingest: {using: parquet, location: data}
  transform: {transformer_method: transformer_fn}
  train: {estimator_method: estimator_fn}
model_registry: {model_name: trips}
experiment: {tracking_uri: "sqlite:///metadata/mlflow/mlruns.db"}
"""
TRANSFORM = """\
from sklearn.compose import ColumnTransformer


def transformer_fn():
    return ColumnTransformer([("some", "passthrough", ["trip_distance"])])
"""
TRAIN = """\
from sklearn.linear_model import Ridge


def estimator_fn(estimator_params):
    return Ridge()
"""


def trained(root: Path, *months: Path) -> Small:
    """A recipe that learned all columns of some months."""
    missing = [month for month in months if not month.is_file()]
    if missing:
        pytest.skip(f"no {missing[0]}; MLFLOW_RECIPES_TEST_DATA can name another data folder")
    recipe = Small(root)
    texts = {
        "recipe.yaml": RECIPE,
        "profiles/local.yaml": "{}",
        "steps/transform.py": TRANSFORM,
        "steps/train.py": TRAIN,
    }
    for name, text in texts.items():
        recipe.write(name, text)
    (root / "data").mkdir()
    for month in months:
        shutil.copy(month, root / "data")
    recipe.recipe().execute("train")
    return recipe


def held(recipe: Small, *arguments: str) -> tuple[int, dict]:
    done = recipe.command("drift", "-p", "local", "--json", *arguments)
    assert done.returncode in (0, 6), done.stderr
    return done.returncode, json.loads(done.stdout)


def levels(report: dict, level: str) -> set[str]:
    return {column["name"] for column in report["columns"] if column["level"] == level}


def test_a_month_later_is_little(tmp_path) -> None:
    recipe = trained(tmp_path / "green", TLC / "green_tripdata_2023-01.parquet")
    code, report = held(recipe, "--data", str(TLC / "green_tripdata_2023-02.parquet"))
    assert (code, report["level"], levels(report, "none")) == (0, "none", {c["name"] for c in report["columns"]})
    assert max(c["measures"].get("psi", 0) for c in report["columns"] if "datetime" not in c["name"]) < 0.02


def test_four_years_later_is_much_and_the_new_column_is_named(tmp_path) -> None:
    recipe = trained(tmp_path / "green", TLC / "green_tripdata_2021-01.parquet")
    month = TLC / "green_tripdata_2025-02.parquet"
    code, report = held(recipe, "--data", str(month))
    assert (code, report["level"]) == (6, "much")
    assert {"improvement_surcharge", "trip_distance", "VendorID"} <= levels(report, "much")
    assert "cbd_congestion_fee" in levels(report, "some")
    new = next(column for column in report["columns"] if column["name"] == "cbd_congestion_fee")
    assert (new["role"], new["findings"][0]["kind"]) == ("new", "extra")
    vendor = next(column for column in report["columns"] if column["name"] == "VendorID")
    assert vendor["unseen"] == [["6", 731]]

    page = tmp_path / "report.html"
    shown = recipe.command("drift", "-p", "local", "--data", str(month), "--out", str(page))
    assert shown.returncode == 6
    assert "cbd_congestion_fee" in shown.stdout
    assert "cbd_congestion_fee" in page.read_text()


def test_march_2019_against_2018_differs_by_what_the_congestion_surcharge_touched(tmp_path) -> None:
    """From February 2019 on, trips in Manhattan cost 2.50 more: in total, and as a column that was empty in 2018."""
    months = [SAMPLE / f"yellow_tripdata_2018-{month:02d}.parquet" for month in range(1, 13)]
    recipe = trained(tmp_path / "yellow", *months)
    march = str(SAMPLE / "yellow_tripdata_2019-03.parquet")
    code, report = held(recipe, "--data", march)
    assert code == 6
    assert levels(report, "much") == {"extra", "total_amount", "congestion_surcharge"}
    assert levels(report, "some") == {"tip_amount"}

    ignored = textwrap.dedent(
        """\
        contract:
          ignore: [extra, congestion_surcharge]
          columns: {total_amount: {psi: 0.5, ks: false}}
        """
    )
    recipe.write("profiles/local.yaml", ignored)
    code, report = held(recipe, "--data", march)
    assert (code, report["level"]) == (0, "some")


def test_the_champions_contract_comes_from_a_server(small, mlflow_server) -> None:
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", mlflow_server)
    small.edit("recipe.yaml", "  register:\n", "  register:\n    promote: true\n")
    small.recipe().execute()
    code, report = held(small, "--data", "data")
    assert (code, report["model"], report["level"]) == (0, "version 1 (champion) of 'small'", "none")
    code, report = held(small, "--data", "data", "--model", "models:/small@champion")
    assert (code, report["model"]) == (0, "models:/small@champion")

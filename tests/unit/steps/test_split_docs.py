"""Every example of docs/splits.md divides real trips."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mlflow_recipes.steps import split

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "splits.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block)["split"] for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
CODE = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture(scope="module")
def trips() -> pd.DataFrame:
    """Trips of one month, some of every vendor, with a driver and a part that they do not have."""
    frame = pd.read_parquet(ROOT / "data" / "yellow_tripdata_2018-01.parquet").head(4000)
    random = np.random.default_rng(0)
    frame["driver"] = random.integers(0, 200, len(frame))
    frame["part"] = np.array(["train", "Val", "TEST"])[random.integers(0, 3, len(frame))]
    frame.loc[frame.index % 100 == 0, "VendorID"] = 4
    return frame.drop_duplicates()


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["using"] for example in EXAMPLES])
def test_examples(small, context, trips: pd.DataFrame, example: dict[str, Any]) -> None:
    small.write("steps/split.py", CODE)
    section = json.dumps(example, default=str)
    rows = trips.drop(columns=["tip_amount"])
    result = split.run(context("split", f"steps.split={section}", "target_col=fare_amount", ingested_data=rows))
    tables = [result.tables[f"{name}_data"] for name in split.NAMES]
    assert min(table.rows for table in tables) > 30
    left_out = sum(result.facts["left_out"].values())
    assert sum(table.rows for table in tables) + left_out == len(rows)
    assert set(example.get("drop", ())).isdisjoint(tables[0].schema.names)


def test_every_kind_has_an_example() -> None:
    from mlflow_recipes.config.splits import KEYS

    assert {example["using"] for example in EXAMPLES} == set(KEYS)

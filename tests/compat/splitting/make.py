"""Make the frames and the assignments that tests/compat/test_splitting.py compares with.

Run with the Python of `make reference`: .cache/reference/bin/python tests/compat/splitting/make.py
Array cells are assigned as under NumPy 1: with NumPy 2 their text, and so 2.22.5's hash, became another.
"""

import datetime
import decimal
import json
from pathlib import Path

import mlflow.recipes.steps.split as reference
import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
ROWS = 120


def frames():
    random = np.random.default_rng(0)
    floats = random.normal(size=ROWS)
    words = np.array([f"word{i}" for i in random.integers(0, 50, ROWS)], dtype=object)
    some = np.where(np.arange(ROWS) % 7 == 0, None, words)
    times = pd.Timestamp("2018-01-01") + pd.to_timedelta(random.integers(0, 10**9, ROWS), unit="ms")
    gaps = pd.Series(times.astype("datetime64[us]"))
    gaps[::9] = pd.NaT
    small = random.integers(0, 9, ROWS)
    yes = random.random(ROWS) < 0.5
    for kind in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        yield kind, {"a": random.integers(0 if kind[0] == "u" else -100, 100, ROWS).astype(kind), "n": np.arange(ROWS)}
    yield "float64", {"a": floats, "b": np.where(yes, np.nan, floats)}
    yield "float32", {"a": floats.astype("float32")}
    yield "bool", {"a": yes, "n": np.arange(ROWS)}
    yield "text", {"a": words, "x": floats}
    yield "text_with_nulls", {"a": some, "x": floats}
    yield "all_null", {"a": pd.Series([None] * ROWS, dtype=object), "x": floats}
    yield "bool_with_nulls", {"a": np.where(small == 0, None, yes), "x": floats}
    for unit in ("ns", "us", "ms"):
        yield f"time_{unit}", {"t": times.astype(f"datetime64[{unit}]")}
    yield "time_with_gaps", {"t": gaps, "x": floats}
    yield "time_zone", {"t": times.astype("datetime64[us]").tz_localize("UTC").tz_convert("America/New_York")}
    yield "duration", {"t": pd.to_timedelta(random.integers(0, 10**9, ROWS), unit="us").astype("timedelta64[us]")}
    yield "category_of_text", {"c": pd.Categorical(words), "x": floats}
    yield "category_of_int", {"c": pd.Categorical(small), "x": floats}
    for kind in ("Int64", "Float64", "boolean"):
        full = pd.array(small % 2 if kind == "boolean" else small, dtype=kind)
        holes = full.copy()
        holes[::5] = pd.NA
        yield f"nullable_{kind}", {"a": full, "x": floats}
        yield f"nullable_{kind}_with_nulls", {"a": holes, "x": floats}
    yield "string", {"a": pd.array(words, dtype="string"), "x": floats}
    yield "list_of_int", {"a": [list(map(int, random.integers(0, 9, 3))) for _ in range(ROWS)], "x": floats}
    yield "list_of_float", {"a": [list(map(float, random.normal(size=2))) for _ in range(ROWS)]}
    yield "dict", {"a": [{"p": int(k), "q": "z"} for k in small], "x": floats}
    yield "date", {"a": [datetime.date(2018, 1, 1) + datetime.timedelta(days=int(k)) for k in small], "x": floats}
    yield "decimal", {"a": [decimal.Decimal(int(k)) / 10 for k in small], "x": floats}
    yield "bytes", {"a": [bytes([int(k)]) for k in small], "x": floats}


def frames_of_classes():
    """Targets of several types; in `a`, only the rows of one class have missing values."""
    random = np.random.default_rng(5)
    floats, place = random.normal(size=ROWS), random.integers(0, 3, ROWS)
    texts = np.array(["no", "yes", "maybe"], dtype=object)[place]
    whole = pd.array(random.integers(0, 9, ROWS), dtype="Int64")
    whole[place == 0] = pd.NA
    yield "text", {"y": texts, "x": floats, "a": whole}
    yield "text_with_nulls", {"y": np.where(np.arange(ROWS) % 7 == 0, None, texts), "x": floats, "a": np.arange(ROWS)}
    yield "int", {"y": place * 10 - 10, "x": floats, "a": np.where(place == 1, np.nan, np.arange(ROWS))}
    yield "float_with_nulls", {"y": np.where(np.arange(ROWS) % 7 == 0, np.nan, place), "x": floats}
    yield "bool", {"y": place == 0, "a": np.where(place == 1, None, floats > 0), "x": floats}
    yield "category", {"y": pd.Categorical(texts, categories=["yes", "no", "maybe"]), "x": floats}
    yield "nullable", {"y": pd.array(place, dtype="Int64"), "x": floats, "a": np.arange(ROWS)}


def assign_classes():
    """The rows of each split by their number in the file, in their order."""
    assigned = {}
    for name, columns in frames_of_classes():
        path = FOLDER / f"classes_{name}.parquet"
        pd.DataFrame(columns).to_parquet(path)
        kept = pd.read_parquet(path).dropna(how="any", subset=["y"])
        parts = reference._perform_stratified_split_per_class(kept, [0.6, 0.2, 0.2], "y")
        assigned[name] = [part.index.tolist() for part in parts]
    (FOLDER / "assigned_classes.json").write_text(json.dumps(assigned) + "\n")


ORIGINAL = reference._make_elem_hashable


def as_under_numpy_1(value):
    if isinstance(value, np.ndarray):
        return value.shape, tuple(value.flatten(order="C").tolist())
    return ORIGINAL(value)


def main():
    made = {name: pd.DataFrame(columns) for name, columns in frames()}
    made["index"] = made["int64"].set_index(pd.Index(np.random.default_rng(1).permutation(ROWS) * 3))
    made["duplicate_index"] = pd.concat([made["int64"], made["int32"].astype("int64")])
    made["text_index"] = made["int64"].set_index(pd.Index([f"k{i}" for i in range(ROWS)]))
    reference._make_elem_hashable = as_under_numpy_1
    assigned = {}
    for name, frame in made.items():
        path = FOLDER / f"{name}.parquet"
        frame.to_parquet(path)
        buckets = reference._create_hash_buckets(pd.read_parquet(path), n_jobs=1)
        assigned[name] = "".join("0" if b < 0.75 else "1" if b < 0.875 else "2" for b in buckets)
    (FOLDER / "assigned.json").write_text(json.dumps(assigned, indent=1) + "\n")
    assign_classes()


if __name__ == "__main__":
    main()

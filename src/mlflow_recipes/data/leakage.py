"""What the splits share that they should not: rows, groups, times; and features that give the target away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data import predictors
from mlflow_recipes.data.dataset import shown_names
from mlflow_recipes.data.division import NAMES
from mlflow_recipes.data.hashing import column_hashes
from mlflow_recipes.data.named_columns import column_of, missing_in
from mlflow_recipes.data.times import is_time, read_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

    from mlflow_recipes.config.splits import Split

_EXAMPLES = 3
_EXAMPLE_COLUMNS = 12
_TEXT = 60
_PAIRS = ((0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class Parts:
    """Training, validation and test rows.

    Attributes:
        tables: Three tables of the same columns.
        contents: For each the hash of every row's content, shape (rows,), uint64.
    """

    tables: tuple[pa.Table, pa.Table, pa.Table]
    contents: tuple[np.ndarray, np.ndarray, np.ndarray]


def leakage(parts: Parts, options: Split, features: Sequence[str], targets: Sequence[str]) -> dict[str, Any]:
    """The leakage report.

    Args:
        parts: The splits, with the columns that are dropped later.
        options: Which columns hold groups and times, and what is allowed.
        features: Columns that models get.
        targets: Columns to predict.

    Returns:
        Plain JSON data: {"duplicates": {"rows", "share", "pairs" ([later, earlier, rows]), "examples" ({"columns",
        "rows"})}, "groups": [{"column", "values", "rows", "examples"}], "times": [{"column", "spans" (split -> [first,
        last]), "overlap" (split -> rows before the end of an earlier one), "checked"}], "features": what
        `predictors.suspects` gives, "sampled": training rows that those were looked for in, None for all, "findings":
        what is a sign of leakage, a sentence each}.
    """
    found: dict[str, Any] = {
        "duplicates": _duplicates(parts),
        "groups": [_group(parts, name) for name in _group_columns(parts, options)],
        "times": _times(parts, options),
        **_features(parts, [name for name in features if name not in options.leakage.trusted], targets),
    }
    return {**found, "findings": _findings(found, options)}


# Rows


def _duplicates(parts: Parts) -> dict[str, Any]:
    """Validation and test rows whose content is in an earlier split, too; the index does not count."""
    import numpy as np

    twice = _twice(np.concatenate(parts.contents))
    candidates = [np.flatnonzero(_among(hashes, twice)) for hashes in parts.contents]
    values = [hashes[positions] for hashes, positions in zip(parts.contents, candidates, strict=True)]
    pairs, shared = [], [np.zeros(len(hashes), dtype=bool) for hashes in parts.contents]
    for early, late in _PAIRS:
        both = candidates[late][_among(values[late], values[early])]
        shared[late][both] = True
        pairs.append([NAMES[late], NAMES[early], len(both)])
    rows = int(shared[1].sum() + shared[2].sum())
    total = len(shared[1]) + len(shared[2])
    return {"rows": rows, "share": rows / (total or 1), "pairs": pairs, "examples": _examples(parts, shared)}


def _twice(hashes: np.ndarray) -> np.ndarray:
    """The values that are there more than once."""
    import numpy as np

    ordered = np.sort(hashes)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def _among(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(others):
        return np.zeros(len(values), dtype=bool)
    found: np.ndarray = pc.is_in(pa.array(values), value_set=pa.array(others)).to_numpy(zero_copy_only=False)
    return found


def _examples(parts: Parts, shared: Sequence[np.ndarray]) -> dict[str, Any]:
    """The shared rows of the smallest hashes, as text, with the split that each is in."""
    import numpy as np

    columns = shown_names(parts.tables[0].schema)[:_EXAMPLE_COLUMNS]
    rows = []
    for number in (1, 2):
        positions = np.flatnonzero(shared[number])
        chosen = positions[np.argsort(parts.contents[number][positions], kind="stable")[:_EXAMPLES]]
        taken = parts.tables[number].select(columns).take(chosen).to_pydict()
        cells = [[_text(value) for value in taken[name]] for name in columns]
        rows += [[NAMES[number], *row] for row in zip(*cells, strict=True)]
    return {"columns": ["split", *columns], "rows": rows[:_EXAMPLES]}


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 3]}..."


# Groups and times


def _group_columns(parts: Parts, options: Split) -> list[str]:
    """The columns of groups, as far as the user's functions left them."""
    divided_by = [options.column] if options.using in ("group", "kfold") else []
    known = shown_names(parts.tables[0].schema)
    return [name for name in dict.fromkeys([*divided_by, *options.leakage.groups]) if name in known]


def _group(parts: Parts, name: str) -> dict[str, Any]:
    """Values of a column that are in more than one split, and how many rows have them."""
    import numpy as np
    import pandas as pd

    found = []
    for table in parts.tables:
        present = np.flatnonzero(~missing_in(column_of(table, name, "steps.split.leakage.groups")))
        found.append((present, column_hashes(table, name)[present]))
    counts = pd.Series(np.concatenate([pd.unique(hashes) for _, hashes in found])).value_counts()
    shared = np.sort(counts.index[counts > 1].to_numpy())
    rows = sum(int(_among(hashes, shared).sum()) for _, hashes in found)
    examples = []
    for value in shared[:_EXAMPLES]:
        table, at = next((t, p[h == value][0]) for t, (p, h) in zip(parts.tables, found, strict=True) if value in h)
        examples.append(_text(table.column(name)[int(at)].as_py()))
    return {"column": name, "values": len(shared), "rows": rows, "examples": examples}


def _times(parts: Parts, options: Split) -> list[dict[str, Any]]:
    """When the rows of each split are, by every column of times."""
    table = parts.tables[0]
    checked = options.leakage.time or (options.column if options.using == "time" else None)
    checked = checked if checked in shown_names(table.schema) else None
    names = [name for name in shown_names(table.schema) if name != checked and is_time(table.schema.field(name).type)]
    return [_span(parts, name, checked=name == checked) for name in [*([checked] if checked else []), *names]]


def _span(parts: Parts, name: str, *, checked: bool) -> dict[str, Any]:
    spans: dict[str, list[str]] = {}
    overlap: dict[str, int] = {}
    latest = None
    for part, table in zip(NAMES, parts.tables, strict=True):
        times = read_times(table, name, "steps.split.leakage.time")
        values = times.values[~times.missing]
        if not len(values):
            continue
        spans[part] = [times.text(values.min()), times.text(values.max())]
        overlap[part] = 0 if latest is None else int((values <= latest).sum())
        latest = values.max() if latest is None else max(latest, values.max())
    return {"column": name, "spans": spans, "overlap": overlap, "checked": checked}


# Features


def _features(parts: Parts, features: Sequence[str], targets: Sequence[str]) -> dict[str, Any]:
    training, hashes = parts.tables[0], parts.contents[0]
    chosen = predictors.sample(hashes, len(features))
    found = predictors.suspects(training.select([*features, *targets]).take(chosen), features, targets)
    return {"features": found, "sampled": len(chosen) if len(chosen) < len(hashes) else None}


# What is said


def _findings(found: dict[str, Any], options: Split) -> list[str]:
    duplicates = found["duplicates"]
    lines = []
    if duplicates["rows"] and duplicates["share"] > options.leakage.duplicates:
        pairs = ", ".join(f"{rows:,} {late} rows in {early}" for late, early, rows in duplicates["pairs"] if rows)
        lines.append(
            f"{duplicates['rows']:,} validation and test rows ({100 * duplicates['share']:.3g} %) are in another "
            f"split, too: {pairs}"
        )
    for group in found["groups"]:
        if group["values"]:
            shown = ", ".join(f"'{example}'" for example in group["examples"])
            lines.append(
                f"{group['values']:,} values of '{group['column']}', in {group['rows']:,} rows, are in more than one "
                f"split, such as {shown}"
            )
    for times in found["times"]:
        late = {part: rows for part, rows in times["overlap"].items() if rows}
        if times["checked"] and late:
            counted = ", ".join(f"{rows:,} {part} rows" for part, rows in late.items())
            lines.append(f"the splits overlap in '{times['column']}': {counted} are not after every earlier split")
    return lines + [
        f"'{one['column']}' alone explains {100 * one['explained']:.1f} % of the order of '{one['target']}': is it "
        "known when a prediction is made?"
        for one in found["features"]
    ]

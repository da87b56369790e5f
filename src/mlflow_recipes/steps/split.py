"""Split: divides the ingested rows into training, validation and test data.

In: `ingested_data`; `steps.split` (using, split_ratios, split_method, post_split_method, post_split_filter_method).
Out: `training_data`, `validation_data`, `test_data`. Rows without a target are dropped and counted.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data import splitting
from mlflow_recipes.data.dataset import Dataset
from mlflow_recipes.data.profile import profile
from mlflow_recipes.data.tables import flaw_of_names, to_dataset
from mlflow_recipes.data.targets import holds_numbers
from mlflow_recipes.errors import DataError, UserCodeError
from mlflow_recipes.steps.contract import StepContext, StepResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlflow_recipes.user_code import UserFunction

NAMES = ("training", "validation", "test")
LABELS = ("TRAINING", "VALIDATION", "TEST")
_LEAST_ROWS = 4
_FILE = "steps/split.py"

Frames = tuple["pd.DataFrame", "pd.DataFrame", "pd.DataFrame"]


def run(context: StepContext) -> StepResult:
    """Drop rows without a target, divide, hand the parts to the user's functions, check them."""
    options = context.config.steps.split
    ingested = context.inputs.table(context.spec.inputs[0])
    targets = context.config.target_cols
    frame = ingested.pandas().dropna(subset=list(targets))
    dropped = ingested.rows - len(frame)
    if dropped:
        context.say(f"dropped {dropped:,} rows without a value in {' or '.join(map(repr, targets))}")
    parts = _divide(context, frame)
    before = [len(part) for part in parts]
    function, parts = _post_process(context, parts)
    warnings = [*_differing_types(parts), *_check_sizes(parts)]
    for warning in warnings:
        context.say(warning)
    filtered = {name: old - len(part) for name, old, part in zip(NAMES, before, parts, strict=True)}
    for name, old in zip(NAMES, before, strict=True):
        if filtered[name] > 0:
            context.say(f"{name}: filtered out {filtered[name]:,} of {old:,} rows")
    tables = {f"{name}_data": _as_dataset(part, function) for name, part in zip(NAMES, parts, strict=True)}
    facts = {
        "sizes": {name: tables[f"{name}_data"].rows for name in NAMES},
        "dropped_null_target": dropped,
        "filtered": filtered,
        "ratios": list(options.split_ratios) if options.using == "split_ratios" else None,
        "method": options.split_method,
        "warnings": warnings,
    }
    profiled = not options.skip_data_profiling
    return StepResult(
        tables=tables,
        facts=facts,
        rows=sum(len(part) for part in parts),
        describe=lambda: _described(tables, targets, profiled=profiled),
    )


def _divide(context: StepContext, frame: pd.DataFrame) -> Frames:
    options = context.config.steps.split
    if options.using == "split_ratios":
        return splitting.split(frame, options.split_ratios)
    function = context.user.function(_FILE, str(options.split_method), key="steps.split.split_method")
    labels = _checked_labels(function, function(frame.copy()), frame)
    first, second, third = ((frame[labels == label]).reset_index(drop=True) for label in LABELS)
    return first, second, third


def _checked_labels(function: UserFunction, labels: Any, frame: pd.DataFrame) -> Any:
    """The labels of a custom split as an array in the order of the frame's rows."""
    import pandas as pd

    expected = f"expected a pandas Series of {', '.join(LABELS)}, one for each of the {len(frame):,} rows"
    if not isinstance(labels, pd.Series):
        raise _wrong(function, f"returned {_kind(labels)}; {expected}.")
    if len(labels) != len(frame):
        raise _wrong(function, f"returned {len(labels):,} labels; {expected}.")
    if not labels.index.equals(frame.index):
        if set(labels.index) != set(frame.index) or not labels.index.is_unique:
            raise _wrong(
                function,
                f"returned labels with another index than the rows it was given; {expected}.",
                "Build the Series with `index=df.index`: rows without a target were dropped before, so the index "
                "may have gaps.",
            )
        labels = labels.reindex(frame.index)
    unknown = sorted({str(label) for label in labels.unique()} - set(LABELS))
    if unknown:
        raise _wrong(function, f"returned the labels {', '.join(unknown[:10])}; {expected}.")
    return labels.to_numpy()


def _post_process(context: StepContext, parts: Frames) -> tuple[UserFunction | None, Frames]:
    """The parts as the user's function leaves them, and that function where it may have changed what they hold."""
    options = context.config.steps.split
    if options.post_split_method:
        function = context.user.function(_FILE, options.post_split_method, key="steps.split.post_split_method")
        processed = function(*(part.copy() for part in parts))
        return function, _checked_parts(function, processed, context.config.target_cols)
    if options.post_split_filter_method:
        key = "steps.split.post_split_filter_method"
        function = context.user.function(_FILE, options.post_split_filter_method, key=key)
        filtered = 3 if options.post_split_filter_scope == "all" else 1
        first, second, third = (_filter(function, p) if i < filtered else p for i, p in enumerate(parts))
        return None, (first, second, third)
    return None, parts


def _checked_parts(function: UserFunction, parts: Any, targets: Sequence[str]) -> Frames:
    import pandas as pd

    if not isinstance(parts, tuple | list) or len(parts) != 3 or not all(isinstance(p, pd.DataFrame) for p in parts):
        raise _wrong(function, f"returned {_kind(parts)}; expected three DataFrames: training, validation, test.")
    if flaw := next(filter(None, map(flaw_of_names, parts)), None):
        raise _wrong(function, f"returned a table that cannot be kept: {flaw}.")
    columns = [list(part.columns) for part in parts]
    if not columns[0] == columns[1] == columns[2]:
        differing = sorted({str(name) for part in columns for name in part if any(name not in c for c in columns)})
        what = f": {', '.join(differing[:10])} not in all of them" if differing else ": their order differs"
        raise _wrong(function, f"returned DataFrames with different columns{what}.")
    for target in targets:
        if target not in columns[0]:
            raise _wrong(function, f"returned DataFrames without the target column '{target}'.")
    for target, (name, part) in itertools.product(targets, zip(NAMES, parts, strict=True)):
        if not holds_numbers(part[target]):
            kind = part[target].dtype
            raise _wrong(
                function, f"returned a target column '{target}' of {kind} in the {name} data; expected numbers."
            )
    return parts[0], parts[1], parts[2]


def _differing_types(parts: Frames) -> list[str]:
    """A remark for each column that is of one type in some parts and of another in others."""
    found = []
    for column in parts[0].columns:
        kinds = {name: str(part[column].dtype) for name, part in zip(NAMES, parts, strict=True)}
        if len(set(kinds.values())) > 1:
            shown = ", ".join(f"{kind} in {name}" for name, kind in kinds.items())
            found.append(f"the column '{column}' differs in type: {shown}")
    return found


def _as_dataset(part: pd.DataFrame, function: UserFunction | None) -> Dataset:
    if function is None:
        return Dataset.from_pandas(part)
    lead = "returned a table that cannot be kept"
    return to_dataset(part, function.name, lambda what, hint: _wrong(function, f"{lead}: {what}", hint))


def _filter(function: UserFunction, part: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    keep = function(part.copy())
    expected = f"expected a boolean Series, True = keep, with one value for each of the {len(part):,} rows"
    if not isinstance(keep, pd.Series) or len(keep) != len(part):
        raise _wrong(function, f"returned {_kind(keep)}; {expected}.")
    if not pd.api.types.is_bool_dtype(keep.dtype):
        raise _wrong(function, f"returned a Series of {keep.dtype}; {expected}.")
    if keep.isna().any():
        raise _wrong(function, f"returned {int(keep.isna().sum()):,} missing values; {expected}.")
    kept: pd.DataFrame = part[keep.to_numpy(dtype=bool)]
    return kept


def _check_sizes(parts: Frames) -> list[str]:
    """Refuse splits too small to work with; warn of empty ones first, as the reason.

    Raises:
        DataError: A part has fewer than four rows.
    """
    sizes = {name: len(part) for name, part in zip(NAMES, parts, strict=True)}
    if min(sizes.values()) < _LEAST_ROWS:
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        raise DataError(
            f"Each split needs at least {_LEAST_ROWS} rows; got {shown}.",
            where="steps.split",
            hint="Ingest more rows, change `split_ratios`, or see what the filter in steps/split.py removes.",
        )
    smallest = min(sizes, key=lambda name: sizes[name])
    return [f"the {smallest} split has only {sizes[smallest]} rows"] if sizes[smallest] < 30 else []


def _described(tables: dict[str, Dataset], targets: Sequence[str], *, profiled: bool) -> dict[str, Any]:
    profiles = {name: profile(tables[f"{name}_data"].table) for name in NAMES}
    columns: dict[str, Any] = {
        target: {n: next((c for c in p["columns"] if c["name"] == target), {}) for n, p in profiles.items()}
        for target in targets
    }
    shown = profiles if profiled else None
    return {"profiles": shown, "target": columns[targets[0]], "targets": columns if len(targets) > 1 else None}


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    size = f" of length {len(value):,}" if hasattr(value, "__len__") else ""
    return f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}{size}".removeprefix("builtins.")


def _wrong(function: UserFunction, what: str, hint: str | None = None) -> UserCodeError:
    return UserCodeError(
        f"{function.name} {what}", where=f"{function.file}:{function.line}", hint=hint or f"Correct {function.name}."
    )

"""Split: divides the ingested rows into training, validation and test data.

In: what the step before gives; `steps.split` (using and what goes with it, post_split_method,
post_split_filter_method, drop, leakage, on_leak).
Out: `training_data`, `validation_data`, `test_data`; `training_folds`, what a search needs to score trials the same
way. Rows without a target are dropped and counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.tasks import NUMBERS
from mlflow_recipes.data import histograms, leakage
from mlflow_recipes.data.class_counts import class_counts, small_classes
from mlflow_recipes.data.class_profiles import class_profiles
from mlflow_recipes.data.columns import NUMBER, family
from mlflow_recipes.data.dataset import Dataset, shown_names
from mlflow_recipes.data.division import NAMES, Division, Rows
from mlflow_recipes.data.fold_keys import fold_keys
from mlflow_recipes.data.hashing import row_hashes
from mlflow_recipes.data.labels import codes_of, labels_in
from mlflow_recipes.data.leakage import Parts
from mlflow_recipes.data.named_columns import check_columns, missing_in
from mlflow_recipes.data.profile import profile
from mlflow_recipes.data.rows import Taker, without
from mlflow_recipes.data.splitting import divide
from mlflow_recipes.errors import CheckError, DataError
from mlflow_recipes.steps.contract import StepContext, StepResult
from mlflow_recipes.steps.split_code import custom_division, kept_by_filter, processed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from mlflow_recipes.config.splits import Split

_LEAST_ROWS = 4


def run(context: StepContext) -> StepResult:
    """Leave out rows without a target, divide, hand the parts to the user's functions, check them."""
    options = context.config.steps.split
    rows = _rows(context)
    division = custom_division(context, rows) if options.using == "custom" else divide(rows, options)
    parts, before = _taken(rows, division, keep_index=options.using != "custom"), division.sizes
    parts, odd = _post_process(context, parts)
    sizes = {name: table.num_rows for name, table in zip(NAMES, parts.tables, strict=True)}
    warnings = [*division.warnings, *odd, *_check_sizes(sizes, division)]
    classes, rare = _classes(context, parts)
    warnings += rare
    filtered = {name: before[name] - sizes[name] for name in NAMES}
    _tell(context, rows, division, warnings)
    _tell_filtered(context, filtered, before)
    found = _leakage(context, parts)
    tables = {
        f"{name}_data": Dataset(table=without(table, options.drop)) if options.drop else Dataset(table=table)
        for name, table in zip(NAMES, parts.tables, strict=True)
    }
    facts = {
        "using": options.using,
        "sizes": sizes,
        "dropped_null_target": int((~rows.kept).sum()),
        "left_out": division.left_out,
        "filtered": filtered,
        "ratios": list(options.split_ratios) if options.using == "split_ratios" else None,
        "method": options.split_method,
        "division": division.facts,
        "dropped_columns": list(options.drop),
        "leakage": found,
        "classes": classes,
        "warnings": warnings,
    }
    return StepResult(
        tables={**tables, "training_folds": Dataset(table=fold_keys(parts.tables[0], parts.contents[0], options))},
        facts=facts,
        rows=sum(sizes.values()),
        describe=lambda: _described(context, tables, classes) | _over_time(rows, division, options),
    )


def _rows(context: StepContext) -> Rows:
    """The rows of the step before, with those that have no target marked.

    Raises:
        DataError: A column that the recipe names is not there.
    """
    import numpy as np

    table, targets = context.inputs.table(context.spec.inputs[0]).table, context.config.target_cols
    options = context.config.steps.split
    check_columns(table, targets, "target_col")
    report = options.leakage
    named = {"drop": options.drop, "leakage.groups": report.groups, "leakage.trusted": report.trusted}
    named["leakage.time"] = (report.time,) if report.time else ()
    for key, names in named.items():
        check_columns(table, names, f"steps.split.{key}")
    missing = [missing_in(table.column(target)) for target in targets]
    kept = ~np.logical_or.reduce(missing)
    return Rows(table, kept, row_hashes(table), targets, _codes(context) if kept.any() else None)


def _codes(context: StepContext) -> np.ndarray | None:
    """The class of each row, -1 without one; None of numbers."""
    if context.config.task == NUMBERS:
        return None
    [name] = context.config.target_cols
    column = context.inputs.table(context.spec.inputs[0]).columns([name])[name]
    return codes_of(column, labels_in(column))


def _classes(context: StepContext, parts: Parts) -> tuple[dict[str, Any] | None, list[str]]:
    """The classes and their rows in each split, and what is odd about them; None of numbers."""
    if context.config.task == NUMBERS:
        return None, []
    [name] = context.config.target_cols
    columns = {n: Dataset(table=table).columns([name])[name] for n, table in zip(NAMES, parts.tables, strict=True)}
    found = class_counts(columns, context.config.positive_class)
    return found, small_classes(**found)


def _taken(rows: Rows, division: Division, *, keep_index: bool) -> Parts:
    taker = Taker(rows.table)
    chosen: list[np.ndarray] = [division.parts == number for number in range(len(NAMES))]
    if division.order is not None:
        chosen = [division.order[mask[division.order]] for mask in chosen]
    first, second, third = (taker.take(each, keep_index=keep_index) for each in chosen)
    one, two, three = (rows.hashes.content[each] for each in chosen)
    return Parts((first, second, third), (one, two, three))


def _post_process(context: StepContext, parts: Parts) -> tuple[Parts, list[str]]:
    """The parts as the user's functions leave them, and what is odd about that."""
    options = context.config.steps.split
    if options.post_split_method:
        first, second, third = (table.to_pandas() for table in parts.tables)
        datasets, odd = processed(context, (first, second, third))
        tables = datasets[0].table, datasets[1].table, datasets[2].table
        one, two, three = (row_hashes(table).content for table in tables)
        return Parts(tables, (one, two, three)), odd
    if options.post_split_filter_method:
        filtered = len(NAMES) if options.post_split_filter_scope == "all" else 1
        kept = [kept_by_filter(context, table.to_pandas()) for table in parts.tables[:filtered]]
        tables = *(Taker(t).take(k) for t, k in zip(parts.tables, kept, strict=False)), *parts.tables[filtered:]
        contents = *(c[k] for c, k in zip(parts.contents, kept, strict=False)), *parts.contents[filtered:]
        return Parts(tables, contents), []
    return parts, []


def _check_sizes(sizes: dict[str, int], division: Division) -> list[str]:
    """Refuse splits too small to work with; remark on small ones.

    Raises:
        DataError: A part has fewer than four rows.
    """
    if min(sizes.values()) < _LEAST_ROWS:
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        left_out = "".join(f" {count:,} rows were left out: {why}." for why, count in division.left_out.items())
        raise DataError(
            f"Each split needs at least {_LEAST_ROWS} rows; got {shown}."
            f"{left_out}{' ' if division.why else ''}{division.why}",
            where="steps.split",
            hint=division.hint,
        )
    smallest = min(sizes, key=lambda name: sizes[name])
    return [f"the {smallest} split has only {sizes[smallest]} rows"] if sizes[smallest] < 30 else []


def _tell(context: StepContext, rows: Rows, division: Division, warnings: Sequence[str]) -> None:
    dropped = int((~rows.kept).sum())
    if dropped:
        targets = " or ".join(map(repr, context.config.target_cols))
        context.say(f"dropped {dropped:,} rows without a value in {targets}")
    for why, count in division.left_out.items():
        context.say(f"left out {count:,} rows: {why}")
    for warning in warnings:
        context.say(warning)


def _tell_filtered(context: StepContext, filtered: dict[str, int], before: dict[str, int]) -> None:
    for name, count in filtered.items():
        if count > 0:
            context.say(f"{name}: filtered out {count:,} of {before[name]:,} rows")


def _leakage(context: StepContext, parts: Parts) -> dict[str, Any]:
    """The leakage report, said as far as it found something.

    Raises:
        CheckError: It found something, and `on_leak` is `fail`.
    """
    config, options = context.config, context.config.steps.split
    kept_from_models = {*config.non_features, *options.drop}
    features = [name for name in shown_names(parts.tables[0].schema) if name not in kept_from_models]
    found = leakage.leakage(parts, options, features, config.target_cols)
    if found["findings"] and options.on_leak == "fail":
        raise CheckError(
            "\n".join(["The splits leak:", *(f"  - {line}" for line in found["findings"]), *_example_lines(found)]),
            where="steps.split.on_leak",
            hint="Correct the data or the split, name what is right in `leakage`, or set `on_leak: warn`.",
        )
    for line in found["findings"]:
        context.say(f"leakage: {line}")
    return found


def _example_lines(found: dict[str, Any]) -> list[str]:
    """Rows that are in two splits."""
    examples = found["duplicates"]["examples"]
    named = (zip(examples["columns"], row, strict=True) for row in examples["rows"])
    rows = [", ".join(f"{name} {cell}" for name, cell in cells) for cells in named]
    return ["    such as:", *(f"      {row}" for row in rows)] if rows else []


def _described(context: StepContext, tables: dict[str, Dataset], classes: dict[str, Any] | None) -> dict[str, Any]:
    targets, profiled = context.config.target_cols, not context.config.steps.split.skip_data_profiling
    profiles = {name: profile(tables[f"{name}_data"].table) for name in NAMES}
    columns: dict[str, Any] = {
        target: {n: next((c for c in p["columns"] if c["name"] == target), {}) for n, p in profiles.items()}
        for target in targets
    }
    several = columns if len(targets) > 1 else None
    return {
        "profiles": profiles if profiled else None,
        "class_profiles": _class_profiles(context, tables["training_data"], classes) if profiled else None,
        "target": columns[targets[0]],
        "targets": several,
        **_distributed(tables, targets),
    }


def _class_profiles(context: StepContext, training: Dataset, classes: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the training rows of each class are like; None of numbers."""
    if classes is None:
        return None
    counts = classes["labels"], classes["counts"]["training"]
    return class_profiles(training.table, context.config.target_cols[0], counts, context.config.positive_class)


def _distributed(tables: dict[str, Dataset], targets: Sequence[str]) -> dict[str, Any]:
    """Each numeric target's distribution over the splits."""
    import numpy as np
    import pandas as pd

    def values(target: str, part: str) -> np.ndarray:
        numbers = pd.to_numeric(tables[f"{part}_data"].columns([target])[target], errors="coerce")
        return numbers.to_numpy(dtype=float, na_value=np.nan)

    kinds = tables["training_data"].schema
    numeric = [target for target in targets if family(kinds.field(target).type) == NUMBER]
    shown = {target: histograms.shared({part: values(target, part) for part in NAMES}) for target in numeric}
    return {"target_distributions": shown}


def _over_time(rows: Rows, division: Division, options: Split) -> dict[str, Any]:
    """Where in time the splits are, if they are divided by it; before the user's functions leave out rows."""
    if options.using != "time":
        return {"over_time": None}
    parts = {name: division.parts == number for number, name in enumerate(NAMES)}
    return {"over_time": histograms.over_time(rows.table, str(options.column), parts)}

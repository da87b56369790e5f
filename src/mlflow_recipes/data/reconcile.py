"""Files whose columns differ: brought to one schema by declared rules, or refused with a table of what differs.

The rules are those that months of real data need: `widen` (int32 and int64, int64 and double, second and microsecond),
`typed_nulls` (a column without a type, since it held nothing, where others have one), `missing_columns` (a column that
some files do not have yet). Numbers are widened as pandas and numpy do, so a table is the same however it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.config.ingesting import RULES
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

MISSING = "missing"
_MOST_COLUMNS = 20
_MOST_FILES = 6
_MOST_TOLD = 200
_UNITS = ("s", "ms", "us", "ns")


@dataclass(frozen=True)
class Difference:
    """A column that is not the same in every file.

    Attributes:
        kinds: Its Arrow type in each file, `missing` where it is not there.
        rules: What it takes to reconcile them.
        common: The type they have in common; None where there is none.
    """

    column: str
    kinds: tuple[str, ...]
    rules: tuple[str, ...]
    common: str | None


def reconcile(
    files: Sequence[tuple[str, pa.Schema]], allowed: Sequence[str] | None
) -> tuple[pa.Schema, list[Difference]]:
    """One schema for files, and where they differ from one another; columns in the order of first appearance.

    Args:
        files: Name and schema of each, at least one; column names are unique in each.
        allowed: Rules that may be applied; None for all.

    Raises:
        DataError: They differ in a way that no rule covers, or by a rule that is not allowed.
    """
    import pyarrow as pa

    schemas = [schema for _, schema in files]
    if all(schema.equals(schemas[0]) for schema in schemas):
        return _bare(schemas[0]), []
    kinds = [dict(zip(schema.names, schema.types, strict=True)) for schema in schemas]
    fields, differences = [], []
    for name in dict.fromkeys(name for schema in schemas for name in schema.names):
        found = [types.get(name) for types in kinds]
        common = common_type(kind for kind in found if kind is not None)
        fields.append(pa.field(name, common or pa.null()))
        if len({str(kind) for kind in found}) > 1 and (common is None or (rules := _rules(found))):
            shown = tuple(MISSING if kind is None else str(kind) for kind in found)
            needed = ("widen",) if common is None else tuple(rules)
            differences.append(Difference(name, shown, needed, None if common is None else str(common)))
    _refuse_what_is_not_allowed([name for name, _ in files], differences, allowed)
    return pa.schema(fields), differences


def _bare(schema: pa.Schema) -> pa.Schema:
    """Names and types alone: whether values may be missing, and what writers noted, does not matter."""
    import pyarrow as pa

    return pa.schema([pa.field(name, kind) for name, kind in zip(schema.names, schema.types, strict=True)])


def _rules(found: Sequence[pa.DataType | None]) -> list[str]:
    """What it takes to bring these types of one column together; nothing where they only are stored differently."""
    import pyarrow as pa

    there = [kind for kind in found if kind is not None]
    typed = [kind for kind in there if not pa.types.is_null(kind)]
    rules = ["widen"] if len({_meaning(kind) for kind in typed}) > 1 else []
    rules += ["typed_nulls"] if typed and len(typed) < len(there) else []
    return rules + (["missing_columns"] if len(there) < len(found) else [])


def _meaning(kind: pa.DataType) -> str:
    """A type without how it is stored: texts are texts, with short or long offsets, or as a dictionary."""
    return "text" if _is_text(kind) else "bytes" if _is_bytes(kind) else str(kind)


def common_type(types: Iterable[pa.DataType]) -> pa.DataType | None:
    """The type that can hold the values of all of them as pandas would hold them; None where there is none.

    Args:
        types: At least one; Arrow's null counts for nothing beside others.
    """
    import pyarrow as pa

    distinct = list(dict.fromkeys(types))
    typed = [kind for kind in distinct if not pa.types.is_null(kind)]
    if len(typed) < 2:
        return typed[0] if typed else pa.null()
    if all(map(_is_text, typed)):
        return pa.large_string()
    if all(map(_is_number, typed)):
        return _common_number(typed)
    if all(pa.types.is_timestamp(kind) or pa.types.is_date(kind) for kind in typed):
        return _common_time(typed)
    same_kind = len({kind.id for kind in typed}) == 1 or all(map(_is_bytes, typed)) or all(map(pa.types.is_time, typed))
    return _unified(typed) if same_kind else None


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view")


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or str(kind) == "binary_view")


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _common_number(types: Sequence[pa.DataType]) -> pa.DataType | None:
    import numpy as np
    import pyarrow as pa

    if any(map(pa.types.is_decimal, types)):
        return pa.float64() if any(map(pa.types.is_floating, types)) else _unified(types)
    return pa.from_numpy_dtype(np.result_type(*(kind.to_pandas_dtype() for kind in types)))


def _common_time(types: Sequence[pa.DataType]) -> pa.DataType | None:
    """Dates are midnights; the finest unit wins; moments of several zones are told in UTC, but not local times."""
    import pyarrow as pa

    stamps = [kind for kind in types if pa.types.is_timestamp(kind)]
    zones = {kind.tz for kind in stamps}
    if not stamps:
        return pa.date32()
    if None in zones and len(zones) > 1:
        return None
    if zones != {None} and len(stamps) < len(types):
        return None
    unit = max((kind.unit for kind in stamps), key=_UNITS.index)
    return pa.timestamp(unit, zones.pop() if len(zones) == 1 else "UTC")


def _unified(types: Sequence[pa.DataType]) -> pa.DataType | None:
    import pyarrow as pa

    try:
        schemas = [pa.schema([pa.field("", kind)]) for kind in types]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return None


# Refusing


def _refuse_what_is_not_allowed(
    names: Sequence[str], differences: Sequence[Difference], allowed: Sequence[str] | None
) -> None:
    rules = RULES if allowed is None else allowed
    refused = [each for each in differences if each.common is None or set(each.rules) - set(rules)]
    if not refused:
        return
    asked = {rule for each in refused if each.common is not None for rule in each.rules}
    never = [each.column for each in refused if each.common is None]
    count = f"{len(refused):,} column" + "s" * (len(refused) > 1)
    enough = ", ".join(rule for rule in RULES if rule in rules or rule in asked)
    hint = f"Allow it with `reconcile: [{enough}]`, or leave files or columns out."
    if never:
        hint = (
            f"No rule turns these types into one: bring {', '.join(map(repr, never[:5]))} to one type in the files, "
            "leave it out with `columns`, or read the files in a `loader_method`."
        )
    raise DataError(
        f"The files differ in {count}, which `reconcile` does not allow:\n{_table(names, refused)}",
        where="steps.ingest.reconcile",
        hint=hint,
    )


def _table(names: Sequence[str], differences: Sequence[Difference]) -> str:
    """Columns down, files across; files that are alike in all these columns are told once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for position, name in enumerate(names):
        alike.setdefault(tuple(each.kinds[position] for each in differences), []).append(name)
    groups = list(alike.items())[:_MOST_FILES]
    heads = [f"{found[0]} (and {len(found) - 1} like it)" if len(found) > 1 else found[0] for _, found in groups]
    rows = [["column", *heads, "needs"]]
    for index, each in enumerate(differences[:_MOST_COLUMNS]):
        needs = "one type" if each.common is None else ", ".join(each.rules)
        rows.append([repr(each.column[:60])[1:-1], *(kinds[index] for kinds, _ in groups), needs])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    more = len(differences) - _MOST_COLUMNS
    lines += [f"  and {more:,} further columns"] if more > 0 else []
    lines += [f"  and {len(alike) - _MOST_FILES:,} further kinds of files"] if len(alike) > _MOST_FILES else []
    return "\n".join(lines)


# Telling


def told(differences: Sequence[Difference], files: int) -> str:
    """What was reconciled, in one line.

    >>> told([Difference("id", ("int64", "int32"), ("widen",), "int64")], 2)
    'reconciled 1 column between 2 files: id (int64, int32 -> int64)'
    """
    shown = [
        f"{each.column} ({', '.join(kind for kind in dict.fromkeys(each.kinds))} -> {each.common})"
        for each in differences[:8]
    ]
    more = f", and {len(differences) - 8:,} more" if len(differences) > 8 else ""
    count = f"{len(differences):,} column" + "s" * (len(differences) != 1)
    return f"reconciled {count} between {files:,} files: {', '.join(shown)}{more}"


def facts(names: Sequence[str], differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """For the card: the first 200 columns, the type each has now, the rules, and for each type which files have it."""
    found = []
    for each in differences[:_MOST_TOLD]:
        files: dict[str, list[str]] = {}
        for name, kind in zip(names, each.kinds, strict=True):
            files.setdefault(kind, []).append(name)
        found.append({"column": each.column, "as": each.common, "rules": list(each.rules), "files": files})
    return found

"""The section `steps.ingest`: where data is and how it is read; `steps.ingest_scoring` has the same keys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from mlflow_recipes.config.fields import Function, Names, Profiled, Section, as_tuple

RULES = ("widen", "typed_nulls", "missing_columns")
Rule = Literal["widen", "typed_nulls", "missing_columns"]
Digest = Annotated[str, Field(pattern=r"^(md5|sha1|sha256|sha384|sha512):[0-9a-fA-F]+$")]


def _as_text(value: Any) -> Any:
    """A time that YAML read as one, as text again."""
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value) if isinstance(value, date) else value


class CsvOptions(Section):
    """`steps.ingest.csv`: how csv files are written."""

    delimiter: str = Field(",", min_length=1, max_length=1, description="What stands between two values.")
    decimal: str = Field(".", min_length=1, max_length=1, description="The decimal point.")
    encoding: str = Field("utf-8", description="The text encoding, by Python's name.")
    quote: str = Field('"', max_length=1, description="What encloses values that hold a delimiter; `''` for nothing.")
    null_values: Names | None = Field(None, description="Texts that mean no value; without it pyarrow's own list.")
    timestamp_formats: Names = Field((), description="Formats of times as in `strptime`, tried in turn.")
    types: dict[str, str] = Field(default_factory=dict, description="Column -> Arrow type, such as `int64`, `string`.")

    @field_validator("delimiter", "decimal", "quote")
    @classmethod
    def _one_byte(cls, value: str) -> str:
        if not value.isascii() or value in ("\r", "\n"):
            raise ValueError("expected an ASCII character that ends no line")
        return value

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            " ".encode(value)  # refuses codecs that turn bytes into bytes, too
        except (LookupError, UnicodeError):
            raise ValueError("expected the name of a text encoding, such as utf-8, latin-1 or utf-16") from None
        return value


class Ingest(Profiled):
    """`steps.ingest`: where the data is and how it is read."""

    using: str | None = Field(
        None,
        description="`parquet`, `csv`, `json`, `feather`, `delta`, `sql`, `spark_sql`, `custom`, or any file extension "
        "read by `loader_method`.",
    )
    location: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        (),
        description="File, folder, pattern, URL, or a list of them; relative paths are taken from the recipe's folder. "
        "For `sql`, a table.",
    )
    sql: str | None = Field(None, description="Query, for `sql` and `spark_sql`.")
    version: int | None = Field(None, ge=0, description="Table version, for `delta`.")
    timestamp: Annotated[str, BeforeValidator(_as_text)] | None = Field(None, description="Table time, for `delta`.")
    loader_method: Function | None = Field(None, description="Function in steps/ingest.py that reads one file.")
    columns: Names | None = Field(None, description="The columns to read; without it all.")
    filters: tuple[Any, ...] | None = Field(
        None,
        description='Rows to keep: `[["fare", ">", 0], ["zone", "in", [1, 2]]]`, or a list of such lists for "or".',
    )
    reconcile: tuple[Rule, ...] | None = Field(
        None,
        description="What may be reconciled where files differ: `widen`, `typed_nulls`, `missing_columns`; all without "
        "it, nothing for `[]`.",
    )
    csv: CsvOptions = Field(default_factory=CsvOptions, description="How csv files are written.")
    connection_env: str | None = Field(
        None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Environment variable with a SQLAlchemy URL, for `sql`."
    )
    batch_size: int = Field(50_000, gt=0, description="Rows that are fetched at a time, for `sql`.")
    checksums: dict[str, Digest] = Field(
        default_factory=dict, description="Location -> `sha256:...`; a file that differs is refused."
    )

    @property
    def loader(self) -> str | None:
        """The function that reads one file, where one is called: parquet and lakes are read without, as in 2.22."""
        return None if self.using in ("parquet", "delta", "spark_sql") else self.loader_method

"""Parquet and Feather (Arrow) files: columns and filters go down to the reader, and a header tells the schema."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.pieces import KEY, Piece, check_names, of_table
from mlflow_recipes.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    from mlflow_recipes.data.locations import SourceFile

_ARROW_FILE = b"ARROW1"
_FEATHER_1 = b"FEA1"
_AHEAD = 2  # batches that are read before they are asked for


def parquet(file: SourceFile) -> Piece:
    """A parquet file.

    Raises:
        DataError: It is empty, damaged or no parquet, or two of its columns have the same name.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    refuse_empty(file)
    try:
        with pq.ParquetFile(file.path) as opened:
            schema, rows = opened.schema_arrow, opened.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(file, "parquet", error) from error
    return _fragment(file, ds.ParquetFileFormat(), schema, rows)


def feather(file: SourceFile) -> Piece:
    """A Feather or Arrow file, or a stream of Arrow batches.

    Raises:
        DataError: It is empty, damaged or of another format, or two of its columns have the same name.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.feather

    refuse_empty(file)
    try:
        with file.path.open("rb") as opened:
            magic = opened.read(len(_ARROW_FILE))
        if magic == _ARROW_FILE:
            with pa.memory_map(str(file.path)) as source:
                return _fragment(file, ds.IpcFileFormat(), pa.ipc.open_file(source).schema, None)
        if magic.startswith(_FEATHER_1):
            table = pyarrow.feather.read_table(file.path)
        else:
            with pa.OSFile(str(file.path)) as source:
                table = pa.ipc.open_stream(source).read_all()
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(file, "feather", error) from error
    check_names(file.origin, table.column_names)
    return of_table(file.origin, table, file.path.stat().st_size)


def _fragment(file: SourceFile, kind: Any, schema: pa.Schema, count: int | None) -> Piece:
    import pyarrow as pa
    from pyarrow.fs import LocalFileSystem

    check_names(file.origin, schema.names)
    fragment = kind.make_fragment(str(file.path), LocalFileSystem())
    is_parquet = kind.default_extname == "parquet"

    def read(columns: Sequence[str], keep: ds.Expression | None) -> pa.Table:
        with _told(file, kind):
            table = fragment.to_table(schema=schema, columns=list(columns), filter=keep)
        return table.replace_schema_metadata(schema.metadata)

    def batches(columns: Sequence[str], keep: ds.Expression | None, rows: int) -> Iterator[pa.Table]:
        with _told(file, kind):
            if is_parquet and keep is None:
                yield from _pulled(file, columns, rows)
                return
            ahead = {"batch_readahead": _AHEAD, "fragment_scan_options": streamed() if is_parquet else None}
            scanner = fragment.scanner(schema=schema, columns=list(columns), filter=keep, batch_size=rows, **ahead)
            for batch in scanner.to_batches():
                yield pa.Table.from_batches([batch]).replace_schema_metadata(schema.metadata)

    return Piece(file.origin, schema, read, count, file.path.stat().st_size, batches)


def _pulled(file: SourceFile, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """The rows of a parquet file, none before it is asked for."""
    import pyarrow as pa

    with streamed_file(file.path) as opened:
        for batch in opened.iter_batches(batch_size=rows, columns=list(columns)):
            yield pa.Table.from_batches([batch]).select(list(columns))


def streamed_file(path: Path) -> pq.ParquetFile:
    """A parquet file that is read in constant memory; without this, Arrow keeps all that it has read until the end."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, pre_buffer=False)


def streamed() -> ds.ParquetFragmentScanOptions:
    """Likewise for scanning; a scanner still reads ahead as fast as it can."""
    import pyarrow.dataset as ds

    return ds.ParquetFragmentScanOptions(pre_buffer=False)


@contextlib.contextmanager
def _told(file: SourceFile, kind: Any) -> Iterator[None]:
    """Say of which file an error is."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(file, kind.default_extname.replace("arrow", "feather"), error) from error


def refuse_empty(file: SourceFile) -> None:
    """Refuse a file of 0 bytes.

    Raises:
        DataError: It is one.
    """
    if file.path.stat().st_size == 0:
        raise DataError(f"The file '{file.origin}' is empty (0 bytes).", where=KEY, hint="Fetch or write it again.")


def _unreadable(file: SourceFile, kind: str, error: Exception) -> DataError:
    return DataError(
        f"The file '{file.origin}' cannot be read as {kind}: {_first_line(error, file)}",
        where=KEY,
        hint="It may be damaged or of another format; fetch or write it again, or set `using` to what it is.",
    )


def _first_line(error: Exception, file: SourceFile) -> str:
    """The first line of an error, with the file called as the recipe calls it."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    line = re.sub(r"^Could not open (?:Parquet|IPC) input source '.*?': ", "", line)
    return line.replace(str(file.path), file.origin)[:300]

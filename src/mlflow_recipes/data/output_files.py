"""Scores as parquet and csv: written beside the target, then moved into its place."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.columnar import streamed_file
from mlflow_recipes.errors import DataError, RecipeError
from mlflow_recipes.store import remove

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

_KEY = "steps.predict.output"
_ROWS = 131_072
_MOST_PARTITIONS = 10_000
# What Spark and others leave beside the files of a table.
_BESIDE = ("_SUCCESS", "_metadata", "_common_metadata")


def is_folder(path: Path, location: str) -> bool:
    """Whether a location stands for a folder: it is one, or ends as folders do."""
    return path.is_dir() or location.endswith(("/", os.sep))


def batches(file: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a parquet file, in order, of which only some are in memory."""
    with streamed_file(file) as opened:
        yield from opened.iter_batches(batch_size=_ROWS)


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A name beside a path; what is there after the block takes the path's place, nothing where it raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _check_folder(folder: Path) -> None:
    """See whether files can be made in a folder, which may have to be made.

    Raises:
        OSError: They cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".{os.urandom(6).hex()}"
    probe.touch()
    probe.unlink()


@dataclass(frozen=True)
class _File:
    """One file."""

    path: Path

    def is_populated(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    def check_writable(self) -> None:
        """See whether a file can be made beside it."""
        _check_folder(self.path.parent)


class ParquetFile(_File):
    """One parquet file."""

    def write(self, scores: Path, mode: str) -> None:
        """Replace it, or put the rows below those that it has.

        Raises:
            DataError: The rows have other columns or types than those that are there.
        """
        with _aside(self.path) as aside:
            if mode == "append" and self.path.exists():
                self._together(scores, aside)
            else:
                shutil.copyfile(scores, aside)

    def _together(self, scores: Path, aside: Path) -> None:
        import pyarrow.parquet as pq

        there, new = pq.read_schema(self.path), pq.read_schema(scores)
        if not there.equals(new):
            raise _unlike(self.path.name, there, new)
        with pq.ParquetWriter(aside, there, compression="zstd", compression_level=1) as writer:
            for file in (self.path, scores):
                for batch in batches(file):
                    writer.write_batch(batch)


def _unlike(name: str, there: pa.Schema, new: pa.Schema) -> DataError:
    old = {field.name: str(field.type) for field in there}
    now = {field.name: str(field.type) for field in new}
    differing = [
        f"{n} ({old.get(n, 'missing')}, {now.get(n, 'missing')} now)"
        for n in {**old, **now}
        if old.get(n) != now.get(n)
    ]
    told = ", ".join(differing[:10]) or "their order"
    return DataError(
        f"The scores cannot be appended to '{name}', which has other columns: {told}.",
        where=f"{_KEY}.location",
        hint="Write to another location, or set `save_mode: overwrite`.",
    )


@dataclass(frozen=True)
class ParquetFolder:
    """A folder of parquet files, divided into one folder for each value of some columns where those are given."""

    path: Path
    partition_by: Sequence[str]
    mark: str

    def is_populated(self) -> bool:
        """Whether there is anything in it."""
        return self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir()))

    def check_writable(self) -> None:
        """See whether files can be made beside it, and whether it holds nothing but data.

        Raises:
            RecipeError: It holds something else, which would be lost.
        """
        _check_folder(self.path.parent)
        if self.path.is_file():
            raise RecipeError(
                f"The output '{self.path.name}' is a file, and the scores are divided into a folder.",
                where=f"{_KEY}.location",
                hint="Name another location, or remove the file.",
            )
        other = next((file for file in self.path.rglob("*") if file.is_file() and not _is_data(file)), None)
        if other is not None:
            raise RecipeError(
                f"The folder '{self.path.name}' is no output of scores: it holds '{other.relative_to(self.path)}'.",
                where=f"{_KEY}.location",
                hint="Name a folder of its own for the scores.",
            )

    def write(self, scores: Path, mode: str) -> None:
        """Replace the folder, or add files to it."""
        fresh = self.path.with_name(f".{self.path.name}.{self.mark}")
        remove(fresh)
        try:
            self._written(scores, fresh)
            if mode == "append":
                self._added(fresh)
            else:
                self._replaced(fresh)
        finally:
            remove(fresh)

    def _written(self, scores: Path, folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.dataset as ds
        import pyarrow.parquet as pq

        if not self.partition_by:
            folder.mkdir(parents=True)
            shutil.copyfile(scores, folder / f"part-{self.mark}.parquet")
            return
        schema = pq.read_schema(scores)
        self._check_columns(schema)
        reader = pa.RecordBatchReader.from_batches(schema, batches(scores))
        kind: Any = ds.ParquetFileFormat()
        try:
            ds.write_dataset(
                reader,
                folder,
                format=kind,
                file_options=kind.make_write_options(compression="zstd", compression_level=1),
                basename_template=f"part-{self.mark}-{{i}}.parquet",
                partitioning=list(self.partition_by),
                partitioning_flavor="hive",
                max_partitions=_MOST_PARTITIONS,
                use_threads=False,
            )
        except pa.ArrowInvalid as error:
            raise DataError(
                f"The scores cannot be divided by {', '.join(self.partition_by)}: {str(error).splitlines()[0][:200]}.",
                where=f"{_KEY}.partition_by",
                hint=f"Name columns with few different values; there may be {_MOST_PARTITIONS:,} folders.",
            ) from error

    def _check_columns(self, schema: pa.Schema) -> None:
        for name in self.partition_by:
            if name not in schema.names:
                raise DataError(
                    f"There is no column '{name}' to divide the scores by. There are: {', '.join(schema.names[:30])}.",
                    where=f"{_KEY}.partition_by",
                    hint="Name one of them.",
                )

    def _added(self, fresh: Path) -> None:
        """Move every new file into its folder; those of the same scoring have the same names."""
        for file in sorted(path for path in fresh.rglob("*") if path.is_file()):
            target = self.path / file.relative_to(fresh)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)

    def _replaced(self, fresh: Path) -> None:
        old = self.path.with_name(f".{self.path.name}.{self.mark}.old")
        remove(old)
        if self.path.exists():
            self.path.replace(old)
        fresh.replace(self.path)
        remove(old)


def _is_data(file: Path) -> bool:
    return file.suffix == ".parquet" or file.name in _BESIDE or file.name.startswith(".")


@dataclass(frozen=True)
class CsvFile(_File):
    """One csv file with a header; compressed where its name ends in .gz, .zst or .bz2."""

    delimiter: str = ","

    def write(self, scores: Path, mode: str) -> None:
        """Replace it, or put the rows below those that it has.

        Raises:
            DataError: A column holds what csv cannot, or the file has another header.
        """
        import pyarrow as pa
        import pyarrow.csv as pc
        import pyarrow.parquet as pq

        schema = pq.read_schema(scores)
        adding = mode == "append" and self.path.exists()
        compression = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}.get(self.path.suffix)
        options = pc.WriteOptions(include_header=not adding, delimiter=self.delimiter)
        with _aside(self.path) as aside:
            if adding:
                self._check_header(schema, options, compression)
                shutil.copyfile(self.path, aside)
            try:
                with (
                    aside.open("ab") as file,
                    pa.output_stream(file, compression=compression) as sink,
                    pc.CSVWriter(sink, schema, write_options=options) as writer,
                ):
                    for batch in batches(scores):
                        writer.write_batch(batch)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
                raise DataError(
                    f"The scores cannot be written as csv: {str(error).splitlines()[0][:200]}.",
                    where=f"{_KEY}.using",
                    hint="Write parquet, or leave columns of lists and the like out with `passthrough`.",
                ) from error

    def _check_header(self, schema: pa.Schema, options: Any, compression: str | None) -> None:
        import pyarrow as pa
        import pyarrow.csv as pc

        wanted = pa.BufferOutputStream()
        pc.write_csv(schema.empty_table(), wanted, pc.WriteOptions(delimiter=options.delimiter))
        header = wanted.getvalue().to_pybytes()
        with pa.input_stream(self.path, compression=compression) as source:
            there = source.read(len(header))
        if there.rstrip(b"\r\n") != header.rstrip(b"\r\n"):
            raise DataError(
                f"The scores cannot be appended to '{self.path.name}', which begins with another header.",
                where=f"{_KEY}.location",
                hint="Write to another location, or set `save_mode: overwrite`.",
            )

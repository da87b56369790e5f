"""CSV files: types, missing values and times; each fault with file, row and what to do."""

from __future__ import annotations

import bz2
import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mlflow_recipes.config.ingesting import CsvOptions
from mlflow_recipes.data.delimited import csv, csv_header
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.errors import DataError


@pytest.fixture
def read(tmp_path: Path):
    def read(
        content: str | bytes, *, columns: list[str] | None = None, name: str = "a.csv", **options: Any
    ) -> pa.Table:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        piece = csv(SourceFile(tmp_path / name, f"data/{name}"), CsvOptions(**options), columns)
        return piece.read([c for c in piece.schema.names if columns is None or c in columns], None)

    return read


@pytest.fixture
def refusal(read):
    def refusal(content: str | bytes, **options: Any) -> str:
        with pytest.raises(DataError) as caught:
            read(content, **options)
        return str(caught.value)

    return refusal


def test_types_are_told_from_all_rows(read) -> None:
    rows = "".join(f"{n},{n},x\n" for n in range(200_000))
    table = read(f"a,b,c\n{rows}1.5,many,\n")
    assert [str(kind) for kind in table.schema.types] == ["double", "string", "string"]
    assert table.column("c").null_count == 1


def test_times_are_microseconds(read) -> None:
    table = read("d,t,f,z\n2023-01-01,2023-01-01 10:00:00,2023-01-01 10:00:00.5,2023-01-01T10:00:00Z\n")
    assert [str(kind) for kind in table.schema.types] == ["timestamp[us]"] * 3 + ["timestamp[us, tz=UTC]"]
    fine = read("t\n2023-01-01 10:00:00.123456789\n")
    assert str(fine.schema.field("t").type) == "timestamp[ns]"


def test_missing_values_are_those_of_pandas(read) -> None:
    assert read('a,b\n,\n"",NA\nnan,x\n1,y\n').to_pydict() == {"a": [None, None, None, 1], "b": [None, None, "x", "y"]}
    assert read("a\n-\n1\n", null_values=["-"]).to_pydict() == {"a": [None, 1]}


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("a;b\n1,5;x\n", {"delimiter": ";", "decimal": ","}, {"a": [1.5], "b": ["x"]}),
        ("a\tb\n1\t2\n", {"delimiter": "\t"}, {"a": [1], "b": [2]}),
        ("\ufeffa,b\n1,2\n", {}, {"a": [1], "b": [2]}),
        ("a,b\r\n1,2\n3,4\r5,6\r\n", {}, {"a": [1, 3, 5], "b": [2, 4, 6]}),
        ('a,b\n1,"x\ny, ""z"""\n2,\n', {}, {"a": [1, 2], "b": ['x\ny, "z"', None]}),
        ("a,b\n1,'x,y'\n", {"quote": "'"}, {"a": [1], "b": ["x,y"]}),
        ('a\n"x\n', {"quote": ""}, {"a": ['"x']}),
        ("a\n\xe9\n".encode("latin-1"), {"encoding": "latin-1"}, {"a": ["\xe9"]}),
        ("a,b\n1,\xe9\n".encode("utf-16"), {"encoding": "utf-16"}, {"a": [1], "b": ["\xe9"]}),
        ("a\n01\n", {"types": {"a": "string"}}, {"a": ["01"]}),
        ("a\n31.12.2023\n", {"timestamp_formats": "%d.%m.%Y"}, {"a": [datetime(2023, 12, 31)]}),
        ("split,a b,a.b,,'\"\n1,2,3,4,5\n", {}, {"split": [1], "a b": [2], "a.b": [3], "": [4], "'\"": [5]}),
        ("a,b\n", {}, {"a": [], "b": []}),
    ],
    ids=repr,
)
def test_ways_of_writing(read, content: str | bytes, options: dict[str, Any], expected: dict[str, list[Any]]) -> None:
    assert read(content, **options).to_pydict() == expected


def test_a_line_break_in_a_value_where_blocks_end(read) -> None:
    rows = "".join(f'{n},"{"x" * 50}\n{n}"\n' for n in range(60_000))
    table = read(f"a,b\n{rows}")
    assert table.column("a").to_pylist() == list(range(60_000))


@pytest.mark.parametrize(
    ("name", "compress"), [("a.csv.gz", gzip.compress), ("a.csv.bz2", bz2.compress), ("a.csv.zst", None)]
)
def test_compressed_files(read, name: str, compress: Any) -> None:
    packed = compress or (lambda content: pa.Codec("zstd").compress(content, asbytes=True))
    assert read(packed(b'a\n"1\n"\n'), name=name).to_pydict() == {"a": ["1\n"]}


def test_only_the_columns_asked_for_are_converted(read, tmp_path: Path) -> None:
    content = "a,b,c\n1,x,2023-01-01\n2,y,2023-01-02\n"
    assert read(content, columns=["c", "a"]).column_names == ["a", "c"]
    piece = csv(SourceFile(tmp_path / "a.csv", "a.csv"), CsvOptions(types={"b": "int64"}), ["a"])
    assert piece.schema.names == ["a", "b", "c"]


def test_a_row_that_does_not_fit_into_a_block(read) -> None:
    names = [f"column {number}" for number in range(10_000)]
    values = [f"{number:0200}" for number in range(10_000)]
    table = read(",".join(names) + "\n" + ",".join(values) + "\n", types=dict.fromkeys(names, "string"))
    assert table.num_columns == 10_000
    assert table.column(9_999).to_pylist() == [values[-1]]


def test_the_types_that_can_be_named(read) -> None:
    wanted = {"a": "decimal(5, 2)", "b": "timestamp[ms, UTC]", "c": "float32", "d": "date", "e": "bool"}
    table = read("a,b,c,d,e\n1.5,2023-01-01T00:00:00Z,1,2023-01-01,true\n", types=wanted)
    assert [str(kind) for kind in table.schema.types] == [
        "decimal128(5, 2)",
        "timestamp[ms, tz=UTC]",
        "float",
        "date32[day]",
        "bool",
    ]


def test_a_header_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    piece = csv_header(SourceFile(tmp_path / "a.csv", "a.csv"))
    assert (piece.schema.names, piece.rows) == (["a", "b"], 0)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfea")
    with pytest.raises(DataError):
        csv_header(SourceFile(tmp_path / "a.csv", "a.csv"))


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            "a,b\n1,2\n3\n",
            {},
            "steps.ingest: Row 3 of 'data/a.csv' has 1 value; expected 2, as many as columns: '3'.\n"
            "Correct the row (the header is row 1), or see whether `csv.delimiter` and `csv.quote` fit the file.",
        ),
        (
            "a,b\n1,2\n3,4,5\n6,7\n",
            {},
            "steps.ingest: Row 3 of 'data/a.csv' has 3 values; expected 2, as many as columns: '3,4,5'.\n"
            "Correct the row (the header is row 1), or see whether `csv.delimiter` and `csv.quote` fit the file.",
        ),
        (
            "a,b\n1,x\n2,\xe9\n".encode("latin-1"),
            {},
            "steps.ingest: The file 'data/a.csv' is not written in utf-8 in the column 'b'. The first bytes that are "
            "not: e9 0a in row 3, byte 11.\n"
            "Name its encoding, such as `csv: {encoding: latin-1}`, or write it again in UTF-8.",
        ),
        (
            "\xe9,b\n1,x\n".encode("latin-1"),
            {},
            "steps.ingest: The file 'data/a.csv' is not written in utf-8. The first bytes that are not: e9 2c 62 0a in "
            "row 1, byte 1.\n"
            "Name its encoding, such as `csv: {encoding: utf-16}`, or write it again in UTF-8.",
        ),
        (
            "a,b\n1,x\n".encode("utf-16"),
            {},
            "steps.ingest: The file 'data/a.csv' is not written in utf-8. The first bytes that are not: ff fe 61 00 in "
            "row 1, byte 1.\n"
            "Name its encoding, such as `csv: {encoding: utf-16}`, or write it again in UTF-8.",
        ),
        (
            "a\n\xe9\n",
            {"encoding": "ascii"},
            "steps.ingest: The file 'data/a.csv' is not written in ascii. The first bytes that are not: c3 a9 0a in "
            "row 2, byte 3.\n"
            "Name its encoding, such as `csv: {encoding: latin-1}`, or write it again in UTF-8.",
        ),
        (
            "a,b\n1,2\n3,many\n",
            {"types": {"b": "int64"}},
            "steps.ingest.csv.types: The column 'b' of 'data/a.csv' is not all int64: 'many' in row 3.\n"
            "Give it another type there, or name what means no value in `csv.null_values`.",
        ),
        (
            "a,b,a,b\n1,2,3,4\n",
            {},
            "steps.ingest: 'data/a.csv' has more than one column called 'a', 'b'.\n"
            "Rename or drop the duplicates, for example in a loader_method.",
        ),
        ("", {}, "steps.ingest: The file 'data/a.csv' is empty (0 bytes).\nFetch or write it again."),
        (
            "\n\n",
            {},
            "steps.ingest: The file 'data/a.csv' holds no rows, and no whole line of a header.\n"
            "Fetch or write it again.",
        ),
        (
            'a,b\n1,x\n2,"y\n3,z\n',
            {},
            "steps.ingest: Row 3 of 'data/a.csv' has a quote that nothing closes; all that follows it would be one "
            "value: 'y\\n3,z\\n'.\n"
            "Close it, or give `csv: {quote: ''}` if quotes are characters like others in this file.",
        ),
        (
            "a,t\n1,2023-01-31 12:00:00\n",
            {"types": {"t": "timestamp[us, UTC]"}},
            "steps.ingest.csv.types: The column 't' of 'data/a.csv' is not all timestamp[us, tz=UTC]: expected a zone "
            "offset in '2023-01-31 12:00:00' in row 2.\n"
            "Give it another type there, or name what means no value in `csv.null_values`.",
        ),
    ],
)
def test_a_fault(refusal, content: str | bytes, options: dict[str, Any], message: str) -> None:
    assert refusal(content, **options) == message


@pytest.mark.parametrize("content", ["a,b\n1,2\n3\n", "a,a\n1,2\n", "\xe9,a\n1,2\n".encode("latin-1"), "", "\n"])
def test_a_fault_where_some_columns_are_read(refusal, content: str | bytes) -> None:
    assert refusal(content, columns=["a"]) == refusal(content)


def test_a_fault_far_down_and_in_a_compressed_file(refusal) -> None:
    rows = "".join(f"{n},x\n" for n in range(300_000))
    message = refusal(gzip.compress(f"a,b\n{rows}7\n".encode()), name="a.csv.gz")
    assert message.startswith("steps.ingest: Row 300,002 of 'data/a.csv.gz' has 1 value; expected 2")
    message = refusal(gzip.compress(f"a,b\n{rows}".encode() + b"1,\xff\n"), name="a.csv.gz")
    assert "The first bytes that are not: ff 0a in row 300,002, byte" in message


def test_a_compressed_file_that_is_cut_off(refusal) -> None:
    packed = gzip.compress(b"a\n" + b"".join(b"%d\n" % n for n in range(100_000)))
    message = refusal(packed[: len(packed) // 2], name="a.csv.gz")
    assert message.startswith("steps.ingest: The file 'data/a.csv.gz' cannot be read as csv: ")
    assert "/tmp/" not in message

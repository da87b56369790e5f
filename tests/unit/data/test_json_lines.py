"""JSON lines: types, compressed files, and each fault with file and row."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from mlflow_recipes.data.json_lines import json_lines
from mlflow_recipes.data.locations import SourceFile
from mlflow_recipes.errors import DataError


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | bytes, name: str = "a.jsonl") -> pa.Table:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        piece = json_lines(SourceFile(tmp_path / name, f"data/{name}"))
        return piece.read(piece.schema.names, None)

    return read


def test_types(read) -> None:
    table = read('{"a": 1, "t": "2023-01-01 10:00:00"}\n{"a": 2.5, "s": "x", "n": {"b": [1]}}\n\n')
    assert {name: str(table.schema.field(name).type) for name in ("a", "t", "s")} == {
        "a": "double",
        "t": "timestamp[us]",
        "s": "string",
    }
    assert table.column("n").to_pylist() == [None, {"b": [1]}]


def test_a_compressed_file_and_a_line_longer_than_a_block(read) -> None:
    long = "x" * (1 << 17)
    lines = "".join(f'{{"a": {n}, "b": "{long}"}}\n' for n in range(300))
    assert read(gzip.compress(lines.encode()), "a.json.gz").column("a").to_pylist() == list(range(300))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"a": 1}\n{"a": 2\n',
            "steps.ingest: The file 'data/a.jsonl' cannot be read as JSON lines: "
            "Missing a comma or '}' after an object "
            "member in object 2.\nEach line holds one JSON object; read a file that is one list in a `loader_method`.",
        ),
        (
            '{"a": 1}\n{"a": "x"}\n',
            "steps.ingest: The file 'data/a.jsonl' cannot be read as JSON lines: "
            "'a' is a number before and a string in "
            "object 2.\nWrite one type of value, or read the file in a `loader_method`.",
        ),
        (
            '[{"a": 1}]\n',
            "steps.ingest: The file 'data/a.jsonl' cannot be read as JSON lines: "
            "expected an object, found a value of type array "
            "in object 1.\nEach line holds one JSON object; read a file that is one list in a `loader_method`.",
        ),
        (
            b'{"a": "x"}\n{"a": "\xff"}\n',
            "steps.ingest: The file 'data/a.jsonl' cannot be read as JSON lines: "
            "the bytes ff 22 7d 0a are not UTF-8 in "
            "row 2.\nWrite the file again in UTF-8.",
        ),
        ("", "steps.ingest: The file 'data/a.jsonl' is empty (0 bytes).\nFetch or write it again."),
    ],
)
def test_a_fault(read, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(content)
    assert str(caught.value) == message


def test_a_compressed_file_that_is_cut_off(read) -> None:
    packed = gzip.compress(b"".join(b'{"a": %d}\n' % n for n in range(100_000)))
    with pytest.raises(DataError) as caught:
        read(packed[: len(packed) // 2], name="a.jsonl.gz")
    assert str(caught.value) == (
        "steps.ingest: The file 'data/a.jsonl.gz' cannot be read as JSON lines: Truncated compressed stream.\n"
        "It is damaged: fetch or write it again."
    )


def test_a_fault_far_down(read) -> None:
    lines = "".join(f'{{"a": {n}, "b": "{"x" * 100}"}}\n' for n in range(200_000))
    with pytest.raises(DataError, match=r"'a' is a number before and a string in object 200,001\."):
        read(lines + '{"a": "x"}\n')

"""The first bytes that an encoding does not have."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mlflow_recipes.data.encodings import Undecodable, end_of, undecodable


@pytest.mark.parametrize("pad", [0, 10, (1 << 20) - 2, (1 << 20) - 1, 1 << 20, (1 << 20) + 7])
def test_wherever_blocks_end(tmp_path: Path, pad: int) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\n" * pad + "é✓".encode() + b"\xc3x\n")
    assert undecodable(file, "utf-8") == Undecodable(pad + 1, pad + 6, "c3 78 0a")
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert undecodable(tmp_path / "a.txt.gz", "utf-8") == Undecodable(pad + 1, pad + 6, "c3 78 0a")


def test_what_is_right_and_what_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("é".encode())
    assert undecodable(file, "utf-8") is None
    assert undecodable(file, "ascii") == Undecodable(1, 1, "c3 a9")
    file.write_bytes(b"ab\n\xc3")
    assert undecodable(file, "utf-8") == Undecodable(2, 4, "c3")
    assert undecodable(file, "utf-16") is not None
    packed = gzip.compress(b"\n" * 5_000_000)
    (tmp_path / "a.txt.gz").write_bytes(packed[: len(packed) // 2])
    assert undecodable(tmp_path / "a.txt.gz", "utf-8") is None


def test_how_a_file_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(("\n" * (1 << 20) + "aé'\n \n").encode("utf-16-be"))
    assert end_of(file, "utf-16-be", length=6) == "aé'"
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"ab"))
    assert end_of(tmp_path / "a.txt.gz", "utf-8") == "ab"

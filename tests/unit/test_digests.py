"""Digests of files."""

from __future__ import annotations

from pathlib import Path

import pytest
import xxhash

from mlflow_recipes.digests import file_digest


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_file_in_chunks_is_its_bytes_at_once(tmp_path: Path, size: int) -> None:
    content = bytes(i % 251 for i in range(997)) * (size // 997 + 1)
    (tmp_path / "f").write_bytes(content[:size])
    assert file_digest(tmp_path / "f") == xxhash.xxh3_128_hexdigest(content[:size])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "no")

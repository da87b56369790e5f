"""Digest of a file's bytes: the name it has in the store, and what keys hold of data files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xxhash

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """Digest of a file's bytes (xxh3, 128 bits), as 32 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.
    """
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

"""Masking."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes.secrets import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:pw@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("https://ghp_0123456789abcdef@host/x", "https://***@host/x"),
        ("https://x.blob/data?sv=1&sig=aB%2Bc%3D&se=2", "https://x.blob/data?sv=1&sig=***&se=2"),
        ("https://h/x?X-Amz-Signature=deadbeef&a=1", "https://h/x?X-Amz-Signature=***&a=1"),
        ("AccountName=a;AccountKey=abc123==;x=1", "AccountName=a;AccountKey=***;x=1"),
        ("password: hunter2", "password: ***"),
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ('{"api_key": "k", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("dapi0123456789abcdef0123456789abcdef", "***"),
    ],
)
def test_secrets_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    ["sqlite:///metadata/mlflow/mlruns.db", "https://host/a@b/c?months=3", "tokens are counted", "x: 1 # password"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


@settings(derandomize=True)
@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)

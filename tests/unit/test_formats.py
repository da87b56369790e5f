"""What was written by another version, or damaged, is not taken for what we read."""

from __future__ import annotations

import pytest

from mlflow_recipes.formats import opened


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[1]", TypeError),
        ("{", ValueError),
        ('{"rows": 1}', KeyError),
        ('{"format": 2, "rows": 1}', ValueError),
    ],
)
def test_what_cannot_be_read(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        opened(text, 1)


def test_another_format_is_named() -> None:
    with pytest.raises(ValueError, match="its format is 2, and this version of mlflow-recipes reads 1"):
        opened('{"format": 2}', 1)

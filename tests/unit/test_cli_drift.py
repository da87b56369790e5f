"""Where the command looks for data and writes its report."""

from __future__ import annotations

import click
import pytest

from mlflow_recipes.cli_drift import _checked


def test_reports_are_pages_or_json_in_a_folder_that_is_there(tmp_path) -> None:
    assert _checked(None) is None
    assert _checked(str(tmp_path / "r.html")) == tmp_path / "r.html"
    for wrong in ("r.pdf", "r", "no such folder/r.json"):
        with pytest.raises(click.BadParameter):
            _checked(wrong)

"""Where the command looks for data and writes its report."""

from __future__ import annotations

import click
import pytest

from mlflow_recipes.cli_drift import _checked, _located


def test_what_is_in_the_working_directory_comes_first(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.csv").touch()
    monkeypatch.chdir(tmp_path)
    assert _located("new.csv") == str(tmp_path / "new.csv")
    assert _located("n*.csv") == str(tmp_path / "n*.csv")
    for elsewhere in ("data/new.csv", "o*.csv", "https://h/new.csv", "s3://b/new.csv", str(tmp_path / "x.csv")):
        assert _located(elsewhere) == elsewhere


def test_reports_are_pages_or_json_in_a_folder_that_is_there(tmp_path) -> None:
    assert _checked(None) is None
    assert _checked(str(tmp_path / "r.html")) == tmp_path / "r.html"
    for wrong in ("r.pdf", "r", "no such folder/r.json"):
        with pytest.raises(click.BadParameter):
            _checked(wrong)

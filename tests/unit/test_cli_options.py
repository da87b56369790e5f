"""What the commands share."""

from __future__ import annotations

import pytest

from mlflow_recipes.cli_options import located


def test_what_is_in_the_working_directory_comes_first(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.csv").touch()
    monkeypatch.chdir(tmp_path)
    assert located("new.csv") == str(tmp_path / "new.csv")
    assert located("n*.csv") == str(tmp_path / "n*.csv")
    for elsewhere in ("data/new.csv", "o*.csv", "https://h/new.csv", "s3://b/new.csv", str(tmp_path / "x.csv")):
        assert located(elsewhere) == elsewhere

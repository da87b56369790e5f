"""Which server, and a clear word when it does not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.errors import DataError, UnavailableError
from mlflow_recipes.graph import TRAINING
from mlflow_recipes.project import Project
from mlflow_recipes.tracking_server import absolute_uri, explained, page, tracking_uri


def uri(small, *overrides: str) -> str:
    return tracking_uri(small.root, Project.load("local", root=small.root, overrides=overrides).config(TRAINING))


def test_the_profile_then_the_environment_then_a_file_in_the_recipe(small, monkeypatch) -> None:
    default = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://other")
    assert uri(small) == default
    none = "experiment.tracking_uri=null"
    assert uri(small, none) == "http://other"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert uri(small, none) == default
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "15")
    assert uri(small, none) == "databricks"


@pytest.mark.parametrize(
    ("given", "absolute"),
    [
        ("sqlite:///a/b.db", "sqlite:////root of it/a/b.db"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("sqlite:///b.db?timeout=5", "sqlite:////root of it/b.db?timeout=5"),
        ("http://h:5000", "http://h:5000"),
        ("databricks://profile", "databricks://profile"),
    ],
)
def test_relative_files_are_below_the_recipe(given: str, absolute: str) -> None:
    assert absolute_uri(Path("/root of it"), given) == absolute


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://h:5000/", "http://h:5000/#/models/a%2Fb%20%3Cx%3E/versions/1"),
        ("https://me:pw@h/mlflow", "https://me:***@h/mlflow/#/models/a%2Fb%20%3Cx%3E/versions/1"),
        ("sqlite:///x.db", None),
        ("databricks", None),
        (None, None),
    ],
)
def test_pages_of_mlflows_own(given: str | None, address: str | None) -> None:
    assert page(given, "models", "a/b <x>", "versions", "1") == address


def test_a_server_that_is_not_there() -> None:
    def ask() -> None:
        with explained("http://me:pw@h"):
            try:
                raise ConnectionRefusedError("111, token=abc")
            except OSError as error:
                raise RuntimeError("API request to http://h failed with exception") from error

    with pytest.raises(UnavailableError) as caught:
        ask()
    assert str(caught.value) == (
        "The MLflow server http://me:***@h cannot be reached: ConnectionRefusedError: 111, token=***\n"
        "Start it, or set another `experiment.tracking_uri` in the profile, and run again; finished steps are kept."
    )


@pytest.mark.parametrize("error", [ValueError("x"), DataError("y"), FileNotFoundError("z")])
def test_other_errors_pass(error: Exception) -> None:
    def ask() -> None:
        with explained("http://h"):
            raise error

    with pytest.raises(type(error)) as caught:
        ask()
    assert caught.value is error

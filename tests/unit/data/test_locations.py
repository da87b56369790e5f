"""Locations: files, folders, addresses and what MLflow fetches, in the order given; each refusal says what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.data.locations import Fetching, resolve
from mlflow_recipes.errors import DataError
from mlflow_recipes.sources import Sources, endings

if TYPE_CHECKING:
    from pathlib import Path


def found(root: Path, *locations: str, using: str = "parquet") -> list[tuple[str, str]]:
    def artifacts(location: str, folder: Path) -> Path:
        file = folder / location.rpartition("/")[2]
        file.write_text("")
        return file

    fetching = Fetching(downloads=root / "downloads", say=lambda _line: None, artifacts=artifacts)
    files = resolve(root, Sources(locations, using, endings(using, loaded=False)), fetching)
    return [(file.path.relative_to(root).as_posix(), file.origin) for file in files]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "a recipe"
    for name in ("data/b.parquet", "data/a.parquet", "data/notes.txt", "data/.hidden.parquet", "one.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def test_a_folder_by_name_then_the_next_location(root: Path) -> None:
    assert found(root, "data", "data/a.parquet") == [
        ("data/a.parquet", "data/a.parquet"),
        ("data/b.parquet", "data/b.parquet"),
        ("data/a.parquet", "data/a.parquet"),
    ]


def test_the_order_given_is_kept(root: Path) -> None:
    assert [path for path, _ in found(root, "data/b.parquet", "data/a.parquet")] == ["data/b.parquet", "data/a.parquet"]


def test_absolute_paths_and_file_urls(root: Path) -> None:
    file = root / "data" / "a.parquet"
    assert found(root, str(file), file.as_uri()) == [
        ("data/a.parquet", str(file)),
        ("data/a.parquet", file.as_uri()),
    ]


def test_a_custom_loader_gets_every_file(root: Path) -> None:
    assert [path for path, _ in found(root, "data", "one.csv", using="custom")] == [
        "data/a.parquet",
        "data/b.parquet",
        "data/notes.txt",
        "one.csv",
    ]


def test_what_mlflow_can_download_is_masked_where_it_is_shown(root: Path) -> None:
    [(path, origin)] = found(root, "s3://key:secret@bucket/x.parquet")
    assert (path.rpartition("/")[2], origin) == ("x.parquet", "s3://key:***@bucket/x.parquet")


@pytest.mark.parametrize(
    ("location", "using", "message"),
    [
        (
            "data/c.parquet",
            "parquet",
            "steps.ingest.location: 'data/c.parquet' does not exist (looked for {root}/data/c.parquet).\n"
            "Did you mean 'b.parquet'?",
        ),
        (
            "dta/c.parquet",
            "parquet",
            "steps.ingest.location: 'dta/c.parquet' does not exist (looked for {root}/dta/c.parquet).\n"
            "There is no folder {root}/dta either.",
        ),
        (
            "data/zzzzzzzzzzz",
            "custom",
            "steps.ingest.location: 'data/zzzzzzzzzzz' does not exist (looked for {root}/data/zzzzzzzzzzz).\n"
            "In that folder there is: .hidden.parquet, a.parquet, b.parquet, notes.txt.",
        ),
        (
            "data",
            "csv",
            "steps.ingest.location: The folder 'data' has no files with the extension '.csv'; it holds "
            ".hidden.parquet, a.parquet, b.parquet, notes.txt.\n"
            "Name another folder, or set `steps.ingest.using` to the format of its files.",
        ),
        (
            "empty",
            "custom",
            "steps.ingest.location: The folder 'empty' has no files; it holds nothing.\n"
            "Name another folder, or set `steps.ingest.using` to the format of its files.",
        ),
        (
            "one.csv",
            "parquet",
            "steps.ingest.location: 'one.csv' does not have the extension '.parquet' that `using: parquet` reads.\n"
            "Set `steps.ingest.using` to its format, or name another file.",
        ),
        (
            "http://[half/a.parquet",
            "parquet",
            "steps.ingest.location: 'http://[half/a.parquet' is not a valid address.\n"
            "Write it as https://host/path/file.parquet.",
        ),
        (
            "http:///a.parquet",
            "parquet",
            "steps.ingest.location: 'http:///a.parquet' is not a valid address.\n"
            "Write it as https://host/path/file.parquet.",
        ),
        (
            "https://me:pw@host:port/a.parquet",
            "parquet",
            "steps.ingest.location: 'https://me:***@host:port/a.parquet' is not a valid address.\n"
            "Write it as https://host/path/file.parquet.",
        ),
    ],
)
def test_a_refusal_says_what_is_there(root: Path, location: str, using: str, message: str) -> None:
    (root / "empty").mkdir()
    with pytest.raises(DataError) as caught:
        found(root, location, using=using)
    assert str(caught.value) == message.replace("{root}", str(root))

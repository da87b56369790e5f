"""Locations: files, folders, addresses and what MLflow fetches, in the order given; each refusal says what is there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.data.locations import Fetching, SourceFile, check_sums, resolve
from mlflow_recipes.errors import DataError, UnavailableError
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


def test_patterns(root: Path) -> None:
    assert found(root, "data/*.parquet", using="parquet") == [
        ("data/a.parquet", "data/a.parquet"),
        ("data/b.parquet", "data/b.parquet"),
    ]
    assert [path for path, _ in found(root, "**/?.*", using="csv")] == ["data/a.parquet", "data/b.parquet"]
    assert [path for path, _ in found(root, str(root / "data" / "[b-z].parquet"))] == ["data/b.parquet"]


def test_a_pattern_that_nothing_matches(root: Path) -> None:
    with pytest.raises(DataError) as caught:
        found(root, "data/2023-*/*.parquet")
    assert str(caught.value) == (
        f"steps.ingest.location: No file matches 'data/2023-*/*.parquet' (looked for {root}/data/2023-*/*.parquet).\n"
        f"In {root}/data there is: a.parquet, b.parquet, notes.txt."
    )


def test_files_of_the_same_name_in_stores_are_different_files(root: Path) -> None:
    files = found(root, "s3://one/x.parquet", "s3://two/x.parquet")
    assert len({path for path, _ in files}) == 2


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "A.CSV"])
def test_other_names_of_a_format_are_taken_where_the_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x\n1\n")
    assert found(tmp_path, name, using="csv") == [(name, name)]


def test_compressed_files_are_files_of_the_format(root: Path) -> None:
    for name in ("a.csv", "b.csv.gz", "c.csv.zst", "d.csv.xz"):
        (root / "packed" / name).parent.mkdir(exist_ok=True)
        (root / "packed" / name).write_text("")
    assert [path for path, _ in found(root, "packed", using="csv")] == [
        "packed/a.csv",
        "packed/b.csv.gz",
        "packed/c.csv.zst",
    ]


def test_a_store_that_fails_is_one_message(root: Path) -> None:
    def broken(_location: str, _folder: Path) -> Path:
        raise OSError("403 for https://me:hunter2@bucket\nand more")

    with pytest.raises(UnavailableError) as caught:
        resolve(root, Sources(("s3://bucket/x.parquet",), "parquet"), Fetching(root, print, broken))
    assert str(caught.value) == (
        "steps.ingest.location: 's3://bucket/x.parquet' cannot be fetched: 403 for https://me:***@bucket\n"
        "Check the address, and the credentials and packages that its kind of store needs; `pip install "
        "'mlflow-recipes[fsspec]'` adds further kinds."
    )


# Checksums

CONTENT = b"PAR1"
SHA256 = "a4a67bd7a7e8d9b9ccc0ba6b4a4bcd6e2a0a4e2ea1a0f4a3f0a1b2c3d4e5f607"


def digest(algorithm: str) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, CONTENT).hexdigest()}"


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "sha512"])
def test_a_checksum_that_is_right(tmp_path: Path, algorithm: str) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    check_sums([SourceFile(tmp_path / "a", "data/a")], {"data/a": digest(algorithm)}, tmp_path / "downloads")


def test_a_checksum_that_is_wrong(tmp_path: Path) -> None:
    kept, downloaded = tmp_path / "a", tmp_path / "downloads" / "0f" / "b"
    downloaded.parent.mkdir(parents=True)
    for file in (kept, downloaded):
        file.write_bytes(CONTENT)
        with pytest.raises(DataError) as caught:
            check_sums([SourceFile(file, "a")], {"a": f"sha256:{SHA256}"}, tmp_path / "downloads")
        assert str(caught.value) == (
            f"steps.ingest.checksums: 'a' is not the file that the recipe expects: its sha256 is "
            f"{digest('sha256').partition(':')[2]}, not {SHA256}.\n"
            "Fetch it again, or, if the new one is right, write its digest there."
        )
    assert kept.exists()
    assert not downloaded.exists()


def test_a_checksum_of_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    with pytest.raises(DataError) as caught:
        check_sums(
            [SourceFile(tmp_path / "a", "data/2023-01.parquet")], {"data/2023-1.parquet": digest("md5")}, tmp_path
        )
    assert str(caught.value) == (
        "steps.ingest.checksums: There is a checksum for 'data/2023-1.parquet', which is none of the files that are "
        "read.\nDid you mean 'data/2023-01.parquet'?"
    )

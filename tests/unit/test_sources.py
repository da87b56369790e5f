"""What locations stand for, and what of them is part of a key."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from mlflow_recipes import fingerprint
from mlflow_recipes.fingerprint import FileDigests
from mlflow_recipes.records import Part
from mlflow_recipes.sources import Sources, endings, folder_files, local_files, local_path, source_parts

LONG_AGO = 1_600_000_000


def old(path: Path, text: str) -> Path:
    """A file that was written long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def named(*locations: str, using: str = "csv", loaded: bool = True, **more: object) -> Sources:
    return Sources(locations, using, endings(using, loaded=loaded), **more)


def parts_of(root: Path, *locations: str, using: str = "csv", loaded: bool = True) -> dict[str, str]:
    found = source_parts(root, named(*locations, using=using, loaded=loaded), FileDigests())
    return {part.name: part.digest for part in found}


def test_local_file_counts_by_content_and_is_named_as_written(tmp_path: Path) -> None:
    file = old(tmp_path / "data/a.csv", "1")
    before = parts_of(tmp_path, "data/a.csv")
    assert set(before) == {"source data/a.csv"}
    os.utime(file)
    assert parts_of(tmp_path, "data/a.csv") == before
    old(file, "2")
    assert parts_of(tmp_path, "data/a.csv") != before


def test_moved_recipe_has_the_same_sources(tmp_path: Path) -> None:
    old(tmp_path / "one/data/a.csv", "1")
    old(tmp_path / "one/b.csv", "2")
    locations = ("data", "file:b.csv", "b.csv")
    before = source_parts(tmp_path / "one", named(*locations), FileDigests())
    shutil.move(tmp_path / "one", tmp_path / "two")
    assert source_parts(tmp_path / "two", named(*locations), FileDigests()) == before
    assert str(tmp_path) not in str(before)


def test_folder_is_one_part_for_each_file_that_ingest_reads(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "note.txt", ".hidden.csv", "inner.csv/x.csv"):
        old(tmp_path / "data" / name, name)
    before = parts_of(tmp_path, "data/")
    assert list(before) == ["source data/a.csv", "source data/b.csv"]
    assert list(parts_of(tmp_path, "data", using="custom")) == [*before, "source data/note.txt"]
    old(tmp_path / "data/note.txt", "another")
    assert parts_of(tmp_path, "data/") == before
    old(tmp_path / "data/c.csv", "new")
    assert set(parts_of(tmp_path, "data/")) == {*before, "source data/c.csv"}


def test_compound_extension_is_an_extension(tmp_path: Path) -> None:
    file = old(tmp_path / "a.csv.gz", "1")
    assert folder_files(tmp_path, endings("csv.gz", loaded=True)) == [file]
    assert folder_files(tmp_path, endings("csv", loaded=True)) == []
    assert folder_files(tmp_path, endings("csv", loaded=False)) == [file]


def test_order_and_repetition_of_locations_are_kept(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        old(tmp_path / name, name)
    assert list(parts_of(tmp_path, "b.csv", "a.csv")) == ["source b.csv", "source a.csv"]
    assert list(parts_of(tmp_path, "a.csv", "a.csv")) == ["source 0 a.csv", "source 1 a.csv"]


def test_a_pattern_is_one_part_for_each_file_that_matches(tmp_path: Path) -> None:
    for name in ("a1.csv", "b/a2.csv", "b/c/a3.csv", "b/.a4.csv", "b/a5.txt"):
        old(tmp_path / "da[t]a" / name, name)
    root = tmp_path / "da[t]a"  # a recipe's own folder is never a pattern
    assert set(parts_of(root, "a[1].csv")) == {"source a1.csv"}
    assert list(parts_of(root, "**/*.csv")) == ["source a1.csv", "source b/a2.csv", "source b/c/a3.csv"]
    assert list(parts_of(root, "b/a*")) == ["source b/a2.csv", "source b/a5.txt"]
    before = parts_of(root, "b/*.csv")
    old(root / "b/a2.csv", "another")
    assert parts_of(root, "b/*.csv") != before
    assert local_files(root, "nothing*.csv", (".csv",)) == []


def test_a_name_that_is_a_pattern_is_that_file(tmp_path: Path) -> None:
    old(tmp_path / "a1.csv", "1")
    old(tmp_path / "a[1].csv", "2")
    assert set(parts_of(tmp_path, "a[1].csv")) == {"source a[1].csv"}


def delta_log(root: Path, version: int, text: str) -> None:
    old(root / f"lake/_delta_log/{version:020}.json", text)


def test_a_delta_table_counts_by_the_log_of_the_version_that_is_read(tmp_path: Path) -> None:
    assert parts_of(tmp_path, "lake", using="delta").keys() == {"source lake"}
    delta_log(tmp_path, 0, "{}")
    first = parts_of(tmp_path, "lake", using="delta")
    [pinned] = source_parts(tmp_path, named("lake", using="delta", version=0), FileDigests())
    delta_log(tmp_path, 1, json.dumps({"add": 1}))
    second = parts_of(tmp_path, "lake", using="delta")
    assert second != first
    assert source_parts(tmp_path, named("lake", using="delta", version=0), FileDigests()) == (pinned,)
    assert pinned.shown == "version 0"
    delta_log(tmp_path, 1, json.dumps({"add": 2}))  # another table in the same place
    assert parts_of(tmp_path, "lake", using="delta") != second
    [gone] = source_parts(tmp_path, named("lake", using="delta", version=9), FileDigests())
    assert gone.shown == "its log is not there any more"


def test_a_database_counts_by_its_address_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def part(address: str) -> Part:
        monkeypatch.setenv("RIDES_URL", address)
        [found] = source_parts(tmp_path, named("trips", using="sql", connection_env="RIDES_URL"), FileDigests())
        return found

    one = part("postgresql://me:hunter2@host/db")
    assert one == part("postgresql://me:hunter3@host/db")
    assert one.digest != part("postgresql://me:hunter2@other/db").digest
    assert one.name == "source $RIDES_URL"
    assert one.shown == "changes in the database are not noticed; `run -s ingest` reads it again"
    monkeypatch.delenv("RIDES_URL")
    assert source_parts(tmp_path, named(using="sql", connection_env="RIDES_URL"), FileDigests()) != (one,)


def test_file_uris_are_paths(tmp_path: Path) -> None:
    file = old(tmp_path / "a b.csv", "1")
    assert local_path(tmp_path, file.as_uri()) == file
    assert local_path(tmp_path, file.as_uri().replace("file://", "FILE://localhost")) == file
    assert local_path(tmp_path, "file:a%20b.csv") == file
    assert local_path(tmp_path, "a b.csv") == file
    assert set(parts_of(tmp_path, "file:a%20b.csv").values()) == set(parts_of(tmp_path, "a b.csv").values())


def test_missing_and_unreadable_files_are_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source_parts(tmp_path, named("a.csv"), FileDigests()) == (Part("source a.csv", "missing", "missing"),)
    old(tmp_path / "a.csv", "1")

    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fingerprint, "file_digest", refuse)
    expected = Part("source a.csv", "unreadable", "cannot be read: Permission denied")
    assert source_parts(tmp_path, named("a.csv"), FileDigests()) == (expected,)


@pytest.mark.parametrize(
    ("location", "using"),
    [
        ("s3://bucket/a.csv", "csv"),
        ("dbfs:/a.csv", "csv"),
        ("runs:/0/a.csv", "csv"),
        ("models:/m/1", "custom"),
        ("main.taxi.trips", "spark_sql"),
        ("s3://bucket/lake", "delta"),
    ],
)
def test_other_addresses_say_that_changes_are_not_noticed(tmp_path: Path, location: str, using: str) -> None:
    [part] = source_parts(tmp_path, named(location, using=using), FileDigests())
    assert (part.name, part.shown) == (f"source {location}", "changes behind this address are not noticed")
    assert part.digest != parts_of(tmp_path, "s3://another", using=using)["source s3://another"]


def test_secrets_in_addresses_are_neither_shown_nor_counted(tmp_path: Path) -> None:
    one = source_parts(tmp_path, named("abfs://me:hunter2@host/a.csv"), FileDigests())
    other = source_parts(tmp_path, named("abfs://me:hunter3@host/a.csv"), FileDigests())
    assert one == other
    assert one[0].name == "source abfs://me:***@host/a.csv"


def test_address_that_no_parser_takes_is_a_part(tmp_path: Path) -> None:
    [part] = source_parts(tmp_path, named("http://[::1/a.csv"), FileDigests())
    assert part.shown == "server not reachable, and nothing is known from before"

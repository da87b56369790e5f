"""The execution directory on a real disk."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.records import Key, Part, StepRecord
from mlflow_recipes.store import Store, explained, file_digest, gather, write_text


def kept(store: Store, step: str, option: str, content: str, at: float = 0.0) -> StepRecord:
    """Commit one small step."""
    with store.staging() as staging:
        (staging / "out").mkdir()
        (staging / "out" / "part").write_text(content)
        output = gather(store, staging, "out")
    record = StepRecord(step, Key(step, (Part("config x", option, option),)), {"a": output}, finished_at=at)
    store.save(record)
    os.utime(store.home / "records" / step / f"{record.key.digest}.json", (at, at))
    return record


def test_equal_bytes_are_stored_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "a folder")
    one, two = kept(store, "s", "1", "same"), kept(store, "s", "2", "same")
    assert one.outputs["a"].digest == two.outputs["a"].digest
    assert len(list((store.home / "objects").glob("*/*"))) == 1


def test_records_come_last_used_first_and_damaged_ones_do_not_count(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, new = kept(store, "s", "1", "a", at=1), kept(store, "s", "2", "b", at=2)
    (store.home / "records" / "s" / "broken.json").write_text("{not json")
    (store.home / "records" / "s" / "list.json").write_text("[]")
    (store.home / "records" / "s" / "odd.json").write_text(
        new.to_json().replace('"outputs": {', '"outputs": [], "x": {')
    )
    assert store.records("s") == [new, old]
    store.used(old)
    assert store.records("s") == [old, new]
    assert store.records("never") == []


def test_a_missing_or_changed_object_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = kept(store, "s", "1", "content")
    [path] = (store.home / "objects").glob("*/*")
    assert store.intact(record, deep=True)
    path.write_text("CONTENT")
    assert not store.intact(record, deep=True)
    assert not store.intact(record), "it was written after the record"
    assert not store.intact(record, digest_of=lambda _: "other")
    assert store.intact(record, digest_of=lambda file: file.name)
    os.utime(path, (1, 1))
    assert store.intact(record), "only what was written to is read"
    assert store.intact(record, artifacts=[], deep=True)
    path.unlink()
    assert not store.intact(record)


def test_a_changed_object_is_replaced_when_its_bytes_are_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept(store, "s", "1", "content")
    [path] = (store.home / "objects").glob("*/*")
    path.write_text("CONTENT")
    assert store.intact(kept(store, "s", "1", "content"), deep=True)


@pytest.mark.parametrize(
    "text",
    ['{"steps": {"s": null}}', '{"steps": {"s": {"key": ["x"]}}}', '{"steps": []}', '["steps"]', "{"],
)
def test_a_damaged_state_says_nothing(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.save_state("local", {"steps": {}})
    (tmp_path / "state" / "local.json").write_text(text)
    assert store.state("local")["steps"] == {}
    assert store.prune(older_than=0).records == 0


def test_the_view_is_replaced_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = kept(store, "s", "1", "content")
    store.show("s", record.outputs["a"].objects, {"card.html": "<p>"}, key="k1")
    assert (store.outputs_folder("s") / "out" / "part").read_text() == "content"
    assert store.view("s") == "k1"
    store.show("s", {}, {"card.html": "failed"}, key=None)
    assert [path.name for path in store.outputs_folder("s").iterdir()] == ["card.html"]
    assert store.view("s") is None


def test_staging_disappears_also_after_a_failure(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen: list[Path] = []

    def fail() -> None:
        with store.staging() as folder:
            seen.append(folder)
            (folder / "half").write_text("x")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not seen[0].exists()


def test_states_are_kept_by_profile_and_damage_means_nothing_ran(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_state("local", {"steps": {"ingest": {"key": "k"}}})
    assert store.state("local")["steps"] == {"ingest": {"key": "k"}}
    assert store.state("other") == {"steps": {}}
    (tmp_path / "state" / "local.json").write_text("[1")
    assert store.state("local") == {"steps": {}}


def test_pruning_keeps_what_is_current_and_what_is_young(tmp_path: Path) -> None:
    store = Store(tmp_path)
    now = time.time()
    current = kept(store, "s", "1", "current", at=now - 1000)
    kept(store, "s", "2", "old", at=now - 900)
    young = kept(store, "s", "3", "young", at=now)
    store.save_state("local", {"steps": {"s": {"key": current.key.digest}}})
    freed = store.prune(older_than=500)
    assert (freed.records, freed.objects, freed.bytes) == (1, 1, len("old"))
    assert store.records("s") == [young, current]
    assert store.intact(current, deep=True)


def test_pruning_by_size_drops_the_oldest_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    now = time.time()
    for number in range(4):
        kept(store, "s", str(number), f"{number}" * 100, at=now - 100 + number)
    freed = store.prune(older_than=1e9, max_bytes=250)
    assert freed.records == 2
    assert [record.key.parts[0].shown for record in store.records("s")] == ["3", "2"]
    assert store.size() == 200


def test_write_text_leaves_the_old_content_when_it_fails(tmp_path: Path) -> None:
    file = tmp_path / "f"
    write_text(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_digest_depends_on_the_bytes_only(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    (tmp_path / "b").write_bytes(b"x" * 3_000_000)
    os.utime(tmp_path / "b", (1, 1))
    assert file_digest(tmp_path / "a") == file_digest(tmp_path / "b")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught, explained(tmp_path), Path("/dev/full").open("wb", 0) as file:
        file.write(b"x")
    assert str(caught.value) == (
        f"The disk that holds {tmp_path} is full ([Errno 28] No space left on device).\n"
        "Free some space (`mlflow recipes gc` drops old results of this recipe) and run it again."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_read_only_folder_is_explained(tmp_path: Path) -> None:
    error = PermissionError(13, "Permission denied", str(tmp_path / "x"))
    with pytest.raises(UnavailableError) as caught, explained(tmp_path):
        raise error
    assert str(caught.value) == (
        f"Cannot write to {tmp_path / 'x'} (Permission denied).\n"
        "Make the folder writable, or set MLFLOW_RECIPES_EXECUTION_DIRECTORY to one that is."
    )

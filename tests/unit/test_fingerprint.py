from __future__ import annotations

import importlib.metadata
import itertools
import os
import shutil
import sys
import textwrap
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_recipes import fingerprint
from mlflow_recipes.fingerprint import (
    FileDigests,
    code_parts,
    library_parts,
    option_parts,
    value_digest,
)
from mlflow_recipes.records import Part

if TYPE_CHECKING:
    from pathlib import Path

LONG_AGO = 1_600_000_000


def old(path: Path, text: str, *, seconds: int = LONG_AGO) -> Path:
    """A file that was written long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (seconds, seconds))
    return path


# Values

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from([0, 1, "1"])
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(0, 2), inner, max_size=3)
    ),
    max_leaves=8,
)


def typed(value: Any) -> Any:
    """The value in a form that `==` tells apart by type, whatever the order of its keys."""
    if isinstance(value, dict):
        return ("dict", frozenset((typed(name), typed(item)) for name, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(map(typed, value)))
    return (type(value), repr(value))


@settings(derandomize=True, max_examples=300)
@given(VALUES, VALUES)
def test_digests_are_equal_exactly_for_equal_values(one: Any, other: Any) -> None:
    assert (value_digest(one) == value_digest(other)) == (typed(one) == typed(other))


@settings(derandomize=True, max_examples=100)
@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    names = list(value)
    random.shuffle(names)
    assert value_digest({name: value[name] for name in names}) == value_digest(value)


def test_values_of_different_types_differ() -> None:
    values = [1, 1.0, "1", True, "True", None, "None", [], {}, "", [1], {"1": 1}, {1: 1}, [[1]], b"1", 0.0, -0.0]
    values += [date(2020, 1, 1), datetime(2020, 1, 1), "2020-01-01", {1, 2}, [1, 2], ["1,2"], ["1", "2"]]
    assert len({value_digest(value) for value in values}) == len(values)


def test_tuple_is_a_list_and_order_in_it_matters() -> None:
    assert value_digest((1, 2)) == value_digest([1, 2]) != value_digest([2, 1])


def test_digest_of_a_value_is_the_same_in_every_process_and_version() -> None:
    """Pinned: a change here makes every remembered result useless, so it must be meant."""
    assert value_digest({"a": [1, 1.5, None, "x"], "b": {"c": True}}) == "19098f4a2616fc248e9da47609ddb8c1"


def test_huge_numbers_have_digests() -> None:
    assert value_digest(16**5000) != value_digest(16**5000 + 1)


def test_other_objects_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^object is not a plain value$"):
        value_digest({"a": [object()]})


def test_options_show_their_value() -> None:
    parts = option_parts({"using": "custom", "split_ratios": (0.75, 0.125, 0.125), "n": 1, "none": None})
    shown = {part.name: part.shown for part in parts}
    assert shown == {
        "config using": '"custom"',
        "config split_ratios": "[0.75,0.125,0.125]",
        "config n": "1",
        "config none": "null",
    }
    assert [part.digest for part in parts] == [value_digest(v) for v in ("custom", [0.75, 0.125, 0.125], 1, None)]


def test_long_options_are_shortened_and_still_tell_each_other_apart() -> None:
    one, other = option_parts({"a": "x" * 100, "b": "x" * 100 + "y"})
    assert len(one.shown) < 70
    assert one.shown[:50] == other.shown[:50]
    assert one.shown != other.shown


def test_keys_of_different_types_never_share_a_part() -> None:
    def names(value: dict[Any, Any]) -> list[str]:
        return [part.name.removeprefix("config p.") for part in option_parts({"p": value})]

    keys = (1, "1", 1.5, "1.5", True, "true", None, "null", date(2020, 1, 1), "2020-01-01", "a.b", "", "x y", "-1", -2)
    for key, other in itertools.combinations(keys, 2):
        assert len({*names({key: 1}), *names({other: 1})}) == 2, (key, other)
    assert names({"a": {"b": 1}, "a.b": 2}) == ["a.b", '"a.b"']
    shown = [part.shown for part in option_parts({"p": [{date(2020, 1, 1): 1, True: {b"x": 2}}]})]
    assert shown == ['[{"2020-01-01":1,"true":{"b\'x\'":2}}]']


def test_secrets_are_masked_where_options_are_shown() -> None:
    options = {
        "experiment.tracking_uri": "https://me:hunter2@host/x",
        "estimator_params": {
            "token": "hunter2",
            "alpha": 1,
            "an api.token": "hunter2",
            "credentials": {"of": "hunter2, hunter2"},
        },
        "password": "hunter2",
        "location": ["https://host/a.csv?sig=hunter2&" + "n" * 100],
    }
    parts = option_parts(options)
    assert [part.shown for part in parts if "hunter2" in part.shown] == []
    assert [(part.name, part.shown) for part in parts[1:3]] == [
        ("config estimator_params.token", '"***"'),
        ("config estimator_params.alpha", "1"),
    ]


# Code

TRAIN = '''\
"""Doc."""
import steps.helper


def estimator(params):
    """Make one."""
    return params["alpha"]  # a comment
'''


def recipe(root: Path, **files: str) -> Path:
    for name, text in {"train": TRAIN, "helper": "LIMIT = 1\n", "unused": "X = 1\n", **files}.items():
        path = root / "steps" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def digests(root: Path) -> dict[str, str]:
    return {part.name: part.digest for part in code_parts(root, ["steps/train.py"])}


SAME = {
    "comment": TRAIN.replace("# a comment", "# another"),
    "docstring of the module": TRAIN.replace("Doc.", "Another."),
    "docstring of the function": TRAIN.replace('    """Make one."""\n', ""),
    "formatting": TRAIN.replace('params["alpha"]', "( params['alpha'] )").replace("\n\n\n", "\n"),
    "line endings": TRAIN.replace("\n", "\r\n"),
}
DIFFERENT = {
    "a value": TRAIN.replace("alpha", "beta"),
    "a type": TRAIN.replace('"alpha"', "1"),
    "a default": TRAIN.replace("(params)", "(params=None)"),
    "an annotation": TRAIN.replace("(params)", "(params: dict)"),
    "a decorator": TRAIN.replace("def est", "@staticmethod\ndef est"),
    "another name": TRAIN.replace("estimator", "estimator_fn"),
}


@pytest.mark.parametrize("edit", SAME)
def test_edits_without_meaning_keep_the_digest(tmp_path: Path, edit: str) -> None:
    before = digests(recipe(tmp_path))
    (tmp_path / "steps/train.py").write_bytes(SAME[edit].encode())
    assert SAME[edit] != TRAIN
    assert digests(tmp_path) == before


@pytest.mark.parametrize("edit", DIFFERENT)
def test_edits_with_meaning_change_the_digest_of_their_file_only(tmp_path: Path, edit: str) -> None:
    before = digests(recipe(tmp_path))
    after = digests(recipe(tmp_path, train=DIFFERENT[edit]))
    assert DIFFERENT[edit] != TRAIN
    assert {name for name in before if before[name] != after[name]} == {"code steps/train.py"}


def test_helper_counts_and_what_nobody_imports_does_not(tmp_path: Path) -> None:
    before = digests(recipe(tmp_path))
    assert set(before) == {"code steps/train.py", "code steps/helper.py"}
    assert digests(recipe(tmp_path, unused="X = 2\n")) == before
    assert digests(recipe(tmp_path, helper="LIMIT = 2\n"))["code steps/helper.py"] != before["code steps/helper.py"]


def test_moved_recipe_has_the_same_code(tmp_path: Path) -> None:
    before = code_parts(recipe(tmp_path / "one"), ["steps/train.py"])
    shutil.move(tmp_path / "one", tmp_path / "another folder")
    assert code_parts(tmp_path / "another folder", ["steps/train.py"]) == before


def test_file_shared_by_two_entries_is_one_part(tmp_path: Path) -> None:
    recipe(tmp_path, split="import steps.helper\n")
    names = [part.name for part in code_parts(tmp_path, ["steps/train.py", "steps/split.py", "steps/absent.py"])]
    assert names == ["code steps/helper.py", "code steps/split.py", "code steps/train.py"]


@pytest.mark.parametrize("broken", [b"def", b"x = '\x00'", b"x = 0x" + b"f" * 5000, b"+".join([b"1"] * 20_000)])
def test_file_that_cannot_be_dumped_counts_by_its_bytes(tmp_path: Path, broken: bytes) -> None:
    file = recipe(tmp_path) / "steps/train.py"
    file.write_bytes(broken)
    one = digests(tmp_path)["code steps/train.py"]
    file.write_bytes(broken + b"  # comment")
    assert digests(tmp_path)["code steps/train.py"] != one


# Libraries


def test_libraries_are_those_installed_and_python() -> None:
    parts = library_parts(["pytest", "no-such-distribution", "pytest"])
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    version = importlib.metadata.version("pytest")
    assert parts == (Part("library python", python, python), Part("library pytest", version, version))


def test_libraries_are_known_by_what_is_imported_of_them() -> None:
    names = [part.name for part in library_parts(["scikit-learn", "yaml", "sklearn", "dateutil", "json"])]
    assert names == ["library python", "library scikit-learn", "library PyYAML", "library python-dateutil"]


# Files


def test_content_is_read_again_only_when_size_or_time_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = fingerprint.file_digest
    monkeypatch.setattr(fingerprint, "file_digest", lambda path: read.append(path.name) or real(path))
    file = old(tmp_path / "a.csv", "1")
    first = FileDigests()
    digest = first.digest(file)
    assert first.digest(file) == digest
    again = FileDigests(first.known())
    assert again.digest(file) == digest
    assert read == ["a.csv"]
    os.utime(file, (LONG_AGO + 9, LONG_AGO + 9))  # touched: read, and the same
    assert again.digest(file) == digest
    old(file, "2", seconds=LONG_AGO + 99)
    assert again.digest(file) != digest
    assert read == ["a.csv"] * 3


def test_edit_of_the_same_size_within_the_clocks_tick_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("1")
    first = FileDigests()
    digest, stat = first.digest(file), file.stat()
    file.write_text("2")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert first.digest(file) != digest
    assert FileDigests(first.known()).digest(file) != digest


def test_what_is_known_is_json_and_forgets_files_that_are_gone(tmp_path: Path) -> None:
    import json

    files = FileDigests({"damaged": 7, str(tmp_path / "a.csv"): ["?"]})  # type: ignore[dict-item]
    file, gone = old(tmp_path / "a.csv", "1"), old(tmp_path / "b.csv", "1")
    digest = files.digest(file)
    assert files.digest(gone) == digest
    gone.unlink()
    known = json.loads(json.dumps(files.known()))
    assert known == {str(file): [1, LONG_AGO * 10**9, digest]}

"""What of the user's code is checks, by its text, and that editing them does not count as editing the step."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from mlflow_recipes.check_code import check_functions, nobodys_schemas, schemas_of
from mlflow_recipes.fingerprint import code_parts

INGEST = """\
import re

LIMIT = 5

def load(path):
    return check_helper(path)

def check_helper(path):
    return path

def check_rows(df):
    assert len(df) > LIMIT

@re.compile
def check_decorated(df):
    pass
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "steps/ingest.py", INGEST)
    return tmp_path


def write(root: Path, file: str, text: str) -> None:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(textwrap.dedent(text))


def digest(root: Path) -> str:
    return next(p.digest for p in code_parts(root, ["steps/ingest.py"]) if p.name == "code steps/ingest.py")


def test_a_function_that_other_code_uses_is_no_check(root: Path) -> None:
    assert check_functions(root, "steps/ingest.py") == ("check_rows", "check_decorated")
    write(root, "steps/split.py", "from steps.ingest import check_rows\n")
    assert check_functions(root, "steps/ingest.py") == ("check_decorated",)
    write(root, "steps/utils/deep.py", "import steps.ingest\nsteps.ingest.check_decorated\n")
    assert check_functions(root, "steps/ingest.py") == ()


def test_files_that_are_missing_or_no_python(root: Path) -> None:
    assert check_functions(root, "steps/nothing.py") == ()
    write(root, "steps/broken.py", "def check_(:\n")
    assert check_functions(root, "steps/broken.py") == ()
    assert check_functions(root, "steps/ingest.py") == ("check_rows", "check_decorated")


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("> LIMIT", "> 7", False),
        ("def check_rows(df):\n    assert len(df) > LIMIT\n", "", False),
        ("LIMIT = 5", "LIMIT = 6", True),
        ("    return path\n", "    return path + ''\n", True),
        ("def check_decorated(df):\n    pass", "def check_decorated(df):\n    return 1", True),
    ],
)
def test_editing_a_check_is_not_editing_the_step(root: Path, old: str, new: str, counts: bool) -> None:
    before = digest(root)
    write(root, "steps/ingest.py", INGEST.replace(old, new))
    assert (digest(root) != before) is counts


def test_code_that_finds_functions_by_itself_keeps_them_in(root: Path) -> None:
    text = INGEST + "\nNAMES = [name for name in globals()]\n"
    write(root, "steps/ingest.py", text)
    before = digest(root)
    write(root, "steps/ingest.py", text.replace("> LIMIT", "> 7"))
    assert digest(root) != before


def test_a_file_that_is_only_imported_counts_whole(root: Path) -> None:
    write(root, "steps/split.py", "import steps.ingest\n")
    before = code_parts(root, ["steps/split.py"])
    write(root, "steps/ingest.py", INGEST.replace("> LIMIT", "> 7"))
    assert code_parts(root, ["steps/split.py"]) != before


def test_schemas_belong_to_the_step_that_their_name_begins_with(root: Path) -> None:
    write(
        root,
        "steps/checks.py",
        """\
        import pandera.pandas as pa
        from steps.more import trips as clean

        ingest = pa.DataFrameSchema({})
        class IngestScoring(pa.DataFrameModel): ...
        split_training: pa.DataFrameSchema = pa.DataFrameSchema({})
        class _Base(pa.DataFrameModel): ...
        helper = 5
        class Plain: ...
        class Tripps(pa.DataFrameModel): ...
        trian = pa.DataFrameSchema({})
        """,
    )
    steps = ("ingest", "clean", "split", "train", "ingest_scoring")
    found = {step: [(s.name, s.rest) for s in schemas_of(root, step, steps)] for step in steps}
    assert found == {
        "ingest": [("ingest", "")],
        "clean": [("clean", "")],
        "split": [("split_training", "training")],
        "train": [],
        "ingest_scoring": [("IngestScoring", "")],
    }
    assert [str(problem) for problem in nobodys_schemas(root, steps)] == [
        "steps/checks.py:10: the schema 'Tripps' belongs to no step: its name begins with none. Name it like one of "
        "ingest, clean, split, train, ingest_scoring, with more behind it if you like; a `_` in front makes it a "
        "helper.",
        "steps/checks.py:11: the schema 'trian' belongs to no step: its name begins with none. Did you mean 'train'?",
    ]

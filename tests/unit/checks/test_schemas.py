"""pandera schemas in steps/checks.py."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from mlflow_recipes.check_code import schemas_of
from mlflow_recipes.checks import schemas
from mlflow_recipes.checks.model import Finding
from mlflow_recipes.user_code import UserCode

if find_spec("pandera") is None:  # imported here, it would set PYARROW_IGNORE_TIMEZONE for the tests that follow
    pytest.skip("pandera is an extra", allow_module_level=True)
STEPS = ("ingest", "split", "ingest_scoring")
# With an index that has duplicates, as data of several files does.
FRAME = pd.DataFrame({"a": [1, -2, 300, -1], "b": ["x", "y", None, "z"]}, index=[0, 1, 0, 1])


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., list[Finding]]:
    def run(text: str, step: str = "ingest", **tables) -> list[Finding]:
        (tmp_path / "steps").mkdir(exist_ok=True)
        (tmp_path / "steps" / "checks.py").write_text("import pandera.pandas as pa\n" + textwrap.dedent(text))
        with UserCode(tmp_path) as user:
            return schemas.run(user, step, schemas_of(tmp_path, step, STEPS), tables or {"": FRAME})

    return run


def test_all_failures_of_a_model_are_found_at_once(made) -> None:
    text = """\
        class Ingest(pa.DataFrameModel):
            a: int = pa.Field(ge=0)
            b: str = pa.Field(isin=["x"], nullable=True)

            @pa.dataframe_check
            def small(cls, df):
                return df["a"] < 100

            @pa.check("a")
            def broken(cls, series):
                raise RuntimeError("bad")
        """
    found = {(f.columns, f.sentence): f for f in made(text)}
    assert {key: [e.row for e in f.examples] for key, f in found.items()} == {
        (("a",), "2 of 4 rows (50 %) fail greater_than_or_equal_to(0)."): [1, 3],
        (("b",), "2 of 4 rows (50 %) fail isin(['x'])."): [1, 3],
        (("a",), "1 of 4 rows (25 %) fail small."): [2],
        (("a",), "broken: 'RuntimeError(\"bad\")'."): [],
    }
    assert {f.status for f in found.values()} == {"failed"}
    assert {f.name for f in found.values()} == {"Ingest"}
    first = next(iter(found.values()))
    assert (first.check, first.source, first.title) == ("pandera", "steps/checks.py", "Ingest")


def test_a_schema_that_passes_and_one_that_warns(made) -> None:
    text = """\
        ingest = pa.DataFrameSchema({"a": pa.Column(int)})
        ingest_signs = pa.DataFrameSchema(
            {"a": pa.Column(int, pa.Check(lambda s: s > 0, raise_warning=True, name="positive"))}
        )
        """
    passed, warned = made(text)
    assert (passed.status, passed.rows) == ("passed", 4)
    assert warned.status == "warned"
    assert "positive" in warned.sentence


def test_missing_and_unexpected_columns(made) -> None:
    found = made('ingest = pa.DataFrameSchema({"a": pa.Column(int), "zz": pa.Column(float)}, strict=True)\n')
    assert sorted(f.sentence for f in found) == ["column_in_dataframe: 'zz'.", "column_in_schema: 'b'."]


def test_names_say_which_step_and_table(made) -> None:
    text = """\
        import re
        _base = pa.DataFrameSchema({"a": pa.Column(str)})
        ingest = pa.DataFrameSchema({"a": pa.Column(str)})
        ingest_scoring = pa.DataFrameSchema({"zz": pa.Column(str)})
        split_of_nothing = 5
        SplitTest = pa.DataFrameSchema({"a": pa.Column(int)})
        class SplitAny(pa.DataFrameModel):
            b: str = pa.Field(nullable=True)
        """
    tables = {"training": FRAME, "test": FRAME}
    assert [(f.name, f.table) for f in made(text, "split", **tables)] == [
        ("SplitTest", "test"),
        ("SplitAny", "training"),
        ("SplitAny", "test"),
    ]
    assert [f.name for f in made(text)] == ["ingest"]


def test_the_frame_is_not_changed_by_coercion(made) -> None:
    before = FRAME.copy()
    [found] = made('ingest = pa.DataFrameSchema({"a": pa.Column(float, coerce=True)})\n')
    assert found.status == "passed"
    pd.testing.assert_frame_equal(before, FRAME)


def test_a_schema_of_the_index_sees_it(made) -> None:
    schema = 'ingest = pa.DataFrameSchema({"a": pa.Column(int)}, index=pa.Index(int, pa.Check.gt(7)))\n'
    [found] = made(schema, **{"": FRAME.set_axis([7, 8, 9, 10])})
    assert (found.failing, str(found.examples[0])) == (1, "index = 7, value = 7")


def test_hostile_column_names(made) -> None:
    names = ["a b", 'a"b', "split", "größe"]
    text = f"ingest = pa.DataFrameSchema({{name: pa.Column(int, pa.Check.gt(1)) for name in {names!r}}})\n"
    found = made(text, **{"": pd.DataFrame({name: [1] for name in names})})
    assert [f.columns for f in found] == [(name,) for name in names]

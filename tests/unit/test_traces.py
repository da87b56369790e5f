"""Errors as text: for most readers, and whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflow_recipes import traces
from mlflow_recipes.errors import GateError, UserCodeError
from mlflow_recipes.user_code import UserCode

if TYPE_CHECKING:
    from pathlib import Path


def failing(root: Path) -> UserCodeError:
    (root / "steps").mkdir()
    (root / "steps" / "split.py").write_text("import json\n\n\ndef f(df):\n    return json.loads(df)\n")
    with UserCode(root) as user, pytest.raises(UserCodeError) as caught:
        user.function("steps/split.py", "f", key="k")("{")
    return caught.value


def test_the_users_line_first_and_below_it_the_whole_way(tmp_path: Path) -> None:
    error = failing(tmp_path)
    short, whole = traces.readable(error, tmp_path), traces.whole(error, tmp_path)
    assert short.startswith("steps/split.py:5: f raised JSONDecodeError: ")
    assert short.count("File ") == 1
    assert whole.startswith(f"{short}\n\nTraceback (most recent call last):\n")
    assert "json/decoder.py" in whole.replace("\\", "/"), "where the library raised it"
    assert "mlflow_recipes/user_code.py" not in whole.replace("\\", "/")
    assert whole.rstrip().endswith(short.partition("f raised ")[2].partition("\n")[0])


def test_a_finding_of_our_own_has_no_traceback(tmp_path: Path) -> None:
    error = GateError("Not good enough.", hint="Improve it.")
    assert traces.underlying(error) is None
    assert traces.whole(error, tmp_path) == "Not good enough.\nImprove it."


def test_a_fault_of_ours_is_told_whole(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        {}["x"]
    assert "test_traces.py" in traces.readable(caught.value, tmp_path)
    assert traces.readable(caught.value, tmp_path).endswith("KeyError: 'x'")


def test_an_error_that_says_nothing_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "split.py").write_text("def f(df):\n    raise KeyboardInterrupt\n")
    with UserCode(tmp_path) as user, pytest.raises(KeyboardInterrupt) as caught:
        user.function("steps/split.py", "f", key="k")(None)
    assert traces.readable(caught.value, tmp_path).splitlines()[0] == "KeyboardInterrupt"


def test_an_excerpt_shows_the_users_line_among_its_neighbours(tmp_path: Path) -> None:
    assert traces.excerpt(failing(tmp_path), tmp_path) == (
        "steps/split.py, line 5, in f\n"
        "        1 import json\n        2\n        3\n        4 def f(df):\n--->    5     return json.loads(df)"
    )
    assert traces.excerpt(GateError("Not good enough."), tmp_path) == ""

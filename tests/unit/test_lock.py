"""One run at a time, across processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.errors import UnavailableError
from mlflow_recipes.lock import exclusive, is_held

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from mlflow_recipes.lock import exclusive, is_held
with exclusive(Path(sys.argv[1]), "mlflow recipes run", None, print):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().strip() == "held"
    yield process
    process.kill()
    process.communicate()


def test_the_second_says_for_whom_it_waits_and_gives_up_in_time(tmp_path: Path, holder: subprocess.Popen) -> None:
    said: list[str] = []
    with pytest.raises(UnavailableError) as caught, exclusive(tmp_path, "me", 0.5, said.append):
        pass
    assert len(said) == 1
    assert f"process {holder.pid} of " in said[0]
    assert "`mlflow recipes run`" in str(caught.value)
    assert "It was waited for 0.5 s." in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_killed_holder_lets_go(tmp_path: Path, holder: subprocess.Popen) -> None:
    holder.kill()
    holder.wait()
    with exclusive(tmp_path, "me", 5, print):
        assert str(os.getpid()) in (tmp_path / "run.lock.json").read_text()
    assert not (tmp_path / "run.lock.json").exists()


def test_whether_it_is_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with exclusive(tmp_path, "one", None, print):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)

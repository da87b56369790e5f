"""Output that nobody reads, and output that is a program's."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from mlflow_recipes.streams import enduring, out_to_err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no broken pipes")
def test_output_that_nobody_reads_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with enduring():
            assert sys.stdout is not stream
            assert sys.stdout.encoding == stream.encoding
            for _ in range(3):
                sys.stdout.write("x" * 100_000)
                sys.stdout.buffer.write(b"x" * 100_000)
                sys.stdout.flush()
        assert sys.stdout is stream


def test_output_that_is_read_arrives_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as read, os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        sys.stdout.write("a\n")
        with enduring():
            sys.stdout.write("\N{SNOWMAN}\n")
        sys.stdout.write("c\n")
        stream.close()
        assert read.read() == "a\n\N{SNOWMAN}\nc\n"


def test_streams_without_a_file_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with enduring():
        assert (sys.stdout, sys.stderr) == (out, err)
        with out_to_err():
            sys.stdout.write("aside")
        sys.stdout.write("result")
    assert (out.getvalue(), err.getvalue()) == ("result", "aside")


def test_a_block_whose_output_goes_to_error() -> None:
    program = (
        "import os\nfrom mlflow_recipes.streams import out_to_err\n"
        "print('before')\n"
        "with out_to_err():\n    print('python')\n    os.write(1, b'c\\n')\n"
        "print('after')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "before\nafter\n"
    assert sorted(done.stderr.split()) == ["c", "python"]

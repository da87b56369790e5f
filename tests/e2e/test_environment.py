"""Values of the environment: they decide, and are nowhere to be found afterwards."""

from __future__ import annotations

import json

from tests.conftest import Small

SECRET = "correct-horse-battery"
SCALE = """\
from pathlib import Path


def scale(frame, phrase, factor):
    assert phrase.startswith("correct"), "another phrase was expected"
    Path("seen.txt").write_text(str(len(phrase)))
    return frame.assign(a=frame["a"] * factor)
"""


def with_secret(small: Small) -> Small:
    small.write("steps/scale.py", SCALE)
    params = "{phrase: '{{ PHRASE }}', factor: {{ env('FACTOR', 2) }}}"
    small.edit(
        "recipe.yaml",
        "  split:\n",
        f"  scale:\n    function: scale\n    params: {params}\n  split:\n",
    )
    small.write(
        "profiles/local.yaml", (small.root / "profiles/local.yaml").read_text() + 'PHRASE: {{ env("PHRASE") }}\n'
    )
    return small


def test_a_value_of_the_environment_is_not_stored(small: Small) -> None:
    with_secret(small)
    run = small.command("run", "-p", "local", PHRASE=SECRET)
    assert run.returncode == 0, run.stderr
    shown = [small.command(*words, PHRASE=SECRET) for words in (("plan", "-p", "local"), ("report", "-p", "local"))]
    shown.append(small.command("inspect", "-s", "scale", "-p", "local", "--text", PHRASE=SECRET))
    for done in (run, *shown):
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
    holding = [file for file in small.root.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert holding == []
    assert (small.root / "seen.txt").read_text() == str(len(SECRET))


def test_another_value_runs_the_step_again_and_the_same_does_not(small: Small) -> None:
    with_secret(small)
    plan = ("plan", "-p", "local", "--json")
    assert small.command("run", "-p", "local", "-s", "scale", PHRASE=SECRET).returncode == 0
    same, other, factor = (
        json.loads(small.command(*plan, **given).stdout)
        for given in ({"PHRASE": SECRET}, {"PHRASE": f"{SECRET}-2"}, {"PHRASE": SECRET, "FACTOR": "3"})
    )
    assert [step["action"] for step in same[:2]] == ["reuse", "reuse"]
    assert [step["action"] for step in other[:2]] == ["reuse", "run"]
    assert "config params.phrase changed" in other[1]["reasons"][0]
    assert "config params.factor changed" in factor[1]["reasons"][0]


def test_a_failing_step_does_not_tell_it(small: Small) -> None:
    with_secret(small)
    small.edit("steps/scale.py", "another phrase was expected", "{phrase}")
    small.edit("steps/scale.py", '"{phrase}"', 'f"not {phrase}"')
    failed = small.command("run", "-p", "local", "-s", "scale", PHRASE="wrong-horse-battery")
    assert failed.returncode == 2
    assert "not ***" in failed.stderr
    assert "wrong-horse-battery" not in failed.stdout + failed.stderr


def test_what_is_not_set_is_said_with_its_line(small: Small) -> None:
    with_secret(small)
    done = small.command("validate", "-p", "local")
    assert done.returncode == 2
    assert "profiles/local.yaml:10: The environment variable PHRASE is not set." in done.stderr

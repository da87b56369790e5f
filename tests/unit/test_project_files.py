"""The files around the code agree with each other and with the rules of the project."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from mlflow_recipes.cli import group

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
MOST_PARAMETERS = 5


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(name: str) -> set[str]:
    return {line for line in text(name).splitlines() if line and not line.startswith("#")}


def of_conda() -> list[str]:
    pip = [entry for entry in yaml.safe_load(text("conda.yaml"))["dependencies"] if isinstance(entry, dict)]
    assert [list(entry) for entry in pip] == [["pip"]]
    return pip[0]["pip"]


def targets() -> set[str]:
    return set(re.findall(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)[0].split())


# The lock and the environments made of it


def test_conda_environment_is_the_lock_and_pytest() -> None:
    assert len(of_conda()) == len(set(of_conda()))
    assert requirements("requirements.lock") <= set(of_conda())
    beyond = {line.partition("==")[0] for line in set(of_conda()) - requirements("requirements.lock")}
    assert beyond == {"pytest", "iniconfig", "pluggy", "colorama"}


def test_development_uses_the_versions_of_the_lock() -> None:
    def pinned(names: set[str]) -> set[tuple[str, str]]:
        return {(name, version) for line in names for name, _, version in [line.split(" ;")[0].partition("==")]}

    assert pinned(requirements("requirements.lock")) <= pinned(requirements("requirements-dev.lock"))
    assert pinned(set(of_conda())) <= pinned(requirements("requirements-dev.lock"))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_everything_and_name_no_place(name: str) -> None:
    line = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][a-z0-9.+]*( ; [a-z0-9_ .'=<>!*()]+)?", re.IGNORECASE)
    assert [found for found in requirements(name) if not line.fullmatch(found)] == []


def test_the_lock_holds_what_the_package_asks_for() -> None:
    declared = re.findall(r'^  "([A-Za-z0-9-]+)>=', text("pyproject.toml"), re.MULTILINE)
    assert {"mlflow", "skops", "xgboost-cpu"} <= set(declared)
    run = {line.partition("==")[0] for line in requirements("requirements.lock")}
    develop = {line.partition("==")[0] for line in requirements("requirements-dev.lock")}
    runtime = text("pyproject.toml").partition("[project.optional-dependencies]")[0] + '"xgboost-cpu>='
    assert [name for name in declared if f'"{name}>=' in runtime and name.lower() not in run] == []
    assert [name for name in declared if name.lower() not in develop] == []


# Commands


def test_entry_points_of_mlflow_run() -> None:
    project = yaml.safe_load(text("MLproject"))
    assert project["conda_env"] == "conda.yaml"
    assert set(project["entry_points"]) == {"main", "step", "test"}
    assert project["entry_points"]["main"]["parameters"] == {"profile": {"type": "string", "default": "local"}}
    assert set(project["entry_points"]["step"]["parameters"]) == {"step", "profile"}
    commands = [entry["command"] for entry in project["entry_points"].values()]
    scripts = {word for command in commands for word in command.split() if word.endswith(".py") or "/" in word}
    assert scripts == {"scripts/from_checkout.py", "tests/recipe"}
    assert all((ROOT / script).exists() for script in scripts)


def test_commands_that_the_readme_names_exist() -> None:
    named = set(re.findall(r"(?:`|^ *(?:\$ )?)make ([a-z]+)\b", text("README.md"), re.MULTILINE))
    assert {"run", "test"} <= named
    assert named <= targets()


def test_commands_explain_themselves() -> None:
    described = set(re.findall(r"^# make ([a-z]+) ", text("Makefile"), re.MULTILINE))
    assert described == targets() - {"help", "reference"}


def test_no_make_rule_needs_a_path_without_spaces() -> None:
    assert "$(CURDIR)" not in text("Makefile")
    assert "$(abspath" not in text("Makefile")


def test_the_gate_runs_every_check() -> None:
    lines = [line for line in text(".ci/run").splitlines() if line.startswith("make ")]
    assert lines == ["make reference", "make check", "make test"]
    assert "set -euo pipefail" in text(".ci/run")


@pytest.mark.parametrize("profile", sorted(path.stem for path in (ROOT / "profiles").glob("*.yaml")))
def test_every_profile_is_valid(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(group, ["validate", "-p", profile])
    assert (result.exit_code, result.output) == (0, "The recipe is valid.\n")


# Lengths


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {node.name}", node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    end = node.end_lineno or node.lineno
    docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    return end - node.lineno + 1 - (docstring.end_lineno - docstring.lineno + 1 if docstring else 0)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    own = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len(own) - (bool(own) and own[0].arg in ("self", "cls"))


def test_modules_are_short() -> None:
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert len(lines) > 40
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    found = {name: length(node) for path in SOURCES for name, node in functions(path)}
    assert {name: count for name, count in found.items() if count > LONGEST_FUNCTION} == {}


def test_functions_take_few_parameters() -> None:
    found = {
        name: parameters(node)
        for path in SOURCES
        for name, node in functions(path)
        if not any("click" in ast.unparse(decorator) for decorator in node.decorator_list)
    }
    assert {name: count for name, count in found.items() if count > MOST_PARAMETERS} == {}


def test_a_function_is_measured_without_its_docstring() -> None:
    module = ast.parse('@first\ndef f(self, a, *, b):\n    """One.\n\n    Two.\n    """\n    return a\n')
    node = module.body[0]
    assert isinstance(node, ast.FunctionDef)
    assert (length(node), parameters(node)) == (2, 2)

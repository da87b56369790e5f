from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.config.models import parse
from mlflow_recipes.config.source import load_source
from mlflow_recipes.errors import Position, Problem
from mlflow_recipes.user_checks import Wanted, check_functions, wanted_functions

if TYPE_CHECKING:
    from pathlib import Path

HERE = Position("recipe.yaml", 7, 19)


def problems(root: Path, text: str | None, *arguments: int, name: str = "f") -> tuple[Problem, ...]:
    (root / "steps").mkdir(exist_ok=True)
    if text is not None:
        (root / "steps/split.py").write_text(textwrap.dedent(text), encoding="utf-8")
    wanted = Wanted("steps/split.py", name, "steps.split.split_method", HERE, arguments or (1,))
    return check_functions(root, [wanted])


GOOD = [
    "def f(df): ...",
    "def f(df, more=1): ...",
    "def f(*all): ...",
    "def f(df, /): ...",
    "def f(df, *, more=1): ...",
    "async def f(a, b): ...",
    "f = lambda df: df",
    "f: object = print",
    "(f, g) = (1, 2)",
    "from steps.helper import f",
    "from steps.helper import g as f",
    "import f",
    "from steps.helper import *",
    "globals()['f'] = print",
    "exec('def f(df): ...')",
    "def __getattr__(name): ...",
    "class f: ...",
    "@decorated\ndef f(a, b): ...",
    "if True:\n    def f(df): ...",
    "try:\n    from x import f\nexcept ImportError:\n    def f(df): ...",
    "with open('x') as f: ...",
    "def f(a, b): ...\ndef f(df): ...",
]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("def f(df, low, high): ...", True),
        ("def f(df, *, low, high=1): ...", True),
        ("def f(df, **given): ...", True),
        ("def f(low, high, df): ...", False),
        ("def f(df, low): ...", False),
        ("def f(df, low, high, more): ...", False),
        ("def f(df, low, *, high, more): ...", False),
        ("def f(df, low, /, high): ...", False),
    ],
)
def test_arguments_by_name(tmp_path: Path, text: str, fits: bool) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/clean.py").write_text(text)
    wanted = Wanted("steps/clean.py", "f", "steps.clean.function", HERE, (1,), named=("low", "high"))
    found = check_functions(tmp_path, [wanted])
    told = text.removeprefix("def f(").removesuffix("): ...")
    assert (
        [problem.message for problem in found] == []
        if fits
        else [
            f"f({told}) is called with 1 positional argument and low, high by name as steps.clean.function, "
            "which does not fit."
        ]
    )


def test_a_near_match_may_be_another_word_for_it(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/train.py").write_text("def estimator_fn(): ...")
    key = "steps.train.target_transform"
    [problem] = check_functions(tmp_path, [Wanted("steps/train.py", "log1", key, HERE, (0,), ("log1p", "sqrt"))])
    assert str(problem) == (
        "recipe.yaml:7:19: steps/train.py has no function 'log1', which steps.train.target_transform names. "
        "Did you mean 'log1p'?"
    )


@pytest.mark.parametrize("text", GOOD)
def test_whatever_may_be_right_is_no_problem(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == ()


NOT_THERE = [
    "def g():\n    def f(df): ...",
    "class C:\n    def f(self): ...",
    "def g():\n    f = 1",
    "x = [f for f in range(3)]",
    "x = f",
    "",
]


@pytest.mark.parametrize("text", NOT_THERE)
def test_what_a_module_does_not_bind_is_missing(tmp_path: Path, text: str) -> None:
    [problem] = problems(tmp_path, text)
    assert problem.message == "steps/split.py has no function 'f', which steps.split.split_method names."
    assert (problem.where, problem.key) == (HERE, "steps.split.split_method")


def test_near_matches_are_the_modules_functions(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "split_fm = 1\ndef split_fn(df): ...\n", name="split_f")
    assert str(problem) == (
        "recipe.yaml:7:19: steps/split.py has no function 'split_f', which steps.split.split_method names. "
        "Did you mean 'split_fn'?"
    )
    [problem] = problems(tmp_path, "def b(): ...\ndef a(): ...\n", name="unlike")
    assert problem.hint == "It has: a, b."


def test_missing_file(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, None)
    assert problem == Problem(
        "steps/split.py does not exist, but steps.split.split_method names the function 'f' in it.",
        HERE,
        "steps.split.split_method",
        "Create it with a function `f`.",
    )


def test_syntax_error_is_one_problem_however_many_functions_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps/split.py").write_text("x = 1\ny = = 2\n")
    wanted = [Wanted("steps/split.py", name, name, HERE, (1,)) for name in "fg"]
    [problem] = check_functions(tmp_path, wanted)
    assert (
        str(problem)
        == "steps/split.py:2:5: steps/split.py is not valid Python: invalid syntax. Correct the syntax there."
    )


def test_syntax_error_in_a_helper_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    for name in ("split", "train"):
        (tmp_path / f"steps/{name}.py").write_text("import steps.helper\ndef f(df): ...\n")
    (tmp_path / "steps/helper.py").write_text("def")
    wanted = [Wanted(f"steps/{name}.py", "f", name, HERE, (1,)) for name in ("split", "train")]
    [problem] = check_functions(tmp_path, wanted)
    assert problem.where is not None
    assert problem.where.file == "steps/helper.py"


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (
            "def f(): ...",
            (1,),
            "f() is called with 1 positional argument as steps.split.split_method, which does not fit.",
        ),
        (
            "def f(a, b): ...",
            (3,),
            "f(a, b) is called with 3 positional arguments as steps.split.split_method, which does not fit.",
        ),
        (
            "def f(a, b, c): ...",
            (0, 1),
            "f(a, b, c) is called with 0 or 1 positional arguments as steps.split.split_method, which does not fit.",
        ),
        (
            "def f(a, *, b): ...",
            (1,),
            "f(a, *, b) is called with 1 positional argument as steps.split.split_method, which does not fit.",
        ),
        (
            "f = lambda: 1",
            (2,),
            "f() is called with 2 positional arguments as steps.split.split_method, which does not fit.",
        ),
    ],
)
def test_arguments_that_do_not_fit(tmp_path: Path, text: str, arguments: tuple[int, ...], message: str) -> None:
    [problem] = problems(tmp_path, f"\n{text}\n", *arguments)
    assert problem == Problem(
        message, Position("steps/split.py", 2), "steps.split.split_method", "Change its parameters."
    )


def test_nothing_of_the_users_is_run(tmp_path: Path) -> None:
    assert problems(tmp_path, "raise SystemExit\ndef f(df): ...\n") == ()


RECIPE = """\
recipe: regression/v1
target_col: y
custom_metrics:
  - name: m
    function: metric
    greater_is_better: true
steps:
  ingest:
    using: csv
    location: a.csv
    loader_method: load
  split:
    using: {using}
    split_method: divide
    post_split_filter_method: keep
  transform:
    transformer_method: transformer
  train:
    estimator_method: estimator
  register:
    allow_non_validated_model: true
"""
STEPS = ("ingest", "split", "transform", "train", "evaluate", "register")


def wanted(root: Path, text: str, steps: tuple[str, ...] = STEPS) -> dict[str, Wanted]:
    (root / "recipe.yaml").write_text(text, encoding="utf-8")
    (root / "profiles").mkdir(exist_ok=True)
    (root / "profiles/local.yaml").write_text("model_registry: {model_name: m}\n", encoding="utf-8")
    source = load_source(root, "local")
    return {function.key: function for function in wanted_functions(parse(source), source, steps)}


def test_wanted_functions_are_those_the_configuration_names(tmp_path: Path) -> None:
    found = wanted(tmp_path, RECIPE.format(using="custom"))
    assert {key: (w.file, w.name, w.arguments, w.where.line if w.where else 0) for key, w in found.items()} == {
        "steps.ingest.loader_method": ("steps/ingest.py", "load", (1, 2), 11),
        "steps.split.split_method": ("steps/split.py", "divide", (1,), 14),
        "steps.split.post_split_filter_method": ("steps/split.py", "keep", (1,), 15),
        "steps.transform.transformer_method": ("steps/transform.py", "transformer", (0,), 17),
        "steps.train.estimator_method": ("steps/train.py", "estimator", (0, 1), 19),
        "custom_metrics.0.function": ("steps/custom_metrics.py", "metric", (2,), 5),
    }


def test_functions_that_are_named_but_not_called_are_not_wanted(tmp_path: Path) -> None:
    assert "steps.split.split_method" not in wanted(tmp_path, RECIPE.format(using="split_ratios"))
    text = RECIPE.format(using="custom").replace(
        "    post_split_filter", "    post_split_method: post\n    post_split_filter"
    )
    found = wanted(tmp_path, text)
    assert found["steps.split.post_split_method"].arguments == (3,)
    assert "steps.split.post_split_filter_method" not in found


def test_a_target_transform_is_a_function_unless_it_is_known_by_name(tmp_path: Path) -> None:
    text = RECIPE.format(using="custom").replace("  register:", "    target_transform: {}\n  register:")
    found = wanted(tmp_path, text.format("mine"))["steps.train.target_transform"]
    assert (found.file, found.name, found.arguments) == ("steps/train.py", "mine", (0,))
    assert "steps.train.target_transform" not in wanted(tmp_path, text.format("log1p"))


def test_estimator_with_parameters_must_take_them(tmp_path: Path) -> None:
    text = RECIPE.format(using="custom").replace(
        "_method: estimator", "_method: estimator\n    estimator_params: {a: 1}"
    )
    assert wanted(tmp_path, text)["steps.train.estimator_method"].arguments == (1,)


def test_only_the_asked_steps_count(tmp_path: Path) -> None:
    assert set(wanted(tmp_path, RECIPE.format(using="custom"), ("transform",))) == {
        "steps.transform.transformer_method"
    }


@pytest.mark.parametrize("module", ["user_checks", "fingerprint", "code_closure", "user_code"])
def test_nothing_heavy_is_imported(module: str) -> None:
    heavy = "{'pandas', 'mlflow', 'sklearn', 'numpy', 'pyarrow', 'requests', 'pydantic'}"
    program = f"import sys, mlflow_recipes.{module}; found = {heavy} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", program], check=True)

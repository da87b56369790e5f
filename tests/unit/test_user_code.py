from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from mlflow_recipes.config.sections import CustomMetric
from mlflow_recipes.errors import DataError, Position, RecipeError, UserCodeError
from mlflow_recipes.user_code import UserCode, UserFunction, user_frames
from mlflow_recipes.user_modules import RecipeFinder, drop_modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "steps.split.split_method"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Every test leaves the import machinery as it was."""
    before = list(sys.path), sys.dont_write_bytecode
    yield
    drop_modules({"steps", "shared", "cleaning", "library"})
    assert (list(sys.path), sys.dont_write_bytecode) == before
    assert not [finder for finder in sys.meta_path if isinstance(finder, RecipeFinder)]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def call(root: Path, *arguments: Any, name: str = "f", file: str = "steps/split.py", failure: str | None = None) -> Any:
    with UserCode(root) as user:
        return user.function(file, name, key=KEY, failure=failure)(*arguments)


def refused(root: Path, *arguments: Any, **more: Any) -> UserCodeError:
    with pytest.raises(UserCodeError) as caught:
        call(root, *arguments, **more)
    return caught.value


# Importing


@pytest.mark.parametrize("before", [None, "1"])
@pytest.mark.parametrize("imported", ["at the top", "in a function"])
@pytest.mark.parametrize(
    "change", ['setdefault("PYARROW_IGNORE_TIMEZONE", "1")', 'update(PYARROW_IGNORE_TIMEZONE="1")']
)
def test_zones_count_whatever_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None, imported: str, change: str
) -> None:
    """As pandera and FLAML do: whether they are imported must not change what a table holds."""
    monkeypatch.delenv("PYARROW_IGNORE_TIMEZONE", raising=False)
    if before is not None:
        monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", before)
    write(tmp_path, {"library.py": f"import os\n\nname = 'PYARROW_IGNORE_TIMEZONE'\nos.environ.{change}\n"})
    text = "import library\ndef f(): pass" if imported == "at the top" else "def f():\n    import library"
    write(tmp_path, {"steps/split.py": text})
    moment = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    with UserCode(tmp_path) as user:
        user.function("steps/split.py", "f", key=KEY)()
        assert pa.array([moment]).cast("int64").to_pylist() == [0]
    assert os.environ.get("PYARROW_IGNORE_TIMEZONE") == before


@pytest.mark.parametrize("init", [True, False])
def test_function_is_found_with_and_without_init(tmp_path: Path, init: bool) -> None:
    write(tmp_path, {"steps/split.py": "from steps.helper import g\n\ndef f(x):\n    return g(x)\n"})
    write(tmp_path, {"steps/helper.py": "def g(x):\n    return x + 1\n"})
    if init:
        write(tmp_path, {"steps/__init__.py": ""})
    assert call(tmp_path, 1) == 2


def test_two_recipes_in_one_process_get_their_own_modules(tmp_path: Path) -> None:
    for number in ("1", "2"):
        files = {
            "steps/train.py": "from shared.inner import N\nimport helper\n\ndef f():\n    return N, helper.N\n",
            "shared/inner.py": f"N = {number}\n",
            "helper.py": f"N = {number}\n",
        }
        write(tmp_path / number, files)
    results = [call(tmp_path / n, file="steps/train.py") for n in ("1", "2", "1")]
    assert results == [(1, 1), (2, 2), (1, 1)]


def test_module_that_somebody_else_imported_does_not_stand_in_for_the_recipes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that was loaded earlier brings its own copy of the step files."""
    write(tmp_path / "model", {"steps/split.py": "def f():\n    return 'model'\n", "shared/a.py": "N = 'model'\n"})
    write(tmp_path / "recipe", {"steps/split.py": "import shared.a\n\ndef f():\n    return shared.a.N\n"})
    write(tmp_path / "recipe", {"shared/a.py": "N = 'recipe'\n"})
    drop_modules(["steps", "shared"])
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path / "model"))
        import shared.a

        import steps.split

        assert (steps.split.f(), shared.a.N) == ("model", "model")
    assert call(tmp_path / "recipe") == "recipe"


BESIDE = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport cleaning\n\n"


@pytest.mark.parametrize("before", [True, False])
def test_helper_beside_the_step_file_is_imported_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    write(tmp_path, {"steps/split.py": f"{BESIDE}def f():\n    return cleaning.N\n", "steps/cleaning.py": "N = 1\n"})
    if before:
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(tmp_path / "steps"))
            import cleaning

            assert cleaning.N == 1
        shutil.rmtree(tmp_path / "steps" / "__pycache__", ignore_errors=True)
    assert call(tmp_path) == 1
    write(tmp_path, {"steps/cleaning.py": "N = 2\n"})
    assert call(tmp_path) == 2
    assert not (tmp_path / "steps" / "__pycache__").exists()


def test_package_called_steps_elsewhere_does_not_hide_the_recipes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "elsewhere", {"steps/__init__.py": "", "steps/split.py": "def f():\n    return 'elsewhere'\n"})
    write(tmp_path / "recipe", {"steps/split.py": "def f():\n    return 'recipe'\n"})
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    assert call(tmp_path / "recipe") == "recipe"


def test_edit_of_the_same_size_in_the_same_second_is_what_runs(tmp_path: Path) -> None:
    """Python's own bytecode cache would not notice; notebooks make such edits."""
    write(tmp_path, {"steps/split.py": "import steps.helper\n\ndef f():\n    return steps.helper.N\n"})
    helper = tmp_path / "steps/helper.py"
    helper.write_text("N = 1\n")
    os.utime(helper, (1_600_000_000, 1_600_000_000))
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import steps.helper"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert list((tmp_path / "steps/__pycache__").glob("helper.*.pyc"))
    helper.write_text("N = 2\n")
    os.utime(helper, (1_600_000_000, 1_600_000_000))
    assert call(tmp_path) == 2


def test_nothing_is_written_beside_the_users_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(tmp_path, {"steps/split.py": "import shared.a\n\ndef f():\n    return 1\n", "shared/a.py": ""})
    before = sorted(tmp_path.rglob("*"))
    assert call(tmp_path) == 1
    assert sorted(tmp_path.rglob("*")) == before
    monkeypatch.undo()


def test_classes_can_be_pickled_after_the_run(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "class Thing:\n    n = 7\n\ndef f():\n    return Thing()\n"})
    thing = call(tmp_path)
    assert pickle.loads(pickle.dumps(thing)).n == 7


def test_imports_inside_functions_work_while_entered(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"steps/split.py": "def f():\n    from shared.late import N\n    return N\n", "shared/late.py": "N = 3"},
    )
    assert call(tmp_path) == 3


def test_import_path_is_restored_after_a_failure(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "import sys\nsys.path.append('/nowhere')\nraise RuntimeError('no')\n"})
    refused(tmp_path)  # the fixture looks at sys.path


def test_modules_are_those_the_recipe_provides(tmp_path: Path) -> None:
    files = {
        "steps/a.py": "import shared.deep.one",
        "shared/deep/one.py": "",
        "alone.py": "",
        "lib/x.py": "",
        "data/a.csv": "",
    }
    write(tmp_path, files)
    assert UserCode(tmp_path).modules == ("alone", "lib", "shared", "steps")


# What cannot be imported


def test_missing_file_is_not_created(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert str(error) == (
        f"steps/split.py: steps/split.py does not exist, but {KEY} names the function 'f' in it.\n"
        "Create it with a function `f`."
    )
    assert list(tmp_path.iterdir()) == []


def test_callers_sentence_comes_first(tmp_path: Path) -> None:
    error = refused(tmp_path, failure="Failed to import custom dataset loader function.")
    assert error.summary.startswith("Failed to import custom dataset loader function. steps/split.py does not exist")


def test_syntax_error_is_shown_where_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "import steps.helper\n", "steps/helper.py": "x = 1\ny = = 2\n"})
    error = refused(tmp_path)
    assert str(error) == (
        "steps/helper.py:2:5: steps/helper.py is not valid Python: invalid syntax.\n"
        "  y = = 2\nCorrect the syntax there."
    )
    assert isinstance(error.__cause__, SyntaxError)


def test_exception_on_import_points_at_the_users_line(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "import steps.helper\n", "steps/helper.py": "x = 1\ny = {}['key']\n"})
    error = refused(tmp_path)
    assert str(error) == (
        "steps/helper.py:2: steps/split.py could not be imported: KeyError: 'key'\n"
        "  y = {}['key']\nCorrect the code there, or the data that it gets."
    )
    assert isinstance(error.__cause__, KeyError)


@pytest.mark.parametrize(("module", "install"), [("no_such_module.x", "no_such_module"), ("cv2", "opencv-python")])
def test_missing_library_says_what_to_install(tmp_path: Path, module: str, install: str) -> None:
    write(tmp_path, {"steps/split.py": f"x = 1\nimport {module}\n"})
    error = refused(tmp_path)
    assert str(error) == (
        f"steps/split.py:2: steps/split.py could not be imported: No module named '{module.partition('.')[0]}'.\n"
        f"Install it, for example with `pip install {install}`."
    )


def test_missing_part_of_an_installed_library_is_not_to_be_installed(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "import pytest.nope\n"})
    assert str(refused(tmp_path)) == (
        "steps/split.py:1: steps/split.py could not be imported: No module named 'pytest.nope'.\n"
        "`pytest` is installed, but in a version without pytest.nope; correct the name, or install another version."
    )


def test_missing_module_of_the_recipe_is_not_to_be_installed(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "from steps.helpr import x\n"})
    assert str(refused(tmp_path)) == (
        "steps/split.py:1: steps/split.py could not be imported: No module named 'steps.helpr'.\n"
        "There is no file for it in the recipe; expected steps/helpr.py."
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("def split_fn(df): ...\ndef g(): ...\n", "Did you mean 'split_fn'?"),
        ("from textwrap import dedent\ndef b(): ...\ndef a(): ...\n", "It has: a, b."),
        ("x = 1\n", "It has: no functions."),
    ],
)
def test_missing_function_names_what_is_there(tmp_path: Path, text: str, hint: str) -> None:
    write(tmp_path, {"steps/split.py": text})
    error = refused(tmp_path, name="split_fm")
    assert str(error) == f"steps/split.py: steps/split.py has no function 'split_fm', which {KEY} names.\n{hint}"


def test_something_that_is_no_function(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "f = 3\n"})
    assert str(refused(tmp_path)) == (
        f"steps/split.py: 'f' in steps/split.py, which {KEY} names, is not a function but of type int.\n"
        f"Define it with `def f(...)`, or name another function in {KEY}."
    )


def test_custom_metrics_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"steps/custom_metrics.py": "def one(df, metrics):\n    return 1.0\n"})
    metrics = [CustomMetric(name=n, function=n, greater_is_better=True) for n in ("one", "two")]
    with UserCode(tmp_path) as user:
        [(metric, function)] = user.custom_metrics(metrics[:1])
        assert (metric.name, function(None, {})) == ("one", 1.0)
        with pytest.raises(UserCodeError) as caught:
            user.custom_metrics(metrics)
    assert caught.value.summary == (
        "Failed to load custom metric functions. steps/custom_metrics.py has no function 'two', "
        "which custom_metrics.1.function names."
    )


# Calling


def test_exception_names_function_line_and_type(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "def g(x):\n    return x['a']\n\ndef f(x):\n    return g(x)\n"})
    error = refused(tmp_path, {})
    assert str(error) == (
        "steps/split.py:2: f raised KeyError: 'a'\n  return x['a']\nCorrect the code there, or the data that it gets."
    )
    assert error.where == Position("steps/split.py", 2)
    assert isinstance(error.__cause__, KeyError)


def test_deepest_line_of_the_users_is_shown_not_the_librarys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pandas' compiled frames have relative names, which look like the recipe's own when run from its folder."""
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"steps/split.py": "import pandas as pd\n\ndef f():\n    return pd.DataFrame({'a': [1]})['b']\n"})
    assert str(refused(tmp_path)) == (
        "steps/split.py:4: f raised KeyError: 'b'\n  return pd.DataFrame({'a': [1]})['b']\n"
        "Correct the code there, or the data that it gets."
    )


def test_line_of_a_helper_is_shown(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "from shared.a import f\n", "shared/a.py": "\ndef f():\n    raise ValueError\n"})
    assert str(refused(tmp_path)) == (
        "shared/a.py:3: f raised ValueError\n  raise ValueError\nCorrect the code there, or the data that it gets."
    )


def test_edited_line_is_the_one_shown(tmp_path: Path) -> None:
    for text in ("1 / 0", "2 / 0"):
        write(tmp_path, {"steps/split.py": f"def f():\n    return {text}\n"})
        assert f"  return {text}\n" in str(refused(tmp_path))


def test_raise_from_points_at_the_raise(tmp_path: Path) -> None:
    text = "def f():\n    try:\n        {}['a']\n    except KeyError as e:\n        raise ValueError('no a') from e\n"
    write(tmp_path, {"steps/split.py": text})
    assert refused(tmp_path).where == Position("steps/split.py", 5)


def test_system_exit_does_not_end_the_process(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "import sys\n\ndef f():\n    sys.exit('enough')\n"})
    error = refused(tmp_path)
    assert error.summary == "f raised SystemExit: enough"
    assert isinstance(error.__cause__, SystemExit)


def test_keyboard_interrupt_passes_through(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "def f():\n    raise KeyboardInterrupt\n"})
    with pytest.raises(KeyboardInterrupt):
        call(tmp_path)


def test_our_own_errors_pass_through(tmp_path: Path) -> None:
    write(
        tmp_path, {"steps/split.py": "from mlflow_recipes import DataError\n\ndef f():\n    raise DataError('mine')\n"}
    )
    with pytest.raises(DataError, match=r"^mine$"):
        call(tmp_path)


@pytest.mark.parametrize(
    ("definition", "arguments", "message"),
    [
        ("def f(): ...", (1,), "f() is called with 1 argument, which does not fit: too many positional arguments."),
        (
            "def f(a, b): ...",
            (1,),
            "f(a, b) is called with 1 argument, which does not fit: missing a required argument: 'b'.",
        ),
        (
            "def f(a, *, b): ...",
            (1,),
            "f(a, *, b) is called with 1 argument, which does not fit: missing a required argument: 'b'.",
        ),
        ("def f(a): ...", (), "f(a) is called with 0 arguments, which does not fit: missing a required argument: 'a'."),
    ],
)
def test_wrong_number_of_arguments_is_said_before_the_call(
    tmp_path: Path, definition: str, arguments: tuple[Any, ...], message: str
) -> None:
    write(tmp_path, {"steps/split.py": f"\n{definition}\n"})
    error = refused(tmp_path, *arguments)
    assert error.where == Position("steps/split.py", 2)
    # Python 3.12 says "missing a required positional-only/keyword argument" with other words in between.
    assert error.summary.partition("fit: ")[0] == message.partition("fit: ")[0]


def test_type_error_inside_the_function_is_not_mistaken_for_a_wrong_call(tmp_path: Path) -> None:
    write(tmp_path, {"steps/split.py": "def f(a):\n    return a()\n"})
    error = refused(tmp_path, 1)
    assert error.summary == "f raised TypeError: 'int' object is not callable"
    assert error.where == Position("steps/split.py", 2)


@pytest.mark.parametrize(
    ("definition", "most", "least"),
    [
        ("def f(): ...", 0, 0),
        ("def f(a): ...", 1, 1),
        ("def f(a, b='csv'): ...", 2, 1),
        ("def f(a, /, b, *, c=1): ...", 2, 2),
        ("def f(*a): ...", None, 0),
        ("def f(a, *b, **c): ...", None, 1),
        ("f = lambda a: a", 1, 1),
        ("import functools\nf = functools.partial(lambda a, b: a, 1)", 1, 1),
        ("class f:\n    def __init__(self, a): ...", 1, 1),
        ("f = min", None, 0),
    ],
)
def test_counts_of_positional_arguments(tmp_path: Path, definition: str, most: int | None, least: int) -> None:
    write(tmp_path, {"steps/split.py": f"{definition}\n"})
    with UserCode(tmp_path) as user:
        function = user.function("steps/split.py", "f", key=KEY)
    assert (function.positional_count(), function.required_count()) == (most, least)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("\n\ndef f(): ...\n", ("steps/split.py", 3)),
        ("from shared.a import f\n", ("shared/a.py", 2)),
        ("from textwrap import dedent as f\n", ("steps/split.py", 1)),
        ("import functools\n\ndef g(a): ...\n\nf = functools.partial(g, 1)\n", ("steps/split.py", 3)),
        ("\nclass f: ...\n", ("steps/split.py", 2)),
        ("class F:\n    def __call__(self): ...\n\nf = F()\n", ("steps/split.py", 1)),
        ("f = min\n", ("steps/split.py", 1)),
    ],
)
def test_function_knows_where_it_is_defined(tmp_path: Path, text: str, place: tuple[str, int]) -> None:
    write(tmp_path, {"steps/split.py": text, "shared/a.py": "\ndef f(): ...\n"})
    with UserCode(tmp_path) as user:
        function = user.function("steps/split.py", "f", key=KEY)
    assert (function.file, function.line) == place


# Code that runs later


def test_failure_of_an_object_is_blamed_on_the_users_line(tmp_path: Path) -> None:
    write(
        tmp_path, {"steps/split.py": "class T:\n    def fit(self):\n        return 1 / 0\n\ndef f():\n    return T()\n"}
    )
    with UserCode(tmp_path) as user:
        thing = user.function("steps/split.py", "f", key=KEY)()
        with pytest.raises(UserCodeError) as caught, user.blamed("The transformer's fit failed"):
            thing.fit()
    assert str(caught.value) == (
        "steps/split.py:3: The transformer's fit failed: ZeroDivisionError: division by zero\n"
        "  return 1 / 0\nCorrect the code there, or the data that it gets."
    )


def test_failure_in_a_library_is_blamed_on_the_function_that_made_the_object(tmp_path: Path) -> None:
    function = UserFunction(tmp_path, "f", "steps/train.py", 7, print)
    with pytest.raises(UserCodeError) as caught, UserCode(tmp_path).blamed("Ridge.fit failed", function):
        {}["x"]
    assert str(caught.value) == (
        "steps/train.py:7: Ridge.fit failed: KeyError: 'x'\nCorrect the code there, or the data that it gets."
    )
    with pytest.raises(UserCodeError) as caught, UserCode(tmp_path).blamed("Ridge.fit failed"):
        sys.exit(3)
    assert str(caught.value) == "Ridge.fit failed: SystemExit: 3\nSee the traceback."


def test_an_error_of_ours_that_knows_only_the_key_is_pointed_at_the_function(tmp_path: Path) -> None:
    function = UserFunction(tmp_path, "f", "steps/train.py", 7, print)
    ours = UserCodeError("Predictions are NaN.", where="steps.train.estimator_method", hint="See why.")
    with pytest.raises(UserCodeError) as caught, UserCode(tmp_path).blamed("predict failed", function):
        raise ours
    assert str(caught.value) == (
        "steps/train.py:7: Predictions are NaN.\nSee why. steps.train.estimator_method names f."
    )
    assert caught.value.__cause__ is ours
    for error in (UserCodeError("metric", where="steps/custom_metrics.py"), DataError("data", where="steps.ingest")):
        with pytest.raises(type(error)) as caught, UserCode(tmp_path).blamed("predict failed", function):
            raise error
        assert caught.value is error


def test_blame_leaves_interrupts_and_our_errors_alone(tmp_path: Path) -> None:
    for error in (KeyboardInterrupt(), RecipeError("ours")):
        with pytest.raises(type(error)) as caught, UserCode(tmp_path).blamed("It failed"):
            raise error
        assert caught.value is error


def test_user_frames_are_the_recipes_own_deepest_last(tmp_path: Path) -> None:
    text = "def g(x):\n    return int(x)\n\ndef f(x):\n    return list(map(g, x))\n"
    error = refused(write(tmp_path, {"steps/split.py": text}), ["a"])
    assert [(f.name, f.lineno, f.line) for f in user_frames(error, tmp_path)] == [
        ("f", 5, "return list(map(g, x))"),
        ("g", 2, "return int(x)"),
    ]
    assert user_frames(ValueError("never raised"), tmp_path) == []
    shutil.rmtree(tmp_path / "steps")  # the error was read when it was made; only its text needs the file
    assert [f.lineno for f in user_frames(error, tmp_path)] == [5, 2]

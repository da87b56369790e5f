"""The only importer of the user's step files. Their errors come back with the user's own line first."""

from __future__ import annotations

import contextlib
import difflib
import functools
import importlib
import importlib.util
import inspect
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow_recipes.distributions import usual_name
from mlflow_recipes.environment import with_zones
from mlflow_recipes.errors import Position, RecipeError, UserCodeError
from mlflow_recipes.user_modules import RecipeFinder, drop_modules, import_path, own_modules, own_path, stray_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlflow_recipes.config.sections import CustomMetric

_METRICS_FILE = "steps/custom_metrics.py"


class UserCode:
    """The user's functions of one recipe; a context manager that makes the recipe importable and undoes that.

    Modules that an earlier recipe, or an earlier version of this one, left behind are dropped on entry, so edited
    code is what runs. Those imported now stay afterwards, because transformers and models refer to them by name.
    No bytecode is read from the recipe's folder or written to it.

    Args:
        root: The recipe root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._finder = RecipeFinder(self._root)
        self._path_before: list[str] = []
        self._zones = with_zones()

    def __enter__(self) -> UserCode:
        self._zones.__enter__()
        drop_modules(own_modules(self._root) | stray_modules(self._root))
        self._path_before = list(sys.path)
        sys.path[:0] = import_path(self._root)  # worker processes get it from here
        sys.meta_path.insert(0, self._finder)
        importlib.invalidate_caches()
        return self

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self._finder)
        sys.path[:] = self._path_before
        self._zones.__exit__(None, None, None)

    @property
    def modules(self) -> tuple[str, ...]:
        """Top-level modules that the recipe provides: `steps` and whatever lies beside it."""
        packages = {p.name for p in self._root.iterdir() if p.is_dir() and any(p.glob("*.py"))}
        return tuple(sorted({*own_modules(self._root), *packages, *(p.stem for p in self._root.glob("*.py"))}))

    def function(self, file: str, name: str, *, key: str, failure: str | None = None) -> UserFunction:
        """A function of a step file.

        Args:
            file: Such as `steps/split.py`.
            name: The function's name.
            key: The configuration key that names it.
            failure: A sentence to start the message with when it cannot be imported.

        Raises:
            UserCodeError: The file is missing, does not import, or has no such function.
        """
        lead = f"{failure} " if failure else ""
        if not (self._root / file).is_file():
            raise UserCodeError(
                f"{lead}{file} does not exist, but {key} names the function '{name}' in it.",
                where=file,
                hint=f"Create it with a function `{name}`.",
            )
        module = self._import(file, lead)
        found = getattr(module, name, None)
        if found is None:
            raise UserCodeError(
                f"{lead}{file} has no function '{name}', which {key} names.", where=file, hint=_near(module, name)
            )
        if not callable(found):
            raise UserCodeError(
                f"{lead}'{name}' in {file}, which {key} names, is not a function but of type {type(found).__name__}.",
                where=file,
                hint=f"Define it with `def {name}(...)`, or name another function in {key}.",
            )
        return UserFunction(self._root, name, *_place_of(found, file, self._root), found)

    def module(self, file: str) -> Any:
        """A file of the recipe as a module.

        Raises:
            UserCodeError: It cannot be imported.
        """
        return self._import(file, "")

    def custom_metrics(self, metrics: Sequence[CustomMetric]) -> list[tuple[CustomMetric, UserFunction]]:
        """The functions of the recipe's custom metrics.

        Raises:
            UserCodeError: One of them cannot be imported.
        """
        lead = "Failed to load custom metric functions."
        return [
            (m, self.function(_METRICS_FILE, m.function, key=f"custom_metrics.{i}.function", failure=lead))
            for i, m in enumerate(metrics)
        ]

    @contextlib.contextmanager
    def blamed(self, what: str, function: UserFunction | None = None) -> Iterator[None]:
        """Report an exception raised inside as a failure of the user's code, at their own line where there is one.

        Args:
            what: What failed, as the start of a sentence.
            function: The function that made the failing object, to point at when no frame is the user's.

        Raises:
            UserCodeError: In place of what was raised inside, which becomes its cause. Our own errors pass through;
                one that knows only the key that names `function` is pointed at it.
        """
        try:
            yield
        except RecipeError as error:
            names_it = str(error.where).startswith("steps.") and str(error.where).endswith("_method")
            if function is None or not isinstance(error, UserCodeError) or not names_it:
                raise
            where, hint = Position(function.file, function.line), f"{error.hint} {error.where} names {function.name}."
            raise UserCodeError(error.summary, where=where, hint=hint) from error
        except (Exception, SystemExit) as error:
            fallback = Position(function.file, function.line) if function else None
            raise _failed(f"{what}: ", error, self._root, fallback) from error

    def _import(self, file: str, lead: str) -> Any:
        try:
            with with_zones():
                return importlib.import_module(file.removesuffix(".py").replace("/", "."))
        except SyntaxError as error:
            raise _not_python(lead, error, file, self._root) from error
        except ModuleNotFoundError as error:
            where = _deepest(error, self._root)[0] or Position(file)
            message = f"{lead}{file} could not be imported: {error}."
            raise UserCodeError(message, where=where, hint=_how_to_get(error.name or "", self._root)) from error
        except (Exception, SystemExit) as error:
            raise _failed(f"{lead}{file} could not be imported: ", error, self._root, Position(file)) from error


@dataclass(frozen=True)
class UserFunction:
    """One function of the user's, called with its errors made readable.

    Attributes:
        root: The recipe root.
        name: Its name in the configuration.
        file: Where it is defined, relative to the root; the step file if that is outside the recipe.
        line: Where in that file; 1 if that is not known.
        function: The function itself.
    """

    root: Path
    name: str
    file: str
    line: int
    function: Callable[..., Any]

    def positional_count(self) -> int | None:
        """How many positional arguments it takes at most; None for any number, or if that cannot be known."""
        parameters = self._parameters()
        return None if parameters is None or any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(parameters)

    def required_count(self) -> int:
        """How many positional arguments it needs at least."""
        parameters = self._parameters() or []
        return sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it.

        Raises:
            UserCodeError: It takes another number of arguments, or raised; the original exception is the cause.
        """
        self._check_takes(arguments, named)
        try:
            with with_zones():
                return self.function(*arguments, **named)
        except RecipeError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(f"{self.name} raised ", error, self.root, Position(self.file, self.line)) from error

    def _check_takes(self, arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):  # a builtin without signature: the call itself will tell
            return
        try:
            signature.bind(*arguments, **named)
        except TypeError as error:
            given = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}"
            given += f" and {', '.join(named)} by name" if named else ""
            raise UserCodeError(
                f"{self.name}{signature} is called with {given}, which does not fit: {error}.",
                where=Position(self.file, self.line),
                hint=f"Let {self.name} take {given}.",
            ) from error

    def _parameters(self) -> list[inspect.Parameter] | None:
        kinds = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        )
        try:
            return [p for p in inspect.signature(self.function).parameters.values() if p.kind in kinds]
        except (TypeError, ValueError):
            return None


def user_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    """The frames of an error that lie in the recipe, the deepest last.

    Where the error itself has none (it is ours, or a library's that took the place of the user's), those of the
    nearest error that led to it.
    """
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = [frame for frame in traceback.extract_tb(link.__traceback__) if own_path(frame.filename, root)]
        if frames:
            return frames
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return []


def _deepest(error: BaseException, root: Path) -> tuple[Position | None, str | None]:
    """The user's own line that an error comes from: where it is, and how it reads."""
    frames = user_frames(error, root)
    if not frames:
        return None, None
    frame = frames[-1]
    return Position(own_path(frame.filename, root) or frame.filename, frame.lineno), frame.line or None


def _failed(lead: str, error: BaseException, root: Path, fallback: Position | None) -> UserCodeError:
    """A failure of the user's code as an error of ours: their line first, then what to do about it."""
    where, line = _deepest(error, root)
    text = str(error).partition("\nStack trace:")[0]  # XGBoost's messages end with its own C++ frames
    message = f"{lead}{type(error).__name__}{': ' * bool(text)}{text}"
    advice = "Correct the code there, or the data that it gets." if where or fallback else "See the traceback."
    hint = f"  {line}\n{advice}" if line else advice
    return UserCodeError(message, where=where or fallback, hint=hint)


def _not_python(lead: str, error: SyntaxError, file: str, root: Path) -> UserCodeError:
    place = own_path(error.filename or "", root)
    if place is None:  # raised by code that compiles something else
        return _failed(f"{lead}{file} could not be imported: ", error, root, Position(file))
    line = (error.text or "").strip()
    return UserCodeError(
        f"{lead}{place} is not valid Python: {error.msg}.",
        where=Position(place, error.lineno, error.offset),
        hint=f"  {line}\nCorrect the syntax there." if line else "Correct the syntax there.",
    )


def _how_to_get(module: str, root: Path) -> str:
    """What to do about a module that was not found: it is the recipe's own, or is to be installed."""
    top = module.partition(".")[0]
    if top in own_modules(root) or (root / top).is_dir():
        return f"There is no file for it in the recipe; expected {module.replace('.', '/')}.py."
    if importlib.util.find_spec(top) is not None:
        return f"`{top}` is installed, but in a version without {module}; correct the name, or install another version."
    return f"Install it, for example with `pip install {usual_name(top)}`."


def _near(module: Any, name: str) -> str:
    """The module's own functions, the one of a similar name first."""
    there = [n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module.__name__]
    near = difflib.get_close_matches(name, there, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(sorted(there)) or 'no functions'}."


def _place_of(function: Any, file: str, root: Path) -> tuple[str, int]:
    """Where a function is defined; the step file it was found in if that is not in the recipe."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    try:
        found = own_path(inspect.getfile(function), root)
        line = (
            function.__code__.co_firstlineno if hasattr(function, "__code__") else inspect.getsourcelines(function)[1]
        )
    except (OSError, TypeError):
        return file, 1
    return (found, line) if found else (file, 1)

"""The only importer of the user's step files. Their errors come back with the user's own line first."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import Position, RecipeError, UserCodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflow_recipes.config.sections import CustomMetric

_METRICS_FILE = "steps/custom_metrics.py"
_ENTERED: list[Path] = []  # roots whose modules may still be in sys.modules


class UserCode:
    """The user's functions of one recipe; a context manager that makes the recipe importable and undoes that.

    Modules that an earlier recipe, or an earlier version of this one, left behind are dropped on entry, so edited
    code is what runs. Those imported now stay afterwards, because transformers and models refer to them by name.

    Args:
        root: The recipe root.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path_before: list[str] = []

    def __enter__(self) -> UserCode:
        for root in {*_ENTERED, self._root}:
            _drop_modules(root)
        _ENTERED[:] = [self._root]
        self._path_before = list(sys.path)
        sys.path.insert(0, str(self._root))
        importlib.invalidate_caches()
        return self

    def __exit__(self, *_: object) -> None:
        sys.path[:] = self._path_before

    @property
    def modules(self) -> tuple[str, ...]:
        """Top-level modules that the recipe provides: `steps` and whatever lies beside it."""
        packages = {p.name for p in self._root.iterdir() if p.is_dir() and any(p.glob("*.py"))}
        return tuple(sorted({"steps", *packages, *(p.stem for p in self._root.glob("*.py"))}))

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
            names = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(sorted(names)) or 'no functions'}."
            raise UserCodeError(f"{lead}{file} has no function '{name}', which {key} names.", where=file, hint=hint)
        if not callable(found):
            raise UserCodeError(f"{lead}'{name}' in {file}, which {key} names, is not a function.", where=file)
        return UserFunction(self._root, name, file, _line_of(found), found)

    def custom_metrics(self, metrics: Sequence[CustomMetric]) -> list[tuple[CustomMetric, UserFunction]]:
        """The functions of the recipe's custom metrics."""
        lead = "Failed to load custom metric functions."
        return [
            (metric, self.function(_METRICS_FILE, metric.function, key="custom_metrics", failure=lead))
            for metric in metrics
        ]

    @contextlib.contextmanager
    def blamed(self, what: str, function: UserFunction | None = None) -> Iterator[None]:
        """Report an exception raised inside as a failure of the user's code, at their own line where there is one.

        Args:
            what: What failed, as the start of a sentence.
            function: The function that made the failing object, to point at when no frame is the user's.
        """
        try:
            yield
        except (RecipeError, KeyboardInterrupt):
            raise
        except Exception as error:
            where = _deepest(error, self._root)
            if where is None and function is not None:
                where = Position(function.file, function.line)
            raise UserCodeError(
                f"{what}: {type(error).__name__}: {error}",
                where=where,
                hint="Correct the code, or the data it gets; the original traceback is below.",
            ) from error

    def _import(self, file: str, lead: str) -> Any:
        module = file.removesuffix(".py").replace("/", ".")
        try:
            return importlib.import_module(module)
        except SyntaxError as error:
            place = _relative(error.filename or file, self._root) or file
            raise UserCodeError(
                f"{lead}{place} is not valid Python: {error.msg}: {(error.text or '').strip()}",
                where=Position(place, error.lineno, error.offset),
                hint="Correct the syntax there.",
            ) from error
        except ModuleNotFoundError as error:
            where = _deepest(error, self._root) or Position(file)
            name = (error.name or "").partition(".")[0]
            local = (self._root / name).exists() or name == "steps"
            hint = f"There is no module {error.name} in the recipe." if local else f"Install it: pip install {name}"
            raise UserCodeError(f"{lead}{file} could not be imported: {error}.", where=where, hint=hint) from error
        except (Exception, SystemExit) as error:
            where = _deepest(error, self._root) or Position(file)
            message = f"{lead}{file} could not be imported: {type(error).__name__}: {error}"
            raise UserCodeError(message, where=where, hint="Correct the code that runs on import.") from error


@dataclass(frozen=True)
class UserFunction:
    """One function of the user's, called with its errors made readable.

    Attributes:
        name: Its name.
        file: The step file it was found through, relative to the root.
        line: Where it is defined.
    """

    root: Path
    name: str
    file: str
    line: int
    function: Callable[..., Any]

    def positional_count(self) -> int | None:
        """How many positional arguments it takes at most; None for any number."""
        counts = self._parameters()
        return None if counts is None or any(p.kind is p.VAR_POSITIONAL for p in counts) else len(counts)

    def required_count(self) -> int:
        """How many positional arguments it needs at least."""
        parameters = self._parameters() or []
        return sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)

    def _parameters(self) -> list[inspect.Parameter] | None:
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        try:
            found = inspect.signature(self.function).parameters.values()
        except (TypeError, ValueError):
            return None
        return [p for p in found if p.kind in kinds or p.kind is inspect.Parameter.VAR_POSITIONAL]

    def __call__(self, *arguments: Any) -> Any:
        """Call it.

        Raises:
            UserCodeError: It takes another number of arguments, or raised; the original exception is the cause.
        """
        try:
            inspect.signature(self.function).bind(*arguments)
        except TypeError as error:
            raise UserCodeError(
                f"{self.name} cannot be called with {len(arguments)} argument{'s' * (len(arguments) != 1)}: {error}.",
                where=Position(self.file, self.line),
                hint="Change its parameters.",
            ) from error
        except ValueError:  # no signature: a builtin; the call itself will tell
            pass
        try:
            return self.function(*arguments)
        except (RecipeError, KeyboardInterrupt):
            raise
        except (Exception, SystemExit) as error:
            where = _deepest(error, self.root) or Position(self.file, self.line)
            raise UserCodeError(
                f"{self.name} raised {type(error).__name__}: {error}",
                where=where,
                hint=_source_line(self.root, where),
            ) from error


def user_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    """The frames of an error, and of what caused it, that lie in the recipe; the deepest last."""
    link: BaseException | None = error
    frames: list[traceback.FrameSummary] = []
    while link is not None:
        frames = [f for f in traceback.extract_tb(link.__traceback__) if _relative(f.filename, root)] or frames
        link = link.__cause__
    return frames


def _deepest(error: BaseException, root: Path) -> Position | None:
    frames = user_frames(error, root)
    if not frames:
        return None
    return Position(_relative(frames[-1].filename, root) or frames[-1].filename, frames[-1].lineno)


def _source_line(root: Path, where: Position) -> str | None:
    try:
        line = (root / where.file).read_text(encoding="utf-8").splitlines()[(where.line or 1) - 1].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        return None
    return f"  {line}"


def _relative(filename: str, root: Path) -> str | None:
    """A file's path below the root; None for one elsewhere, and for what is installed inside the recipe folder."""
    try:
        relative = Path(filename).resolve().relative_to(root.resolve())
    except (ValueError, OSError):
        return None
    return None if "site-packages" in relative.parts or relative.parts[:1] == ("src",) else relative.as_posix()


def _line_of(function: Any) -> int:
    try:
        return inspect.getsourcelines(function)[1]
    except (OSError, TypeError):
        return 1


def _drop_modules(root: Path) -> None:
    """Drop modules that came from a recipe root, and anything called `steps`, from sys.modules."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name == "steps" or name.startswith("steps."):
            del sys.modules[name]
        elif file and name != "__main__" and (relative := _relative(file, root)) and _is_module(relative, name):
            del sys.modules[name]


def _is_module(relative: str, name: str) -> bool:
    path = name.replace(".", "/")
    return relative in (f"{path}.py", f"{path}/__init__.py")

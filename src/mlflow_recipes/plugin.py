"""What brings `mlflow recipes` and `mlflow.recipes` back: the only glue to MLflow's process.

MLflow loads the plug-ins of its documented group `mlflow.run_context_provider` within `import mlflow` and makes one
object of each. Ours is `RecipeRunContext`; making it puts one finder in front of Python's own. The finder

- answers `mlflow.recipes` and the submodules that `compat.MODULES` lists, unless a real MLflow Recipes is installed;
- acts as soon as certain modules of MLflow have been executed (`_HOOKS`): the command group goes into `mlflow.cli`,
  names that left with Recipes go back where they were, and `RecipeError` becomes an `MlflowException`.

Nothing but the standard library and our lightest modules is imported here: `import mlflow` waits for it.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from mlflow_recipes import errors, layout
from mlflow_recipes.compat import MODULES, is_package

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

_logger = logging.getLogger(__name__)


class RecipeRunContext:
    """Tags MLflow runs with the recipe, profile and step they come from; installs the finder when it is made.

    MLflow asks it at every `start_run`, also for the runs that a user's own step code starts. It looks at the
    environment variables that are set while a recipe runs and at nothing else.
    """

    def __init__(self) -> None:
        install()

    def in_context(self) -> bool:
        """Whether a recipe is running in this process, or has started it."""
        return bool(os.environ.get(layout.TARGET_STEP_VARIABLE))

    def tags(self) -> dict[str, str]:
        """Source type, template, profile and target step of the running recipe, as far as they are known."""
        known = {
            layout.TAG_TEMPLATE: os.environ.get(layout.TEMPLATE_VARIABLE),
            layout.TAG_PROFILE: os.environ.get(layout.PROFILE_VARIABLE),
            layout.TAG_STEP: os.environ.get(layout.TARGET_STEP_VARIABLE),
        }
        return {layout.TAG_SOURCE_TYPE: layout.SOURCE_TYPE} | {tag: text for tag, text in known.items() if text}


def install() -> None:
    """Put the finder in place and act on what of MLflow is imported already. Idempotent; never raises."""
    try:
        if not any(isinstance(finder, RecipesFinder) for finder in sys.meta_path):
            sys.meta_path.insert(0, RecipesFinder())
        for name in _HOOKS:
            if name in sys.modules:
                _act(sys.modules[name])
        if "mlflow" in sys.modules:
            _offer_attribute(sys.modules["mlflow"])
    except Exception as error:  # noqa: BLE001 - a fault of ours must not keep anybody from importing mlflow
        _logger.warning("mlflow-recipes could not attach itself to MLflow: %s: %s", type(error).__name__, error)


class RecipesFinder(MetaPathFinder):
    """Answers for `mlflow.recipes`, and sees to it that `_HOOKS` run after the modules they are about."""

    def __init__(self) -> None:
        self._asking: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of ours or of one that a hook waits for; None for every other."""
        if fullname not in MODULES and fullname not in _HOOKS:
            return None
        found = self._elsewhere(fullname, path, target)
        if fullname in MODULES:
            # What an upgrade from MLflow 2 leaves behind (a folder with a __pycache__) looks like a namespace package.
            real = found is not None and found.origin is not None
            return found if real else ModuleSpec(fullname, _PromiseLoader(), is_package=is_package(fullname))
        if found is not None and hasattr(found.loader, "exec_module"):
            found.loader = _HookLoader(found.loader)
        return found

    def _elsewhere(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """What the other finders answer."""
        # Some of them ask all finders in turn, and so us again.
        if fullname in self._asking:
            return None
        self._asking.add(fullname)
        try:
            for finder in sys.meta_path:
                ask = getattr(finder, "find_spec", None)
                if finder is self or ask is None:
                    continue
                spec: ModuleSpec | None = ask(fullname, path, target)
                if spec is not None:
                    return spec
            return None
        finally:
            self._asking.discard(fullname)


class _PromiseLoader(Loader):
    """Fills a module of `MODULES` with a lookup that imports what is behind a name when it is first asked for."""

    def exec_module(self, module: ModuleType) -> None:
        names = MODULES[module.__name__]

        def look_up(name: str) -> Any:
            if name in names:
                home, attribute = names[name]
                value = getattr(importlib.import_module(home), attribute)
                setattr(module, name, value)
                return value
            if f"{module.__name__}.{name}" in MODULES:
                return importlib.import_module(f"{module.__name__}.{name}")
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}", name=name, obj=module)

        module.__doc__ = f"`{module.__name__}` as MLflow 2 had it, answered by mlflow-recipes."
        vars(module).update(__all__=list(names), __getattr__=look_up, __dir__=lambda: sorted({*vars(module), *names}))


class _HookLoader(Loader):
    """Another loader, and our hook after it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # Whoever looks at the module later (inspect, importlib.resources, reload) sees it as it would be without us.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            _act(module)
        except Exception as error:  # noqa: BLE001 - as in `install`
            _logger.warning("mlflow-recipes could not extend %s: %s", module.__name__, error)


def _act(module: ModuleType) -> None:
    _HOOKS[module.__name__](module)


def _offer_attribute(mlflow: ModuleType) -> None:
    """Make `mlflow.recipes` reachable after `import mlflow`, unless it is a real one, which would be slow to import."""
    spec = importlib.util.find_spec("mlflow.recipes")
    if spec is not None and isinstance(spec.loader, _PromiseLoader) and not hasattr(mlflow, "recipes"):
        importlib.import_module("mlflow.recipes")


def _add_command(cli_module: ModuleType) -> None:
    cli = getattr(cli_module, "cli", None)
    if cli is None or "recipes" in cli.commands:
        return
    from mlflow_recipes.compat.command import RecipesGroup

    cli.add_command(RecipesGroup())


def _add_variables(module: ModuleType) -> None:
    from mlflow_recipes.compat.variables import EnvironmentVariable

    for name in (layout.EXECUTION_DIRECTORY_VARIABLE, layout.TARGET_STEP_VARIABLE, layout.PROFILE_VARIABLE):
        if not hasattr(module, name):
            setattr(module, name, EnvironmentVariable(name))


def _add_tags(module: ModuleType) -> None:
    for name, tag in (
        ("MLFLOW_RECIPE_TEMPLATE_NAME", layout.TAG_TEMPLATE),
        ("MLFLOW_RECIPE_STEP_NAME", layout.TAG_STEP),
        ("MLFLOW_RECIPE_PROFILE_NAME", layout.TAG_PROFILE),
    ):
        if not hasattr(module, name):
            setattr(module, name, tag)


def _attach_errors(_: ModuleType) -> None:
    errors.attach_to_mlflow()


_HOOKS: dict[str, Callable[[ModuleType], None]] = {
    "mlflow.exceptions": _attach_errors,
    "mlflow.environment_variables": _add_variables,
    "mlflow.utils.mlflow_tags": _add_tags,
    "mlflow.cli": _add_command,
}

"""`mlflow.pipelines` is `mlflow.recipes`, and the classes of single steps are gone."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit
from mlflow_recipes.migrating.python_source import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.migrating.model import Finding
    from mlflow_recipes.migrating.python_source import PythonSource

_OLD, _NEW = "mlflow.pipelines", "mlflow.recipes"
MODULES = {
    _OLD: _NEW,
    f"{_OLD}.pipeline": f"{_NEW}.recipe",
    f"{_OLD}.cards": f"{_NEW}.cards",
    f"{_OLD}.utils": f"{_NEW}.utils",
    f"{_OLD}.cli": f"{_NEW}.cli",
    f"{_OLD}.regression.v1": f"{_NEW}.regression.v1",
    f"{_OLD}.regression.v1.pipeline": f"{_NEW}.regression.v1.recipe",
}
NAMES = {
    "Pipeline": "Recipe",
    "RegressionPipeline": "RegressionRecipe",
    "PipelineImpl": "RecipeImpl",
    "get_pipeline_root_path": "get_recipe_root_path",
    "get_pipeline_name": "get_recipe_name",
    "get_pipeline_config": "get_recipe_config",
}
# Modules of 2.22 whose classes are not kept
_GONE = ("steps", "step", "artifacts", "utils.execution", "utils.tracking", "utils.metrics", "utils.step")
_OF_STAGES = ("transition_model_version_stage", "get_latest_versions")
_STAGE = re.compile(r"models:/[^@\s]+/(Production|Staging|Archived)\b")
GONE = tuple(f"{top}.{name}" for top in (_NEW, _OLD) for name in _GONE)


def pipelines_imports(source: PythonSource) -> Iterator[Finding]:
    """`from mlflow.pipelines import Pipeline`, `import mlflow.pipelines as mp`."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in MODULES:
                    edit = _start_edit(source, alias, alias.name, MODULES[alias.name])
                    yield source.found("rewrite", node, f"{alias.name} is {MODULES[alias.name]}.", (edit,))
                elif alias.name.startswith(f"{_OLD}.") and not _is_gone(alias.name):
                    yield source.found("by hand", node, f"{alias.name} is gone; look for it in {_NEW}.")
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from _from_import(source, node, node.module or "")


def _from_import(source: PythonSource, node: ast.ImportFrom, module: str) -> Iterator[Finding]:
    names = [alias.name for alias in node.names]
    if module == "mlflow" and "pipelines" in names:
        alias = node.names[names.index("pipelines")]
        edit = source.replace(alias, f"recipes as {alias.asname or alias.name}")
        yield source.found("rewrite", node, f"{_OLD} is {_NEW}.", (edit,))
    elif module in MODULES and "*" in names:
        told = "import `Recipe` by its name, which `Pipeline` was"
        yield source.found("by hand", node, f"{module} is {MODULES[module]}; {told}.")
    elif module in MODULES and not any(_is_gone(f"{module}.{name}") for name in names):
        start = source.text.index(module, source.span(node)[0])
        edits = [Edit(start, start + len(module), MODULES[module])]
        edits += [_alias_edit(source, alias, module) for alias in node.names]
        yield source.found("rewrite", node, f"{module} is {MODULES[module]}.", tuple(edits))
    elif module.startswith(f"{_OLD}.") and module not in MODULES and not _is_gone(module):
        yield source.found("by hand", node, f"{module} is gone; look for it in {_NEW}.")


def _alias_edit(source: PythonSource, alias: ast.alias, module: str) -> Edit:
    """A name that is imported, under its new name; known by its old one where that must stay."""
    new = NAMES.get(alias.name, alias.name)
    inner = MODULES.get(f"{module}.{alias.name}", "").rpartition(".")[2]
    known = alias.asname is not None or inner == alias.name
    if inner:
        return _start_edit(source, alias, alias.name, inner if known else f"{inner} as {alias.name}")
    if new != alias.name and alias.asname is None and not _may_be_renamed(source, alias, new):
        new = f"{new} as {alias.name}"
    if alias.asname == new:
        return source.replace(alias, new)
    return _start_edit(source, alias, alias.name, new)


def _start_edit(source: PythonSource, node: ast.AST, old: str, new: str) -> Edit:
    start = source.span(node)[0]
    return Edit(start, start + len(old), new)


def _may_be_renamed(source: PythonSource, alias: ast.alias, new: str) -> bool:
    """Whether a name stands for the same import wherever its scope sees it, and the new one is free."""
    bound = source.scopes.of(alias).bindings[alias.name]
    same = len({one.imported.dotted if one.imported is not None else "" for one in bound}) == 1
    quoted = any(constant(node) == alias.name for node in source.nodes)  # `__all__`, or a type in quotes
    return same and not source.binds(new) and not quoted and not re.search(rf"\b{alias.name}\b", source.unread)


def pipelines_names(source: PythonSource) -> Iterator[Finding]:
    """What was imported from `mlflow.pipelines`, where it is used."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and (found := source.scopes.imported(node)) is not None:
            module, _, name = found.dotted.rpartition(".")
            plain = module in MODULES and name in NAMES and found.alias.asname is None
            if plain and _may_be_renamed(source, found.alias, NAMES[name]):
                edit = source.replace(node, NAMES[name])
                yield source.found("rewrite", node, f"`{name}` is `{NAMES[name]}`.", (edit,))
        elif isinstance(node, ast.Attribute) and not isinstance(source.parent(node), ast.Attribute):
            yield from _attribute(source, node)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"mlflow\.pipelines(\.\w+)*", str(node.value)):
            yield source.found("by hand", node, f"{_OLD} is {_NEW}; this names it as a text.")


def _attribute(source: PythonSource, node: ast.Attribute) -> Iterator[Finding]:
    """`mlflow.pipelines.Pipeline`, `mp.Pipeline` and longer ones."""
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    old, start = source.dotted(node), source.dotted(root)
    if not old.startswith(f"{_OLD}.") and old != _OLD:
        return
    if _is_gone(old):
        yield source.found("by hand", node, f"{old} was MLflow's inside and is not kept.")
    elif start == "mlflow" or start in MODULES:
        new = _dotted_now(old).removeprefix(MODULES.get(start, start))
        text = f"{source.code(root)}{new}"
        if text != source.code(node):
            message = f"{source.code(node)} is {text}."
            yield source.found("rewrite", node, message, (source.replace(node, text),))


def _dotted_now(old: str) -> str:
    """The new name of `mlflow.pipelines.utils.get_pipeline_name`."""
    module = max((one for one in MODULES if old == one or old.startswith(f"{one}.")), key=len)
    rest = old.removeprefix(module).split(".")
    return ".".join([MODULES[module], *(NAMES.get(name, name) for name in rest[1:])])


def _is_gone(module: str) -> bool:
    return any(module == gone or module.startswith(f"{gone}.") for gone in GONE)


def stages(source: PythonSource) -> Iterator[Finding]:
    """`transition_model_version_stage`, `models:/name/Production`."""
    told = "MLflow is giving stages up, and Unity Catalog has none; use an alias: `models:/<name>@champion`, and "
    told += "`mlflow-recipes promote`"
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in _OF_STAGES:
            yield source.found("by hand", node, f"`{node.attr}` is about stages. {told}.")
        is_text = isinstance(node, ast.Constant | ast.JoinedStr) and not isinstance(source.parent(node), ast.JoinedStr)
        if is_text and _STAGE.search(source.code(node)):
            yield source.found("by hand", node, f"{source.code(node)} is a stage. {told}.")


def step_classes(source: PythonSource) -> Iterator[Finding]:
    """`from mlflow.recipes.steps.split import SplitStep`."""
    told = (
        "Test the step functions themselves, or run a step with the fixture `run_step` of `mlflow-recipes test`, or "
        "with `Recipe(profile).run(step)`"
    )
    for node in source.nodes:
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        gone = [module for module in modules if _is_gone(module)][: None if isinstance(node, ast.Import) else 1]
        for module in gone:
            yield source.found("by hand", node, f"{module} was MLflow's inside and is not kept. {told}.")


def no_profile(source: PythonSource) -> Iterator[Finding]:
    """`Pipeline()`: a profile must be named."""
    for call in source.calls:
        module, _, name = source.dotted(call.func).rpartition(".")
        is_ours = name in ("Pipeline", "Recipe") and module in (*MODULES, _NEW, f"{_NEW}.recipe")
        if is_ours and not call.args and not call.keywords:
            message = 'A profile must be named, such as `Recipe(profile="local")`.'
            yield source.found("by hand", call, message)

"""`mlflow.pipelines` is `mlflow.recipes`, and the classes of single steps are gone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit

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
GONE = tuple(f"{top}.{name}" for top in (_NEW, _OLD) for name in _GONE)


def pipelines_imports(source: PythonSource) -> Iterator[Finding]:
    """`from mlflow.pipelines import Pipeline`."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            edits = [_module_edit(source, node)]
            for alias in node.names:
                if new := NAMES.get(alias.name):
                    start = source.span(alias)[0]
                    edits.append(Edit(start, start + len(alias.name), new))
            yield source.found("rewrite", node, f"{node.module} is {MODULES[node.module]}.", tuple(edits))
        elif isinstance(node, ast.ImportFrom) and node.module == "mlflow":
            for alias in node.names:
                if alias.name == "pipelines":
                    name = alias.asname or "pipelines"
                    edit = source.replace(alias, f"recipes as {name}")
                    yield source.found("rewrite", node, f"{_OLD} is {_NEW}.", (edit,))


def _module_edit(source: PythonSource, node: ast.ImportFrom) -> Edit:
    start = source.span(node)[0]
    start = source.text.index(str(node.module), start)
    return Edit(start, start + len(str(node.module)), MODULES[str(node.module)])


def pipelines_names(source: PythonSource) -> Iterator[Finding]:
    """What was imported from `mlflow.pipelines`, where it is used."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and (found := source.imports.get(node.id)) is not None:
            module, _, name = found.dotted.rpartition(".")
            if module in MODULES and name in NAMES and found.alias.asname is None:
                edit = source.replace(node, NAMES[name])
                yield source.found("rewrite", node, f"`{name}` is `{NAMES[name]}`.", (edit,))
        elif isinstance(node, ast.Attribute) and source.dotted(node.value) in MODULES and node.attr in NAMES:
            edit = source.replace(node, f"{MODULES[source.dotted(node.value)]}.{NAMES[node.attr]}")
            if source.code(node).startswith("mlflow."):
                yield source.found("rewrite", node, f"{source.code(node)} is {edit.text}.", (edit,))


def step_classes(source: PythonSource) -> Iterator[Finding]:
    """`from mlflow.recipes.steps.split import SplitStep`."""
    told = (
        "Test the step functions themselves, or run a step with the fixture `run_step` of `mlflow-recipes test`, or "
        "with `Recipe(profile).run(step)`"
    )
    for node in source.nodes:
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            if any(module == gone or module.startswith(f"{gone}.") for gone in GONE):
                yield source.found("by hand", node, f"{module} was MLflow's inside and is not kept. {told}.")


def no_profile(source: PythonSource) -> Iterator[Finding]:
    """`Pipeline()`: a profile must be named."""
    for call in source.calls:
        module, _, name = source.dotted(call.func).rpartition(".")
        is_ours = name in ("Pipeline", "Recipe") and module in (*MODULES, _NEW, f"{_NEW}.recipe")
        if is_ours and not call.args and not call.keywords:
            message = 'A profile must be named, such as `Recipe(profile="local")`.'
            yield source.found("by hand", call, message)

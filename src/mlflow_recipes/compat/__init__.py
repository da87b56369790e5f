"""The import paths of MLflow 2.22's Recipes, and where each name lives now.

How the parts meet: `mlflow_recipes.plugin` is loaded by `import mlflow` and puts one finder in front of Python's own.
When somebody imports a module that `MODULES` lists, and no other finder knows it, the finder makes a module that holds
nothing but a promise: a name is looked up in `MODULES`, and our own module behind it imported, when it is first used.
So `import mlflow.recipes` costs nothing, and a pickle that names an old path finds its class.

- `cards`: the report cards that users' own tests and notebooks build by hand.
- `utils`: the four functions of `mlflow.recipes.utils`.
- `variables`: `mlflow.environment_variables.MLFLOW_RECIPES_*`.
- `command`: the group `mlflow recipes`, which imports our command line only when it is used.

The step classes (`mlflow.recipes.steps.*`, `mlflow.recipes.step`) are not here: they were the engine, not its surface.
"""

from __future__ import annotations

from typing import Final

_RECIPE = "mlflow_recipes.recipe"
_CARDS = "mlflow_recipes.compat.cards"
_UTILS = "mlflow_recipes.compat.utils"
_LAYOUT = "mlflow_recipes.layout"
_CLI = "mlflow_recipes.cli"

# Old module -> its public names -> (our module, name in it)
MODULES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "mlflow.recipes": {"Recipe": (_RECIPE, "Recipe")},
    "mlflow.recipes.recipe": {"Recipe": (_RECIPE, "Recipe"), "BaseRecipe": (_RECIPE, "BaseRecipe")},
    "mlflow.recipes.regression": {},
    "mlflow.recipes.regression.v1": {"RecipeImpl": (_RECIPE, "RegressionRecipe")},
    "mlflow.recipes.regression.v1.recipe": {"RegressionRecipe": (_RECIPE, "RegressionRecipe")},
    "mlflow.recipes.classification": {},
    "mlflow.recipes.classification.v1": {"RecipeImpl": (_RECIPE, "ClassificationRecipe")},
    "mlflow.recipes.classification.v1.recipe": {"ClassificationRecipe": (_RECIPE, "ClassificationRecipe")},
    "mlflow.recipes.cards": {
        "BaseCard": (_CARDS, "BaseCard"),
        "CardTab": (_CARDS, "CardTab"),
        "FailureCard": (_CARDS, "FailureCard"),
        "CARD_HTML_NAME": (_LAYOUT, "CARD_HTML"),
        "CARD_PICKLE_NAME": (_LAYOUT, "CARD_PICKLE"),
    },
    "mlflow.recipes.cli": {
        "commands": (_CLI, "group"),
        "run": (_CLI, "run"),
        "clean": (_CLI, "clean"),
        "inspect": (_CLI, "inspect"),
        "get_artifact": (_CLI, "get_artifact"),
    },
    "mlflow.recipes.utils": {
        name: (_UTILS, name)
        for name in ("get_default_profile", "get_recipe_config", "get_recipe_name", "get_recipe_root_path")
    },
    "mlflow.recipes.utils.wrapped_recipe_model": {
        "WrappedRecipeModel": ("mlflow_recipes.modeling.wrapper", "WrappedRecipeModel")
    },
}


def is_package(module: str) -> bool:
    """Whether an old module has submodules, according to `MODULES`."""
    return any(name.startswith(f"{module}.") for name in MODULES)

"""`python -m mlflow_recipes`: the command `mlflow-recipes`, where scripts are not on the PATH."""

from __future__ import annotations

from mlflow_recipes.cli import main

if __name__ == "__main__":
    main()

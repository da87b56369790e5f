"""The JSON Schemas of recipe.yaml and of profiles as files, for editors. They are made by `config/schema.py`.

After a change of the models, `MLFLOW_RECIPES_UPDATE=1 pytest tests/unit/config/test_schema.py` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

KINDS = ("recipe", "profile")


def path_of(kind: str) -> Path:
    """Where the schema of a kind of file is.

    Args:
        kind: `recipe` for recipe.yaml, `profile` for the files in profiles/.
    """
    return Path(__file__).parent / f"{kind}.schema.json"

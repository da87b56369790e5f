"""What the sections of steps share; the types of single values are in `config/values.py`."""

from __future__ import annotations

from pydantic import Field, StrictBool

from mlflow_recipes.config.checks import Checks  # noqa: TC001 - pydantic reads it
from mlflow_recipes.config.values import Function, Names, Number, Section, as_tuple

__all__ = ["Function", "Names", "Number", "Profiled", "Section", "as_tuple"]


class Profiled(Section):
    """Sections of steps that give tables: their cards have data profiles, and the tables can be checked."""

    skip_data_profiling: StrictBool = Field(False, description="Leave data profiles off the step's card.")
    checks: Checks = Field((), description="What the tables must be like, checked right after the step.")

"""How to run the same again, and what has to be the same for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.cards.model import Block, Code, Facts, Notice, Table, Text
from mlflow_recipes.cards.parts import number
from mlflow_recipes.layout import TAGS_DATA
from mlflow_recipes.secrets import MASK, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.run_record import RunRecord

_SHORT_DIGEST = 16


def blocks(run: RunRecord, found: Mapping[str, StepRecord]) -> Iterator[Block]:
    """The commands, and what has to be the same for the same result."""
    commit, changed = run.git.get("commit"), run.git.get("uncommitted")
    yield Code("\n".join([*([f"git checkout {commit}"] if commit else []), run.command]))
    if commit is None:
        yield Text("The recipe was not in a git checkout, so nothing says which state of its files this was.")
    elif changed == "yes":
        yield Notice(
            "Files of the recipe had changes that were not committed: the commit alone does not give the same."
        )
    if MASK in run.command:
        yield Text("Put in the values that are masked here.")
    names = {"commit": "Git commit", "branch": "Git branch", "url": "Repository", "uncommitted": "Uncommitted changes"}
    items = [(title, mask(run.git[name])) for name, title in names.items() if name in run.git]
    items += run.software.items()
    libraries = _libraries(found)
    yield Facts([*items, *([("Libraries", libraries)] if libraries else [])])
    outputs = {name: output for record in found.values() for name, output in record.outputs.items()}
    tables = [f"{part}_data" for part in TAGS_DATA if f"{part}_data" in outputs]
    rows = [(name, number(outputs[name].rows), outputs[name].digest[:_SHORT_DIGEST]) for name in tables]
    if rows:
        yield Table(("table", "rows", "digest"), rows, "The same digest means the same content")


def _libraries(found: Mapping[str, StepRecord]) -> str:
    """The libraries that decided the results, with their versions."""
    parts = [part for record in found.values() for part in record.key.parts if part.name.startswith("library ")]
    names = {part.name.removeprefix("library "): part.shown for part in parts}
    return ", ".join(f"{name} {names[name]}" for name in sorted(names) if name != "python")

"""The report of a run: the whole story on one page, chosen from what the cards of its steps say.

Which blocks of which tabs are taken is in one table, `_CHOSEN`. Every tab can be missing: a run may have failed
before, may have been of one step, or the result of a step may have been dropped since.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards import dag, reproduce, verdict
from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.dag import Stand, checks_of, diagram_of
from mlflow_recipes.cards.model import (
    About,
    Block,
    Card,
    CardTab,
    Code,
    Facts,
    Figure,
    Notice,
    Outline,
    Table,
    Text,
)
from mlflow_recipes.cards.parts import duration, joined
from mlflow_recipes.cards.units import Units
from mlflow_recipes.checks.model import PASSED, WARNED, Finding, summary
from mlflow_recipes.graph import PREPARE, Graph
from mlflow_recipes.run_record import PENDING
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.run_record import RunRecord, StepEntry

_MOST_ROWS = 12  # of a table that the report takes from a card
_MOST_REASONS = 2
_TOLD = ("Recipe", "Profile", "Step", "Finished", "Took", "MLflow run")
_WORDS = {"run": dag.DONE, "reused": dag.REUSED, "failed": dag.FAILED, PENDING: dag.NOT_REACHED}


@dataclass(frozen=True)
class _Pick:
    """What the report takes from a card: so many blocks at most, of some kinds, from a tab of a step."""

    step: str
    tab: str
    kinds: tuple[type, ...]
    most: int = 4


# Tab of the report -> what it takes, in order
_CHOSEN = {
    "Data": (
        _Pick("split", "Compare Splits", (Notice, Table, Figure), 4),
        _Pick("ingest", "Run Summary", (Table,), 1),
    ),
    "Model": (
        _Pick("train", "Learning Curve", (Text, Figure), 3),
        _Pick("train", "Tuning Trials", (Text, Figure), 3),
        _Pick("train", "Model Architecture", (Facts, Outline), 2),
    ),
    "Evaluation": (
        _Pick("evaluate", "Model Performance (Test)", (Figure,), 2),
        _Pick("evaluate", "Residuals", (Figure,), 2),
        _Pick("evaluate", "Model Performance Plots", (Figure,), 3),
        _Pick("evaluate", "Classes", (Figure,), 1),
        _Pick("evaluate", "Slices", (Figure,), 4),
        _Pick("evaluate", "Feature Importance", (Figure,), 1),
        _Pick("evaluate", "Model Performance (Test)", (Table,), 1),
    ),
    "Version": (
        _Pick("register", "Run Summary", (Facts,), 1),
        _Pick("register", "Lineage", (Table,), 1),
    ),
}


def card(run: RunRecord, found: Mapping[str, StepRecord], page_of: Callable[[str], str]) -> Card:
    """The report of a run.

    Args:
        run: What is remembered of it.
        found: Step -> its result, of those that are still there.
        page_of: Where the card of a step is, relative to the report.
    """
    facts = {step: record.facts for step, record in found.items()}
    units = Units(run.units, run.targets)
    cards = {step: made for step in found if (made := _card_of(run, step, found[step]))}
    tabs = [
        CardTab("Verdict", (verdict.notice(run, facts), *verdict.numbers(facts, units), _run_facts(run))),
        *_failed(run),
        CardTab("Steps", tuple(_steps(run, found, cards, page_of))),
        *_chosen(cards),
        *_checks(run, facts),
        CardTab("How to Reproduce", tuple(reproduce.blocks(run, found))),
    ]
    return Card("report", run.recipe, _ordered(tabs), verdict.sentence(run, facts, units))


def _ordered(tabs: Sequence[CardTab]) -> list[CardTab]:
    """Checks belong behind the data that they are about."""
    order = ("Verdict", "What Went Wrong", "Steps", "Data", "Checks")
    return sorted(tabs, key=lambda tab: order.index(tab.name) if tab.name in order else len(order))


def _card_of(run: RunRecord, step: str, record: StepRecord) -> Card | None:
    """A step's card; None for one that cannot be made, which leaves the rest of the report."""
    module = next(entry.module for entry in run.steps if entry.step == step)
    about = About(
        *(step, run.recipe, run.profile, record.seconds, record.finished_at),
        record.effects.get("run_id"),
        run.run_url,
        run.units,
    )
    try:
        return build(module, record.facts, about)
    except Exception:  # noqa: BLE001 - a card is a convenience
        return None


def _run_facts(run: RunRecord) -> Facts:
    started = datetime.fromtimestamp(run.started_at, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    asked = f"the step '{run.target}' alone" if run.only else f"everything up to '{run.target}'"
    items = [("Profile", run.profile), ("Asked for", asked), ("Started", started), ("Took", duration(run.seconds))]
    items += [("MLflow run", run.run_id), ("MLflow", mask(run.tracking_uri))] if run.run_id else []
    return Facts(items, {"MLflow run": run.run_url} if run.run_url else {})


def _failed(run: RunRecord) -> list[CardTab]:
    """What went wrong: as on the card of the step that failed."""
    entry = run.failure
    if entry is None:
        return [CardTab("What Went Wrong", (Code(run.why),))] if run.why else []
    made = failure(entry.step, run.recipe, entry.trace or "\n".join(entry.reasons), checks=entry.checks)
    told = made.tabs[1:] or made.tabs  # the first says what the others begin with
    return [CardTab("What Went Wrong", tuple(block for tab in told for block in tab.blocks))]


def _steps(
    run: RunRecord, found: Mapping[str, StepRecord], cards: Mapping[str, Card], page_of: Callable[[str], str]
) -> Iterator[Block]:
    """What ran and why, and what was reused: as a diagram, and with the reasons as a table."""
    counts = Counter(_WORDS[entry.outcome] for entry in run.steps)
    yield Text(joined(*(f"{count} {word}" for word, count in counts.items())))
    pages = {entry.step: page_of(entry.step) for entry in run.steps if entry.step in cards or entry is run.failure}
    graph = Graph.preparing([entry.step for entry in run.steps if entry.module == PREPARE])
    stands = {entry.step: _stand(entry, found.get(entry.step), pages.get(entry.step, "")) for entry in run.steps}
    yield diagram_of(graph, stands, "The steps of this run")
    rows = [
        (
            *(entry.step, _WORDS[entry.outcome], "see above" if entry is run.failure else _why(entry)),
            cards[entry.step].summary if entry.step in cards else "",
            duration(entry.seconds) if entry.seconds else "",
        )
        for entry in run.steps
    ]
    links = {f"{place},0": pages[row[0]] for place, row in enumerate(rows) if row[0] in pages}
    tones = {str(place): "bad" for place, entry in enumerate(run.steps) if entry is run.failure}
    yield Table(("step", "outcome", "why", "what came of it", "took"), rows, tones=tones, links=links)


def _why(entry: StepEntry) -> str:
    more = len(entry.reasons) - _MOST_REASONS
    return "; ".join([*entry.reasons[:_MOST_REASONS], *([f"and {more} more"] if more > 0 else [])])


def _stand(entry: StepEntry, record: StepRecord | None, page: str) -> Stand:
    rows = record.rows if record else entry.rows
    checks = checks_of({"checks": entry.checks} if entry.checks else record.facts if record else {})
    return Stand(_WORDS[entry.outcome], rows, entry.seconds, checks, link=page)


def _chosen(cards: Mapping[str, Card]) -> Iterator[CardTab]:
    for name, picks in _CHOSEN.items():
        blocks = [block for pick in picks for block in _picked(cards.get(pick.step), pick)]
        if blocks:
            yield CardTab(name, tuple(blocks))


def _picked(made: Card | None, pick: _Pick) -> list[Block]:
    tab = next((tab for tab in made.tabs if tab.name == pick.tab), None) if made else None
    blocks = [block for block in tab.blocks if isinstance(block, pick.kinds)] if tab else []
    return [_shortened(block) for block in blocks[: pick.most]]


def _shortened(block: Block) -> Block:
    """A long table's first rows; facts without those that the report tells of the run itself."""
    if isinstance(block, Facts):
        return Facts([item for item in block.items if item[0] not in _TOLD], block.links)
    if not isinstance(block, Table) or len(block.rows) <= _MOST_ROWS:
        return block
    caption = joined(block.caption, f"the first {_MOST_ROWS} of {len(block.rows):,} rows")
    return Table(block.columns, block.rows[:_MOST_ROWS], caption, block.tones, block.links)


def _checks(run: RunRecord, facts: Mapping[str, Mapping[str, Any]]) -> list[CardTab]:
    """The checks of all steps, those that did not pass first."""
    told = {entry.step: entry.checks or facts.get(entry.step, {}).get("checks") or () for entry in run.steps}
    found = [Finding.from_dict(check) for checks in told.values() for check in checks]
    found.sort(key=lambda finding: finding.status == PASSED)
    if not found:
        return []
    stops, warned = any(f.stops for f in found), any(f.status == WARNED for f in found)
    tones = {str(row): "bad" for row, finding in enumerate(found) if finding.stops}
    tones |= {str(row): "strong" for row, finding in enumerate(found) if finding.status == WARNED}
    rows = [(finding.step, finding.title, finding.status, finding.sentence) for finding in found]
    table = Table(("step", "check", "result", "found"), rows, tones=tones)
    return [CardTab("Checks", (Notice(summary(found), "bad" if stops else "neutral" if warned else "good"), table))]

"""The card of the train step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.cards.classes import (
    calibration_figure,
    calibration_table,
    class_blocks,
    confusion_figure,
    rebalancing_table,
    threshold_blocks,
)
from mlflow_recipes.cards.curves import round_figures, row_figure
from mlflow_recipes.cards.model import Block, CardTab, Code, Facts, Table, Text
from mlflow_recipes.cards.parts import (
    masked_items,
    metrics_table,
    number,
    outline_of,
    preview_tab,
    primary_line,
    profile_tab,
    repr_text,
    run_summary,
    text_tab,
    warnings_tab,
    worst_note,
)
from mlflow_recipes.cards.search import search_figures
from mlflow_recipes.cards.units import Units
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow_recipes.cards.model import About


def summary(facts: Mapping[str, Any]) -> str:
    """The primary metric."""
    return primary_line(facts.get("metrics"), facts.get("primary_metric"))


def tabs(facts: Mapping[str, Any], about: About) -> list[CardTab]:
    """Metrics, predictions, the model and its schema, worst predictions, leaderboard, parameters."""
    stored = [("Model stored with", str(facts["format"]))] if facts.get("format") else []
    units = Units(about.units, facts.get("targets") or ())
    metrics = metrics_table(facts.get("metrics"), facts.get("primary_metric"), units, gap=True)
    rebalanced = [rebalancing_table(facts["rebalanced"])] if facts.get("rebalanced") else []
    return [
        CardTab("Model Performance", (*metrics, *rebalanced)),
        *_classes(facts),
        *profile_tab("Data Profile (Predictions)", {"": facts.get("predictions_profile")}),
        *_architecture(facts),
        *_curves(facts, units),
        *_schema(facts.get("signature") or {}),
        *preview_tab("Worst Predictions", facts.get("worst"), worst_note("training", facts)),
        *_worst_profile(facts),
        *_board("Leaderboard", facts.get("leaderboard"), "The best runs of this experiment."),
        *text_tab("Best Parameters", facts.get("best_parameters")),
        *_search(facts.get("search"), units),
        *warnings_tab(facts.get("warnings")),
        run_summary(about, stored),
    ]


def _classes(facts: Mapping[str, Any]) -> list[CardTab]:
    """What a classifier does on the validation data, and what its scores are worth."""
    classes = facts.get("classes")
    if not classes:
        return []
    found = [CardTab("Confusion Matrix", (confusion_figure(classes, "validation data"), *class_blocks(classes)))]
    if classes["calibration"]:
        how = facts.get("calibration")
        text = f"Scores calibrated by {how} regression." if how else "Scores as the estimator gives them."
        blocks = (Text(text), calibration_figure(classes), calibration_table(classes))
        found.append(CardTab("Prob. Calibration", blocks))
    if facts.get("threshold") and classes["positive"] is not None:
        found.append(CardTab("Decision Threshold", tuple(threshold_blocks(facts["threshold"], classes["positive"]))))
    return found


def _architecture(facts: Mapping[str, Any]) -> list[CardTab]:
    """The estimator: its parts where it has any, and its parameters."""
    outline, blocks = facts.get("outline"), list[Block]()
    params = masked_items(facts.get("params"))
    given = [(name, value) for name, value in params if value != "None"]
    if outline and outline["parts"]:
        blocks.append(outline_of("The estimator and its parts", outline))
    elif outline:
        given.insert(0, ("Estimator", str(outline["name"])))
    elif facts.get("estimator"):  # of a step that ran before outlines were known
        blocks.append(Code(repr_text(facts["estimator"])))
    if given:
        blocks.append(Facts(given))
    if unset := [name for name, value in params if value == "None"]:
        blocks.append(Text(f"Left at None: {', '.join(unset)}."))
    return [CardTab("Model Architecture", tuple(blocks))] if blocks else []


def _curves(facts: Mapping[str, Any], units: Units) -> list[CardTab]:
    """The validation metrics round by round, and the primary metric by the number of training rows."""
    blocks: list[Block] = []
    if curve := facts.get("curve"):
        as_fitted = Units() if facts.get("target_transform") else units
        blocks += round_figures(curve, facts.get("best_iteration"), as_fitted)
    if learning := facts.get("learning_curve"):
        blocks.append(row_figure(learning, str(facts.get("primary_metric")), units))
        rows = [[number(p["rows"]), number(p["training"]), number(p["validation"])] for p in learning]
        caption = f"{facts.get('primary_metric')} of estimators fitted with a share of the training rows"
        blocks.append(Table(("training rows", "training", "validation"), rows, caption))
    return [CardTab("Learning Curve", tuple(blocks))] if blocks else []


def _search(search: Mapping[str, Any] | None, units: Units) -> list[CardTab]:
    """The search in a line, its figures, its trials best first, the best of each estimator, why trials failed."""
    if not search:
        return []
    blocks: list[Block] = [Text(f"{search['summary'][0].upper()}{search['summary'][1:]}.")]
    if numbers := search.get("numbers"):
        greater = bool(search["greater_is_better"])
        blocks += search_figures(numbers, str(search["metric"]), units, greater_is_better=greater)
    if each := search.get("estimators"):
        blocks.append(Table(each["columns"], each["rows"], caption="The best trial of each estimator"))
    trials = search["trials"]
    best = {str(i): "strong" for i, row in enumerate(trials["rows"]) if row[0].endswith("(best)")}
    shown, every = len(trials["rows"]), trials["all"]
    caption = "Every trial, best first" if shown == every else f"The best {shown} of {every} trials"
    blocks.append(Table(trials["columns"], trials["rows"], caption=caption, tones=best))
    if failures := search.get("failures"):
        blocks += [Text("Why trials failed:"), Code(mask("\n".join(failures)))]
    return [CardTab("Tuning Trials", tuple(blocks))]


def _schema(signature: Mapping[str, str]) -> list[CardTab]:
    halves = [
        ("Inputs: raw features, as the model takes them.", signature.get("inputs")),
        ("Outputs.", signature.get("outputs")),
    ]
    blocks = [block for caption, text in halves if text for block in (Text(caption), Code(text))]
    return [CardTab("Model Schema", tuple(blocks))] if blocks else []


def _worst_profile(facts: Mapping[str, Any]) -> list[CardTab]:
    """The rows with the largest errors beside all training rows."""
    worst, train = facts.get("worst_profile"), facts.get("train_profile") or facts.get("predictions_profile")
    if not worst or not train:
        return []
    return profile_tab("Data Profile (Worst vs Train)", {"worst": worst, "training": train})


def _board(name: str, board: Mapping[str, Any] | None, note: str) -> list[CardTab]:
    """Runs, best first: with links to their pages where the server has any, else with their ids."""
    if not board or not board.get("rows"):
        return []
    columns, rows = list(board["columns"]), [[str(cell) for cell in row] for row in board["rows"]]
    this = {str(i): "strong" for i, row in enumerate(rows) if any("(this run)" in cell for cell in row)}
    pages = board.get("pages") or ()
    links = {f"{place},{columns.index('run')}": str(page) for place, page in enumerate(pages) if page}
    if not links and board.get("run_ids"):
        columns.append("run id")
        rows = [[*row, str(run_id)] for row, run_id in zip(rows, board["run_ids"], strict=True)]
    return [CardTab(name, (Text(note), Table(columns, rows, tones=this, links=links)))]

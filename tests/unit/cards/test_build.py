from __future__ import annotations

from typing import Any

import pytest

from mlflow_recipes.cards.build import build, failure
from mlflow_recipes.cards.model import About, Card, Code, Facts, Figure, Notice, Profile, Table, Text

STEPS = ["ingest", "split", "transform", "train", "evaluate", "register"]
# COMPAT 11, for regression, and ours between them
TABS = {
    "ingest": ["Data Profile", "Data Schema", "Data Preview", "Run Summary"],
    "split": ["Compare Splits", "Run Summary"],
    "transform": [
        "Data Profile (Train Transformed)",
        "Transformer",
        "Features",
        "Input Schema",
        "Output Schema",
        "Data Preview",
        "Run Summary",
    ],
    "train": [
        "Model Performance",
        "Data Profile (Predictions)",
        "Model Architecture",
        "Learning Curve",
        "Model Schema",
        "Worst Predictions",
        "Data Profile (Worst vs Train)",
        "Leaderboard",
        "Best Parameters",
        "Tuning Trials",
        "Warning Logs",
        "Run Summary",
    ],
    "evaluate": [
        "Model Performance (Test)",
        "Model Validation",
        "Slices",
        "Residuals",
        "Feature Importance",
        "Worst Predictions",
        "Warning Logs",
        "Run Summary",
    ],
    "register": ["Run Summary", "Lineage"],
}
SUMMARIES = {
    "ingest": "4 rows · 6 columns · 1 file, 20.5 kB",
    "split": "training 75 · validation 13 · test 12",
    "transform": "5 columns in, 6 columns out with the target · 4 training rows",
    "train": "root_mean_squared_error 4.125 (training), 4.125 (validation)",
    "evaluate": "REJECTED · root_mean_squared_error 4.125 (validation), 4.125 (test)",
    "register": "taxi, version 3 (champion)",
}


def about(step: str, **more: str) -> About:
    return About(step, "taxi", "local", 1.5, 1_514_795_400.0, **more)


def block(card: Card, tab: str, kind: type) -> Any:
    found = next(t for t in card.tabs if t.name == tab)
    return next(b for b in found.blocks if isinstance(b, kind))


@pytest.mark.parametrize("step", STEPS)
def test_tabs_are_those_of_2_22(step: str, facts: dict[str, dict[str, Any]]) -> None:
    card = build(step, facts[step], about(step))
    assert [tab.name for tab in card.tabs] == TABS[step]
    assert card.title == f"{step.capitalize()}@taxi"
    assert card.summary == SUMMARIES[step]


@pytest.mark.parametrize("step", STEPS)
def test_absent_facts_leave_their_tabs_out(step: str) -> None:
    names = [tab.name for tab in build(step, {}, about(step)).tabs]
    first = {"split": ["Compare Splits"], "train": ["Model Performance"], "evaluate": ["Model Performance (Test)"]}
    assert names == [*first.get(step, []), "Run Summary"]


@pytest.mark.parametrize("step", STEPS)
def test_facts_of_none_are_absent_ones(step: str, facts: dict[str, dict[str, Any]]) -> None:
    nothing = build(step, dict.fromkeys(facts[step]), about(step))
    assert [tab.name for tab in nothing.tabs] == [tab.name for tab in build(step, {}, about(step)).tabs]


def test_several_targets_each_have_a_table_of_their_own(facts: dict[str, dict[str, Any]]) -> None:
    target, [shown] = facts["split"]["target"], facts["split"]["target_distributions"].values()
    several = {"targets": {"y": target, "<z>": target}, "target_distributions": {"y": shown, "<z>": shown}}
    card = build("split", facts["split"] | several, about("split"))
    tables = [b for b in card.tabs[0].blocks if isinstance(b, Table)]
    assert [table.caption for table in tables] == ["", "Target 'y'", "Target '<z>'"]
    assert tables[0].columns == ("split", "rows", "share")
    assert tables[1].rows[0] == ("training", "17.69", "20.5", "3", "48")


def test_skipped_profiling_leaves_only_the_profiles_out(facts: dict[str, dict[str, Any]]) -> None:
    ingest = build("ingest", facts["ingest"] | {"profile": None}, about("ingest"))
    assert [tab.name for tab in ingest.tabs] == TABS["ingest"][1:]
    split = build("split", facts["split"] | {"profiles": None}, about("split"))
    assert [type(b) for b in split.tabs[0].blocks] == [Table, Figure, Figure, Facts]


def test_splits_side_by_side(facts: dict[str, dict[str, Any]]) -> None:
    card = build("split", facts["split"] | {"warnings": ["the test split has only 12 rows"]}, about("split"))
    assert block(card, "Compare Splits", Notice) == Notice("the test split has only 12 rows", "bad")
    table = block(card, "Compare Splits", Table)
    assert table.columns == ("split", "rows", "share", "target mean", "target std", "target min", "target max")
    assert table.rows[0] == ("training", "75", "75.0 %", "17.69", "20.5", "3", "48")
    assert block(card, "Compare Splits", Facts).items == (
        ("Ratios", "0.75 : 0.125 : 0.125"),
        ("Rows without a target, dropped", "2"),
        ("Rows filtered from training", "5"),
    )
    assert [part.name for part in block(card, "Compare Splits", Profile).parts] == ["training", "validation", "test"]


def test_the_model(facts: dict[str, dict[str, Any]]) -> None:
    facts["train"]["params"]["api_key"] = "abc def"
    card = build("train", facts["train"], about("train"))
    assert block(card, "Model Architecture", Facts).items[:2] == (("alpha", "0.5"), ("solver", "auto"))
    assert "abc" not in card.to_json()
    assert block(card, "Model Architecture", Text).text == "Left at None: max_iter, tol."
    assert block(card, "Leaderboard", Table).tones == {"0": "strong"}
    assert block(card, "Warning Logs", Code).text == "train.py:3: UserWarning: slow (2 times)"


def test_criteria(facts: dict[str, dict[str, Any]]) -> None:
    card = build("evaluate", facts["evaluate"], about("evaluate"))
    assert next(tab for tab in card.tabs if tab.name == "Model Validation").blocks == (
        Notice("REJECTED: the model does not meet every criterion on the test data.", "bad"),
        Notice("Not met: It is 4.125, not 4.", "bad"),
        Notice("Met: It is 0.75.", "good"),
    )
    unknown = build("evaluate", facts["evaluate"] | {"status": "UNKNOWN", "criteria": []}, about("evaluate"))
    assert block(unknown, "Model Validation", Notice).text == "UNKNOWN: no validation criteria are given."


def test_run_summary_with_links(facts: dict[str, dict[str, Any]]) -> None:
    card = build("register", facts["register"], about("register", run_id="r1", run_url="https://tracking.example/r1"))
    summary = block(card, "Run Summary", Facts)
    assert summary.items == (
        ("Recipe", "taxi"),
        ("Profile", "local"),
        ("Step", "register"),
        ("Finished", "2018-01-01 08:30:00 UTC"),
        ("Took", "1.50 s"),
        ("MLflow run", "r1"),
        ("Registered model", "taxi"),
        ("Version", "3"),
        ("Aliases", "champion"),
        ("Champion", "version 3"),
        ("Champion before", "version 2"),
        ("Validation status", "VALIDATED"),
        ("Source", "runs:/r1/train/model"),
    )
    assert summary.links == {
        "MLflow run": "https://tracking.example/r1",
        "Version": "https://tracking.example/#/models/taxi/versions/3",
    }


def test_wide_tables_are_cut(facts: dict[str, dict[str, Any]]) -> None:
    names = [f"c{i}" for i in range(1000)]
    wide = {"rows": 1, "sampled": None, "columns": [{"name": name, "dtype": "list"} for name in names]}
    preview = {"columns": names, "rows": [["1"] * 1000]}
    card = build("ingest", facts["ingest"] | {"profile": wide, "preview": preview}, about("ingest"))
    assert len(block(card, "Data Profile", Profile).parts[0].columns) == 200
    assert block(card, "Data Profile", Text).text == "800 further columns not shown here."
    assert len(block(card, "Data Preview", Table).rows[0]) == 200


def test_failure() -> None:
    trace = "DataError: no rows in postgresql://me:pw@host/db\nLook there.\n\nIn the recipe's own code:\n  File x"
    card = failure("split", "taxi", trace, ["w1"])
    assert [tab.name for tab in card.tabs] == ["Step Status", "Stacktrace", "Warning Logs"]
    assert card.tabs[0].blocks == (
        Notice("The step 'split' failed.", "bad"),
        Code("DataError: no rows in postgresql://me:***@host/db\nLook there."),
    )
    assert card.tabs[1].blocks == (Code(trace.replace("pw", "***")),)
    assert [tab.name for tab in failure("split", "taxi", "").tabs] == ["Step Status"]


def test_what_was_reconciled_is_told_file_by_file(facts) -> None:
    files = {"int64": [f"2023-{month:02}.parquet" for month in range(1, 7)], "missing": ["https://me:pw@h/<b>.parquet"]}
    facts["ingest"] |= {
        "reconciled": [{"column": "<i>", "as": "double", "rules": ["widen", "missing_columns"], "files": files}],
        "unread": ["note", "flag"],
    }
    blocks = next(
        tab for tab in build("ingest", facts["ingest"], about("ingest")).tabs if tab.name == "Run Summary"
    ).blocks
    table = next(found for found in blocks if isinstance(found, Table) and found.caption == "Reconciled")
    assert table.columns == ("column", "read as", "rules", "in the sources")
    assert table.rows == (
        (
            "<i>",
            "double",
            "widen, missing_columns",
            "int64 in 2023-01.parquet, 2023-02.parquet, 2023-03.parquet, 2023-04.parquet and 2 more; missing in "
            "https://me:***@h/<b>.parquet",
        ),
    )
    assert blocks[-1].items == (("Columns not read", "note, flag"),)

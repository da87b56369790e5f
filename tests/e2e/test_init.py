"""From a csv of one's own to a registered model and a passing test-suite, in two commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Small

ROWS = 600


def houses() -> pd.DataFrame:
    """Rows with everything that data of one's own have: an id, gaps, categories, times, comments."""
    random = np.random.default_rng(0)
    area = random.uniform(20, 200, ROWS).round(1)
    frame = pd.DataFrame(
        {
            "house_id": range(ROWS),
            "area in m²": area,
            "rooms": pd.array(random.integers(1, 7, ROWS), dtype="Int64"),
            "city": random.choice(["Rome", "Oslo", "Bern"], ROWS),
            "garden": random.choice([True, False], ROWS),
            "sold at": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, ROWS), unit="D"),
            "comment": [f"House number {n}" for n in range(ROWS)],
        }
    )
    frame["price"] = (area * 3 + (frame["city"] == "Oslo") * 100 + random.normal(0, 10, ROWS)).round(2)
    frame["band"] = pd.cut(frame["price"], [-1e9, 250, 450, 1e9], labels=["low", "middle", "high"]).astype(str)
    for name in ("rooms", "city", "sold at", "price"):
        frame.loc[frame.index % 50 == len(name), name] = None
    return frame


@pytest.mark.parametrize(
    ("target", "without", "template"),
    [("price", "band", "regression/v1"), ("band", "price", "classification/v1")],
)
def test_two_commands_lead_to_a_model_and_a_passing_test_suite(
    tmp_path: Path, target: str, without: str, template: str
) -> None:
    root = tmp_path / "a new project"
    root.mkdir()
    houses().drop(columns=[without]).to_csv(
        root / "my houses.csv", sep=";", decimal=",", date_format="%d.%m.%Y", encoding="cp1252"
    )  # with row numbers in a column without a name
    project = Small(root)

    made = project.command("init", ".", "--data", "my houses.csv", "--target", target)
    assert made.returncode == 0, made.stderr
    assert f"{template}, predicts '{target}' from 5 columns of my houses.csv (600 rows)." in made.stdout
    assert "A column has no name, as the row numbers that pandas writes" in made.stdout
    assert "The column 'house_id' tells rows apart" in made.stdout
    assert "The column 'comment' has another text in almost every row" in made.stdout
    commands = [line.split()[0:2] for line in made.stdout.partition("Next:\n")[2].splitlines()]
    assert commands == [["mlflow-recipes", verb] for verb in ("run", "test", "report")]

    ran = project.command("run", "-p", "local", timeout=400)
    assert ran.returncode == 0, ran.stderr
    assert "model       a new project, version 1 (challenger)" in ran.stdout

    scored = project.command("predict", "-p", "local", "--data", "my houses.csv", "--out", "scores.csv", timeout=400)
    assert scored.returncode == 0, scored.stderr
    assert len(pd.read_csv(root / "scores.csv")) == ROWS

    tested = project.command("test", "-q", timeout=400)
    assert tested.returncode == 0, tested.stdout
    assert "7 passed" in tested.stdout

    again = project.command("init", ".", "--data", "my houses.csv", "--target", target)
    assert again.returncode == 2
    assert "holds a recipe already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--data", "d.csv"), 2, "--data and --target go together"),
        (("--data", "d.csv", "--target", "prise"), 2, "The data has no column 'prise'.\nDid you mean 'price'?"),
        (("--data", "e.csv", "--target", "y"), 2, "Did you mean d.csv?"),
        (("--recipe", "regression", "--data", "d.csv", "--target", "city"), 3, "Regression predicts numbers"),
        (("--recipe", "regresion"), 2, "regresion"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    houses().to_csv(tmp_path / "d.csv", index=False)
    done = Small(tmp_path).command("init", "new", *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert not (tmp_path / "new").exists()

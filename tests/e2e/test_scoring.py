"""Batch scoring by the commands: order and columns, staleness, a kill in the middle, what is refused, one-offs."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflow_recipes.graph import TRAINING
from mlflow_recipes.project import Project
from mlflow_recipes.tracking import Tracking
from tests.conftest import FILES, Small, write_data

ROWS = 1000
SCORING = """\
  ingest_scoring: {using: parquet, location: new}
  predict:
    output: {using: parquet, location: out/scores.parquet}
    batch_rows: 100
  register:
"""
# Takes its time where a test wants to interrupt it.
SLOW = FILES["steps/transform.py"].replace(
    "def doubled(frame):\n",
    'def doubled(frame):\n            import os, time\n\n            time.sleep(float(os.environ.get("SLOW", 0)))\n',
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A recipe with a registered model, and data to score; tests write to outputs of their own."""
    recipe = Small(tmp_path_factory.mktemp("scoring") / "a recipe")
    for relative, text in FILES.items():
        recipe.write(relative, text)
    recipe.write("steps/transform.py", SLOW)
    recipe.edit("recipe.yaml", "  register:\n", SCORING)
    write_data(recipe.root / "data")
    write_data(recipe.root / "new", name="new.csv", rows=ROWS, seed=1)
    frame = pd.read_csv(recipe.root / "new" / "new.csv").drop(columns=["y"])
    table = pa.table({"note": [f"row {i}" for i in range(ROWS)], **frame}).append_column("id", pa.array(range(ROWS)))
    pq.write_table(table, recipe.root / "new" / "new.parquet")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(recipe.root.parent / "home"))
        recipe.recipe().execute()
        yield recipe


def actions(recipe: Small, *overrides: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.step: (each.action.value, each.reasons) for each in recipe.recipe("local", *overrides).plan("predict")}


def test_every_row_in_order_with_its_columns_and_the_models_prediction(trained: Small) -> None:
    result = trained.recipe().execute("predict")
    assert [(each.step, each.rows) for each in result.outcomes] == [("ingest_scoring", ROWS), ("predict", ROWS)]
    data = pq.read_table(trained.root / "new" / "new.parquet")
    scores = pq.read_table(trained.root / "out" / "scores.parquet")
    assert scores.drop_columns(["prediction"]).equals(data)
    model = trained.recipe().get_artifact("model")
    assert scores["prediction"].to_pylist() == list(model.predict(data.to_pandas()[["a", "b", "c"]]))
    pd.testing.assert_frame_equal(trained.recipe().get_artifact("scored_data"), scores.to_pandas())
    assert {step: action for step, (action, _) in actions(trained).items()} == {
        "ingest_scoring": "reuse",
        "predict": "reuse",
    }
    assert "Scored Data Profile" in [tab.name for tab in trained.recipe().card("predict").tabs]


def test_an_output_that_is_gone_is_written_again(trained: Small) -> None:
    place = "steps.predict.output.location=gone/scores.csv"
    options = ("steps.predict.output.using=csv", place)
    trained.recipe("local", *options).execute("predict")
    (trained.root / "gone" / "scores.csv").unlink()
    assert actions(trained, *options)["predict"] == ("run", ("its output gone/scores.csv is not there any more",))
    trained.recipe("local", *options).execute("predict")
    assert len(pd.read_csv(trained.root / "gone" / "scores.csv")) == ROWS


def test_a_new_version_makes_it_stale(trained: Small) -> None:
    options = ("steps.predict.model=latest", "steps.predict.output.location=newest.parquet")
    trained.recipe("local", *options).execute("predict")
    assert actions(trained, *options)["predict"][0] == "reuse"
    tracking = Tracking(trained.root, Project.load("local", root=trained.root).config(TRAINING))
    client = tracking.client
    first = client.get_model_version("small", "1")
    with tracking.session():
        made = client.create_model_version("small", first.source, run_id=first.run_id)
    try:
        why = f"models:/small/latest is version {made.version} now, it was version 1 when this was scored"
        assert actions(trained, *options)["predict"] == ("run", (why,))
        result = trained.recipe("local", *options).execute("predict")
        assert result.outcomes[-1].reasons == (why,)
        assert actions(trained, *options)["predict"][0] == "reuse"
        assert actions(trained)["predict"][0] == "reuse", "what the register step gave is used without `model`"
    finally:
        client.delete_model_version("small", made.version)


@pytest.mark.parametrize("read_before", [True, False])
def test_killed_in_the_middle_it_goes_on_and_gives_the_same_bytes(trained: Small, read_before: bool) -> None:
    source = trained.root / f"fresh {read_before}.parquet"
    data = pq.read_table(trained.root / "new" / "new.parquet")
    pq.write_table(data.set_column(0, "note", pa.array([f"{read_before} {i}" for i in range(ROWS)])), source)
    reading = ("--set", f"steps.ingest_scoring.location={source.name}")

    def command(place: str) -> tuple[str, ...]:
        return ("run", "-s", "predict", "-p", "local", *reading, "--set", f"steps.predict.output.location={place}")

    if read_before:
        assert trained.command("run", "-s", "ingest_scoring", "-p", "local", *reading).returncode == 0
    folder = trained.root / "metadata" / "recipes" / "scorings"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("killed.parquet", "whole.parquet"):
        (trained.root / name).unlink(missing_ok=True)
    process = trained.start(*command("killed.parquet"), SLOW="0.3")
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*/*.arrow"))) < 3:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert not (trained.root / "killed.parquet").exists()
    assert not list(trained.root.glob(".killed*"))
    resumed = trained.command(*command("killed.parquet"))
    assert resumed.returncode == 0, resumed.stderr
    assert "rows had been predicted before it was interrupted" in resumed.stdout + resumed.stderr
    assert trained.command(*command("whole.parquet")).returncode == 0
    assert (trained.root / "killed.parquet").read_bytes() == (trained.root / "whole.parquet").read_bytes()


def test_data_that_the_model_was_not_trained_on_is_refused(trained: Small) -> None:
    pq.write_table(pa.table({"a": [1.0], "c": ["text"]}), trained.root / "wrong.parquet")
    options = ["--set", "steps.ingest_scoring.location=wrong.parquet", "--set", "steps.predict.output.location=no.csv"]
    done = trained.command("run", "-s", "predict", "-p", "local", *options)
    assert done.returncode == 6
    assert "b: The column is missing." in done.stderr
    assert "c: It holds values of another kind: double in training, string now." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (trained.root / "no.csv").exists()


def test_drift_can_be_refused(trained: Small) -> None:
    moved = pq.read_table(trained.root / "new" / "new.parquet").to_pandas()
    moved["a"] += 10
    moved.to_parquet(trained.root / "moved.parquet")
    options = [
        "--set",
        "steps.ingest_scoring.location=moved.parquet",
        "--set",
        "steps.predict.output.location=m.parquet",
    ]
    refused = trained.command("run", "-s", "predict", "-p", "local", *options, "--set", "steps.predict.drift=fail")
    assert refused.returncode == 6
    assert not (trained.root / "m.parquet").exists()
    told = trained.command("run", "-s", "predict", "-p", "local", *options)
    assert told.returncode == 0
    assert (
        "drift: 1 of 6 columns differs by more than the limits allow: 'a'; 3 more differ a little."
        in told.stdout + told.stderr
    )


def test_a_populated_target_stays_as_it_is_where_the_mode_says_so(trained: Small) -> None:
    kept = trained.root / "kept.parquet"
    kept.write_bytes(b"mine")
    options = ["--set", "steps.predict.output.location=kept.parquet", "--set"]
    refused = trained.command("run", "-s", "predict", "-p", "local", *options, "steps.predict.save_mode=error")
    assert refused.returncode == 2
    assert "The output kept.parquet is already populated, and `save_mode: error` refuses that." in refused.stderr
    ignored = trained.command("run", "-s", "predict", "-p", "local", *options, "steps.predict.save_mode=ignore")
    assert ignored.returncode == 0
    assert kept.read_bytes() == b"mine"


def test_a_file_once(trained: Small) -> None:
    done = trained.command("predict", "-p", "local", "--data", "new/new.csv", "--out", "once.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert "feature names" not in done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["model"]) == (ROWS, "version 1 (challenger) of 'small'")
    assert list(pd.read_csv(trained.root / "once.csv").columns) == ["a", "b", "c", "y", "prediction"]
    wrong = trained.command("predict", "-p", "local", "--data", "new/new.csv", "--out", "once.xlsx")
    assert wrong.returncode == 2
    assert "'once.xlsx' says no format that scores can be written in." in wrong.stderr
    absent = trained.command(
        "predict", "-p", "local", "--data", "new/new.csv", "--out", "o.csv", "--model", "challenge"
    )
    assert absent.returncode == 2
    assert "Did you mean 'challenger'?" in absent.stderr
    assert not (trained.root / "o.csv").exists()


def test_intervals_hold_about_that_share_of_the_truth(trained: Small) -> None:
    out = Path("wide.parquet")
    options = ("steps.predict.intervals=0.9", "steps.predict.passthrough=[y]")
    trained.recipe("local", *options).predict("new/new.csv", out)
    found = pd.read_parquet(trained.root / out)
    assert list(found.columns) == ["y", "prediction", "prediction_low", "prediction_high"]
    assert 0.75 < found["y"].between(found["prediction_low"], found["prediction_high"]).mean() < 0.98


# Without the recipe's loader, which reads csv.
PLAIN = 'steps.ingest={"using": "parquet", "location": "new"}'
CLEANED = 'steps.clean={"function": "clean", "after": "ingest", "params": {"least": %d}}'
CLEAN = "def clean(df, least):\n    return df[(df['id'] >= least) & (df['id'] != least + 1)]\n"


def test_a_step_may_leave_out_whole_batches(trained: Small) -> None:
    trained.write("steps/clean.py", CLEAN)
    options = (PLAIN, CLEANED % 350, "steps.predict.batch_rows=100")
    told = trained.recipe("local", *options).predict("new/new.parquet", Path("left.parquet"))
    assert (told.rows, told.unscored) == (ROWS, 351)
    found = pd.read_parquet(trained.root / "left.parquet")
    assert found["id"].tolist() == list(range(ROWS))
    assert found.index[found["prediction"].isna()].tolist() == [*range(350), 351]
    whole = trained.recipe("local", PLAIN).predict("new/new.parquet", Path("all.parquet"))
    assert whole.unscored == 0
    rows = found["prediction"].notna()
    assert found.loc[rows, "prediction"].tolist() == pd.read_parquet(whole.out).loc[rows, "prediction"].tolist()


def test_a_step_that_leaves_no_row_at_all_is_named(trained: Small) -> None:
    trained.write("steps/clean.py", CLEAN)
    data = ("--data", "new/new.parquet", "--out", "none.parquet")
    done = trained.command("predict", "-p", "local", *data, "--set", PLAIN, "--set", CLEANED % ROWS)
    assert done.returncode == 3
    assert f"steps.predict.prepare: clean left none of the {ROWS:,} rows to score." in done.stderr
    assert not (trained.root / "none.parquet").exists()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_without_rows_is_named(trained: Small, kind: str) -> None:
    empty = pq.read_table(trained.root / "new" / "new.parquet").slice(0, 0)
    if kind == "csv":
        empty.to_pandas().to_csv(trained.root / "empty.csv", index=False)
    else:
        pq.write_table(empty, trained.root / "empty.parquet")
    done = trained.command("predict", "-p", "local", "--set", PLAIN, "--data", f"empty.{kind}", "--out", "no.parquet")
    assert done.returncode == 3
    assert "rows" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["passthrough=[ntoe]"], "steps.predict.passthrough: The column 'ntoe' is not in the data to score."),
        (["output.partition_by=[dya]"], "partition_by: The column 'dya' is not among those that are written."),
        (
            ["passthrough=[id]", "output.partition_by=[note]"],
            "'note' is not among those that are written. There are: id",
        ),
    ],
)
def test_columns_that_are_not_there_are_named_before_anything_is_scored(
    trained: Small, settings: list[str], told: str
) -> None:
    chosen = ("output.location=never", *settings)
    options = [part for each in chosen for part in ("--set", f"steps.predict.{each}")]
    done = trained.command("run", "-s", "predict", "-p", "local", *options)
    assert done.returncode == 3
    assert told in done.stderr
    assert "%" not in done.stdout + done.stderr
    assert not (trained.root / "never").exists()

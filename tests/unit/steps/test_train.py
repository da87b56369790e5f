"""Train: the estimator, the run it opens, what it writes down."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient
from sklearn.preprocessing import FunctionTransformer

from mlflow_recipes.contract.model import Contract
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.steps import train

ROWS = pd.DataFrame({"a": np.linspace(-1, 1, 40), "y": np.linspace(-2, 2, 40)})
INPUTS = {
    "training_data": ROWS,
    "validation_data": ROWS.head(10),
    "transformed_training_data": ROWS,
    "transformed_validation_data": ROWS.head(10),
    "transformer": FunctionTransformer(),
}


def test_the_run_and_all_that_is_on_it(small, context) -> None:
    step = context("train", "steps.train.estimator_params={alpha: 0.0}", **INPUTS)
    with step.tracking.session():
        result = train.run(step)
        run = step.tracking.client.get_run(result.effects["run_id"])
    assert run.data.metrics["training_root_mean_squared_error"] == pytest.approx(0, abs=1e-9)
    assert run.data.metrics["val_within_one"] == 1
    assert run.data.params["alpha"] == "0.0"
    assert run.data.tags["estimator_class"] == "sklearn.linear_model._ridge.Ridge"
    assert {entry.dataset.name for entry in run.inputs.dataset_inputs} == {"training_data", "validation_data"}
    written = yaml.safe_load((step.staging / "best_parameters.yaml").read_text())
    assert written["alpha"] == "0.0"
    predicted = result.tables["predicted_training_data"].pandas()
    assert list(predicted.columns) == ["a", "y", "predicted_data"]
    assert np.allclose(predicted["predicted_data"], predicted["y"])
    assert result.values["model"].predict(ROWS[["a"]]) == pytest.approx(ROWS["y"])
    assert (result.facts["targets"], result.facts["outline"]["name"]) == (["y"], "Ridge")
    board = result.facts["leaderboard"]
    assert (board["pages"], board["run_ids"]) == ([None], [run.info.run_id])
    assert board["rows"][0][:3] == ["1", f"{run.info.run_name} (this run)", "Ridge"]
    described = result.describe()
    assert described["worst_profile"]["rows"] == min(len(ROWS), 10)
    assert described["predictions_profile"]["rows"] == len(ROWS)


def _numbers_alone(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["a"]]


def test_times_with_a_zone_are_told_of(context, lines) -> None:
    zoned = ROWS.assign(at=pd.date_range("2020-01-01", periods=len(ROWS), tz="Europe/Berlin"))
    raw = {
        "training_data": zoned,
        "validation_data": zoned.head(10),
        "transformer": FunctionTransformer(_numbers_alone),
    }
    step = context("train", "steps.train.estimator_params={alpha: 0.0}", **INPUTS | raw)
    with step.tracking.session(), pytest.warns(UserWarning, match="'at' holds times with a zone"):
        train.run(step)
    assert any("by `df['at'].dt.tz_convert(None)`" in line for line in lines)


def test_the_leaderboard_ranks_this_run_among_finished_ones(context) -> None:
    ranks = []
    for alpha in (0.0, 1e6, 1.0):
        step = context("train", f"steps.train.estimator_params={{alpha: {alpha}}}", **INPUTS)
        with step.tracking.session():
            board = train.run(step).facts["leaderboard"]
        ranks.append([row[0] for row in board["rows"] if row[1].endswith(" (this run)")])
        shutil.rmtree(step.staging / "model")
    assert ranks == [["1"], ["2"], ["2"]]
    assert [row[0] for row in board["rows"]] == ["1", "2", "3"]


def test_the_contract_lies_in_the_models_folder(context) -> None:
    weighted = ROWS.assign(w=1.5)
    inputs = {**INPUTS, "training_data": weighted, "transformed_training_data": weighted.drop(columns="w")}
    step = context("train", "steps.train.sample_weight_col=w", **inputs)
    step.inputs.facts["ingested_data", "schema"] = [{"name": name, "dtype": "t"} for name in ("a", "y", "w", "dropped")]
    step.inputs.facts["ingested_data", "source_schema"] = {"A": "int64"}
    with step.tracking.session():
        result = train.run(step)
        logged = step.tracking.client.list_artifacts(result.effects["run_id"], "train/model")
    assert "train/model/contract.json" in {file.path for file in logged}
    contract = Contract.from_json((step.staging / "model" / "contract.json").read_text())
    assert [(column.name, column.role) for column in contract.columns] == [
        ("a", "feature"), ("y", "target"), ("w", "weight"),
    ]  # fmt: skip
    assert (contract.rows, contract.digest) == (40, step.inputs.digest("training_data"))
    assert (contract.known, contract.source) == (("dropped",), {"A": "int64"})


def test_runs_are_named_by_the_prefix_of_the_experiment(context) -> None:
    assert train._run_name(context("train", **INPUTS)) is None
    name = train._run_name(context("train", "experiment.run_name_prefix=nightly", **INPUTS))
    assert name is not None
    assert name.startswith("nightly-")
    assert len(name) == len("nightly-") + 8


SEARCH = (
    "steps.train.tuning={enabled: true, max_trials: 4}",
    "steps.train.tuning.parameters={alpha: {distribution: loguniform, low: -3, high: 3}}",
)


def searched(context, *options: str, progress=lambda _: None):
    """A train step that searches, run; with its context and its MLflow runs, the parent first."""
    step = replace(context("train", *SEARCH, *options, **INPUTS), progress=progress)
    with step.tracking.session():
        result = train.run(step)
        client = step.tracking.client
        parent = client.get_run(result.effects["run_id"])
        runs = client.search_runs([parent.info.experiment_id], order_by=["attributes.start_time ASC"])
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    return step, result, parent, sorted(children, key=lambda run: int(run.data.tags["mlflow_recipes.trial"]))


def test_a_search_has_a_nested_run_for_each_trial(context) -> None:
    step, result, parent, children = searched(context, "steps.train.estimator_params={}")
    trials = json.loads((step.staging / "trials.json").read_text())["trials"]
    assert [run.info.run_name for run in children] == [f"trial {number}" for number in range(4)]
    for run, trial in zip(children, trials, strict=True):
        assert run.info.status == "FINISHED"
        assert run.data.metrics == trial["metrics"]  # without prefix, as in 2.22
        assert run.data.params["alpha"] == trial["params"]["alpha"]
        assert run.data.tags["mlflow.pipeline.template.name"] == "regression/v1"
        assert run.data.tags["estimator_name"] == "Ridge"
        assert run.info.end_time - run.info.start_time == pytest.approx(1000 * trial["seconds"], abs=2)
    best = min(trials, key=lambda trial: trial["loss"])
    assert parent.data.params["alpha"] == best["params"]["alpha"]
    assert yaml.safe_load((step.staging / "best_parameters.yaml").read_text())["alpha"] == best["params"]["alpha"]
    assert (step.staging / "best_parameters.yaml").read_text().startswith("# tuned hyperparameters\n")
    assert result.facts["search"]["trials"]["rows"][0][0] == f"trial {best['number']} (best)"


def test_estimators_of_the_best_trials_are_logged(context) -> None:
    _, result, _, children = searched(context, "steps.train.tuning.full_trials=2", "steps.train.estimator_params={}")
    client = MlflowClient(f"sqlite:///{context('train').root.as_posix()}/metadata/mlflow/mlruns.db")
    logged = [[f.path for f in client.list_artifacts(run.info.run_id, "estimator")] for run in children]
    best = {row[0].split()[1] for row in result.facts["search"]["trials"]["rows"][:2]}
    assert {str(number) for number, files in enumerate(logged) if files} == best
    assert [files for files in logged if files] == [[f"estimator/{number}.skops"] for number in sorted(map(int, best))]


def test_a_single_fixed_parameter_is_kept(context) -> None:
    step, result, parent, children = searched(context, "steps.train.estimator_params={tol: 0.5}")
    assert len(children) == 4
    assert parent.data.params["tol"] == "0.5"
    assert "# hardcoded parameters\ntol: '0.5'" in (step.staging / "best_parameters.yaml").read_text()
    assert result.values["model"].steps[-1][1].tol == 0.5


def test_two_fixed_parameters_alone_are_a_further_trial(context) -> None:
    _, result, parent, children = searched(context, "steps.train.estimator_params={tol: 0.5, alpha: 0.0}")
    assert [run.info.run_name for run in children] == ["fixed parameters", *(f"trial {n}" for n in range(4))]
    assert parent.data.params["alpha"] == "0.0"  # nothing beats it on a straight line
    assert "fixed parameters, mean_absolute_error 0" in result.facts["search"]["summary"]


def test_what_was_searched_is_continued_by_the_next_run(context, lines) -> None:
    first = searched(context, "steps.train.estimator_params={}")
    lines.clear()
    shutil.rmtree(first[0].staging)
    shown: list[str] = []
    _, result, parent, children = searched(
        context, "steps.train.estimator_params={}", "steps.train.tuning.max_trials=6", progress=shown.append
    )
    assert [line.partition(":")[0] for line in shown] == ["trial 5 of 6", "trial 6 of 6", "search done"]
    assert any("4 of an earlier search are kept" in line for line in lines)
    assert (len(children), result.facts["search"]["resumed"]) == (6, 4)
    assert parent.info.run_id != first[2].info.run_id  # the finished search keeps its own run


def test_several_estimators_are_tried_and_the_best_is_taken(small, context) -> None:
    small.write(
        "steps/train.py",
        """
        from sklearn.dummy import DummyRegressor
        from sklearn.linear_model import Ridge

        def line(params):
            return Ridge(**params)

        def mean():
            return DummyRegressor()
        """,
    )
    entries = (
        "[{name: mean, estimator_method: mean}, {name: line, estimator_method: line, estimator_params: {alpha: 0.1}}]"
    )
    step = context("train", "steps.train.estimator_method=null", "steps.train.estimator_params={}",
                   f"steps.train.estimators={entries}", **INPUTS)  # fmt: skip
    with step.tracking.session():
        result = train.run(step)
    assert type(result.values["model"].steps[-1][1]).__name__ == "Ridge"
    each = result.facts["search"]["estimators"]["rows"]
    assert [row[0] for row in each] == ["line", "mean"]
    assert "estimator: line" in (step.staging / "best_parameters.yaml").read_text()


def test_of_several_estimators_those_stop_early_that_can(small, context) -> None:
    small.write("steps/train.py", BOOSTING + LINE)
    entries = "[{name: boosting, estimator_method: estimator_fn}, {name: line, estimator_method: line}]"
    step = context("train", "steps.train.estimator_method=null", "steps.train.estimator_params={}",
                   "steps.train.early_stopping={rounds: 3, metric: mae}", "steps.train.device=cpu",
                   f"steps.train.estimators={entries}", **INPUTS)  # fmt: skip
    with step.tracking.session():
        result = train.run(step)
    assert {row[0] for row in result.facts["search"]["estimators"]["rows"]} == {"line", "boosting"}
    trials = json.loads((step.staging / "trials.json").read_text())["trials"]
    assert [trial["rounds"] is None for trial in trials] == [False, True]


LINE = """
from sklearn.linear_model import Ridge


def line(params):
    return Ridge(alpha=0.1)
"""
TRYING = """
from sklearn.linear_model import Ridge


def estimator_fn(params):
    if params["mode"] != "fine":
        raise ValueError("no such mode")
    return Ridge()
"""


def test_parameters_that_do_not_go_together_fail_their_trials_alone(small, context) -> None:
    small.write("steps/train.py", TRYING)
    space = "{mode: {values: [fine, a, b, c, d, e, f, g]}}"
    options = ("steps.train.estimator_params={}", f"steps.train.tuning.parameters={space}")
    points = "steps.train.tuning.points_to_evaluate=[{mode: fine}]"
    _, _, _, children = searched(context, *options, points)
    assert len(children) == 4
    statuses = {run.info.status for run in children if run.data.params["mode"] != "fine"}
    assert (children[0].info.status, statuses) == ("FINISHED", {"FAILED"})


LOGGING = """
from sklearn.ensemble import RandomForestRegressor


def estimator_fn(params):
    import mlflow

    mlflow.log_metric("made", 1.0)
    return RandomForestRegressor(n_estimators=2, random_state=0, **params)
"""


def test_what_trials_in_threads_log_is_on_the_run_of_the_search(small, context) -> None:
    small.write("steps/train.py", LOGGING)
    step, _, parent, _ = searched(context, "steps.train.estimator_params={}", "steps.train.tuning.parallelism=2",
                                  "steps.train.tuning.parameters={max_depth: {values: [1, 2]}}")  # fmt: skip
    runs = step.tracking.client.search_runs([parent.info.experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"] * 5  # the run and four trials
    assert parent.data.metrics["made"] == 1.0


def test_names_in_a_search_may_be_odd(small, context) -> None:
    small.write("steps/train.py", TRYING)
    space = "{mode: {values: [fine]}, 'share %': {values: [null]}}"
    _, _, parent, children = searched(
        context, "steps.train.estimator_params={}", f"steps.train.tuning.parameters={space}"
    )
    assert {run.data.params["share _"] for run in children} == {"None"}
    assert parent.info.status == "FINISHED"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("steps.train.tuning.parameters={alhpa: {values: [1]}}",),
            "parameters.alhpa: Ridge.__init__() got an unexpected keyword argument 'alhpa'.\nCorrect 'alhpa', or",
        ),
        (
            ("steps.train.tuning.parameters={solver: {values: [no-such]}}",),
            "None of the 4 trials of the search succeeded. The first: InvalidParameterError: The 'solver'",
        ),
        (("steps.train.fit_params={sample_wieght: 1}",), "The fit of Ridge takes no argument 'sample_wieght'."),
        (
            ("steps.train.fit_params={sample_wieght: 1}", "steps.train.tuning.parallelism=2"),
            "The fit of Ridge takes no argument 'sample_wieght'.",
        ),
        (("steps.train.tuning.pruning=median",), "Ridge cannot be stopped in the middle of a trial."),
        (("steps.train.tuning.algorithm=nowhere.suggest",), "There is no search algorithm 'nowhere.suggest'"),
        (("steps.train.tuning.early_stop_fn=nowhere.stop",), "There is no function 'nowhere.stop'"),
        (
            ("steps.train.tuning.cv={folds: 5, by: aa}",),
            "The training data has no column 'aa' to keep together in folds.",
        ),
        (("steps.train.tuning.cv={folds: 50}",), "The training data cannot be divided into folds"),
        (("steps.train.early_stopping={rounds: 3}",), "Ridge takes no eval_set, so it cannot stop early"),
    ],
)
def test_searches_that_cannot_succeed(context, options, said) -> None:
    step = context("train", *SEARCH, *options, **INPUTS)
    with step.tracking.session(), pytest.raises(RecipeError) as caught:
        train.run(step)
    assert said in str(caught.value)
    links: list[BaseException | None] = [caught.value]
    while links[-1] is not None and len(links) < 10:  # what led to it ends somewhere
        links.append(links[-1].__cause__ or links[-1].__context__)
    assert links[-1] is None


BOOSTING = """
from xgboost import XGBRegressor


def estimator_fn(params):
    return XGBRegressor(n_estimators=200, n_jobs=1, **params)


def halved():
    return (lambda y: y / 2), (lambda y: y * 2)


def nothing():
    return None
"""
STOPPING = ("steps.train.estimator_params={learning_rate: 0.5}", "steps.train.early_stopping={rounds: 3, metric: mae}")


def test_early_stopping_is_logged_and_told(small, context, lines) -> None:
    small.write("steps/train.py", BOOSTING)
    random = np.random.default_rng(0)
    noisy = pd.DataFrame({"a": random.normal(size=200)}).assign(y=lambda f: f["a"] + random.normal(size=200))
    tables = {"training_data": noisy, "transformed_training_data": noisy}
    tables |= {"validation_data": noisy[:50] + 0.1, "transformed_validation_data": noisy[:50] + 0.1}
    step = context("train", *STOPPING, **{**INPUTS, **tables})
    with step.tracking.session():
        result = train.run(step)
        client = step.tracking.client
        run = client.get_run(result.effects["run_id"])
        history = client.get_metric_history(run.info.run_id, "validation_mae")
    best = int(run.data.metrics["best_iteration"])
    assert result.facts["best_iteration"] == best
    assert [point.step for point in history] == list(range(best + 4))
    assert [[point.step, point.value] for point in history] == result.facts["curve"]["validation_mae"]
    assert min(history, key=lambda point: point.value).step == best
    assert run.data.metrics["val_mean_absolute_error"] == pytest.approx(history[best].value, rel=1e-5)
    assert run.data.params["early_stopping_rounds"] == "None"
    assert f"the best of {best + 4} boosting rounds was number {best + 1}" in lines


@pytest.mark.parametrize("transform", ["sqrt", "halved"])
def test_a_target_transform_is_undone_in_the_model(small, context, transform: str) -> None:
    small.write("steps/train.py", BOOSTING)
    positive = ROWS.assign(y=ROWS["y"] ** 2 + 1)
    tables = {name: positive for name in INPUTS if name.endswith("data")}
    step = context("train", *STOPPING, f"steps.train.target_transform={transform}", **{**INPUTS, **tables})
    with step.tracking.session():
        result = train.run(step)
        run = step.tracking.client.get_run(result.effects["run_id"])
    assert result.values["model"].predict(ROWS[["a"]]) == pytest.approx(positive["y"], rel=0.1)
    assert run.data.tags["estimator_class"] == "xgboost.sklearn.XGBRegressor"
    assert result.facts["format"].startswith("skops" if transform == "sqrt" else "cloudpickle (it holds ")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "steps.train.target_transform=log1p",
            "steps.train.target_transform: log1p makes 10 of 40 training targets NaN or infinite, the first of them "
            "-2.\nFilter such rows in steps/split.py, or choose another transform.",
        ),
        (
            "steps.train.target_transform=nothing",
            "steps/train.py:13: nothing returned NoneType, which has no fit and no transform and no inverse_transform "
            "method.\nReturn a transformer with an inverse_transform, or a pair of a function and its inverse.",
        ),
        (
            "steps.train.estimator_params={max_detph: 3}",
            "steps/train.py:5: XGBRegressor takes no parameter 'max_detph'.\nDid you mean 'max_depth'? "
            "steps.train.estimator_method names estimator_fn.",
        ),
        (
            "steps.train.fit_params={verbos: 1}",
            "steps.train.fit_params: The fit of XGBRegressor takes no argument 'verbos'. It takes: sample_weight, "
            "base_margin, eval_set, verbose, xgb_model, sample_weight_eval_set, base_margin_eval_set, "
            "feature_weights.\nDid you mean 'verbose'?",
        ),
        (
            "steps.train.early_stopping={rounds: 3, metric: rsme}",
            "steps.train.early_stopping.metric: XGBoost has no metric 'rsme'. Among those for regression are: rmse, "
            "mae, rmsle, mape, mphe, poisson-nloglik, gamma-nloglik, gamma-deviance, tweedie-nloglik@1.5, quantile.\n"
            "Did you mean 'rmse'?",
        ),
        (
            "steps.train.sample_weight_col=a",
            "steps.train.sample_weight_col: The weights in 'a' cannot be used: of 40 training rows, 20 negative.\n"
            "Filter such rows in steps/split.py, or fill the column in steps/ingest.py.",
        ),
    ],
    ids=["targets", "transform", "parameter", "fit parameter", "metric", "weights"],
)
def test_options_that_do_not_fit(small, context, option: str, message: str) -> None:
    small.write("steps/train.py", BOOSTING)
    step = context("train", *STOPPING, option, **INPUTS)
    with step.tracking.session(), pytest.raises(RecipeError) as caught:
        train.run(step)
    assert str(caught.value) == message


def test_weights_are_no_feature_of_the_model(context) -> None:
    weighted = ROWS.assign(w=np.where(ROWS["a"] < 0, 1.0, 0.0), y=np.where(ROWS["a"] < 0, 1.0, 5.0))
    inputs = {**INPUTS, "training_data": weighted, "transformed_training_data": weighted.drop(columns="w")}
    step = context("train", "steps.train.sample_weight_col=w", **inputs)
    with step.tracking.session():
        result = train.run(step)
    assert result.values["model"].predict(ROWS[["a"]]) == pytest.approx(1.0)
    assert result.facts["signature"]["inputs"] == "a: double"
    assert result.facts["metrics"]["training"]["max_error"] == pytest.approx(4)  # metrics do not weigh


def test_several_targets(context) -> None:
    rows = ROWS.assign(z=-ROWS["y"])
    inputs = {**INPUTS, **{name: rows for name in INPUTS if name.endswith("data")}}
    step = context("train", "target_col=[y, z]", "custom_metrics=[]", "steps.train.learning_curve=[0.5, 1]", **inputs)
    with step.tracking.session():
        result = train.run(step)
        run = step.tracking.client.get_run(result.effects["run_id"])
    predicted = result.tables["predicted_training_data"].pandas()
    assert list(predicted.columns) == ["a", "y", "z", "predicted_y", "predicted_z"]
    assert list(predicted["predicted_z"]) == pytest.approx(list(-predicted["predicted_y"]))
    assert result.facts["signature"] == {"inputs": "a: double", "outputs": "y: double\nz: double"}
    assert result.facts["worst"]["columns"][:3] == ["absolute_error", "prediction_y", "target_y"]
    assert [point["rows"] for point in result.facts["learning_curve"]] == [20, 40]
    metrics = run.data.metrics
    assert metrics["val_max_error"] == pytest.approx((metrics["val_max_error_y"] + metrics["val_max_error_z"]) / 2)
    assert result.facts["learning_curve"][1]["validation"] == metrics["val_mean_absolute_error"]


def test_units_of_what_is_not_there_are_remarked_on(context, lines) -> None:
    step = context("train", "units={y: m, aa: s, within_one: '%', q: kg}", **INPUTS)
    train._say_unknown_units(step)
    assert lines == [], "the tables of the steps before are not known here"
    step.inputs.facts[("ingested_data", "schema")] = [{"name": "a"}, {"name": "y"}]
    step.inputs.facts[("transformer", "output_schema")] = [{"name": "a_scaled"}]
    train._say_unknown_units(step)
    assert lines == [
        "units: there is no column or metric 'aa'; did you mean 'a'?",
        "units: there is no column or metric 'q'",
    ]

"""The search for parameters: what a trial costs besides its own work, what logging adds, what pruning saves.

    .venv/bin/python benchmarks/run.py --only search

Everything but the last row runs in one process on the transformed tables of the benchmark's recipe: the bare loop
(fit, predict, metrics), the search, and the search with its nested MLflow runs take turns on the same parameters; of
the repeats the quickest counts, since what other work on the machine adds is not theirs.
"""

from __future__ import annotations

import math
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks" / "recipe"))  # its step functions

from benchmarks.run import OURS, REFERENCE, Row, measure, median, recipe_folder  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TRIALS = 50
SEED = 42


def search_rows(work: Path, repeats: int) -> list[Row]:
    """Overhead, logging and pruning, each held against its target."""
    from mlflow_recipes.config.training import Pruning

    folder = recipe_folder(work, sorted((ROOT / "data").glob("*.parquet")))
    home = folder / "home"
    home.mkdir()
    measure([OURS / "mlflow-recipes", "run", "-p", "search", "-s", "transform"], folder, OURS, home)
    bench = Bench(folder)
    bench.search(5)  # imports, the disk's cache
    bare, plain, logged = [], [], []
    for _ in range(repeats):
        trials = bench.search(TRIALS)
        plain.append(trials.seconds)
        bare.append(bench.bare(trials.params))
        logged.append(bench.search(TRIALS, logging=True).seconds)
    whole, alone, with_runs = min(plain), min(bare), min(logged)
    runs = f"{TRIALS} trials"
    found = [
        Row(f"{runs}: time", f"{whole:.1f} s", f"fit, predict, metrics {alone:.1f} s", whole / alone, 1.2),
        Row(f"{runs} with nested runs", f"{with_runs:.1f} s", f"without {whole:.1f} s", with_runs / whole, 1.1),
    ]
    for using in ("median", "halving"):
        pruned = bench.search(TRIALS, pruning=Pruning(using=using), until=trials.best)
        what = f"pruned by {using}: time to the best of {runs} (MAE {trials.best:.4f})"
        ours = f"{pruned.reached:.1f} s" if pruned.reached else f"not in {pruned.seconds:.1f} s ({pruned.best:.4f})"
        found.append(Row(what, ours, f"{whole:.1f} s", (pruned.reached or math.inf) / whole, 0.5))
    return found


class Trials:
    """How one search went: seconds, the parameters it tried, its best loss, and when it had reached a given one."""

    def __init__(self, seconds: float, params: list[dict[str, Any]], best: float, reached: float | None) -> None:
        self.seconds, self.params, self.best, self.reached = seconds, params, best, reached


class Bench:
    """Searches on the tables of a recipe whose transform step has run."""

    def __init__(self, folder: Path) -> None:
        import pandas as pd
        import yaml

        from mlflow_recipes.config.search_space import SearchSpace
        from mlflow_recipes.modeling.fitting import Part
        from steps.train import estimator_fn

        outputs = folder / "metadata" / "recipes" / "steps" / "transform" / "outputs"
        tables = [pd.read_parquet(outputs / f"transformed_{part}_data.parquet") for part in ("training", "validation")]
        self.train, self.validation = (Part(table.drop(columns="minutes"), table["minutes"]) for table in tables)
        profile = yaml.safe_load((folder / "profiles" / "search.yaml").read_text())
        self.space = SearchSpace(profile["TUNING"]["parameters"])
        self.make = estimator_fn
        self.folder = folder

    def metrics(self, predict: Callable[[Any], Any], part: Any) -> Mapping[str, float]:
        from mlflow_recipes.modeling.evaluation import evaluate

        return evaluate(predict, part.features, part.target, [], what="validation data").metrics

    def bare(self, params: Sequence[dict[str, Any]]) -> float:
        """Seconds of fit, predict and metrics alone."""
        started = time.perf_counter()
        for each in params:
            estimator = self.make(each).fit(self.train.features, self.train.target)
            self.metrics(estimator.predict, self.validation)
        return time.perf_counter() - started

    def search(self, trials: int, *, logging: bool = False, pruning: Any = None, until: float | None = None) -> Trials:
        """A whole search, its journal on disk; with `logging`, its nested runs too."""
        from mlflow_recipes.modeling.fitting import FitOptions
        from mlflow_recipes.modeling.folds import sample
        from mlflow_recipes.modeling.objective import Measure, Objective
        from mlflow_recipes.modeling.search import Search, SearchOptions
        from mlflow_recipes.modeling.trials import Journal, best_of

        reached: list[float] = []
        with tempfile.TemporaryDirectory() as journal, self.logged(logging) as log:
            started = time.perf_counter()
            pair = (sample(self.train, 1.0)[0], self.validation)
            objective = Objective(
                self.make, [pair], FitOptions(), Measure(self.metrics, "mean_absolute_error", False), pruning
            )

            def heard(trial: Any, over: Sequence[Any]) -> None:
                log(trial)
                best = best_of(over)
                if until is not None and best is not None and best.loss <= until:
                    reached.append(time.perf_counter() - started)

            options = SearchOptions(self.space, trials, "hyperopt.rand.suggest", SEED)
            result = Search(options, objective, dict, Journal(Path(journal)), heard).run()
            assert result.best is not None
            params = [self.space.decode(trial.drawn) for trial in result.trials]
            finish = getattr(log, "finish", None)
            if finish is not None:
                finish()
            seconds = time.perf_counter() - started
        return Trials(seconds, params, float(result.best.loss or 0), reached[0] if reached else None)

    def logged(self, logging: bool) -> Any:
        return Logged(self.folder) if logging else Unlogged()


class Unlogged:
    """Logs nothing."""

    def __enter__(self) -> Unlogged:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __call__(self, trial: Any) -> None: ...


class Logged:
    """Logs trials as the train step does, to SQLite; `finish` waits for what is still to be written."""

    def __init__(self, folder: Path) -> None:
        from mlflow_recipes.graph import TRAINING
        from mlflow_recipes.project import Project
        from mlflow_recipes.tracking import Tracking
        from mlflow_recipes.trial_log import TrialLog

        project = Project.load("search", root=folder)
        tracking = Tracking(folder, project.config(TRAINING))
        self._log = TrialLog(tracking, tracking.start("train", None), resumed=False)

    def __enter__(self) -> Logged:
        self._log.__enter__()
        return self

    def __call__(self, trial: Any) -> None:
        self._log.add(trial)

    def finish(self) -> None:
        self._log.__exit__(None, None, None)

    def __exit__(self, *_: object) -> None: ...


def reference_row(work: Path) -> Row:
    """50 trials of a whole recipe run, ours and 2.22.5's; the best validation RMSE of each is shown."""
    seconds, best = {}, {}
    for name, command, binaries in (
        ("ours", [OURS / "mlflow-recipes", "run", "-p", "search"], OURS),
        ("2.22.5", [REFERENCE / "mlflow", "recipes", "run", "-p", "search"], REFERENCE),
    ):
        folder = recipe_folder(work, sorted((ROOT / "data").glob("*.parquet")))
        home = folder / "home"
        home.mkdir()
        seconds[name] = median([measure(command, folder, binaries, home)])
        best[name] = _best_rmse(folder / "metadata" / "mlflow" / "mlruns.db")
    return Row(
        f"a run with {TRIALS} trials, best validation RMSE {best['ours']:.4f}",
        f"{seconds['ours']:.0f} s",
        f"2.22.5 {seconds['2.22.5']:.0f} s, {best['2.22.5']:.4f}",
        seconds["ours"] / seconds["2.22.5"],
        0.2,
    )


def _best_rmse(database: Path) -> float:
    """The least RMSE of a trial; only trials carry it without a prefix."""
    with sqlite3.connect(database) as connection:
        query = "select min(value) from latest_metrics where key = 'root_mean_squared_error'"
        return float(connection.execute(query).fetchone()[0])

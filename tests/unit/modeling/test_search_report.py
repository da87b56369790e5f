"""A search in words and tables."""

from __future__ import annotations

from mlflow_recipes.config.search_space import SearchSpace
from mlflow_recipes.modeling.objective import Measure
from mlflow_recipes.modeling.search import ENOUGH, INTERRUPTED, TIMEOUT, SearchOptions, SearchResult
from mlflow_recipes.modeling.search_report import SearchReport, tuned_names
from mlflow_recipes.modeling.trials import FAILED, FINISHED, PRUNED, Trial

SPACE = SearchSpace({"a": {"values": [1, 2]}})


def trial(number: int, loss: float | None, status: str = FINISHED, **facts) -> Trial:
    return Trial(number, {}, status, loss, seconds=2.0, estimator="Ridge", **{"params": {"a": "0.123456789"}, **facts})


TRIALS = [
    trial(-1, 4.0),
    trial(0, 3.0),
    trial(1, 2.0),
    trial(2, 1.5, PRUNED),
    trial(3, None, FAILED, error="ValueError: no"),
]


def report(greater: bool = False, **options) -> SearchReport:
    given = {"max_trials": 10, "algorithm": "hyperopt.rand.suggest", "seed": 1, **options}
    return SearchReport(SearchOptions(SPACE, **given), Measure(lambda *_: {}, "score", greater))


def test_the_lines() -> None:
    assert report().opening(0) == "searching: 10 trials of hyperopt.rand.suggest, seed 1, one at a time"
    two = report(parallelism=2, kind="threads").opening(3)
    assert two.endswith("2 at a time in threads; 3 of an earlier search are kept")
    shown = report()
    assert shown.progress(TRIALS[1], TRIALS[1:2]) == "trial 1 of 10: score 3; best 3 (trial 0); about 18 s left"
    assert shown.progress(TRIALS[4], TRIALS[1:5]) == "trial 4 of 10: failed; best 2 (trial 1); about 12 s left"


def test_scores_are_shown_as_they_are_though_the_search_makes_them_negative() -> None:
    result = SearchResult([trial(0, -0.75)], trial(0, -0.75), 0, ENOUGH)
    assert report(greater=True).closing(result) == "best of 1 trials: trial 0, score 0.75"


def test_the_end() -> None:
    def closing(ended: str) -> str:
        return report().closing(SearchResult(TRIALS, TRIALS[2], 0, ended))

    whole = "best of 5 trials, 1 pruned, 1 failed: trial 1, score 2"
    assert closing(ENOUGH) == whole
    assert closing(TIMEOUT) == f"{whole}; it ended because time was up"
    assert (
        closing(INTERRUPTED) == f"{whole}; interrupted, going on with the best so far (raise max_trials to search on)"
    )
    fixed = report().closing(SearchResult(TRIALS[:1], TRIALS[0], 0, ENOUGH))
    assert fixed == "best of 1 trials: fixed parameters, score 4"


def test_trials_are_ranked_finished_then_pruned_then_failed() -> None:
    facts = report().facts(SearchResult(TRIALS, TRIALS[2], 1, ENOUGH), ["a"])
    board = facts["trials"]
    assert board["columns"] == ["trial", "score", "a", "status", "seconds"]
    assert [row[0] for row in board["rows"]] == ["trial 1 (best)", "trial 0", "fixed parameters", "trial 2", "trial 3"]
    assert board["rows"][0] == ["trial 1 (best)", "2", "0.123457", "finished", "2.00"]
    assert (facts["failures"], facts["resumed"], facts["estimators"]) == (["ValueError: no"], 1, {})


def test_the_best_of_each_estimator() -> None:
    trials = [
        trial(n, loss, params={"estimator": name}) for n, (loss, name) in enumerate([(3, "p"), (1, "q"), (2, "p")])
    ]
    facts = report().facts(SearchResult(trials, trials[1], 0, ENOUGH), ["estimator"])
    assert facts["estimators"]["rows"] == [["q", "1", "trial 1", "1"], ["p", "2", "trial 2", "2"]]


def test_names_inside_choices_count() -> None:
    nested = {"b": {"values": ["x", {"value": "y", "parameters": {"d": {"values": [1]}}}]}, "c": {"values": [1]}}
    assert tuned_names(nested) == ["b", "d", "c"]

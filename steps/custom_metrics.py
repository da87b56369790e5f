"""Metrics that mean something to a dispatcher. All durations are in minutes."""

from pandas import DataFrame

LATE_QUANTILE = 0.9


def within_two_minutes(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    """The share of trips whose duration was predicted to within two minutes; greater is better.

    Args:
        eval_df: Columns `prediction` and `target`.
        builtin_metrics: The built-in metrics, already computed.
    """
    return float(((eval_df["prediction"] - eval_df["target"]).abs() <= 2).mean())


def late_promise_cost(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    """Pinball loss at the 0.9 quantile, in minutes; smaller is better.

    A trip that takes longer than promised keeps the next rider waiting, and each such minute counts nine times as much
    as a minute that the taxi is free early: 0.9 against 0.1. A model that is right half of the time is not the best
    one by this measure; one that promises what nine trips in ten can keep is. The loss is due to Koenker and Bassett,
    "Regression Quantiles", Econometrica 46 (1978).

    Args:
        eval_df: Columns `prediction` and `target`.
        builtin_metrics: The built-in metrics, already computed.
    """
    late = eval_df["target"] - eval_df["prediction"]
    return float((LATE_QUANTILE * late.clip(lower=0) + (1 - LATE_QUANTILE) * (-late).clip(lower=0)).mean())

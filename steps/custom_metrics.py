"""Metrics that mean something to a dispatcher."""

from pandas import DataFrame

LATE_QUANTILE = 0.9


def within_two_minutes(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    """The share of trips whose predicted duration is right to within two minutes; greater is better.

    :param eval_df: Columns `prediction` and `target`, in minutes.
    :param builtin_metrics: The built-in metrics, already computed.
    """
    return float(((eval_df["prediction"] - eval_df["target"]).abs() <= 2).mean())


def late_promise_cost(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    """Pinball loss at the 90 % quantile, in minutes; smaller is better.

    A trip that takes longer than promised keeps the next rider waiting and costs nine times as much as one that ends
    as many minutes early. See Koenker and Bassett, Regression Quantiles, Econometrica 46 (1978).
    """
    late = eval_df["target"] - eval_df["prediction"]
    return float(late.where(late > 0, 0).mean() * LATE_QUANTILE + (-late).where(late < 0, 0).mean() * (1 - LATE_QUANTILE))

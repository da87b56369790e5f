from pandas import DataFrame


def close(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    return float(((eval_df["prediction"] - eval_df["target"]).abs() < 0.5).mean())


def weighted(eval_df: DataFrame, builtin_metrics: dict[str, float]) -> float:
    return 2 * builtin_metrics["mean_absolute_error"] + 0.001 * len(eval_df)

import pandas as pd
from sklearn.metrics import mean_squared_error


def weighted_mean_squared_error(eval_df: pd.DataFrame, builtin_metrics: dict[str, int]) -> dict[str, float]:
    """Errors count less for dear rides."""
    return {
        "weighted_mean_squared_error": mean_squared_error(
            eval_df["prediction"],
            eval_df["target"],
            sample_weight=1 / eval_df["target"].clip(lower=1).values,
            squared=False,
        )
    }

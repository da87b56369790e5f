from typing import Dict  # noqa: UP035

from pandas import DataFrame


def right_share(eval_df: DataFrame, builtin_metrics: Dict[str, int]) -> float:  # noqa: UP006
    return float((eval_df["prediction"] == eval_df["target"]).mean())

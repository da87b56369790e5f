def within_two(eval_df, builtin_metrics):
    return float(((eval_df["prediction"] - eval_df["target"]).abs() <= 2).mean())

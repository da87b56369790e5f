"""What decisions cost, in units of a refused good customer."""

COST_OF_A_REFUSED_GOOD_ONE = 1
COST_OF_AN_ACCEPTED_BAD_ONE = 5


def cost_per_application(eval_df, builtin_metrics):
    """The mean cost of an application that is decided as predicted.

    Args:
        eval_df: A row for each application, with `prediction` and `target`, each "good" or "bad".
        builtin_metrics: The other metrics by name; not needed here.
    """
    refused_good = (eval_df["prediction"] == "bad") & (eval_df["target"] == "good")
    accepted_bad = (eval_df["prediction"] == "good") & (eval_df["target"] == "bad")
    costs = COST_OF_A_REFUSED_GOOD_ONE * refused_good + COST_OF_AN_ACCEPTED_BAD_ONE * accepted_bad
    return float(costs.mean())

"""What the trials of a search are fitted on and scored on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.modeling.fitting import Part

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_SAMPLE_SEED = 42  # 2.22's, which also shuffled the rows when it took all of them


def sample(part: Part, fraction: float) -> tuple[Part, np.ndarray]:
    """A share of the rows, in the random order in which 2.22 gave them to its trials, and their positions."""
    import numpy as np
    import pandas as pd

    positions = pd.Series(np.arange(len(part.features))).sample(frac=fraction, random_state=_SAMPLE_SEED).to_numpy()
    return take(part, positions), positions


def take(part: Part, positions: np.ndarray) -> Part:
    """The rows at these positions."""
    weights = None if part.weights is None else part.weights[positions]
    return Part(part.features.iloc[positions], part.target.iloc[positions], weights)


def folds(part: Part, count: int, groups: pd.Series | None, seed: int) -> list[tuple[Part, Part]]:
    """Training and held-out parts of a cross-validation.

    Args:
        part: The rows to divide.
        count: Number of folds.
        groups: Shape (rows,): rows of one value stay together; None divides at random.
        seed: Of the random division.

    Raises:
        ValueError: There are fewer rows or groups than folds.
    """
    from sklearn.model_selection import GroupKFold, KFold

    divider: Any = KFold(count, shuffle=True, random_state=seed) if groups is None else GroupKFold(count)
    return [(take(part, train), take(part, held)) for train, held in divider.split(part.features, groups=groups)]

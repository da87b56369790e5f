"""What the trials of a search are fitted on and scored on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow_recipes.modeling.fitting import Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    Pairs = list[tuple[Part, Part]]

_SAMPLE_SEED = 42  # 2.22's, which also shuffled the rows when it took all of them


def sample(part: Part, fraction: float) -> tuple[Part, np.ndarray]:
    """A share of the rows, in the random order in which 2.22 gave them to its trials, and their positions."""
    import numpy as np
    import pandas as pd

    positions = pd.Series(np.arange(len(part.features))).sample(frac=fraction, random_state=_SAMPLE_SEED).to_numpy()
    return part.take(positions), positions


def joined(first: Part, second: Part) -> Part:
    """The rows of two parts, one after the other."""
    import numpy as np
    import pandas as pd

    weights = None
    if first.weights is not None and second.weights is not None:
        weights = np.concatenate([first.weights, second.weights])
    return Part(pd.concat([first.features, second.features]), pd.concat([first.target, second.target]), weights)


def random_folds(part: Part, count: int, seed: int, *, classes: bool = False) -> Pairs:
    """Folds that rows are divided into at random.

    Args:
        part: The rows to divide.
        count: Number of folds.
        seed: Of the division.
        classes: Whether each class of the target is divided by itself.

    Returns:
        For each fold what to fit on and what to score on, which is the fold.

    Raises:
        ValueError: There are fewer rows than folds.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    kind = StratifiedKFold if classes else KFold
    divided = kind(count, shuffle=True, random_state=seed).split(part.features, _codes(part) if classes else None)
    return _pairs(part, divided)


def grouped_folds(part: Part, count: int, groups: np.ndarray, *, classes: bool = False) -> Pairs:
    """Folds of about the same size in which rows of one group, shape (rows,), stay together.

    With `classes`, each has about the same share of every class of the target.

    Raises:
        ValueError: There are fewer groups than folds.
    """
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    if classes:
        if count > len(set(groups.tolist())):
            raise ValueError(f"{len(set(groups.tolist())):,} groups are too few for {count} folds.")
        return _pairs(part, StratifiedGroupKFold(count).split(part.features, _codes(part), groups))
    return _pairs(part, GroupKFold(count).split(part.features, groups=groups))


def _codes(part: Part) -> np.ndarray:
    """Classes as numbers, shape (rows,): scikit-learn takes floats for amounts."""
    import pandas as pd

    codes: np.ndarray = pd.factorize(part.labels, sort=True)[0]
    return codes


def given_folds(part: Part, numbers: np.ndarray) -> Pairs:
    """Folds that are decided already: the number of each row's, shape (rows,)."""
    from sklearn.model_selection import PredefinedSplit

    return _pairs(part, PredefinedSplit(numbers).split())


def chained_folds(part: Part, count: int, times: np.ndarray, gap: float) -> Pairs:
    """Folds that lie one after the other in time; each is scored after fitting on all that lies before it.

    The rows are cut into one block more than there are folds, of about the same size, and the first is never scored.
    Rows of one time stay together.

    Args:
        part: The rows to divide.
        count: Number of folds.
        times: Shape (rows,).
        gap: What is left out before each fold, in the unit of `times`.

    Raises:
        ValueError: There are too few different times, or nothing is left before the gap.
    """
    import numpy as np

    ordered = np.sort(times)
    starts = [ordered[len(ordered) * number // (count + 1)] for number in range(1, count + 1)]
    ends = [*starts[1:], np.inf]
    pairs = [
        (np.flatnonzero(times < start - gap), np.flatnonzero((times >= start) & (times < end)))
        for start, end in zip(starts, ends, strict=True)
    ]
    if any(not len(rows) for pair in pairs for rows in pair):
        after = f" and a gap of {gap:g} before each" if gap else ""
        raise ValueError(f"{len(np.unique(times)):,} different times are too few for {count} folds{after}.")
    return _pairs(part, pairs)


def _pairs(part: Part, positions: Iterable[tuple[np.ndarray, np.ndarray]]) -> Pairs:
    return [(part.take(train), part.take(held)) for train, held in positions]

"""XGBoost's binned training matrix, built once and used by every trial of a worker that allows it.

XGBoost's scikit-learn wrapper bins the features anew in each `fit`. Trials of a search fit the same table again and
again; what the binned matrix depends on (the table, labels, weights, bin count, what counts as missing) mostly stays.
The wrapper has no public place to hand in a matrix, so its factory method is exchanged while a search runs
(docs/decisions/0011-search.md). Where a release lacks that method, every trial bins for itself.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FACTORY = "_create_dmatrix"


class Matrices(threading.local):
    """The matrices of each thread; XGBoost does not promise that threads may train on one matrix at once."""

    def __init__(self, kept: int) -> None:
        self.kept = kept
        self.made: dict[Any, tuple[Any, Any]] = {}
        self.built = 0
        self.reused = 0

    def get(self, key: Any, held: Any, make: Callable[[], Any]) -> Any:
        """The matrix of that key.

        Args:
            key: Everything that it depends on; objects by their id.
            held: The objects whose ids are part of the key; kept, so that the ids stay theirs.
            make: Builds it.
        """
        if key in self.made:
            self.reused += 1
            return self.made[key][0]
        self.built += 1
        if len(self.made) >= self.kept:
            self.made.pop(next(iter(self.made)))
        self.made[key] = (make(), held)
        return self.made[key][0]


@contextlib.contextmanager
def shared(kept: int = 2) -> Iterator[Matrices]:
    """Let XGBoost's wrappers use one binned matrix for the same table while the block lasts.

    Args:
        kept: Matrices that each thread keeps: two, for training and validation, for every fold.
    """
    matrices = Matrices(kept)
    wrapper = _wrapper()
    original = getattr(wrapper, _FACTORY, None)
    if original is None:
        yield matrices
        return

    def create(self: Any, ref: Any, **arguments: Any) -> Any:
        def make() -> Any:
            return original(self, ref, **arguments)

        key = _key(self, ref, arguments)
        held = (ref, arguments.get("data"))
        return make() if key is None else matrices.get(key, held, make)

    setattr(wrapper, _FACTORY, create)
    try:
        yield matrices
    finally:
        setattr(wrapper, _FACTORY, original)


def _wrapper() -> Any:
    """XGBoost's wrapper class; None where the user's code has not imported XGBoost."""
    return getattr(sys.modules.get("xgboost.sklearn"), "XGBModel", None)


def _key(estimator: Any, ref: Any, arguments: dict[str, Any]) -> Any:
    """What a binned matrix depends on; None for a matrix that cannot be shared."""
    known = ("data", "label", "weight", "missing", "enable_categorical", "feature_types")
    others = [value for name, value in arguments.items() if name not in known]
    if any(value is not None for value in others) or getattr(estimator, "booster", None) == "gblinear":
        return None
    if estimator.tree_method not in (None, "auto", "hist") or not (estimator.device or "cpu").startswith("cpu"):
        return None
    types = arguments.get("feature_types")
    if types is not None and not isinstance(types, list):
        return None
    return (
        id(arguments.get("data")),
        _content(arguments.get("label")),
        _content(arguments.get("weight")),
        repr(arguments.get("missing")),
        arguments.get("enable_categorical"),
        None if types is None else tuple(types),
        estimator.max_bin,
        id(ref) if ref is not None else None,
    )


def _content(values: Any) -> str | None:
    """Digest of labels or weights: wrappers such as TransformedTargetRegressor make new arrays of equal content."""
    import numpy as np
    import xxhash

    if values is None:
        return None
    array = np.ascontiguousarray(values)
    return f"{array.dtype}{array.shape}{xxhash.xxh3_128_hexdigest(array.tobytes())}"

"""What is done to classifiers around their fit: rebalancing, codes for labels, class weights, calibration.

Estimators get codes 0, 1, ... as their target, as in 2.22: some, such as XGBoost's, take nothing else. With
`calibrate_proba` they get the labels, also as in 2.22, unless they are XGBoost's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlflow_recipes.data.labels import codes_of, labels_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlflow_recipes.modeling.boosting import Library
    from mlflow_recipes.modeling.fitting import Part
    from mlflow_recipes.modeling.rebalancing import Rebalancing

_TAKES_CODES_ALONE = ("XGBoost",)
CLASS_WEIGHT = "class_weight"


@dataclass(frozen=True)
class Classifying:
    """What `steps.train` says of classifiers.

    Attributes:
        calibration: How scores are calibrated, `isotonic` or `sigmoid`; None leaves them as they are.
        rebalancing: Which rows are fitted; None: all.
    """

    calibration: str | None = None
    rebalancing: Rebalancing | None = None


@dataclass(frozen=True)
class Coding:
    """What an estimator gets in place of labels.

    Attributes:
        labels: The label of each code; None where the estimator gets the labels as they are.
    """

    labels: Sequence[Any] | None

    def part(self, part: Part) -> Part:
        """A table with the target as the estimator gets it; rows of classes that it was not fitted with are left out.

        Those could only be in data that it watches.
        """
        import pandas as pd

        if self.labels is None:
            return part
        codes = codes_of(part.labels, self.labels)
        coded: Part = replace(part, target=pd.Series(codes, index=part.target.index, name=part.labels.name))
        return coded if (codes >= 0).all() else coded.take((codes >= 0).nonzero()[0])

    def keys(self, weights: Any) -> dict[Any, Any]:
        """Class weights by label, by what the estimator gets."""
        if self.labels is None:
            return dict(weights)
        return {code: weights[label] for code, label in enumerate(self.labels) if label in weights}

    def answering(self, fitted: Any) -> Any:
        """The fitted estimator, answering with labels."""
        from mlflow_recipes_classifier import LabelledClassifier

        return fitted if self.labels is None else LabelledClassifier(fitted, list(self.labels))


def coding(target: pd.Series, library: Library | None, options: Classifying) -> Coding:
    """How the target of the rows to fit is coded; not at all, if its labels are 0, 1, ... already."""
    labels = labels_in(target)
    are_codes = labels == list(range(len(labels))) and not any(isinstance(label, bool) for label in labels)
    fractions = any(isinstance(label, float) and not label.is_integer() for label in labels)  # amounts to scikit-learn
    takes_labels = not fractions and (library is None or library.name not in _TAKES_CODES_ALONE)
    return Coding(None if are_codes or (options.calibration is not None and takes_labels) else labels)


def weigh_classes(estimator: Any, coded: Coding, options: Classifying) -> None:
    """Give an unfitted estimator the class weights of all rows, if it takes any and the user has not given some.

    Those of the user's may be by label; the estimator gets them by code.
    """
    params = estimator.get_params(deep=False)
    given = params.get(CLASS_WEIGHT)
    if isinstance(given, dict) and coded.labels is not None and set(given) <= set(coded.labels):
        already_codes = set(given) <= set(range(len(coded.labels)))
        estimator.set_params(class_weight=given if already_codes else coded.keys(given))
    elif given is None and options.rebalancing is not None and takes_class_weight(estimator):
        estimator.set_params(class_weight=coded.keys(options.rebalancing.weights))


def takes_class_weight(estimator: Any) -> bool:
    """Whether an estimator has a parameter for the weights of classes."""
    return CLASS_WEIGHT in estimator.get_params(deep=False)


def calibrated(estimator: Any, options: Classifying) -> Any:
    """The unfitted estimator in scikit-learn's calibration by five folds, where the recipe asks for it."""
    from sklearn.calibration import CalibratedClassifierCV

    if options.calibration is None:
        return estimator
    return CalibratedClassifierCV(estimator, method=options.calibration)

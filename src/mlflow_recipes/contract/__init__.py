"""The contract between training and scoring: what the training data were like, kept with the model.

`record` makes it at training, `model` is what it says, as `contract.json` in the model's folder; `hold` holds other
data against it with the measures of `measures`, and answers with a `report`. Of mlflow only `loaded` knows.

>>> from mlflow_recipes import contract                                              # doctest: +SKIP
>>> contract.hold(frame, "models:/taxi-trip-duration@champion").level                # doctest: +SKIP
'some'
"""

from mlflow_recipes.contract.loaded import hold

__all__ = ["hold"]

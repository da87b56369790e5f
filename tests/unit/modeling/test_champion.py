"""What a champion that tells classes apart answers, as codes and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflow_recipes.errors import RecipeError
from mlflow_recipes.modeling.champion import contender
from mlflow_recipes.modeling.classes import Classes
from mlflow_recipes.registry import Version

FEATURES = pd.DataFrame({"a": [1.0, 2.0]})
CLASSES = Classes(("no", "yes"), "yes")
ANSWER = pd.DataFrame(
    {"p_score_no": [0.25, 0.9], "p_score_yes": [0.75, 0.1], "p_score": [0.75, 0.9], "p_label": ["yes", "no"]}
)


class Stored:
    """A model and the registry that it comes from."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.metadata = self

    def load(self, _: Version) -> Stored:
        return self

    def get_input_schema(self) -> None:
        return None

    def predict(self, _: pd.DataFrame) -> Any:
        return self.answer


def compared(answer: Any, classes: Classes = CLASSES) -> np.ndarray:
    version = Version("m", "3", "r", {}, ())
    found = contender(Stored(answer), version, FEATURES, classes)  # type: ignore[arg-type]
    assert found.name == "champion (version 3)"
    return found.predictions


def test_labels_and_scores_whatever_their_prefix() -> None:
    expected = [[1.0, 0.25, 0.75], [0.0, 0.9, 0.1]]
    assert compared(ANSWER).tolist() == expected
    assert compared(ANSWER[["p_score_yes", "p_score_no", "p_score", "p_label"]]).tolist() == expected
    assert compared(ANSWER.rename(columns=lambda name: name.replace("p_", "predicted_"))).tolist() == expected


def test_labels_alone() -> None:
    for answer in (np.array(["yes", "no"]), ANSWER[["p_label"]], pd.Series(["yes", "no"])):
        found = compared(answer)
        assert found[:, 0].tolist() == [1, 0]
        assert np.isnan(found[:, 1:]).all()


def test_it_may_know_fewer_classes() -> None:
    found = compared(ANSWER, Classes(("maybe", "no", "yes")))
    assert found.tolist() == [[2.0, 0.0, 0.25, 0.75], [1.0, 0.0, 0.9, 0.1]]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (ANSWER.rename(columns={"p_score_no": "p_score_never"}), "tells apart other classes: it has 'never', and this"),
        (np.array(["yes", "never"]), "is about other classes: The champion holds 'never', which is none of the"),
        (np.array(["yes"]), "gave 1 predictions for 2 rows"),
    ],
    ids=["scores", "labels", "rows"],
)
def test_other_classes_are_refused(answer: Any, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        compared(answer)
    assert message in str(caught.value)
    assert "steps.evaluate.validation_criteria: The champion, version 3 of 'm'," in str(caught.value)

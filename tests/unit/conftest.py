"""A recipe with two registered versions, made once: for what looks at the registry and changes nothing but aliases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import FILES, Small, write_data

# Imports a helper when it is called, so that a model which is called among another's modules would find those.
TRANSFORM = FILES["steps/transform.py"].replace(
    'return frame.assign(b=frame["b"] * 2)',
    'from steps.utils.factor import FACTOR\n\n            return frame.assign(b=frame["b"] * FACTOR)',
)


@dataclass
class Registered:
    """A recipe whose files are those of version 2, and what each version predicted when it was made."""

    small: Small
    predictions: dict[str, list[float]]

    def tracking(self):
        from mlflow_recipes.graph import TRAINING
        from mlflow_recipes.project import Project
        from mlflow_recipes.tracking import Tracking

        return Tracking(self.small.root, Project.load("local", root=self.small.root).config(TRAINING))


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    small = Small(tmp_path_factory.mktemp("registered") / "a recipe")
    for relative, text in FILES.items():
        small.write(relative, text)
    small.write("steps/transform.py", TRANSFORM)
    small.write("steps/utils/factor.py", "FACTOR = 2\n")
    write_data(small.root / "data")
    predictions = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(small.root.parent / "home"))
        for version in ("1", "2"):
            if version == "2":
                small.write("steps/utils/factor.py", "FACTOR = 3  # more\n")
                small.edit("recipe.yaml", "default(0.5)", "default(3)")
                write_data(small.root / "data", name="two.csv", rows=40, seed=1)
            small.recipe().execute()
            rows = small.recipe().get_artifact("test_data").drop(columns=["y"]).head(5)
            predictions[version] = list(small.recipe().get_artifact("model").predict(rows))
        yield Registered(small, predictions)

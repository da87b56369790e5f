"""A recipe in which everything that others may write is hostile, and what a page must make of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import Small
from tests.e2e.browsing import TRAP

SCRIPT = f"<script>{TRAP}</script>"
IMAGE = f'"><img src=x onerror="{TRAP}">'
SVG = f"<svg onload='{TRAP}'><a href='javascript:{TRAP}'>x</a></svg>"
JINJA = "{{ 7 * 191 }}{% raw %}{{ cycler.__init__.__globals__ }}"
LINK = f"[click](javascript:{TRAP}) <https://elsewhere.example/x> ![x](https://elsewhere.example/x.png)"
MARKS = "a\u202egnp.exe\u2066\u200b\ufeff"
TERMINAL = "\x1b]0;owned\x07\x1b[31mred\x1b[2J\x9b5A"
CLOSING = "</td></table></style></title></textarea></svg>--></pre>"
ALL = (SCRIPT, IMAGE, SVG, JINJA, LINK, MARKS, TERMINAL, CLOSING)
LONG = "x" * 500_000 + SCRIPT + "y" * 500_000
# What folders, branches, models and experiments can be called.
NAME = f"<img src=x onerror={TRAP.replace(' ', '')}>"
PIECES = ("\x1b", "\u202e", "\u200b", "\x9b")  # no page and no terminal may be given these

FILES = {
    "recipe.yaml": """\
        recipe: regression/v1
        target_col: "y<b>bold</b>$\\\\alpha$"
        primary_metric: mean_absolute_error
        steps:
          ingest:
            using: custom
            location: data
            loader_method: load
            checks:
              - check: not_null
                column: text
                why: "<img src=x onerror=window.hit=true>"
          cleaned:
            using: custom
            function: cleaned
            params: {note: "<script>window.hit = true</script>"}
          split: {}
          transform:
            transformer_method: transformer_fn
          train:
            estimator_method: estimator_fn
            estimator_params: {alpha: 0.5}
          evaluate:
            importance: permutation
            slices: [text, group]
            validation_criteria:
              - {metric: mean_absolute_error, threshold: 100}
          register: {}
        """,
    "profiles/local.yaml": """\
        experiment: {name: "%(name)s", tracking_uri: "sqlite:///metadata/mlflow/mlruns.db"}
        model_registry: {model_name: "%(name)s"}
        """,
    "steps/ingest.py": """\
        import pandas as pd

        from steps.hostile import ALL, LONG

        ROWS = 400


        def load(path, file_format):
            frame = pd.read_csv(path)
            frame["text"] = [ALL[i % len(ALL)] for i in range(len(frame))]
            frame["group"] = [ALL[i % 3] for i in range(len(frame))]
            frame["long"] = [LONG if i == 0 else "short" for i in range(len(frame))]
            frame["binary"] = [bytes([i % 256, 0, 255]) for i in range(len(frame))]
            for place, name in enumerate(ALL):
                frame[name] = frame["a"] * (place + 1) + frame.index % 7
            return frame


        def check_nothing(df):
            return True
        """,
    "steps/cleaned.py": """\
        import warnings


        def cleaned(df, note):
            return df.rename(columns={"y": "y<b>bold</b>$\\\\alpha$"})
        """,
    "steps/transform.py": """\
        from sklearn.compose import ColumnTransformer
        from sklearn.preprocessing import StandardScaler

        from steps.hostile import ALL


        def transformer_fn():
            columns = [*ALL, "a", "b", "c"]
            return ColumnTransformer([(ALL[0], StandardScaler(), columns)], verbose_feature_names_out=False)
        """,
    "steps/train.py": """\
        import warnings

        from sklearn.linear_model import Ridge

        from steps.hostile import ALL


        class Warns(Ridge):
            def fit(self, X, y, sample_weight=None):
                warnings.warn("".join(ALL))
                return super().fit(X, y, sample_weight)


        def estimator_fn(params):
            return Warns(**params)
        """,
}


def write(recipe: Small) -> None:
    """Turn a recipe into a hostile one."""
    for relative, text in FILES.items():
        recipe.write(relative, text % {"name": NAME} if relative.startswith("profiles") else text)
    recipe.write("steps/hostile.py", f"ALL = {ALL!r}\nLONG = {LONG!r}\n")
    for file in ("steps/custom_metrics.py", "steps/split.py", "profiles/other.yaml"):
        (recipe.root / file).unlink()
    commit(recipe.root)


def write_classes(recipe: Small) -> None:
    """Turn a recipe into one that tells hostile labels apart."""
    write(recipe)
    recipe.edit("recipe.yaml", "recipe: regression/v1", "recipe: classification/v1")
    recipe.edit("recipe.yaml", "primary_metric: mean_absolute_error", "primary_metric: accuracy_score")
    recipe.edit(
        "recipe.yaml", "{metric: mean_absolute_error, threshold: 100}", "{metric: accuracy_score, threshold: 0}"
    )
    recipe.edit("recipe.yaml", "estimator_params: {alpha: 0.5}", "calibrate_proba: sigmoid")
    recipe.edit("steps/cleaned.py", "    return df", LABELLED + "    return df")
    recipe.write("steps/train.py", CLASSIFIER)


LABELLED = """\
    from steps.hostile import ALL, LONG

    df["y"] = [LONG if i % 20 == 0 else ALL[i % len(ALL)] for i in range(len(df))]
"""
CLASSIFIER = """\
    from sklearn.naive_bayes import GaussianNB


    def estimator_fn():
        return GaussianNB()
    """


def commit(root: Path) -> None:
    """Put it under git, on a branch with a hostile name, by an author with one."""
    identity = ["-c", f"user.name={NAME}", "-c", "user.email=a@b.example"]
    branch = SCRIPT.replace(" ", "")
    for arguments in (["init", "-q"], ["checkout", "-qb", branch], ["add", "steps"], ["commit", "-qm", IMAGE]):
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)

"""Saving and loading models, with skops wherever the model allows it.

skops stores a scikit-learn model as data and names the types it needs, so loading runs no code but theirs. Models
that hold lambdas, closures or other objects without an importable name are saved with cloudpickle instead. A pickle
that lies in the cache is never read back: `load_cached` refuses it, and the caller asks MLflow for the model, or
fits it again. See docs/decisions/0005-skops-first.md.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.modeling import requirements
from mlflow_recipes.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from mlflow.models import ModelSignature

# Packages whose estimators people put into recipes; the user's own modules are trusted by name, see `user_types`.
_TRUSTED_PACKAGES = frozenset(
    {"sklearn", "numpy", "scipy", "pandas", "xgboost", "lightgbm", "catboost", "skrub", "mlflow_recipes_classifier"}
)
# LightGBM keeps what it measured in one; it holds no code.
_TRUSTED_TYPES = frozenset({"collections.OrderedDict"})
_TALKATIVE = ("mlflow.sklearn", "mlflow.models.model", "mlflow.utils.requirements_utils", "mlflow.types.utils")
SKOPS = "skops"
CLOUDPICKLE = "cloudpickle"


@dataclass(frozen=True)
class Format:
    """How an object can be stored: `name` is SKOPS or CLOUDPICKLE, `types` are those skops must be told to trust."""

    name: str
    types: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What a classifier's python_function flavor answers besides labels: the scores of its classes.

    Attributes:
        prefix: What the names of the columns begin with.
    """

    prefix: str


@dataclass(frozen=True)
class Packed:
    """What is packed with a model besides itself.

    Attributes:
        user_modules: Top-level modules of the recipe's own code, such as `steps`.
        code: Folders or files of the user's code, as MLflow's code_paths.
        requirements: Lines of a requirements file, exact versions.
        signature: Column names and types in and out.
        example: A few rows of raw features.
        answer: What a classifier answers besides labels; None for labels or numbers alone.
    """

    user_modules: Sequence[str]
    code: Sequence[str]
    requirements: Sequence[str]
    signature: ModelSignature | None = None
    example: pd.DataFrame | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: Answer | None = None


def choose_format(model: Any, user_modules: Sequence[str]) -> tuple[Format, bytes | None]:
    """Decide how `model` can be stored, by trying; with the skops bytes where that worked.

    Args:
        model: A fitted estimator, transformer or pipeline.
        user_modules: Top-level modules of the recipe's own code, such as `steps`.
    """
    import skops.io

    try:
        stored = skops.io.dumps(model)
        types = tuple(skops.io.get_untrusted_types(data=stored))
        foreign = [name for name in types if not is_trusted(name, user_modules)]
        if foreign:
            return Format(CLOUDPICKLE, reason=f"it holds {', '.join(foreign[:3])}"), None
        skops.io.loads(stored, trusted=list(types))
    except Exception as error:  # noqa: BLE001 - whatever a user's object does when taken apart: then it is no skops model
        return Format(CLOUDPICKLE, reason=f"{type(error).__name__}: {error}".splitlines()[0][:200]), None
    return Format(SKOPS, types), stored


def is_trusted(type_name: str, user_modules: Sequence[str]) -> bool:
    """Whether a dotted type name belongs to a known package or to the recipe's own modules, and names no lambda."""
    if type_name in _TRUSTED_TYPES:
        return True
    top = type_name.partition(".")[0]
    return (top in _TRUSTED_PACKAGES or top in user_modules) and "<" not in type_name


def load_cached(file: Path, user_modules: Sequence[str]) -> Any:
    """Load what was stored with skops in the cache, trusting only known packages and the recipe's own modules.

    Raises:
        PermissionError: It names other types.
    """
    import skops.io

    types = skops.io.get_untrusted_types(file=file)
    foreign = [name for name in types if not is_trusted(name, user_modules)]
    if foreign:
        raise PermissionError(f"{file.name} names types that are not trusted: {', '.join(foreign)}")
    return skops.io.load(file, trusted=types)


def save_model(model: Any, folder: Path, packed: Packed, logged_as: tuple[str, str] | None = None) -> Format:
    """Save a fitted scikit-learn style model as an MLflow model folder (flavors python_function and sklearn).

    Args:
        model: A fitted estimator, transformer or pipeline.
        folder: Must not exist yet.
        packed: Code, requirements, signature and example to pack.
        logged_as: Run id and model id, where it will be a run's logged model.
    """
    import mlflow.sklearn
    from mlflow.models import Model

    how, _ = choose_format(model, packed.user_modules)
    arguments: dict[str, Any] = {"serialization_format": how.name}
    if how.name == SKOPS and SKOPS in mlflow.sklearn.SUPPORTED_SERIALIZATION_FORMATS:
        arguments["skops_trusted_types"] = list(how.types)
    else:
        arguments["serialization_format"] = CLOUDPICKLE
    arguments |= {
        "code_paths": list(packed.code) or None,
        "pip_requirements": list(packed.requirements),
        "signature": packed.signature,
        "metadata": packed.metadata or None,
    }
    run_id, model_id = logged_as or (None, None)
    for example in (packed.example, None):
        described = Model(artifact_path=layout.MODEL_NAME, run_id=run_id, model_id=model_id) if logged_as else None
        try:
            with quiet(*_TALKATIVE):
                mlflow.sklearn.save_model(
                    model, str(folder), input_example=example, mlflow_model=described, **arguments
                )
        except TypeError:
            if example is None:
                raise
            shutil.rmtree(folder)  # MLflow keeps examples as JSON, which has no durations, for one; do without
        else:
            break
    if packed.answer is not None:
        _let_answer(folder, packed.answer)
    return how


def _let_answer(folder: Path, answer: Answer) -> None:
    """Have a saved model's python_function flavor loaded by the code that is packed with it."""
    from mlflow.models import Model
    from mlflow.models.model import MLMODEL_FILE_NAME
    from mlflow.pyfunc import FLAVOR_NAME, MAIN

    model = Model.load(str(folder))
    model.flavors[FLAVOR_NAME] |= {
        MAIN: requirements.CLASSIFIER_PACKAGE,
        "config": {"predict_prefix": answer.prefix},
    }
    model.save(str(folder / MLMODEL_FILE_NAME))


def answers(model: Any, features: pd.DataFrame, answer: Answer | None) -> Any:
    """What a saved classifier will answer for rows of raw features."""
    import mlflow_recipes_classifier

    if answer is None:
        return model.predict(features)
    return mlflow_recipes_classifier.answer(model, features, answer.prefix)


def described(how: Format) -> str:
    """One line for cards and logs on how a model was stored."""
    return how.name if how.name == SKOPS else f"{how.name} ({how.reason})"


def signature_of(features: pd.DataFrame, predictions: Any) -> ModelSignature:
    """The model signature: raw feature columns in, predictions out; columns without nulls are required ones.

    MLflow has no type for durations, periods and intervals: any value is let through there, as in columns that hold
    nothing.
    """
    import warnings

    from mlflow.models import infer_signature

    with warnings.catch_warnings():
        # MLflow advises floats for integer columns that may come to hold nulls; the recipe's schema is as it is.
        warnings.filterwarnings("ignore", category=UserWarning, module="mlflow")
        return infer_signature(_without_foreign(features), predictions)


def _without_foreign(features: pd.DataFrame) -> pd.DataFrame:
    """The features with nothing in columns of a type that MLflow does not have."""
    import pandas as pd

    foreign = (pd.PeriodDtype, pd.IntervalDtype)
    shown: pd.DataFrame = features.copy(deep=False)
    for name, dtype in features.dtypes.items():
        if isinstance(dtype, foreign) or dtype.kind == "m":
            shown[name] = None
    return shown


def signature_text(signature: ModelSignature) -> dict[str, str]:
    """A signature's two halves as text for a card."""
    parts = signature.to_dict()
    return {side: _schema_text(parts.get(side)) for side in ("inputs", "outputs")}


def _schema_text(stored: str | None) -> str:
    if not stored:
        return ""
    lines = []
    for column in json.loads(stored):
        kind = column.get("type") if column.get("type") != "tensor" else column["tensor-spec"]["dtype"]
        optional = "" if column.get("required", True) else " (optional)"
        lines.append(f"{column.get('name', 'prediction')}: {kind}{optional}")
    return "\n".join(lines)

"""Faults provoked on purpose: one message each, whole, with the right exit code, and nothing earlier lost.

Each fault is done to a recipe that ran once. The command is a real process; what it says is compared to the letter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USER, DATA, SURROUNDINGS = 2, 3, 4


@dataclass(frozen=True)
class Fault:
    """What is done, what is said, and how the process ends.

    `says` is everything from the headline on, less the traceback of the user's own frames.
    """

    name: str
    do: Callable
    step: str
    exit_code: int
    says: str


def write(relative: str, text: str) -> Callable:
    return lambda small: small.write(relative, text)


def edit(relative: str, old: str, new: str) -> Callable:
    return lambda small: small.edit(relative, old, new)


def loader(body: str) -> Callable:
    return write("steps/ingest.py", f"import pandas as pd\n\n\ndef load(path, file_format):\n    {body}\n")


def parquet(small) -> None:
    small.edit(
        "profiles/local.yaml",
        "using: custom\n  location: data\n  loader_method: load",
        "using: parquet\n  location: data",
    )


def truncated_parquet(small) -> None:
    import pandas as pd

    parquet(small)
    shutil.rmtree(small.root / "data")
    (small.root / "data").mkdir()
    path = small.root / "data" / "one.parquet"
    pd.DataFrame({"y": range(1000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:500])


def empty_parquet(small) -> None:
    parquet(small)
    shutil.rmtree(small.root / "data")
    (small.root / "data").mkdir()
    (small.root / "data" / "one.parquet").write_bytes(b"")


def split_function(body: str) -> Callable:
    def done(small) -> None:
        small.edit("recipe.yaml", "  split:\n", "  split:\n    using: custom\n    split_method: by_hand\n")
        small.write("steps/split.py", f"import pandas as pd\n\n\ndef by_hand(df):\n    {body}\n")

    return done


def split_filter(body: str) -> Callable:
    def done(small) -> None:
        small.edit("recipe.yaml", "  split:\n", "  split:\n    post_split_filter_method: keep\n")
        small.write("steps/split.py", f"def keep(frame):\n    {body}\n")

    return done


ESTIMATOR = "import numpy as np\nfrom sklearn.linear_model import Ridge\n\n\n"

FAULTS = (
    Fault(
        "missing data file",
        edit("profiles/local.yaml", "location: data", "location: data/ome.csv"),
        "ingest",
        DATA,
        """The data is not usable in step ingest
steps.ingest.location: 'data/ome.csv' does not exist (looked for {root}/data/ome.csv).
Did you mean 'one.csv'?""",
    ),
    Fault(
        "unreadable parquet",
        truncated_parquet,
        "ingest",
        DATA,
        """The data is not usable in step ingest
steps.ingest: The file 'data/one.parquet' cannot be read as parquet: \
Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.
It may be damaged or of another format; fetch or write it again, or set `using` to what it is.""",
    ),
    Fault(
        "empty file",
        empty_parquet,
        "ingest",
        DATA,
        """The data is not usable in step ingest
steps.ingest: The file 'data/one.parquet' is empty (0 bytes).
Fetch or write it again.""",
    ),
    Fault(
        "missing target column",
        edit("recipe.yaml", "target_col: y", "target_col: yy"),
        "ingest",
        DATA,
        """The data is not usable in step ingest
target_col: The target column 'yy' is not in the ingested data. Its columns are: 'a', 'b', 'c', 'y'.
Did you mean 'y'?""",
    ),
    Fault(
        "missing column",
        loader('return pd.read_csv(path).drop(columns=["b"])'),
        "transform",
        USER,
        """A step function failed in step transform
steps/transform.py:6: The transformer's fit failed: KeyError: 'b'
  return frame.assign(b=frame["b"] * 2)
Correct the code there, or the data that it gets.""",
    ),
    Fault(
        "wrong dtype",
        loader('return pd.read_csv(path).assign(y="many")'),
        "ingest",
        DATA,
        """The data is not usable in step ingest
target_col: The target column 'y' has dtype str, such as 'many'; regression needs numbers.
Convert it in the loader, for example with `pd.to_numeric`, or name another column.""",
    ),
    Fault(
        "null target",
        loader('return pd.read_csv(path).assign(y=float("nan"))'),
        "ingest",
        DATA,
        """The data is not usable in step ingest
target_col: The target column 'y' has no values: all 400 are missing.
Name another column, or see how the loader fills it.""",
    ),
    Fault(
        "duplicate columns",
        loader('return pd.read_csv(path).rename(columns={"c": "b"})'),
        "ingest",
        DATA,
        """The data is not usable in step ingest
steps.ingest: 'data/one.csv' has more than one column called 'b'.
Rename or drop the duplicates, for example in a loader_method.""",
    ),
    Fault(
        "zero rows after a filter",
        split_filter('return frame["y"] > 1e9'),
        "split",
        DATA,
        """The data is not usable in step split
steps.split: Each split needs at least 4 rows; got training 0, validation 57, test 59.
Ingest more rows, change `split_ratios`, or see what the filter in steps/split.py removes.""",
    ),
    Fault(
        "no rows at all",
        loader("return pd.read_csv(path).head(0)"),
        "ingest",
        DATA,
        """The data is not usable in step ingest
steps.ingest: The ingested data has no rows.
See whether the files, or the loader's filters, are right.""",
    ),
    Fault(
        "a step function raises",
        edit("steps/utils/cleaning.py", "return frame", "raise ValueError('no taxis today')\n    return frame"),
        "ingest",
        USER,
        """A step function failed in step ingest
steps/utils/cleaning.py:7: Unable to load data file at path 'data/one.csv' with format 'custom' using custom loader \
method: load raised ValueError: no taxis today
  raise ValueError('no taxis today')
Correct the code there, or the data that it gets.""",
    ),
    Fault(
        "a step function returns None",
        loader("pd.read_csv(path)"),
        "ingest",
        USER,
        """A step function failed in step ingest
steps.ingest.loader_method: The `ingested_data` is not a DataFrame: the loader returned None for 'data/one.csv'.
Return a pandas DataFrame from the function that steps.ingest.loader_method names.""",
    ),
    Fault(
        "a step function returns a wrong type",
        split_function('return ["TRAINING"] * len(df)'),
        "split",
        USER,
        """A step function failed in step split
steps/split.py:4: by_hand returned list of length 400; expected a pandas Series of TRAINING, VALIDATION, TEST, one \
for each of the 400 rows.
Correct by_hand.""",
    ),
    Fault(
        "a step function returns a wrong length",
        split_function('return pd.Series(["TRAINING"] * 7)'),
        "split",
        USER,
        """A step function failed in step split
steps/split.py:4: by_hand returned 7 labels; expected a pandas Series of TRAINING, VALIDATION, TEST, one for each of \
the 400 rows.
Correct by_hand.""",
    ),
    Fault(
        "unknown split labels",
        split_function('return pd.Series("train", index=df.index)'),
        "split",
        USER,
        """A step function failed in step split
steps/split.py:4: by_hand returned the labels train; expected a pandas Series of TRAINING, VALIDATION, TEST, one for \
each of the 400 rows.
Correct by_hand.""",
    ),
    Fault(
        "no estimator",
        write("steps/train.py", "def estimator_fn(params):\n    return None\n"),
        "train",
        USER,
        """A step function failed in step train
steps/train.py:1: estimator_fn returned NoneType, which has no fit and no predict and no get_params method; expected \
an unfitted scikit-learn style estimator.
Return an estimator from estimator_fn.""",
    ),
    Fault(
        "NaN predictions",
        write(
            "steps/train.py",
            ESTIMATOR
            + "class Broken(Ridge):\n    def predict(self, X):\n        return super().predict(X) * np.nan\n\n\n"
            + "def estimator_fn(params):\n    return Broken(**params)\n",
        ),
        "train",
        USER,
        """A step function failed in step train
steps/train.py:10: 284 of 284 predictions of the training data are NaN or infinite, the first in row 0.
See whether the transformed features hold NaN or infinite values, and how the estimator treats them. \
steps.train.estimator_method names estimator_fn.""",
    ),
    Fault(
        "fit raises inside a library",
        edit("recipe.yaml", "alpha: {{ ALPHA | default(0.5) }}", "alpha: -3"),
        "train",
        USER,
        """A step function failed in step train
steps/train.py:4: Ridge.fit failed on the transformed training data: InvalidParameterError: The 'alpha' parameter of \
Ridge must be a float in the range [0.0, inf) or an array-like. Got -3 instead.
Correct the code there, or the data that it gets.""",
    ),
    Fault(
        "a custom metric returns text",
        write("steps/custom_metrics.py", "def within_one(eval_df, builtin_metrics):\n    return 'good'\n"),
        "train",
        USER,
        """A step function failed in step train
steps/custom_metrics.py: The custom metric 'within_one' returned 'good' on the training data; expected a finite number.
Correct the function 'within_one'.""",
    ),
    Fault(
        "a model that does not pass",
        edit("recipe.yaml", "threshold: 10", "threshold: 0.0001"),
        "register",
        DATA,
        """The model was not accepted in step register
steps.register: Model registration on 'small' failed: it missed a validation criterion on the test data.
  - mean_absolute_error on the test data is 0.0809727, but at most 0.0001 is required: 0.0808727 too much.
The evaluate card says by how much (`mlflow recipes inspect -s evaluate -p local`). Improve the model, or set \
`steps.register.allow_non_validated_model: true` to register it all the same.""",
    ),
)


@pytest.fixture
def ran(small):
    assert small.command("run", "-p", "local").returncode == 0
    return small


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(fault: Fault, ran) -> None:
    before = tables(ran.root)
    fault.do(ran)
    done = ran.command("run", "-p", "local")
    said = done.stderr[done.stderr.index(fault.says.splitlines()[0][:20]) :] if fault.says else done.stderr
    assert said.split("\n\n")[0].strip() == fault.says.format(root=ran.root)
    assert done.returncode == fault.exit_code
    assert "src/mlflow_recipes" not in done.stderr.replace("\\", "/"), "a traceback of ours"
    state = json.loads((outputs(ran.root, fault.step) / "execution_state.json").read_text())
    assert state["recipe_step_execution_status"] == "FAILED"
    assert fault.says.splitlines()[1].format(root=ran.root) in state["recipe_step_stack_trace"]
    card = (outputs(ran.root, fault.step) / "card.html").read_text()
    assert "Stacktrace" in card
    order = ["ingest", "split", "transform", "train", "evaluate", "register"]
    earlier = order[: order.index(fault.step)]
    now = tables(ran.root)
    assert {name for name in before if name[0] in earlier} <= set(now), "earlier outputs are gone"
    statuses = [run.info.status for run in runs(ran)]
    assert "RUNNING" not in statuses
    assert ("FAILED" in statuses) == (fault.step == "train")


def outputs(root, step: str):
    return root / "metadata" / "recipes" / "steps" / step / "outputs"


def tables(root) -> set[tuple[str, str]]:
    steps = root / "metadata" / "recipes" / "steps"
    return {(path.parent.parent.name, path.name) for path in steps.glob("*/outputs/*.parquet")}


def runs(small) -> list:
    client = small.client()
    return list(client.search_runs([client.get_experiment_by_name("small").experiment_id]))


def test_a_rejection_says_by_how_much(ran) -> None:
    ran.edit("recipe.yaml", "threshold: 10", "threshold: 0.0001")
    done = ran.command("run", "-p", "local")
    assert "metric " in done.stdout
    number = r"0\.0\d+"
    sentence = rf"^  FAILED: .* on the test data is {number}, but at most 0\.0001 is required: {number} too much\.$"
    assert re.search(sentence, done.stdout, re.MULTILINE)
    assert "validation  REJECTED" in done.stdout
    result = json.loads(ran.command("run", "-p", "local", "--json").stdout)
    assert [step["outcome"] for step in result["steps"]] == ["reused"] * 5 + ["failed"]
    assert result["steps"][4]["status"] == "REJECTED"


def test_step_functions_are_looked_at_before_anything_runs(small) -> None:
    small.edit("steps/train.py", "return Ridge(", "return Ridge((")
    small.edit("steps/transform.py", "def transformer_fn", "def transformer_fun")
    small.edit("profiles/local.yaml", "loader_method: load", "loader_method: laod")
    done = small.command("run", "-p", "local")
    assert done.returncode == USER
    problems = done.stderr[done.stderr.index("The recipe's configuration") :].strip().splitlines()
    assert problems[:4] == [
        "The recipe's configuration is not valid",
        "3 problems in the step functions:",
        "  - profiles/local.yaml:9:3: steps/ingest.py has no function 'laod', which steps.ingest.loader_method names. "
        "Did you mean 'load'?",
        "  - recipe.yaml:15:5: steps/transform.py has no function 'transformer_fn', which "
        "steps.transform.transformer_method names. Did you mean 'transformer_fun'?",
    ]
    assert problems[4].startswith("  - steps/train.py:5:")
    assert not (outputs(small.root, "ingest") / "dataset.parquet").exists()


def test_the_whole_traceback_is_on_the_card(ran) -> None:
    ran.edit("recipe.yaml", "alpha: {{ ALPHA | default(0.5) }}", "alpha: -3")
    done = ran.command("run", "-p", "local")
    card = outputs(ran.root, "train") / "card.html"
    assert done.stderr.strip().splitlines()[-1] == f"The traceback is on the step's card: {card}"
    text = card.read_text()
    assert "Traceback (most recent call last):" in text
    assert "_param_validation.py" in text, "through the library, to where it was raised"


def test_undoing_a_fault_runs_nothing(ran) -> None:
    ran.edit("steps/train.py", "Ridge(", "Rigde(")
    assert ran.command("run", "-p", "local").returncode == USER
    ran.edit("steps/train.py", "Rigde(", "Ridge(")
    again = json.loads(ran.command("run", "-p", "local", "--json").stdout)
    assert {step["outcome"] for step in again["steps"]} == {"reused"}


def test_a_damaged_object_costs_a_run_of_its_step(ran) -> None:
    for path in (ran.root / "metadata" / "recipes" / "objects").glob("*/*"):
        if path.stat().st_size == (outputs(ran.root, "transform") / "transformed_training_data.parquet").stat().st_size:
            times = path.stat()
            data = bytearray(path.read_bytes())
            data[100] ^= 0xFF
            path.write_bytes(bytes(data))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as when a disk fails; a write would be noticed
    ran.edit("steps/train.py", "random_state=0", "random_state=5")
    done = ran.command("run", "-p", "local", "--json")
    assert done.returncode == 0, done.stderr
    assert "transform: runs again: its remembered output is damaged" in done.stderr
    outcomes = {step["step"]: step["outcome"] for step in json.loads(done.stdout)["steps"]}
    assert outcomes["split"] == "reused"
    assert outcomes["transform"] == outcomes["train"] == "run"
    ran.edit("steps/train.py", "random_state=5", "random_state=6")
    assert "damaged" not in ran.command("run", "-p", "local").stderr


def test_a_planted_pickle_is_not_read(ran) -> None:
    """The cache holds a pickle where a transformer should be: the step is run again, the pickle never loaded."""
    import pickle

    import xxhash

    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(ran.root / "evil"),))

    store = ran.root / "metadata" / "recipes"
    [file] = (store / "records" / "transform").glob("*.json")
    record = json.loads(file.read_text())
    planted = pickle.dumps(Evil())
    digest = xxhash.xxh3_128_hexdigest(planted)
    (store / "objects" / digest[:2]).mkdir(exist_ok=True)
    (store / "objects" / digest[:2] / digest).write_bytes(planted)
    record["outputs"]["transformer"]["objects"] = {"transformer.pkl": digest, "transformer.skops": digest}
    file.write_text(json.dumps(record))
    ran.edit("steps/train.py", "random_state=0", "random_state=5")
    ran.command("run", "-p", "local")
    assert not (ran.root / "evil").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs permissions that also bind the superuser")
def test_a_read_only_folder(ran) -> None:
    home = ran.root / "metadata" / "recipes"
    before = tables(ran.root)
    ran.edit("steps/train.py", "random_state=0", "random_state=5")
    home.chmod(0o500)
    done = run_bound_by(bind_by_permissions, ran.root)
    home.chmod(0o700)
    assert done.returncode == SURROUNDINGS, done.stderr
    *_, where, hint = done.stderr.strip().splitlines()
    assert re.fullmatch(rf"Cannot write to {re.escape(str(home))}/\S+ \(Permission denied\)\.", where)
    assert hint == "Make the folder writable, or set MLFLOW_RECIPES_EXECUTION_DIRECTORY to one that is."
    assert tables(ran.root) == before
    assert ran.command("run", "-p", "local").returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs permissions that also bind the superuser")
def test_a_read_only_database(ran) -> None:
    file = ran.root / "metadata" / "mlflow" / "mlruns.db"
    ran.edit("steps/train.py", "random_state=0", "random_state=5")
    file.chmod(0o400)
    done = run_bound_by(bind_by_permissions, ran.root)
    assert done.returncode == SURROUNDINGS, done.stderr
    assert f"Cannot write to {file} (attempt to write a readonly database).\nMake the file and its" in done.stderr
    file.chmod(0o600)
    assert ran.command("run", "-p", "local").returncode == 0


def run_bound_by(limit: Callable[[], None], root: Path) -> subprocess.CompletedProcess:
    """Run the recipe in a process that sets itself a limit first."""
    return subprocess.run(
        [sys.executable, "-m", "mlflow_recipes", "run", "-p", "local"],
        cwd=root,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def bind_by_permissions() -> None:
    """Within a process about to be started: the superuser, too, may only write where permissions allow it."""
    import ctypes

    drop_from_bounding_set, dac_override, dac_read_search = 24, 1, 2  # linux/prctl.h, linux/capability.h
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (dac_override, dac_read_search):
            if libc.prctl(drop_from_bounding_set, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "the superuser's rights could not be dropped")


def test_an_execution_directory_that_cannot_be_made(small) -> None:
    (small.root / "file").write_text("in the way")
    done = small.command("run", "-p", "local", MLFLOW_RECIPES_EXECUTION_DIRECTORY=str(small.root / "file" / "x"))
    assert done.returncode == SURROUNDINGS
    assert done.stderr.strip().splitlines()[-2:] == [
        f"Cannot write to {small.root / 'file' / 'x'} (Not a directory).",
        "Make the folder writable, or set MLFLOW_RECIPES_EXECUTION_DIRECTORY to one that is.",
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a small file system that fills up")
def test_a_full_disk(small, tmp_path) -> None:
    """A limit on the size of files stands in for a disk that fills up while a table is written."""
    import resource
    import signal

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    done = run_bound_by(limited, small.root)
    assert done.returncode == SURROUNDINGS, done.stderr
    assert f"The disk that holds {small.root / 'metadata' / 'recipes'} is full" in done.stderr
    assert "Free some space (`mlflow recipes gc` drops old results of this recipe) and run it again." in done.stderr
    assert small.command("run", "-p", "local").returncode == 0


def test_an_unreachable_tracking_server(small) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://me:hunter2@127.0.0.1:{port}"
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", uri)
    done = small.command("run", "-p", "local", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    assert done.returncode == SURROUNDINGS, done.stderr
    assert f"The MLflow server http://me:***@127.0.0.1:{port} cannot be reached:" in done.stderr
    assert "finished steps are kept." in done.stderr
    everything = done.stdout + done.stderr
    kept = [path.read_text(errors="replace") for path in (small.root / "metadata").rglob("*") if path.is_file()]
    assert not any("hunter2" in text for text in (everything, *kept))
    assert (outputs(small.root, "transform") / "transformed_training_data.parquet").exists()


SECRETS_OF_A_PROFILE = """\
clientSecret: S3CRET1
password: "S3CRET2 S3CRET3"
token: |-
  S3CRET4
warehouse: postgresql://me:S3CRET5@db/x
"""


def test_no_secret_reaches_mlflow_or_the_disk(small) -> None:
    profile = small.root / "profiles" / "local.yaml"
    profile.write_text(profile.read_text() + SECRETS_OF_A_PROFILE)
    # Made of two parts, since the model brings the code that it needs as it is.
    small.edit("steps/train.py", "    return", '    warnings.warn("bad clientSecret: S3C" + "RET6")\n    return')
    small.edit("steps/train.py", "from sklearn", "import warnings\n\nfrom sklearn")
    done = small.command("run", "-p", "local")
    assert done.returncode == 0, done.stderr
    assert "S3CRET" not in done.stdout + done.stderr
    assert "bad clientSecret: ***" in (outputs(small.root, "train") / "warning_logs.txt").read_text()
    source = "load(path, file_format):\n    raise RuntimeError('no answer from postgresql://me:S3CRET7@h/db')"
    small.write("steps/ingest.py", f"def {source}\n")
    done = small.command("run", "-p", "local")
    assert done.returncode == USER
    assert "S3CRET" not in done.stdout + done.stderr
    assert "load raised RuntimeError: no answer from postgresql://me:***@h/db" in done.stderr
    for path in (small.root / "metadata").rglob("*"):
        if path.is_file():
            assert b"S3CRET" not in path.read_bytes(), path


def test_an_outcome_hides_the_secrets_of_its_error(small) -> None:
    from mlflow_recipes.errors import StepFailed
    from mlflow_recipes.events import Listener

    class Ears(Listener):
        def ended(self, outcome) -> None:
            heard.append(outcome)

    heard: list = []
    loader("raise RuntimeError('token=S3CRET')")(small)
    with pytest.raises(StepFailed):
        small.recipe().execute("ingest", listener=Ears())
    [outcome] = heard
    assert outcome.outcome == "failed"
    assert "load raised RuntimeError: token=***\n" in outcome.reasons[0]


def test_names_in_the_configuration_never_become_paths(small) -> None:
    done = small.command("run", "-p", "../profiles/local")
    assert done.returncode == USER
    assert "'../profiles/local' is not a profile name." in done.stderr
    small.edit("recipe.yaml", "estimator_method: estimator_fn", "estimator_method: ../../evil")
    done = small.command("run", "-p", "local")
    assert done.returncode == USER
    assert "recipe.yaml:18:5: steps.train.estimator_method: " in done.stderr


def test_hostile_yaml_and_jinja(small) -> None:
    small.edit(
        "recipe.yaml", "primary_metric: mean_absolute_error", "primary_metric: !!python/object/apply:os.getcwd []"
    )
    done = small.command("validate", "-p", "local")
    assert done.returncode == USER
    assert (
        "recipe.yaml:4:17: Failed to read recipe configuration: the tag "
        "'tag:yaml.org,2002:python/object/apply:os.getcwd' "
        "is not allowed." in done.stderr
    )
    small.edit("recipe.yaml", "!!python/object/apply:os.getcwd []", "{{ ''.__class__.__mro__[1].__subclasses__() }}")
    done = small.command("validate", "-p", "local")
    assert done.returncode == USER
    assert "access to attribute '__class__' of 'str' object is unsafe" in done.stderr


def test_many_problems_at_once(small) -> None:
    small.edit("recipe.yaml", "alpha: {{ ALPHA | default(0.5) }}", "alpha: 1\n    tuning: {enabled: true}")
    small.edit("recipe.yaml", "threshold: 10", "threshold: ten")
    small.edit("steps/train.py", "def estimator_fn(estimator_params)", "def estimator_fun(estimator_params)")
    done = small.command("run", "-p", "local")
    assert done.returncode == USER
    assert done.stderr.strip() == (
        "The recipe's configuration is not valid\n"
        "3 problems in the configuration of profile 'local':\n"
        "  - recipe.yaml:25:9: steps.evaluate.validation_criteria.0.threshold: expected a number; found 'ten'.\n"
        "  - recipe.yaml:21:5: steps.train.tuning.max_trials is missing. Say how many trials to run, such as "
        "`max_trials: 30`.\n"
        "  - recipe.yaml:21:5: steps.train.tuning.parameters: the search space is empty. Name parameters of the "
        "estimator, each with `values` or a `distribution`, or set `enabled: false`."
    )
    small.edit("recipe.yaml", "threshold: ten", "threshold: 10")
    done = small.command("validate", "-p", "local")
    assert done.stdout.splitlines()[0] == (
        "error: recipe.yaml:21:5: steps.train.tuning.max_trials is missing. Say how many trials to run, such as "
        "`max_trials: 30`."
    )

"""Checks by themselves: what can be checked, and what is said where nothing was."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from mlflow_recipes.cli_checks import check
from mlflow_recipes.errors import ConfigError, RecipeError
from tests.conftest import Small, write_data

CHECKED = """\
    import pandas as pd

    def load(path, file_format):
        return pd.read_csv(path)

    def check_rows(frame):
        return frame["a"].notna()
    """


def test_a_path_is_as_good_as_its_name(small: Small) -> None:
    write_data(small.root / "other", name="new.csv")
    small.write("steps/ingest.py", CHECKED)
    found = small.recipe().check(data=small.root / "other" / "new.csv").findings
    assert [(finding.check, finding.status) for finding in found] == [("check_rows", "passed")]


def test_a_frame_is_written_first(small: Small) -> None:
    with pytest.raises(RecipeError) as caught:
        small.recipe().check(data=pd.DataFrame({"a": [1]}))
    assert str(caught.value) == (
        "Data to check are a file, a folder or an address; found DataFrame.\nWrite them to a file first, such as with "
        "`to_parquet`, or leave `data` out to check stored results."
    )


def test_that_nothing_was_checked_is_no_verdict(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.root)
    done = CliRunner().invoke(check, ["-p", "local"])
    assert (done.exit_code, done.output) == (
        0,
        "\nNothing was checked.\n"
        "Without a result, so not checked: ingest, split, transform, train, evaluate, register.\n",
    )


@pytest.mark.parametrize("data", [None, "data"])
def test_checks_that_cannot_be_made_are_refused(small: Small, data: str | None) -> None:
    small.write("steps/checks.py", "import pandera.pandas as pa\n\nigest = pa.DataFrameSchema({})\n")
    with pytest.raises(ConfigError) as caught:
        small.recipe().check(data=data)
    assert str(caught.value) == (
        "1 problem in the checks:\n  - steps/checks.py:3: the schema 'igest' belongs to no step: its name begins with "
        "none. Did you mean 'ingest'?"
    )

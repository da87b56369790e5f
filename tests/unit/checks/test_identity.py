"""What changes the checks of a step, and what does not."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from mlflow_recipes.checks.identity import checks_digest, timely
from mlflow_recipes.config.checks import Checks
from mlflow_recipes.fingerprint import FileDigests

STEPS = ("ingest", "split")


def digest(root: Path, *checks: dict) -> str:
    declared = TypeAdapter(Checks).validate_python(checks)
    return checks_digest(root, "ingest", declared, STEPS, FileDigests())


def test_nothing_to_check(tmp_path: Path) -> None:
    assert digest(tmp_path) == ""


def test_declarations_and_lookup_files_count(tmp_path: Path) -> None:
    (tmp_path / "zones.csv").write_text("id\n1\n")
    zones = {"check": "foreign_key", "column": "a", "file": "zones.csv"}
    null = {"check": "not_null", "column": "a"}
    seen = [digest(tmp_path, null), digest(tmp_path, {**null, "allowed": "1 %"}), digest(tmp_path, null, zones)]
    assert digest(tmp_path, {**null, "allowed": 0.01}) == seen[1]
    (tmp_path / "zones.csv").write_text("id\n2\n")
    seen.append(digest(tmp_path, null, zones))
    (tmp_path / "zones.csv").unlink()
    seen.append(digest(tmp_path, null, zones))
    assert len(set(seen)) == 5


def test_functions_and_what_they_import_count_and_comments_do_not(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    file, helper = tmp_path / "steps/ingest.py", tmp_path / "steps/limits.py"
    helper.write_text("LIMIT = 1\n")
    file.write_text("from steps.limits import LIMIT\n\ndef check_it(df):\n    assert len(df) > LIMIT\n")
    before = digest(tmp_path)
    assert before
    file.write_text(file.read_text() + "# more\n")
    assert digest(tmp_path) == before
    helper.write_text("LIMIT = 2\n")
    assert digest(tmp_path) != before


def test_schemas_count_for_their_step(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    file = tmp_path / "steps/checks.py"
    file.write_text("import pandera.pandas as pa\nsplit = pa.DataFrameSchema({})\n")
    assert digest(tmp_path) == ""
    file.write_text("import pandera.pandas as pa\ningest = pa.DataFrameSchema({})\n")
    before = digest(tmp_path)
    file.write_text("import pandera.pandas as pa\ningest = pa.DataFrameSchema({}, strict=True)\n")
    assert before != digest(tmp_path) != ""


def test_only_freshness_depends_on_time() -> None:
    said = [{"check": "freshness", "column": "a", "max_age": "1 d"}, {"check": "row_count", "min": 1}]
    assert [check.check for check in timely(TypeAdapter(Checks).validate_python(said))] == ["freshness"]

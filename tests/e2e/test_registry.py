"""Champion and challenger on the command line, and where else a recipe can keep its models than in SQLite."""

from __future__ import annotations

import json


def test_promotion_from_the_first_version_to_a_rollback_and_back(small) -> None:
    def done(*arguments: str) -> str:
        command = small.command(*arguments, "-p", "local")
        assert command.returncode == 0, command.stderr
        return command.stdout

    def refused(*arguments: str) -> tuple[int, str]:
        command = small.command(*arguments, "-p", "local")
        return command.returncode, command.stderr.strip()

    uri = f"sqlite:///{small.root.as_posix()}/metadata/mlflow/mlruns.db"
    none = f"There is no version of the registered model 'small' in {uri}.\n"
    first = "Register one first: `mlflow recipes run -p local`."
    assert refused("promote") == (2, f"Recipe error\n{none}{first}")

    small.edit("recipe.yaml", "  register:\n", "  register:\n    promote: true\n")
    assert "model       small, version 1 (champion)\n" in done("run")
    strict = "steps.evaluate.validation_criteria=[{metric: mean_absolute_error, threshold: 0}]"
    lenient = "steps.register.allow_non_validated_model=true"
    shown = done("run", "--set", "steps.train.estimator_params.alpha=300", "--set", strict, "--set", lenient)
    assert "model       small, version 2 (challenger; champion is version 1)\n" in shown

    code, said = refused("promote")
    assert (code, said.splitlines()[1:]) == (
        3,
        [
            "Version 2 of 'small' was not promoted: its validation status is REJECTED, not VALIDATED.",
            "Promote another version, or this one all the same with --force.",
        ],
    )
    assert done("promote", "--force") == "Version 2 of small is the champion now, instead of version 1.\n"
    assert done("promote", "champion", "--force") == "Version 2 of small is the champion already.\n"

    compared = json.loads(done("compare", "1", "champion", "--json"))
    assert compared["metrics"][0]["better"] == "a"
    assert (compared["a"]["status"], compared["b"]["status"]) == ("VALIDATED", "REJECTED")
    assert "steps.train.estimator_params.alpha changed (0.5 -> 300)" in done("compare", "1", "2")

    assert done("rollback") == "Version 1 of small is the champion again, instead of version 2.\n"
    assert "1 (champion)" in refused("compare", "champion", "3")[1]
    assert small.recipe().execute().executed == ()
    assert small.recipe().promote("2", force=True).before == "1"
    assert small.recipe().rollback().after == "1"


def test_a_folder_as_tracking_server(small) -> None:
    """As recipes for 2.22 have it; MLflow itself opens one on request only."""
    small.edit("profiles/local.yaml", "sqlite:///metadata/mlflow/mlruns.db", "mlruns")
    first = small.command("run", "-p", "local")
    assert first.returncode == 0, first.stderr
    assert (small.root / "mlruns" / "models" / "small").is_dir()
    again = small.command("run", "-p", "local", "--json")
    assert [step["outcome"] for step in json.loads(again.stdout)["steps"]] == ["reused"] * 6
    promoted = small.command("promote", "-p", "local")
    assert promoted.stdout == "Version 1 of small is the champion now.\n"
    same = small.command("compare", "1", "champion", "-p", "local")
    assert "code: the same" in same.stdout, same.stderr
    assert "compared" not in small.command("compare", "run:..", "1", "-p", "local").stdout
    data = small.recipe().get_artifact("test_data").drop(columns=["y"])
    assert len(small.recipe().get_artifact("model").predict(data)) == len(data)


def test_a_registry_that_is_away(small) -> None:
    small.edit("profiles/local.yaml", "model_name: small", "model_name: small\n  registry_uri: http://127.0.0.1:9")
    for command in (("promote",), ("rollback",), ("compare", "1", "2")):
        away = small.command(*command, "-p", "local", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
        assert away.returncode == 4
        assert away.stderr.splitlines()[1].startswith("The MLflow server http://127.0.0.1:9 cannot be reached: ")

"""What runs logged, read with doubt."""

from __future__ import annotations

from pathlib import Path

from mlflow_recipes.run_evidence import Evidence, gather


def test_a_run_of_a_recipe(registered) -> None:
    tracking = registered.tracking()
    run_id = tracking.registry.find("small", "2").run_id
    found = gather(tracking, run_id)
    assert found.rows == {"training": 315, "validation": 62, "test": 63}
    assert set(found.figures) >= {"intervals", "others", "slices", "errors", "importance"}
    assert found.contract is not None
    assert [column.name for column in found.contract.columns] == ["a", "b", "c", "y"]
    assert found.started is not None
    assert found.url is None


def test_a_run_that_logged_nothing(registered) -> None:
    tracking = registered.tracking()
    run = tracking.client.create_run(tracking.experiment_id)
    assert gather(tracking, run.info.run_id) == Evidence(
        run.info.run_id, run.info.run_name, run.info.start_time / 1000, tags=run.data.tags
    )


def test_damaged_files_are_not_there(registered, tmp_path: Path) -> None:
    tracking = registered.tracking()
    run_id = tracking.client.create_run(tracking.experiment_id).info.run_id
    texts = {"errors": "{", "slices": '{"a": 1}', "intervals": "[" * 100_000}
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text)
        tracking.log_file(run_id, tmp_path / f"{name}.json", "evaluate")
    (tmp_path / "contract.json").write_text('{"format": 1}')
    tracking.log_file(run_id, tmp_path / "contract.json", "train/model")
    found = gather(tracking, run_id)
    assert found.figures == {"slices": {"a": 1}}
    assert found.contract is None

"""Predictions of finished batches, found again or not trusted."""

from __future__ import annotations

import pyarrow as pa

from mlflow_recipes.steps.scoring.journal import Journal

TABLE = pa.table({"prediction": [1.0, 2.0]})


def test_what_was_kept_is_found_if_it_is_whole_and_of_the_batch(tmp_path) -> None:
    journal = Journal(tmp_path / "one")
    assert journal.find(0, 2) is None
    journal.keep(0, TABLE)
    assert journal.find(0, 2).equals(TABLE)
    assert journal.find(0, 3) is None
    [file] = (tmp_path / "one").iterdir()
    file.write_bytes(file.read_bytes()[:40])
    assert journal.find(0, 2) is None


def test_what_was_published_needs_no_predictions(tmp_path) -> None:
    journal = Journal(tmp_path / "one")
    journal.keep(0, TABLE)
    assert not journal.is_published
    journal.publish()
    assert Journal(tmp_path / "one").is_published
    assert journal.find(0, 2) is None

"""Trials are kept as they finish; a line that a kill cut off costs that trial alone."""

from __future__ import annotations

import pytest

from mlflow_recipes.modeling.trials import FAILED, FINISHED, PRUNED, Journal, Trial, best_of


def trial(number: int, loss: float | None = 1.0, status: str = FINISHED) -> Trial:
    return Trial(number, {"a": 0.1 + 0.2, "k": 1}, status, loss, {"rmse": 0.5}, (0.1, 0.2), params={"a": "0.3"})


def test_what_was_kept_is_read_back_to_the_last_digit(tmp_path) -> None:
    journal = Journal(tmp_path / "search")
    assert journal.read() == []
    journal.add(trial(0))
    journal.add(trial(1, None, FAILED))
    [first, second] = Journal(tmp_path / "search").read()
    assert (first.drawn["a"], list(first.curve)) == (0.1 + 0.2, [0.1, 0.2])
    assert (second.number, second.loss, second.status) == (1, None, FAILED)


def test_trials_are_in_the_order_of_their_numbers_and_the_last_word_counts(tmp_path) -> None:
    journal = Journal(tmp_path)
    for number, loss in ((2, 1.0), (0, 1.0), (2, 3.0)):
        journal.add(trial(number, loss))
    assert [(each.number, each.loss) for each in journal.read()] == [(0, 1.0), (2, 3.0)]


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_that_was_cut_off_is_skipped_and_the_next_is_whole(tmp_path, cut) -> None:
    journal = Journal(tmp_path)
    journal.add(trial(0))
    journal.add(trial(1))
    file = tmp_path / "trials.jsonl"
    file.write_bytes(file.read_bytes()[:-cut])
    journal.add(trial(2))
    assert [each.number for each in journal.read()] == ([0, 1, 2] if cut == 1 else [0, 2])


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"[1]", b'{"number": 1}', b'{"number": 1, "drawn": {}, "status": "x", "z": 1}']
)
def test_other_damage_costs_its_line(tmp_path, line) -> None:
    journal = Journal(tmp_path)
    journal.add(trial(0))
    with (tmp_path / "trials.jsonl").open("ab") as file:
        file.write(line + b"\n")
    journal.add(trial(3))
    assert [each.number for each in journal.read()] == [0, 3]


def test_the_parent_run(tmp_path) -> None:
    journal = Journal(tmp_path / "new")
    assert journal.parent() is None
    journal.set_parent("abc")
    assert journal.parent() == "abc"
    (tmp_path / "new" / "parent.json").write_text("{")
    assert journal.parent() is None


def test_the_best_trial_is_whole_and_the_earliest_of_equals() -> None:
    trials = [trial(0, None, FAILED), trial(1, 0.1, PRUNED), trial(2, 2.0), trial(3, 1.0), trial(4, 1.0)]
    found = best_of(trials)
    assert found is not None
    assert found.number == 3
    assert best_of(trials[:2]) is None

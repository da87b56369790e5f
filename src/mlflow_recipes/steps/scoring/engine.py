"""The loop over batches: read, predict, keep, write; in constant memory, in the order of the rows."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflow_recipes.config.tasks import REGRESSION
from mlflow_recipes.data.columnar import streamed_file
from mlflow_recipes.data.sampling import EvenSample
from mlflow_recipes.errors import DataError, RecipeError
from mlflow_recipes.modeling.slices import check_column
from mlflow_recipes.steps.scoring.columns import Answer, beside, missing, spread
from mlflow_recipes.steps.scoring.holding import refuse_broken
from mlflow_recipes.steps.scoring.model import limits_of
from mlflow_recipes.steps.scoring.refusals import refusal
from mlflow_recipes.steps.scoring.rows import Preparing, as_trained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from mlflow_recipes.config.contract import Contract as Rules
    from mlflow_recipes.steps.scoring.journal import Journal
    from mlflow_recipes.steps.scoring.model import Model
    from mlflow_recipes.tracking import Tracking
    from mlflow_recipes.user_code import UserCode

SAMPLED_ROWS = 100_000
_MOST_ROWS, _CELLS = 131_072, 4_000_000
_FIRST, _LIKE = 10_000, 100


@dataclass(frozen=True)
class Scorer:
    """Makes predictions of a batch.

    Attributes:
        model: The model.
        preparing: The recipe's own steps before it.
        answer: What becomes of its answers.
    """

    model: Model
    preparing: Preparing
    answer: Answer

    def result(self, table: pa.Table, first: int, like: pa.Schema) -> pa.Table:
        """The columns of predictions for every row of a batch; none for rows that a step of the recipe left out.

        Args:
            table: The batch.
            first: The number of its first row, from 0.
            like: The columns of predictions, for a batch that is left out as a whole.

        Raises:
            DataError: The model does not take the rows.
            UserCodeError: A step failed on them.
        """
        rows = self.preparing.rows(table)
        if rows is None:
            return missing(like, table.num_rows)
        answers = self.answers(rows.frame, f"a row of {first + 1:,} to {first + table.num_rows:,}")
        return spread(answers, rows.places, table.num_rows)

    def answers(self, frame: pd.DataFrame, which: str) -> pa.Table:
        """The columns of predictions for prepared rows.

        Args:
            frame: The rows.
            which: What they are, in a message.

        Raises:
            DataError: The model does not take them.
        """
        try:
            output = self.model.predict(as_trained(frame, self.model.features, self.model.contract))
        except RecipeError:
            raise
        except Exception as error:
            raise refusal(error, frame, self.model.contract, which) from error
        return self.answer.columns(output)


def scorer_of(tracking: Tracking, user: UserCode, model: Model) -> Scorer:
    """What makes predictions with a model, as the recipe wants them.

    Raises:
        RecipeError: It wants intervals, and there are none for the model.
    """
    config = tracking.config
    options = config.steps.predict
    limits = limits_of(tracking, model, options.intervals) if options.intervals else {}
    result_type = options.result_type
    if config.recipe == REGRESSION and result_type is None:
        result_type = "double"
    answer = Answer(config.target_cols, config.steps.train.predict_prefix, result_type, options.scores, limits)
    return Scorer(model, Preparing(config.steps.scoring_preparations, user), answer)


@dataclass
class Scored:
    """What came of it.

    Attributes:
        rows: How many there are.
        unscored: How many of them have no prediction.
        resumed: How many of them an interrupted scoring had predicted already.
        replaced: Columns of the data that a column of the result took the place of.
        added: Columns of the result that the data did not have.
        sample: Some of the rows, evenly spaced, with their predictions.
    """

    rows: int = 0
    unscored: int = 0
    resumed: int = 0
    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    sample: EvenSample = field(default_factory=lambda: EvenSample(SAMPLED_ROWS))


@dataclass(frozen=True)
class Task:
    """What is to be scored, and where to.

    Attributes:
        source: A parquet file.
        target: The parquet file that is written.
        rows: How many rows are scored at a time; None for as many as suits their width.
        passthrough: Columns of the data that are written; None for all.
        needed: Key of the configuration -> columns that it names, which must be among those that are written.
        journal: Where predictions are kept; None for nowhere.
        progress: Shows how far it is.
    """

    source: Path
    target: Path
    rows: int | None = None
    passthrough: Sequence[str] | None = None
    needed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    journal: Journal | None = None
    progress: Callable[[str], None] = lambda _: None


def score(task: Task, scorer: Scorer, rules: Rules) -> Scored:
    """Score a file into another one, once its columns are seen to be what the model was trained on.

    Raises:
        ContractError: They are not, and the recipe's `contract` does not allow that.
        DataError, UserCodeError: As `Scorer.result`; the recipe's own steps leave no row; or a column is missing.
        OSError: The target cannot be written.
    """
    import pyarrow.parquet as pq

    first = _first_rows(task.source, scorer.preparing)
    refuse_broken(first, scorer.model, rules)
    like = scorer.answers(first.head(_LIKE), f"one of the first {min(len(first), _LIKE):,} rows").schema
    _check_needed(task, like.names)
    found = Scored()
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(streamed_file(task.source))
        pool = stack.enter_context(ThreadPoolExecutor(2, thread_name_prefix="score"))
        total, started = source.metadata.num_rows, time.monotonic()
        writer: pq.ParquetWriter | None = None
        writing: Future[None] | None = None
        for number, table in enumerate(_ahead(_batches(source, task.rows), pool)):
            result = task.journal.find(number, table.num_rows) if task.journal else None
            if result is None:
                result = scorer.result(table, found.rows, like)
                if task.journal:
                    task.journal.keep(number, result)
            else:
                found.resumed += table.num_rows
            whole = beside(table, result)
            kept = _selected(whole, result, task.passthrough)
            if writer is None:
                found.replaced = tuple(name for name in result.column_names if name in table.column_names)
                found.added = tuple(name for name in result.column_names if name not in found.replaced)
                writer = pq.ParquetWriter(task.target, kept.schema, compression="zstd", compression_level=1)
                stack.callback(writer.close)
            if writing is not None:
                writing.result()
            writing = pool.submit(writer.write_table, kept)
            found.rows += table.num_rows
            found.unscored += result.column(0).null_count
            found.sample.add(whole)
            task.progress(_told(found.rows - found.resumed, found.rows, total, time.monotonic() - started))
        if writing is not None:
            writing.result()
    return found


def _check_needed(task: Task, made: Sequence[str]) -> None:
    """Before anything is scored, see that the columns are there which the configuration names.

    Raises:
        DataError: One is not; with the nearest.
    """
    with streamed_file(task.source) as source:
        there = [*source.schema_arrow.names, *made]
    passed = there if task.passthrough is None else [*task.passthrough, *made]
    for name in task.passthrough or ():
        check_column(name, there, "steps.predict.passthrough", "not in the data to score")
    for key, names in task.needed.items():
        for name in names:
            check_column(name, passed, key, "not among those that are written")


def _first_rows(source: Path, preparing: Preparing) -> pd.DataFrame:
    """Some rows of a file as the model takes them, by which columns can be told: the first that the steps leave.

    Raises:
        DataError: They leave none.
        UserCodeError: A step fails on them.
    """
    with streamed_file(source) as opened:
        for table in _batches(opened, _FIRST):
            if rows := preparing.rows(table):
                return rows.frame
        total = opened.metadata.num_rows
    raise DataError(
        f"{' and '.join(preparing.steps)} left none of the {total:,} rows to score.",
        where="steps.predict.prepare",
        hint="See what they filter out; `prepare` names the steps that data to score goes through.",
    )


def _batches(source: pa.parquet.ParquetFile, rows: int | None) -> Iterator[pa.Table]:
    import pyarrow as pa

    many = rows or max(min(_MOST_ROWS, _CELLS // max(len(source.schema_arrow), 1)), 1)
    metadata = source.schema_arrow.metadata
    for batch in source.iter_batches(batch_size=many):
        yield pa.Table.from_batches([batch]).replace_schema_metadata(metadata)


def _ahead(tables: Iterator[pa.Table], pool: ThreadPoolExecutor) -> Iterator[pa.Table]:
    """The same tables, of which the next one is read while one is worked on."""
    coming = pool.submit(next, tables, None)
    while (table := coming.result()) is not None:
        coming = pool.submit(next, tables, None)
        yield table


def _selected(table: pa.Table, result: pa.Table, passthrough: Sequence[str] | None) -> pa.Table:
    if passthrough is None:
        return table
    names = [name for name in table.column_names if name in passthrough or name in result.column_names]
    return table.select(names)


def _told(fresh: int, rows: int, total: int, seconds: float) -> str:
    """How far it is, and how fast.

    >>> _told(500_000, 500_000, 2_000_000, 2.0)
    '500,000 of 2,000,000 rows (25 %), 250,000 rows/s'
    """
    share = 100 * rows // max(total, 1)
    return f"{rows:,} of {total:,} rows ({share} %), {fresh / max(seconds, 1e-9):,.0f} rows/s"

"""Where the trials of a search run: in this thread, in threads, or in processes of this machine."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[..., Any]
    Submit = Callable[..., Future[Any]]

SERIAL, THREADS, PROCESSES = "serial", "threads", "processes"
# Libraries, and classes of scikit-learn, that fit outside Python's global lock.
_FREE_OF_THE_LOCK = ("xgboost", "lightgbm", "catboost")
_FREE_CLASSES = ("HistGradientBoosting", "RandomForest", "ExtraTrees")
_IDLE_SECONDS = 60  # after which a process ends; on Windows, that is how those of a killed search do
_CORES_PARAMETERS = ("n_jobs", "thread_count")

_work: Work | None = None  # in a process of the pool: what it does


def kind_for(estimator: Any, parallelism: int) -> str:
    """THREADS for estimators that fit outside Python's global lock, PROCESSES for others; SERIAL for one at a time."""
    if parallelism == 1:
        return SERIAL
    inner = getattr(estimator, "regressor", estimator)
    package = type(inner).__module__.partition(".")[0]
    free = package in _FREE_OF_THE_LOCK or (package == "sklearn" and type(inner).__name__.startswith(_FREE_CLASSES))
    return THREADS if free else PROCESSES


def share_cores(estimator: Any, parallelism: int) -> None:
    """Let an estimator that would use every core use its share, unless its number of cores was chosen."""
    if parallelism == 1:
        return
    params = estimator.get_params(deep=False)
    for name in _CORES_PARAMETERS:
        if name in params and params[name] in (None, -1):
            estimator.set_params(**{name: _cores_each(parallelism)})


def _cores_each(parallelism: int) -> int:
    return max(1, (os.cpu_count() or 1) // parallelism)


@contextlib.contextmanager
def pool(work: Work, kind: str, parallelism: int, begin: Callable[[], None] | None = None) -> Iterator[Submit]:
    """A function that hands arguments to `work` and gives the future of its result.

    When the block raises, work that has not begun is dropped; threads finish what they are at, processes are ended.

    Args:
        work: Called in a worker; for processes, it is sent to each of them once.
        kind: SERIAL, THREADS or PROCESSES.
        parallelism: Workers.
        begin: Called first in each thread.
    """
    if kind == PROCESSES:
        with _processes(work, parallelism) as submit:
            yield submit
    elif kind == THREADS:
        executor = ThreadPoolExecutor(parallelism, thread_name_prefix="trial", initializer=begin)
        try:
            yield lambda *arguments: executor.submit(work, *arguments)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
    else:
        yield lambda *arguments: _done(work, arguments)


def _done(work: Work, arguments: tuple[Any, ...]) -> Future[Any]:
    """Work done at once; only Ctrl-C and the like leave it."""
    future: Future[Any] = Future()
    try:
        future.set_result(work(*arguments))
    except Exception as error:  # noqa: BLE001 - it is handed to whoever asks the future
        future.set_exception(error)
    return future


@contextlib.contextmanager
def _processes(work: Work, parallelism: int) -> Iterator[Submit]:
    import cloudpickle
    from joblib.externals.loky import ProcessPoolExecutor

    sent = cloudpickle.dumps(work)

    def opened() -> Executor:
        arguments = (sent, _cores_each(parallelism), os.getpid())
        return ProcessPoolExecutor(parallelism, initializer=_prepare, initargs=arguments, timeout=_IDLE_SECONDS)  # type: ignore[no-any-return]

    executor = opened()

    def submit(*arguments: Any) -> Future[Any]:
        nonlocal executor
        try:
            return executor.submit(_call, *arguments)
        except BrokenExecutor:  # a process of it was killed, or ended itself
            executor.shutdown(wait=True)
            executor = opened()
            return executor.submit(_call, *arguments)

    try:
        yield submit
    except BaseException:
        executor.shutdown(wait=True, kill_workers=True)  # type: ignore[call-arg]  # loky's
        raise
    executor.shutdown(wait=True)


def _prepare(sent: bytes, cores: int, parent: int) -> None:
    """In a new process: use one's share of the cores, leave no bytecode in the recipe's folder, take the work."""
    global _work  # noqa: PLW0603 - one pool, one work
    import cloudpickle

    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.dont_write_bytecode = True
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(cores)
    _work = cloudpickle.loads(sent)


def _end_with(parent: int) -> None:
    """End this process when the one that began it was killed: nobody will ask for what it does."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _call(*arguments: Any) -> Any:
    assert _work is not None, "the initializer has run"
    return _work(*arguments)

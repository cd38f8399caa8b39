"""Many jobs, so that the cores stay busy and one failure stops no other."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from upweave.pictures.job import Job, Outcome
from upweave.pictures.journal import Journal, state_of
from upweave.pictures.worker import Worker
from upweave.whole import abandon

__all__ = ["run"]

_AHEAD = 2
"""Jobs that wait in the queue, a thread."""
_PATIENCE = 0.2
"""Seconds that jobs in work have to end when they are to."""

Report = Callable[[Job, float], object]
"""Called with the share of a job that is done, from the thread that does it."""
_Queue = SimpleQueue[tuple[Job, Future[Outcome]] | None]


def run(
    jobs: Sequence[Job],
    worker: Worker,
    threads: int,
    report: Report,
    journal: Journal | None = None,
) -> Iterator[tuple[Job, Outcome | Exception]]:
    """Do jobs, several at a time, and yield what became of each, in their order.

    Reading, computing and writing release Python's lock; with a job in each thread, and one thread
    of the engine for each, all of it overlaps.

    Parameters
    ----------
    jobs : sequence of Job
    worker : Worker
    threads : int
        How many jobs are in work at once.
    report : callable
    journal : Journal, optional
        Where what is begun and done is noted.

    Yields
    ------
    job : Job
    outcome : Outcome or Exception
        The latter, a `ValueError`, an `OSError` or a `MemoryError`, where it failed.

    Notes
    -----
    Whatever ends the iteration early (Ctrl-C) ends the jobs in work, and leaves nothing of them,
    even where the system does not answer (a read or a write that hangs).
    """
    queue: _Queue = SimpleQueue()

    def serve() -> None:
        while (item := queue.get()) is not None:
            job, future = item
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(_do(job, worker, report, journal))
                except BaseException as error:
                    future.set_exception(error)

    # Threads that do not keep the process from ending.
    serving = [threading.Thread(target=serve, daemon=True) for _ in range(threads)]
    for thread in serving:
        thread.start()
    waiting: deque[tuple[Job, Future[Outcome]]] = deque()
    try:
        for job in jobs:
            waiting.append((job, Future()))
            queue.put(waiting[-1])
            if len(waiting) >= threads * (1 + _AHEAD):
                yield _outcome(*waiting.popleft())
        while waiting:
            yield _outcome(*waiting.popleft())
    except BaseException:
        worker.stop.set()
        for _, future in waiting:
            future.cancel()
        raise
    finally:
        for _ in serving:
            queue.put(None)
        until = time.monotonic() + _PATIENCE
        for thread in serving:
            thread.join(max(0, until - time.monotonic()))
        if worker.stop.is_set():
            abandon()


def _do(job: Job, worker: Worker, report: Report, journal: Journal | None) -> Outcome:
    if journal is None:
        return worker.do(job, lambda share: report(job, share))
    state = state_of(job.source)
    journal.begin(job.target)
    try:
        outcome = worker.do(job, lambda share: report(job, share))
    except Exception:
        journal.fail(job.target)
        raise
    journal.end(job.source, state, job.target)
    return outcome


def _outcome(job: Job, future: Future[Outcome]) -> tuple[Job, Outcome | Exception]:
    try:
        return job, future.result()
    except BrokenPipeError:
        raise  # nobody reads the results any more
    except (ValueError, OSError, MemoryError) as error:
        return job, error

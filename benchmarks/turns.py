"""Times the ways of several libraries, each in a process of its own, taking turns.

In one process the libraries would share what they should not: the memory allocator, OpenMP runtimes
and thread pools whose idle threads spin and so slow down whoever comes next. So each has a process,
stopped (SIGSTOP) while it is not its turn. In a turn a way runs again and again for a moment, as in
use: its threads keep spinning and its data stay in the caches, if that is how the library is best.
All have the same number of threads, are confined to as many cores, and keep freed memory for the
next call instead of asking the system for new pages (`KEEP_MEMORY`).
"""

import os
import signal
import statistics
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

import libraries
from libraries import Array, Case, Way

WARM_UP = 0.02  # seconds that a turn begins with, untimed; at least one run, at most two
TURN = 0.05  # seconds of timed runs a turn; at least one
ROUNDS = 9
SLOW, SLOW_ROUNDS = 0.3, 3  # seconds of a run that counts as slow; rounds of those
BEATEN = 20  # times as slow as the fastest: a single turn will do
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}  # glibc's names


class CannotError(Exception):
    """Why a library cannot do what it was asked."""


class Worker:
    """A library in a process of its own.

    Parameters
    ----------
    library : str
    threads : int
    """

    def __init__(self, library: str, threads: int) -> None:
        self.library = library
        self._threads = threads
        self._start()

    def prepare(self, case: Case) -> list[str]:
        """Let go of the case before and return the names of the ways to run this one."""
        names: list[str] = self._ask("prepare", case)
        return names

    def result(self, way: str) -> Array:
        """Prepare a way, run it once and return the result."""
        result: Array = self._ask("result", way)
        return result

    def turn(self, way: str) -> float:
        """Return the median seconds of a run in one turn."""
        seconds: float = self._ask("turn", way)
        return seconds

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _start(self) -> None:
        context = get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, self.library, self._threads), daemon=True
        )
        self._process.start()
        other.close()

    def _ask(self, *message: object) -> Any:  # noqa: ANN401
        pid = self._process.pid
        assert pid is not None
        try:
            os.kill(pid, signal.SIGCONT)
            self._connection.send(message)
            answer = self._connection.recv()
            os.kill(pid, signal.SIGSTOP)
        except (EOFError, OSError):
            self.stop()
            self._start()
            raise CannotError("its process ended") from None
        if isinstance(answer, CannotError):
            raise answer
        return answer


@contextmanager
def workers(threads: int) -> Iterator[dict[str, Worker]]:
    """Start a process for every library that is installed; end them afterwards."""
    os.environ.update(KEEP_MEMORY, OMP_NUM_THREADS=str(threads))
    running = {name: Worker(name, threads) for name in libraries.installed()}
    try:
        yield running
    finally:
        for worker in running.values():
            worker.stop()


def compare(
    case: Case, truth: Array, running: dict[str, Worker], tolerance: float
) -> dict[str, dict[str, Any]]:
    """Return, for each way, the seconds of a run and the error, or the reason why there is none.

    Parameters
    ----------
    case : Case
    truth : array
        What the result should be.
    running : dict of Worker
    tolerance : float
        Of the error, which is relative to the largest value of `truth`.

    Returns
    -------
    dict
        Way -> {"library", "seconds", "error"} or {"library", "reason"}.
    """
    found: dict[str, dict[str, Any]] = {}
    turns: dict[str, Callable[[], float]] = {}
    for library, worker in running.items():
        try:
            names = worker.prepare(case)
        except CannotError as error:
            found[library] = {"library": library, "reason": str(error)}
            continue
        for way in names:
            try:
                difference = _difference(worker.result(way), truth, tolerance)
            except CannotError as error:
                found[way] = {"library": library, "reason": str(error)}
            else:
                found[way] = {"library": library, "error": difference}
                turns[way] = partial(worker.turn, way)
    for way, seconds in _medians(turns).items():
        found[way]["seconds"] = seconds
    return found


def _difference(result: Array, truth: Array, tolerance: float) -> float:
    if result.shape != truth.shape:
        raise CannotError(f"its result has shape {result.shape}; expected {truth.shape}")
    error = float(np.abs(result - truth).max() / np.abs(truth).max())
    if not error <= tolerance:
        raise CannotError(f"its result is off by {error:.1e} of the largest value")
    return error


def _medians(turns: dict[str, Callable[[], float]]) -> dict[str, float]:
    times: dict[str, list[float]] = {way: [] for way in turns}
    for number in range(ROUNDS):
        for way, turn in turns.items():
            if number == 0 or number < _rounds(times[way][0], min(t[0] for t in times.values())):
                times[way].append(turn())
    return {way: statistics.median(values) for way, values in times.items()}


def _rounds(first: float, fastest: float) -> int:
    if first > BEATEN * fastest:
        return 1
    return SLOW_ROUNDS if first > SLOW else ROUNDS


def _serve(connection: Connection, library: str, threads: int) -> None:
    """Answer what a `Worker` asks."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    ways: libraries.Ways = {}
    ready: dict[str, Way] = {}
    while True:
        question, subject = connection.recv()
        try:
            answer: object
            if question == "prepare":
                ways, ready = {}, {}
                ways = libraries.ways(library, subject, threads)
                answer = list(ways)
            elif question == "result":
                way = ready[subject] = ways[subject]()
                answer = np.array(way.array(way.run()))
            else:
                answer = seconds_of(ready[subject].run)
        except Exception as error:  # whatever a library raises is the reason to show
            answer = CannotError(_line(error))
        connection.send(answer)


def _line(error: Exception) -> str:
    lines = traceback.format_exception_only(error)[-1].strip().splitlines()
    return lines[0][:200]


def in_turns(runs: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each run, all of them taking turns in this process."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds_of(run))
    return {name: statistics.median(values) for name, values in times.items()}


def seconds_of(run: Callable[[], object], warm_up: float = WARM_UP, turn: float = TURN) -> float:
    """Return the median seconds of a run in one turn."""
    begin = time.perf_counter()
    run()
    if time.perf_counter() - begin < warm_up:
        run()
    times: list[float] = []
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < turn:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)

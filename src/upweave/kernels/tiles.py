"""Runs tile programs: compiled code takes the tiles, shared dynamically among threads."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from ctypes import CFUNCTYPE, c_int64, c_void_p
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from upweave.kernels import program
from upweave.kernels.instructions import Floats, Integers, driver

Progress = Callable[[float], object]
"""Called with the share done, by the thread that called, after each of its tiles; False cancels."""

_ALL = 1 << 60  # more tiles than there are
_ALIGN = 64  # bytes of a cache line
_TRIES = 4
_WORTH_A_TRY = 5e-4  # seconds
_SHORT = 2e-3  # seconds: where some tiles take less, more are taken at once

_pool: ThreadPoolExecutor | None = None
_pool_lock = threading.Lock()


class Cancelled(Exception):  # noqa: N818 - no error: the caller asked for it
    """The caller's progress function returned False; the output is incomplete."""


@dataclass(eq=False)
class TileProgram:
    """Tiles, the programs that compute them, and the scratch memory that these need.

    Attributes
    ----------
    tiles : array of shape (tiles, 4)
        As `program.TILE` says.
    scratch : sequence of int
        Floats of each scratch buffer.
    keep : list
        What the programs point to: it must live as long.
    lanes : int
        Floats in a vector.
    """

    tiles: Integers
    scratch: Sequence[int]
    keep: list[object]
    lanes: int
    _arenas: deque["_Arena"] = field(default_factory=deque)
    _times: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def run(self, x: Floats, y: Floats, threads: int, progress: Progress | None = None) -> None:
        """Compute every tile of `y` from `x`, both C-contiguous.

        Raises
        ------
        Cancelled
            Where `progress` returned False.
        """
        alone = self._faster_alone()
        begin = time.perf_counter()
        self._run(x, y, 1 if alone else max(1, min(threads, len(self.tiles))), progress)
        times = self._times[alone]
        if len(times) < _TRIES:
            times.append(time.perf_counter() - begin)

    def _faster_alone(self) -> bool:
        """Tell whether to run on one thread: to wake another takes longer than a short program.

        Programs that were short the first times then run alone as often; the shorter way stays.
        """
        shared, alone = self._times[False], self._times[True]
        if len(shared) < _TRIES or min(shared) > _WORTH_A_TRY:
            return False
        return len(alone) < _TRIES or min(alone) < min(shared)

    def _run(self, x: Floats, y: Floats, threads: int, progress: Progress | None) -> None:
        count = len(self.tiles)
        state = np.zeros(2, np.int64)  # tiles taken, tiles done
        work, settle = _compiled(self.lanes)

        def take_tiles(most: int) -> None:
            if state[0] < count:
                arena = self._borrow()
                job = self._job(state, most, arena, x, y)  # has to outlive the call
                work(job.ctypes.data)
                self._arenas.append(arena)

        others = [_submit(partial(take_tiles, _ALL)) for _ in range(threads - 1)]
        try:
            # This thread comes back now and then: compiled code would not see Ctrl-C.
            most, begin = 1, time.perf_counter()
            while state[0] < count:
                take_tiles(most)
                begin, before = time.perf_counter(), begin
                if begin - before < _SHORT:
                    most *= 4
                if progress is not None and progress(state[1] / count) is False:
                    raise Cancelled("cancelled by the progress function")
            settle(state.ctypes.data, count)
        finally:
            # Others that have not begun yet find nothing to do; they need not be waited for.
            state[0] = _ALL
            if state[1] < count:
                wait(others)
        if progress is not None:
            progress(1.0)

    def _borrow(self) -> "_Arena":
        try:
            return self._arenas.pop()
        except IndexError:
            return _Arena.of(self.scratch)

    def _job(self, state: Integers, most: int, arena: "_Arena", x: Floats, y: Floats) -> Integers:
        values = {
            "counter": state.ctypes.data,
            "done": state.ctypes.data + state.itemsize,
            "most": most,
            "tiles": len(self.tiles),
            "tile_table": self.tiles.ctypes.data,
            "buffers": arena.table.ctypes.data,
            "input": x.ctypes.data,
            "output": y.ctypes.data,
        }
        return np.array([values[name] for name in program.JOB], np.int64)


@cache
def _compiled(lanes: int) -> tuple[Callable[[int], None], Callable[[int, int], None]]:
    """Return the functions that take tiles, and that wait for those of other threads."""
    addresses = driver(lanes)
    work = CFUNCTYPE(None, c_void_p)(addresses["work"])
    return work, CFUNCTYPE(None, c_void_p, c_int64)(addresses["settle"])


def row_step(columns: int) -> int:
    """Return the floats from a row of scratch memory to the next.

    Rows begin on cache lines, and not a whole number of 4 KiB pages apart: such rows would compete
    for the same lines of the cache.
    """
    step = -(-columns // 16) * 16
    return step + 16 if step % 1024 == 0 else step


@dataclass(eq=False)
class _Arena:
    """One thread's scratch memory and the table of its buffers."""

    memory: Floats
    table: Integers

    @classmethod
    def of(cls, sizes: Sequence[int]) -> "_Arena":
        line = _ALIGN // 4
        starts, total = [], line
        for size in sizes:
            starts.append(total)
            total += -(-size // line) * line
        memory = np.zeros(total + line, np.float32)
        shift = -memory.ctypes.data % _ALIGN
        table = np.zeros(program.SCRATCH + len(sizes), np.int64)
        table[program.SCRATCH :] = [memory.ctypes.data + shift + 4 * start for start in starts]
        return cls(memory, table)


def _submit(function: Callable[[], None]) -> "Future[None]":
    global _pool  # noqa: PLW0603 - the one pool of the process
    with _pool_lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(32, os.cpu_count() or 1), thread_name_prefix="upweave")
        return _pool.submit(function)


def _forget_pool() -> None:
    """After a fork the pool's threads are gone: begin anew."""
    global _pool, _pool_lock
    _pool, _pool_lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)

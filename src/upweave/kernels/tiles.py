"""Runs tile programs: compiled code takes the tiles, shared dynamically among threads."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, c_int64, c_void_p
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from upweave.kernels import program
from upweave.kernels.emit.text import LINE
from upweave.kernels.helpers import Job
from upweave.kernels.instructions import Floats, Integers, driver

Progress = Callable[[float], object]
"""Called with the share of instructions done, by the calling thread now and then; False cancels."""

_ALL = 1 << 60  # more instructions than there are
_ALIGN = 64  # bytes of a cache line
_TRIES = 4
_WORTH_A_TRY = 5e-4  # seconds
_FIRST = 16  # instructions that the calling thread carries out before it looks up
_SHORT, _LONG = 4e-3, 1.6e-2  # seconds: where these take less, or more, it takes more next, or less
_NAP = 2e-4  # seconds that it sleeps at first while other threads work
_TAKEN, _DONE, _STOP = (program.STATE[name] for name in ("taken", "done", "stop"))
_STATE, _INPUT, _OUTPUT = (program.JOB[name] for name in ("state", "input", "output"))
_BUDGET, _LEFT, _OWN = (program.JOB[name] for name in ("budget", "left", "done"))


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
    double : bool
        Whether input, scratch memory and output are of double precision.
    """

    tiles: Integers
    scratch: Sequence[int]
    keep: list[object]
    lanes: int
    double: bool = False
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
        call = _Call(self, x, y, progress)
        try:
            call.share(threads - 1)
            call.lead()
            call.settle()
        finally:
            call.stop()
        if progress is not None:
            progress(1.0)

    def borrow(self) -> "_Arena":
        """Return scratch memory of a thread's own, to be given back with `give_back`."""
        try:
            return self._arenas.pop()
        except IndexError:
            return _Arena(self)

    def give_back(self, arena: "_Arena") -> None:
        """Keep an arena for later calls."""
        self._arenas.append(arena)

    def instructions(self) -> int:
        """Return how many instructions all tiles have together."""
        return int(self.tiles[:, program.TILE["instructions"]].sum())


class _Call:
    """One call of a program: what its threads share, and what they do."""

    def __init__(self, tiles: TileProgram, x: Floats, y: Floats, progress: Progress | None) -> None:
        self._program, self._x, self._y = tiles, x, y
        self._count = len(tiles.tiles)
        self._progress = progress
        self._total = 0 if progress is None else tiles.instructions()
        self._state = np.zeros(program.STATE_WORDS, np.int64)
        self._ends = self._state.ctypes.data, x.ctypes.data, y.ctypes.data
        self._arenas: list[_Arena] = []
        self._work, self._settle = _compiled(tiles.lanes, double=tiles.double)

    def share(self, threads: int) -> None:
        """Have so many other threads take tiles too."""
        if threads:
            _unfinished.add(self)
        for _ in range(threads):
            self._arena(_ALL).job.give()

    def lead(self) -> None:
        """Take tiles as the calling thread.

        It looks up now and then, in the midst of a tile too: compiled code would not see Ctrl-C.
        """
        job, budget = self._arena(_FIRST).job, _FIRST
        while self._state[_TAKEN] < self._count or job.fields[_LEFT]:
            begin = time.perf_counter()
            self._work(job.address)
            seconds = time.perf_counter() - begin
            if seconds < _SHORT:
                budget *= 2
            elif seconds > _LONG:
                budget = max(1, budget // 2)
            job.fields[_BUDGET] = budget
            self._report()

    def settle(self) -> None:
        """Wait for the tiles that other threads have taken."""
        self._settle(self._ends[0], self._count)
        nap = _NAP
        while self._state[_DONE] < self._count:
            time.sleep(nap)
            nap = min(2 * nap, _LONG)
            if nap == _LONG:
                self._report()

    def stop(self) -> None:
        """Have other threads leave their tiles, and wait for that."""
        self._state[_STOP] = 1
        held = [arena.job for arena in self._arenas if arena.job.held]
        for job in held:
            job.withdraw()
        while any(job.held for job in held):
            time.sleep(_NAP)
        _unfinished.discard(self)
        for arena in self._arenas:
            self._program.give_back(arena)

    def _arena(self, budget: int) -> "_Arena":
        """Return what a thread needs: scratch memory, and in it a job that begins."""
        arena = self._program.borrow()
        self._arenas.append(arena)
        arena.begin(*self._ends, budget)
        return arena

    def _report(self) -> None:
        if self._progress is not None:
            done = sum(int(arena.job.fields[_OWN]) for arena in self._arenas)
            if self._progress(done / self._total) is False:
                raise Cancelled("cancelled by the progress function")


_unfinished: set[_Call] = set()
"""Calls whose memory other threads may use: it must live, though the caller be interrupted."""


@cache
def _compiled(
    lanes: int, *, double: bool
) -> tuple[Callable[[int], None], Callable[[int, int], None]]:
    """Return the functions that take tiles, and that wait for those of other threads."""
    addresses = driver(lanes, double=double)
    work = CFUNCTYPE(None, c_void_p)(addresses["work"])
    return work, CFUNCTYPE(None, c_void_p, c_int64)(addresses["settle"])


def empty(shape: Sequence[int], dtype: npt.DTypeLike) -> Floats:
    """Return an array to be filled, as `np.empty` does, that begins with a cache line.

    Layers with much output take up to 8 % less than where vectors are written across lines.
    """
    memory = np.empty(math.prod(shape) + LINE, dtype)
    start = -memory.ctypes.data % _ALIGN // memory.itemsize
    return memory[start : start + math.prod(shape)].reshape(shape)


def to_line(floats: int) -> int:
    """Return how many floats it takes from a place to the next that begins a cache line.

    Vectors that begin there are written up to twice as fast.
    """
    return -floats % LINE


def row_step(columns: int) -> int:
    """Return the floats from a row of scratch memory to the next.

    Rows begin on cache lines, and not a whole number of 4 KiB pages apart: such rows would compete
    for the same lines of the cache.
    """
    step = columns + to_line(columns)
    return step + LINE if step % 1024 == 0 else step


class _Arena:
    """One thread's scratch memory, the table of its buffers, and its job.

    Attributes
    ----------
    job : Job
    """

    def __init__(self, tiles: TileProgram) -> None:
        self._memory, addresses = scratch(tiles.scratch, np.float64 if tiles.double else np.float32)
        self._table = np.array([0] * program.SCRATCH + addresses, np.int64)
        self.job = Job()
        known = {
            "tiles": len(tiles.tiles),
            "tile_table": tiles.tiles.ctypes.data,
            "buffers": self._table.ctypes.data,
            "work": driver(tiles.lanes, double=tiles.double)["work"],
        }
        for name, value in known.items():
            self.job.fields[program.JOB[name]] = value

    def begin(self, state: int, x: int, y: int, budget: int) -> None:
        """Make the job one of a call: its state, input and output are at these addresses."""
        fields = self.job.fields
        fields[_STATE], fields[_INPUT], fields[_OUTPUT], fields[_BUDGET] = state, x, y, budget
        fields[_LEFT] = fields[_OWN] = 0


def scratch(sizes: Sequence[int], dtype: npt.DTypeLike) -> tuple[object, list[int]]:
    """Return memory for buffers of so many floats or doubles, and the addresses of these."""
    starts, total = [], LINE
    for size in sizes:
        starts.append(total)
        total += size + to_line(size)
    memory = np.zeros(total + LINE, dtype)
    first = memory.ctypes.data + -memory.ctypes.data % _ALIGN
    return memory, [first + memory.itemsize * start for start in starts]

import os
import signal
import threading
import time

import numpy as np
import pytest

from comparison import assert_equal_exactly
from upweave.kernels import ConvTranspose, host, instructions, program, tiles
from upweave.kernels.instructions import Place
from upweave.kernels.tiles import Cancelled, TileProgram, row_step

SHORT, SOME, ENDLESS = 10, 200_000, 2_000_000  # tiles; some take much longer than a look at them
SIZE = 1 << 15  # floats a tile
LONG = 10_000  # instructions of a tile that takes seconds
AGAIN = 50  # an instruction of such a tile copies the same as often


def copying(tiles):
    """Return a program of `tiles` tiles, each of which copies the input to the output."""
    lanes, indices = host.lanes(), np.arange(SIZE)
    x, y = (Place(buffer, 0, SIZE, SIZE) for buffer in (program.INPUT, program.OUTPUT))
    row, held = instructions.copy(x, y, 1, np.arange(1), indices, lanes)
    rows = np.stack([row])
    table = np.tile(np.array([rows.ctypes.data, len(rows), 0, 0], np.int64), (tiles, 1))
    return TileProgram(table, [], [rows, held], lanes)


def lengthy(*lengths):
    """Return a program of tiles with so many instructions.

    The last one of tile n copies the input to ``y[n, 1]``, all before it to ``y[n, 0]``.
    """
    lanes, indices = host.lanes(), np.arange(SIZE)
    x = Place(program.INPUT, 0, 0, SIZE)
    rows, held = zip(
        *(
            instructions.copy(x, Place(program.OUTPUT, n * SIZE, 0, SIZE), AGAIN, *at, lanes)
            for n, at in enumerate([(np.arange(1), indices)] * 2)
        ),
        strict=True,
    )
    programs = [np.stack([rows[0]] * (length - 1) + [rows[1]]) for length in lengths]
    table = [(p.ctypes.data, len(p), 0, 2 * SIZE * n) for n, p in enumerate(programs)]
    return TileProgram(np.array(table, np.int64), [64], [programs, held], lanes)


def outputs(tiles):
    """Return where such a program writes."""
    return np.zeros((tiles, 2, SIZE), np.float32)


def take_at_most(monkeypatch, budget):
    """Have the calling thread always look up after so many instructions."""
    monkeypatch.setattr(tiles, "_FIRST", budget)
    monkeypatch.setattr(tiles, "_SHORT", 0)
    monkeypatch.setattr(tiles, "_LONG", np.inf)


@pytest.fixture
def others_first(monkeypatch):
    """Have the calling thread begin when every other thread has taken a tile."""
    share = tiles._Call.share

    def wait_for_the_tiles(call, threads):
        share(call, threads)
        while call._state[program.STATE["taken"]] < threads:
            time.sleep(1e-4)

    monkeypatch.setattr(tiles._Call, "share", wait_for_the_tiles)


@pytest.fixture
def x(rng):
    return rng.standard_normal(SIZE).astype(np.float32)


@pytest.fixture
def y():
    return np.zeros(SIZE, np.float32)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("progress", [None, lambda _: None])
def test_programs_run(x, y, threads, progress):
    copying(SHORT).run(x, y, threads, progress)
    assert_equal_exactly(y, x)


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_rises_to_one(x, y, threads):
    shares = []
    copying(SOME).run(x, y, threads, shares.append)
    assert len(shares) > 1
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] == 1.0


def test_progress_may_return_anything_but_false(x, y):
    shares = []
    copying(SHORT).run(x, y, 1, lambda share: shares.append(share) or 0)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("threads", [1, 2])
def test_false_cancels(x, y, threads):
    shares = []

    def cancel(share):
        shares.append(share)
        return False

    with pytest.raises(Cancelled, match=r"^cancelled by the progress function$"):
        copying(ENDLESS).run(x, y, threads, cancel)
    assert len(shares) == 1
    assert shares[0] < 1


def test_an_exception_in_progress_comes_out_and_the_pool_still_works(x, y):
    def fail(share):
        raise RuntimeError("no more")

    tiles = copying(ENDLESS)
    for _ in range(40):  # more often than the pool has threads
        with pytest.raises(RuntimeError, match=r"^no more$"):
            tiles.run(x, y, 2, fail)
    y[:] = 0
    copying(SHORT).run(x, y, 2)
    assert_equal_exactly(y, x)


def test_programs_of_many_callers_share_the_pool(x):
    results = [np.zeros(SIZE, np.float32) for _ in range(50)]
    tiles = copying(SHORT)
    callers = [threading.Thread(target=tiles.run, args=(x, y, 4, lambda _: None)) for y in results]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for y in results:
        assert_equal_exactly(y, x)


@pytest.mark.parametrize("budget", [1, 3, 4, 100])
def test_a_tile_is_left_and_gone_on_with(x, monkeypatch, budget):
    take_at_most(monkeypatch, budget)
    y, shares, lengths = outputs(4), [], (4, 1, 9, 2)
    lengthy(*lengths).run(x, y, 1, shares.append)
    total = sum(lengths)
    looks = [*range(budget, total, budget), total, total]
    assert shares == [done / total for done in looks]
    assert_equal_exactly(y[:, 1], np.broadcast_to(x, (4, SIZE)))
    assert_equal_exactly(y[:, 0].any(1), np.array(lengths) > 1)


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("budget", [1, 5])
def test_threads_leave_and_go_on_with_their_own_tiles(x, monkeypatch, threads, budget):
    take_at_most(monkeypatch, budget)
    y, shares = outputs(9), []
    lengthy(*range(3, 12)).run(x, y, threads, shares.append)
    assert_equal_exactly(y, np.broadcast_to(x, y.shape))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("threads", [1, 2])
def test_false_cancels_inside_tiles(x, threads):
    y, program, shares = outputs(threads), lengthy(*[LONG] * threads), []

    def cancel(share):
        shares.append(share)
        return len(shares) < 3

    for _ in range(2):
        with pytest.raises(Cancelled):
            program.run(x, y, threads, cancel)
    assert shares[:3] == sorted(set(shares[:3]))
    assert 0 < shares[2] < 1
    assert not y[:, 1].any()  # no thread has come to the end of its tile
    assert 1 <= len(program._arenas) <= threads


@pytest.mark.usefixtures("others_first")
def test_progress_and_cancelling_while_another_thread_has_the_last_tile(x):
    y, program, shares = outputs(2), lengthy(LONG, 2), []

    def cancel(share):
        shares.append(share)
        return len(shares) < 5

    with pytest.raises(Cancelled):
        program.run(x, y, 2, cancel)
    assert shares == sorted(set(shares))
    assert shares[-1] < 1
    assert not y[0, 1].any()
    assert_equal_exactly(y[1, 1], x)
    assert len(program._arenas) == 2


@pytest.mark.usefixtures("others_first")
def test_the_last_tile_of_another_thread_is_waited_for(x):
    y, shares = outputs(2), []
    lengthy(LONG // 20, 2).run(x, y, 2, shares.append)
    assert_equal_exactly(y, np.broadcast_to(x, y.shape))
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot send a running process SIGINT")
@pytest.mark.parametrize("lengths", [(LONG,), (LONG, LONG), (LONG, 2)])
@pytest.mark.usefixtures("others_first")
def test_an_interrupt_inside_a_tile(x, lengths):
    y, program = outputs(len(lengths)), lengthy(*lengths)

    def interrupt():
        while not y[:, 0].any(1).all():
            time.sleep(1e-3)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        program.run(x, y, len(lengths))
    thread.join()
    assert not y[0, 1].any()
    assert len(program._arenas) == len(lengths)


@pytest.mark.parametrize("threads", [1, 2])
def test_denormals_are_flushed_only_inside(threads):
    tiny = np.float32(1e-40)
    x = np.full((2, 1, 4, 40), tiny)
    w = np.ones((1, 1, 1, 1), np.float32)
    assert not ConvTranspose(w)(x, threads=threads).any()
    assert tiny * np.float32(1) != 0
    assert (x * np.float32(1) != 0).all()
    assert np.float32(1e-30) * np.float32(1e-10) != 0


def test_rows_begin_on_cache_lines_but_not_on_pages():
    for columns in range(1, 3000):
        step = row_step(columns)
        assert columns <= step <= columns + 31
        assert step % 16 == 0
        assert step % 1024 != 0

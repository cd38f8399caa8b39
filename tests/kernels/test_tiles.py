import threading

import numpy as np
import pytest

from comparison import assert_equal_exactly
from upweave.kernels import ConvTranspose, host, instructions, program
from upweave.kernels.instructions import Place
from upweave.kernels.tiles import Cancelled, TileProgram, row_step

SHORT, SOME, ENDLESS = 10, 200_000, 2_000_000  # tiles; some take much longer than a look at them
SIZE = 1 << 15  # floats a tile


def copying(tiles):
    """Return a program of `tiles` tiles, each of which copies the input to the output."""
    lanes, indices = host.lanes(), np.arange(SIZE)
    x, y = (Place(buffer, 0, SIZE, SIZE) for buffer in (program.INPUT, program.OUTPUT))
    row, held = instructions.copy(x, y, 1, np.arange(1), indices, lanes)
    rows = np.stack([row])
    table = np.tile(np.array([rows.ctypes.data, len(rows), 0, 0], np.int64), (tiles, 1))
    return TileProgram(table, [], [rows, held], lanes)


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

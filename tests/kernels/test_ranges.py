import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upweave.kernels import host
from upweave.kernels.ranges import block_ranges


def expected(planes, side):
    """Return the ranges block by block."""
    channels, height, width = planes.shape
    rows, columns = range(0, height, side), range(0, width, side)
    found = np.empty((channels, len(rows), len(columns)), np.float32)
    for c, r, k in np.ndindex(found.shape):
        block = planes[c, rows[r] : rows[r] + side, columns[k] : columns[k] + side]
        found[c, r, k] = block.max() - block.min()
    return found


@pytest.fixture(params=[4, 8, 16, None], ids=str, autouse=True)
def lanes(request, monkeypatch):
    """So many, or no kernels at all."""
    if request.param is None:
        monkeypatch.setattr(host, "why_not", lambda: "a test")
    else:
        monkeypatch.setattr(host, "lanes", lambda: request.param)


@given(st.integers(1, 3), st.integers(1, 23), st.integers(1, 53), st.integers(1, 30), st.randoms())
def test_ranges_are_the_blocks_own(channels, height, width, side, random):
    rng = np.random.default_rng(random.getrandbits(32))
    planes = rng.standard_normal((channels, height, width), np.float32)
    assert (block_ranges(planes, side) == expected(planes, side)).all()
    upright = planes.swapaxes(1, 2)  # not in the order of memory
    assert (block_ranges(upright, side) == expected(upright, side)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@given(st.integers(1, 12), st.integers(1, 37), st.integers(1, 9), st.data())
def test_a_block_with_one_value_that_is_no_number_has_no_finite_range(
    value, height, width, side, data
):
    planes = np.ones((1, height, width), np.float32)
    row, column = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    planes[0, row, column] = value
    found = np.isfinite(block_ranges(planes, side)[0])
    assert not found[row // side, column // side]
    assert found.sum() == found.size - 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_finite_value_at_all_is_no_finite_range(value):
    assert not np.isfinite(block_ranges(np.full((2, 5, 19), value, np.float32), 4)).any()

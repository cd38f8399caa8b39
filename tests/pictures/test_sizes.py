from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upweave.pictures.sizes import Wanted, factors

SIDES = st.integers(1, 10_000)


@given(st.floats(1, 100), st.sets(st.integers(2, 5), min_size=1))
def test_factors_reach_what_is_asked_and_not_one_more(factor, scales):
    found = factors(factor, sorted(scales))
    assert prod(found) >= factor * (1 - 1e-9)
    assert set(found) <= scales
    if found:
        assert prod(found[:-1]) < factor
        smaller = [scale for scale in scales if scale < found[-1]]
        assert all(prod(found[:-1]) * scale < factor for scale in smaller)


@pytest.mark.parametrize("factor", [0.3, 1])
def test_no_network_makes_a_picture_smaller(factor):
    assert factors(factor, (2, 3, 4)) == []


@given(SIDES, SIDES, SIDES)
def test_the_longest_side(height, width, longest):
    size = Wanted(longest=longest).size((height, width))
    assert max(size) == longest
    shorter = min(height, width) * longest / max(height, width)
    assert abs(min(size) - max(1, shorter)) <= 0.5


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_box_is_fitted(height, width, down, across):
    rows, columns = Wanted(width=across, height=down).size((height, width))
    assert rows <= down
    assert columns <= across
    assert rows == down or columns == across


@pytest.mark.parametrize(
    ("wanted", "size", "mark"),
    [
        (Wanted(scale=4), (12, 20), "x4"),
        (Wanted(scale=2.5), (8, 13), "x2.5"),
        (Wanted(width=50), (30, 50), "w50"),
        (Wanted(height=30), (30, 50), "h30"),
        (Wanted(width=100, height=30), (30, 50), "100x30"),
        (Wanted(longest=50), (30, 50), "max50"),
    ],
)
def test_sizes_and_marks(wanted, size, mark):
    assert wanted.size((3, 5)) == size
    assert wanted.mark == mark

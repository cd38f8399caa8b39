import numpy as np
import pytest

from upweave.pictures.checking import SpoiltError, check_planes


@pytest.fixture
def planes(rng):
    low = rng.random((1, 70, 45), np.float32)
    return low, low.repeat(3, axis=1).repeat(3, axis=2)


def test_a_result_passes(planes):
    check_planes(*planes, "a")
    flat = np.full((1, 70, 45), 0.5, np.float32)
    check_planes(flat, flat.repeat(2, axis=1).repeat(2, axis=2), "a")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_no_number_is_seen(planes, value):
    low, high = planes
    high[0, -1, -1] = value
    with pytest.raises(SpoiltError, match="a: the result is spoilt near column 32, row 64"):
        check_planes(low, high, "a")


def test_a_black_tile_is_seen(planes):
    low, high = planes
    high[:, : 32 * 3, 32 * 3 :] = 0
    with pytest.raises(SpoiltError, match="column 32, row 0"):
        check_planes(low, high, "a")

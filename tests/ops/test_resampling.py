"""The direct form of interpolation: taps by hand, and what they must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave.ops.resampling import Taps, cubic, interpolating, linear, resample

KERNELS = [(linear, 1), (cubic(-0.5), 2), (cubic(-0.75), 2)]


def test_kernels_are_1_at_0_and_0_at_every_other_whole_number_and_beyond_their_radius():
    for kernel, radius in KERNELS:
        distance = np.array([0, -1, 1, -2, 2, 3, -radius - 0.1, radius + 0.1])
        assert_array_equal(kernel(distance), [1, *[0] * 7])
        x = np.linspace(-3, 3, 121)
        assert_array_equal(kernel(x), kernel(-x))


def test_the_cubic_has_its_slope_at_1():
    for a in (-0.5, -0.75):
        step = 1e-6
        below, above = (cubic(a)(np.array([at])) for at in (1 - step, 1 + step))
        assert_allclose((above - below) / (2 * step), a, atol=1e-5)


def test_taps_by_hand():
    taps = interpolating(np.array([-0.25, 1.0, 2.5]), 4, linear, 1)
    assert_array_equal(taps.indices, [[0, 0], [1, 2], [2, 3]])
    assert_array_equal(taps.weights, [[0.25, 0.75], [1, 0], [0.5, 0.5]])


def test_inputs_beyond_the_border_may_count_nothing():
    taps = interpolating(np.array([-0.25, 1.5]), 2, linear, 1, renormalise=True)
    assert_array_equal(taps.indices, [[0, 0], [1, 1]])
    assert_array_equal(taps.weights, [[0, 1], [1, 0]])


@settings(repeatable, max_examples=100)
@given(
    st.sampled_from(KERNELS),
    st.integers(1, 9),
    st.lists(st.integers(-80, 160), min_size=1, max_size=9),
    st.floats(1, 4),
    st.booleans(),
)
def test_weights_sum_to_one_and_draw_on_inputs_that_are_near(
    kernel, size, sixteenths, widen, renormalise
):
    positions = np.clip(np.array(sixteenths) / 16, 0, size - 1)
    taps = interpolating(positions, size, *kernel, widen=widen, renormalise=renormalise)
    assert taps.indices.min() >= 0
    assert taps.indices.max() < size
    assert_allclose(taps.weights.sum(axis=1), 1, atol=1e-9)
    far = np.abs(taps.indices - positions[:, None]) > kernel[1] * widen
    assert not np.any(taps.weights[far])


@settings(repeatable, max_examples=100)
@given(st.sampled_from(KERNELS), st.lists(st.integers(-40, 80), min_size=1, max_size=9))
def test_whole_numbers_may_be_given_apart(kernel, eighths):
    eighths = np.array(eighths)
    together = interpolating(eighths / 8, 6, *kernel)
    apart = interpolating(eighths % 8 / 8, 6, *kernel, whole=eighths // 8)
    assert_equal_exactly(apart.indices, together.indices)
    assert_equal_exactly(apart.weights, together.weights)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_resampling_is_a_matrix_along_an_axis(dtype):
    random = np.random.default_rng(2)
    x = random.integers(-4, 5, (2, 3, 4, 5)).astype(dtype)
    taps = Taps(random.integers(0, 4, (6, 3)), random.integers(-4, 5, (6, 3)).astype(np.float64))
    matrix = np.zeros((6, 4))
    for output, (indices, weights) in enumerate(zip(taps.indices, taps.weights, strict=True)):
        np.add.at(matrix[output], indices, weights)
    want = np.einsum("oi,nciw->ncow", matrix, x).astype(dtype)
    assert_equal_exactly(resample(x, 2, taps), want)

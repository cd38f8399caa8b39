from fractions import Fraction

import numpy as np
import pytest

from upweave.kernels.minimal_filter import POINTS, minimal_filter

SIZES = [(m, r) for m in range(1, 8) for r in range(2, 8) if m + r - 1 in POINTS]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def whole(rng, count):
    return [Fraction(int(n)) for n in rng.integers(-9, 10, count)]


@pytest.mark.parametrize(("outputs", "taps"), SIZES)
def test_the_products_give_the_filters_outputs_exactly(rng, outputs, taps):
    f = minimal_filter(outputs, taps)
    h, d = whole(rng, taps), whole(rng, f.inputs)
    products = [g * b for g, b in zip(times(f.of_taps, h), times(f.of_inputs, d), strict=True)]
    want = [sum(h[k] * d[i + k] for k in range(taps)) for i in range(outputs)]
    assert times(f.from_products, products) == want
    assert len(products) == outputs + taps - 1


@pytest.mark.parametrize(("outputs", "taps"), SIZES)
def test_what_is_added_to_the_products_adds_one(outputs, taps):
    f = minimal_filter(outputs, taps)
    assert times(f.from_products, f.of_one) == [1] * outputs


@pytest.mark.parametrize(("outputs", "taps"), SIZES)
def test_the_matrices_of_data_are_exact_in_float32(outputs, taps):
    f = minimal_filter(outputs, taps)
    for a in (a for matrix in (f.from_products, f.of_inputs) for row in matrix for a in row):
        assert Fraction(float(np.float32(float(a)))) == a


def test_sizes_without_points_are_refused():
    with pytest.raises(KeyError):
        minimal_filter(6, 6)

"""Interpolation against torch, published scores and the benchmarks' own reductions."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from upweave.ops import interpolation, reference
from upweave.pictures import files

SCALES = (1, 2, 3, 4, 5)


def maps(*shape, dtype=np.float64):
    return np.random.default_rng(7).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("scale", SCALES)
def test_kernels_have_the_stated_taps_and_phases_that_sum_to_one(scale):
    odd = scale % 2
    nearest = interpolation.nearest_kernel(scale)
    bilinear = interpolation.bilinear_kernel(scale)
    bicubic = interpolation.bicubic_kernel(scale)
    assert [len(k.taps) for k in (nearest, bilinear, bicubic)] == [
        scale,
        2 * scale - odd,
        4 * scale - odd,
    ]
    for kernel in (nearest, bilinear, bicubic, interpolation.bicubic_kernel(scale, -0.75)):
        assert_allclose(kernel.taps, kernel.taps[::-1], rtol=1e-15)
        assert_allclose([kernel.taps[r::scale].sum() for r in range(scale)], 1, rtol=1e-15)


def test_the_bicubic_kernel_by_hand():
    # Keys' cubic at 1/4, 3/4, 5/4, 7/4 for scale 2: 111, 29, -9 and -3 of 128.
    half = np.array([-3, -9, 29, 111]) / 128
    assert_array_equal(interpolation.bicubic_kernel(2).taps, [*half, *half[::-1]])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 3), (8, 9)])
def test_equal_to_torch(scale, size):
    x = maps(2, 3, *size)
    t = torch.from_numpy(x)

    def theirs(mode, **options):
        return torch.nn.functional.interpolate(t, scale_factor=scale, mode=mode, **options).numpy()

    assert_array_equal(interpolation.nearest(x, scale), theirs("nearest"))
    centres = {"align_corners": False}
    assert_allclose(interpolation.bilinear(x, scale), theirs("bilinear", **centres), atol=1e-14)
    # torch's cubic has a = -0.75.
    ours = interpolation.bicubic(x, scale, a=-0.75)
    assert_allclose(ours, theirs("bicubic", **centres), atol=1e-14)


def test_any_number_of_axes_and_both_types():
    x = maps(2, 2, 5, dtype=np.float32)
    y = interpolation.bicubic(x, 3)
    assert y.dtype == np.float32
    assert y.shape == (2, 2, 15)
    cube = np.broadcast_to(x[:, :, None, None], (2, 2, 4, 3, 5))
    big = interpolation.bicubic(cube, 3)
    assert big.shape == (2, 2, 12, 9, 15)
    assert_allclose(big, np.broadcast_to(y[:, :, None, None], big.shape), atol=1e-6)


def test_bicubic_reproduces_a_quadratic_inside_and_a_constant_everywhere():
    x = np.arange(12.0)
    fine = (np.arange(48) + 0.5) / 4 - 0.5
    y = interpolation.bicubic((x**2)[None, None], 4)[0, 0]
    assert_allclose(y[8:-8], fine[8:-8] ** 2, atol=1e-12)
    assert_allclose(interpolation.bicubic(np.full((1, 1, 3, 2), 0.7), 3), 0.7, atol=1e-15)


def test_bed_of_nails():
    x = maps(1, 2, 3, 4)
    y = interpolation.bed_of_nails(x, 3)
    assert y.shape == (1, 2, 9, 12)
    assert_array_equal(y[:, :, ::3, ::3], x)
    assert np.count_nonzero(y) == x.size


@pytest.mark.parametrize("size", [(6, 9), (7, 11), (3, 3)])
def test_max_pool_and_unpool_are_torchs(size):
    x = maps(2, 3, *size)
    x[0, 0, :2, :2] = 5  # of equal values the first is taken
    values, indices = interpolation.max_pool(x, 3)
    t, where = torch.nn.functional.max_pool2d(torch.from_numpy(x), 3, return_indices=True)
    assert_array_equal(values, t.numpy())
    assert_array_equal(indices, where.numpy())
    back = interpolation.max_unpool(values, indices, size)
    theirs = torch.nn.functional.max_unpool2d(t, where, 3, output_size=size).numpy()
    assert_array_equal(back, theirs)


def test_reduce_is_the_adjoint_of_bicubic_upsampling():
    small = maps(1, 1, 20)
    small[..., :3] = small[..., -3:] = 0  # near the border, `reduce` repeats pixels
    line = np.random.default_rng(1).integers(64, 192, 60, np.uint8)
    kernel = interpolation.bicubic_kernel(3)
    up = reference.phases(small, kernel.taps[None, None], stride=3, padding=kernel.padding)[0, 0]
    down = interpolation.reduce(np.stack([line] * 3, axis=1), 3)[:, 0]
    rounding = 0.5 * np.abs(small).sum()
    assert abs(small[0, 0] @ down - up @ line / 3) <= rounding
    assert abs(small[0, 0] @ down[::-1] - up @ line / 3) > rounding


def test_reduce_reproduces_every_benchmark_file():
    benchmark = Path(os.environ["UPWEAVE_DATA"]) / "benchmark"
    low = sorted(benchmark.glob("*/LR/x*/*.png"))
    assert len(low) == 357
    different = []
    for path in low:
        scale = int(path.parent.name[1:])
        expected = files.read(path).pixels
        height, width = (scale * n for n in expected.shape[:2])
        high = files.read(path.parents[2] / "HR" / path.name).pixels[:height, :width]
        if not np.array_equal(interpolation.reduce(high, scale), expected):
            different.append(path)
    assert different == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interpolation.nearest(maps(1, 1, 4), 0), "scale: got 0; expected a whole number"),
        (lambda: interpolation.nearest(maps(1, 1, 4), 1.5), "scale: got 1.5"),
        (lambda: interpolation.bicubic(maps(4, 4), 2), r"x: got shape \(4, 4\)"),
        (lambda: interpolation.reduce(np.zeros((4, 6), np.uint8), 4), "got 4×6; expected multiple"),
        (lambda: interpolation.max_pool(maps(1, 1, 4), 5), "size: got 5"),
        (
            lambda: interpolation.max_unpool(maps(1, 1, 1), np.full((1, 1, 1), 4), (4,)),
            "outside 0 to 3",
        ),
        (
            lambda: interpolation.max_unpool(maps(1, 1, 1), np.zeros((1, 1, 2), int), (4,)),
            r"indices: got shape \(1, 1, 2\)",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: interpolation.nearest(np.zeros((1, 1, 4), int), 2),
        lambda: interpolation.nearest([[[1.0]]], 2),
        lambda: interpolation.reduce(np.zeros((4, 4)), 2),
    ],
)
def test_other_types_are_refused(call):
    with pytest.raises(TypeError, match=r"expected an? .*array"):
        call()

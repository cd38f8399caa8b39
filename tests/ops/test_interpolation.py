"""Interpolation: its two forms, and PyTorch, ONNX Runtime, published scores and the benchmarks."""

import re
from functools import cache

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from comparison import assert_equal_exactly
from upweave.ops import interpolation, reference
from upweave.pictures import files

SCALES = (1, 2, 3, 4, 5, 6, 7)
SIZES = ((1,), (2,), (9,), (1, 1), (1, 6), (5, 3), (8, 9), (2, 3, 4))
FIXED = ("half_pixel", "asymmetric")
METHODS = {
    "nearest": interpolation.nearest,
    "bilinear": interpolation.bilinear,
    "bicubic": interpolation.bicubic,
}


def maps(*shape, dtype=np.float64):
    return np.random.default_rng(7).standard_normal(shape).astype(dtype)


def whole(*shape, dtype=np.float64):
    return np.random.default_rng(7).integers(-8, 9, shape).astype(dtype)


def transposed(x, kernel, padding):
    """Return the transposed convolution of every channel with the kernel, along every axis."""
    taps, axes = kernel.taps, x.ndim - 2
    for _ in range(axes - 1):
        taps = np.multiply.outer(taps, kernel.taps)
    y = reference.scatter(
        x.reshape(-1, 1, *x.shape[2:]),
        taps.astype(x.dtype)[None, None],
        stride=kernel.scale,
        padding=[padding] * axes,
    )
    return y.reshape(*x.shape[:2], *y.shape[2:])


@pytest.mark.parametrize("scale", SCALES)
def test_kernels_have_the_stated_taps_and_phases_that_sum_to_one(scale):
    sizes = {
        "half_pixel": (scale, 2 * scale - scale % 2, 4 * scale - scale % 2),
        "asymmetric": (scale, 2 * scale - 1, 4 * scale - 1),
    }
    for positions in FIXED:
        for name, size in zip(METHODS, sizes[positions], strict=True):
            for a in (-0.5, -0.75):
                kernel = interpolation.kernel(name, scale, a=a, positions=positions)
                assert len(kernel.taps) == size
                assert_allclose(kernel.taps, kernel.taps[::-1], rtol=1e-15)
                sums = [kernel.taps[r::scale].sum() for r in range(scale)]
                assert_allclose(sums, 1, rtol=1e-15)
                assert not kernel.taps.flags.writeable
    nails = interpolation.kernel("bed_of_nails", scale)
    assert (nails.taps.tolist(), nails.padding, nails.halo) == ([1], (0, 1 - scale), 0)


def test_the_bicubic_kernel_by_hand():
    # Keys' cubic at 1/4, 3/4, 5/4, 7/4 for scale 2: 111, 29, -9 and -3 of 128.
    half = np.array([-3, -9, 29, 111]) / 128
    assert_array_equal(interpolation.kernel("bicubic", 2).taps, [*half, *half[::-1]])
    # At 0, 1/2, 1 and 3/2, where every second output is an input: 16, 9, 0 and -1 of 16.
    half = np.array([-1, 0, 9]) / 16
    taps = interpolation.kernel("bicubic", 2, positions="asymmetric").taps
    assert_array_equal(taps, [*half, 1, *half[::-1]])


@pytest.mark.parametrize("positions", FIXED)
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("scale", SCALES)
def test_the_direct_form_is_the_transposed_convolution(scale, name, positions):
    """Away from the border as it is; everywhere, with the edge pixel repeated around the input."""
    # Whole numbers, and weights that are fractions of powers of 2: no sum is rounded.
    exact = name == "nearest" or scale in (1, 2, 4)
    for a in (-0.5, -0.75) if name == "bicubic" else (-0.5,):
        kernel = interpolation.kernel(name, scale, a=a, positions=positions)
        for size in SIZES:
            x = whole(2, 2, *size)
            options = {"a": a} if name == "bicubic" else {}
            direct = METHODS[name](x, scale, positions=positions, **options)

            halo = kernel.halo
            around = [(0, 0), (0, 0), *[(halo, halo)] * len(size)]
            padded = transposed(np.pad(x, around, "edge"), kernel, kernel.crop)

            inner = tuple(slice(scale * halo, scale * (n - halo)) for n in size)
            away = (slice(None), slice(None), *inner)
            plain = transposed(x, kernel, kernel.padding)
            for got, want in ((padded, direct), (plain[away], direct[away])):
                if exact:
                    assert_equal_exactly(got, want)
                else:
                    assert got.shape == want.shape
                    assert_allclose(got, want, rtol=0, atol=1e-13)


def test_at_the_border_the_plain_transposed_convolution_differs():
    x = np.ones((1, 1, 4))
    for name in ("bilinear", "bicubic"):
        kernel = interpolation.kernel(name, 2)
        plain = transposed(x, kernel, kernel.padding)
        assert plain[0, 0, 0] != 1
        assert_array_equal(METHODS[name](x, 2), np.ones((1, 1, 8)))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES)
def test_bed_of_nails_is_a_single_tap(scale, size):
    x = whole(2, 3, *size, dtype=np.float32)
    y = interpolation.bed_of_nails(x, scale)
    assert_array_equal(y[:, :, *[slice(None, None, scale)] * len(size)], x)
    assert np.count_nonzero(y) == np.count_nonzero(x)
    kernel = interpolation.kernel("bed_of_nails", scale)
    assert_equal_exactly(transposed(x, kernel, kernel.padding), y)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", SIZES)
def test_equal_to_torch(scale, size):
    x = maps(2, 3, *size)
    t = torch.from_numpy(x)

    def theirs(mode, **options):
        return torch.nn.functional.interpolate(t, scale_factor=scale, mode=mode, **options).numpy()

    assert_array_equal(interpolation.nearest(x, scale), theirs("nearest"))
    assert_array_equal(interpolation.nearest(x, scale), theirs("nearest-exact"))
    linear = ("linear", "bilinear", "trilinear")[len(size) - 1]
    for positions, corners in (("half_pixel", False), ("align_corners", True)):
        ours = interpolation.bilinear(x, scale, positions=positions)
        assert_allclose(ours, theirs(linear, align_corners=corners), rtol=0, atol=1e-13)
        if len(size) == 2:  # torch's cubic is for two axes, and has a = -0.75
            ours = interpolation.bicubic(x, scale, a=-0.75, positions=positions)
            assert_allclose(ours, theirs("bicubic", align_corners=corners), rtol=0, atol=1e-13)


@cache
def session(axes, scale, attributes):
    """Return ONNX Runtime with a graph of one Resize."""
    helper = onnx.helper
    scales = helper.make_tensor(
        "scales", onnx.TensorProto.FLOAT, [axes + 2], [1, 1] + [scale] * axes
    )
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], **dict(attributes))
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None] * (axes + 2))
        for name in ("x", "y")
    ]
    graph = helper.make_graph([node], "resize", ends[:1], ends[1:], [scales])
    opset = [helper.make_opsetid("", 19)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def onnx_resize(x, scale, mode, positions, **attributes):
    words = {"mode": mode, "coordinate_transformation_mode": positions} | attributes
    running = session(x.ndim - 2, scale, tuple(sorted(words.items())))
    return running.run(None, {"x": x})[0]


@pytest.mark.parametrize("positions", interpolation.POSITIONS)
@pytest.mark.parametrize("scale", SCALES)
def test_equal_to_onnx_runtime(scale, positions):
    rounding = "floor" if positions == "asymmetric" else "round_prefer_floor"
    for size in SIZES:
        x = whole(1, 2, *size, dtype=np.float32)
        theirs = onnx_resize(x, scale, "nearest", positions, nearest_mode=rounding)
        assert_array_equal(interpolation.nearest(x, scale, positions=positions), theirs)
        # ONNX Runtime finds places in float32, a few units of 1e-7 from where they are.
        near = {"rtol": 0, "atol": 2e-4}
        theirs = onnx_resize(x, scale, "linear", positions)
        assert_allclose(interpolation.bilinear(x, scale, positions=positions), theirs, **near)
        if len(size) != 2:
            continue  # its cubic is for two axes
        for a in (-0.5, -0.75):
            theirs = onnx_resize(x, scale, "cubic", positions, cubic_coeff_a=a)
            ours = interpolation.bicubic(x, scale, a, positions=positions)
            assert_allclose(ours, theirs, **near)


def test_aligned_corners_are_the_corners_and_ties_go_to_the_first():
    x = whole(1, 1, 3, 5)
    for scale in SCALES:
        for method in METHODS.values():
            y = method(x, scale, positions="align_corners")
            assert_allclose(y[..., [[0], [-1]], [0, -1]], x[..., [[0], [-1]], [0, -1]], atol=1e-14)
    # Outputs 0 to 8 of 3 inputs lie 1/4 apart: the third is as near to the first input as to the
    # second.
    nearest = interpolation.nearest(np.arange(3.0)[None, None], 3, positions="align_corners")
    assert nearest.tolist() == [[[0, 0, 0, 1, 1, 1, 1, 2, 2]]]


@pytest.mark.parametrize("method", [*METHODS.values(), interpolation.bed_of_nails])
def test_both_types_any_memory_and_no_memory_shared(method):
    x = whole(2, 3, 4, 5, dtype=np.float32)
    for scale in (1, 2):
        want = method(x, scale)
        assert want.dtype == np.float32
        assert_equal_exactly(method(x.astype(np.float64), scale).astype(np.float32), want)
        for other in (np.asfortranarray(x), np.ascontiguousarray(x[::-1, :, ::-1])[::-1, :, ::-1]):
            got = method(other, scale)
            assert_equal_exactly(got, want)
            assert got.flags.c_contiguous
            assert not np.may_share_memory(got, other)
    assert method(x[:0], 3).shape == (0, 3, 12, 15)


def test_weights_keep_their_digits_however_large_the_map():
    """A line that repeats makes a result that repeats, to the last bit."""
    x = np.tile(whole(1, 1, 50), 400)
    for positions in FIXED:
        y = interpolation.bicubic(x, 3, positions=positions)
        assert_array_equal(y[..., 150:300], y[..., -300:-150])


def test_bicubic_reproduces_a_quadratic_inside_and_a_constant_everywhere():
    x = np.arange(12.0)
    fine = {
        "half_pixel": (np.arange(48) + 0.5) / 4 - 0.5,
        "asymmetric": np.arange(48) / 4,
        "align_corners": np.arange(48) * 11 / 47,
    }
    for positions, places in fine.items():
        y = interpolation.bicubic((x**2)[None, None], 4, positions=positions)[0, 0]
        assert_allclose(y[8:-8], places[8:-8] ** 2, atol=1e-12)
        flat = interpolation.bicubic(np.full((1, 1, 3, 2), 0.7), 3, positions=positions)
        assert_allclose(flat, 0.7, atol=1e-15)


@pytest.mark.parametrize(
    ("size", "window", "options"),
    [
        ((6, 9), 3, {}),
        ((7, 11), 3, {}),
        ((3, 3), 3, {}),
        ((10,), 2, {"stride": 1}),
        ((10,), 3, {"stride": 2, "padding": 1}),
        ((7, 9), (3, 2), {"stride": (2, 3), "padding": (1, 0)}),
        ((5, 6), 4, {"stride": 1, "padding": 2}),
        ((4, 5, 6), 2, {}),
        ((5, 4, 6), (3, 2, 2), {"stride": (1, 2, 3), "padding": 1}),
        ((1, 1), 2, {"padding": 1}),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_pool_and_unpool_are_torchs(size, window, options, dtype):
    functional = torch.nn.functional
    pool = getattr(functional, f"max_pool{len(size)}d")
    x = np.round(maps(2, 3, *size, dtype=dtype), 1)
    x[0, 0].flat[:4] = 5  # of equal values the first is taken
    x[0, 1] = -np.inf
    x[1, 0].flat[::7] = np.nan
    values, indices = interpolation.max_pool(x, window, **options)
    t, where = pool(torch.from_numpy(x), window, **options, return_indices=True)
    assert values.dtype == dtype
    assert_array_equal(values, t.numpy())
    assert_array_equal(indices, where.numpy())
    if options:
        return  # windows overlap: an input may be the largest of several
    back = interpolation.max_unpool(values, indices, size)
    unpool = getattr(functional, f"max_unpool{len(size)}d")
    assert_array_equal(back, unpool(t, where, window, output_size=size).numpy())


def test_unpooling_undoes_pooling_where_the_largest_values_are():
    x = np.abs(whole(2, 3, 6, 8)) + 1
    values, indices = interpolation.max_pool(x, 2)
    back = interpolation.max_unpool(values, indices, (6, 8))
    assert_array_equal(back[back > 0], x[back > 0])
    assert_array_equal(interpolation.max_pool(back, 2)[0], values)
    assert interpolation.max_pool(x[:0], 2)[0].shape == (0, 3, 3, 4)


def test_reduce_is_the_adjoint_of_bicubic_upsampling():
    small = maps(1, 1, 20)
    small[..., :3] = small[..., -3:] = 0  # near the border, `reduce` repeats pixels
    line = np.random.default_rng(1).integers(64, 192, 60, np.uint8)
    kernel = interpolation.kernel("bicubic", 3)
    up = reference.phases(small, kernel.taps[None, None], stride=3, padding=[kernel.padding])[0, 0]
    down = interpolation.reduce(np.stack([line] * 3, axis=1), 3)[:, 0]
    rounding = 0.5 * np.abs(small).sum()
    assert abs(small[0, 0] @ down - up @ line / 3) <= rounding
    assert abs(small[0, 0] @ down[::-1] - up @ line / 3) > rounding


def test_reduce_reproduces_every_benchmark_file(data):
    benchmark = data / "benchmark"
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


X = maps(1, 1, 4)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: interpolation.nearest(X, 0), ValueError, "scale: got 0; at least 1"),
        (lambda: interpolation.bilinear(X, 1.5), TypeError, "scale: got 1.5; a whole number"),
        (lambda: interpolation.bicubic(X, True), TypeError, "scale: got True; a whole number"),
        (lambda: interpolation.bed_of_nails(X, -1), ValueError, "scale: got -1; at least 1"),
        (
            lambda: interpolation.nearest(X, 2, positions="pytorch"),
            ValueError,
            'positions: got \'pytorch\'; "half_pixel", "asymmetric" or "align_corners"',
        ),
        (
            lambda: interpolation.kernel("bilinear", 2, positions=None),
            ValueError,
            'positions: got None; "half_pixel", "asymmetric" or',
        ),
        (
            lambda: interpolation.kernel("bilinear", 2, positions="align_corners"),
            ValueError,
            'positions: got "align_corners", whose weights differ from pixel to pixel, as no '
            'kernel\'s do; "half_pixel" or "asymmetric" would do',
        ),
        (
            lambda: interpolation.kernel("lanczos", 2),
            ValueError,
            'name: got \'lanczos\'; "nearest", "bilinear", "bicubic" or "bed_of_nails"',
        ),
        (lambda: interpolation.kernel("nearest", 0), ValueError, "scale: got 0; at least 1"),
        (lambda: interpolation.bicubic(X[0], 2), ValueError, "x: got the shape (1, 4); (N, C,"),
        (lambda: interpolation.bicubic(X[..., :0], 2), ValueError, "x: got the shape (1, 1, 0);"),
        (lambda: interpolation.nearest(X.astype(int), 2), TypeError, "x: got an array of int64"),
        (lambda: interpolation.nearest(X.astype("f2"), 2), TypeError, "x: got an array of float16"),
        (lambda: interpolation.nearest([[[1.0]]], 2), TypeError, "x: got a list; a NumPy array"),
        (lambda: interpolation.max_pool(X, 5), ValueError, "size: got 5 on axis 0 for 4 pixels"),
        (lambda: interpolation.max_pool(X, 0), ValueError, "size: got 0 on axis 0; at least 1"),
        (lambda: interpolation.max_pool(X, (1, 2)), ValueError, "size: got (1, 2) for 1 axis;"),
        (lambda: interpolation.max_pool(X, 2.0), TypeError, "size: got 2.0; whole numbers"),
        (lambda: interpolation.max_pool(X, 2, stride=0), ValueError, "stride: got 0 on axis 0;"),
        (
            lambda: interpolation.max_pool(X, 3, padding=2),
            ValueError,
            "padding: got 2 on axis 0 with size 3; at most 1 would do",
        ),
        (lambda: interpolation.max_pool(X, 3, padding=-1), ValueError, "padding: got -1 on axis"),
        (
            lambda: interpolation.max_unpool(X[..., :1], np.full((1, 1, 1), 4), (4,)),
            ValueError,
            "indices: got 4; 0 to 3 would do",
        ),
        (
            lambda: interpolation.max_unpool(X[..., :1], np.full((1, 1, 1), -1), (4,)),
            ValueError,
            "indices: got -1; 0 to 3 would do",
        ),
        (
            lambda: interpolation.max_unpool(X[..., :1], np.zeros((1, 1, 2), int), (4,)),
            ValueError,
            "indices: got the shape (1, 1, 2); that of x, (1, 1, 1), would do",
        ),
        (
            lambda: interpolation.max_unpool(X, np.zeros((1, 1, 4), int), (2, 4)),
            ValueError,
            "output_size: got (2, 4); 1 numbers, one per spatial axis, would do",
        ),
        (
            lambda: interpolation.reduce(np.zeros((4, 6), np.uint8), 4),
            ValueError,
            "picture: got 4×6; multiples of 4 would do",
        ),
        (
            lambda: interpolation.reduce(np.zeros(4, np.uint8), 2),
            ValueError,
            "picture: got the shape (4,); (H, W) or (H, W, C)",
        ),
        (
            lambda: interpolation.reduce(np.zeros((4, 4)), 2),
            TypeError,
            "picture: got float64; an array of uint8",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        call()
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)

import inspect
import re
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from comparison import assert_equal_exactly, assert_within_bound
from strategies import LARGEST, repeatable
from upweave.ops.conventions import torch as ours
from upweave.ops.conventions.torch.convolutions import layer_of

TYPES = st.sampled_from([np.float32, np.float64])


def tensor(value):
    """Return arrays of floats in double precision, for which PyTorch compiles nothing."""
    if not isinstance(value, np.ndarray):
        return value
    made = torch.from_numpy(value)
    return made.double() if made.is_floating_point() else made


def theirs(name, *arguments, **options):
    """Return what PyTorch computes, in the type of the first argument."""
    y = getattr(functional, name)(*map(tensor, arguments), **options)
    return y.numpy().astype(arguments[0].dtype)


@st.composite
def layers(draw, *, transposed, whole=True):
    """Draw a function's name, arrays and options that PyTorch accepts."""
    axes = draw(st.integers(1, 3))
    most = LARGEST[axes]

    def per_axis(values):
        """Draw one number per axis, given as such, for all in one, or in a sequence of one."""
        many = draw(st.tuples(*[values] * axes))
        form = draw(st.sampled_from([tuple, list, "int", "single"]))
        if form == "int":
            return many[:1] * axes, many[0]
        return (many[:1] * axes, many[:1]) if form == "single" else (many, form(many))

    k = draw(st.tuples(*[st.integers(1, most["kernel"])] * axes))
    s, stride = per_axis(st.integers(1, most["stride"]))
    d, dilation = per_axis(st.integers(1, most["dilation"]))
    p, padding = per_axis(st.integers(0, 3))
    extents = [b * (n - 1) + 1 for n, b in zip(k, d, strict=True)]
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    if transposed:
        bound = min(max(pair) for pair in zip(s, d, strict=True))
        a, options["output_padding"] = per_axis(st.integers(0, bound - 1))
        least = [
            max(1, -((e + e2 - 1 - 2 * q) // t) + 1)
            for e, e2, q, t in zip(extents, a, p, s, strict=True)
        ]
    else:
        word = draw(st.sampled_from([None, None, "valid", "same"]))
        if word == "same":
            options["stride"] = draw(st.sampled_from([1, (1,) * axes]))
            least = [1] * axes
        else:
            p = p if word is None else (0,) * axes
            least = [max(1, e - 2 * q) for e, q in zip(extents, p, strict=True)]
        options["padding"] = options["padding"] if word is None else word
    spatial = [draw(st.integers(n, n + most["size"])) for n in least]
    groups = options["groups"] = draw(st.integers(1, 3))
    inside, outside = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    batch = draw(st.sampled_from([(), (0,), (1,), (2,)]))
    c_in, c_out = groups * inside, groups * outside
    w_shape = (c_in, outside, *k) if transposed else (c_out, inside, *k)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(TYPES)

    def array(shape):
        values = rng.integers(-4, 5, shape) if whole else rng.standard_normal(shape)
        return values.astype(dtype)

    bias = array(c_out) if draw(st.booleans()) else None
    name = f"conv{'_transpose' if transposed else ''}{axes}d"
    return name, (array((*batch, c_in, *spatial)), array(w_shape), bias), options


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("transposed", [False, True])
def test_convolutions_equal_torchs_on_whole_numbers(transposed):
    @settings(repeatable, max_examples=400)
    @given(layers(transposed=transposed))
    def check(layer):
        name, arrays, options = layer
        got = getattr(ours, name)(*arrays, **options)
        assert_equal_exactly(got, theirs(name, *arrays, **options))

    check()


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("transposed", [False, True])
def test_convolutions_agree_with_torchs_within_the_bound(transposed):
    @settings(repeatable, max_examples=200)
    @given(layers(transposed=transposed, whole=False))
    def check(layer):
        name, arrays, options = layer
        operator = getattr(ours, name)
        got = operator(*arrays, **options)
        assert_within_bound(got, theirs(name, *arrays, **options), operator, *arrays, **options)

    check()


@settings(repeatable, max_examples=300)
@given(
    st.integers(1, 3),
    st.sampled_from([(), (0,), (1,), (2, 3)]),
    st.tuples(*[st.integers(0, 3)] * 3),
    TYPES,
)
def test_pixel_shuffles_equal_torchs(r, batch, shape, dtype):
    channels, height, width = shape

    def array(*sizes):
        return np.arange(prod(sizes), dtype=dtype).reshape(sizes)

    x = array(*batch, channels * r * r, height, width)
    big = ours.pixel_shuffle(x, r)
    assert_equal_exactly(big, theirs("pixel_shuffle", x, r))
    assert_equal_exactly(ours.pixel_unshuffle(big, r), x)
    x = array(*batch, channels, height * r, width * r)
    small = ours.pixel_unshuffle(x, r)
    if x.size:
        assert_equal_exactly(small, theirs("pixel_unshuffle", x, r))
    else:  # PyTorch returns an empty tensor as it is; its shape rule, on "meta", holds here
        want = functional.pixel_unshuffle(torch.empty(x.shape, device="meta"), r)
        assert small.shape == want.shape


def test_pixel_shuffles_share_no_memory_and_move_infinities():
    x = np.array([np.inf, -1.0, 0.0, 2.0]).reshape(4, 1, 1)
    for got in (ours.pixel_shuffle(x, 2), ours.pixel_unshuffle(x, 1)):
        assert sorted(got.ravel()) == sorted(x.ravel())
        assert not np.shares_memory(got, x)


@settings(repeatable, max_examples=400)
@given(st.data())
def test_unpoolings_equal_torchs(data):
    draw = data.draw
    axes = draw(st.integers(1, 3))
    each = {
        name: draw(st.tuples(*[values] * axes))
        for name, values in {
            "spatial": st.integers(1, 4),
            "kernel": st.integers(1, 4),
            "stride": st.integers(1, 4),
        }.items()
    }
    stride = each["stride"] if draw(st.booleans()) else None
    padding = tuple(draw(st.integers(-1, (k - 1) // 2)) for k in each["kernel"])
    s = stride or each["kernel"]
    size = tuple(
        (i - 1) * t + k - 2 * p
        for i, t, k, p in zip(each["spatial"], s, each["kernel"], padding, strict=True)
    )
    output_size = None
    if draw(st.booleans()):
        size = tuple(
            draw(st.integers(max(n - t + 1, 1), n + t - 1)) for n, t in zip(size, s, strict=True)
        )
        output_size = draw(st.sampled_from([size, (9, 9, *size), list(size)]))
    batch = draw(st.sampled_from([(2,), (0, 2), (1, 2), (2, 1)]))
    shape = (*batch, *each["spatial"])
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape).astype(draw(TYPES))
    indices = rng.integers(0, prod(size), shape)
    arguments = (x, indices, each["kernel"], stride, padding, output_size)
    name = f"max_unpool{axes}d"
    got = getattr(ours, name)(*arguments)
    assert_equal_exactly(got, theirs(name, *arguments))


def test_unpooling_undoes_torchs_pooling_with_numbers_for_all_axes():
    x = (
        np.random.default_rng(0)
        .permutation(256.0 * np.ones(256) - np.arange(256))
        .reshape(2, 2, 8, 8)[..., :7]
    )
    pooled, indices = functional.max_pool2d(tensor(x), 3, 2, 1, return_indices=True)
    got = ours.max_unpool2d(pooled.numpy(), indices.numpy(), 3, 2, 1, x.shape)
    want = functional.max_unpool2d(pooled, indices, 3, 2, 1, x.shape).numpy()
    assert_equal_exactly(got, want)
    assert (got[got != 0] == x[got != 0]).all()


def test_an_unpooling_that_leaves_nothing_is_empty_as_torchs():
    x, indices = np.ones((1, 2)), np.zeros((1, 2), np.int64)
    got = ours.max_unpool1d(x, indices, 2, 2, 2)
    assert_equal_exactly(got, theirs("max_unpool1d", x, indices, 2, 2, 2))


@pytest.mark.parametrize("name", ours.__all__)
def test_arguments_have_torchs_names_order_and_defaults(name):
    mine = inspect.signature(getattr(ours, name)).parameters.values()
    known = {
        "conv": "input weight bias=None stride=1 padding=0 dilation=1 groups=1",
        "conv_transpose": "input weight bias=None stride=1 padding=0 output_padding=0 groups=1 "
        "dilation=1",
        "interpolate": "input size=None scale_factor=None mode=nearest align_corners=None "
        "recompute_scale_factor=None antialias=False",
        "max_unpool": "input indices kernel_size stride=None padding=0 output_size=None",
        "pixel_shuffle": "input upscale_factor",
        "pixel_unshuffle": "input downscale_factor",
    }[re.sub(r"\dd$", "", name)]
    words = [p.name if p.default is p.empty else f"{p.name}={p.default}" for p in mine]
    assert " ".join(words) == known


def arrays(*shapes):
    return tuple(np.ones(shape) for shape in shapes)


X, W = arrays((1, 2, 5, 5), (2, 2, 3, 3))
V, AT = np.ones((1, 2)), np.array([[1, 2]])
BOTH = ("conv2d", "conv_transpose2d")

WRONG = [
    *((name, (X.tolist(), W), {}, TypeError, "input: got a list; a NumPy") for name in BOTH),
    *((name, (X.astype(int), W), {}, TypeError, "input: got an array of int64") for name in BOTH),
    *((name, (X, W.astype("f4")), {}, TypeError, "weight: got float32, but") for name in BOTH),
    *((name, (X, W, 1), {}, TypeError, "bias: got a int; a NumPy") for name in BOTH),
    *((name, (X[0, 0], W), {}, ValueError, "input: got the shape (5, 5); 4 axes") for name in BOTH),
    *((name, (X, W[0]), {}, ValueError, "weight: got the shape (2, 3, 3); (C_") for name in BOTH),
    *(
        (name, (X[:, :1], W), {}, ValueError, "input: got the shape (1, 1, 5, 5); 2")
        for name in BOTH
    ),
    *((name, (X[..., :0], W), {}, ValueError, "spatial sizes of at least 1") for name in BOTH),
    *(
        (name, (X, W, np.ones(1)), {}, ValueError, "bias: got the shape (1,); (2,)")
        for name in BOTH
    ),
    *((name, (X, W), {"groups": 0}, ValueError, "groups: got 0; at least 1") for name in BOTH),
    *((name, (X, W), {"groups": 3}, ValueError, "groups: got 3; a divisor of 2") for name in BOTH),
    *((name, (X, W), {"groups": True}, TypeError, "groups: got True; a whole") for name in BOTH),
    *((name, (X, W), {"stride": 0}, ValueError, "stride: got 0 on axis 0; at") for name in BOTH),
    *((name, (X, W), {"stride": 2.0}, TypeError, "stride: got 2.0; whole") for name in BOTH),
    *(
        (name, (X, W), {"stride": (1, 1, 1)}, ValueError, "stride: got (1, 1, 1) for")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"dilation": (1, 0)}, ValueError, "dilation: got 0 on axis 1")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"padding": -1}, ValueError, "padding: got -1 on axis 0; at")
        for name in BOTH
    ),
    ("conv2d", (X, W), {"padding": ((1, 2), (1, 2))}, TypeError, "padding: got ((1, 2), (1, 2))"),
    ("conv2d", (X, W), {"padding": "SAME"}, ValueError, "padding: got 'SAME'; \"valid\""),
    ("conv2d", (X, W), {"padding": "same", "stride": 2}, ValueError, 'padding: got "same" with'),
    (
        "conv2d",
        (X, W),
        {"padding": "same", "stride": (1, 2)},
        ValueError,
        "with stride (1, 2); stride 1, or",
    ),
    ("conv2d", (X, W), {"dilation": 3}, ValueError, "input: size 5 on axis 0: too small"),
    ("conv_transpose2d", (X, W), {"padding": "same"}, TypeError, "padding: got 'same'; whole"),
    ("conv_transpose2d", (X, W), {"output_padding": 1}, ValueError, "output_padding: got 1 on"),
    ("conv_transpose2d", (X, W), {"output_padding": -1}, ValueError, "output_padding: got -1 on"),
    (
        "conv_transpose2d",
        (X, W),
        {"padding": 4},
        ValueError,
        "padding: got 4 on axis 0, which leaves -1",
    ),
    ("pixel_shuffle", (X, 2), {}, ValueError, "input: got 2 channels in the shape (1, 2, 5, 5)"),
    ("pixel_shuffle", (X, 0), {}, ValueError, "upscale_factor: got 0; at least 1"),
    ("pixel_shuffle", (X, 2.0), {}, TypeError, "upscale_factor: got 2.0; a whole number"),
    ("pixel_shuffle", (X[0, 0], 1), {}, ValueError, "input: got the shape (5, 5); at least 3"),
    ("pixel_unshuffle", (X, 2), {}, ValueError, "input: got the size 5 x 5; multiples of 2"),
    ("pixel_unshuffle", (X, -1), {}, ValueError, "downscale_factor: got -1; at least 1"),
    ("max_unpool1d", (V.astype(int), AT, 2), {}, TypeError, "input: got an array of int64"),
    ("max_unpool1d", (V[0], AT, 2), {}, ValueError, "input: got the shape (2,); 3 axes"),
    ("max_unpool1d", (V[:, :0], AT, 2), {}, ValueError, "input: got the shape (1, 0); sizes"),
    ("max_unpool1d", (V, AT.astype("i4"), 2), {}, TypeError, "indices: got an array of int32"),
    ("max_unpool1d", (V, AT[0], 2), {}, ValueError, "indices: got the shape (2,); that of"),
    ("max_unpool1d", (V, AT + 2, 2), {}, ValueError, "indices: got 4; 0 to 3"),
    ("max_unpool1d", (V, AT - 2, 2), {}, ValueError, "indices: got -1; 0 to 3"),
    ("max_unpool1d", (V, AT, 2.5), {}, TypeError, "kernel_size: got 2.5; whole numbers"),
    ("max_unpool1d", (V, AT, 2, 2, 3), {}, ValueError, "padding: got 3 on axis 0, which leaves"),
    ("max_unpool1d", (V, AT, 2), {"output_size": 5}, TypeError, "output_size: got 5; 1 whole"),
    ("max_unpool1d", (V, AT, 2), {"output_size": (6,)}, ValueError, "output_size: got 6 on axis"),
    ("max_unpool1d", (V, AT, 2), {"output_size": (1, 5)}, ValueError, "output_size: got (1, 5); 1"),
]


@pytest.mark.parametrize(("name", "arguments", "options", "error", "text"), WRONG)
def test_what_torch_refuses_is_refused_in_one_line(name, arguments, options, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        getattr(ours, name)(*arguments, **options)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)
    with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)):
        getattr(functional, name)(
            *(torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arguments), **options
        )


def test_beyond_torch_strides_and_kernels_of_unpoolings_are_at_least_1():
    for name in ("kernel_size", "stride"):
        options = {"kernel_size": 2} | {name: 0}
        with pytest.raises(ValueError, match=f"{name}: got 0 on axis 0; at least 1 would do"):
            ours.max_unpool1d(V, AT, **options)


def flipped(array):
    """Return an equal array that lies backwards in memory."""
    return np.ascontiguousarray(array[..., ::-1])[..., ::-1]


@pytest.mark.parametrize("change", [np.asfortranarray, flipped])
def test_results_are_contiguous_whatever_the_inputs_memory(change):
    rng = np.random.default_rng(1)
    x, w = rng.integers(-4, 5, (2, 4, 4, 6)).astype(float), rng.integers(-4, 5, (4, 4, 3, 2)) * 1.0
    indices = rng.integers(0, 9, x.shape)  # many equal ones, of which the last counts
    for name, arrays, options in [
        ("conv2d", (x, w), {}),
        ("conv_transpose2d", (x, w), {"stride": 2}),
        ("pixel_shuffle", (x,), {"upscale_factor": 2}),
        ("pixel_unshuffle", (x,), {"downscale_factor": 2}),
        ("max_unpool2d", (x, indices), {"kernel_size": 2}),
        ("interpolate", (x,), {"size": (3, 9)}),
        ("interpolate", (x,), {"size": (4, 6), "mode": "bilinear", "antialias": True}),
    ]:
        given = [change(a) for a in arrays]
        got = getattr(ours, name)(*given, **options)
        assert_equal_exactly(got, theirs(name, *arrays, **options))
        assert got.flags.c_contiguous
        assert not np.shares_memory(got, given[0])


@settings(repeatable, max_examples=50)
@given(layers(transposed=True))
def test_a_layer_is_what_the_function_does(layer):
    name, (x, w, bias), options = layer
    made = layer_of(w, **options)
    batch = x if x.ndim == w.ndim else x[None]
    want = getattr(ours, name)(x, w, bias, **options)
    assert_equal_exactly(made(batch, bias), want if x.ndim == w.ndim else want[None])


@pytest.mark.parametrize(
    ("weight", "options", "text"),
    [
        (np.ones((2, 2)), {}, "weight: got the shape (2, 2); (C_in"),
        (np.ones((2, 2, 1, 1, 1, 1)), {}, "weight: got the shape (2, 2, 1, 1, 1, 1); (C_in"),
        (np.ones((2, 2, 3)), {"groups": 3}, "groups: got 3; a divisor of 2"),
        (np.ones((2, 2, 3)), {"output_padding": 1}, "output_padding: got 1 on axis 0"),
    ],
)
def test_a_layer_refuses_what_the_function_refuses(weight, options, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        layer_of(weight, **options)

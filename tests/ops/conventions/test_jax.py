"""JAX's words beyond the golden vectors: arrays of any layout, orders of axes, what is refused."""

import inspect
import re
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave.ops import reference
from upweave.ops.conventions import jax as ours
from upweave.ops.conventions.jax import convolutions

FUNCTIONS = (ours.conv_transpose, ours.conv_general_dilated)


class ConvDimensionNumbers(NamedTuple):
    lhs_spec: tuple[int, ...]
    rhs_spec: tuple[int, ...]
    out_spec: tuple[int, ...]


@st.composite
def calls(draw):
    """Draw arrays in the default order of `conv_general_dilated` and what it takes; any windows."""
    axes = draw(st.integers(1, 3))
    most = {1: 6, 2: 4, 3: 3}[axes]

    def each(least, largest):
        return draw(st.tuples(*[st.integers(least, largest)] * axes))

    spatial, kernel = each(1, most), each(1, most)
    strides, apart, dilation = each(1, 3), each(1, 3), each(1, 2)
    pads = tuple(  # which leave at least one output
        (low, high + max(0, d * (k - 1) + 1 - ((i - 1) * a + 1 + low + high)))
        for low, high, i, a, k, d in zip(
            each(-2, 5), each(-2, 5), spatial, apart, kernel, dilation, strict=True
        )
    )
    groups, i, o = draw(st.tuples(*[st.integers(1, 2)] * 3))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lhs = random.integers(-4, 5, (2, i * groups, *spatial)).astype(dtype)
    rhs = random.integers(-4, 5, (o * groups, i, *kernel)).astype(dtype)
    return lhs, rhs, (strides, pads, apart, dilation), groups


@settings(repeatable, max_examples=150)
@given(calls())
def test_by_the_sum_itself(call):
    lhs, rhs, (strides, pads, apart, dilation), groups = call
    got = ours.conv_general_dilated(
        lhs, rhs, strides, pads, apart, dilation, feature_group_count=groups
    )
    want = np.zeros_like(got)
    outputs, inputs = len(rhs) // groups, rhs.shape[1]
    for place in np.ndindex(*got.shape[2:]):
        for tap in np.ndindex(*rhs.shape[2:]):
            steps = zip(place, strides, tap, dilation, pads, strict=True)
            seen = [o * s + t * d - low for o, s, t, d, (low, _) in steps]
            at = [divmod(n, a) for n, a in zip(seen, apart, strict=True)]
            if any(rest for _, rest in at) or any(
                not 0 <= j < n for (j, _), n in zip(at, lhs.shape[2:], strict=True)
            ):
                continue  # an inserted zero, or padding
            column = lhs[:, :, *(j for j, _ in at)].reshape(len(lhs), groups, inputs)
            taps = rhs[:, :, *tap].reshape(groups, outputs, inputs)
            want[:, :, *place] += np.einsum("ngi,goi->ngo", column, taps).reshape(len(lhs), -1)
    assert_equal_exactly(got, want)


@settings(repeatable, max_examples=100)
@given(calls(), st.permutations("HWD"), st.data())
def test_orders_of_axes_are_the_default_order_transposed(call, letters, data):
    lhs, rhs, options, groups = call
    space = "".join(letters[: lhs.ndim - 2])
    want = ours.conv_general_dilated(lhs, rhs, *options, feature_group_count=groups)
    defaults = (f"NC{space}", f"OI{space}", f"NC{space}")
    orders = ["".join(data.draw(st.permutations(order))) for order in defaults]
    places = [
        [order.index(letter) for letter in default]
        for order, default in zip(orders, defaults, strict=True)
    ]
    # The values of the other arguments follow the spatial axes in the kernel's order.
    turned = [letter for letter in orders[1] if letter in space]
    strides, pads, apart, dilation = (
        tuple(values[space.index(letter)] for letter in turned) for values in options
    )
    x, w = (a.transpose(np.argsort(p)) for a, p in zip((lhs, rhs), places, strict=False))
    got = ours.conv_general_dilated(
        x, w, strides, pads, apart, dilation, orders, feature_group_count=groups
    )
    assert_equal_exactly(got.transpose(places[2]), want)
    numbers = ConvDimensionNumbers(*map(tuple, places))
    got = ours.conv_general_dilated(x, w, *options, numbers, feature_group_count=groups)
    assert_equal_exactly(got.transpose(places[2]), want)


@settings(repeatable, max_examples=100)
@given(calls(), st.sampled_from(["SAME", "VALID", "pads"]), st.booleans(), st.booleans())
def test_the_kernel_is_flipped_and_its_channels_change_places(call, word, transposed, consistent):
    lhs, rhs, (_, pads, strides, dilation), groups = call
    x = lhs[:, : rhs.shape[1]]
    numbers = [spec + "HWD"[: rhs.ndim - 2] for spec in ("NC", "OI", "NC")]
    reach = [d * (k - 1) for k, d in zip(rhs.shape[2:], dilation, strict=True)]
    crop = tuple((r - low, r - high) for r, (low, high) in zip(reach, pads, strict=True))
    padding = (crop if consistent else pads) if word == "pads" else word
    w = rhs[: rhs.shape[0] // groups]
    if transposed:
        w = np.ascontiguousarray(np.flip(w, tuple(range(2, w.ndim))).swapaxes(0, 1))
    options = (strides, padding, dilation, numbers, transposed, consistent)
    got = ours.conv_transpose(x, w, *options)
    if word == "pads":
        plain = rhs[: rhs.shape[0] // groups]
        ones = (1,) * len(strides)
        want = ours.conv_general_dilated(x, plain, ones, pads, strides, dilation)
        assert_equal_exactly(got, want)
    layer = convolutions.layer_of(w, *options)
    assert_equal_exactly(np.ascontiguousarray(layer(x)), got)
    assert layer.geometry.stride == strides


@settings(repeatable, max_examples=50)
@given(calls(), st.sampled_from(["SAME", "VALID"]))
def test_transpose_kernel_makes_it_the_transpose(call, word):
    """<conv(y), x> = <y, conv_transpose(x)> for the same kernel, strides and words."""
    lhs, rhs, (strides, *_), groups = call
    x, w = lhs[:, : len(rhs) // groups], rhs[: len(rhs) // groups]
    x = np.resize(x, (2, len(w), *lhs.shape[2:]))
    numbers = [spec + "HWD"[: rhs.ndim - 2] for spec in ("NC", "OI", "NC")]
    y = ours.conv_transpose(x, w, strides, word, None, numbers, True)
    other = np.resize(rhs, y.shape)
    forward = ours.conv_general_dilated(other, w, strides, word)
    assert forward.shape == x.shape
    assert np.vdot(forward, x) == np.vdot(other, y)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_arrays_of_any_layout_in_memory_stay_as_they_are(axes):
    random = np.random.default_rng(3)
    x = random.integers(-4, 5, (2, *[4] * axes, 2)).astype(np.float32)
    w = random.integers(-4, 5, (*[3] * axes, 2, 2)).astype(np.float32)
    numbers = ("N" + "HWD"[:axes] + "C", "HWD"[:axes] + "IO", "N" + "HWD"[:axes] + "C")

    def layouts(array):
        yield np.asfortranarray(array)
        yield np.ascontiguousarray(array[::-1])[::-1]
        yield np.repeat(array, 2, axis=1)[:, ::2]

    def both(x, w):
        twos = (2,) * axes
        yield ours.conv_transpose(x, w, twos, "SAME")
        yield ours.conv_general_dilated(x, w, twos, "SAME", dimension_numbers=numbers)

    want = list(both(x, w))
    for x_, w_ in zip(layouts(x), layouts(w), strict=True):
        before = x_.copy(), w_.copy()
        for got, wanted in zip(both(x_, w_), want, strict=True):
            assert_equal_exactly(got, wanted)
            assert got.flags.c_contiguous
            assert not np.may_share_memory(got, x_)
        assert_equal_exactly(x_, before[0])
        assert_equal_exactly(w_, before[1])


def test_a_kernel_of_one_shares_no_memory():
    x = np.ones((1, 3, 1))
    for function in FUNCTIONS:
        y = function(x, np.ones((1, 1, 1)), (1,), "VALID", dimension_numbers=("NWC", "WIO", "NWC"))
        assert_equal_exactly(y, x)
        assert not np.may_share_memory(y, x)


def test_without_spatial_axes_it_is_a_matrix_product():
    x, w = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for padding in ("SAME", "VALID", ()):
        assert_equal_exactly(ours.conv_transpose(x, w, (), padding), x @ w)
        assert_equal_exactly(ours.conv_general_dilated(x, w.T, (), padding), x @ w)
    back = ours.conv_transpose(x @ w, w, (), "SAME", transpose_kernel=True)
    assert_equal_exactly(back, x @ w @ w.T)
    two = ours.conv_general_dilated(x.reshape(1, 6), w.T[:2], (), (), feature_group_count=2)
    assert two.tolist() == [[x[0] @ w[:, 0], x[1] @ w[:, 1]]]


def test_four_axes_where_strings_say_the_order():
    x, w = np.ones((1, 2, 2, 2, 2, 3)), np.ones((1, 2, 1, 2, 3, 2))
    numbers = ("NABDEC", "ABDEIO", "NABDEC")
    got = ours.conv_transpose(x, w, (2,) * 4, "SAME", dimension_numbers=numbers)
    assert got.shape == (1, 4, 4, 4, 4, 2)


# What JAX 0.10.2 gives; these are no layers of other frameworks, so they are not golden vectors.
@pytest.mark.parametrize(
    ("x", "w", "strides", "padding", "consistent", "shape"),
    [
        ((1, 0, 1), (3, 1, 1), (2,), "SAME", False, (1, 1, 1)),
        ((1, 0, 1), (5, 1, 1), (2,), "SAME", False, (1, 1, 1)),
        ((1, 0, 1), (3, 1, 1), (2,), "VALID", False, (1, 2, 1)),
        ((1, 0, 1), (1, 1, 1), (4,), "VALID", False, (1, 3, 1)),
        ((1, 5, 0), (2, 0, 1), (2,), "SAME", False, (1, 10, 1)),
        ((1, 5, 2), (2, 2, 0), (2,), "SAME", False, (1, 10, 0)),
        ((0, 5, 2), (2, 2, 3), (2,), "SAME", False, (0, 10, 3)),
        ((1, 1, 1), (3, 1, 1), (1,), ((2, 2),), True, (1, 0, 1)),
        ((1, 1, 1), (3, 1, 1), (1,), ((2, 3),), True, (1, 0, 1)),
        ((1, 3, 1), (3, 1, 1), (2,), ((9, -14),), False, (1, 0, 1)),
        ((1, 3, 1), (3, 1, 1), (2,), ((-9, 9),), False, (1, 3, 1)),
        ((1, 3, 1), (3, 1, 1), (2,), ((9, -9),), False, (1, 3, 1)),
    ],
)
def test_what_is_empty_is_as_large_as_in_jax_and_zero(x, w, strides, padding, consistent, shape):
    for dtype in (np.float32, np.float64):
        got = ours.conv_transpose(
            np.ones(x, dtype),
            np.ones(w, dtype),
            strides,
            padding,
            use_consistent_padding=consistent,
        )
        assert_equal_exactly(got, np.zeros(shape, dtype))


def test_sequences_of_every_kind():
    x, w = np.ones((1, 4, 4, 2)), np.ones((3, 3, 2, 1))
    want = ours.conv_transpose(x, w, (2, 1), ((1, 2), (0, 1)), (1, 2), ("NHWC", "HWIO", "NHWC"))
    assert_equal_exactly(
        ours.conv_transpose(
            x, w, [2, 1], [[1, 2], [0, 1]], [1, 2], ["NHWC", "HWIO", "NHWC"], False, False
        ),
        want,
    )
    arrays = np.array([2, 1]), np.array([[1, 2], [0, 1]]), np.array([1, 2])
    assert_equal_exactly(ours.conv_transpose(x, w, *arrays), want)


def test_words_in_small_letters_mean_something_else_where_strides_are_1():
    x, w = np.arange(5.0).reshape(1, 5, 1), np.array([1.0, 10.0]).reshape(2, 1, 1)
    got = {
        word: ours.conv_transpose(x, w, (1,), word).ravel().tolist()
        for word in ("SAME", "same", "SAME_LOWER", "VALID", "valid")
    }
    assert got["SAME"] == got["SAME_LOWER"] == [0, 10, 21, 32, 43]
    assert got["same"] == [10, 21, 32, 43, 4]
    assert got["VALID"] == [0, 10, 21, 32, 43, 4]
    assert got["valid"] == [10, 21, 32, 43]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_names_order_and_defaults(function):
    words = [
        p.name if p.default is p.empty else f"{p.name}={p.default}"
        for p in inspect.signature(function).parameters.values()
    ]
    assert (
        " ".join(words)
        == {
            "conv_transpose": "lhs rhs strides padding rhs_dilation=None dimension_numbers=None "
            "transpose_kernel=False use_consistent_padding=False",
            "conv_general_dilated": "lhs rhs window_strides padding lhs_dilation=None "
            "rhs_dilation=None dimension_numbers=None feature_group_count=1",
        }[function.__name__]
    )


X, W = np.ones((1, 2, 5, 5)), np.ones((4, 2, 3, 3))
V, U = np.ones((1, 5, 5, 2)), np.ones((3, 3, 2, 4))
S = (1, 1)
PADS = ((1, 1), (1, 1))

WRONG = [
    ((X.tolist(), W, S, "SAME"), {}, TypeError, "lhs: got a list; a NumPy"),
    ((X.astype(int), W, S, "SAME"), {}, TypeError, "lhs: got an array of int64"),
    ((X, W.astype("f4"), S, "SAME"), {}, TypeError, "rhs: got float32, but lhs is float64"),
    ((X, None, S, "SAME"), {}, TypeError, "rhs: got a NoneType; a NumPy"),
    ((X[0], W, S, "SAME"), {}, ValueError, "lhs: got the shape (2, 5, 5); 4 axes, as rhs"),
    ((np.ones(3), np.ones(3), (), "SAME"), {}, ValueError, "rhs: got 1 axes; at least 2"),
    ((X[:, :1], W, S, "SAME"), {}, ValueError, "lhs: got 1 channels in the shape (1, 1, 5, 5), b"),
    ((X, W[..., :0], S, "SAME"), {}, ValueError, "rhs: got the shape (4, 2, 3, 0); kernel sizes"),
    ((X, W, 1, "SAME"), {}, TypeError, "window_strides: got 1; a sequence of 2 whole numbers"),
    ((X, W, "11", "SAME"), {}, TypeError, "window_strides: got '11'; a sequence of 2"),
    ((X, W, (1,), "SAME"), {}, TypeError, "window_strides: got (1,); a sequence of 2"),
    ((X, W, (1, 0), "SAME"), {}, ValueError, "window_strides: got 0 on axis 1; at least 1"),
    ((X, W, (1, 2.5), "SAME"), {}, TypeError, "window_strides: got (1, 2.5); whole numbers"),
    ((X, W, S, "FULL"), {}, ValueError, 'padding: got \'FULL\'; "SAME", "SAME_LOWER", "VALID"'),
    ((X, W, S, 1), {}, ValueError, "padding: got 1; a word, or 2 (low, high) pairs"),
    ((X, W, S, None), {}, ValueError, "padding: got None; a word, or 2 (low, high) pairs"),
    ((X, W, S, (1, 1)), {}, ValueError, "padding: got (1, 1); a word, or 2"),
    ((X, W, S, ((1, 1),)), {}, ValueError, "padding: got ((1, 1),); a word, or 2"),
    ((X, W, S, ((1, 1), (1, 1.5))), {}, ValueError, "padding: got ((1, 1), (1, 1.5)); a word"),
    (
        (X, W, S, ((-3, -3), (0, 0))),
        {},
        ValueError,
        "padding: got ((-3, -3), (0, 0)), which takes 6 away from the 5 of the input with zeros "
        "inserted on axis 0; at most 5 would do",
    ),
    ((X, W, S, "SAME", (2, 2)), {}, ValueError, "padding: got 'SAME' with lhs_dilation (2, 2);"),
    ((X, W, S, PADS, (0, 1)), {}, ValueError, "lhs_dilation: got 0 on axis 0; at least 1"),
    ((X, W, S, PADS, ()), {}, TypeError, "lhs_dilation: got (); a sequence of 2"),
    ((X, W, S, PADS, None, (1, -1)), {}, ValueError, "rhs_dilation: got -1 on axis 1; at least 1"),
    ((X, W, S, PADS), {"dimension_numbers": "NCHW"}, TypeError, "dimension_numbers: got 'NCHW';"),
    (
        (X, W, S, PADS),
        {"dimension_numbers": ("NCHW", "OIHW")},
        TypeError,
        "dimension_numbers: got ('NCHW', 'OIHW'); three strings, three tuples",
    ),
    (
        (X, W, S, PADS),
        {"dimension_numbers": ("NCHW", "OIHD", "NCHW")},
        ValueError,
        "dimension_numbers: got 'NCHW' in ('NCHW', 'OIHD', 'NCHW') for 4 axes; N, C and 2 other",
    ),
    (
        (X, W, S, PADS),
        {"dimension_numbers": ("NCHW", "OIHW", "NCH")},
        ValueError,
        "dimension_numbers: got 'NCH' in",
    ),
    (
        (X, W, S, PADS),
        {"dimension_numbers": ConvDimensionNumbers((0, 1, 2, 3), (0, 1, 2, 2), (0, 1, 2, 3))},
        ValueError,
        "three orders of the numbers 0 to 3 would do",
    ),
    ((X, W, S, PADS), {"feature_group_count": 0}, ValueError, "feature_group_count: got 0; at"),
    (
        (X, W, S, PADS),
        {"feature_group_count": 3},
        ValueError,
        "feature_group_count: got 3; a divisor of 4, the output channels of rhs, would do",
    ),
    (
        (X, W, S, PADS),
        {"feature_group_count": 2},
        ValueError,
        "but rhs is (4, 2, 3, 3) and feature_group_count 2; 4 would do",
    ),
    ((X, W, S, PADS), {"feature_group_count": 2.0}, TypeError, "feature_group_count: got 2.0; a"),
]
WRONG_TRANSPOSED = [
    ((V.astype("f2"), U, S, "SAME"), {}, TypeError, "lhs: got an array of float16"),
    ((V, U[0], S, "SAME"), {}, ValueError, "lhs: got the shape (1, 5, 5, 2); 3 axes, as rhs"),
    ((V[..., :1], U, S, "SAME"), {}, ValueError, "lhs: got 1 channels in the shape (1, 5, 5, 1)"),
    ((V, U[:0], S, "SAME"), {}, ValueError, "rhs: got the shape (0, 3, 2, 4); kernel sizes"),
    ((V, U, 2, "SAME"), {}, TypeError, "strides: got 2; a sequence of 2 whole numbers"),
    ((V, U, (2, 0), "SAME"), {}, ValueError, "strides: got 0 on axis 1; at least 1"),
    ((V, U, (2, 1), "same"), {}, ValueError, 'padding: got \'same\'; "SAME", "VALID" or'),
    ((V, U, S, "FULL"), {}, ValueError, 'padding: got \'FULL\'; "SAME", "SAME_LOWER",'),
    ((V, U, S, (1, 1)), {}, ValueError, "padding: got (1, 1); a word, or 2"),
    ((V, U, S, PADS[:1]), {}, ValueError, "padding: got ((1, 1),); a word, or 2"),
    ((V, U, S, "same"), {"use_consistent_padding": True}, ValueError, "padding: got 'same'; \"S"),
    (
        (V, U, (2, 2), ((9, 9), (0, 0))),
        {"use_consistent_padding": True},
        ValueError,
        "padding: got ((9, 9), (0, 0)), which takes 14 away from the 9",
    ),
    ((V, U, S, "SAME", (0, 1)), {}, ValueError, "rhs_dilation: got 0 on axis 0; at least 1"),
    ((V, U, S, "SAME", 2), {}, TypeError, "rhs_dilation: got 2; a sequence of 2"),
    (
        (np.ones([1] * 6), np.ones([1] * 6), (1,) * 4, "SAME"),
        {},
        ValueError,
        "dimension_numbers: got None for 4 spatial axes; three strings would do",
    ),
]


@pytest.mark.parametrize(
    ("function", "arguments", "options", "error", "text"),
    [
        *((ours.conv_general_dilated, *case) for case in WRONG),
        *((ours.conv_transpose, *case) for case in WRONG_TRANSPOSED),
    ],
)
def test_what_jax_refuses_is_refused_in_one_line(function, arguments, options, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        function(*arguments, **options)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)


def test_a_layer_is_the_scatter_of_the_flipped_kernel():
    random = np.random.default_rng(5)
    x = random.integers(-4, 5, (2, 3, 4, 5)).astype(np.float64)
    rhs = random.integers(-4, 5, (3, 2, 3, 2)).astype(np.float64)  # HWIO
    layer = convolutions.layer_of(rhs, (2, 3), "SAME")
    assert layer.geometry.padding == ((0, 1), (0, -1))
    w = rhs[::-1, ::-1].transpose(2, 3, 0, 1)
    want = reference.scatter(x, w, stride=(2, 3), padding=((0, 1), (0, -1)))
    assert_equal_exactly(layer(x), want)

"""TensorFlow's words beyond the golden vectors: any layout of arrays, what is refused, sizes."""

import doctest
import inspect
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave.ops import reference
from upweave.ops.conventions import tensorflow as ours

FIRST = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


@st.composite
def calls(draw):
    """Draw an output with channels first, filters in our layout, and the convolution's keywords.

    Together with the padding as TensorFlow has it: a word, or over two axes pairs.
    """
    axes = draw(st.integers(1, 3))
    most = {1: 7, 2: 5, 3: 3}[axes]

    def each(largest, least=1):
        return draw(st.tuples(*[st.integers(least, largest)] * axes))

    size, kernel, strides, dilation = each(2 * most), each(4), each(3), each(2)
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    words = ["SAME", "VALID", *(["pairs"] if axes == 2 else [])]
    padding = draw(st.sampled_from(words))
    ends = [(0, 0)] * axes
    if padding == "pairs":
        ends = list(zip(each(3, 0), each(3, 0), strict=True))
        padding = ((0, 0), (0, 0), *ends)
    elif padding == "SAME":
        totals = [
            max((-(-n // s) - 1) * s + e - n, 0)
            for n, s, e in zip(size, strides, extents, strict=True)
        ]
        ends = [(total // 2, total - total // 2) for total in totals]
    assume(all(n + sum(p) >= e for n, p, e in zip(size, ends, extents, strict=True)))
    groups = 1 if axes == 3 else draw(st.integers(1, 2))
    inside, outside = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    y = random.integers(-4, 5, (2, groups * outside, *size)).astype(dtype)
    w = random.integers(-4, 5, (groups * inside, outside, *kernel)).astype(dtype)
    given_ = {"stride": strides, "padding": ends, "dilation": dilation, "groups": groups}
    return y, w, given_, padding


@settings(repeatable, max_examples=300)
@given(calls(), st.booleans())
def test_it_is_the_transpose_of_the_convolution_with_these_arguments(call, first):
    """<conv(y), x> = <y, conv_transpose(x)>, for every y: compared with a matrix's transpose."""
    y, w, given_, padding = call
    options = {name: given_[name] for name in ("stride", "padding", "dilation", "groups")}
    size = reference.conv(y, w, **options).shape
    x = np.random.default_rng(1).integers(-4, 5, size).astype(y.dtype)
    matrix = reference.convolution_matrix(w, y.shape[2:], **options)
    want = (x.reshape(len(x), -1) @ matrix).reshape(y.shape)

    filters = np.ascontiguousarray(np.moveaxis(w, (0, 1), (-1, -2)))
    arguments = [y.shape, given_["stride"], padding, FIRST[w.ndim - 2], given_["dilation"]]
    if not first:
        x, want = np.moveaxis(x, 1, -1), np.moveaxis(want, 1, -1)
        arguments[0], arguments[3] = want.shape, None
        if not isinstance(padding, str):
            arguments[2] = (padding[0], *padding[2:], padding[1])
    got = ours.conv_transpose(x, filters, *arguments)
    assert_equal_exactly(got, want)
    assert ours.input_size_of(filters, *arguments) == size[2:]
    layer = ours.layer_of(filters, *arguments)
    assert layer.size(size[2:]) == y.shape[2:]


def variants(array):
    """Yield the array in other layouts of memory."""
    yield np.asfortranarray(array)
    yield np.ascontiguousarray(array[::-1])[::-1]
    yield np.repeat(array, 2, axis=-1)[..., ::2]
    yield np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)  # read-only


@pytest.mark.parametrize("padding", ["SAME", "VALID", ((0, 0), (0, 1), (2, 0), (0, 0))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_any_layout_in_memory_stay_as_they_are(padding, dtype):
    random = np.random.default_rng(3)
    x = random.integers(-4, 5, (2, 3, 3, 2)).astype(dtype)
    w = random.integers(-4, 5, (3, 3, 2, 2)).astype(dtype)
    shape = {"SAME": (2, 6, 5, 2), "VALID": (2, 8, 7, 2)}.get(padding, (2, 6, 6, 2))
    want = ours.conv_transpose(x, w, shape, 2, padding)
    assert want.dtype == dtype
    for x_, w_ in zip(variants(x), variants(w), strict=True):
        got = ours.conv_transpose(x_, w_, shape, 2, padding)
        assert_equal_exactly(got, want)
        assert got.flags.c_contiguous
        assert not np.may_share_memory(got, x_)
        assert_equal_exactly(np.array(x_), x)
        assert_equal_exactly(np.array(w_), w)


def test_a_kernel_of_one_shares_no_memory():
    x = np.ones((1, 3, 1))
    for data_format in ("NWC", "NCW"):
        shape = x.shape if data_format == "NWC" else (1, 1, 3)
        y = ours.conv_transpose(x.reshape(shape), np.ones((1, 1, 1)), shape, 1, "SAME", data_format)
        assert y.ravel().tolist() == [1, 1, 1]
        assert not np.may_share_memory(y, x)


@pytest.mark.parametrize(
    "shape", [(1, 7, 1), [1, 7, 1], np.array([1, 7, 1]), np.array([1, 7, 1], "i1")]
)
def test_the_output_shape_is_a_sequence_or_an_array(shape):
    x, w = np.ones((1, 3, 1)), np.ones((3, 1, 1))
    assert ours.conv_transpose(x, w, shape, 2, "VALID").ravel().tolist() == [1, 1, 2, 1, 2, 1, 1]


def test_the_size_of_the_output_decides_where_same_begins():
    x, w = np.ones((1, 2, 1)), np.array([1.0, 10, 100, 1000]).reshape(4, 1, 1)
    full = [1, 10, 101, 1010, 100, 1000]
    for size, begin in ((3, 1), (4, 1)):
        got = ours.conv_transpose(x, w, (1, size, 1), 2)
        assert got.ravel().tolist() == full[begin : begin + size]


def test_what_is_not_finite_stays_where_it_is():
    x = np.array([np.inf, 1.0, np.nan]).reshape(1, 3, 1)
    got = ours.conv_transpose(x, np.ones((1, 1, 1)), (1, 6, 1), 2).ravel()
    big = np.finfo(np.float64).max
    assert_equal_exactly(np.nan_to_num(got, nan=7.0), np.array([big, 0, 1, 0, 7, 0]))


def test_arguments_have_tensorflows_names_order_and_defaults():
    mine = inspect.signature(ours.conv_transpose).parameters.values()
    words = [p.name if p.default is p.empty else f"{p.name}={p.default}" for p in mine]
    assert " ".join(words) == (
        "input filters output_shape strides padding=SAME data_format=None dilations=None"
    )


def ones(*shapes):
    return tuple(np.ones(shape) for shape in shapes)


X, W = ones((1, 4, 4, 2), (3, 3, 2, 2))
Y = (1, 8, 8, 2)
PAIRS = [[0, 0], [1, 1], [1, 1], [0, 0]]

WRONG = [
    ((X.tolist(), W, Y, 2), TypeError, "input: got a list; a NumPy array"),
    ((X.astype(int), W, Y, 2), TypeError, "input: got an array of int64; a NumPy array"),
    ((X, W.astype("f4"), Y, 2), TypeError, "filters: got float32, but input is float64; one"),
    ((X, None, Y, 2), TypeError, "filters: got a NoneType; a NumPy array"),
    ((X[0], W, Y, 2), ValueError, "input: got the shape (4, 4, 2); 4 axes"),
    ((X[..., :1], W, Y, 2), ValueError, "input: got the shape (1, 4, 4, 1); 2 channels"),
    ((X[:, :0], W, Y, 2), ValueError, "input: got the shape (1, 0, 4, 2); 2 channels"),
    ((X, W[0, 0], Y, 2), ValueError, "filters: got the shape (2, 2); (*kernel, C_out, C_in)"),
    ((X, W[:0], Y, 2), ValueError, "filters: got the shape (0, 3, 2, 2); (*kernel"),
    ((X, W, 8, 2), TypeError, "output_shape: got 8; 4 whole numbers"),
    ((X, W, None, 2), TypeError, "output_shape: got None; 4 whole numbers"),
    ((X, W, "1882", 2), TypeError, "output_shape: got '1882'; 4 whole numbers"),
    ((X, W, (8, 8), 2), ValueError, "output_shape: got (8, 8); 4 numbers"),
    ((X, W, (1, 8.0, 8, 2), 2), TypeError, "output_shape: got 8.0; a whole number"),
    ((X, W, (1, 0, 8, 2), 2), ValueError, "output_shape: got (1, 0, 8, 2); sizes of at least 1"),
    ((X, W, (-1, 8, 8, 2), 2), ValueError, "output_shape: got -1; at least 0"),
    ((X, W, (2, 8, 8, 2), 2), ValueError, "output_shape: got 2 for the batch; 1"),
    ((X, W, (1, 8, 8, 3), 2), ValueError, "output_shape: got 3 channels"),
    ((X, W, (1, 8, 8, 6), 2), ValueError, "output_shape: got 6 channels"),
    (
        (X, W, (1, 9, 8, 2), 2),
        ValueError,
        "the size 9 on axis 0 for 4 inputs with stride 2; 7 to 8",
    ),
    (
        (X, W, (1, 8, 6, 2), 2),
        ValueError,
        "the size 6 on axis 1 for 4 inputs with stride 2; 7 to 8",
    ),
    ((X, W, Y, 2, "VALID"), ValueError, "the size 8 on axis 0 for 4 inputs with stride 2; 9 to 10"),
    ((X, W, Y, 1), ValueError, "the size 8 on axis 0 for 4 inputs with stride 1; 4 would do"),
    ((X, W, Y, 2, PAIRS[:3]), ValueError, "padding: got [[0, 0], [1, 1], [1, 1]]; 4 pairs"),
    ((X, W, Y, 2, [*PAIRS[:3], [0, 1]]), ValueError, "(0, 0) for the batch and the channels"),
    ((X, W, Y, 2, [*PAIRS[:3], [0]]), ValueError, "[1, 1], [0]]; pairs (begin, end)"),
    ((X, W, Y, 2, [*PAIRS[:3], 0]), ValueError, "[1, 1], 0]; pairs (begin, end)"),
    ((X, W, Y, 2, [[0, 0], [0, -1], [0, 0], [0, 0]]), ValueError, "padding: got -1; at least 0"),
    ((X, W, Y, 2, [[0, 0], [0, 0.5], [0, 0], [0, 0]]), TypeError, "padding: got 0.5; a whole"),
    (
        (X, W, Y, 2, [[0, 0], [8, 8], [0, 0], [0, 0]]),
        ValueError,
        "padding: got what leaves nothing",
    ),
    (
        (X[0], W[0], (1, 8, 2), 2, PAIRS[1:]),
        ValueError,
        'padding: got [[1, 1], [1, 1], [0, 0]]; "S',
    ),
    ((X, W, Y, 2, "same"), ValueError, 'padding: got \'same\'; "SAME" or "VALID"'),
    ((X, W, Y, 2, None), ValueError, 'padding: got None; "SAME" or "VALID"'),
    ((X, W, Y, 0), ValueError, "strides: got 0 on axis 0; at least 1"),
    ((X, W, Y, (2, 2, 2)), ValueError, "strides: got (2, 2, 2) for 2 axes"),
    ((X, W, Y, (2, 2, 2, 1)), ValueError, "strides: got (2, 2, 2, 1); 1 for the batch"),
    ((X, W, Y, 2.5), TypeError, "strides: got 2.5; whole numbers"),
    ((X, W, Y, "2"), TypeError, "strides: got '2'; whole numbers"),
    ((X, W, Y, 2, "SAME", None, 0), ValueError, "dilations: got 0 on axis 0; at least 1"),
    ((X, W, Y, 2, "SAME", None, (1, 1, 2, 2)), ValueError, "dilations: got (1, 1, 2, 2); 1 for"),
    ((X, W, Y, 2, "SAME", "NWC"), ValueError, 'data_format: got \'NWC\'; "NHWC" or "NCHW"'),
    ((X, W, Y, 2, "SAME", 1), ValueError, 'data_format: got 1; "NHWC" or "NCHW"'),
]


@pytest.mark.parametrize(("arguments", "error", "text"), WRONG)
def test_what_tensorflow_refuses_is_refused_in_one_line(arguments, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        ours.conv_transpose(*arguments)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)


def test_three_axes_have_no_groups():
    x, w = ones((1, 1, 1, 1, 2), (1, 1, 1, 1, 2))
    with pytest.raises(ValueError, match=r"output_shape: got 2 channels .*; 1 would do"):
        ours.conv_transpose(x, w, (1, 1, 1, 1, 2), 1)


def test_an_output_too_small_for_the_kernel_has_no_input_size():
    with pytest.raises(ValueError, match="the size 4 on axis 0; at least 5 would do"):
        ours.input_size_of(np.ones((5, 1, 1)), (1, 4, 1), 1, "VALID")


def test_the_examples_run():
    result = doctest.testmod(ours)
    assert result.attempted == 7
    assert result.failed == 0

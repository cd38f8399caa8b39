import re
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly, assert_within_bound
from strategies import cases, repeatable
from upweave.ops import reference
from upweave.ops.axes import GeometryError

DEFINITIONS = (reference.scatter, reference.zero_insertion, reference.matrix, reference.phases)
DIFFERENCE = r"values differ|got the shape"
TYPES = st.sampled_from([np.float32, np.float64])


def tensor(array):
    """Return a tensor in double precision, for which PyTorch compiles nothing for the shape."""
    return None if array is None else torch.from_numpy(array).double()


def torch_window(full, starts, sizes):
    """Cut a window that may reach outside, by PyTorch, so that gradients pass."""
    for axis, (start, size) in enumerate(zip(starts, sizes, strict=True), start=2):
        room = abs(start) + size
        ends = [0, 0] * (full.ndim - 1 - axis) + [room, room]
        full = torch.nn.functional.pad(full, ends).narrow(axis, start + room, size)
    return full


def torch_conv_transpose(x, w, bias, case):
    """Return what PyTorch computes, asymmetric padding cut from its result without padding."""
    operator = getattr(torch.nn.functional, f"conv_transpose{case.rank}d")
    options = case.options
    if all(0 <= begin == end for begin, end in case.padding):
        options["padding"] = tuple(begin for begin, _ in case.padding)
        return operator(x, w, bias, **options)
    options["padding"] = 0
    begins = [begin for begin, _ in case.padding]
    y = torch_window(operator(x, w, **options), begins, case.output)
    return y if bias is None else y + bias.reshape(-1, *[1] * case.rank)


def torch_conv(x, w, bias, case):
    """Return PyTorch's convolution of the input that padding makes."""
    operator = getattr(torch.nn.functional, f"conv{case.rank}d")
    begins = [-begin for begin, _ in case.padding]
    sizes = [n + sum(ends) for n, ends in zip(case.output, case.padding, strict=True)]
    padded = torch_window(x, begins, sizes)
    return operator(padded, w, bias, **(case.convolution | {"padding": 0}))


def torch_result(operator, x, w, bias, case):
    return operator(tensor(x), tensor(w), tensor(bias), case).numpy().astype(x.dtype)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_values_worked_out_by_hand(definition):
    x, w = np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0, 100.0]]])
    bias = np.array([0.5])
    assert definition(x, w).tolist() == [[[1, 12, 120, 200]]]
    assert definition(x, w, stride=2).tolist() == [[[1, 10, 102, 20, 200]]]
    assert definition(x, w, stride=2, padding=((1, 0),)).tolist() == [[[10, 102, 20, 200]]]
    assert definition(x, w, stride=2, padding=1, output_padding=1).tolist() == [
        [[10, 102, 20, 200]]
    ]
    assert definition(x, w, dilation=2).tolist() == [[[1, 2, 10, 20, 100, 200]]]
    assert definition(x, w, bias, stride=4, output_padding=1).tolist() == [
        [[1.5, 10.5, 100.5, 0.5, 2.5, 20.5, 200.5, 0.5]]
    ]
    assert definition(x, w, bias, padding=((-1, -2),)).tolist() == [
        [[0.5, 1.5, 12.5, 120.5, 200.5, 0.5, 0.5]]
    ]


def test_convolution_by_hand():
    x, w = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, 10.0]]])
    assert reference.conv(x, w).tolist() == [[[21, 32, 43]]]
    assert reference.conv(x, w, stride=2, padding=1).tolist() == [[[10, 32, 4]]]
    assert reference.conv(x, w, dilation=3, padding=((1, -1),)).tolist() == [[[30]]]
    assert reference.conv(x, w, padding=((-1, -1),)).tolist() == [[[32]]]


def test_the_convolution_matrix_by_hand():
    w = np.array([[[1.0, 10.0]]])
    assert reference.convolution_matrix(w, 4, stride=2, padding=1).tolist() == [
        [10, 0, 0, 0],
        [0, 1, 10, 0],
        [0, 0, 0, 1],
    ]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_known_upsamplers(definition):
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    repeated = definition(x, np.ones((1, 1, 2, 3)), stride=(2, 3))
    assert_equal_exactly(repeated, x.repeat(2, axis=2).repeat(3, axis=3))
    nails = definition(x, np.ones((1, 1, 1, 1)), stride=2, output_padding=1)
    assert_equal_exactly(nails[..., ::2, ::2], x)
    assert nails.sum() == x.sum()
    w = np.arange(6.0).reshape(1, 1, 3, 2)
    assert_equal_exactly(
        definition(x, w, padding=1), reference.conv(x, w[..., ::-1, ::-1], padding=((1, 1), (0, 0)))
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_all_definitions_and_torch_are_equal_on_whole_numbers(rank):
    @settings(repeatable, max_examples={1: 600, 2: 500, 3: 200}[rank])
    @given(cases(rank), TYPES)
    def check(case, dtype):
        x, w, bias = case.operands(dtype=dtype)
        want = torch_result(torch_conv_transpose, x, w, bias, case)
        for definition in DEFINITIONS:
            assert_equal_exactly(definition(x, w, bias, **case.options), want)

    check()


@settings(repeatable, max_examples=300)
@given(cases(), TYPES)
def test_all_definitions_and_torch_agree_within_the_bound(case, dtype):
    x, w, bias = case.operands(dtype=dtype, whole=False)
    scattered = reference.scatter(x, w, bias, **case.options)
    others = [definition(x, w, bias, **case.options) for definition in DEFINITIONS[1:]]
    others.append(torch_result(torch_conv_transpose, x, w, bias, case))
    for other in others:
        assert_within_bound(other, scattered, reference.scatter, x, w, bias, **case.options)


@settings(repeatable, max_examples=300)
@given(cases(), TYPES)
def test_the_convolution_is_torchs(case, dtype):
    x, w, bias = case.convolution_operands(dtype=dtype)
    want = torch_result(torch_conv, x, w, bias, case)
    assert_equal_exactly(reference.conv(x, w, bias, **case.convolution), want)

    x, w, bias = case.convolution_operands(dtype=dtype, whole=False)
    want = torch_result(torch_conv, x, w, bias, case)
    got = reference.conv(x, w, bias, **case.convolution)
    assert_within_bound(got, want, reference.conv, x, w, bias, **case.convolution)


@settings(repeatable, max_examples=300)
@given(cases())
def test_it_is_the_transpose_of_the_convolution(case):
    x, w, _ = case.operands()
    (y,) = case.arrays(case.y_shape)
    # An output padding of a >= s makes the convolution see more than the i inputs.
    seen = reference.conv(y, w, **case.convolution)[..., *(slice(i) for i in case.spatial)]
    for definition in DEFINITIONS:
        assert np.vdot(seen, x) == np.vdot(y, definition(x, w, **case.options))


@settings(repeatable, max_examples=200)
@given(cases())
def test_it_is_linear_in_the_input_and_in_the_weights(case):
    x1, x2, w1, w2 = case.arrays(case.x_shape, case.x_shape, case.w_shape, case.w_shape)
    x2, w2 = x2[::-1], w2[..., ::-1]  # drawn alike, made different
    for definition in DEFINITIONS:

        def y(x, w, definition=definition):
            return definition(x, w, **case.options)

        assert_equal_exactly(y(3 * x1 - 2 * x2, w1), 3 * y(x1, w1) - 2 * y(x2, w1))
        assert_equal_exactly(y(x1, 3 * w1 - 2 * w2), 3 * y(x1, w1) - 2 * y(x1, w2))


@settings(repeatable, max_examples=200)
@given(cases(), st.data())
def test_a_zero_before_the_input_moves_the_output_by_a_whole_stride(case, data):
    x, w, bias = case.operands()
    axis = data.draw(st.integers(0, case.rank - 1))
    width = [(0, 0)] * x.ndim
    width[axis + 2] = (1, 0)
    moved = (slice(None),) * (axis + 2) + (slice(case.stride[axis], None),)
    for definition in DEFINITIONS:
        y = definition(x, w, bias, **case.options)
        assert_equal_exactly(definition(np.pad(x, width), w, bias, **case.options)[moved], y)


@settings(repeatable, max_examples=100)
@given(cases())
def test_the_convolution_matrix_convolves(case):
    y, w, _ = case.convolution_operands()
    matrix = reference.convolution_matrix(w, case.output, **case.convolution)
    want = reference.conv(y, w, **case.convolution)
    assert matrix.shape == (prod(want.shape[1:]), prod(y.shape[1:]))
    assert_equal_exactly((y.reshape(case.batch, -1) @ matrix.T).reshape(want.shape), want)


@settings(repeatable, max_examples=300)
@given(cases(), TYPES)
def test_gradients_are_torchs_on_whole_numbers(case, dtype):
    x, w, bias = case.operands(dtype=dtype)
    bias = np.zeros(case.y_shape[1], dtype) if bias is None else bias
    (grad_output,) = case.arrays(case.y_shape, dtype=dtype)
    leaves = [tensor(a).requires_grad_() for a in (x, w, bias)]
    torch_conv_transpose(*leaves, case).backward(tensor(grad_output))
    got = reference.conv_transpose_gradient(x, w, grad_output, **case.options)
    for gradient, leaf in zip(got, leaves, strict=True):
        assert_equal_exactly(gradient, leaf.grad.numpy().astype(dtype))


@pytest.mark.parametrize("wrong", ["flipped weights", "swapped axes", "late by one", "early end"])
def test_the_comparison_sees_a_wrong_operator(wrong):
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((1, 2, 5, 5)), rng.standard_normal((2, 3, 3, 3))
    options = {"stride": 2, "padding": ((1, 1), (0, 0)), "output_padding": 1}
    want = reference.scatter(x, w, **options)
    got = {
        "flipped weights": lambda: reference.scatter(x, w[..., ::-1, ::-1], **options),
        "swapped axes": lambda: reference.scatter(x, w.swapaxes(2, 3), **options),
        "late by one": lambda: reference.scatter(x, w, **(options | {"padding": ((2, 0), (0, 0))})),
        "early end": lambda: want[..., :-1],
    }[wrong]()
    with pytest.raises(AssertionError, match=DIFFERENCE):
        assert_equal_exactly(got, want)
    with pytest.raises(AssertionError, match=DIFFERENCE):
        assert_within_bound(got, want, reference.scatter, x, w, **options)


def test_the_comparison_sees_small_and_strange_differences():
    x, w = np.ones((1, 1, 4)), np.ones((1, 1, 3))
    want = reference.scatter(x, w)
    for wrong in (want * (1 + 1e-14), np.where(want == 3, np.nan, want)):
        with pytest.raises(AssertionError, match="values differ, the first at"):
            assert_within_bound(wrong, want, reference.scatter, x, w)
    assert_within_bound(want * (1 + 3e-16), want, reference.scatter, x, w)
    with pytest.raises(AssertionError, match="got the type float32, want float64"):
        assert_equal_exactly(want.astype(np.float32), want)


def test_an_empty_batch():
    x, w, bias = np.zeros((0, 2, 3, 4), np.float32), np.ones((2, 3, 2, 2), np.float32), None
    for definition in DEFINITIONS:
        assert definition(x, w, bias, stride=2).shape == (0, 3, 6, 8)
    assert reference.conv(x, w.swapaxes(0, 1)).shape == (0, 3, 2, 3)
    grad_x, grad_w, grad_bias = reference.conv_transpose_gradient(
        x, w, np.zeros((0, 3, 6, 8), np.float32), stride=2
    )
    assert grad_x.shape == x.shape
    assert_equal_exactly(grad_w, np.zeros_like(w))
    assert_equal_exactly(grad_bias, np.zeros(3, np.float32))


def test_arguments_are_left_alone_and_need_not_be_contiguous():
    rng = np.random.default_rng(2)
    x, w = rng.integers(-4, 5, (2, 4, 6, 2)) * 1.0, rng.integers(-4, 5, (3, 2, 4, 3)) * 1.0
    bias = np.arange(6.0)[::2]
    for array in (x, w, bias):
        array.flags.writeable = False
    x, w = x.transpose(0, 3, 1, 2), w.transpose(1, 0, 3, 2)[..., ::-1]
    want = reference.scatter(x.copy(), w.copy(), bias.copy(), stride=2)
    for definition in DEFINITIONS:
        y = definition(x, w, bias, stride=2)
        assert_equal_exactly(y, want)
        assert y.flags.c_contiguous
        assert y.flags.writeable


X, W, B = np.zeros((1, 4, 5, 5)), np.zeros((4, 3, 2, 2)), np.zeros(6)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        (
            ([1.0], W),
            {},
            TypeError,
            "x: got a list; a NumPy array of float32 or float64 would do",
        ),
        (
            (X, W.astype(int)),
            {},
            TypeError,
            "w: got an array of int64; a NumPy array of float32 or float64 would do",
        ),
        (
            (X.astype(np.float32), W),
            {},
            TypeError,
            "x: got float32, but w is float64; one type for w and x would do",
        ),
        (
            (X, W, B.astype(np.float32)),
            {},
            TypeError,
            "bias: got float32, but w is float64; one type for w and bias would do",
        ),
        (
            (X[0], W),
            {},
            ValueError,
            "x: got the shape (4, 5, 5); 4 axes (N, C, *spatial) would do, "
            "as w (4, 3, 2, 2) has 2 kernel axes",
        ),
        (
            (X[:, :3], W),
            {"groups": 2},
            ValueError,
            "x: got 3 channels in the shape (1, 3, 5, 5); 4 would do, "
            "as w is (4, 3, 2, 2) with groups=2",
        ),
        (
            (X[..., :0], W),
            {},
            ValueError,
            "x: got the shape (1, 4, 5, 0); spatial sizes of at least 1 would do",
        ),
        (
            (X, W[0, 0]),
            {},
            ValueError,
            "w: got the shape (2, 2); (C_in, C_out/groups, *kernel), each at least 1, would do",
        ),
        (
            (X, W[:, :0]),
            {},
            ValueError,
            "w: got the shape (4, 0, 2, 2); (C_in, C_out/groups, *kernel), "
            "each at least 1, would do",
        ),
        (
            (X, W, B),
            {},
            ValueError,
            "bias: got the shape (6,); (3,), one value per output channel, would do",
        ),
        (
            (X, W),
            {"groups": 3},
            ValueError,
            "groups: got 3; a divisor of 4, the first size of w (4, 3, 2, 2), would do",
        ),
        ((X, W), {"groups": 1.0}, TypeError, "groups: got 1.0; a whole number would do"),
        ((X, W), {"stride": 0}, GeometryError, "stride: got 0 on axis 0; at least 1 would do"),
        (
            (X, W),
            {"padding": 3},
            GeometryError,
            "padding: got (3, 3) on axis 0, which leaves nothing of the 6 outputs; "
            "begin + end of at most 5 would do",
        ),
    ],
)
def test_refuses_what_does_not_fit(arguments, options, error, text):
    for definition in DEFINITIONS:
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            definition(*arguments, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "text"),
    [
        (
            (X, W),
            {},
            ValueError,
            "x: got 4 channels in the shape (1, 4, 5, 5); 3 would do, "
            "as w is (4, 3, 2, 2) with groups=1",
        ),
        (
            (X[..., :1], W.swapaxes(0, 1)),
            {},
            GeometryError,
            "size 1 on axis 1: too small for a convolution of kernel 2, dilation 1 and padding "
            "(0, 0); at least 2 would do",
        ),
        (
            (X[:, 0, 0], W),
            {},
            ValueError,
            "x: got the shape (1, 5); 4 axes (N, C, *spatial) would do, "
            "as w (4, 3, 2, 2) has 2 kernel axes",
        ),
        (
            (X, W[0]),
            {"groups": 2},
            ValueError,
            "groups: got 2; a divisor of 3, the first size of w (3, 2, 2), would do",
        ),
    ],
)
def test_convolution_refuses_what_does_not_fit(arguments, options, error, text):
    with pytest.raises(error, match=f"^{re.escape(text)}$"):
        reference.conv(*arguments, **options)


def test_the_gradient_refuses_a_gradient_of_another_shape_or_type():
    with pytest.raises(ValueError, match=re.escape("grad_output: got the shape (1, 3, 5, 5); (1,")):
        reference.conv_transpose_gradient(X, W, X[:, :3])
    with pytest.raises(TypeError, match=r"^grad_output: got float32, but w is float64"):
        reference.conv_transpose_gradient(X, W, np.zeros((1, 3, 6, 6), np.float32))

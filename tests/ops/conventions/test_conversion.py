"""Layers carried between frameworks: every golden vector from its framework to every other."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave import conventions
from upweave.ops import reference
from upweave.ops.conventions.conversion import ConversionError, convert
from vectors import storage

NAMES = {
    "torch": ("input", "weight", "bias"),
    "keras": ("inputs", "kernel", "bias"),
    "tensorflow": ("input", "filters", None),
    "onnx": ("X", "W", "B"),
    "jax": ("lhs", "rhs", None),
}
SPACE = "DHW"

# How many layers of the source (a row) have an equal one in the target (a column), of how many.
# A number may rise, never fall; what is missing is refused by the rule that docs/conventions.md
# proves, and `test_any_window_is_carried_everywhere_or_lacking_by_the_rule` holds it to that.
CONVERTED: dict[str, tuple[int, dict[str, int]]] = {
    "keras": (549, {"torch": 549, "keras": 549, "tensorflow": 549, "onnx": 549, "jax": 549}),
    "tensorflow": (504, {"torch": 504, "keras": 403, "tensorflow": 504, "onnx": 504, "jax": 504}),
    "torch": (320, {"torch": 320, "keras": 214, "tensorflow": 232, "onnx": 320, "jax": 320}),
    "onnx": (630, {"torch": 630, "keras": 538, "tensorflow": 503, "onnx": 630, "jax": 630}),
    "jax": (526, {"torch": 526, "keras": 305, "tensorflow": 443, "onnx": 526, "jax": 526}),
}


def orders(framework, arguments, axes):
    """Return the axes of the data before and after, in letters; DHW for any spatial axes."""
    space = SPACE[-axes:]
    first, last = f"NC{space}", f"N{space}C"
    if framework in ("torch", "onnx"):
        return first, first
    if framework == "keras":
        both = first if arguments.get("data_format") == "channels_first" else last
        return both, both
    if framework == "tensorflow":
        both = first if (arguments.get("data_format") or "").startswith("NC") else last
        return both, both
    numbers = arguments.get("dimension_numbers")
    if numbers is None:
        return last, last
    lhs, rhs, out = numbers
    letters = dict(zip((c for c in rhs if c not in "IO"), space, strict=True))
    return tuple("".join(letters.get(c, c) for c in spec) for spec in (lhs, out))


def rearranged(array, before, after):
    return np.ascontiguousarray(array.transpose([before.index(letter) for letter in after]))


def run(framework, x, weights, arguments, axes):
    """Return the framework's result for x of order N, C, *spatial, in that order, with the bias."""
    x_name, w_name, bias_name = NAMES[framework]
    kernel, *bias = weights
    before, after = orders(framework, arguments, axes)
    module = getattr(conventions, framework)
    function = getattr(
        module, f"conv_transpose{axes}d" if framework == "torch" else "conv_transpose"
    )
    arrays = {x_name: rearranged(x, f"NC{SPACE[-axes:]}", before), w_name: kernel}
    if bias and bias_name:
        arrays[bias_name] = bias[0]
    y = rearranged(function(**arrays, **arguments), after, f"NC{SPACE[-axes:]}")
    return y + bias[0].reshape(-1, *[1] * axes) if bias and not bias_name else y


def layers(framework):
    """Yield x of order N, C, *spatial, its shape as given, weights, arguments and the result."""
    x_name, w_name, bias_name = NAMES[framework]
    for case, result in ((v.case, v.result) for v in storage.load(framework)):
        if result is None or not case.function.startswith("conv_transpose"):
            continue
        arrays = case.operands()
        axes = arrays[w_name].ndim - 2
        if arrays[x_name].ndim < axes + 2:
            continue  # an input without a batch axis: the layer is that of another case
        arguments = dict(case.arguments)
        weights = [arrays[w_name]] + ([arrays[bias_name]] if bias_name in arrays else [])
        before, after = orders(framework, arguments, axes)
        first = f"NC{SPACE[-axes:]}"
        x = rearranged(arrays[x_name], before, first)
        yield x, arrays[x_name].shape, weights, arguments, rearranged(result, after, first)


@pytest.mark.parametrize("source", CONVERTED)
def test_results_stay_equal_and_the_converted_share_never_falls(source, record_property):
    converted = dict.fromkeys(NAMES, 0)
    total = 0
    for x, shape, weights, arguments, want in layers(source):
        total += 1
        for target in NAMES:
            try:
                made = convert(weights, arguments, source, target, input_shape=shape)
            except ConversionError as error:
                y = run(target, x, *error.nearest, axes=x.ndim - 2)
                spatial = zip(error.crop, y.shape[2:], strict=True)
                got = y[:, :, *(slice(begin, n - end) for (begin, end), n in spatial)]
            else:
                converted[target] += 1
                got = run(target, x, *made, axes=x.ndim - 2)
            assert_equal_exactly(np.ascontiguousarray(got), want)
    shares = ", ".join(f"{target} {n / total:.1%}" for target, n in converted.items())
    record_property("to print", f"of {total} layers of {source} are carried to {shares}")
    assert (total, converted) == CONVERTED[source]


@st.composite
def windows(draw):
    """Draw kernel, stride, dilation and crop of one or two axes; the crop may be anything."""
    axes = draw(st.integers(1, 2))
    one = st.tuples(
        st.integers(1, 5),
        st.integers(1, 4),
        st.integers(1, 3),
        st.integers(-4, 6),
        st.integers(-4, 6),
    )
    return draw(st.tuples(*[one] * axes))


@settings(repeatable, max_examples=300)
@given(windows(), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_any_window_is_carried_everywhere_or_lacking_by_the_rule(axes, groups, seed):
    kernel, stride, dilation, begins, ends = zip(*axes, strict=True)
    extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = [  # long enough for an output
        max(1, -(-(begin + end + 1 - extent) // s) + 1)
        for begin, end, extent, s in zip(begins, ends, extents, stride, strict=True)
    ]
    random = np.random.default_rng(seed)
    x = random.integers(-4, 5, (2, 2 * groups, *sizes)).astype(np.float64)
    w = random.integers(1, 5, (2 * groups, 1, *kernel)).astype(np.float64)  # no tap is zero
    crop = tuple(zip(begins, ends, strict=True))
    want = reference.scatter(x, w, stride=stride, padding=crop, dilation=dilation, groups=groups)

    # JAX can say any window; its kernel is dense here.
    dense = np.zeros((*kernel, groups, 2 * groups))
    for n in range(groups):
        block = np.moveaxis(w[2 * n : 2 * n + 2], (0, 1), (-1, -2))
        dense[..., n : n + 1, 2 * n : 2 * n + 2] = block
    letters = "".join(SPACE[-len(axes) :])
    arguments = {
        "strides": stride,
        "padding": tuple((e - 1 - b, e - 1 - a) for e, (b, a) in zip(extents, crop, strict=True)),
        "rhs_dilation": dilation,
        "dimension_numbers": (f"NC{letters}", f"{letters}IO", f"NC{letters}"),
        "transpose_kernel": True,
    }
    reaches = [e - b - a for e, (b, a) in zip(extents, crop, strict=True)]
    whole = all(max(begin, end) <= 0 for begin, end in crop)
    lacking = {
        "keras": not whole and any(not 0 <= m <= s for m, s in zip(reaches, stride, strict=True)),
        "tensorflow": len(axes) != 2
        and not whole
        and any(not 1 <= m <= s for m, s in zip(reaches, stride, strict=True)),
    }
    for target in NAMES:
        try:
            made = convert(dense, arguments, "jax", target, input_shape=x.shape)
        except ConversionError:
            assert lacking[target]
        else:
            assert not lacking.get(target)
            kernel_, made_arguments = made
            assert_equal_exactly(run(target, x, [kernel_], made_arguments, len(axes)), want)


def test_a_kernel_that_ends_in_zeros_is_judged_without_them():
    kernel = np.zeros((1, 1, 5))
    kernel[..., 1:4] = 1, 2, 3
    weights, arguments = convert(kernel, {"padding": 1}, "torch", "keras")
    assert weights.ravel().tolist() == [1, 2, 3]
    assert arguments["padding"] == "valid"


def test_a_bias_goes_along():
    kernel, bias = np.ones((3, 2, 4), np.float32), np.ones(2, np.float32)
    weights, _ = convert((kernel, bias), {}, "torch", "keras")
    assert [array.shape for array in weights] == [(4, 2, 3), (2,)]


def test_what_cannot_be_said_names_the_nearest_and_its_crop():
    kernel = np.ones((1, 1, 5, 5))
    text = re.escape('"valid" padding, then [1:-1, 1:-1] of the spatial axes, would do')
    with pytest.raises(ConversionError, match=text) as raised:
        convert(kernel, {"padding": 1}, "torch", "keras")
    assert raised.value.crop == ((1, 1), (1, 1))
    assert raised.value.nearest.arguments["padding"] == "valid"


W = np.ones((2, 3, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((W, {}, "torch", "caffe"), ValueError, 'target: got \'caffe\'; "torch", "keras",'),
        ((W, {}, "Torch", "keras"), ValueError, 'source: got \'Torch\'; "torch", "keras",'),
        ((W, {}, "torch", None), ValueError, "target: got None"),
        ((W, {"strides": 2}, "torch", "keras"), TypeError, "arguments: got 'strides'; stride,"),
        ((W, {"stride": 0}, "torch", "keras"), ValueError, "stride: got 0"),
        ((W, {"bias": None}, "torch", "keras"), TypeError, "arguments: got 'bias'; a list of"),
        ((W, {"padding": "SAME"}, "jax", "keras"), TypeError, "arguments: got ['padding']; str"),
        ((W, {"strides": 2}, "tensorflow", "jax"), TypeError, "arguments: got ['strides']; out"),
        ((W, {}, "torch", "tensorflow"), ValueError, "input_shape: got None"),
        ((W, {"output_shape": (4, 4)}, "onnx", "torch"), ValueError, "input_shape: got None"),
        (([], {}, "torch", "keras"), TypeError, "weights: got a list"),
        ((W.tolist(), {}, "torch", "keras"), TypeError, "weight: got a list"),
        (((W, np.ones(2, "f4")), {}, "torch", "keras"), ValueError, "bias: got the shape (2,)"),
        (((W, np.ones(3)), {}, "torch", "keras"), TypeError, "bias: got float64, but weights"),
        ((W[0, 0], {}, "torch", "keras"), ValueError, "weight: got the shape"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(arguments, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        convert(*arguments)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)

"""Keras' words beyond the golden vectors: layouts of memory, how sizes are made, refusals."""

import doctest
import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave.ops import reference
from upweave.ops.conventions import keras as ours
from upweave.ops.conventions.keras import convolutions, resizing

FIRST, LAST = "channels_first", "channels_last"
WAYS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


@st.composite
def layers(draw):
    """Draw inputs with channels last, a kernel, and what both functions take, of every kind."""
    axes = draw(st.integers(1, 3))
    most = {1: 6, 2: 4, 3: 2}[axes]

    def each(largest):
        return draw(st.tuples(*[st.integers(1, largest)] * axes))

    spatial, kernel = each(most), each(most)
    strides, dilation = each(3), each(2)
    batch, inside, outside = draw(st.tuples(*[st.integers(1, 2)] * 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    arrays = [
        random.integers(-4, 5, shape).astype(dtype)
        for shape in ((batch, *spatial, inside), (*kernel, outside, inside), (outside,))
    ]
    return (*arrays, {"strides": strides, "dilation_rate": dilation})


def full_window(x, kernel, start, size, *, strides, dilation_rate):
    """Return the window of the full scatter of one axis after another, zeros outside of it.

    It is written once more, as directly as can be, to judge the functions' windows.
    """
    reach = [d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation_rate, strict=False)]
    room = [
        a + n + s * i + r
        for a, n, s, i, r in zip(start, size, strides, x.shape[1:-1], reach, strict=True)
    ]
    full = np.zeros((len(x), *room, kernel.shape[-2]), x.dtype)
    for j in np.ndindex(x.shape[1:-1]):
        for t in np.ndindex(kernel.shape[:-2]):
            place = (i * s + k * d for i, s, k, d in zip(j, strides, t, dilation_rate, strict=True))
            full[:, *place] += x[:, *j] @ kernel[t].T
    return full[:, *(slice(a, a + n) for a, n in zip(start, size, strict=True))]


@settings(repeatable, max_examples=200)
@given(layers(), st.sampled_from(["same", "valid"]), st.booleans(), st.data())
def test_transposed_convolutions_are_the_windows_of_the_rules(layer, word, padded, data):
    x, kernel, bias, given_ = layer
    strides, dilation = given_["strides"], given_["dilation_rate"]
    extents = [d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation, strict=False)]
    added = [data.draw(st.integers(0, s - 1)) for s in strides] if padded else [None] * len(strides)
    start, size = [], []
    for i, s, e, a in zip(x.shape[1:-1], strides, extents, added, strict=True):
        full = (i - 1) * s + e
        if word == "valid":
            n = full + max(s - e, 0) if a is None else full + a
        else:
            n = i * s if a is None else (i - 1) * s + e % 2 + a
        start.append(max(full - n, 0) // 2 if word == "same" else 0)
        size.append(n)
    want = full_window(x, kernel, start, size, **given_) + bias
    given_ |= {"padding": word, "output_padding": tuple(added) if padded else None, "bias": bias}
    got = ours.conv_transpose(x, kernel, **given_)
    assert_equal_exactly(got, want)
    first = ours.conv_transpose(np.moveaxis(x, -1, 1), kernel, data_format=FIRST, **given_)
    assert_equal_exactly(first, np.moveaxis(want, -1, 1))


@settings(repeatable, max_examples=200)
@given(layers(), st.sampled_from(["same", "valid", "causal"]), st.integers(1, 3))
def test_convolutions_pad_as_the_rules_say(layer, word, groups):
    x, kernel, _, given_ = layer
    word = "same" if word == "causal" and x.ndim > 3 else word
    strides, dilation = given_["strides"], given_["dilation_rate"]
    ends = []
    for n, s, k, d in zip(x.shape[1:-1], strides, kernel.shape, dilation, strict=False):
        extent = d * (k - 1) + 1
        if word == "valid" and n < extent:
            return
        both = {
            "same": max((-(-n // s) - 1) * s + extent - n, 0),
            "causal": extent - 1,
            "valid": 0,
        }[word]
        begin = both if word == "causal" else both // 2
        ends.append((begin, both - begin))
    x = np.concatenate([x + n for n in range(groups)], axis=-1)
    # The same kernel, with its axes the other way around, for every group.
    w = np.concatenate([np.moveaxis(kernel, (-2, -1), (0, 1))] * groups)
    forward = np.concatenate([np.swapaxes(kernel, -1, -2)] * groups, axis=-1)
    want = reference.conv(
        np.moveaxis(x, -1, 1), w, stride=strides, padding=ends, dilation=dilation, groups=groups
    )
    for number in {1, groups}:  # with 1, the shapes say how many there are
        for data_format, order in ((LAST, x), (FIRST, np.moveaxis(x, -1, 1))):
            got = ours.conv(order, forward, strides, word, data_format, dilation, number)
            got = got if data_format == FIRST else np.moveaxis(got, -1, 1)
            assert_equal_exactly(got, want)


def test_causal_outputs_see_no_later_input():
    x, kernel = np.arange(1.0, 6).reshape(1, 5, 1), np.array([100.0, 10.0, 1.0]).reshape(3, 1, 1)
    got = ours.conv(x, kernel, padding="causal", dilation_rate=2)
    assert got.ravel().tolist() == [1, 2, 13, 24, 135]


def test_none_is_not_an_output_padding_of_0():
    x, kernel = np.ones((1, 4, 1)), np.ones((3, 1, 1))
    sizes = [
        ours.conv_transpose(x, kernel, 2, word, added).shape[1]
        for word in ("same", "valid")
        for added in (None, 0, 1)
    ]
    assert sizes == [8, 7, 8, 9, 9, 10]


def test_an_even_kernel_may_have_no_output_padding_with_same():
    """As all of Keras' backends but TensorFlow have it; for one input, the result is empty."""
    kernel = np.array([1.0, 10.0, 100.0, 1000.0]).reshape(4, 1, 1)
    got = ours.conv_transpose(np.ones((2, 3, 1)), kernel, 2, "same", 0)
    assert got[0].ravel().tolist() == [101, 1010, 101, 1010]
    assert ours.conv_transpose(np.ones((2, 1, 1)), kernel, 2, "same", 0).shape == (2, 0, 1)


def variants(array):
    """Yield the array in other layouts of memory."""
    yield np.asfortranarray(array)
    yield np.ascontiguousarray(array[::-1])[::-1]
    yield np.repeat(array, 2, axis=-1)[..., ::2]
    yield np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)  # read-only


CALLS = {
    "conv_transpose": lambda x, w: ours.conv_transpose(x, w, 2, "same"),
    "conv": lambda x, w: ours.conv(x, w, 2, "same", FIRST),
    **{way: lambda x, w, way=way: ours.up_sampling(x, (2, 1), interpolation=way) for way in WAYS},
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_any_layout_in_memory_stay_as_they_are(name, dtype):
    random = np.random.default_rng(3)
    x = random.integers(-4, 5, (2, 3, 3, 3)).astype(dtype)
    w = random.integers(-4, 5, (3, 2, 3, 3)).astype(dtype)
    want = CALLS[name](x, w)
    assert want.dtype == dtype
    for x_, w_ in zip(variants(x), variants(w), strict=True):
        got = CALLS[name](x_, w_)
        assert_equal_exactly(got, want)
        assert got.flags.c_contiguous
        assert not np.may_share_memory(got, x_)
        assert_equal_exactly(np.array(x_), x)
        assert_equal_exactly(np.array(w_), w)


@pytest.mark.parametrize("way", WAYS)
def test_a_scale_of_one_shares_no_memory(way):
    x = np.arange(8.0).reshape(1, 2, 4, 1)
    got = ours.up_sampling(x, 1, interpolation=way)
    np.testing.assert_allclose(got, x, rtol=0, atol=1e-6)
    assert not np.may_share_memory(got, x)


@pytest.mark.parametrize("way", WAYS)
def test_up_sampling_keeps_a_flat_picture_flat(way):
    got = ours.up_sampling(np.full((1, 2, 5, 1), 3.0), (5, 3), interpolation=way)
    assert got.shape == (1, 10, 15, 1)
    np.testing.assert_allclose(got, 3, rtol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_up_sampling_treats_channels_alike_wherever_they_are(way):
    x = np.random.default_rng(1).standard_normal((2, 3, 4, 3))
    last = ours.up_sampling(x, (3, 2), interpolation=way)
    first = ours.up_sampling(np.moveaxis(x, -1, 1), (3, 2), FIRST, way)
    assert_equal_exactly(first, np.moveaxis(last, -1, 1))
    alone = ours.up_sampling(x[..., 1:2], (3, 2), interpolation=way)
    assert_equal_exactly(alone, last[..., 1:2])


def test_bicubic_places_are_rounded_to_a_table():
    """With a scale of 3, the places are thirds; TensorFlow rounds them to 1/1024."""
    taps = resizing._cubic_taps(8, 3)
    steps = np.round(np.array([2 / 3, 0, 1 / 3]) * 1024) / 1024
    near = 1.5 * steps**3 - 2.5 * steps**2 + 1  # Keys' cubic with a = -1/2
    np.testing.assert_allclose(taps.weights[9:12, 1], near, rtol=1e-6)


def test_resizing_is_in_single_precision_and_nearest_is_not():
    x = np.array([1.0, 1 + 2.0**-40]).reshape(1, 1, 2, 1)
    assert np.ptp(ours.up_sampling(x, 2)) > 0
    for way in WAYS[1:3]:
        got = ours.up_sampling(x, 2, interpolation=way)
        assert_equal_exactly(got, got.astype(np.float32).astype(np.float64))


def test_what_is_not_finite_stays_where_it_is():
    x = np.array([1.0, np.inf, 2.0, np.nan, 3.0, 4.0, 5.0]).reshape(1, 7, 1)
    assert np.isfinite(ours.up_sampling(x, 2).ravel()).tolist() == [
        bool(one) for one in np.repeat([1, 0, 1, 0, 1, 1, 1], 2)
    ]
    got = ours.up_sampling(x[:, None], (1, 2), interpolation="bilinear").ravel()
    assert np.isfinite(got).nonzero()[0].tolist() == [0, 9, 10, 11, 12, 13]
    large = np.full((1, 1, 2, 1), 1e300)  # which is infinite in single precision
    assert not np.isfinite(ours.up_sampling(large, 1, interpolation="bicubic")).any()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (
            "conv_transpose",
            "inputs kernel strides=1 padding=valid output_padding=None data_format=None "
            "dilation_rate=1 * bias=None",
        ),
        (
            "conv",
            "inputs kernel strides=1 padding=valid data_format=None dilation_rate=1 groups=1 "
            "* bias=None",
        ),
        ("up_sampling", "inputs size data_format=None interpolation=nearest"),
    ],
)
def test_arguments_have_kerass_names_order_and_defaults(name, known):
    words = []
    for one in inspect.signature(getattr(ours, name)).parameters.values():
        if one.kind is one.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(one.name if one.default is one.empty else f"{one.name}={one.default}")
    assert " ".join(words) == known


def ones(*shapes):
    return tuple(np.ones(shape) for shape in shapes)


X, W = ones((1, 4, 5, 2), (3, 3, 2, 2))
BOTH = ("conv", "conv_transpose")
ODD = {"strides": 2, "padding": "same"}

WRONG = [
    *((name, (X.tolist(), W), {}, TypeError, "inputs: got a list; a NumPy") for name in BOTH),
    *(
        (name, (X.astype("f2"), W), {}, TypeError, "inputs: got an array of float16")
        for name in BOTH
    ),
    *(
        (name, (X, W.astype("f4")), {}, TypeError, "kernel: got float32, but inputs")
        for name in BOTH
    ),
    *((name, (X, W), {"bias": [0, 0]}, TypeError, "bias: got a list; a NumPy") for name in BOTH),
    *(
        (name, (X, W), {"bias": np.ones(3)}, ValueError, "bias: got the shape (3,); (2,)")
        for name in BOTH
    ),
    *(
        (name, (X[0, 0], W), {}, ValueError, "inputs: got the shape (5, 2); 3 to 5 axes")
        for name in BOTH
    ),
    *(
        (name, (X, W[0]), {}, ValueError, "kernel: got the shape (3, 2, 2); 4 axes")
        for name in BOTH
    ),
    *(
        (name, (X, W[:0]), {}, ValueError, "kernel: got the shape (0, 3, 2, 2); (*k")
        for name in BOTH
    ),
    *(
        (name, (X[:, :0], W), {}, ValueError, "inputs: got the shape (1, 0, 5, 2); sp")
        for name in BOTH
    ),
    *(
        (name, (X[..., :1], W), {}, ValueError, "inputs: got 1 channels in the shape")
        for name in BOTH
    ),
    *((name, (X, W), {"strides": 0}, ValueError, "strides: got 0 on axis 0; at") for name in BOTH),
    *((name, (X, W), {"strides": 2.0}, TypeError, "strides: got 2.0; whole") for name in BOTH),
    *((name, (X, W), {"strides": "2"}, TypeError, "strides: got '2'; whole") for name in BOTH),
    *((name, (X, W), {"strides": True}, TypeError, "strides: got True; whole") for name in BOTH),
    *(
        (name, (X, W), {"strides": (2,)}, ValueError, "strides: got (2,) for 2 axes")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"dilation_rate": -1}, ValueError, "dilation_rate: got -1 on")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"padding": "full"}, ValueError, "padding: got 'full'; \"valid\"")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"padding": "causal"}, ValueError, "padding: got 'causal'; \"v")
        for name in BOTH
    ),
    *((name, (X, W), {"padding": 1}, ValueError, 'padding: got 1; "valid" or') for name in BOTH),
    *(
        (name, (X, W), {"data_format": "NHWC"}, ValueError, "data_format: got 'NHWC'; ")
        for name in BOTH
    ),
    ("conv_transpose", (X[:, 0], W[0]), {"padding": "causal"}, ValueError, "padding: got 'causal'"),
    (
        "conv_transpose",
        (X, W),
        {"output_padding": 1},
        ValueError,
        "output_padding: got 1 on axis 0",
    ),
    ("conv_transpose", (X, W), {"output_padding": -1}, ValueError, "output_padding: got -1 on"),
    ("conv_transpose", (X, W), {"output_padding": 0.5}, TypeError, "output_padding: got 0.5; wh"),
    (
        "conv_transpose",
        (X, W),
        {"output_padding": (0,)},
        ValueError,
        "output_padding: got (0,) for",
    ),
    ("conv_transpose", (X, W), ODD | {"output_padding": 2}, ValueError, "stride 2; at most 1, or"),
    ("conv_transpose", (X, W[:2]), ODD | {"output_padding": 3}, ValueError, "stride 2; at most 2"),
    ("conv", (X, W), {"groups": 0}, ValueError, "groups: got 0; at least 1"),
    ("conv", (X, W), {"groups": 1.0}, TypeError, "groups: got 1.0; a whole"),
    (
        "conv",
        (X, W),
        {"groups": 2},
        ValueError,
        "inputs: got 2 channels in the shape (1, 4, 5, 2); 4",
    ),
    ("conv", (X, W[..., :1, :1]), {}, ValueError, "kernel: got the shape (3, 3, 1, 1) for 2 input"),
    ("conv", (X, W), {"dilation_rate": 2}, ValueError, "inputs: size 4 on axis 0: too small"),
    ("up_sampling", (X.tolist(), 2), {}, TypeError, "inputs: got a list; a NumPy"),
    ("up_sampling", (X[0, 0], 2), {}, ValueError, "inputs: got the shape (5, 2); 3 to 5 axes"),
    (
        "up_sampling",
        (X[:, :0], 2, None, "bicubic"),
        {},
        ValueError,
        "inputs: got the shape (1, 0, 5, 2); spatial",
    ),
    ("up_sampling", (X, 0), {}, ValueError, "size: got 0 on axis 0; at least 1"),
    ("up_sampling", (X, (2, -1)), {}, ValueError, "size: got -1 on axis 1; at least 1"),
    ("up_sampling", (X, 1.5), {}, TypeError, "size: got 1.5; whole numbers"),
    ("up_sampling", (X, (2, 2, 2)), {}, ValueError, "size: got (2, 2, 2) for 2 axes"),
    ("up_sampling", (X[0], (2,)), {}, TypeError, "size: got (2,); a whole number"),
    ("up_sampling", (X, 2, "last"), {}, ValueError, "data_format: got 'last'; \"channels_last\""),
    (
        "up_sampling",
        (X, 2, None, "area"),
        {},
        ValueError,
        'got \'area\'; "nearest", "bilinear", "bic',
    ),
    ("up_sampling", (X, 2, None, None), {}, ValueError, 'interpolation: got None; "nearest"'),
    (
        "up_sampling",
        (X[0], 2, None, "bilinear"),
        {},
        ValueError,
        "got 'bilinear'; \"nearest\" would",
    ),
    (
        "up_sampling",
        (X[None], 2, None, "bicubic"),
        {},
        ValueError,
        "got 'bicubic'; \"nearest\" would",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "options", "error", "text"), WRONG)
def test_what_keras_refuses_is_refused_in_one_line(name, arguments, options, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        getattr(ours, name)(*arguments, **options)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("module", [convolutions, resizing])
def test_the_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 3
    assert result.failed == 0

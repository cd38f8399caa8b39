import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import LARGEST, repeatable
from upweave.ops.conventions import onnx as ours
from vectors.makers.onnx_node import REFUSALS, run_node

CROP = "tf_crop_and_resize"
COORDINATES = st.sampled_from(
    [
        "half_pixel",
        "half_pixel_symmetric",
        "pytorch_half_pixel",
        "align_corners",
        "asymmetric",
        CROP,
    ]
)


def whole(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.integers(-4, 5, shape).astype(np.float32) for shape in shapes]


def doubled(arrays):
    return {name: None if a is None else a.astype(np.float64) for name, a in arrays.items()}


@st.composite
def layers(draw, function):
    """Draw a function's arrays and attributes, most of which ONNX Runtime accepts."""
    transposed = function == "conv_transpose"
    axes = draw(st.integers(1, 3))
    most = LARGEST[axes]

    def each(values):
        return draw(st.lists(values, min_size=axes, max_size=axes))

    k = each(st.integers(1, most["kernel"]))
    s = each(st.integers(1, most["stride"]))
    options = {"strides": s}
    mode = draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if mode != "NOTSET" or draw(st.booleans()):
        options["auto_pad"] = mode
    if mode == "NOTSET" and draw(st.booleans()):
        options["pads"] = each(st.integers(0, 2)) + each(st.integers(0, 2))
    d = [1] * axes
    if transposed or not mode.startswith("SAME"):
        options["dilations"] = d = each(st.integers(1, most["dilation"]))
    spatial = each(st.integers(1, most["size"]))
    if transposed and draw(st.booleans()):
        options["output_padding"] = [draw(st.integers(0, n - 1)) for n in s]
    if transposed and draw(st.booleans()):
        full = [(n - 1) * a + b * (m - 1) + 1 for n, a, b, m in zip(spatial, s, d, k, strict=True)]
        options["output_shape"] = [
            draw(st.integers(max(1, n - 3), n + a - 1)) for n, a in zip(full, s, strict=True)
        ]
    group = options["group"] = draw(st.integers(1, 3))
    inside, outside = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    c_in, c_out = group * inside, group * outside
    w_shape = (c_in, outside, *k) if transposed else (c_out, inside, *k)
    seed = draw(st.integers(0, 2**32 - 1))
    X, W, B = whole(seed, (draw(st.integers(0, 2)), c_in, *spatial), w_shape, c_out)
    return {"X": X, "W": W, "B": draw(st.sampled_from([B, None]))}, options


@pytest.mark.parametrize("function", ["conv", "conv_transpose"])
def test_convolutions_equal_onnx_runtimes_on_whole_numbers(function):
    @settings(repeatable, max_examples=400)
    @given(layers(function))
    def check(layer):
        arrays, options = layer
        operator = getattr(ours, function)
        try:
            want = run_node(function, arrays, options)
        except REFUSALS:
            with pytest.raises(ValueError, match=r"would do$"):
                operator(**arrays, **options)
            return
        assert_equal_exactly(operator(**arrays, **options), want)
        double = operator(**doubled(arrays), **options)
        assert_equal_exactly(double, want.astype(np.float64))

    check()


def sizes_and_scales(draw, count):
    if draw(st.booleans()):
        sizes = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
        return {"sizes": np.array(sizes)}
    factors = st.sampled_from([0.3, 0.5, 0.6, 0.75, 1, 1.1, 1.25, 1.5, 1.7, 2, 2.3, 3, 4])
    scales = draw(st.lists(factors, min_size=count, max_size=count))
    return {"scales": np.array(scales, np.float32)}


def region(draw, count):
    ends = st.sampled_from([0, 0.25, 0.4, 0.75, 1, -0.2, 1.3])
    return np.array(draw(st.lists(ends, min_size=2 * count, max_size=2 * count)), np.float32)


@settings(repeatable, max_examples=500)
@given(st.data())
def test_nearest_resizing_equals_onnx_runtimes(data):
    draw = data.draw
    shape = draw(st.lists(st.integers(1, 20), min_size=1, max_size=3))
    chosen = draw(st.permutations(range(len(shape))))[: draw(st.integers(1, len(shape)))]
    arrays = {"X": whole(0, shape)[0]} | sizes_and_scales(draw, len(chosen))
    options = {
        "axes": chosen,
        "coordinate_transformation_mode": draw(COORDINATES),
        "nearest_mode": draw(
            st.sampled_from(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
        ),
    }
    if options["coordinate_transformation_mode"] == CROP:
        arrays["roi"] = region(draw, len(chosen))
        options["extrapolation_value"] = 7.0
    if "sizes" in arrays:
        policies = ["stretch", "not_larger", "not_smaller"]
        options["keep_aspect_ratio_policy"] = draw(st.sampled_from(policies))
    want = run_node("resize", arrays, options)
    got = ours.resize(**arrays, **options)
    assert_equal_exactly(got, want)
    double = ours.resize(**arrays | {"X": arrays["X"].astype(np.float64)}, **options)
    assert_equal_exactly(double, want.astype(np.float64))


@settings(repeatable, max_examples=500)
@given(st.data())
def test_smooth_resizing_agrees_with_onnx_runtimes(data):
    draw = data.draw
    shape = draw(st.lists(st.integers(1, 8), min_size=2, max_size=2))
    arrays = {"X": whole(0, (2, 1, *shape))[0]} | sizes_and_scales(draw, 2)
    mode, word = draw(st.sampled_from(["linear", "cubic"])), draw(COORDINATES)
    options = {"axes": (2, 3), "mode": mode, "coordinate_transformation_mode": word}
    options["antialias"] = draw(st.integers(0, 1))
    options["cubic_coeff_a"] = draw(st.sampled_from([-0.5, -0.75]))
    if mode == "cubic" or options["antialias"]:
        options["exclude_outside"] = draw(st.integers(0, 1))
    if word == CROP:
        arrays["roi"] = region(draw, 2)
    if word == "align_corners" and "scales" in arrays:
        arrays["scales"] = np.maximum(arrays["scales"], 1)  # below, ONNX's tests are followed
    want = run_node("resize", arrays, options)
    for dtype in (np.float32, np.float64):
        got = ours.resize(**arrays | {"X": arrays["X"].astype(dtype)}, **options)
        assert got.dtype == dtype
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=0, atol=3e-5)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_below_1_align_corners_counts_fractions_of_outputs_as_onnxs_tests(mode):
    x = np.arange(1.0, 6)
    got = ours.resize(x, None, [0.5], mode=mode, coordinate_transformation_mode="align_corners")
    # 2.5 outputs: the second lies at 4 / 1.5.
    at = 4 / 1.5 + 1
    assert got[0] == 1
    assert got[1] == pytest.approx(at if mode == "linear" else 3.62963, abs=1e-5)
    nearest = ours.resize(x, None, [0.5], coordinate_transformation_mode="align_corners")
    assert nearest.tolist() == [1, 5]


def test_an_axis_of_scale_1_keeps_what_is_outside_the_region_as_in_onnx_runtime():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    arrays = {"X": x, "roi": np.array([0.4, 0, 0.6, 1], np.float32), "sizes": np.array([3, 7])}
    options = {"coordinate_transformation_mode": CROP, "mode": "linear"}
    got = ours.resize(**arrays, **options)
    np.testing.assert_allclose(got, run_node("resize", arrays, options), rtol=1e-6)
    assert got[:, 0].tolist() == x[:, 0].tolist()


def test_slips_of_onnx_runtime_are_not_copied():
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    options = {"axes": (2, 3), "keep_aspect_ratio_policy": "not_larger"}
    got = ours.resize(x, None, None, [6, 6], **options)
    assert got.shape == (1, 2, 5, 6)
    assert_equal_exactly(ours.resize(x, None, None, [6, 6], **options | {"axes": (-2, -1)}), got)
    first = ours.resize(x, None, [1, 1, 1.1, 2], mode="cubic")
    last = ours.resize(x.transpose(0, 2, 3, 1), None, [1, 1.1, 2, 1], mode="cubic")
    assert_equal_exactly(last.transpose(0, 3, 1, 2), first)


def test_what_onnx_runtime_has_no_code_for_follows_the_rules():
    x = np.arange(8, dtype=np.float32).reshape(1, 1, 8)
    w = np.array([[[1, 10]]], np.float32)
    # 8 inputs, 8 outputs, an extent of 3: one zero at both ends.
    same = ours.conv(x, w, auto_pad="SAME_UPPER", dilations=[2])
    assert same[0, 0].tolist() == [10, 20, 31, 42, 53, 64, 75, 6]
    for mode in ("linear", "cubic"):
        alone = ours.resize(x[0, 0], None, [2], mode=mode)
        beside = ours.resize(x[0], None, [1, 2], mode=mode)
        assert_equal_exactly(beside, alone[None])
    pool = np.ones((1, 1, 1, 1, 1, 2))
    places = np.arange(2).reshape(pool.shape)
    got = ours.max_unpool(pool, places, kernel_shape=[1, 1, 1, 2])
    assert got.ravel().tolist() == [1, 1, 0]


def test_output_shape_of_an_unpooling_is_filled_up_with_zeros_at_the_ends():
    x, places = np.array([[[[5.0, 6], [7, 8]]]]), np.array([[[[5, 7], [13, 15]]]])
    options = {"kernel_shape": [2, 2], "strides": [2, 2]}
    small = ours.max_unpool(x, places, **options)
    for shape in ([1, 1, 5, 6], np.array([1, 1, 5, 6])):
        large = ours.max_unpool(x, places, shape, **options)
        assert_equal_exactly(large[..., :4, :4], small)
        assert large.sum() == small.sum()


def test_of_equal_positions_the_last_value_counts():
    x, places = np.arange(1.0, 4).reshape(1, 1, 3), np.array([[[2, 2, 0]]])
    got = ours.max_unpool(x, places, kernel_shape=[1])
    assert got.ravel().tolist() == [3, 0, 2]


LAYOUTS = {
    "Fortran": np.asfortranarray,
    "reversed": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}
x4 = np.arange(72.0).reshape(1, 4, 6, 3)
CALLS = {
    "conv": lambda lay: ours.conv(lay(x4), lay(x4[:, :, :3, :2])),
    "conv_transpose": lambda lay: ours.conv_transpose(lay(x4), lay(x4.swapaxes(0, 1))),
    "depth_to_space": lambda lay: ours.depth_to_space(lay(x4), blocksize=2),
    "depth_to_space_1": lambda lay: ours.depth_to_space(lay(x4), blocksize=1),
    "max_unpool": lambda lay: ours.max_unpool(
        lay(x4), lay(np.arange(72).reshape(x4.shape)), kernel_shape=[1, 1]
    ),
    "resize": lambda lay: ours.resize(lay(x4), None, [1, 1, 2, 0.5], mode="linear"),
    "resize_not": lambda lay: ours.resize(lay(x4), None, [1, 1, 1, 1]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("call", CALLS)
def test_the_layout_of_memory_makes_no_difference(call, layout):
    made = []

    def lay(array):
        made.append((array.copy(), LAYOUTS[layout](array)))
        return made[-1][1]

    got = CALLS[call](lay)
    assert_equal_exactly(got, CALLS[call](np.ascontiguousarray))
    assert got.flags.c_contiguous
    for before, after in made:
        assert_equal_exactly(after, before)
        assert not np.shares_memory(got, after)


def test_words_may_be_bytes_and_inputs_lists():
    x = np.arange(6.0).reshape(1, 1, 6)
    w = np.ones((1, 1, 3))
    assert_equal_exactly(
        ours.conv(x, w, auto_pad=b"SAME_LOWER", strides=(2,)),
        ours.conv(x, w, auto_pad="SAME_LOWER", strides=np.array([2])),
    )
    assert_equal_exactly(
        ours.resize(x, [], [1, 1, 2], [], mode=b"linear"),
        ours.resize(x, np.zeros(0), np.zeros(0), np.array([1, 1, 12]), mode="linear"),
    )


def test_regions_may_be_of_another_type():
    x = np.arange(5, dtype=np.float32)
    options = {"coordinate_transformation_mode": CROP, "mode": "linear"}
    for dtype in (np.float16, np.float32, np.float64):
        got = ours.resize(x, np.array([0.25, 0.75], dtype), None, [3], **options)
        assert got.tolist() == [1, 2, 3]


def test_arguments_have_onnxs_names_order_and_defaults():
    known = {
        "conv": "X W B=None * auto_pad=NOTSET dilations=None group=1 kernel_shape=None pads=None "
        "strides=None",
        "conv_transpose": "X W B=None * auto_pad=NOTSET dilations=None group=1 kernel_shape=None "
        "output_padding=None output_shape=None pads=None strides=None",
        "max_unpool": "X I output_shape=None * kernel_shape pads=None strides=None",
        "resize": "X roi=None scales=None sizes=None * antialias=0 axes=None "
        "coordinate_transformation_mode=half_pixel cubic_coeff_a=-0.75 exclude_outside=0 "
        "extrapolation_value=0.0 keep_aspect_ratio_policy=stretch mode=nearest "
        "nearest_mode=round_prefer_floor",
        "depth_to_space": "input * blocksize mode=DCR",
    }
    assert set(known) == set(ours.__all__)
    for name, words in known.items():
        found = []
        for p in inspect.signature(getattr(ours, name)).parameters.values():
            if p.kind == p.KEYWORD_ONLY and "*" not in found:
                found.append("*")
            found.append(p.name if p.default is p.empty else f"{p.name}={p.default}")
        assert " ".join(found) == words


X, W = np.ones((1, 2, 5)), np.ones((2, 2, 3))
V, AT = np.ones((1, 1, 2)), np.array([[[1, 2]]])
POOL = {"kernel_shape": [2]}
BOTH = ("conv", "conv_transpose")

WRONG = [
    *((name, (X.tolist(), W), {}, TypeError, "X: got a list; a NumPy") for name in BOTH),
    *((name, (X.astype(int), W), {}, TypeError, "X: got an array of int64") for name in BOTH),
    *((name, (X, W.astype("f4")), {}, TypeError, "W: got float32, but X is") for name in BOTH),
    *((name, (X, W, 1), {}, TypeError, "B: got a int; a NumPy") for name in BOTH),
    *((name, (X, W, np.ones(1)), {}, ValueError, "B: got the shape (1,); (2,)") for name in BOTH),
    *((name, (X[0], W), {}, ValueError, "X: got the shape (2, 5), and W") for name in BOTH),
    *((name, (X[..., :0], W), {}, ValueError, "spatial sizes of at least 1") for name in BOTH),
    *((name, (X, W[..., :0]), {}, ValueError, "W: got the shape (2, 2, 0); at") for name in BOTH),
    *((name, (X[:, :1], W), {}, ValueError, "X: got 1 channels in the shape") for name in BOTH),
    *((name, (X, W), {"group": 0}, ValueError, "group: got 0; at least 1") for name in BOTH),
    *((name, (X, W), {"group": 3}, ValueError, "group: got 3; a divisor of 2") for name in BOTH),
    *((name, (X, W), {"group": 1.0}, TypeError, "group: got 1.0; a whole") for name in BOTH),
    *((name, (X, W), {"strides": 2}, TypeError, "strides: got 2; a sequence") for name in BOTH),
    *((name, (X, W), {"strides": "2"}, TypeError, "strides: got '2'; a seq") for name in BOTH),
    *((name, (X, W), {"strides": []}, ValueError, "strides: got []; 1 whole") for name in BOTH),
    *((name, (X, W), {"strides": [0]}, ValueError, "strides[0]: got 0; at") for name in BOTH),
    *((name, (X, W), {"strides": [2.0]}, TypeError, "strides[0]: got 2.0; a") for name in BOTH),
    *((name, (X, W), {"dilations": [1, 1]}, ValueError, "dilations: got [1, 1]") for name in BOTH),
    *((name, (X, W), {"pads": [1]}, ValueError, "pads: got [1]; 2 whole") for name in BOTH),
    *((name, (X, W), {"pads": [0, -1]}, ValueError, "pads[1]: got -1; at least") for name in BOTH),
    *(
        (name, (X, W), {"pads": [0, 0], "auto_pad": "VALID"}, ValueError, "pads: got [0, 0] with")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"auto_pad": "same"}, ValueError, "auto_pad: got 'same'; \"NO")
        for name in BOTH
    ),
    *(
        (name, (X, W), {"kernel_shape": [2]}, ValueError, "kernel_shape: got [2]; [3]")
        for name in BOTH
    ),
    ("conv", (X, W), {"dilations": [3]}, ValueError, "X: size 5 on axis 0: too small"),
    ("conv_transpose", (X, W), {"pads": [3, 4]}, ValueError, "pads: got 3 and 4 on axis 0, which"),
    (
        "conv_transpose",
        (X, W),
        {"output_padding": [1], "dilations": [2]},
        ValueError,
        "output_padding: got 1 on axis 0 with stride 1; at most 0",
    ),
    ("conv_transpose", (X, W), {"output_padding": [-1]}, ValueError, "output_padding[0]: got -1"),
    ("conv_transpose", (X, W), {"output_shape": [8]}, ValueError, "output_shape: got 8 on axis 0"),
    ("conv_transpose", (X, W), {"output_shape": [0]}, ValueError, "output_shape[0]: got 0; at"),
    ("max_unpool", (V.astype(int), AT), POOL, TypeError, "X: got an array of int64"),
    ("max_unpool", (V[0], AT), POOL, ValueError, "X: got the shape (1, 2); (N, C"),
    ("max_unpool", (V, AT.astype("i4")), POOL, TypeError, "I: got an array of int32"),
    ("max_unpool", (V, AT[0]), POOL, ValueError, "I: got the shape (1, 2); that of"),
    ("max_unpool", (V, AT + 1), POOL, ValueError, "I: got 3; 0 to 2"),
    ("max_unpool", (V, AT - 2), POOL, ValueError, "I: got -1; 0 to 2"),
    ("max_unpool", (V, AT), {"kernel_shape": [2, 2]}, ValueError, "kernel_shape: got [2, 2]; 1"),
    ("max_unpool", (V, AT), POOL | {"strides": [0]}, ValueError, "strides[0]: got 0; at"),
    ("max_unpool", (V, AT), POOL | {"pads": [2, 0]}, ValueError, "pads: got 2 and 0 on axis 0"),
    ("max_unpool", (V[..., :1], AT[..., :1]), POOL | {"pads": [1, 1]}, ValueError, "leave 0 out"),
    ("max_unpool", (V, AT, [3]), POOL, ValueError, "output_shape: got [3]; 3 whole"),
    ("max_unpool", (V, AT, [1, 2, 3]), POOL, ValueError, "output_shape: got [1, 2, 3]; [1, 1, 3]"),
    ("max_unpool", (V, AT, [1, 1, 2]), POOL, ValueError, "output_shape: got [1, 1, 2]; [1, 1, 3]"),
    ("depth_to_space", (X[None],), {"blocksize": 2}, ValueError, "input: got 1 channels in the"),
    ("depth_to_space", (X,), {"blocksize": 2}, ValueError, "input: got the shape (1, 2, 5); 4"),
    ("depth_to_space", (X[None],), {"blocksize": 0}, ValueError, "blocksize: got 0; at least 1"),
    ("depth_to_space", (X[None],), {"blocksize": 1, "mode": "D"}, ValueError, "mode: got 'D'; \"D"),
    ("resize", (X[0, 0, 0],), {}, TypeError, "X: got a float64; a NumPy array"),
    ("resize", (np.array(1.0), None, [1.0]), {}, ValueError, "X: got an array without axes"),
    ("resize", (X,), {}, ValueError, "scales: got none, and no sizes; one of the two"),
    ("resize", (X, None, [1, 1, 2], [1, 2, 9]), {}, ValueError, "sizes: got some with scales; one"),
    ("resize", (X, None, [2]), {}, ValueError, "scales: got 1 numbers; 3 would do"),
    ("resize", (X, None, [1, 1, 0]), {}, ValueError, "scales: got 0.0 at 2; finite"),
    ("resize", (X, None, [1, 1, np.nan]), {}, ValueError, "scales: got nan at 2; finite"),
    ("resize", (X, None, ["1", "1", "1"]), {}, TypeError, "scales: got ['1', '1', '1']; a seq"),
    ("resize", (X, None, None, [1, 2]), {}, ValueError, "sizes: got [1, 2]; 3 whole"),
    ("resize", (X, None, None, [1, 2, 0]), {}, ValueError, "sizes: got 0 at 2; at least 1"),
    ("resize", (X[:0], None, None, [1, 2, 5]), {}, ValueError, "sizes: got 1 at 0; 0, as X"),
    ("resize", (X, None, None, [1, 2, 5.0]), {}, TypeError, "sizes[2]: got 5.0; a whole"),
    (
        "resize",
        (X, [0, 1], [1, 1, 2]),
        {"coordinate_transformation_mode": CROP},
        ValueError,
        "roi:",
    ),
    ("resize", (X, None, [2]), {"axes": [3]}, ValueError, "axes: got [3]; axes from -3 to 2, each"),
    ("resize", (X, None, [2, 2]), {"axes": [2, -1]}, ValueError, "axes: got [2, -1]; axes from"),
    ("resize", (X, None, [2]), {"axes": 2}, TypeError, "axes: got 2; a sequence of whole"),
    ("resize", (X, None, [1, 1, 2]), {"mode": "area"}, ValueError, "mode: got 'area'; \"nearest\""),
    ("resize", (X, None, [1, 1, 2]), {"nearest_mode": "x"}, ValueError, "nearest_mode: got 'x'"),
    (
        "resize",
        (X, None, [1, 1, 2]),
        {"coordinate_transformation_mode": "corners"},
        ValueError,
        "coordinate_transformation_mode: got 'corners'; \"half_pixel\"",
    ),
    (
        "resize",
        (X, None, [1, 1, 2]),
        {"keep_aspect_ratio_policy": "not_larger"},
        ValueError,
        'keep_aspect_ratio_policy: got "not_larger" with scales; "stretch"',
    ),
    ("resize", (X, None, [1, 1, 2]), {"antialias": 1}, ValueError, "antialias: got 1 with mode"),
    ("resize", (X, None, [1, 1, 2]), {"antialias": "1"}, TypeError, "antialias: got '1'; a whole"),
    (
        "resize",
        (X, None, [1, 1, 2]),
        {"exclude_outside": 1, "mode": "linear"},
        ValueError,
        'exclude_outside: got 1 with mode "linear"; 0, or mode "cubic"',
    ),
    (
        "resize",
        (X, None, [1, 1, 2]),
        {"extrapolation_value": "0"},
        TypeError,
        "extrapolation_value: got '0'; a number",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "options", "error", "text"), WRONG)
def test_wrong_arguments_are_refused_in_one_line(name, arguments, options, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        getattr(ours, name)(*arguments, **options)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)


def test_the_layer_needs_the_inputs_size_only_for_output_shape():
    w = np.ones((1, 1, 4))
    layer = ours.convolutions.layer_of(w, None, auto_pad="SAME_UPPER", strides=[3])
    assert layer.size((5,)) == (15,)
    with pytest.raises(ValueError, match="input_size: got None with output_shape"):
        ours.convolutions.layer_of(w, None, output_shape=[7])

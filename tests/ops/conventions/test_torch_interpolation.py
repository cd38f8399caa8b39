import re

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from comparison import assert_equal_exactly
from strategies import repeatable
from upweave.ops.conventions import torch as ours

NEAREST = ("nearest", "nearest-exact")
ALIGNED = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}
STRETCHED = ("bilinear", "bicubic", "lanczos")
LARGEST = {1: 300, 2: 30, 3: 8}


def theirs(x, **options):
    return functional.interpolate(torch.from_numpy(np.ascontiguousarray(x)), **options).numpy()


def wide(x, options):
    """Say whether the result has more than one column; see the module on `antialias`."""
    return functional.interpolate(torch.empty(x.shape), **options | {"antialias": False}).shape[-1]


@st.composite
def calls(draw, mode, axes, *, dyadic=False):
    """Draw an input and options, of which at least one output comes."""
    most = LARGEST[axes]
    spatial = draw(st.tuples(*[st.integers(1, most)] * axes))
    options = {"mode": mode}
    if mode in ALIGNED[axes]:
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
    if dyadic and options.get("align_corners"):
        many = draw(st.tuples(*[st.sampled_from([1, 2, 4])] * axes))
        size = tuple((n - 1) * s + 1 for n, s in zip(spatial, many, strict=True))
        options["size"] = size
    elif dyadic:
        factors = st.sampled_from([1.0, 2.0, 4.0] if mode != "bicubic" else [1.0, 2.0])
        options["scale_factor"] = draw(st.tuples(*[factors] * axes))
    elif draw(st.booleans()):
        sizes = st.integers(1, most) if mode != "area" else st.integers(0, most)
        options["size"] = draw(st.one_of(sizes, st.tuples(*[sizes] * axes)))
    else:
        factors = st.one_of(st.sampled_from([1, 2, 3, 0.5, 1.5, 1 / 3, 1.1]), st.floats(0.2, 4))
        options["scale_factor"] = draw(st.one_of(factors, st.tuples(*[factors] * axes)))
        options["recompute_scale_factor"] = draw(st.sampled_from([None, False, True]))
        given = options["scale_factor"]
        given = given if isinstance(given, tuple) else (given,) * axes
        assume(all(int(n * f) >= 1 for n, f in zip(spatial, given, strict=True)))
    shape = (draw(st.integers(0, 2)), draw(st.sampled_from([1, 3, 5])), *spatial)
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.integers(-4, 5, shape) if dyadic else rng.standard_normal(shape)
    return values.astype(dtype), options


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mode", NEAREST)
def test_nearest_modes_take_torchs_inputs(mode, axes):
    @settings(repeatable, max_examples=150)
    @given(calls(mode, axes))
    def check(call):
        x, options = call
        assert_equal_exactly(ours.interpolate(x, **options), theirs(x, **options))

    check()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mode", NEAREST)
def test_nearest_modes_round_large_positions_as_torch(mode, dtype):
    rng = np.random.default_rng(2)
    for _ in range(300):
        n, size = rng.integers(1, 2001, 2)
        x = np.arange(n, dtype=dtype).reshape(1, 1, n)
        given = [{"size": int(size)}, {"scale_factor": float(size / n)}][rng.integers(2)]
        flat = [{"size": (1, int(size))}, {"scale_factor": (1.0, float(size / n))}]
        assert_equal_exactly(ours.interpolate(x, **given, mode=mode), theirs(x, **given, mode=mode))
        for options in flat:
            if int(n * (size / n)):
                y = ours.interpolate(x[..., None, :], **options, mode=mode)
                assert_equal_exactly(y, theirs(x[..., None, :], **options, mode=mode))


@pytest.mark.parametrize(
    ("mode", "axes"),
    [(mode, axes) for axes in (1, 2, 3) for mode in (*ALIGNED[axes], "area")],
)
def test_exact_sums_equal_torchs(mode, axes):
    @settings(repeatable, max_examples=80)
    @given(calls(mode, axes, dyadic=mode != "area"))
    def check(call):
        x, options = call
        x = np.round(x)
        assert_equal_exactly(ours.interpolate(x, **options), theirs(x, **options))

    check()


def assert_close(x, options):
    """Compare with an error of few units of the type for each term of weights that sum to 1."""
    got, want = ours.interpolate(x, **options), theirs(x, **options)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    units = 40 if options["mode"] in ("bicubic", "lanczos") else 4
    bound = units * np.finfo(x.dtype).eps * np.abs(x).max(initial=0)
    np.testing.assert_allclose(got, want, rtol=0, atol=bound)


@pytest.mark.parametrize(
    ("mode", "axes"),
    [(mode, axes) for axes in (1, 2, 3) for mode in (*ALIGNED[axes], "area")],
)
def test_results_are_torchs_to_rounding(mode, axes):
    @settings(repeatable, max_examples=80)
    @given(calls(mode, axes))
    def check(call):
        assert_close(*call)

    check()


@pytest.mark.parametrize("mode", STRETCHED)
def test_antialiased_results_are_torchs_to_rounding(mode):
    @settings(repeatable, max_examples=150)
    @given(calls(mode, 2))
    def check(call):
        x, options = call
        assume(wide(x, options | {"mode": "nearest", "align_corners": None}) > 1)
        assert_close(x, options | {"antialias": True})

    check()


def test_a_single_column_is_interpolated_where_torch_repeats_its_first_row():
    x = np.arange(8.0).reshape(1, 1, 4, 2)
    options = {"mode": "bilinear", "antialias": True}
    two = ours.interpolate(x, (8, 2), **options)
    assert_equal_exactly(ours.interpolate(x, (8, 1), **options), two.mean(-1, keepdims=True))


def test_infinities_go_where_torchs_go_in_silence():
    x = np.array([[[1.0, np.inf, 2.0], [3.0, 4.0, -np.inf]]])
    for size in (3, 6):
        got = ours.interpolate(x, size, mode="linear")
        np.testing.assert_array_equal(got, theirs(x, size=size, mode="linear"))


def test_the_input_stays_as_it_is():
    x = np.random.default_rng(0).standard_normal((1, 2, 4, 5))
    kept = x.copy()
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
        y = ours.interpolate(x, (4, 5), mode=mode)
        assert not np.shares_memory(x, y)
        y[:] = 7
        assert_equal_exactly(x, kept)


X, X4 = np.ones((1, 2, 5)), np.ones((1, 2, 5, 6))

WRONG = [
    (X.tolist(), {"size": 3}, TypeError, "input: got a list; a NumPy array"),
    (X.astype("f2"), {"size": 3}, TypeError, "input: got an array of float16"),
    (X[0], {"size": 3}, ValueError, "input: got the shape (2, 5); 3 to 5 axes"),
    (X[..., :0], {"size": 3}, ValueError, "input: got the shape (1, 2, 0); sizes"),
    (X[:, :0], {"size": 3}, ValueError, "input: got the shape (1, 0, 5); sizes"),
    (X[..., :0], {"size": 3, "mode": "area"}, ValueError, "input: got the shape (1, 2, 0); sizes"),
    (X, {}, ValueError, "size: got None, as scale_factor; a value"),
    (X, {"size": 3, "scale_factor": 2}, ValueError, "scale_factor: got 2 with size 3; one"),
    (X, {"size": 0}, ValueError, "size: got 0 on axis 0; at least 1"),
    (X, {"size": -1, "mode": "area"}, ValueError, "size: got -1 on axis 0; at least 0"),
    (X, {"size": 3.0}, TypeError, "size: got 3.0; whole numbers"),
    (X, {"size": True}, TypeError, "size: got True; whole numbers"),
    (X4, {"size": (3,)}, ValueError, "size: got (3,) for 2 axes; one number"),
    (X4, {"size": (3, 2.5)}, TypeError, "size: got (3, 2.5); whole numbers"),
    (X, {"scale_factor": "2"}, TypeError, "scale_factor: got '2'; a number"),
    (X4, {"scale_factor": (2.0,)}, ValueError, "scale_factor: got (2.0,); one number, or 2"),
    (X, {"scale_factor": 0.1}, ValueError, "scale_factor: got 0.1 on axis 0, which makes 0"),
    (X, {"scale_factor": -2}, ValueError, "scale_factor: got -2.0 on axis 0, which makes -10"),
    (X, {"scale_factor": np.nan}, ValueError, "scale_factor: got nan; finite numbers"),
    (X, {"size": 3, "mode": "cubic"}, ValueError, 'mode: got \'cubic\'; "nearest", "linear"'),
    (X, {"size": 3, "mode": None}, ValueError, "mode: got None; "),
    (X, {"size": 3, "mode": "bicubic"}, ValueError, 'mode: got "bicubic" for an input with 1'),
    (X4, {"size": 3, "mode": "linear"}, ValueError, 'mode: got "linear" for an input with 2'),
    (X, {"size": 3, "align_corners": False}, ValueError, "align_corners: got False with mode"),
    (
        X,
        {"size": 3, "mode": "linear", "align_corners": 1},
        TypeError,
        "align_corners: got 1; True, False or None",
    ),
    (X4, {"size": 3, "antialias": True}, ValueError, 'antialias: got True with mode "nearest"'),
    (X4, {"size": 3, "mode": "lanczos"}, ValueError, 'antialias: got False with mode "lanczos"'),
    (
        X4,
        {"size": 3, "mode": "lanczos", "align_corners": True, "antialias": True},
        ValueError,
        'align_corners: got True with mode "lanczos"',
    ),
    (
        X,
        {"size": 3, "recompute_scale_factor": True},
        ValueError,
        "recompute_scale_factor: got True with a size",
    ),
]


@pytest.mark.parametrize(("x", "options", "error", "text"), WRONG)
def test_what_torch_refuses_is_refused_in_one_line(x, options, error, text):
    with pytest.raises(error, match=re.escape(text)) as raised:
        ours.interpolate(x, **options)
    assert str(raised.value).endswith("would do")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("x", "options"), [(x, options) for x, options, *_ in WRONG[2:]])
def test_torch_refuses_it_too(x, options):
    with pytest.raises((RuntimeError, TypeError, ValueError, NotImplementedError)):
        theirs(x, **options)

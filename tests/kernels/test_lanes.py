from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly, assert_within_bound
from strategies import cases, repeatable
from upweave.kernels import ConvTranspose, conv, host
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.operator import LayerOperator
from upweave.kernels.slabs import Slab, expanded
from upweave.ops import reference
from upweave.ops.geometry import Geometry

LANES = (4, 8, 16)
SLOPES = np.array([0.25, 0, -2, 1, 0.5], np.float32)
LIMITS = (-0.75, 6.0)
ACTIVATIONS = (
    Activation(),
    Activation("relu"),
    Activation("prelu", SLOPES),
    Activation("clip", limits=LIMITS),
)


def run(layer, geometry, x, out=None, *, transposed=True, threads=1):
    """Apply a layer of SLOPES.size output channels."""
    output_size = geometry.output_size if transposed else geometry.input_size
    shape = (x.shape[0], layer.out_channels, *output_size(x.shape[2:]))
    out = np.full(shape, np.nan, np.float32) if out is None else out
    operator = LayerOperator(
        [Slab(0, 1, 1, (0,), layer)], None, lambda size: (1, *output_size(size[1:]))
    )
    operator(expanded(x), expanded(out), threads)
    return out


def activated(y, activation):
    """Return what an activation makes of y, by NumPy."""
    if activation.kind == "none":
        return y
    if activation.kind == "clip":
        return np.clip(y, *np.float32(LIMITS))
    slopes = SLOPES if activation.kind == "prelu" else np.zeros_like(SLOPES)
    return np.where(y < 0, y * slopes[:, None, None], y)


def operands(rng, width=37, *, whole=True):
    """Return x, w and bias of a layer from 3 to SLOPES.size channels."""
    shapes = ((2, 3, 6, width), (3, SLOPES.size, 3, 4), (SLOPES.size,))
    if whole:
        return [rng.integers(-4, 5, shape).astype(np.float32) for shape in shapes]
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.kind)
@pytest.mark.parametrize("stride", [1, 2, 3, (2, 4), 5, 7, (1, 8), (11, 1), (2, 9), (1, 40)])
@pytest.mark.parametrize("accumulate", [False, True])
def test_all_widths_give_equal_bits(rng, monkeypatch, activation, stride, accumulate):
    x, w, bias = operands(rng, whole=False)
    geometry = Geometry((3, 4), stride, 1, dilation=(1, 2))
    before = rng.standard_normal((2, SLOPES.size, *geometry.output_size(x.shape[2:])))
    results = []
    for lanes in LANES:
        monkeypatch.setenv("UPWEAVE_LANES", str(lanes))
        layer = Layer.transposed(w, bias, geometry, 1)
        assert layer.lanes == lanes
        layer = replace(layer, activation=activation, accumulate=accumulate)
        results.append(run(layer, geometry, x, before.astype(np.float32)))
    for other in results[1:]:
        assert_equal_exactly(other, results[0])
    options = {"stride": stride, "padding": 1, "dilation": (1, 2)}
    if activation.kind == "none" and not accumulate:
        want = reference.scatter(x, w, bias, **options)
        assert_within_bound(results[0], want, reference.scatter, x, w, bias, **options)


@settings(
    repeatable,
    max_examples=40,
    suppress_health_check=[
        *repeatable.suppress_health_check,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(cases(rank=2, channels=3, size=18), st.sampled_from([np.float32, np.float64]))
def test_all_widths_are_the_reference_on_whole_numbers(monkeypatch, case, dtype):
    x, w, bias = case.operands(dtype=dtype)
    want = reference.scatter(x, w, bias, **case.options)
    for lanes in LANES:
        monkeypatch.setenv("UPWEAVE_LANES", str(lanes))
        assert_equal_exactly(ConvTranspose(w, bias, **case.options)(x), want)


@pytest.mark.parametrize("width", [1, 4, 5, 15, 17, 33])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_convolutions_of_all_widths_give_equal_bits(rng, monkeypatch, width, dtype):
    x = rng.standard_normal((1, 5, 4, width)).astype(dtype)
    w = rng.standard_normal((7, 5, 3, 3)).astype(dtype)
    results = []
    for lanes in LANES:
        monkeypatch.setenv("UPWEAVE_LANES", str(lanes))
        results.append(conv(x, w, padding=1))
    for other in results[1:]:
        assert_equal_exactly(other, results[0])


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.kind)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("accumulate", [False, True])
def test_activation_and_sum_are_numpys(rng, activation, stride, accumulate):
    x, w, bias = operands(rng)
    geometry = Geometry((3, 4), stride)
    layer = Layer.transposed(w, bias, geometry, 1)
    layer = replace(layer, activation=activation, accumulate=accumulate)
    want = activated(reference.scatter(x, w, bias, stride=stride), activation)
    before = rng.integers(-9, 10, want.shape).astype(np.float32)
    got = run(layer, geometry, x, before.copy())
    assert_equal_exactly(got, want + before if accumulate else want)


def test_slopes_go_with_their_channels_in_groups(rng):
    x = rng.integers(-4, 5, (1, 10, 5, 9)).astype(np.float32)
    w = rng.integers(-4, 5, (5, 2, 3, 3)).astype(np.float32)
    geometry = Geometry((3, 3), 1, 1)
    layer = replace(Layer.convolution(w, None, geometry, 5), activation=ACTIVATIONS[2])
    want = activated(reference.conv(x, w, padding=1, groups=5), ACTIVATIONS[2])
    assert_equal_exactly(run(layer, geometry, x, transposed=False), want)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.kind)
def test_nan_and_infinity_stay(activation):
    x = np.full((1, 1, 2, 20), -1, np.float32)
    x[..., 3], x[..., 19], x[..., 11] = np.nan, np.nan, np.inf
    w = np.ones((1, SLOPES.size, 1, 1), np.float32)
    geometry = Geometry((1, 1))
    layer = replace(Layer.transposed(w, None, geometry, 1), activation=activation)
    got = run(layer, geometry, x)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(x * np.ones((SLOPES.size, 1, 1))))
    assert (got[..., 11] == (LIMITS[1] if activation.kind == "clip" else np.inf)).all()


@pytest.mark.parametrize("text", ["5", "32", "", "sixteen", "4 "])
def test_other_lanes_are_refused(monkeypatch, text):
    monkeypatch.setenv("UPWEAVE_LANES", text)
    with pytest.raises(ValueError, match=f"^UPWEAVE_LANES is '{text}'; it takes 4, 8 or 16$"):
        ConvTranspose(np.ones((1, 1, 2, 2), np.float32))


@pytest.mark.parametrize("text", ["0", "-1", "", "two", "1.5"])
def test_other_numbers_of_threads_are_refused(monkeypatch, text):
    operator = ConvTranspose(np.ones((1, 1, 2, 2), np.float32))
    x = np.ones((1, 1, 3, 3), np.float32)
    monkeypatch.setenv("UPWEAVE_NUM_THREADS", text)
    wanted = f"^UPWEAVE_NUM_THREADS is '{text}'; it takes a whole number of 1 or more$"
    with pytest.raises(ValueError, match=wanted):
        operator(x)
    assert operator(x, threads=1).shape == (1, 1, 4, 4)


def test_the_number_of_threads_is_the_variables(monkeypatch):
    monkeypatch.setenv("UPWEAVE_NUM_THREADS", "3")
    assert host.default_threads() == 3
    assert host.describe()["threads"] == "3"
    monkeypatch.delenv("UPWEAVE_NUM_THREADS")
    assert host.default_threads() >= 1

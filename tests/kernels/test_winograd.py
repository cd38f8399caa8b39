from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly, assert_within_bound
from strategies import cases, repeatable
from upweave.kernels import ConvTranspose, conv, filter_choice, pictures, tiling
from upweave.kernels.axis_filter import window
from upweave.kernels.filter_choice import NONE, choose_group, choose_group_for
from upweave.kernels.filter_tiling import FilterTiles
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.slabs import as_volumes, convolution_slabs, expanded
from upweave.ops import reference
from upweave.ops.geometry import Geometry

LANES = (4, 8, 16)
CASES = st.one_of(
    cases(rank=2, channels=9, groups=1, size=18, stride=4, dilation=1, batch=3),
    cases(rank=1, channels=9, groups=1, size=90, kernel=9, stride=6, dilation=1, batch=3),
)
FILTER_TILES = st.builds(
    FilterTiles,
    pictures=st.integers(1, 4),
    groups=st.integers(1, 6),
    columns=st.integers(1, 40),
    channels=st.integers(1, 5),
)
GROUPS = st.tuples(st.integers(2, 4), st.sampled_from([0, 4]))
quick = settings(
    repeatable,
    max_examples=120,
    suppress_health_check=[
        *repeatable.suppress_health_check,
        HealthCheck.function_scoped_fixture,
    ],
)


def weights(rng, *shape):
    return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def filtered(rows, columns=0):
    """Return a choice that takes minimal filters wherever there are some."""

    def choose(layer, size, count):
        legal = filter_choice.groups_of(layer)
        lines = [(1, columns)] if size[0] == 1 else []
        return next((g for g in [*lines, (rows, columns), (rows, 0)] if g in legal), NONE)

    return choose


@quick
@given(CASES, st.booleans(), GROUPS, st.integers(1, 3))
def test_minimal_filters_are_within_the_bound(monkeypatch, case, transposed, group, threads):
    monkeypatch.setattr(filter_choice, "FEWEST", 1)
    monkeypatch.setattr(pictures, "choose_group_for", filtered(*group))
    if transposed:
        x, w, bias = case.operands(dtype=np.float32, whole=False)
        got = ConvTranspose(w, bias, **case.options)(x, threads=threads)
        operator, options = reference.scatter, case.options
    else:
        x, w, bias = case.convolution_operands(dtype=np.float32, whole=False)
        got, operator, options = (
            conv(x, w, bias, **case.convolution),
            reference.conv,
            case.convolution,
        )
    want = operator(x, w, bias, **options)
    assert_within_bound(
        got, want, operator, x, w, bias, together=(-2, -1) if x.ndim == 4 else (-1,), **options
    )


@quick
@given(CASES, st.booleans(), GROUPS)
def test_lanes_change_no_bit(monkeypatch, case, transposed, group):
    monkeypatch.setattr(filter_choice, "FEWEST", 1)
    monkeypatch.setattr(pictures, "choose_group_for", filtered(*group))
    results = []
    for lanes in LANES:
        monkeypatch.setenv("UPWEAVE_LANES", str(lanes))
        if transposed:
            x, w, bias = case.operands(dtype=np.float32, whole=False)
            results.append(ConvTranspose(w, bias, **case.options)(x))
        else:
            x, w, bias = case.convolution_operands(dtype=np.float32, whole=False)
            results.append(conv(x, w, bias, **case.convolution))
    for other in results[1:]:
        assert_equal_exactly(other, results[0])


@quick
@given(CASES, GROUPS, FILTER_TILES)
def test_tiles_change_no_bit(monkeypatch, case, group, tiles):
    monkeypatch.setattr(filter_choice, "FEWEST", 1)
    monkeypatch.setattr(pictures, "choose_group_for", filtered(*group))
    x, w, bias = case.operands(dtype=np.float32, whole=False)
    want = ConvTranspose(w, bias, **case.options)(x, threads=1)
    monkeypatch.setattr(tiling, "choose_filter_tiles", lambda *_: tiles)
    assert_equal_exactly(ConvTranspose(w, bias, **case.options)(x, threads=2), want)


@pytest.mark.parametrize(("channels", "kernel"), [(16, 3), (64, 3), (64, 5)])
def test_errors_are_little_larger_than_by_the_definition(monkeypatch, rng, channels, kernel):
    x = rng.standard_normal((1, channels, 40, 60)).astype(np.float32)
    w = weights(rng, channels, channels, kernel, kernel)
    exact = reference.conv(x.astype(np.float64), w.astype(np.float64), padding=1)
    errors = []
    for choose in (filtered(4), filtered(4, 4), lambda *_: NONE):
        monkeypatch.setattr(pictures, "choose_group_for", choose)
        errors.append(np.sqrt(np.mean((conv(x, w, padding=1) - exact) ** 2)))
    # F(4, 3): 1.3 times as large, F(4, 5): 2 times; see `minimal_filter.POINTS`
    by_rows, by_both, by_definition = errors
    assert by_rows < 2.5 * by_definition
    assert by_both < 5 * by_definition
    assert len({*errors}) == 3


def test_the_window_is_the_least(rng):
    def of(kernel, stride, padding):
        w = weights(rng, 8, 8, kernel, 3)
        return window(Layer.transposed(w, None, Geometry((kernel, 3), stride, padding), 1).rows)

    assert of(4, 2, 1).taps == 2  # each phase has two taps, in three rows of the input
    assert of(9, 4, 4).taps == 3
    assert of(9, 2, 4).taps == 5
    assert of(2, 2, 0).taps == 1
    for kernel, stride, padding in ((4, 2, 1), (9, 4, 4), (6, 3, 2)):
        assert -stride < of(kernel, stride, padding).origin <= 0


def test_layers_that_gain_are_filtered_and_others_are_not(rng):
    def layer(c_in, c_out, kernel, stride=1, **options):
        geometry = Geometry(kernel, stride, 1, **options)
        return Layer.convolution(weights(rng, c_out, c_in, *geometry.kernel), None, geometry, 1)

    gaining = layer(64, 64, (3, 3))
    assert choose_group(gaining) == 4
    assert choose_group_for(gaining, (64, 64), 1)[0] in (2, 3, 4)
    activated = replace(gaining, activation=Activation("relu"), accumulate=True)
    assert choose_group(activated) == 4
    assert choose_group_for(layer(256, 256, (1, 5)), (1, 4096), 1) == (1, 4)
    assert choose_group_for(layer(256, 256, (3, 3)), (256, 256), 1) == (4, 4)
    for other in (
        layer(64, 64, (1, 1)),  # nothing to share
        layer(64, 64, (7, 3)),
        layer(3, 64, (3, 3)),  # too few channels
        layer(64, 64, (3, 3), 2),
        layer(64, 64, (3, 3), dilation=2),
    ):
        assert choose_group(other) == 0
        assert choose_group_for(other, (64, 64), 1) == NONE


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e38])
def test_weights_beyond_all_bounds_are_not_transformed(rng, value):
    w = weights(rng, 32, 32, 3, 3)
    w[3, 4, 1, 1] = value
    layer = Layer.convolution(w, None, Geometry((3, 3), 1, 1), 1)
    assert choose_group(layer) == 0
    assert choose_group_for(layer, (64, 64), 1) == NONE


def test_a_constant_picture_stays_constant(rng):
    """Where all rows are alike, so are those of a group, to rounding."""
    w, bias = weights(rng, 32, 16, 9, 9), weights(rng, 16)
    y = ConvTranspose(w, bias, stride=3, padding=3)(np.ones((1, 32, 30, 30), np.float32))
    inner = y[:, :, 30:60:3, 30:60:3]
    np.testing.assert_allclose(
        inner, np.broadcast_to(inner[..., :1, :1], inner.shape), rtol=0, atol=4e-6
    )


def test_weights_are_transformed_once(rng):
    geometry = as_volumes(Geometry((3, 3), 1, 1))
    (slab,) = convolution_slabs(expanded(weights(rng, 32, 32, 3, 3)), None, geometry, 1)
    assert slab.filter((4, 4)) is slab.filter((4, 4))
    assert slab.filter((4, 4)) is not slab.filter((4, 0))
    assert slab.filter((4, 4)).part(range(8, 16)) is slab.filter((4, 4)).part(range(8, 16))
    assert slab.filter((4, 4)).part(range(32)) is slab.filter((4, 4))

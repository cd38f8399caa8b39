import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upweave.kernels import host
from upweave.kernels.pixels import Channels, to_pixels, to_planes

KINDS = ["uint8", "uint16", "float32"]
MATRIX = ((1.5, 0.0, 0.75), (1.5, -0.25, -0.5), (1.5, 2.0, 0.0))
ORIGIN = (0.0625, 0.5, 0.5)


def channels(kind):
    """Return some channels of a kind."""
    scale = 1.0 if kind == "float32" else float(np.iinfo(kind).max)
    return Channels(tuple(tuple(scale * n for n in row) for row in MATRIX), ORIGIN, scale, kind)


def expected(what, planes):
    """Return the pixels in double precision, not yet rounded."""
    moved = np.stack(planes, axis=2).astype(np.float64) - what.origin
    return np.clip(moved @ np.array(what.matrix).T, 0, what.full_scale)


@pytest.fixture(params=[4, 8, 16, None], ids=str)
def lanes(request, monkeypatch):
    """So many, or no kernels at all."""
    if request.param is None:
        monkeypatch.setattr(host, "why_not", lambda: "a test")
    else:
        monkeypatch.setattr(host, "lanes", lambda: request.param)


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 5), st.integers(1, 53), st.integers(0, 99), st.booleans())
def test_pixels_are_what_the_matrix_says(kind, height, width, seed, whole):
    planes = list(np.random.default_rng(seed).random((3, height, width), np.float32))
    what = channels(kind)
    around = np.full((height + 2, width + 1, 4), 77, kind)  # nothing around may change
    out = np.full((height, width, 3), 77, kind) if whole else around[1:-1, :-1, :3]
    to_pixels(what, planes, out)
    exact = expected(what, planes)
    if kind == "float32":
        np.testing.assert_allclose(out, exact, atol=1e-6)
    else:
        assert np.abs(out - exact).max() <= 0.5 + 0.02
    if not whole:
        around[1:-1, :-1, :3] = 77
        assert (around == 77).all()


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("kind", KINDS)
def test_what_differs_in_nothing_is_the_same_in_every_channel(kind, rng):
    planes = [rng.random((3, 37), np.float32), *np.full((2, 3, 37), 0.5, np.float32)]
    out = np.empty((3, 37, 3), kind)
    to_pixels(channels(kind), planes, out)
    assert (out == out[..., :1]).all()


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("kind", KINDS)
@given(st.integers(1, 5), st.integers(1, 53), st.integers(0, 99), st.booleans())
def test_planes_are_those_that_make_the_pixels(kind, height, width, seed, whole):
    what = channels(kind)
    rng = np.random.default_rng(seed)
    around = (rng.random((height + 2, width + 1, 4)) * what.full_scale).astype(kind)
    pixels = around[1:-1, :-1, :3]
    planes = to_planes(what, np.ascontiguousarray(pixels) if whole else pixels)
    assert planes.dtype == np.float32
    back = np.moveaxis(planes, 0, 2).astype(np.float64) - what.origin
    np.testing.assert_allclose(back @ np.array(what.matrix).T, pixels, atol=1e-5 * what.full_scale)


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_lanes_makes_the_same(kind, rng, monkeypatch):
    planes = list(rng.random((3, 7, 41), np.float32))
    made, parted = [], []
    for lanes in (4, 8, 16):
        monkeypatch.setattr(host, "lanes", lambda lanes=lanes: lanes)
        made.append(np.empty((7, 41, 3), kind))
        to_pixels(channels(kind), planes, made[-1])
        parted.append(to_planes(channels(kind), made[0]))
    assert (made[0] == made[1]).all()
    assert (made[0] == made[2]).all()
    assert (parted[0] == parted[1]).all()
    assert (parted[0] == parted[2]).all()


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (3, 2, 3)])
def test_another_shape_is_refused(shape):
    planes = [np.zeros((2, 3), np.float32)] * 3
    with pytest.raises(ValueError, match=r"expected \(2, 3, 3\)"):
        to_pixels(channels("uint8"), planes, np.empty(shape, np.uint8))


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (3, 2, 1)])
def test_other_pixels_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(H, W, 3\)"):
        to_planes(channels("uint8"), np.empty(shape, np.uint8))

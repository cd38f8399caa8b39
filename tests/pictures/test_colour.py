import numpy as np
import pytest

from upweave.pictures import colour

KINDS = [np.uint8, np.uint16, np.float32]


def some_pixels(rng, dtype, *shape):
    if dtype == np.float32:
        return rng.random(shape, dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def test_known_colours():
    # ITU-R BT.601: white, black, red, green, blue as Y, Cb, Cr.
    rgb = np.array([[[255] * 3, [0] * 3, [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    expected = [
        [235, 128, 128],
        [16, 128, 128],
        [81.481, 90.203, 240],
        [144.553, 53.797, 34.214],
        [40.966, 240, 109.786],
    ]
    got = colour.rgb_to_ycbcr(rgb)[:, 0].T * 255
    np.testing.assert_allclose(got, expected, atol=1e-3)


def test_luma_is_that_of_the_metrics(rng):
    metrics = pytest.importorskip("upweave.pictures.metrics")
    rgb = some_pixels(rng, np.uint8, 7, 5, 3)
    np.testing.assert_allclose(colour.rgb_to_ycbcr(rgb)[0] * 255, metrics.luma(rgb), atol=1e-4)


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (1, 13), (300, 251)])
def test_there_and_back(rng, dtype, size):
    rgb = some_pixels(rng, dtype, *size, 3)
    back = np.empty_like(rgb)
    colour.ycbcr_to_rgb(*colour.rgb_to_ycbcr(rgb), back)
    if dtype == np.float32:
        np.testing.assert_allclose(back, rgb, atol=1e-6)
    else:
        assert (back == rgb).all()


@pytest.mark.parametrize("dtype", KINDS)
def test_grey_there_and_back(rng, dtype):
    grey = some_pixels(rng, dtype, 31, 17)
    luma = colour.grey_to_luma(grey)
    as_rgb = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_allclose(luma, colour.rgb_to_ycbcr(as_rgb)[0], atol=1e-6)
    back = np.empty_like(grey)
    colour.luma_to_grey(luma, back)
    np.testing.assert_allclose(back, grey, atol=1e-6 if dtype == np.float32 else 0)


def test_wide_pictures_are_parted_block_by_block():
    width = colour._BLOCK + 3
    rgb = np.zeros((3, width, 3), np.uint8)
    rgb[1, -1] = (10, 20, 30)
    back = np.ones_like(rgb)
    colour.ycbcr_to_rgb(*colour.rgb_to_ycbcr(rgb), back)
    assert (back == rgb).all()


def test_results_are_clipped_and_rounded_half_up():
    values = np.array([-0.2, 0.0, 0.5 / 255, 0.49 / 255, 1.0, 1.7], np.float32)
    for dtype, expected in ((np.uint8, [0, 0, 1, 0, 255, 255]), (np.uint16, None)):
        out = np.empty(6, dtype)
        colour.from_unit(values.copy(), out)
        if expected is not None:
            assert out.tolist() == expected
        assert (out[0], out[-1]) == (0, np.iinfo(dtype).max)
    out = np.empty(6, np.float32)
    colour.from_unit(values.copy(), out)
    assert (out[0], out[-1]) == (0, 1)


def test_hidden_colours_become_those_of_the_neighbours():
    rgb = np.zeros((9, 13, 3), np.uint8)
    alpha = np.zeros((9, 13), np.uint8)
    rgb[:, :6], alpha[:, :6] = (200, 40, 10), 255
    rgb[4, 7], alpha[4, 7] = (10, 40, 200), 1
    seen = colour.extend_under_alpha(rgb, alpha) * 255
    assert (seen[:, :6].round() == (200, 40, 10)).all()
    assert (seen[4, 7].round() == (10, 40, 200)).all()
    assert (seen[..., 1].round() == 40).all()  # the one thing that the colours have in common


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 1), (6, 6)])
def test_nothing_visible_leaves_colours_alone(rng, size):
    rgb = some_pixels(rng, np.uint8, *size, 3)
    seen = colour.extend_under_alpha(rgb, np.zeros(size, np.uint8))
    assert (seen * 255).round().tolist() == rgb.tolist()


def test_the_faintest_alpha_counts():
    alpha = np.zeros((5, 3), np.float32)
    alpha[0, 0] = np.finfo(np.float32).smallest_subnormal
    seen = colour.extend_under_alpha(np.full((5, 3, 3), 0.5, np.float32), alpha)
    assert np.isfinite(seen).all()

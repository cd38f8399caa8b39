import numpy as np
import pytest
from numpy.testing import assert_array_equal

from learning.conftest import drawing
from upweave.learning import degradation
from upweave.learning.degradation import blur, degrade, jpeg, noise
from upweave.learning.pairs import Form, make_pairs
from upweave.ops.interpolation import reduce


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (13, 5)])
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_every_draw_has_the_size_of_a_reduction(size, scale):
    rgb = drawing(1, 60, 72)[: scale * size[0], : scale * size[1]]
    for n in range(20):
        low = degrade(rgb, scale, np.random.default_rng(n))
        assert (low.shape, low.dtype) == ((*size, 3), np.uint8)


def test_it_depends_on_the_generator_alone():
    rgb = drawing(2)
    first, again, other = (degrade(rgb, 2, np.random.default_rng(n)) for n in (5, 5, 6))
    assert_array_equal(first, again)
    assert (first != other).any()


def test_some_pictures_are_only_reduced():
    rgb, clean = drawing(3), reduce(drawing(3), 2)
    equal = [np.array_equal(degrade(rgb, 2, np.random.default_rng(n)), clean) for n in range(300)]
    # those that are clean, and those that nothing befell
    spared = (1 - 0.6) * (1 - 0.5) * (1 - 0.8) / 3
    expected = degradation.CLEAN + (1 - degradation.CLEAN) * spared
    assert sum(equal) / 300 == pytest.approx(expected, abs=0.05)


def test_blur_is_a_gaussian_that_may_be_turned():
    point = np.zeros((61, 61, 3), np.uint8)
    point[30, 30] = 255
    spread = np.asarray(blur(point, 2, 1, np.pi / 2), float)[..., 0]
    y, x = np.mgrid[-30:31, -30:31]
    want = np.exp(-((y / 2) ** 2 + x**2) / 2)
    np.testing.assert_allclose(spread, 255 * want / want.sum(), atol=0.51)
    flat = np.full((9, 8, 3), 77, np.uint8)
    assert_array_equal(blur(flat, 2, 0.3, 0.4), flat)


def test_noise_has_its_width_and_may_be_grey():
    flat, random = np.full((200, 300, 3), 100, np.uint8), np.random.default_rng(1)
    coloured = noise(flat, np.full(flat.shape, 9.0), random).astype(float) - 100
    assert coloured.std() == pytest.approx(9, rel=0.01)
    assert abs(np.corrcoef(coloured[..., 0].ravel(), coloured[..., 1].ravel())[0, 1]) < 0.02
    grey = noise(flat, np.full(flat.shape, 9.0), random, grey=True)
    assert_array_equal(grey[..., 0], grey[..., 2])
    assert grey.std() == pytest.approx(9, rel=0.02)
    light = np.full((50, 50, 3), 254, np.uint8)
    assert noise(light, np.full(light.shape, 20.0), random).max() == 255  # and none is small again
    assert noise(light, np.full(light.shape, 20.0), random).min() > 150


def test_jpeg_is_worse_at_lower_quality():
    rgb = drawing(4)
    errors = [np.abs(jpeg(rgb, quality).astype(int) - rgb).mean() for quality in (95, 60, 20)]
    assert 0 < errors[0] < errors[1] < errors[2]


def test_pairs_share_their_original():
    pairs = make_pairs(drawing(5), Form(3, 2, degraded=4), seed=9)
    assert len(pairs) == 4
    assert all(pair.high is pairs[0].high for pair in pairs)
    assert len({pair.low.tobytes() for pair in pairs}) > 1
    again = make_pairs(drawing(5), Form(3, 2, degraded=4), seed=9)
    assert_array_equal(pairs[3].low, again[3].low)

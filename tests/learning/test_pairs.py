import numpy as np
import pytest
from numpy.testing import assert_array_equal

from upweave.learning.pairs import Form, Pair, make_pairs, sample, sample_flats
from upweave.ops.interpolation import reduce
from upweave.pictures.metrics import luma


def ramp(height, width):
    """A picture whose every pixel tells its place."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y, x, np.zeros_like(y)], axis=-1).astype(np.uint8)


def test_a_pair_is_the_reduction_with_its_edge_repeated():
    rgb = ramp(27, 34)
    (pair,) = make_pairs(rgb, Form(4, 3))
    assert pair.size == (6, 8)
    assert_array_equal(pair.high[0], (luma(rgb[:24, :32]) / 255).astype(np.float32))
    low = (luma(reduce(rgb[:24, :32], 4)) / 255).astype(np.float32)
    assert_array_equal(pair.low[0], np.pad(low, 3, "edge"))


def test_crops_fit_their_context():
    """With nearest-neighbour pairs each crop of ``high`` is its ``low``, enlarged, halo cut off."""
    halo, scale, crop = 2, 3, 5
    low = np.random.default_rng(0).random((9, 11)).astype(np.float32)
    big = np.kron(low, np.ones((scale, scale), np.float32))
    pair = Pair(np.pad(low, halo, "edge")[None], big[None], Form(scale, halo))
    x, y = sample([pair], crop, 40, seed=3, step=8)
    assert x.shape == (40, 1, crop + 2 * halo, crop + 2 * halo)
    assert y.shape == (40, 1, scale * crop, scale * crop)
    assert x.dtype == y.dtype == np.float32
    middle = x[:, :, halo:-halo, halo:-halo]
    assert_array_equal(np.kron(middle, np.ones((scale, scale), np.float32)), y)
    # Flips and turns: the small differences between neighbours point in all eight ways.
    assert len({(*np.argsort(m[0, [0, 0, -1, -1], [0, -1, 0, -1]]),) for m in middle}) > 8


def test_crops_reach_every_border():
    pair = make_pairs(ramp(20, 24), Form(2, 1))[0]
    x, _ = sample([pair], 4, 400, seed=1, step=0)
    for corner in (pair.low[0, 0, 0], pair.low[0, -1, -1]):
        assert (x == corner).any()


def test_a_batch_depends_on_seed_and_step_alone():
    pairs = [make_pairs(ramp(20, 24), Form(2, 1))[0], make_pairs(ramp(30, 18), Form(2, 1))[0]]
    first = sample(pairs, 4, 8, seed=1, step=5)
    for words, equal in (((1, 5), True), ((1, 6), False), ((2, 5), False)):
        again = sample(pairs, 4, 8, *words)
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True)) == equal


def test_flat_patches_are_flat_and_cover_the_range():
    flats = sample_flats(8, Form(2, 3), seed=1, step=2)
    assert flats.shape == (8, 1, 7, 7)
    assert_array_equal(flats, np.broadcast_to(flats[:, :, :1, :1], flats.shape))
    levels = np.concatenate([sample_flats(8, Form(2, 0), 1, n).ravel() for n in range(100)])
    assert levels.min() < 16 / 255
    assert levels.max() > 235 / 255
    assert sample_flats(0, Form(2, 3), 1, 2).shape == (0, 1, 7, 7)


def test_red_green_and_blue():
    rgb = ramp(9, 14)
    (pair,) = make_pairs(rgb, Form(3, 2, "rgb"))
    assert_array_equal(pair.high, np.moveaxis(rgb[:, :12], -1, 0) / np.float32(255))
    low = np.moveaxis(reduce(rgb[:, :12], 3), -1, 0) / np.float32(255)
    assert_array_equal(pair.low[:, 2:-2, 2:-2], low)
    x, y = sample([pair], 2, 3, 1, 1)
    assert (x.shape, y.shape) == ((3, 3, 6, 6), (3, 3, 6, 6))
    assert sample_flats(4, pair.form, 1, 1).shape == (4, 3, 5, 5)


def test_shares_make_up_the_batch():
    pairs = [make_pairs(ramp(20, 24), Form(2, 1))[0], make_pairs(ramp(30, 18), Form(2, 1))[0]]
    whole = sample(pairs, 4, 6, 1, 9)
    parts = [sample(pairs, 4, 6, 1, 9, own) for own in (slice(2), slice(2, 6))]
    for n in range(2):
        assert_array_equal(whole[n], np.concatenate([part[n] for part in parts]))
    flats = [sample_flats(6, Form(2, 1), 1, 9, own) for own in (slice(None), slice(2, 4))]
    assert_array_equal(flats[0][2:4], flats[1])


def test_too_small():
    with pytest.raises(ValueError, match="7×3 pixels, too small to reduce 4×"):
        make_pairs(ramp(3, 7), Form(4, 2))

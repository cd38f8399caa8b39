"""Flat pictures stay flat and keep their colour; edges of transparency show no fringe."""

from itertools import product

import numpy as np
import pytest

import upweave as uw
from upweave.ops import interpolation
from upweave.pictures.models import shipped

MODELS = [model.name for model in shipped()]
LEVELS = (0, 32, 64, 96, 128, 160, 192, 224, 255)
SIZE = (5, 7)


@pytest.fixture(scope="module", params=MODELS)
def upscaler(request):
    return uw.load(request.param)


def test_flat_patches_keep_their_colour(upscaler):
    worst = worst_mean = 0.0
    for rgb in product(LEVELS, repeat=3):
        big = upscaler(np.broadcast_to(np.array(rgb, np.uint8), (*SIZE, 3)).copy()).astype(float)
        difference = big - rgb
        worst = max(worst, np.abs(difference).max())
        worst_mean = max(worst_mean, np.abs(difference.mean(axis=(0, 1))).max())
    assert worst <= 2
    assert worst_mean <= 0.5


def test_flat_grey_keeps_its_level(upscaler):
    for level in range(256):
        big = upscaler(np.full(SIZE, level, np.uint8)).astype(float)
        assert np.abs(big - level).max() <= 2
        assert abs(big.mean() - level) <= 0.5


def test_flat_patches_of_sixteen_bits(upscaler):
    for rgb in product((0, 9000, 40000, 65535), repeat=3):
        big = upscaler(np.broadcast_to(np.array(rgb, np.uint16), (*SIZE, 3)).copy()).astype(float)
        assert np.abs(big - rgb).max() <= 2 * 257
        assert np.abs((big - rgb).mean(axis=(0, 1))).max() <= 0.5 * 257


@pytest.mark.parametrize("hidden", [(0, 0, 0), (0, 255, 0), (255, 255, 255)])
def test_an_edge_of_transparency_shows_no_fringe(upscaler, hidden):
    image = np.zeros((9, 12, 4), np.uint8)
    image[:, :6] = (200, 30, 40, 255)
    image[:, 6:, :3] = hidden
    big = upscaler(image).astype(float)
    step = np.where(np.arange(12) < 6, 1.0, 0.0)[None, None, None].repeat(9, axis=2)
    alpha = interpolation.bicubic(step, upscaler.scale)[0, 0].clip(0, 1) * 255
    assert np.abs(big[..., 3] - alpha).max() <= 0.51
    seen = big[big[..., 3] > 0]
    assert np.abs(seen[:, :3] - (200, 30, 40)).max() <= 2

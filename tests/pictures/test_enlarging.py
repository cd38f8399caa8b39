import numpy as np
import pytest
import pyvips

import upweave as uw
from made_files import linear_profile
from upweave.pictures import light
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.enlarging import enlarge
from upweave.pictures.picture import PROFILE, Picture, PictureError
from upweave.pictures.resampling import resample
from upweave.pictures.sizes import Wanted

WAYS = {scale: Bicubic(scale) for scale in (2, 3)}


def test_frames_words_and_resolution_stay(rng):
    frames = [rng.integers(0, 256, (5, 4, 3), np.uint8) for _ in range(3)]
    words = {"loop": 2, "delay": [1, 2, 3]}
    picture = Picture(frames[0], tuple(frames[1:]), words, (4.0, 5.0), "gif")
    big = enlarge(picture, WAYS, Wanted(scale=3))
    assert len(big.frames) == 3
    assert all(np.array_equal(b, WAYS[3](f)) for b, f in zip(big.frames, frames, strict=True))
    assert (big.metadata, big.resolution, big.format) == (words, (4.0, 5.0), "gif")


def test_networks_work_one_after_the_other(rng):
    image = rng.integers(0, 256, (5, 4, 3), np.uint8)
    big = enlarge(Picture(image), WAYS, Wanted(scale=6)).pixels
    assert np.array_equal(big, WAYS[2](WAYS[3](image)))


def test_what_lies_between_is_resampled(rng):
    image = rng.integers(0, 256, (20, 30, 3), np.uint8)
    big = enlarge(Picture(image), WAYS, Wanted(scale=1.5)).pixels
    double = WAYS[2](image)
    exact = pyvips.Image.new_from_array(double.astype(np.float32))
    found = exact.resize(0.75, kernel="lanczos3").numpy().clip(0, 255)
    assert big.shape == found.shape == (30, 45, 3)
    assert np.abs(big - found).max() <= 0.51


def test_smaller_sizes_need_no_network(rng):
    image = rng.integers(0, 256, (20, 30), np.uint8)
    assert enlarge(Picture(image), WAYS, Wanted(longest=15)).pixels.shape == (10, 15)


def test_resampling_leaves_no_fringe():
    image = np.zeros((16, 16, 4), np.uint8)
    image[:, :8] = (200, 30, 40, 255)
    small = resample(image, (7, 7))
    seen = small[small[..., 3] > 8]
    assert np.abs(seen[:, :3].astype(int) - (200, 30, 40)).max() <= 2
    assert resample(image, (16, 16)) is image


def test_linear_light_is_enlarged_by_the_curve_of_srgb(rng):
    values = rng.random((6, 5, 3), np.float32) * 3
    big = enlarge(Picture(values), WAYS, Wanted(scale=2)).pixels
    peak = values.max()
    seen = WAYS[2](light.to_display(values / peak))
    assert np.allclose(big, light.from_display(seen) * peak, rtol=1e-5, atol=1e-6)
    deep = (rng.random((6, 5, 4)) * 65535).astype(np.uint16)
    words = {PROFILE: linear_profile()}
    straight = enlarge(Picture(deep, metadata=words), WAYS, Wanted(scale=2)).pixels
    plain = enlarge(Picture(deep), WAYS, Wanted(scale=2)).pixels
    assert straight.dtype == np.uint16
    assert np.abs(straight[..., 3].astype(int) - plain[..., 3]).max() <= 1
    assert not np.array_equal(straight[..., :3], plain[..., :3])


def test_flat_light_stays(rng):
    for level in (0.0, 0.001, 0.2, 1.0, 7.5):
        image = np.full((4, 4, 3), level, np.float32)
        big = enlarge(Picture(image), WAYS, Wanted(scale=2)).pixels
        assert np.allclose(big, level, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value):
    image = np.full((2, 2), value, np.float32)
    with pytest.raises(PictureError, match="no numbers"):
        enlarge(Picture(image), WAYS, Wanted(scale=2))


def test_progress_runs_from_0_to_1(bicubic_network, rng):
    frames = tuple(rng.integers(0, 256, (30, 40, 3), np.uint8) for _ in range(2))
    shares = []
    ways = {2: uw.load(bicubic_network(2))}
    enlarge(Picture(frames[0], frames[1:]), ways, Wanted(scale=4), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] == 1

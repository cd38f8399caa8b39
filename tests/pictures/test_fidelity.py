import math
from pathlib import Path

import numpy as np
import pytest

import upweave as uw
from upweave.ops.interpolation import reduce
from upweave.pictures import files
from upweave.pictures.faithful import Faithful
from upweave.pictures.fidelity import difference, largest_difference, shrink

EXAMPLE = Path(__file__).parents[2] / "examples" / "coffee.jpg"


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3, 3), (2, 7, 4)])
def test_shrinking_is_the_benchmarks_but_for_rounding(scale, shape, rng):
    big = rng.integers(0, 256, (shape[0] * scale, shape[1] * scale, *shape[2:]), np.uint8)
    small = shrink(np.float32(big) / 255, scale) * 255
    # It rounds twice, to whole numbers; the second pass weighs the first's errors.
    assert np.abs(small - reduce(big, scale)).max() <= 1.25


def test_the_difference_is_a_psnr(rng):
    image = rng.integers(0, 256, (6, 5, 3), np.uint8)
    big = rng.integers(0, 256, (12, 10, 3), np.uint8)
    error = image / 255 - shrink(np.float32(big) / 255, 2)
    assert difference(image, big) == pytest.approx(-10 * math.log10(np.mean(error**2)))
    assert largest_difference(image, big) == pytest.approx(np.abs(error).max())
    flat = np.full((3, 3), 7, np.uint8)
    assert difference(flat, flat.repeat(2, 0).repeat(2, 1)) > 100


def test_what_lies_under_transparency_does_not_count(rng):
    image = rng.integers(0, 256, (6, 5, 4), np.uint8)
    image[2:, :, 3] = 0
    big = uw.load("weave-s-x2")(image)
    other = image.copy()
    other[3:, :, :3] = 99
    assert difference(image, big) == difference(other, big)


@pytest.mark.parametrize("scale", [3, 4])
def test_a_faithful_result_shrinks_to_the_picture(scale):
    image = files.read(EXAMPLE).pixels
    network = uw.load(f"weave-s-x{scale}")
    plain, faithful = network(image), Faithful(network)(image)
    assert largest_difference(image, plain) > 5 / 255
    assert largest_difference(image, faithful) <= 1 / 255
    assert np.abs(reduce(faithful, scale).astype(int) - image).max() <= 1


def test_benchmark_pictures_shrink_to_themselves(data):
    network = Faithful(uw.load("weave-s-x4"))
    for path in sorted((data / "benchmark" / "Set5" / "LR" / "x4").glob("*.png")):
        image = files.read(path).pixels
        assert np.abs(reduce(network(image), 4).astype(int) - image).max() <= 1


def test_what_cannot_be_reached_is_nearer_all_the_same(rng):
    image = rng.integers(0, 256, (20, 23, 3), np.uint8)  # noise: black beside white everywhere
    network = uw.load("weave-s-x4")
    assert difference(image, Faithful(network)(image)) > difference(image, network(image)) + 3

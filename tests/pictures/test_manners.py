import numpy as np
import pytest

import upweave as uw
from upweave.pictures.bicubic import Bicubic, BicubicPlanes
from upweave.pictures.manners import Blended, Turned, Wrapped


@pytest.fixture(scope="module")
def network():
    return uw.load("weave-s-x2")


@pytest.fixture(params=[(13, 17, 3), (7, 5), (1, 1, 3), (6, 9, 4)], ids=str)
def image(request, rng):
    return rng.integers(0, 256, request.param, np.uint8)


def test_turned_pictures_give_turned_results(network, image):
    turned = Turned(network)
    big = turned(image).astype(int)
    again = turned(np.ascontiguousarray(np.rot90(image)[:, ::-1])).astype(int)
    assert np.abs(np.rot90(again[:, ::-1], -1) - big).max() <= 1  # sums in another order


def test_turned_is_the_mean_of_eight(network, rng):
    image = rng.random((6, 7, 3), np.float32)
    results = []
    for turns in range(4):
        for flip in (1, -1):
            seen = np.ascontiguousarray(np.rot90(image, turns)[:, ::flip])
            results.append(np.rot90(network(seen)[:, ::flip], -turns))
    assert np.allclose(Turned(network)(image), np.mean(results, axis=0), atol=1e-6)


def test_the_ends_of_strength(network, image):
    assert np.array_equal(Blended(network, 1.0)(image), network(image))
    assert np.array_equal(Blended(network, 0.0)(image), Bicubic(2)(image))


def test_half_the_strength_is_half_way(network, rng):
    image = rng.random((6, 7, 3), np.float32)
    half = (network(image) + Bicubic(2)(image)) / 2
    assert np.allclose(Blended(network, 0.5)(image), half, atol=1e-6)


@pytest.mark.parametrize("name", ["weave-s-x2", "weave-s-x3", "weave-m-x4"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (19, 23), (40, 11)], ids=str)
def test_a_wrapped_picture_has_no_edge(name, size, rng):
    network = uw.load(name)
    wrapped = Wrapped(network, network.radius)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    by = (size[0] // 2, size[1] // 3)
    rolled = np.roll(image, by, axis=(0, 1))
    scale = network.scale
    expected = np.roll(wrapped(image), (by[0] * scale, by[1] * scale), axis=(0, 1))
    # Rows are computed in groups, which begin elsewhere: sums are in another order.
    difference = np.abs(wrapped(rolled).astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


def test_wrapping_reaches_no_farther_than_it_has_to(rng):
    # One pixel less around, and the edge would show.
    bicubic, halo = Bicubic(2), BicubicPlanes(2).halo
    image = rng.integers(0, 256, (24, 24, 3), np.uint8)
    exact = Wrapped(bicubic, halo)(image)
    assert np.array_equal(exact, Wrapped(bicubic, halo + 5)(image))
    assert not np.array_equal(exact, Wrapped(bicubic, halo - 1)(image))

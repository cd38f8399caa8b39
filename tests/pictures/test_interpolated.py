import numpy as np
import pytest

from upweave.ops import interpolation
from upweave.pictures.interpolated import INTERPOLATIONS, interpolation_named


@pytest.mark.parametrize("name", INTERPOLATIONS)
@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (5, 7, 3), (3, 2, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_every_channel_is_interpolated(name, shape, dtype, scale, rng):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = (rng.random(shape) * top).astype(dtype)
    enlarger = interpolation_named(name, scale)
    assert (enlarger.name, enlarger.scale) == (name, scale)
    big = enlarger(image)
    assert (big.dtype, big.shape) == (dtype, (scale * shape[0], scale * shape[1], *shape[2:]))
    planes = image.reshape(1, *shape[:2], -1).transpose(0, 3, 1, 2) / np.float64(top)
    want = getattr(interpolation, name)(planes, scale)[0].transpose(1, 2, 0).reshape(big.shape)
    step = 2e-6 if dtype == np.float32 else 0.501
    assert np.abs(big - np.clip(want, 0, 1) * top).max() <= step + 1e-6 * top

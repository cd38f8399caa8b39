"""Shrinking a result back, and how far it is from the picture then."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from upweave.kernels import conv
from upweave.ops import interpolation
from upweave.pictures import colour
from upweave.pictures.enlarger import Pixels
from upweave.pictures.resampling import resample

__all__ = ["difference", "largest_difference", "shown", "shrink"]

Values = NDArray[np.float32]


def shrink(values: Values, scale: int) -> Values:
    """Make pixels ``scale`` times smaller by the antialiased bicubic kernel, without rounding.

    Parameters
    ----------
    values : ndarray of float32, shape (H, W) or (H, W, C)
        In [0, 1]; H and W are multiples of ``scale``.
    scale : int

    Returns
    -------
    ndarray of float32
        As `upweave.ops.interpolation.reduce` of 8-bit pictures, whose two roundings it lacks.
    """
    cubic = interpolation.kernel("bicubic", scale)
    halo = scale * cubic.halo
    taps = (cubic.taps / scale).astype(np.float32)
    planes = np.moveaxis(np.atleast_3d(values), 2, 0)[:, np.newaxis]
    start = halo - cubic.padding[0]
    for axis in (2, 3):
        around = [(0, 0)] * 4
        around[axis] = (halo, halo)
        kernel = taps.reshape((1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1))
        padded = np.pad(planes, around, "edge")
        size = planes.shape[axis] // scale
        end = start + (size - 1) * scale + len(taps)
        padded = padded[:, :, start:end] if axis == 2 else padded[..., start:end]
        stride = (scale, 1) if axis == 2 else (1, scale)
        planes = conv(np.ascontiguousarray(padded), kernel, stride=stride)
        np.clip(planes, 0, 1, out=planes)  # as a tool does that keeps each pass as 8-bit values
    small: Values = np.moveaxis(planes[:, 0], 0, 2).reshape(
        values.shape[0] // scale, values.shape[1] // scale, *values.shape[2:]
    )
    return small


def difference(image: Pixels, result: Pixels) -> float:
    """Return the PSNR in dB between a picture and its result, shrunk back; infinite if equal.

    Peak is the largest value of the type; all channels count, no border is left out; colour under
    full transparency is that of `colour.visible`. A result that is no whole number of times larger
    is shrunk by `resampling.resample`.
    """
    mean = float(np.mean(np.square(_error(image, result), dtype=np.float64)))
    return math.inf if mean == 0 else -10 * math.log10(mean)


def largest_difference(image: Pixels, result: Pixels) -> float:
    """Return the largest such difference of a value, where the type's largest value is 1."""
    return float(np.abs(_error(image, result)).max())


def _error(image: Pixels, result: Pixels) -> Values:
    height, width = image.shape[:2]
    scale = result.shape[0] // height
    big = shown(result)
    if result.shape[:2] == (scale * height, scale * width):
        return shown(image) - shrink(big, scale)
    return shown(image) - resample(big, (height, width))


def shown(image: Pixels) -> Values:
    """Return colours that are seen, and alpha, in [0, 1]."""
    seen, alpha = colour.visible(image)
    if alpha is None:
        return colour.to_unit(image)
    parts = [np.atleast_3d(colour.to_unit(part)) for part in (seen, alpha)]
    return np.concatenate(parts, axis=2)

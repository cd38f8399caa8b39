"""Shrinking a result back: how far it is from the picture, and bringing it nearer."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.kernels import conv
from upweave.ops import interpolation
from upweave.pictures import colour
from upweave.pictures.bicubic import BicubicPlanes
from upweave.pictures.enlarger import Enlarger, Options, Pixels
from upweave.pictures.manners import rounded
from upweave.pictures.resampling import resample

__all__ = ["Faithful", "difference", "largest_difference", "shrink"]

_ROUNDS = 30
_MOST_GAIN = 16
_EDGE = 16  # pixels by which a difference is continued, for its spectrum
_ENOUGH = 0.5 / 255
"""The other half of a grey level is for rounding."""

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
    big = _shown(result)
    if result.shape[:2] == (scale * height, scale * width):
        return _shown(image) - shrink(big, scale)
    return _shown(image) - resample(big, (height, width))


def _shown(image: Pixels) -> Values:
    """Return colours that are seen, and alpha, in [0, 1]."""
    seen, alpha = colour.visible(image)
    if alpha is None:
        return colour.to_unit(image)
    parts = [np.atleast_3d(colour.to_unit(part)) for part in (seen, alpha)]
    return np.concatenate(parts, axis=2)


class Faithful:
    """What an enlarger makes, corrected until shrinking it gives the picture back.

    Within one grey level of 255 at every pixel, where clipping allows it: the difference is
    sharpened by as much as enlarging and shrinking would blur it, enlarged and added, again and
    again.

    M. Irani, S. Peleg, "Improving resolution by image registration", CVGIP: Graphical Models and
    Image Processing 53 (1991), section 3 (iterative back-projection).
    """

    def __init__(self, enlarger: Enlarger) -> None:
        self._enlarger = enlarger
        self._planes = BicubicPlanes(enlarger.scale)
        self.name, self.scale = f"{enlarger.name}, faithful", enlarger.scale

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        wanted = _shown(image)
        big: Values = self._enlarger(wanted, **options)
        gain, last = np.ones_like(wanted), np.zeros_like(wanted)
        best, least = big, math.inf
        for _ in range(_ROUNDS):
            error = wanted - shrink(big, self.scale)
            rest = float(np.abs(error).max())
            if rest < least:
                best, least = big.copy(), rest
            if rest <= _ENOUGH:
                break
            # Where pixels are at black or white, the others around have to move by more.
            stays = (np.sign(error) == np.sign(last)) & (np.abs(error) > _ENOUGH)
            gain = np.where(stays, np.minimum(2 * gain, _MOST_GAIN), 1).astype(np.float32)
            last = error
            step = _sharpened(error, self.scale) + error * (gain - 1)
            self._add(big, step, options.get("threads"))
        return rounded(best, image)

    def _add(self, big: Values, error: Values, threads: int | None) -> None:
        """Add an error, enlarged, and clip."""
        results, errors = np.atleast_3d(big), np.atleast_3d(error)
        planes = [np.ascontiguousarray(errors[..., c]) for c in range(errors.shape[2])]
        for rows, smooth in self._planes(planes, threads):
            results[rows] += np.moveaxis(smooth, 0, 2)
        np.clip(big, 0, 1, out=big)


def _sharpened(error: Values, scale: int) -> Values:
    """Undo, away from the edges, what enlarging by the bicubic kernel and shrinking does."""
    padded = np.pad(error, [(_EDGE, _EDGE)] * 2 + [(0, 0)] * (error.ndim - 2), "edge")
    spectrum = np.fft.rfft2(padded, axes=(0, 1))
    height, width = padded.shape[:2]
    blur = np.outer(_blur(scale, height), _blur(scale, width)[: width // 2 + 1])
    spectrum /= blur.reshape(*blur.shape, *[1] * (error.ndim - 2))
    result: Values = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1)).astype(np.float32)
    return result[_EDGE:-_EDGE, _EDGE:-_EDGE]


def _blur(scale: int, length: int) -> NDArray[np.float64]:
    """Return by how much enlarging and shrinking a line weakens each of its frequencies."""
    taps = interpolation.kernel("bicubic", scale).taps
    both = np.convolve(taps, taps[::-1]) / scale
    middle = len(taps) - 1
    line = np.zeros(length)
    for place in range(middle % scale, len(both), scale):
        line[(place - middle) // scale % length] += both[place]
    response: NDArray[np.float64] = np.fft.fft(line).real
    return response

"""Colour: between pixels and the planes a network takes, and the colour under transparency.

Pixels are arrays of shape (H, W, ...) of uint8, uint16 or float32 in [0, 1]. Planes are float32
arrays of shape (3, H, W) that hold Y, Cb and Cr by ITU-R BT.601 with studio range, divided by 255:
Y from 16/255 (black) to 235/255 (white), Cb and Cr from 16/255 to 240/255 with 128/255 for grey.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.kernels.pixels import Channels, to_pixels, to_planes

__all__ = [
    "apart",
    "extend_under_alpha",
    "from_unit",
    "full_scale",
    "grey_to_luma",
    "luma_to_grey",
    "rgb_to_ycbcr",
    "rounded",
    "to_unit",
    "ycbcr_to_rgb",
]

Pixels = NDArray[Any]
Planes = NDArray[np.float32]

# BT.601: y = 0.299 R + 0.587 G + 0.114 B; Y = 16 + 219 y; Cb = 128 + 112 (B - y) / (1 - 0.114);
# Cr = 128 + 112 (R - y) / (1 - 0.299), all over 255. Written by these, the inverse is exact.
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114
_BLACK, _SWING, _GREY = 16 / 255, 219 / 255, 128 / 255
_TO_CB = 112 / 255 / (1 - _BLUE)
_TO_CR = 112 / 255 / (1 - _RED)

_TINY = np.float32(np.finfo(np.float32).tiny)

# A block's planes (half a megabyte each) stay in the cache between the steps.
_BLOCK = 1 << 17


@cache
def full_scale(dtype: np.dtype[Any]) -> float:
    """Return what stands for 1.0 in an array of ``dtype``: 255, 65535, or 1 for float32."""
    return 1.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)


def to_unit(pixels: Pixels) -> NDArray[np.float32]:
    """Return ``pixels`` as float32 in [0, 1], in the same shape."""
    return np.divide(pixels, np.float32(full_scale(pixels.dtype)), dtype=np.float32)


def from_unit(values: NDArray[np.float32], out: Pixels) -> None:
    """Write ``values`` (1.0 is full scale) into ``out``, clipped, and rounded half up to integers.

    Parameters
    ----------
    values : ndarray of float32
        Overwritten.
    out : ndarray of uint8, uint16 or float32
        Of the same shape.
    """
    scale = full_scale(out.dtype)
    if scale != 1:
        values *= np.float32(scale)
        values += np.float32(0.5)
    np.clip(values, 0, np.float32(scale), out=values)
    np.copyto(out, values, casting="unsafe")  # positive, so cutting the fraction off is floor


def rounded(values: NDArray[np.float32], dtype: np.dtype[Any]) -> Pixels:
    """Return ``values`` as an array of ``dtype``: see `from_unit`, which overwrites them."""
    out = np.empty(values.shape, dtype)
    from_unit(values, out)
    return out


def rgb_to_ycbcr(rgb: Pixels) -> Planes:
    """Part RGB pixels into luma and chroma.

    Parameters
    ----------
    rgb : ndarray, shape (H, W, 3)
        uint8, uint16 or float32 in [0, 1].

    Returns
    -------
    ndarray of float32, shape (3, H, W)
        Y, Cb, Cr (see the module's text).
    """
    return to_planes(_rgb(rgb.dtype), rgb)


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield rows, a block of about ``_BLOCK`` pixels at a time."""
    step = min(shape[0], max(1, _BLOCK // max(1, shape[1])))
    for top in range(0, shape[0], step):
        yield slice(top, top + step)


def ycbcr_to_rgb(y: Planes, cb: Planes, cr: Planes, out: Pixels) -> None:
    """Join luma and chroma to RGB pixels: the inverse of `rgb_to_ycbcr`, clipped and rounded.

    Parameters
    ----------
    y, cb, cr : ndarray of float32, shape (H, W)
        In the units of the module's text.
    out : ndarray, shape (H, W, 3)
        uint8, uint16 or float32; written.
    """
    to_pixels(_rgb(out.dtype), (y, cb, cr), out)


@cache
def _rgb(dtype: np.dtype[Any]) -> Channels:
    """Return what RGB pixels of a type are, by luma and chroma."""
    scale = full_scale(dtype)
    luma, to_blue, to_red = (scale / unit for unit in (_SWING, _TO_CB, _TO_CR))
    red, blue = (luma, 0.0, to_red), (luma, to_blue, 0.0)
    green = (luma, -to_blue * _BLUE / _GREEN, -to_red * _RED / _GREEN)
    return Channels((red, green, blue), (_BLACK, _GREY, _GREY), scale, dtype.name)


def grey_to_luma(grey: Pixels) -> Planes:
    """Return the luma, shape (H, W), of grey pixels, shape (H, W): that of R = G = B = grey."""
    return to_unit(grey) * np.float32(_SWING) + np.float32(_BLACK)


def luma_to_grey(y: Planes, out: Pixels) -> None:
    """Write luma, shape (H, W), as grey pixels into ``out``: the inverse of `grey_to_luma`."""
    for rows in _blocks(y.shape):
        from_unit((y[rows] - np.float32(_BLACK)) / np.float32(_SWING), out[rows])


def apart(image: Pixels) -> tuple[Pixels, Pixels | None]:
    """Return the colour, (H, W) or (H, W, 3), and the alpha, (H, W) or None, of pixels: views."""
    if image.ndim == 2 or image.shape[2] == 3:
        return image, None
    return (image[..., 0] if image.shape[2] == 2 else image[..., :3]), image[..., -1]


def visible(image: Pixels) -> tuple[Pixels, Pixels | None]:
    """Return the colour to enlarge, and the alpha, or None where all is opaque.

    Parameters
    ----------
    image : ndarray, shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)
        uint8, uint16 or float32 in [0, 1].

    Returns
    -------
    colour : ndarray, shape (H, W) or (H, W, 3)
        By `extend_under_alpha` where anything is transparent.
    alpha : ndarray, shape (H, W), or None
    """
    colours, alpha = apart(image)
    if alpha is None or (alpha == full_scale(image.dtype)).all():
        return colours, None
    extended = extend_under_alpha(np.atleast_3d(colours), alpha)
    return (extended[..., 0] if colours.ndim == 2 else extended), alpha


def extend_under_alpha(rgb: Pixels, alpha: Pixels) -> NDArray[np.float32]:
    """Give fully transparent pixels the colour of the visible ones around them.

    What colour a file stores where nothing is seen is arbitrary, often black. Enlarged as it is, it
    bleeds into the visible edge as a dark fringe. Visible pixels keep their colour; each of the
    others takes the mean of the premultiplied colour over the smallest block of 2, 4, 8, ...
    pixels a side around it that has any.

    Parameters
    ----------
    rgb : ndarray, shape (H, W, C)
        uint8, uint16 or float32 in [0, 1].
    alpha : ndarray, shape (H, W)
        Of the same type; 0 is transparent.

    Returns
    -------
    ndarray of float32, shape (H, W, C)
        In [0, 1].
    """
    colour = to_unit(rgb)
    weight = to_unit(alpha)[..., np.newaxis]
    return colour if not weight.any() else _fill(colour, weight)


def _fill(colour: Planes, weight: Planes) -> Planes:
    if weight.all():
        return colour
    height, width = weight.shape[:2]
    mass = _sums_of_four(weight)
    mean = np.divide(_sums_of_four(colour * weight), np.maximum(mass, _TINY), dtype=np.float32)
    coarse = _fill(mean, mass)
    behind = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(weight > 0, colour, behind)


def _sums_of_four(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum blocks of 2 x 2 of an (H, W, C) array; beyond the edge there is nothing."""
    height, width = x.shape[:2]
    even = np.pad(x, ((0, height % 2), (0, width % 2), (0, 0)))
    return even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]

"""Interpolation, each method a transposed convolution with a fixed kernel, and its adjoint.

Every upsampler here places the kernel's copies ``scale`` apart, weighs each with one input
pixel and sums: the transposed convolution of `upweave.ops.reference`. The kernels are separable, so
each axis is treated alone. Pixels are areas: output ``o`` lies at ``(o + 1/2) / scale - 1/2`` on
the input's grid (torch: ``align_corners=False``; ONNX: ``half_pixel``).

`reduce` is the other direction: the ordinary convolution of stride ``scale`` with the very same
bicubic kernel, which is what MATLAB's ``imresize`` computes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops import reference

__all__ = [
    "Kernel",
    "bed_of_nails",
    "bicubic",
    "bicubic_kernel",
    "bilinear",
    "bilinear_kernel",
    "max_pool",
    "max_unpool",
    "nearest",
    "nearest_kernel",
    "reduce",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class Kernel:
    """A 1-D interpolation kernel, and how to use it as a transposed convolution.

    Attributes
    ----------
    taps : ndarray of float64, shape (k,)
        The weights; those of each phase (``taps[r::scale]``) sum to 1.
    padding : int
        What to crop from each end of the full transposed convolution of stride ``scale``, so that
        ``i`` inputs give ``scale * i`` outputs.
    halo : int
        How many inputs beyond each end an output may draw on: edge-pad by so many, and
        crop ``scale * halo`` more.
    """

    taps: NDArray[np.float64]
    padding: int
    halo: int


def _check_scale(scale: int) -> None:
    if isinstance(scale, bool) or not isinstance(scale, int | np.integer) or scale < 1:
        raise ValueError(f"scale: got {scale!r}; expected a whole number of at least 1")


def _sampled(h: Callable[[Array], Array], radius: int, scale: int) -> Kernel:
    """Sample ``h`` (zero outside ``[-radius, radius]``) where the outputs fall between inputs.

    The samples are symmetric about the middle tap (odd ``scale``) or lie half a step off it (even).
    For odd ``scale`` the two samples at ``±radius`` are zero and left out.
    """
    k = 2 * radius * scale - scale % 2
    taps = h(np.abs(np.arange(k) - (k - 1) / 2) / scale)
    for r in range(scale):
        taps[r::scale] /= taps[r::scale].sum()
    taps.flags.writeable = False
    return Kernel(taps, padding=(k - scale) // 2, halo=radius)


def nearest_kernel(scale: int) -> Kernel:
    """Nearest neighbour: ``scale`` ones, nothing cropped."""
    _check_scale(scale)
    return Kernel(np.ones(scale), padding=0, halo=0)


def bilinear_kernel(scale: int) -> Kernel:
    """Return a triangle of ``2 * scale`` taps (even ``scale``) or ``2 * scale - 1`` (odd)."""
    _check_scale(scale)
    return _sampled(lambda x: 1 - x, 1, scale)


def bicubic_kernel(scale: int, a: float = -0.5) -> Kernel:
    """Keys' cubic of ``4 * scale`` taps (even ``scale``) or ``4 * scale - 1`` (odd).

    Parameters
    ----------
    scale : int
        At least 1.
    a : float
        The slope at 1. -0.5 (MATLAB) reproduces quadratics; torch and OpenCV use -0.75.

    Notes
    -----
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29
    (1981), equation 14 with ``a`` in the place of -1/2.
    """
    _check_scale(scale)

    def cubic(x: Array) -> Array:
        near = ((a + 2) * x - (a + 3)) * x * x + 1
        far = a * (((x - 5) * x + 8) * x - 4)
        return np.where(x <= 1, near, far)

    return _sampled(cubic, 2, scale)


def _check_maps(x: Array) -> None:
    if not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.floating):
        got = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"x: got {got}; expected a float32 or float64 array")
    if x.ndim < 3 or 0 in x.shape[2:]:
        raise ValueError(f"x: got shape {x.shape}; expected (N, C, *spatial), no spatial size zero")


def _along_axis(
    x: Array, axis: int, taps: Array, stride: int, padding: int = 0, output_padding: int = 0
) -> Array:
    """Apply a 1-D transposed convolution with ``taps`` to one spatial axis of every channel."""
    lines = np.moveaxis(x, axis, -1)
    w = taps.astype(x.dtype).reshape(1, 1, -1)
    y = reference.phases(
        lines.reshape(-1, 1, lines.shape[-1]),
        w,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
    )
    return np.moveaxis(y.reshape(*lines.shape[:-1], -1), -1, axis)


def _enlarge(x: Array, scale: int, kernel: Kernel) -> Array:
    _check_maps(x)
    crop = kernel.padding + scale * kernel.halo
    for axis in range(2, x.ndim):
        widths = [(0, 0)] * x.ndim
        widths[axis] = (kernel.halo, kernel.halo)
        x = _along_axis(np.pad(x, widths, "edge"), axis, kernel.taps, stride=scale, padding=crop)
    return np.ascontiguousarray(x)


def nearest(x: Array, scale: int) -> Array:
    """Repeat every pixel ``scale`` times along every axis.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
    scale : int
        At least 1.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *(scale * size))
    """
    return _enlarge(x, scale, nearest_kernel(scale))


def bilinear(x: Array, scale: int) -> Array:
    """Interpolate linearly along every axis, the edge pixel repeated beyond the border.

    Shapes, dtypes and errors as `nearest`. Equals ``torch.nn.functional.interpolate`` with
    ``align_corners=False``.
    """
    return _enlarge(x, scale, bilinear_kernel(scale))


def bicubic(x: Array, scale: int, a: float = -0.5) -> Array:
    """Interpolate by Keys' cubic along every axis, the edge pixel repeated beyond the border.

    Shapes, dtypes and errors as `nearest`; ``a`` as in `bicubic_kernel`. Values may overshoot the
    input's range: nothing is clipped.
    """
    return _enlarge(x, scale, bicubic_kernel(scale, a))


def bed_of_nails(x: Array, scale: int) -> Array:
    """Put every pixel at the first corner of a ``scale``-sized block of zeros.

    Shapes, dtypes and errors as `nearest`.
    """
    _check_scale(scale)
    _check_maps(x)
    for axis in range(2, x.ndim):
        x = _along_axis(x, axis, np.ones(1), stride=scale, output_padding=scale - 1)
    return np.ascontiguousarray(x)


def max_pool(x: Array, size: int) -> tuple[Array, NDArray[np.int64]]:
    """Keep the largest value of each ``size``-sized block, and where it stood.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        Rows and columns that fill no whole block are left out.
    size : int
        At least 1; also the stride.

    Returns
    -------
    values : ndarray of the same dtype, shape (N, C, *(spatial // size))
    indices : ndarray of int64, the same shape
        Positions in the flattened spatial axes of ``x`` (as ``torch.nn.MaxPool2d`` returns); of
        equal values, the first.
    """
    _check_scale(size)
    _check_maps(x)
    spatial = x.shape[2:]
    blocks = tuple(n // size for n in spatial)
    if 0 in blocks:
        raise ValueError(f"size: got {size} for spatial size {spatial}; expected at most the least")
    where = np.arange(np.prod(spatial)).reshape(spatial)
    corners = list(itertools.product(range(size), repeat=len(spatial)))

    def pieces(array: Array) -> Array:
        """Every position within a block, (positions, ..., *blocks)."""
        leading = (slice(None),) * (array.ndim - len(spatial))
        cuts = [
            tuple(slice(c, c + n * size, size) for c, n in zip(corner, blocks, strict=True))
            for corner in corners
        ]
        return np.stack([array[leading + cut] for cut in cuts])

    values = pieces(x)
    best = values.argmax(axis=0)
    taken = np.take_along_axis(values, best[None], axis=0)[0]
    places = np.broadcast_to(pieces(where)[:, None, None], values.shape)
    return taken, np.take_along_axis(places, best[None], axis=0)[0]


def max_unpool(x: Array, indices: NDArray[np.int64], output_size: tuple[int, ...]) -> Array:
    """Put every value back where `max_pool` found it; zeros elsewhere.

    The one upsampler whose positions depend on data: a scatter by recorded indices.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
    indices : ndarray of integers, shape of ``x``
        Positions in the flattened ``output_size``.
    output_size : tuple of int
        The spatial size of the result.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *output_size)
    """
    _check_maps(x)
    if indices.shape != x.shape:
        raise ValueError(f"indices: got shape {indices.shape}; expected that of x, {x.shape}")
    if len(output_size) != x.ndim - 2:
        raise ValueError(f"output_size: got {output_size}; expected {x.ndim - 2} numbers")
    total = int(np.prod(output_size))
    if indices.size and not 0 <= indices.min() <= indices.max() < total:
        raise ValueError(f"indices: got a value outside 0 to {total - 1}")
    flat = np.zeros((*x.shape[:2], total), x.dtype)
    np.put_along_axis(flat, indices.reshape(*x.shape[:2], -1), x.reshape(*x.shape[:2], -1), axis=-1)
    return flat.reshape(*x.shape[:2], *output_size)


def reduce(picture: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Make a picture ``scale`` times smaller as MATLAB's ``imresize(…, 1/scale, 'bicubic')`` does.

    The bicubic kernel, widened by ``scale`` (antialiasing), as a convolution of stride ``scale``:
    vertically, rounded to 8 bit, then horizontally, rounded to 8 bit; border pixels repeated.

    Parameters
    ----------
    picture : ndarray of uint8, shape (H, W) or (H, W, C)
        H and W must be multiples of ``scale``.
    scale : int
        At least 1.

    Returns
    -------
    ndarray of uint8, shape (H / scale, W / scale) or (H / scale, W / scale, C)

    Notes
    -----
    Reproduces the low-resolution files of Set5, Set14 and BSD100 (SelfExSR's) byte for byte.
    Halves round up, as MATLAB's ``uint8`` does for numbers that are not negative.
    """
    _check_scale(scale)
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        raise TypeError("picture: expected an array of uint8")
    if picture.ndim not in {2, 3} or 0 in picture.shape:
        raise ValueError(f"picture: got shape {picture.shape}; expected (H, W) or (H, W, C)")
    if picture.shape[0] % scale or picture.shape[1] % scale:
        raise ValueError(
            f"picture: got {picture.shape[0]}×{picture.shape[1]}; expected multiples of {scale}"
        )
    return _reduce_axis(_reduce_axis(picture, scale, 0), scale, 1)


def _reduce_axis(picture: NDArray[np.uint8], scale: int, axis: int) -> NDArray[np.uint8]:
    kernel = bicubic_kernel(scale)
    lines = np.moveaxis(picture, axis, 0)
    halo = scale * kernel.halo  # at least the kernel's padding; slices below start inside it
    lines = np.pad(lines, [(halo, halo)] + [(0, 0)] * (lines.ndim - 1), "edge")
    size = picture.shape[axis] // scale
    total = np.zeros((size, *lines.shape[1:]))
    for t, tap in enumerate(kernel.taps / scale):
        first = halo - kernel.padding + t
        total += tap * lines[first : first + size * scale : scale]
    # Sums that are whole halves in exact arithmetic may come out a few units of 1e-14 below.
    small = np.clip(np.floor(total + (0.5 + 1e-9)), 0, 255).astype(np.uint8)
    return np.moveaxis(small, 0, axis)

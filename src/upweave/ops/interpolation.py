"""Interpolation to a whole multiple of the size, each method by its fixed kernel; and its adjoint.

Pixels are values at whole places of a grid, and every axis is treated alone. Where output ``o`` of
``scale * i`` lies on the grid of ``i`` inputs, the word `positions` says:

"half_pixel"
    At ``(o + 1/2) / scale - 1/2``: pixels are areas, and the pictures cover each other (PyTorch:
    ``align_corners=False``; ONNX: the same word).
"asymmetric"
    At ``o / scale``: every input has an output in its place, and the others follow it.
"align_corners"
    At ``o (i - 1) / (scale i - 1)``: the first and the last outputs lie on the first and the last
    input.

The functions compute the direct form, `upweave.ops.resampling`: each output is a weighted sum of
the inputs around it. Beyond the border, the edge pixel is repeated. In the first two cases the same
weights return every ``scale`` outputs, so that it is also a transposed convolution: of stride
``scale``, with the taps that `kernel` returns. That is equal wherever an output draws on no pixel
beyond the border; and everywhere, if the input is padded by the kernel's ``halo``, its edge pixels
repeated, and what that adds to the output is cropped (the kernel's ``crop``).

`bed_of_nails`, and `max_unpool` with `max_pool`, put zeros between the pixels: they have no border
to care for. `reduce` is the other direction: the ordinary convolution of stride ``scale`` with the
bicubic kernel, which is what MATLAB's ``imresize`` computes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from upweave.ops import resampling
from upweave.ops._arguments import check_maps
from upweave.ops._checks import Floats, one_of, whole
from upweave.ops.pooling import max_pool, max_unpool
from upweave.ops.resampling import Taps, interpolating, resample

__all__ = [
    "Kernel",
    "bed_of_nails",
    "bicubic",
    "bilinear",
    "kernel",
    "max_pool",
    "max_unpool",
    "nearest",
    "reduce",
]

NAMES = ("nearest", "bilinear", "bicubic", "bed_of_nails")
POSITIONS = ("half_pixel", "asymmetric", "align_corners")


@dataclass(frozen=True)
class Kernel:
    """A 1-D interpolation kernel, and how to use it as a transposed convolution.

    Attributes
    ----------
    taps : ndarray of float64, shape (k,)
        The weights; those of each phase (``taps[r::scale]``) sum to 1, but for "bed_of_nails".
    scale : int
        The stride.
    padding : tuple of (int, int)
        What to crop from the ends of the full output, so that ``i`` inputs give ``scale * i``
        outputs; where it is negative, zeros are added.
    halo : int
        How many inputs beyond each end an output may draw on: edge-pad by so many, and crop
        ``scale * halo`` more.
    crop : tuple of (int, int)
        The padding for an input with the halo around it.

    Examples
    --------
    >>> from upweave.ops import reference
    >>> triangle = kernel("bilinear", 2)
    >>> padded = np.pad([3.0, 7.0], triangle.halo, "edge")[None, None]
    >>> w = triangle.taps[None, None]
    >>> reference.scatter(padded, w, stride=2, padding=[triangle.crop]).tolist()
    [[[3.0, 4.0, 6.0, 7.0]]]
    """

    taps: NDArray[np.float64]
    scale: int
    padding: tuple[int, int]
    halo: int

    @property
    def crop(self) -> tuple[int, int]:
        """Return the padding for an input with the halo around it."""
        begin, end = self.padding
        return begin + self.scale * self.halo, end + self.scale * self.halo


def kernel(name: str, scale: int, *, a: float = -0.5, positions: str = "half_pixel") -> Kernel:
    """Return the kernel with which a transposed convolution interpolates.

    Parameters
    ----------
    name : str
        "nearest" (``scale`` ones), "bilinear" (a triangle), "bicubic" (Keys' cubic) or
        "bed_of_nails" (a single one).
    scale : int
        At least 1.
    a : float
        The slope at 1 of "bicubic", as that function takes it.
    positions : str
        "half_pixel": the kernel's middle lies half way between two taps where `scale` is even, so
        that "bilinear" has ``2 * scale`` taps and "bicubic" ``4 * scale``; where it is odd, one
        less. "asymmetric": the middle is a tap, and they have ``2 * scale - 1`` and
        ``4 * scale - 1``. "align_corners" is refused: there the weights differ from pixel to pixel,
        since outputs lie ``(i - 1) / (scale i - 1)`` apart, and no fixed kernel has them. The two
        other names are the same for both.

    Returns
    -------
    Kernel

    Raises
    ------
    TypeError
        If `scale` is no whole number.
    ValueError
        If an argument is none of these.

    Notes
    -----
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29
    (1981), equation 14 with `a` in the place of -1/2.

    Examples
    --------
    >>> kernel("bilinear", 2).taps.tolist()
    [0.25, 0.75, 0.75, 0.25]
    >>> kernel("bilinear", 2, positions="asymmetric").taps.tolist()
    [0.5, 1.0, 0.5]
    """
    one_of("name", name, NAMES)
    whole("scale", scale, 1)
    one_of("positions", positions, POSITIONS)
    if positions == "align_corners":
        raise ValueError(
            'positions: got "align_corners", whose weights differ from pixel to pixel, as no '
            'kernel\'s do; "half_pixel" or "asymmetric" would do'
        )
    if name == "nearest":
        return Kernel(_constant(np.ones(scale)), scale, (0, 0), halo=0)
    if name == "bed_of_nails":
        return Kernel(_constant(np.ones(1)), scale, (0, 1 - scale), halo=0)
    h, radius = _shape(name, a)
    return _sampled(h, radius, scale, positions)


def _shape(name: str, a: float) -> tuple[resampling.Kernel, int]:
    """Return the continuous kernel of a name, and its radius."""
    return (resampling.linear, 1) if name == "bilinear" else (resampling.cubic(a), 2)


def _sampled(h: resampling.Kernel, radius: int, scale: int, positions: str) -> Kernel:
    """Sample ``h`` (zero outside ``[-radius, radius]``) where the outputs fall between inputs.

    The samples are symmetric about the middle tap, or lie half a step off it ("half_pixel" and even
    ``scale``). The samples at ``±radius`` are zero and left out.
    """
    halves = positions == "half_pixel" and scale % 2 == 0
    k = 2 * radius * scale - (not halves)
    taps = h(np.abs(np.arange(k) - (k - 1) / 2) / scale)
    for r in range(scale):
        taps[r::scale] /= taps[r::scale].sum()
    begin = (k - scale) // 2 if positions == "half_pixel" else radius * scale - 1
    return Kernel(_constant(taps), scale, (begin, k - scale - begin), halo=radius)


def _constant(taps: NDArray[np.float64]) -> NDArray[np.float64]:
    taps.flags.writeable = False
    return taps


def nearest(x: Floats, scale: int, *, positions: str = "half_pixel") -> Floats:
    """Take the nearest pixel for every output.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        With one or more spatial axes, of sizes of at least 1.
    scale : int
        At least 1.
    positions : str
        "half_pixel" or "asymmetric": output ``o`` is input ``floor(o / scale)``, so that every
        pixel is repeated ``scale`` times along every axis. (In the first case no output lies in
        the middle of two inputs; in the second, outputs lie at or after their input, which stands
        for them all, as PyTorch's "nearest" and ONNX's ``nearest_mode="floor"`` have it.)
        "align_corners": the nearest input, and of two equally near the first, as ONNX's
        "round_prefer_floor" has it.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *(scale * size))

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64, or `scale` no whole number.
    ValueError
        If its shape, `scale` or `positions` are none of these.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html,
    https://onnx.ai/onnx/operators/onnx__Resize.html

    Examples
    --------
    >>> nearest(np.array([[[1.0, 2.0]]]), 3).tolist()
    [[[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]]]
    """
    return _enlarge(x, "nearest", scale, -0.5, positions)


def bilinear(x: Floats, scale: int, *, positions: str = "half_pixel") -> Floats:
    """Interpolate linearly along every axis, the edge pixel repeated beyond the border.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        With one or more spatial axes, of sizes of at least 1.
    scale : int
        At least 1.
    positions : str
        Where outputs lie; "half_pixel", "asymmetric" or "align_corners", as the module says.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *(scale * size))

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64, or `scale` no whole number.
    ValueError
        If its shape, `scale` or `positions` are none of these.

    Notes
    -----
    Equals PyTorch's modes "linear", "bilinear" and "trilinear", with ``align_corners=False`` for
    "half_pixel": https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html

    Examples
    --------
    >>> x = np.array([[[0.0, 4.0]]])
    >>> bilinear(x, 2).tolist()
    [[[0.0, 1.0, 3.0, 4.0]]]
    >>> bilinear(x, 2, positions="asymmetric").tolist()
    [[[0.0, 2.0, 4.0, 4.0]]]
    """
    return _enlarge(x, "bilinear", scale, -0.5, positions)


def bicubic(x: Floats, scale: int, a: float = -0.5, *, positions: str = "half_pixel") -> Floats:
    """Interpolate by Keys' cubic along every axis, the edge pixel repeated beyond the border.

    Values may overshoot the input's range: nothing is clipped.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        With one or more spatial axes, of sizes of at least 1.
    scale : int
        At least 1.
    a : float
        The slope at 1. -0.5 (MATLAB) reproduces quadratics; PyTorch, OpenCV and ONNX have -0.75.
    positions : str
        Where outputs lie; "half_pixel", "asymmetric" or "align_corners", as the module says.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *(scale * size))

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64, or `scale` no whole number.
    ValueError
        If its shape, `scale` or `positions` are none of these.

    Notes
    -----
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29
    (1981), equation 14 with `a` in the place of -1/2.

    Examples
    --------
    >>> bicubic(np.array([[[0.0, 1.0, 4.0, 9.0, 16.0]]]), 2)[..., 4:6].tolist()
    [[[3.0625, 5.0625]]]
    """
    return _enlarge(x, "bicubic", scale, a, positions)


def _enlarge(x: Floats, name: str, scale: int, a: float, positions: str) -> Floats:
    whole("scale", scale, 1)
    one_of("positions", positions, POSITIONS)
    check_maps(x)
    for axis in range(2, x.ndim):
        x = resample(x, axis, _taps(name, x.shape[axis], scale, a, positions))
    return np.ascontiguousarray(x)


def _taps(name: str, size: int, scale: int, a: float, positions: str) -> Taps:
    """Return what each of ``scale * size`` outputs draws on."""
    # Where they lie, as fractions: whole numbers keep the phases' weights exactly alike.
    o = np.arange(scale * size)
    places, of = {
        "half_pixel": (2 * o + 1 - scale, 2 * scale),
        "asymmetric": (o, scale),
        "align_corners": (o * (size - 1), max(scale * size - 1, 1)),
    }[positions]
    if name == "nearest":
        half = 0 if positions == "asymmetric" else of - 1
        inputs = (2 * places + half) // (2 * of)
        return Taps(inputs[:, None], np.ones((len(o), 1)))
    h, radius = _shape(name, a)
    return interpolating(places % of / of, size, h, radius, whole=places // of)


def bed_of_nails(x: Floats, scale: int) -> Floats:
    """Put every pixel at the first corner of a ``scale``-sized block of zeros.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        With one or more spatial axes, of sizes of at least 1.
    scale : int
        At least 1.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *(scale * size))

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64, or `scale` no whole number.
    ValueError
        If its shape or `scale` are none of these.

    Examples
    --------
    >>> bed_of_nails(np.array([[[1.0, 2.0]]]), 3).tolist()
    [[[1.0, 0.0, 0.0, 2.0, 0.0, 0.0]]]
    """
    whole("scale", scale, 1)
    check_maps(x)
    y = np.zeros((*x.shape[:2], *(scale * n for n in x.shape[2:])), x.dtype)
    y[:, :, *[slice(None, None, scale)] * (x.ndim - 2)] = x
    return y


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

    Raises
    ------
    TypeError
        If `picture` is no array of uint8, or `scale` no whole number.
    ValueError
        If its shape or `scale` are none of these.

    Notes
    -----
    Reproduces the low-resolution files of Set5, Set14 and BSD100 (SelfExSR's) byte for byte.
    Halves round up, as MATLAB's ``uint8`` does for numbers that are not negative.
    https://www.mathworks.com/help/images/ref/imresize.html

    Examples
    --------
    >>> reduce(np.full((4, 6), 200, np.uint8), 2).tolist()
    [[200, 200, 200], [200, 200, 200]]
    """
    whole("scale", scale, 1)
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        got = picture.dtype if isinstance(picture, np.ndarray) else type(picture).__name__
        raise TypeError(f"picture: got {got}; an array of uint8 would do")
    if picture.ndim not in {2, 3} or 0 in picture.shape:
        raise ValueError(f"picture: got the shape {picture.shape}; (H, W) or (H, W, C) would do")
    if picture.shape[0] % scale or picture.shape[1] % scale:
        raise ValueError(
            f"picture: got {picture.shape[0]}×{picture.shape[1]}; multiples of {scale} would do"
        )
    return _reduce_axis(_reduce_axis(picture, scale, 0), scale, 1)


def _reduce_axis(picture: NDArray[np.uint8], scale: int, axis: int) -> NDArray[np.uint8]:
    cubic = kernel("bicubic", scale)
    lines = np.moveaxis(picture, axis, 0)
    halo = scale * cubic.halo  # at least the kernel's padding; slices below start inside it
    lines = np.pad(lines, [(halo, halo)] + [(0, 0)] * (lines.ndim - 1), "edge")
    size = picture.shape[axis] // scale
    total = np.zeros((size, *lines.shape[1:]))
    for t, tap in enumerate(cubic.taps / scale):
        first = halo - cubic.padding[0] + t
        total += tap * lines[first : first + size * scale : scale]
    # Sums that are whole halves in exact arithmetic may come out a few units of 1e-14 below.
    small = np.clip(np.floor(total + (0.5 + 1e-9)), 0, 255).astype(np.uint8)
    return np.moveaxis(small, 0, axis)

"""Keras' up-sampling layers, with the arithmetic of the TensorFlow backend.

Apart from "nearest", which repeats values, TensorFlow computes in float32 whatever the type is: the
places on the input's grid, the weights and the sums. Output ``o`` of an axis lies on
``(o + 1/2) / scale - 1/2``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops._checks import Floats, check_floats, each, whole
from upweave.ops.axes import PerAxis
from upweave.ops.conventions.keras._words import (
    check_rank,
    check_spatial,
    is_channels_first,
    word,
)
from upweave.ops.resampling import Taps, cubic, resample

Array = NDArray[Any]

CUBIC_STEPS = 1024
"""TensorFlow rounds places between two inputs to so many steps, to look weights up in a table."""


def up_sampling(
    inputs: Floats,
    size: PerAxis,
    data_format: str | None = None,
    interpolation: str = "nearest",
) -> Floats:
    """Return what Keras' layer UpSampling1D, UpSampling2D or UpSampling3D returns.

    Parameters
    ----------
    inputs : array of shape (N, *spatial, C), or (N, C, *spatial)
        The latter with "channels_first". The layer is that for its number of spatial axes.
    size : int, or one per axis over two and three axes
        The scales, at least 1.
    data_format : "channels_last" or "channels_first", optional
        UpSampling1D itself has only the former.
    interpolation : "nearest"; over two axes also "bilinear", "bicubic", "lanczos3" or "lanczos5"

    Returns
    -------
    array of shape (N, *sizes, C), or (N, C, *sizes)
        Sizes are ``size * spatial``.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://keras.io/api/layers/reshaping_layers/up_sampling2d/, and
    https://www.tensorflow.org/api_docs/python/tf/image/resize, which does the work. Pixel centres
    are at halves. "bilinear" repeats the border's values. The others leave out inputs beyond the
    border and divide the weights by their sum; "bicubic" is Keys' cubic with a = -1/2. All but
    "nearest" compute in float32, also for float64. The last bit of "lanczos3" and "lanczos5"
    depends on the sine of the machine's C library in TensorFlow, but not here.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 4.0]).reshape(1, 1, 2, 1)
    >>> up_sampling(x, (1, 2)).ravel()
    array([0., 0., 4., 4.])
    >>> up_sampling(x, (1, 2), interpolation="bilinear").ravel()
    array([0., 1., 3., 4.])
    """
    check_floats(inputs=inputs)
    check_rank(inputs)
    first = is_channels_first(data_format)
    axes = inputs.ndim - 2
    scales = (whole("size", size, 1),) if axes == 1 else each("size", size, axes, 1)
    smooth = tuple(_SMOOTH) if axes == 2 else ()
    way = word("interpolation", interpolation, ("nearest", *smooth))
    place = 2 if first else 1
    if way == "nearest":
        for axis, scale in enumerate(scales, start=place):
            inputs = np.repeat(inputs, scale, axis)
        return np.ascontiguousarray(inputs)
    check_spatial(inputs, first)
    with np.errstate(over="ignore", invalid="ignore"):
        y = _SMOOTH[way](inputs.astype(np.float32), place, scales)
    return np.ascontiguousarray(y.astype(inputs.dtype))


def _bilinear(x: Array, place: int, scales: Sequence[int]) -> Array:
    """Return x resized on two axes, between columns first."""
    if max(scales) == 1:
        return x  # as in TensorFlow, where an infinite input then makes no NaN
    for axis in (1, 0):
        x = _between(x, place + axis, scales[axis])
    return x


def _between(x: Array, axis: int, scale: int) -> Array:
    """Return one axis with ``a + (b - a) * t`` for the inputs a and b around each place."""
    places = _places(x.shape[axis], scale)
    low = np.floor(places)
    t = (places - low).reshape(-1, *[1] * (x.ndim - 1 - axis))
    a = np.take(x, np.maximum(low, 0).astype(np.int64), axis)
    b = np.take(x, np.minimum(np.ceil(places), x.shape[axis] - 1).astype(np.int64), axis)
    return np.asarray(a + (b - a) * t)


def _weighted(
    taps: Callable[[int, int], Taps], x: Array, place: int, scales: Sequence[int]
) -> Array:
    """Return x resized on two axes by the taps of each, over rows first."""
    for axis, scale in enumerate(scales, start=place):
        x = resample(x, axis, taps(x.shape[axis], scale))
    return x


def _cubic_taps(size: int, scale: int) -> Taps:
    places = _places(size, scale)
    low = np.floor(places)
    steps = np.rint((places - low) * CUBIC_STEPS)
    taps = np.arange(-1, 3)
    distances = taps - steps[:, None].astype(np.float64) / CUBIC_STEPS
    weights = cubic(-0.5)(distances).astype(np.float32)
    return _within(low[:, None].astype(np.int64) + taps, weights, size)


def _lanczos_taps(radius: int, size: int, scale: int) -> Taps:
    centres = (np.arange(size * scale, dtype=np.float32) + 0.5) * (1 / np.float32(scale))
    first = np.ceil(centres - radius - 0.5).astype(np.int64)
    indices = first[:, None] + np.arange(2 * radius + 1)
    distances = np.abs(indices.astype(np.float32) + 0.5 - centres[:, None])
    return _within(indices, _lanczos(distances, radius), size)


def _lanczos(distance: Array, radius: int) -> Array:
    """Return ``sinc(x) sinc(x / radius)`` with the roundings of TensorFlow."""
    x, pi = np.maximum(distance, np.float32(1e-3)), np.float32(np.pi)
    product = radius * _sine(x * pi) * _sine(x * pi / radius)
    weights = np.where(distance <= np.float32(1e-3), 1, product / (pi * pi * x * x))
    return np.where(distance > radius, 0, weights).astype(np.float32)


def _sine(x: Array) -> Array:
    """Return the sine, rounded once."""
    return np.sin(x.astype(np.float64)).astype(np.float32)


def _within(indices: NDArray[np.int64], weights: Array, size: int) -> Taps:
    """Return taps of the inputs that exist, their weights divided by their sum."""
    weights = np.where((indices >= 0) & (indices < size), weights, 0)
    total = reduce(np.add, weights.T)
    normal = weights * (1 / total)[:, None]
    return Taps(np.clip(indices, 0, size - 1), normal.astype(np.float64))


def _places(size: int, scale: int) -> Array:
    """Return where each output lies on the input's grid; input j lies on j."""
    centres = np.arange(size * scale, dtype=np.float32) + 0.5
    return centres * (np.float32(size) / np.float32(size * scale)) - 0.5


_SMOOTH: dict[str, Callable[[Array, int, Sequence[int]], Array]] = {
    "bilinear": _bilinear,
    "bicubic": partial(_weighted, _cubic_taps),
    "lanczos3": partial(_weighted, partial(_lanczos_taps, 3)),
    "lanczos5": partial(_weighted, partial(_lanczos_taps, 5)),
}

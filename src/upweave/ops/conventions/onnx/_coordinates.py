"""Where each output of ONNX's Resize lies on the input's grid: all coordinate and nearest modes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Positions = NDArray[np.floating[Any]]

TIE = 1e-6
"""How far from the middle between two inputs ONNX Runtime still sees an output there."""


@dataclass(frozen=True)
class Axis:
    """What is made of one axis of the input.

    Attributes
    ----------
    size, outputs : int
    scale : float
        About ``outputs / size``; with `scales` given, it is exactly what was given.
    length : float
        The number of outputs, as "align_corners" counts them: it may be a fraction.
    roi : tuple of float
        Start and end of the region that "tf_crop_and_resize" takes; 0 and 1 are the whole.
    """

    size: int
    outputs: int
    scale: float
    length: float
    roi: tuple[float, float] = (0.0, 1.0)

    @property
    def kept(self) -> bool:
        """Whether the axis stays as it is in every mode; even with a region, in ONNX Runtime."""
        return bool(np.float32(self.scale) == 1)


def positions(axis: Axis, mode: str, dtype: DTypeLike) -> Positions:
    """Return where each output lies; input ``j`` lies at ``j``.

    The arithmetic is that of `dtype`, in ONNX Runtime's order: with float32, it rounds alike.
    """
    return _TRANSFORMATIONS[mode](axis, np.arange(axis.outputs).astype(dtype))


def outside(axis: Axis, mode: str) -> NDArray[np.bool_]:
    """Return which outputs lie beyond the first or the last input, in single precision."""
    at = positions(axis, mode, np.float32)
    return (at < 0) | (at > axis.size - 1)


def nearest(axis: Axis, mode: str, nearest_mode: str) -> NDArray[np.int64]:
    """Return the input that each output takes, decided in single precision."""
    at = positions(axis, mode, np.float32).astype(np.float64)
    return np.clip(_ROUNDINGS[nearest_mode](at), 0, axis.size - 1).astype(np.int64)


def _half_pixel(axis: Axis, x: Positions) -> Positions:
    return (x + 0.5) / axis.scale - 0.5


def _half_pixel_symmetric(axis: Axis, x: Positions) -> Positions:
    """Put the middle of the outputs on the middle of the inputs, also if `length` is a fraction."""
    size, outputs = np.full_like(x, axis.size), np.full_like(x, axis.outputs)
    offset = size / 2 * (1 - outputs / (size * axis.scale))
    # ONNX Runtime's last steps are in double precision, but its scale is not.
    scale = np.full_like(x, axis.scale).astype(np.float64)
    at: Positions = offset + (x + np.float64(0.5)) / scale - 0.5
    return at.astype(x.dtype)


def _pytorch_half_pixel(axis: Axis, x: Positions) -> Positions:
    return _half_pixel(axis, x) if axis.outputs > 1 else np.zeros_like(x)


def _align_corners(axis: Axis, x: Positions) -> Positions:
    if axis.length == 1:
        return np.zeros_like(x)
    steps: Positions = np.full_like(x, axis.length) - 1
    return x * (axis.size - 1) / steps


def _asymmetric(axis: Axis, x: Positions) -> Positions:
    return x / axis.scale


def _tf_half_pixel_for_nn(axis: Axis, x: Positions) -> Positions:
    return (x + 0.5) / axis.scale


def _tf_crop_and_resize(axis: Axis, x: Positions) -> Positions:
    start, end = np.full_like(x, axis.roi[0]), np.full_like(x, axis.roi[1])
    last = axis.size - 1
    if axis.outputs > 1:
        return start * last + x * (end - start) * last / (axis.outputs - 1)
    middle = 0.5 * (start + end).astype(np.float64) * last  # so ONNX Runtime too
    return middle.astype(x.dtype)


_TRANSFORMATIONS: dict[str, Callable[[Axis, Positions], Positions]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _half_pixel_symmetric,
    "pytorch_half_pixel": _pytorch_half_pixel,
    "align_corners": _align_corners,
    "asymmetric": _asymmetric,
    "tf_half_pixel_for_nn": _tf_half_pixel_for_nn,
    "tf_crop_and_resize": _tf_crop_and_resize,
}
_ROUNDINGS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "round_prefer_floor": lambda at: np.ceil(at - 0.5 - TIE),
    "round_prefer_ceil": lambda at: np.floor(at + 0.5 + TIE),
    "floor": np.floor,
    "ceil": np.ceil,
}
COORDINATE_MODES = tuple(_TRANSFORMATIONS)
NEAREST_MODES = tuple(_ROUNDINGS)

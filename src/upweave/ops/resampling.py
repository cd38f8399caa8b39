"""Interpolation in its direct form: each output is a weighted sum of a few inputs of its axis.

This is the other way to say what `upweave.ops.interpolation.kernel` says as a transposed
convolution. It has no whole scale to keep to: an output may lie anywhere on the input's grid.
Libraries differ in where it lies, in the kernel, and in what they take for inputs beyond the
border; they agree in that every axis is treated alone. So `Taps` describes one axis, and `resample`
applies it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kernel = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""The weight of an input at a distance, in inputs; zero outside its radius."""


@dataclass(frozen=True)
class Taps:
    """Which inputs each output of an axis draws on, and how much.

    Attributes
    ----------
    indices : ndarray of int64, shape (outputs, taps)
        Inputs, within the axis.
    weights : ndarray of float64, shape (outputs, taps)

    Examples
    --------
    Two outputs, the mean of both inputs and the second input:

    >>> taps = Taps(np.array([[0, 1], [0, 1]]), np.array([[0.5, 0.5], [0, 1]]))
    >>> resample(np.array([2.0, 4.0]), 0, taps).tolist()
    [3.0, 4.0]
    """

    indices: NDArray[np.int64]
    weights: NDArray[np.float64]


def linear(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the triangle of radius 1.

    Parameters
    ----------
    distance : ndarray of float64
        From the output to the input, of any sign and shape.

    Returns
    -------
    ndarray of float64, of the same shape

    Examples
    --------
    >>> linear(np.array([-0.25, 0.0, 1.5])).tolist()
    [0.75, 1.0, 0.0]
    """
    weight: NDArray[np.float64] = np.maximum(1 - np.abs(distance), 0)
    return weight


def cubic(a: float) -> Kernel:
    """Return Keys' cubic of radius 2 with the slope `a` at 1.

    Parameters
    ----------
    a : float
        -0.5 reproduces quadratics.

    Returns
    -------
    callable
        From distances, of any sign, to weights.

    Notes
    -----
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29
    (1981), equation 14 with `a` in the place of -1/2.

    Examples
    --------
    >>> cubic(-0.5)(np.array([-0.5, 0.0, 1.0, 1.5])).tolist()
    [0.5625, 1.0, 0.0, -0.0625]
    """

    def kernel(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        x = np.abs(distance)
        near = ((a + 2) * x - (a + 3)) * x * x + 1
        far = a * (((x - 5) * x + 8) * x - 4)
        return np.where(x <= 1, near, np.where(x < 2, far, 0.0))

    return kernel


def interpolating(
    positions: NDArray[np.float64],
    size: int,
    kernel: Kernel,
    radius: int,
    *,
    widen: float = 1.0,
    renormalise: bool = False,
    whole: NDArray[np.int64] | None = None,
) -> Taps:
    """Return the taps of a kernel put at each output's position.

    Parameters
    ----------
    positions : ndarray of float64, shape (outputs,)
        Where each output lies on the input's grid; input ``j`` lies at ``j``.
    size : int
        Number of inputs, at least 1.
    kernel : callable
    radius : int
        Outside of it the kernel is zero.
    widen : float
        Stretches the kernel, at least 1: 1 / scale, where it is made smaller, avoids aliasing. The
        weights of each output are then divided by their sum.
    renormalise : bool
        Whether inputs beyond the border count nothing, the others the more for it. Otherwise the
        border's input stands for them.
    whole : ndarray of int64, shape (outputs,), optional
        Whole numbers to add to the positions. Positions that are fractions then keep their digits
        however many inputs there are.

    Returns
    -------
    Taps

    Examples
    --------
    One output in the middle of two inputs, and one beyond them:

    >>> taps = interpolating(np.array([0.5, 1.25]), 2, linear, 1)
    >>> taps.indices.tolist(), taps.weights.tolist()
    ([[0, 1], [1, 1]], [[0.5, 0.5], [0.75, 0.25]])
    """
    reach = radius * widen
    first = np.floor(positions - reach).astype(np.int64) + 1
    steps = np.arange(2 * int(np.ceil(reach)))
    indices = first[:, None] + steps
    weights = kernel((indices - positions[:, None]) / widen)
    if whole is not None:
        indices = indices + whole[:, None]
    if renormalise:
        weights = np.where((indices >= 0) & (indices < size), weights, 0.0)
    if renormalise or widen > 1:
        weights = weights / weights.sum(axis=1, keepdims=True)
    return Taps(np.clip(indices, 0, size - 1), weights)


def resample(x: Array, axis: int, taps: Taps) -> Array:
    """Return x with one axis resampled.

    Parameters
    ----------
    x : ndarray of float32 or float64
    axis : int
    taps : Taps

    Returns
    -------
    ndarray of the same dtype
        Of the size ``len(taps.indices)`` on that axis.

    Examples
    --------
    >>> halves = interpolating(np.array([0.0, 0.5, 1.0]), 2, linear, 1)
    >>> resample(np.array([[0.0, 4.0]], np.float32), 1, halves).tolist()
    [[0.0, 2.0, 4.0]]
    """
    lines = np.moveaxis(x, axis, -1)
    weights = taps.weights.astype(x.dtype)
    y = np.zeros((*lines.shape[:-1], len(weights)), x.dtype)
    for t in range(weights.shape[1]):
        y += lines[..., taps.indices[:, t]] * weights[:, t]
    return np.moveaxis(y, -1, axis)

"""Max-pooling with indices and its way back, which `upweave.ops.interpolation` offers too."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops._arguments import check_maps
from upweave.ops._checks import Floats
from upweave.ops.axes import PerAxis, per_axis


def max_pool(
    x: Floats, size: PerAxis, *, stride: PerAxis | None = None, padding: PerAxis = 0
) -> tuple[Floats, NDArray[np.int64]]:
    """Keep the largest value of each window, and where it stood.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
        With one or more spatial axes, of sizes of at least 1.
    size : int or one per axis
        Of the windows, at least 1.
    stride : int or one per axis, optional
        From one window to the next, at least 1; otherwise `size`, so that windows are blocks.
    padding : int or one per axis
        How far windows reach beyond both ends: 0 to half of `size`. Nothing is there to be kept.

    Returns
    -------
    values : ndarray of the same dtype, shape (N, C, *output)
        With ``(n + 2 * padding - size) // stride + 1`` windows along an axis of n; what fills no
        whole window is left out. Of values that are no number, the last is kept.
    indices : ndarray of int64, the same shape
        Positions in the flattened spatial axes of `x`; of equal values, the first.

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64, or a number is not whole.
    ValueError
        If its shape or a number is none of these, or no window fits.

    Notes
    -----
    Equals PyTorch's ``max_pool1d``, ``2d`` and ``3d`` with ``return_indices=True``:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    Examples
    --------
    >>> values, indices = max_pool(np.array([[[1.0, 5.0, 2.0, 4.0]]]), 2)
    >>> values.tolist(), indices.tolist()
    ([[[5.0, 4.0]]], [[[1, 3]]])
    """
    check_maps(x)
    spatial = x.shape[2:]
    window = per_axis("size", size, len(spatial), least=1)
    step = window if stride is None else per_axis("stride", stride, len(spatial), least=1)
    around = per_axis("padding", padding, len(spatial), least=0)
    counts = _windows(spatial, window, step, around)
    room = [(p, p) for p in around]
    padded = np.pad(x, [(0, 0), (0, 0), *room])
    places = np.pad(np.arange(prod(spatial)).reshape(spatial), room, constant_values=-1)
    values = np.zeros((*x.shape[:2], *counts), x.dtype)
    indices = np.full(values.shape, -1)
    for corner in np.ndindex(*window):
        cut = tuple(
            slice(c, c + (n - 1) * s + 1, s) for c, n, s in zip(corner, counts, step, strict=True)
        )
        value, place = padded[:, :, *cut], places[cut]
        better = (place >= 0) & ((indices < 0) | (value > values) | np.isnan(value))
        values = np.where(better, value, values)
        indices = np.where(better, place, indices)
    return values, indices


def _windows(
    spatial: Sequence[int], window: Sequence[int], step: Sequence[int], around: Sequence[int]
) -> list[int]:
    """Return how many windows there are along each axis."""
    counts = []
    for axis, (n, k, s, p) in enumerate(zip(spatial, window, step, around, strict=True)):
        if p > k // 2:
            raise ValueError(
                f"padding: got {p} on axis {axis} with size {k}; at most {k // 2} would do"
            )
        if n + 2 * p < k:
            raise ValueError(
                f"size: got {k} on axis {axis} for {n} pixels and padding {p}; "
                f"at most {n + 2 * p} would do"
            )
        counts.append((n + 2 * p - k) // s + 1)
    return counts


def max_unpool(x: Floats, indices: NDArray[np.integer[Any]], output_size: Sequence[int]) -> Floats:
    """Put every value back where `max_pool` found it; zeros elsewhere.

    The one upsampler whose positions depend on data: a scatter by recorded indices.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (N, C, *spatial)
    indices : ndarray of integers, shape of `x`
        Positions in the flattened `output_size`. Where one occurs twice, the last value stays.
    output_size : sequence of int
        The spatial size of the result.

    Returns
    -------
    ndarray of the same dtype, shape (N, C, *output_size)

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64.
    ValueError
        If shapes do not fit, or an index is not within `output_size`.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html

    Examples
    --------
    >>> max_unpool(np.array([[[5.0, 4.0]]]), np.array([[[1, 3]]]), (4,)).tolist()
    [[[0.0, 5.0, 0.0, 4.0]]]
    """
    check_maps(x)
    if indices.shape != x.shape:
        raise ValueError(f"indices: got the shape {indices.shape}; that of x, {x.shape}, would do")
    if len(output_size) != x.ndim - 2:
        raise ValueError(
            f"output_size: got {output_size}; {x.ndim - 2} numbers, one per spatial axis, would do"
        )
    total = prod(output_size)
    if indices.size and not 0 <= indices.min() <= indices.max() < total:
        wrong = indices.min() if indices.min() < 0 else indices.max()
        raise ValueError(f"indices: got {wrong}; 0 to {total - 1} would do")
    flat = np.zeros((*x.shape[:2], total), x.dtype)
    # NumPy goes through arrays in the order of memory; the last of equal positions is to count.
    at, values = (np.ascontiguousarray(array).reshape(*x.shape[:2], -1) for array in (indices, x))
    np.put_along_axis(flat, at, values, axis=-1)
    return flat.reshape(*x.shape[:2], *output_size)

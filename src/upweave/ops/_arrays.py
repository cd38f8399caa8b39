"""Windows, strides and single taps of arrays (N, C, *spatial), for the definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from upweave.ops._checks import Floats
from upweave.ops.geometry import Geometry

__all__ = ["cut", "dense", "every", "mix", "seen_by", "spatially"]


def mix(x: Floats, w: Floats) -> Floats:
    """Return x of shape (N, C, *spatial) times one tap's weights (C, O): (N, O, *spatial)."""
    return np.moveaxis(np.tensordot(x, w, axes=(1, 0)), -1, 1)


def cut(x: Floats, start: Sequence[int], size: Sequence[int]) -> Floats:
    """Return the spatial window (start, size) of x, with zeros where it is outside."""
    window = np.zeros((*x.shape[:2], *size), x.dtype)
    source, target = [], []
    for begin, n, i in zip(start, size, x.shape[2:], strict=True):
        low = max(begin, 0)
        high = max(min(begin + n, i), low)
        source.append(slice(low, high))
        target.append(slice(low - begin, high - begin))
    window[spatially(target)] = x[spatially(source)]
    return window


def seen_by(g: Geometry, tap: Sequence[int], count: Sequence[int]) -> tuple[slice, ...]:
    """Return what a tap sees of a padded input as it makes `count` outputs."""
    first = [t * d for t, d in zip(tap, g.dilation, strict=True)]
    return every(g.stride, first, count)


def every(stride: Sequence[int], first: Sequence[int], count: Sequence[int]) -> tuple[slice, ...]:
    """Return the slices that take every s-th of an axis, `count` of them from `first` on."""
    return spatially(slice(o, o + n * s, s) for s, o, n in zip(stride, first, count, strict=True))


def spatially(slices: Iterable[slice]) -> tuple[slice, ...]:
    """Return the index of an array (N, C, *spatial) that takes these slices of each (C, ...)."""
    return (slice(None), slice(None), *slices)


def dense(w: Floats, groups: int) -> Floats:
    """Return one tap's weights (C_out, C_in/groups) as (C_out, C_in), zero between groups."""
    rows, columns = w.shape[0] // groups, w.shape[1]
    dense = np.zeros((w.shape[0], w.shape[1] * groups), w.dtype)
    for n in range(groups):
        dense[n * rows : (n + 1) * rows, n * columns : (n + 1) * columns] = w[n * rows :][:rows]
    return dense

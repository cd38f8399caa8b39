"""How much the blocks of planes vary, by compiled code where that can run."""

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache

import numpy as np
from numpy.typing import NDArray

from upweave.kernels import host, jit
from upweave.kernels.emit.extremes import ENTRY, emit_extremes

__all__ = ["block_ranges"]

Planes = NDArray[np.float32]


def block_ranges(planes: Planes, side: int) -> Planes:
    """Return how much each block varies, from its smallest value to its largest.

    Python's lock is released meanwhile.

    Parameters
    ----------
    planes : ndarray of float32, shape (C, H, W)
    side : int
        Of the blocks, in pixels, 1 or more; those at the end are smaller.

    Returns
    -------
    ndarray of float32, shape (C, ceil(H / side), ceil(W / side))
        NaN or infinity where a block holds a value that is no finite number.
    """
    columns = np.arange(0, planes.shape[2], side)
    greatest, smallest, wrong = (_compiled if host.why_not() is None else _by_numpy)(planes, side)
    with np.errstate(invalid="ignore"):  # of infinity and infinity
        ranges: Planes = np.maximum.reduceat(greatest, columns, axis=2)
        ranges -= np.minimum.reduceat(smallest, columns, axis=2)
        ranges += np.add.reduceat(wrong, columns, axis=2)
    return ranges


def _compiled(planes: Planes, side: int) -> Planes:
    """Return of each band of rows every column's extremes, and 0 or NaN: (3, C, bands, W)."""
    channels, height, width = planes.shape
    found = np.empty((channels, -(-height // side), 3, width), np.float32)
    for plane, written in zip(np.ascontiguousarray(planes, np.float32), found, strict=True):
        _function(host.lanes())(plane.ctypes.data, height, width, side, written.ctypes.data)
    return np.moveaxis(found, 2, 0)


def _by_numpy(planes: Planes, side: int) -> Planes:
    """Do the same, but for the extremes of columns that are not finite: NaN is one."""
    bands = range(0, planes.shape[1], side)
    ends = [
        [extreme.reduce(planes[:, top : top + side], axis=1) for top in bands]
        for extreme in (np.maximum, np.minimum)
    ]
    found = np.moveaxis(np.array(ends, np.float32), 1, 2)
    return np.concatenate([found, np.zeros_like(found[:1])])


@cache
def _function(lanes: int) -> Callable[..., None]:
    """Return the compiled function."""
    address = jit.compile_ir(emit_extremes(lanes)).address(ENTRY)
    return CFUNCTYPE(None, c_void_p, c_int64, c_int64, c_int64, c_void_p)(address)

"""A look at what a network made, so that no black or broken picture passes for a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from upweave.kernels.ranges import block_ranges

__all__ = ["SpoiltError", "check_planes"]

_SIDE = 32  # of the blocks that are looked at, in pixels of what went in
_VARIED = 16 / 255
_FLAT = 1 / 255

Planes = NDArray[np.float32]


class SpoiltError(ValueError):
    """A network made no picture of a picture. One line that says where."""


def check_planes(low: Planes, high: Planes, name: str) -> None:
    """Refuse a result that holds no numbers, or is flat where the picture is not.

    Parameters
    ----------
    low, high : ndarray, shape (C, H, W) and (C, s H, s W)
        What went in and what came out.
    name : str
        Of the network.

    Raises
    ------
    SpoiltError
        Where a block of 32 × 32 pixels comes out as NaN or infinity, or varies by less than 1/255
        though it varied by more than 16/255 before.
    """
    scale = high.shape[1] // low.shape[1]
    before, after = block_ranges(low, _SIDE), block_ranges(high, _SIDE * scale)
    wrong = ~np.isfinite(after) | ((before > _VARIED) & (after < _FLAT))
    if wrong.any():
        _, row, column = (int(n) for n in np.argwhere(wrong)[0])
        raise SpoiltError(
            f"{name}: the result is spoilt near column {column * _SIDE}, row {row * _SIDE} "
            "of the picture (flat, or no numbers); nothing was written"
        )

"""The reference's operators on a map of one channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops import reference
from upweave.ops.geometry import Geometry

__all__ = ["Map", "convolved", "counted_up", "scattered", "written"]

Map = NDArray[Any]

_LARGEST = 1e6


def counted_up(side: int) -> Map:
    """Return the map (side, side) of 1, 2, 3 and so on."""
    return np.arange(1.0, side * side + 1).reshape(side, side)


def written(text: str) -> Map:
    """Return the map that a text holds, its rows between slashes: "1 2 / 2 1".

    Raises
    ------
    ValueError
        Where a word is no number of at most a million, or rows differ in length.
    """
    rows = [[_number(word) for word in row.split()] for row in text.split("/")]
    if len({len(row) for row in rows}) != 1:
        raise ValueError(f"got {text!r}; expected rows of as many numbers between slashes")
    return np.array(rows)


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:
        raise ValueError(f"got {word[:20]!r}; numbers up to a million do")
    return value


def convolved(x: Map, w: Map, g: Geometry) -> Map:
    """Return the convolution of a map (H, W) by a kernel (K_h, K_w)."""
    planes = (part[np.newaxis, np.newaxis] for part in (x, w))
    y = reference.conv(*planes, stride=g.stride, padding=g.padding, dilation=g.dilation)
    return np.asarray(y[0, 0])


def scattered(x: Map, w: Map, g: Geometry) -> Map:
    """Return the transposed convolution of a map (H, W) by a kernel (K_h, K_w)."""
    planes = (part[np.newaxis, np.newaxis] for part in (x, w))
    y = reference.scatter(
        *planes,
        stride=g.stride,
        padding=g.padding,
        output_padding=g.output_padding,
        dilation=g.dilation,
    )
    return np.asarray(y[0, 0])

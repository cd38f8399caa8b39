"""The reference's operators on a map of one channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops import reference
from upweave.ops.geometry import Geometry

__all__ = ["Map", "convolved", "scattered"]

Map = NDArray[Any]


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

"""Pictures side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import light

__all__ = ["GAP", "side_by_side"]

GAP = 8
"""White columns between the pictures."""

Pixels = NDArray[np.uint8]


def side_by_side(panels: list[NDArray[Any]]) -> Pixels:
    """Return pictures of one size in one of 8-bit red, green and blue, without transparency.

    Parameters
    ----------
    panels : list of ndarray, shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)
        uint8, uint16, or float32 in linear light.
    """
    gap = np.full((panels[0].shape[0], GAP, 3), 255, np.uint8)
    parts = [part for panel in panels for part in (_rgb(panel), gap)]
    return np.concatenate(parts[:-1], axis=1)


def _rgb(pixels: NDArray[Any]) -> Pixels:
    colours = np.atleast_3d(light.eight_bits(pixels))
    return colours[..., :3] if colours.shape[2] > 2 else np.repeat(colours[..., :1], 3, axis=2)

"""Pictures of what a network does so far."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from upweave.learning.pairs import Maps, Pair
from upweave.ops import interpolation
from upweave.pictures.files import Picture, write

__all__ = ["write_samples"]

LONGEST = 256
"""Pixels of a sample's side."""


def write_samples(path: Path, pairs: list[Pair], enlarged: list[Maps]) -> None:
    """Write a PNG file: a row for each pair, the middles of input, result and original.

    Parameters
    ----------
    path : Path
        Replaced if there.
    pairs : list of Pair
        At least one, all of one form.
    enlarged : list of ndarray, shape (C, H, W)
        What the network made of each.
    """
    form = pairs[0].form
    side = min(LONGEST // form.scale, *(min(pair.size) for pair in pairs)) * form.scale
    rows = []
    for pair, big in zip(pairs, enlarged, strict=True):
        inside = slice(form.halo, -form.halo or None)
        low = interpolation.nearest(pair.low[None, :, inside, inside], form.scale)[0]
        rows.append([_middle(maps, side, form.scale) for maps in (low, big, pair.high)])
    grid = np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)
    path.parent.mkdir(exist_ok=True)
    write(path, Picture(grid[..., 0] if grid.shape[-1] == 1 else grid), overwrite=True)


def _middle(maps: Maps, side: int, scale: int) -> NDArray[np.uint8]:
    """Cut the middle out, at whole low-resolution pixels, as 8-bit (side, side, C)."""
    y, x = ((size - side) // 2 // scale * scale for size in maps.shape[1:])
    cut = maps[:, y : y + side, x : x + side]
    return np.round(np.clip(np.moveaxis(cut, 0, -1), 0, 1) * 255).astype(np.uint8)

"""Pictures made larger by interpolation: what networks are compared with."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from upweave.ops import interpolation
from upweave.pictures import colour
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.enlarger import Enlarger, Options, Pixels

__all__ = ["INTERPOLATIONS", "Interpolation", "interpolation_named"]

INTERPOLATIONS = ("nearest", "bilinear", "bicubic")
_FUNCTIONS = {"nearest": interpolation.nearest, "bilinear": interpolation.bilinear}


class Interpolation:
    """Nearest neighbour or bilinear interpolation of every channel.

    Parameters
    ----------
    name : "nearest" or "bilinear"
    scale : int
        How many times larger the result is; at least 1.
    """

    def __init__(self, name: str, scale: int) -> None:
        self.name, self.scale = name, scale

    def __call__(self, image: Pixels, **_: Unpack[Options]) -> Pixels:
        """Return ``image``, (H, W) or (H, W, C), ``scale`` times larger, of the same type."""
        channels = image[..., np.newaxis] if image.ndim == 2 else image
        planes = np.moveaxis(colour.to_unit(channels), -1, 0)[np.newaxis]
        smooth = np.moveaxis(_FUNCTIONS[self.name](planes, self.scale)[0], 0, -1)
        out = colour.rounded(np.ascontiguousarray(smooth), image.dtype)
        return out[..., 0] if image.ndim == 2 else out


def interpolation_named(name: str, scale: int) -> Enlarger:
    """Return the enlarger of a name in `INTERPOLATIONS`."""
    return Bicubic(scale) if name == "bicubic" else Interpolation(name, scale)

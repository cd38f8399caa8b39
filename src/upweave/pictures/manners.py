"""Manners in which an enlarger may work: averaged, weakened, wrapped around.

Each is an `Enlarger` around another. They compute in float32 and round once, at the end.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import colour
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.enlarger import Enlarger, Options, Pixels, part_of

__all__ = ["Blended", "Turned", "Wrapped"]

_TURNS = [(turns, flip) for turns in range(4) for flip in (False, True)]

Values = NDArray[np.float32]


class Turned:
    """The mean of what an enlarger makes of the eight flips and turns of a picture.

    B. Lim et al., "Enhanced deep residual networks for single image super-resolution", CVPR
    Workshops 2017, section 3.4 (self-ensemble).
    """

    def __init__(self, enlarger: Enlarger) -> None:
        self._enlarger = enlarger
        self.name, self.scale = f"{enlarger.name}, eight turns", enlarger.scale

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        values = colour.to_unit(image)
        total: Values | np.float32 = np.float32(0)
        for number, turn in enumerate(_TURNS):
            big = self._enlarger(_turned(values, *turn), **part_of(options, number, len(_TURNS)))
            total = total + _turned_back(big, *turn)
        return colour.rounded(np.asarray(total / np.float32(len(_TURNS))), image.dtype)


def _turned(image: Values, turns: int, flip: bool) -> Values:
    turned = np.rot90(image, turns)
    return np.ascontiguousarray(turned[:, ::-1] if flip else turned)


def _turned_back(image: Values, turns: int, flip: bool) -> Values:
    return np.rot90(image[:, ::-1] if flip else image, -turns)


class Blended:
    """What an enlarger makes, weakened towards bicubic interpolation.

    Parameters
    ----------
    enlarger : Enlarger
    strength : float
        From 0, interpolation alone, to 1, the enlarger alone.
    """

    def __init__(self, enlarger: Enlarger, strength: float) -> None:
        self._enlarger, self._strength = enlarger, strength
        self._bicubic = Bicubic(enlarger.scale)
        self.name, self.scale = f"{enlarger.name}, strength {strength:g}", enlarger.scale

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        values = colour.to_unit(image)
        plain, big = self._bicubic(values, **options), self._enlarger(values, **options)
        return colour.rounded(plain + np.float32(self._strength) * (big - plain), image.dtype)


class Wrapped:
    """What an enlarger makes of a picture whose edges meet: a texture to be laid side by side.

    Parameters
    ----------
    enlarger : Enlarger
    halo : int
        How far it looks, in pixels of the picture.
    """

    def __init__(self, enlarger: Enlarger, halo: int) -> None:
        self._enlarger, self._halo = enlarger, halo
        self.name, self.scale = f"{enlarger.name}, wrapped", enlarger.scale

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        height, width = image.shape[:2]
        rows, columns = (np.arange(-self._halo, n + self._halo) % n for n in (height, width))
        big = self._enlarger(image[rows][:, columns], **options)
        edge, scale = self._halo * self.scale, self.scale
        return big[edge : edge + height * scale, edge : edge + width * scale]

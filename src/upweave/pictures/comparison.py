"""A picture of the user's own, shrunk and made larger again in several ways, and scored."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from upweave.ops.interpolation import reduce
from upweave.pictures import colour, light
from upweave.pictures.enlarger import Enlarger, Pixels
from upweave.pictures.picture import PictureError
from upweave.pictures.scores import Score, score

__all__ = ["Comparison", "Way", "compare"]

_ROUNDS = 3
_SMALLEST = 11
"""Pixels a side, within the border, that SSIM needs."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Way:
    """What one way made of the shrunk picture.

    Attributes
    ----------
    score : Score
    seconds : float
        Median of three runs after a first.
    pixels : ndarray of uint8, shape (H, W) or (H, W, 3)
    """

    score: Score
    seconds: float
    pixels: Bytes


@dataclass(frozen=True, eq=False)
class Comparison:
    """A picture and what several ways made of it.

    Attributes
    ----------
    original : ndarray of uint8, shape (H, W) or (H, W, 3)
        Without transparency, cropped to whole multiples of the scale.
    scale : int
    ways : list of Way
    """

    original: Bytes
    scale: int
    ways: list[Way]


def compare(
    image: Pixels,
    enlargers: Sequence[Enlarger],
    *,
    threads: int | None = None,
    progress: Callable[[float], object] = lambda share: None,
) -> Comparison:
    """Shrink a picture by the antialiased bicubic kernel, and enlarge it in every way.

    Parameters
    ----------
    image : ndarray
        As `picture.Picture` holds pixels. Scores are of 8 bits, of what is seen without alpha.
    enlargers : sequence of Enlarger
        At least one, all of one scale.
    threads : int, optional
    progress : callable
        Called with the share done.

    Raises
    ------
    PictureError
        Where the picture is too small to be scored.
    """
    scale = enlargers[0].scale
    original = _eight_bits(image)
    height, width = (n // scale * scale for n in original.shape[:2])
    if min(height, width) < _SMALLEST + 2 * scale:
        raise PictureError(
            f"{original.shape[1]}x{original.shape[0]} pixels are too few to compare at x{scale}; "
            f"{_SMALLEST + 2 * scale + scale - 1} a side would do"
        )
    original = np.ascontiguousarray(original[:height, :width])
    low = reduce(original, scale)
    ways = []
    for number, enlarger in enumerate(enlargers):
        pixels, seconds = _timed(enlarger, low, threads)
        ways.append(Way(score(enlarger.name, pixels, original, scale), seconds, pixels))
        progress((number + 1) / len(enlargers))
    return Comparison(original, scale, ways)


def _eight_bits(image: Pixels) -> Bytes:
    """Return what is seen of a picture, as 8-bit values."""
    seen, _ = colour.visible(light.eight_bits(image))
    return colour.rounded(colour.to_unit(seen), np.dtype(np.uint8))


def _timed(enlarger: Enlarger, low: Bytes, threads: int | None) -> tuple[Bytes, float]:
    pixels = enlarger(low, threads=threads)  # kernels are compiled
    seconds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        enlarger(low, threads=threads)
        seconds.append(time.perf_counter() - started)
    return pixels, median(seconds)

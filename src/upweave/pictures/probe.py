"""A second of work on a piece of a picture, to tell what all of it will take."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from upweave.pictures import files
from upweave.pictures.enlarger import Enlarger
from upweave.pictures.enlarging import enlarge
from upweave.pictures.formats import Format
from upweave.pictures.picture import Picture
from upweave.pictures.sizes import Wanted

__all__ = ["Probe", "probe"]

_SIDE = 256
_SECONDS = 1.0
_FEWEST = 3


@dataclass(frozen=True)
class Probe:
    """What a pixel takes.

    Attributes
    ----------
    seconds : float
        From its pixels to the file's bytes, a pixel of the picture.
    written : float
        Bytes of the file, a pixel of the result.
    """

    seconds: float
    written: float


def probe(
    picture: Picture,
    enlargers: Mapping[int, Enlarger],
    wanted: Wanted,
    format: Format,
    quality: int | None,
    threads: int | None,
) -> Probe:
    """Enlarge and encode the middle of a picture for about a second.

    Parameters
    ----------
    picture : Picture
        Of which at most 256 × 256 pixels are taken.
    enlargers, wanted
        As `enlarge` takes them.
    format, quality
        As `files.encode` takes them.
    threads : int or None
        As a job has.
    """
    height, width = picture.pixels.shape[:2]
    rows, columns = (
        slice((n - min(n, _SIDE)) // 2, (n + min(n, _SIDE)) // 2) for n in (height, width)
    )
    piece = replace(picture, pixels=np.ascontiguousarray(picture.pixels[rows, columns]), further=())
    factor = wanted.factor((height, width))

    def once() -> tuple[float, int, int]:
        started = time.perf_counter()
        big = enlarge(piece, enlargers, Wanted(scale=factor), threads=threads)
        written = len(files.encode(big, format, quality=quality))
        return time.perf_counter() - started, written, big.header.pixels

    once()  # kernels are compiled
    began, rounds = time.perf_counter(), [once()]
    while len(rounds) < _FEWEST or time.perf_counter() - began < _SECONDS:
        rounds.append(once())
    _, written, made = rounds[0]
    seconds = statistics.median(taken for taken, _, _ in rounds)
    return Probe(seconds / piece.header.pixels, written / made)


def _middle(length: int) -> slice:
    taken = min(length, _SIDE)
    first = (length - taken) // 2
    return slice(first, first + taken)

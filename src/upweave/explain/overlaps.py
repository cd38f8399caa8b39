"""Where outputs are reached by unequal numbers of taps: overlap, gaps, and the checkerboard."""

from __future__ import annotations

import numpy as np

from upweave.explain.frames import Frame, Panel, cells, moved
from upweave.explain.maps import Map, scattered
from upweave.ops.geometry import Geometry

__all__ = ["colour_cells", "overlap", "overlap_map", "pairs", "spectrum"]


def overlap_map(geometry: Geometry, size: tuple[int, ...]) -> Map:
    """Return how many products reach each output of a map of (H, W).

    That is the transposed convolution of ones by a kernel of ones.
    """
    return scattered(np.ones(size), np.ones(geometry.kernel), geometry)


def overlap(geometry: Geometry, size: tuple[int, ...]) -> list[Frame]:
    """Return how many products reach each output of a map of (H, W), and how that repeats.

    The first frame has the whole map; the second what repeats away from the borders, and its
    spectrum.
    """
    counts = overlap_map(geometry, size)
    parts = moved("output", cells(*map(range, counts.shape)))
    taps = [geometry.taps_per_phase(axis) for axis in (0, 1)]
    equal = all(len(set(found)) == 1 for found in taps)
    down, across = (", ".join(map(str, found)) for found in taps)
    told = (
        "all alike, so that no checkerboard comes of it"
        if equal
        else "unequal, so that a checkerboard may come of it"
    )
    period = np.outer(taps[0], taps[1])
    strongest = spectrum(period)
    strongest[0, 0] = 0
    return [
        Frame(
            (Panel("products that reach each output", counts, shaded=True, parts=parts),),
            f"Taps of the phases: {down} down, {across} across: {told}.",
        ),
        Frame(
            (
                Panel("what repeats inside", period, shaded=True),
                Panel("its spectrum", spectrum(period), shaded=True),
            ),
            "The spectrum begins with the mean; the strongest wave beside it has "
            f"{strongest.max() / period.mean():.0%} of it.",
        ),
    ]


def spectrum(period: Map) -> Map:
    """Return how strong the waves are that a repeated pattern is made of.

    Parameters
    ----------
    period : ndarray, shape (H, W)

    Returns
    -------
    ndarray, shape (H, W)
        The absolute values of the discrete Fourier transform, divided by H W: at [0, 0] the mean,
        at [i, j] the wave that swings i times in H rows and j times in W columns.
    """
    return np.asarray(np.abs(np.fft.fft2(period)) / period.size)


def pairs(kernels: range, strides: range, size: int = 4) -> list[Frame]:
    """Return a frame for every stride: the overlap for every kernel, of a map of size × size."""
    return [
        Frame(
            tuple(
                Panel(f"k = {k}", overlap_map(Geometry((k, k), s), (size, size)), shaded=True)
                for k in kernels
            ),
            f"Stride {s}: even where the kernel is a multiple of {s}."
            if s > 1
            else "Stride 1: always even inside.",
        )
        for s in strides
    ]


def colour_cells(stride: int = 4, kernels: tuple[int, ...] = (3, 4, 6)) -> list[Frame]:
    """Return frames of a 4 × 4 colour picture, enlarged by kernels of ones: gaps and overlap.

    Each colour is divided by nothing: where two cells overlap, their colours add and are clipped.
    """
    rows, columns = np.mgrid[0:4, 0:4] / 3
    picture = 0.5 * np.stack([1 - rows, columns, 0.25 + 0.5 * rows * columns], axis=-1) + 0.1
    frames = [Frame((Panel("input", picture),), "A picture of 4 × 4 colours.")]
    for k in kernels:
        geometry = Geometry((k, k), stride)
        planes = [scattered(picture[..., c], np.ones((k, k)), geometry) for c in range(3)]
        kind = "gaps" if k < stride else "neither gaps nor overlap" if k == stride else "overlap"
        frames.append(
            Frame(
                (Panel("input", picture), Panel("output", np.stack(planes, axis=-1).clip(0, 1))),
                f"Stride {stride}, a kernel of {k} × {k} ones: {kind}.",
            )
        )
    return frames

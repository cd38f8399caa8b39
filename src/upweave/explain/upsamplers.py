"""The upsamplers that are fixed before any training, each as the transposed convolution it is."""

from __future__ import annotations

import numpy as np

from upweave.explain.frames import Frame, Panel, marked
from upweave.explain.maps import Map
from upweave.ops import interpolation, pooling

__all__ = ["upsamplers"]

_WAYS = {
    "nearest": interpolation.nearest,
    "bilinear": interpolation.bilinear,
    "bicubic": interpolation.bicubic,
    "bed_of_nails": interpolation.bed_of_nails,
}


def upsamplers(x: Map, scale: int = 2) -> list[Frame]:
    """Return a frame for each: the map, the kernel whose transposed convolution it is, the result.

    Parameters
    ----------
    x : ndarray, shape (H, W)
    scale : int
        At least 2.
    """
    frames = []
    for name, enlarge in _WAYS.items():
        taps = interpolation.kernel(name, scale).taps
        title = name.replace("_", " ")
        frames.append(
            Frame(
                (
                    Panel("input", x),
                    Panel("kernel", np.outer(taps, taps), shaded=True),
                    Panel(title, enlarge(x[np.newaxis, np.newaxis], scale)[0, 0], shaded=True),
                ),
                f"{title.capitalize()}: a transposed convolution of stride {scale}, the input's "
                "edge repeated."
                if name not in ("nearest", "bed_of_nails")
                else f"{title.capitalize()}: a transposed convolution of stride {scale}.",
            )
        )
    return [*frames, _unpooling(x, scale)]


def _unpooling(x: Map, scale: int) -> Frame:
    """Return the frame of max-unpooling, whose positions the data decide."""
    size = (x.shape[0] * scale, x.shape[1] * scale)
    before = np.random.default_rng(0).integers(0, 10, size).astype(np.float64)
    values, indices = pooling.max_pool(before[np.newaxis, np.newaxis], scale)
    back = pooling.max_unpool(values, indices, size)[0, 0]
    places = [np.unravel_index(index, size) for index in indices.reshape(-1)]
    kept = [(int(row), int(column)) for row, column in places]
    return Frame(
        (
            Panel("before pooling", before, marked("input", kept)),
            Panel("largest of each", values[0, 0]),
            Panel("max-unpooling", back, marked("output", kept)),
        ),
        "Max-unpooling puts each value back where it came from; the rest stays 0.",
    )

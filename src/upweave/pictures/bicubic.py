"""Bicubic interpolation of pictures and planes, by the compiled operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.kernels import ConvTranspose
from upweave.ops import interpolation
from upweave.pictures import colour
from upweave.pictures.enlarger import Options, Pixels, check_image, result_for

__all__ = ["Bicubic", "BicubicPlanes"]

# Planes are enlarged by bands of about so many pixels of the result, so that a large picture needs
# its result in memory, and little else.
_BAND = 1 << 20


class Bicubic:
    """Bicubic interpolation (Keys, a = -0.5): what networks are compared with.

    Colour under full transparency is that of `colour.visible`.

    Parameters
    ----------
    scale : int
        How many times larger the result is; at least 1.
    """

    name = "bicubic"

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self._planes = BicubicPlanes(scale)

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        check_image(image)
        out = result_for(image, self.scale, None)
        results = out[..., np.newaxis] if image.ndim == 2 else out
        seen, alpha = colour.visible(image)
        channels = seen[..., np.newaxis] if seen.ndim == 2 else seen
        planes = [colour.to_unit(channels[..., c]) for c in range(channels.shape[2])]
        if alpha is not None:
            planes.append(colour.to_unit(alpha))
        elif results.shape[2] > len(planes):
            results[..., -1] = colour.full_scale(out.dtype)
        for rows, smooth in self._planes(planes, options.get("threads")):
            for channel, values in enumerate(smooth):
                colour.from_unit(values, results[rows, :, channel])
        return out


class BicubicPlanes:
    """Planes of one picture made larger by bicubic interpolation, band by band.

    Parameters
    ----------
    scale : int
        How many times larger the results are; at least 1.

    Attributes
    ----------
    halo : int
        How many pixels beyond its own a pixel of the result depends on.
    """

    def __init__(self, scale: int) -> None:
        kernel = interpolation.kernel("bicubic", scale, a=-0.5)
        weights = np.outer(kernel.taps, kernel.taps).astype(np.float32)
        self._scale = scale
        self.halo = kernel.halo
        self._enlarge = ConvTranspose(
            weights[np.newaxis, np.newaxis],
            stride=scale,
            padding=[kernel.crop] * 2,
        )

    def __call__(
        self, planes: list[NDArray[np.float32]], threads: int | None
    ) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield rows of the result, and what belongs there, shape (planes, rows, columns)."""
        if not planes:
            return
        halo, scale = self.halo, self._scale
        # The planes ride in the batch: one kernel with one channel serves however many there are.
        around = [(0, 0), (0, 0), (halo, halo), (halo, halo)]
        padded = np.pad(np.stack(planes)[:, np.newaxis], around, "edge")
        height, width = planes[0].shape
        step = max(1, _BAND // (width * scale * scale))
        for top in range(0, height, step):
            end = min(top + step, height)
            band = np.ascontiguousarray(padded[:, :, top : end + 2 * halo])
            yield slice(top * scale, end * scale), self._enlarge(band, threads=threads)[:, 0]

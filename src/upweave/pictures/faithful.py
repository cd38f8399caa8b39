"""Results corrected until shrinking them gives the picture back."""

from __future__ import annotations

from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.ops import interpolation
from upweave.pictures import colour
from upweave.pictures.bicubic import BicubicPlanes
from upweave.pictures.enlarger import Enlarger, Options, Pixels, part_of, report
from upweave.pictures.fidelity import shown, shrink

__all__ = ["Faithful"]

_ENOUGH = 0.5 / 255
"""The other half of a grey level is for rounding."""
_WHOLE_ROUNDS, _BLOCK_ROUNDS = 4, 40
_MOST_GAIN = 16
_BLOCK, _AROUND, _RING = 64, 16, 6
"""Pixels of the picture: a block's side; what is corrected around it, too; and, of that, how far
differences are left alone, as shrinking sees less than all there."""
_EDGE = 16  # pixels by which a difference is continued, for its spectrum

Values = NDArray[np.float32]
Window = tuple[slice, slice]


class Faithful:
    """What an enlarger makes, corrected until shrinking it gives the picture back.

    Within one grey level of 255 at every pixel, where clipping allows it: the difference is
    enlarged and added, again and again; first all of it, sharpened by as much as enlarging and
    shrinking would blur it, then that of the blocks which are not settled.

    M. Irani, S. Peleg, "Improving resolution by image registration", CVGIP: Graphical Models and
    Image Processing 53 (1991), section 3 (iterative back-projection).
    """

    def __init__(self, enlarger: Enlarger) -> None:
        self._enlarger = enlarger
        self._planes = BicubicPlanes(enlarger.scale)
        self.name, self.scale = f"{enlarger.name}, faithful", enlarger.scale

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Enlarger` says."""
        wanted, threads = shown(image), options.get("threads")
        big: Values = self._enlarger(wanted, **part_of(options, 0, 3))
        for number in range(_WHOLE_ROUNDS):
            error = wanted - shrink(big, self.scale)
            self._add(big, _sharpened(error, self.scale), threads)
            report(part_of(options, 1, 3), (number + 1) / _WHOLE_ROUNDS)
        windows = _unsettled(wanted - shrink(big, self.scale))
        for number, window in enumerate(windows):
            large, ring = self._enlarged(window), _ring(window, wanted.shape[:2])
            big[large] = self._settled(wanted[window], big[large], ring, threads)
            report(part_of(options, 2, 3), number / len(windows))
        report(options, 1.0)
        return colour.rounded(big, image.dtype)

    def _settled(self, wanted: Values, big: Values, ring: Values, threads: int | None) -> Values:
        """Return a block, corrected until it is settled, or as near to it as it came."""
        big = big.copy()
        counted = ring.reshape(*ring.shape, *[1] * (wanted.ndim - 2))
        gain, last = np.ones_like(wanted), np.zeros_like(wanted)
        best, least = big, np.inf
        for _ in range(_BLOCK_ROUNDS):
            error = (wanted - shrink(big, self.scale)) * counted
            rest = np.abs(error).max()
            if rest < least:
                best, least = big.copy(), rest
            if rest <= _ENOUGH:
                break
            # Where pixels are at black or white, the others around have to move by more.
            stays = (np.sign(error) == np.sign(last)) & (np.abs(error) > _ENOUGH)
            gain = np.where(stays, np.minimum(2 * gain, _MOST_GAIN), 1).astype(np.float32)
            last = error
            step = _sharpened(error, self.scale) * counted + error * (gain - 1)
            self._add(big, step, threads)
        return best

    def _enlarged(self, window: Window) -> Window:
        rows, columns = (slice(s.start * self.scale, s.stop * self.scale) for s in window)
        return rows, columns

    def _add(self, big: Values, error: Values, threads: int | None) -> None:
        """Add an error, enlarged, and clip."""
        results, errors = np.atleast_3d(big), np.atleast_3d(error)
        planes = [np.ascontiguousarray(errors[..., c]) for c in range(errors.shape[2])]
        for rows, smooth in self._planes(planes, threads):
            results[rows] += np.moveaxis(smooth, 0, 2)
        np.clip(big, 0, 1, out=big)


def _unsettled(error: Values) -> list[Window]:
    """Return the blocks that hold a difference which is too large, each with what is around it."""
    height, width = error.shape[:2]
    found: list[Window] = []
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            if np.abs(error[top : top + _BLOCK, left : left + _BLOCK]).max() > _ENOUGH:
                rows, columns = (
                    slice(max(0, start - _AROUND), min(size, start + _BLOCK + _AROUND))
                    for start, size in ((top, height), (left, width))
                )
                found.append((rows, columns))
    return found


def _ring(window: Window, size: tuple[int, ...]) -> Values:
    """Return 1 where differences of a window count, and 0 near those edges that the picture lacks.

    What is added there then reaches no pixel outside the window.
    """
    parts = []
    for part, length in zip(window, size, strict=True):
        counts = np.ones(part.stop - part.start, np.float32)
        if part.start > 0:
            counts[:_RING] = 0
        if part.stop < length:
            counts[-_RING:] = 0
        parts.append(counts)
    return np.outer(*parts)


def _sharpened(error: Values, scale: int) -> Values:
    """Undo, away from the edges, what enlarging by the bicubic kernel and shrinking does."""
    padded = np.pad(error, [(_EDGE, _EDGE)] * 2 + [(0, 0)] * (error.ndim - 2), "edge")
    spectrum = np.fft.rfft2(padded, axes=(0, 1))
    height, width = padded.shape[:2]
    blur = np.outer(_blur(scale, height), _blur(scale, width)[: width // 2 + 1])
    spectrum /= blur.reshape(*blur.shape, *[1] * (error.ndim - 2))
    result: Values = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1)).astype(np.float32)
    return result[_EDGE:-_EDGE, _EDGE:-_EDGE]


def _blur(scale: int, length: int) -> NDArray[np.float64]:
    """Return by how much enlarging and shrinking a line weakens each of its frequencies."""
    taps = interpolation.kernel("bicubic", scale).taps
    both = np.convolve(taps, taps[::-1]) / scale
    middle = len(taps) - 1
    line = np.zeros(length)
    for place in range(middle % scale, len(both), scale):
        line[(place - middle) // scale % length] += both[place]
    response: NDArray[np.float64] = np.fft.fft(line).real
    return response

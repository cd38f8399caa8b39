"""Scores of an upscaler on a benchmark set, by the protocol of the field.

The 8-bit picture that `upweave upscale` would write is compared with the original: on luma (BT.601,
scale 16 to 235, not rounded) or, for one-channel pictures, on their grey values, with peak 255, and
without a border of ``scale`` pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import colour, files, metrics
from upweave.pictures.enlarger import Enlarger

__all__ = ["Judged", "Pair", "Score", "evaluate", "judge", "mean", "pairs", "score"]


@dataclass(frozen=True)
class Pair:
    """The two files of one benchmark picture: low resolution and original."""

    low: Path
    high: Path


@dataclass(frozen=True)
class Score:
    """What was measured on one picture: PSNR in dB, and SSIM."""

    name: str
    psnr: float
    ssim: float


def pairs(folder: Path, scale: int) -> list[Pair]:
    """Return the pictures of the set in ``folder``: ``HR/*.png`` and ``LR/x<scale>/*.png``.

    Raises
    ------
    ValueError
        Where there are none, or one has no original.
    """
    lows = sorted((folder / "LR" / f"x{scale}").glob("*.png"))
    if not lows:
        raise ValueError(
            f"{folder}: no pictures in LR/x{scale}; expected HR/img_001.png and "
            f"LR/x{scale}/img_001.png, and so on"
        )
    found = [Pair(low, folder / "HR" / low.name) for low in lows]
    for pair in found:
        if not pair.high.is_file():
            raise ValueError(f"{pair.high}: missing; it is the original of {pair.low}")
    return found


@dataclass(frozen=True, eq=False)
class Judged:
    """A picture enlarged, and what it is compared with.

    Attributes
    ----------
    score : Score
    low, result, original : ndarray, shape (H, W), (H, W, 3) or (H, W, 4)
        The picture before and after, and the original, cropped to the size of the result.
    """

    score: Score
    low: NDArray[Any]
    result: NDArray[Any]
    original: NDArray[Any]

    @property
    def error(self) -> NDArray[np.float64]:
        """What the result has more of than the original, on the plane that is compared (H, W)."""
        return _compared(self.result) - _compared(self.original)


def judge(enlarger: Enlarger, pair: Pair) -> Judged:
    """Enlarge one picture and compare it with the original, cropped to the same size.

    Raises
    ------
    PictureError, ValueError
        Where a file is broken, or the original is smaller than the result.
    """
    low = files.read(pair.low).pixels
    result = enlarger(low)
    height, width = result.shape[:2]
    original = files.read(pair.high).pixels[:height, :width]
    if original.shape != result.shape:
        raise ValueError(
            f"{pair.high}: of shape {original.shape}; expected {result.shape} of "
            f"{pair.low} at x{enlarger.scale}"
        )
    return Judged(score(pair.low.stem, result, original, enlarger.scale), low, result, original)


def score(name: str, result: NDArray[Any], original: NDArray[Any], scale: int) -> Score:
    """Compare a result with its original, 8 bits, by the module's protocol."""
    a, b = _compared(result), _compared(original)
    return Score(
        name,
        float(metrics.psnr(a, b, data_range=255, border=scale)),
        float(metrics.ssim(a, b, data_range=255, border=scale)),
    )


def _compared(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Return the plane that is compared: grey values, or luma; never alpha."""
    seen, _ = colour.apart(pixels)
    return np.asarray(seen if seen.ndim == 2 else metrics.luma(seen), np.float64)


def mean(scores: list[Score]) -> Score:
    """Return the mean of the pictures' scores, as "mean"."""
    return Score("mean", fmean(s.psnr for s in scores), fmean(s.ssim for s in scores))


def evaluate(enlarger: Enlarger, folder: Path) -> list[Score]:
    """Return the score of every picture of the set in ``folder``, by name.

    Raises
    ------
    PictureError, ValueError
        As `pairs` and `judge`.
    """
    return [judge(enlarger, pair).score for pair in pairs(folder, enlarger.scale)]

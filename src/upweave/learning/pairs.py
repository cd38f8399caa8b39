"""Training pairs: a picture and its reductions, and random crops of them with real context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from upweave.learning.degradation import degrade
from upweave.ops.interpolation import reduce
from upweave.pictures.metrics import luma

__all__ = ["Form", "Maps", "Pair", "make_pairs", "planes", "sample", "sample_flats"]

Maps = NDArray[np.float32]


@dataclass(frozen=True)
class Form:
    """What a network wants of its pairs.

    Attributes
    ----------
    scale : int
    halo : int
        Pixels of context around the low-resolution picture, on each side.
    colour : "luma" or "rgb"
    degraded : int
        How many reductions of each picture, all by `degradation.degrade`; 0: one that is bicubic.
    """

    scale: int
    halo: int
    colour: Literal["luma", "rgb"] = "luma"
    degraded: int = 0


@dataclass(frozen=True)
class Pair:
    """One training picture, divided by 255: C channels, luma or red, green and blue.

    Attributes
    ----------
    low : ndarray of float32, shape (C, h + 2·halo, w + 2·halo)
        The reduced picture, its border repeated ``halo`` times beyond each side.
    high : ndarray of float32, shape (C, scale·h, scale·w)
    form : Form
    """

    low: Maps
    high: Maps
    form: Form

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the low-resolution picture, without its halo."""
        return self.high.shape[1] // self.form.scale, self.high.shape[2] // self.form.scale


def make_pairs(rgb: NDArray[np.uint8], form: Form, seed: int = 0) -> list[Pair]:
    """Crop to whole multiples of the scale, and reduce in RGB.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
    form : Form
    seed : int
        Of what degrades.

    Returns
    -------
    list of Pair
        One for each reduction; they share the original.

    Raises
    ------
    ValueError
        Where the picture is smaller than one multiple.
    """
    height, width = (size - size % form.scale for size in rgb.shape[:2])
    if not height or not width:
        raise ValueError(f"{rgb.shape[1]}×{rgb.shape[0]} pixels, too small to reduce {form.scale}×")
    high = rgb[:height, :width]
    lows = [
        degrade(high, form.scale, np.random.default_rng((seed, n))) for n in range(form.degraded)
    ] or [reduce(high, form.scale)]
    sides, original = (form.halo, form.halo), planes(high, form.colour)
    around = (sides, sides, (0, 0))
    return [Pair(planes(np.pad(low, around, "edge"), form.colour), original, form) for low in lows]


def planes(rgb: NDArray[np.uint8], colour: Literal["luma", "rgb"]) -> Maps:
    """Return what a network sees of a picture (H, W, 3): (C, H, W), divided by 255."""
    values = luma(rgb)[None] if colour == "luma" else np.moveaxis(rgb, -1, 0)
    return np.ascontiguousarray(values / 255, np.float32)


def sample(
    pairs: Sequence[Pair], crop: int, batch: int, seed: int, step: int, own: slice = slice(None)
) -> tuple[Maps, Maps]:
    """Draw the batch of one step: it depends on ``seed`` and ``step`` and nothing else.

    Pictures are drawn evenly whatever their size; each crop is flipped and turned at random. Its
    context is that of the picture; only at the picture's own border is it the repeated edge.

    Parameters
    ----------
    pairs : sequence of Pair
        One form; each at least ``crop`` in height and width.
    crop : int
        Side in low-resolution pixels, the context not counted.
    batch, seed, step : int
    own : slice
        Of the batch, the crops to return: one process's share.

    Returns
    -------
    low : ndarray of float32, shape (batch, C, crop + 2·halo, crop + 2·halo)
    high : ndarray of float32, shape (batch, C, scale·crop, scale·crop)
    """
    random = np.random.default_rng((seed, step))
    places = [_place(pairs, crop, random) for _ in range(batch)]
    low, high = zip(*(_cut(*place, crop) for place in places[own]), strict=True)
    return np.stack(low), np.stack(high)


@dataclass(frozen=True)
class _Place:
    """Where a crop begins in the low-resolution picture, and how it is turned."""

    y: int
    x: int
    turns: int
    flip: bool


def _place(pairs: Sequence[Pair], crop: int, random: np.random.Generator) -> tuple[Pair, _Place]:
    pair = pairs[int(random.integers(len(pairs)))]
    y, x = (int(random.integers(size - crop + 1)) for size in pair.size)
    return pair, _Place(y, x, int(random.integers(4)), bool(random.integers(2)))


def _cut(pair: Pair, place: _Place, crop: int) -> tuple[Maps, Maps]:
    s, seen = pair.form.scale, crop + 2 * pair.form.halo
    y, x = place.y, place.x
    low = pair.low[:, y : y + seen, x : x + seen]
    high = pair.high[:, s * y : s * (y + crop), s * x : s * (x + crop)]
    return _turned(low, place), _turned(high, place)


def _turned(picture: Maps, place: _Place) -> Maps:
    turned: NDArray[Any] = np.rot90(picture, place.turns, axes=(1, 2))
    return turned[..., ::-1] if place.flip else turned


def sample_flats(count: int, form: Form, seed: int, step: int, own: slice = slice(None)) -> Maps:
    """Draw flat patches, each of one grey spread evenly over a little more than 16 to 235.

    Returns
    -------
    ndarray of float32, shape (count, C, 2·halo + 1, 2·halo + 1)
        One output-bearing pixel each, with its context; of them, those of the slice ``own``.
    """
    random = np.random.default_rng((seed, step, 1))
    levels = 0.04 + 0.9 * (np.arange(count) + random.random(count)) / max(count, 1)
    channels, side = 1 if form.colour == "luma" else 3, 2 * form.halo + 1
    flats = np.broadcast_to(levels[:, None, None, None], (count, channels, side, side))
    return flats[own].astype(np.float32)

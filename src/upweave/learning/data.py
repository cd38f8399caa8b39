"""Training pairs: pictures from folders, their reductions, and random crops with real context."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops.interpolation import reduce
from upweave.pictures import files
from upweave.pictures.metrics import luma

__all__ = [
    "EXCLUDED",
    "HELD_OUT",
    "DataError",
    "Pair",
    "base_of",
    "digest",
    "find",
    "held_out",
    "make_pair",
    "root",
    "sample",
    "sample_flats",
]

Maps = NDArray[np.float32]

HELD_OUT = tuple(f"train/General100/im_{n}.png" for n in range(10, 101, 10))
"""Never trained on: recipes are compared by their PSNR on these, the benchmarks stay unseen."""

EXCLUDED = ("train/T91/t65.png",)
"""The same picture as t36."""

SUFFIXES = {".png", ".jpg", ".jpeg"}


class DataError(ValueError):
    """Pictures that are not there or cannot be used; the message is one line."""


@dataclass(frozen=True)
class Pair:
    """One training picture, as luma / 255.

    Attributes
    ----------
    low : ndarray of float32, shape (h + 2·halo, w + 2·halo)
        The reduced picture, its border repeated ``halo`` times beyond each side.
    high : ndarray of float32, shape (scale·h, scale·w)
    halo, scale : int
    """

    low: Maps
    high: Maps
    halo: int
    scale: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the low-resolution picture, without its halo."""
        return self.low.shape[0] - 2 * self.halo, self.low.shape[1] - 2 * self.halo


def root() -> Path:
    """Return the data folder that ``UPWEAVE_DATA`` names, or raise a `DataError`."""
    name = os.environ.get("UPWEAVE_DATA", "")
    if not name:
        raise DataError("UPWEAVE_DATA is not set: it names the folder that holds train/ and more")
    if not Path(name).is_dir():
        raise DataError(f"UPWEAVE_DATA: {name} is not a folder")
    return Path(name)


def base_of(folders: Sequence[str]) -> Path:
    """Return the folder below which training folders are looked for: `root`, if that is needed."""
    if all(Path(name).is_absolute() for name in folders) and not os.environ.get("UPWEAVE_DATA"):
        return Path.cwd()
    return root()


def find(folders: Sequence[str], base: Path) -> list[Path]:
    """List the training pictures in ``folders`` (below ``base``), in a fixed order.

    Leaves out `HELD_OUT` and `EXCLUDED`, and refuses the benchmark folder.
    """
    skipped = {(base / name).resolve() for name in (*HELD_OUT, *EXCLUDED)}
    benchmark = (base / "benchmark").resolve()
    found = []
    for name in folders:
        folder = (base / name).resolve()
        if folder.is_relative_to(benchmark):
            raise DataError(f"{name}: benchmarks are for scoring, never for training")
        if not folder.is_dir():
            raise DataError(f"{name}: no such folder in {base}")
        pictures = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
        if not pictures:
            raise DataError(f"{name}: no pictures ({', '.join(sorted(SUFFIXES))}) in {folder}")
        found += [p for p in pictures if p not in skipped]
    return found


def held_out(base: Path) -> list[Path]:
    """Return those of the `HELD_OUT` pictures that are there."""
    return [path for name in HELD_OUT if (path := base / name).is_file()]


def digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 over the files' names and contents, in the given order."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.parent.name}/{path.name}\n".encode())
    return total.hexdigest()


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """Decode a picture to 8-bit RGB (H, W, 3); grey becomes RGB, an alpha channel is dropped."""
    try:
        pixels = files.read(path).pixels
    except (OSError, files.PictureError) as error:
        raise DataError(str(error)) from None
    if pixels.dtype != np.uint8:
        raise DataError(f"{path}: got {pixels.dtype} pixels; training takes 8-bit pictures")
    return np.stack([pixels] * 3, axis=-1) if pixels.ndim == 2 else pixels[..., :3]


def make_pair(rgb: NDArray[np.uint8], scale: int, halo: int) -> Pair:
    """Crop to whole multiples of ``scale``, reduce in RGB, and take the luma of both."""
    height, width = (size - size % scale for size in rgb.shape[:2])
    high = rgb[:height, :width]
    low = np.pad(reduce(high, scale), ((halo, halo), (halo, halo), (0, 0)), "edge")
    return Pair(_luma_of(low), _luma_of(high), halo, scale)


def _luma_of(rgb: NDArray[np.uint8]) -> Maps:
    return (luma(rgb) / 255).astype(np.float32)


def sample(pairs: Sequence[Pair], crop: int, batch: int, seed: int, step: int) -> tuple[Maps, Maps]:
    """Draw the batch of one step: it depends on ``seed`` and ``step`` and nothing else.

    Pictures are drawn evenly whatever their size; each crop is flipped and turned at random. Its
    context is that of the picture; only at the picture's own border is it the repeated edge.

    Parameters
    ----------
    pairs : sequence of Pair
        One scale and halo; each at least ``crop`` in height and width.
    crop : int
        Side in low-resolution pixels, the context not counted.
    batch, seed, step : int

    Returns
    -------
    low : ndarray of float32, shape (batch, 1, crop + 2·halo, crop + 2·halo)
    high : ndarray of float32, shape (batch, 1, scale·crop, scale·crop)
    """
    random = np.random.default_rng((seed, step))
    drawn = [_cut(pairs[int(random.integers(len(pairs)))], crop, random) for _ in range(batch)]
    low, high = zip(*drawn, strict=True)
    return np.stack(low)[:, None], np.stack(high)[:, None]


def _cut(pair: Pair, crop: int, random: np.random.Generator) -> tuple[Maps, Maps]:
    height, width = pair.size
    y, x = int(random.integers(height - crop + 1)), int(random.integers(width - crop + 1))
    s, seen = pair.scale, crop + 2 * pair.halo
    low = pair.low[y : y + seen, x : x + seen]
    high = pair.high[s * y : s * (y + crop), s * x : s * (x + crop)]
    turns, flip = int(random.integers(4)), bool(random.integers(2))
    return _turned(low, turns, flip), _turned(high, turns, flip)


def _turned(picture: Maps, turns: int, flip: bool) -> Maps:
    turned: NDArray[Any] = np.rot90(picture, turns)
    return turned[:, ::-1] if flip else turned


def sample_flats(count: int, halo: int, seed: int, step: int) -> Maps:
    """Draw flat patches, each of one luma spread evenly over a little more than 16 to 235.

    Returns
    -------
    ndarray of float32, shape (count, 1, 2·halo + 1, 2·halo + 1)
        One output-bearing pixel each, with its context.
    """
    random = np.random.default_rng((seed, step, 1))
    levels = 0.04 + 0.9 * (np.arange(count) + random.random(count)) / max(count, 1)
    side = 2 * halo + 1
    return np.broadcast_to(levels[:, None, None, None], (count, 1, side, side)).astype(np.float32)

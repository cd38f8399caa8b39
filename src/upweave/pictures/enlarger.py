"""What makes pictures larger has in common: how it is called, what it takes and returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.engine import Cancelled

__all__ = [
    "Enlarger",
    "Options",
    "Pixels",
    "Progress",
    "check_image",
    "part_of",
    "report",
    "result_for",
]

Pixels = NDArray[Any]
Progress = Callable[[float], object]
"""Called with the share done, from 0 to 1; returning False cancels."""


class Options(TypedDict, total=False):
    """How to run; none of it changes the result."""

    threads: int | None
    """How many to use; by default all that the process may."""
    tile: int | tuple[int, int] | None
    """A network's tiles, in pixels of the picture."""
    progress: Progress | None


class Enlarger(Protocol):
    """Whatever makes pictures larger by a whole factor."""

    @property
    def name(self) -> str:
        """What to call it in reports."""
        ...

    @property
    def scale(self) -> int:
        """How many times larger the result is."""
        ...

    def __call__(self, image: Pixels, **options: Unpack[Options]) -> Pixels:
        """Return ``image``, ``scale`` times larger, of the same kind.

        Parameters
        ----------
        image : ndarray, shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)
            Grey, grey and alpha, RGB, or RGB and alpha (not premultiplied); uint8, uint16, or
            float32 in [0, 1].
        **options : Options
        """
        ...


def part_of(options: Options, number: int, count: int) -> Options:
    """Return the options for step ``number`` of ``count``: its progress is a part of the whole."""
    progress = options.get("progress")
    if progress is None:
        return options
    return {**options, "progress": lambda share: progress((number + share) / count)}


def report(options: Options, share: float) -> None:
    """Tell how much is done; raise `upweave.engine.Cancelled` where that cancels."""
    progress = options.get("progress")
    if progress is not None and progress(share) is False:
        raise Cancelled("cancelled")


def check_image(image: Pixels) -> None:
    """Refuse, by `TypeError` or `ValueError`, what is no picture as `Enlarger` takes it."""
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"image: got {type(image).__name__}; expected a NumPy array, "
            "shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)"
        )
    if image.dtype not in (np.uint8, np.uint16, np.float32):
        raise TypeError(f"image: got {image.dtype}; expected uint8, uint16 or float32 in [0, 1]")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (2, 3, 4)):
        hint = ""
        if image.ndim == 3 and image.shape[2] == 1:
            hint = "; for grey drop the last axis: image[..., 0]"
        elif image.ndim == 3 and image.shape[0] in (2, 3, 4):
            hint = "; put the channels last: np.moveaxis(image, 0, 2)"
        raise ValueError(
            f"image: got shape {image.shape}; expected (H, W), (H, W, C) with 2 to 4 channels{hint}"
        )
    if image.size == 0:
        raise ValueError(f"image: got shape {image.shape}; expected at least one pixel")
    if image.dtype.kind == "f" and not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"image: got float32 values from {image.min():g} to {image.max():g}; "
            "expected [0, 1] (divide 8-bit values by 255)"
        )


def result_for(image: Pixels, scale: int, out: Pixels | None) -> Pixels:
    """Return the array for the result: ``out``, checked, or a new one."""
    shape = (scale * image.shape[0], scale * image.shape[1], *image.shape[2:])
    if out is None:
        return np.empty(shape, image.dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out: got {type(out).__name__}; expected a NumPy array of shape {shape}")
    if out.dtype != image.dtype or out.shape != shape:
        raise ValueError(
            f"out: got {out.dtype} {out.shape}; expected {image.dtype} {shape}, as image is"
        )
    if not out.flags.writeable:
        raise ValueError("out: got a read-only array; expected one that can be written")
    if np.may_share_memory(out, image):
        raise ValueError("out: overlaps image; expected separate memory")
    return out

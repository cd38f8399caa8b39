"""A picture in, a larger picture out: frames, linear light, and sizes that are no whole factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from upweave.pictures import colour, light
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.enlarger import Enlarger, Options, Pixels, part_of
from upweave.pictures.picture import Picture, PictureError
from upweave.pictures.resampling import resample
from upweave.pictures.sizes import Wanted, factors

__all__ = ["enlarge", "enlarge_plainly"]


def enlarge(
    picture: Picture,
    enlargers: Mapping[int, Enlarger],
    wanted: Wanted,
    **options: Unpack[Options],
) -> Picture:
    """Make a picture larger, frame by frame.

    Parameters
    ----------
    picture : Picture
        Linear light is enlarged by sRGB's curve and comes back linear; what is below 0 becomes 0.
    enlargers : mapping of int to Enlarger
        By their scales.
    wanted : Wanted
        What lies between whole factors is made by the next larger ones, and resampled.
    **options : Options

    Returns
    -------
    Picture
        Of the same kind and metadata.

    Raises
    ------
    PictureError
        Where a float picture holds NaN or infinity.
    """
    frames = picture.frames
    return picture.with_frames(
        [
            _enlarge_frame(picture, frame, enlargers, wanted, part_of(options, n, len(frames)))
            for n, frame in enumerate(frames)
        ]
    )


def enlarge_plainly(picture: Picture, scales: Iterable[int], wanted: Wanted) -> Picture:
    """Make a picture's first frame larger by bicubic interpolation, to see the difference by.

    Parameters
    ----------
    picture, wanted
        As `enlarge` takes them.
    scales : iterable of int
        The factors that the steps may have.
    """
    first = replace(picture, further=())
    return enlarge(first, {scale: Bicubic(scale) for scale in scales}, wanted)


def _enlarge_frame(
    picture: Picture,
    frame: Pixels,
    enlargers: Mapping[int, Enlarger],
    wanted: Wanted,
    options: Options,
) -> Pixels:
    if frame.dtype.kind != "f" and not light.is_linear(picture.profile):
        return _to_size(frame, enlargers, wanted, options)
    if not np.isfinite(frame).all():
        raise PictureError("holds values that are no numbers, or infinite")
    seen = colour.to_unit(frame)
    colours, _ = colour.apart(seen)
    peak = max(np.float32(1), colours.max())
    colours[...] = light.to_display((colours / peak).clip(0))
    big = _to_size(seen.clip(0, 1), enlargers, wanted, options)
    values: NDArray[np.float32] = colour.apart(big)[0]
    values[...] = light.from_display(values) * peak
    return big if frame.dtype.kind == "f" else colour.rounded(big, frame.dtype)


def _to_size(
    image: Pixels, enlargers: Mapping[int, Enlarger], wanted: Wanted, options: Options
) -> Pixels:
    height, width = image.shape[:2]
    steps = factors(wanted.factor((height, width)), sorted(enlargers))
    big = image
    for number, scale in enumerate(steps):
        big = enlargers[scale](big, **part_of(options, number, len(steps)))
    return resample(big, wanted.size((height, width)))

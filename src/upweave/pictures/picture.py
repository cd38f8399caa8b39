"""A picture in memory: its pixels, and what its file says about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXIF", "PROFILE", "Header", "Picture", "PictureError"]

PROFILE: Final = "icc-profile-data"
EXIF: Final = "exif-data"

Pixels = NDArray[Any]


class PictureError(ValueError):
    """A file is no picture we can read, or a picture cannot be written so. One line."""


@dataclass(frozen=True)
class Header:
    """What a file's first bytes say, before any pixel is decoded.

    Attributes
    ----------
    format : str
        A name of `formats.FORMATS`.
    size : (height, width)
        Upright, in pixels, of one frame.
    channels : int
        1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    dtype : numpy.dtype
        uint8, uint16 or float32.
    frames : int
        Frames of an animation, or pages.
    """

    format: str
    size: tuple[int, int]
    channels: int
    dtype: np.dtype[Any]
    frames: int = 1

    @property
    def alpha(self) -> bool:
        """Whether there is transparency."""
        return self.channels in (2, 4)

    @property
    def pixels(self) -> int:
        """Of all frames."""
        return self.size[0] * self.size[1] * self.frames


@dataclass(frozen=True, eq=False)
class Picture:
    """The pixels of a picture, upright, and what its file says about them.

    Attributes
    ----------
    pixels : ndarray, shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)
        Grey, grey and alpha, RGB, or RGB and alpha (not premultiplied). uint8, uint16, or float32:
        linear light, where 1 is white and values may lie outside [0, 1].
    further : tuple of ndarray
        The frames of an animation, or the pages, after the first, alike in shape and type.
    metadata : mapping of str to bytes, str, int or list of int
        By libvips' names: colour profile, EXIF, XMP, IPTC, comments, an animation's timing.
    resolution : (across, down)
        Pixels a millimetre.
    format : str
        What the file was: a name of `formats.FORMATS`; empty for a picture that was in none.
    """

    pixels: Pixels
    further: tuple[Pixels, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resolution: tuple[float, float] = (1.0, 1.0)
    format: str = ""

    @property
    def frames(self) -> tuple[Pixels, ...]:
        """All frames, or pages."""
        return (self.pixels, *self.further)

    @property
    def profile(self) -> bytes | None:
        """The ICC colour profile."""
        return self.metadata.get(PROFILE)

    @property
    def header(self) -> Header:
        """What a file of this picture says first."""
        channels = 1 if self.pixels.ndim == 2 else self.pixels.shape[2]
        height, width = self.pixels.shape[:2]
        return Header(
            self.format, (height, width), channels, self.pixels.dtype, len(self.further) + 1
        )

    def with_frames(self, frames: list[Pixels]) -> Picture:
        """Return the same of other pixels."""
        return replace(self, pixels=frames[0], further=tuple(frames[1:]))

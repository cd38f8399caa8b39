"""Linear light: pictures whose values are amounts of light, where networks expect sRGB's curve.

Float pictures are linear by libvips' convention (scRGB); others where their ICC profile says so.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["display_16", "eight_bits", "from_display", "is_linear", "to_display"]

_KNEE, _SLOPE, _POWER, _OFFSET = 0.0031308, 12.92, 2.4, 0.055


def to_display(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return light in [0, 1] by sRGB's curve (IEC 61966-2-1), in [0, 1]."""
    curved = (1 + _OFFSET) * np.power(linear, 1 / _POWER, dtype=np.float32) - _OFFSET
    return np.where(linear <= _KNEE, _SLOPE * linear, curved).astype(np.float32)


def from_display(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the light of values in [0, 1]: the inverse of `to_display`."""
    curved = np.power((values + _OFFSET) / (1 + _OFFSET), _POWER, dtype=np.float32)
    return np.where(values <= _SLOPE * _KNEE, values / _SLOPE, curved).astype(np.float32)


def display_16(pixels: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return float pixels (H, W, ...) as 16-bit ones by sRGB's curve, clipped to what they hold.

    Alpha, the second or fourth channel, has no curve.
    """
    unit = pixels.clip(0, 1)
    values = to_display(unit)
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        values[..., -1] = unit[..., -1]
    return (values * 65535 + 0.5).astype(np.uint16)


def eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels (H, W, ...) of any depth as 8-bit ones, rounded; float by `display_16`."""
    if pixels.dtype.kind == "f":
        pixels = display_16(pixels)
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return pixels


def is_linear(profile: bytes | None) -> bool:
    """Tell whether an ICC profile's curves are straight lines.

    Notes
    -----
    ICC.1:2022: the tag table is at byte 128 (7.3); a curve of type "curv" is straight where it has
    no entries, or one, a gamma of 1.0 in fixed point with 8 bits of fraction (10.6); of type
    "para", where it is a power of 1.0 in fixed point with 16 bits of fraction (10.18).
    """
    curve = _curve(profile or b"")
    kind, body = curve[:4], curve[8:]
    if kind == b"curv":
        return body[:4] == bytes(4) or body[:6] == struct.pack(">IH", 1, 0x100)
    return kind == b"para" and body[:8] == struct.pack(">HHI", 0, 0, 0x10000)


def _curve(profile: bytes) -> bytes:
    """Return the curve of red or grey; nothing where there is none."""
    (count,) = struct.unpack_from(">I", profile, 128) if len(profile) >= 132 else (0,)
    for n in range(min(count, 100)):
        entry: tuple[Any, ...] = struct.unpack(">4sII", profile[132 + 12 * n :][:12].ljust(12))
        name, start, size = entry
        if name in (b"rTRC", b"kTRC"):
            return profile[start : start + size]
    return b""

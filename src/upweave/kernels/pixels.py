"""Three planes of floats to the pixels of a picture, by compiled code where that can run."""

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.kernels import host, jit
from upweave.kernels.emit.pixels import ENTRY, Channels, emit_pixels

__all__ = ["Channels", "to_pixels"]

Plane = npt.NDArray[np.float32]


def to_pixels(
    channels: Channels, planes: tuple[Plane, Plane, Plane], out: npt.NDArray[Any]
) -> None:
    """Write what three planes, each of shape (H, W), make, into ``out``, shape (H, W, 3).

    Python's lock is released meanwhile.

    Parameters
    ----------
    channels : Channels
        Its kind is the type of ``out``.
    planes : tuple of ndarray of float32
    out : ndarray of uint8, uint16 or float32
    """
    shape = (*planes[0].shape, 3)
    if out.shape != shape or any(plane.shape != shape[:2] for plane in planes):
        shapes = ", ".join(str(plane.shape) for plane in planes)
        raise ValueError(f"out: got shape {out.shape} for planes of {shapes}; expected {shape}")
    if host.why_not() is not None:
        _by_numpy(channels, planes, out)
        return
    written = out if out.flags.c_contiguous else np.empty(shape, out.dtype)
    read = [np.ascontiguousarray(plane, np.float32) for plane in planes]
    addresses = [array.ctypes.data for array in (*read, written)]
    _function(channels, host.lanes())(*addresses, planes[0].size)
    if written is not out:
        out[...] = written


def _by_numpy(
    channels: Channels, planes: tuple[Plane, Plane, Plane], out: npt.NDArray[Any]
) -> None:
    """Do the same channel by channel."""
    half = np.float32(0 if out.dtype.kind == "f" else 0.5)
    moved = [x - np.float32(origin) for x, origin in zip(planes, channels.origin, strict=True)]
    for channel, row in enumerate(channels.matrix):
        total = half + sum(np.float32(n) * x for n, x in zip(row, moved, strict=True) if n)
        out[..., channel] = np.clip(total, 0, np.float32(channels.full_scale)).astype(out.dtype)


@cache
def _function(channels: Channels, lanes: int) -> Callable[..., None]:
    """Return the compiled function."""
    address = jit.compile_ir(emit_pixels(channels, lanes)).address(ENTRY)
    return CFUNCTYPE(None, c_void_p, c_void_p, c_void_p, c_void_p, c_int64)(address)

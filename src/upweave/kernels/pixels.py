"""Planes of floats to the pixels of a picture, and back, by compiled code where that can run."""

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.kernels import host, jit
from upweave.kernels.emit.pixels import (
    TO_PIXELS,
    TO_PLANES,
    Channels,
    emit_pixels,
    emit_planes,
)

__all__ = ["Channels", "to_pixels", "to_planes"]

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
        _pixels_by_numpy(channels, planes, out)
        return
    written = out if out.flags.c_contiguous else np.empty(shape, out.dtype)
    read = [np.ascontiguousarray(plane, np.float32) for plane in planes]
    addresses = [array.ctypes.data for array in (*read, written)]
    _pixels_by(channels, host.lanes())(*addresses, planes[0].size)
    if written is not out:
        out[...] = written


def to_planes(channels: Channels, pixels: npt.NDArray[Any]) -> Plane:
    """Return the three planes, shape (3, H, W), that make pixels: the inverse of `to_pixels`.

    Python's lock is released meanwhile.

    Parameters
    ----------
    channels : Channels
        Its kind is the type of ``pixels``.
    pixels : ndarray of uint8, uint16 or float32, shape (H, W, 3)
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"pixels: got shape {pixels.shape}; expected (H, W, 3)")
    planes = np.empty((3, *pixels.shape[:2]), np.float32)
    if host.why_not() is not None:
        _planes_by_numpy(channels, pixels, planes)
        return planes
    read = np.ascontiguousarray(pixels)
    addresses = [array.ctypes.data for array in (*planes, read)]
    _planes_by(channels, host.lanes())(*addresses, planes[0].size)
    return planes


def _pixels_by_numpy(
    channels: Channels, planes: tuple[Plane, Plane, Plane], out: npt.NDArray[Any]
) -> None:
    """Do as `to_pixels`, channel by channel."""
    half = np.float32(0 if out.dtype.kind == "f" else 0.5)
    moved = [x - np.float32(origin) for x, origin in zip(planes, channels.origin, strict=True)]
    for channel, row in enumerate(channels.matrix):
        total = half + sum(np.float32(n) * x for n, x in zip(row, moved, strict=True) if n)
        out[..., channel] = np.clip(total, 0, np.float32(channels.full_scale)).astype(out.dtype)


def _planes_by_numpy(channels: Channels, pixels: npt.NDArray[Any], planes: Plane) -> None:
    """Do as `to_planes`, plane by plane."""
    parted = [pixels[..., n].astype(np.float32) for n in range(3)]
    for plane, row in enumerate(channels.inverse):
        planes[plane] = channels.origin[plane]
        for factor, values in zip(row, parted, strict=True):
            planes[plane] += np.float32(factor) * values


@cache
def _pixels_by(channels: Channels, lanes: int) -> Callable[..., None]:
    """Return the compiled function."""
    return _function(jit.compile_ir(emit_pixels(channels, lanes)).address(TO_PIXELS))


@cache
def _planes_by(channels: Channels, lanes: int) -> Callable[..., None]:
    """Return the compiled function."""
    return _function(jit.compile_ir(emit_planes(channels, lanes)).address(TO_PLANES))


_function = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p, c_void_p, c_int64)

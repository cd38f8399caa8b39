"""One picture through one network: colour, transparency, depth.

The network sees luma (or RGB); chroma and alpha are enlarged by bicubic interpolation. What comes
back is of the kind that went in, clipped and rounded half up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from upweave.engine import Cancelled, Network
from upweave.kernels import ConvTranspose
from upweave.ops import interpolation
from upweave.pictures import colour, models
from upweave.pictures.models import Runtime

__all__ = ["Bicubic", "Enlarger", "RunsPlanes", "Upscaler", "load"]

Pixels = NDArray[Any]
Progress = Callable[[float], object]

# Chroma and alpha are enlarged by bands of about so many pixels of the result, so that a large
# picture needs its result and its luma in memory, and little else.
_BAND = 1 << 20

# The share of the time, roughly, that a luma network takes of the whole.
_NETWORK_SHARE = 0.8


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

    def __call__(self, image: Pixels) -> Pixels:
        """Return ``image``, ``scale`` times larger, of the same kind."""
        ...


class RunsPlanes(Protocol):
    """Whatever runs a network: the engine, or another library in its place."""

    @property
    def metadata(self) -> dict[str, str]:
        """The model file's own words about itself."""
        ...

    @property
    def planes(self) -> tuple[int, int]:
        """The channels that go in and that come out."""
        ...

    def output_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) that comes out of a (height, width) that goes in."""
        ...

    def __call__(
        self,
        x: NDArray[np.float32],
        *,
        threads: int | None,
        tile: int | tuple[int, int] | None,
        progress: Progress | None,
    ) -> NDArray[np.float32]:
        """Run the network on an array of shape (N, C, H, W)."""
        ...


def load(name: str | os.PathLike[str], *, runtime: Runtime = "upweave") -> Upscaler:
    """Load a network that makes pictures larger.

    Parameters
    ----------
    name : str or path
        A shipped name such as "weave-s-x4", or the path of an ``.onnx`` file.
    runtime : {"upweave", "onnxruntime"}
        What runs the network: our engine by tiles, or ONNX Runtime, if it is installed. That runs
        models with operators that the engine lacks, but pictures whole, in memory that grows with
        them.

    Raises
    ------
    ValueError
        Where no shipped model has the name, the file is no network that enlarges pictures, or there
        is no such runtime. `upweave.engine.NotRunError` where another runtime may do.
    OSError
        Where the file cannot be read.
    ModuleNotFoundError
        Where ONNX Runtime is not installed.

    Examples
    --------
    >>> import upweave as uw
    >>> up = uw.load("weave-s-x4")  # doctest: +SKIP
    >>> big = up(image)  # doctest: +SKIP
    """
    path = Path(name)
    if isinstance(name, str) and path.suffix != ".onnx" and len(path.parts) == 1:
        model = models.find(name)
        return Upscaler(_network(model.path, runtime), model.name)
    return Upscaler(_network(path, runtime), path.stem)


def _network(path: Path, runtime: Runtime) -> RunsPlanes:
    if runtime not in get_args(Runtime):
        known = " or ".join(map(repr, get_args(Runtime)))
        raise ValueError(f"runtime: got {runtime!r}; {known} would do")
    if runtime == "upweave":
        return Network.from_onnx(path)
    from upweave.pictures.onnx_runtime import OnnxRuntimeNetwork  # noqa: PLC0415  (few need it)

    return OnnxRuntimeNetwork(path)


class Upscaler:
    """A network, ready to enlarge pictures.

    Parameters
    ----------
    network : Network or RunsPlanes
        Takes (1, 1, H, W) luma (BT.601 studio range / 255) or (1, 3, H, W) RGB in [0, 1], and
        returns the same, larger. Which, and how much larger, its metadata say ("colour", "scale");
        where they do not, the network's sizes do.
    name : str
        What to call it in reports.

    Attributes
    ----------
    name : str
    scale : int
        How many times larger the result is.
    colour : {"luma", "rgb"}
        What the network sees.
    metadata : dict of str to str
        What the ONNX file says of itself.

    Raises
    ------
    ValueError
        Where the network does not enlarge one or three planes by a whole factor.
    """

    def __init__(self, network: RunsPlanes, name: str) -> None:
        self.name = name
        self.metadata = network.metadata
        self._network = network
        self.colour, self.scale = _kind_of(network, name)
        self._bicubic = _BicubicPlanes(self.scale)

    def __call__(
        self,
        image: Pixels,
        *,
        out: Pixels | None = None,
        threads: int | None = None,
        tile: int | tuple[int, int] | None = None,
        progress: Progress | None = None,
    ) -> Pixels:
        """Enlarge a picture.

        Parameters
        ----------
        image : ndarray, shape (H, W), (H, W, 3) or (H, W, 4)
            Grey, RGB, or RGB and alpha (not premultiplied); uint8, uint16, or float32 in [0, 1].
        out : ndarray, optional
            Where to write the result: ``scale`` times larger, of the same type.
        threads : int, optional
            How many threads to use; by default all that this process may.
        tile : int or (height, width), optional
            The network's tiles, in pixels of ``image``, rounded up as `Network` does; the result
            does not depend on them.
        progress : callable, optional
            Called with the share done, from 0 to 1; returning False cancels.

        Returns
        -------
        ndarray
            Of the same type and layout, ``scale`` times larger.

        Raises
        ------
        TypeError, ValueError
            Where ``image`` or ``out`` is not as described.
        upweave.engine.Cancelled
            Where ``progress`` returned False.
        """
        _check_image(image)
        out = _result_for(image, self.scale, out)
        network = _Run(self, image.shape[:2], threads, tile, progress)
        if image.ndim == 2:
            self._enlarge_grey(image, out, network)
        elif image.shape[2] == 4 and (image[..., 3] != colour.full_scale(image.dtype)).any():
            visible = colour.extend_under_alpha(image[..., :3], image[..., 3])
            self._enlarge_colour(visible, image[..., 3], out, network)
        else:
            out[..., 3:] = np.array(colour.full_scale(out.dtype), out.dtype)
            self._enlarge_colour(image[..., :3], None, out, network)
        return out

    def _enlarge_grey(self, image: Pixels, out: Pixels, network: _Run) -> None:
        if self.colour == "luma":
            colour.luma_to_grey(network(colour.grey_to_luma(image)[np.newaxis])[0], out)
        else:
            grey = np.broadcast_to(colour.to_unit(image), (3, *image.shape))
            colour.from_unit(network(grey).mean(axis=0), out)
        network.report(1.0)

    def _enlarge_colour(
        self, rgb: Pixels, alpha: Pixels | None, out: Pixels, network: _Run
    ) -> None:
        planes = [] if alpha is None else [colour.to_unit(alpha)]
        if self.colour == "luma":
            ycbcr = colour.rgb_to_ycbcr(rgb)
            seen = network(ycbcr[:1])
            planes = [ycbcr[1], ycbcr[2], *planes]
        else:
            seen = network(np.moveaxis(colour.to_unit(rgb), 2, 0))
            for channel in range(3):
                colour.from_unit(seen[channel], out[..., channel])
        for rows, smooth in self._bicubic(planes, network.threads):
            if self.colour == "luma":
                colour.ycbcr_to_rgb(seen[0, rows], smooth[0], smooth[1], out[rows, :, :3])
            if alpha is not None:
                colour.from_unit(smooth[-1], out[rows, :, 3])
            network.report(_NETWORK_SHARE + (1 - _NETWORK_SHARE) * rows.stop / out.shape[0])
        network.report(1.0)


class Bicubic:
    """Bicubic interpolation (Keys, a = -0.5) of every channel: what networks are compared with.

    Parameters
    ----------
    scale : int
        How many times larger the result is; at least 1.
    """

    name = "bicubic"

    def __init__(self, scale: int) -> None:
        self.scale = scale
        self._planes = _BicubicPlanes(scale)

    def __call__(self, image: Pixels) -> Pixels:
        """Return ``image``, ``scale`` times larger, as `Upscaler` takes and returns it."""
        _check_image(image)
        out = _result_for(image, self.scale, None)
        channels = image[..., np.newaxis] if image.ndim == 2 else image
        results = out[..., np.newaxis] if image.ndim == 2 else out
        planes = [colour.to_unit(channels[..., c]) for c in range(channels.shape[2])]
        for rows, smooth in self._planes(planes, None):
            for channel, values in enumerate(smooth):
                colour.from_unit(values, results[rows, :, channel])
        return out


class _BicubicPlanes:
    """Planes of one picture made larger by bicubic interpolation, band by band."""

    def __init__(self, scale: int) -> None:
        kernel = interpolation.kernel("bicubic", scale, a=-0.5)
        weights = np.outer(kernel.taps, kernel.taps).astype(np.float32)
        self._scale = scale
        self._halo = kernel.halo
        self._enlarge = ConvTranspose(
            weights[np.newaxis, np.newaxis],
            stride=scale,
            padding=[kernel.crop] * 2,
        )

    def __call__(
        self, planes: list[NDArray[np.float32]], threads: int | None
    ) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield rows of the result, and what belongs there, shape (planes, rows, columns)."""
        if not planes:
            return
        halo, scale = self._halo, self._scale
        # The planes ride in the batch: one kernel with one channel serves however many there are.
        padded = np.pad(np.stack(planes)[:, np.newaxis], _around(halo), "edge")
        height, width = planes[0].shape
        step = max(1, _BAND // (width * scale * scale))
        for top in range(0, height, step):
            end = min(top + step, height)
            band = np.ascontiguousarray(padded[:, :, top : end + 2 * halo])
            yield slice(top * scale, end * scale), self._enlarge(band, threads=threads)[:, 0]


def _around(halo: int) -> list[tuple[int, int]]:
    return [(0, 0), (0, 0), (halo, halo), (halo, halo)]


class _Run:
    """One call of an upscaler's network: its options, its progress, and the check of its result."""

    def __init__(
        self,
        upscaler: Upscaler,
        size: tuple[int, ...],
        threads: int | None,
        tile: int | tuple[int, int] | None,
        progress: Progress | None,
    ) -> None:
        self.threads = threads
        self._upscaler = upscaler
        self._size = tuple(upscaler.scale * n for n in size)
        self._tile = tile
        self._progress = progress

    def __call__(self, planes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the network on (C, H, W) planes."""
        x = np.ascontiguousarray(planes[np.newaxis])
        report = None if self._progress is None else self._report_network
        y = self._upscaler._network(x, threads=self.threads, tile=self._tile, progress=report)
        if y.shape != (1, len(planes), *self._size):
            raise ValueError(
                f"{self._upscaler.name}: made {y.shape} of {x.shape}; a network of scale "
                f"{self._upscaler.scale} makes {(1, len(planes), *self._size)}"
            )
        result: NDArray[np.float32] = y[0]
        return result

    def _report_network(self, share: float) -> object:
        return None if self._progress is None else self._progress(_NETWORK_SHARE * share)

    def report(self, share: float) -> None:
        if self._progress is not None and self._progress(share) is False:
            raise Cancelled("cancelled")


def _kind_of(network: RunsPlanes, name: str) -> tuple[Literal["luma", "rgb"], int]:
    """Return what a network sees and its scale, by its metadata or by trying."""
    sees, scale = network.metadata.get("colour"), network.metadata.get("scale", "")
    if sees is None and not scale:
        return _probe(network, name)
    if sees not in ("luma", "rgb") or not scale.isdecimal() or int(scale) < 1:
        raise ValueError(
            f"{name}: its metadata say colour {sees!r} and scale {scale!r}; "
            "expected 'luma' or 'rgb', and a whole number"
        )
    return ("luma" if sees == "luma" else "rgb"), int(scale)


def _probe(network: RunsPlanes, name: str) -> tuple[Literal["luma", "rgb"], int]:
    """Tell the kind by the planes that go in and out, and the scale by what 16 x 16 becomes."""
    planes = network.planes
    height, width = network.output_size((16, 16))
    scale = height // 16
    if planes not in ((1, 1), (3, 3)) or (height, width) != (16 * scale, 16 * scale) or not scale:
        raise ValueError(
            f"{name}: makes {planes[1]} planes of {height} x {width} of {planes[0]} of 16 x 16; "
            "expected one or three, and as many, a whole number of times larger"
        )
    return ("luma" if planes == (1, 1) else "rgb"), scale


def _check_image(image: Pixels) -> None:
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"image: got {type(image).__name__}; expected a NumPy array, "
            "shape (H, W), (H, W, 3) or (H, W, 4)"
        )
    if image.dtype not in (np.uint8, np.uint16, np.float32):
        raise TypeError(f"image: got {image.dtype}; expected uint8, uint16 or float32 in [0, 1]")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)):
        hint = ""
        if image.ndim == 3 and image.shape[2] == 1:
            hint = "; for grey drop the last axis: image[..., 0]"
        elif image.ndim == 3 and image.shape[0] in (3, 4):
            hint = "; put the channels last: np.moveaxis(image, 0, 2)"
        raise ValueError(
            f"image: got shape {image.shape}; expected (H, W), (H, W, 3) or (H, W, 4){hint}"
        )
    if image.size == 0:
        raise ValueError(f"image: got shape {image.shape}; expected at least one pixel")
    if image.dtype.kind == "f" and not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"image: got float32 values from {image.min():g} to {image.max():g}; "
            "expected [0, 1] (divide 8-bit values by 255)"
        )


def _result_for(image: Pixels, scale: int, out: Pixels | None) -> Pixels:
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

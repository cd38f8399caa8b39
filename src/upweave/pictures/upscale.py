"""One picture through one network: colour, transparency, depth.

The network sees luma (or RGB); chroma and alpha are enlarged by bicubic interpolation. What comes
back is of the kind that went in, clipped and rounded half up.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from upweave.engine import Network
from upweave.pictures import colour, models
from upweave.pictures.bicubic import BicubicPlanes
from upweave.pictures.checking import check_planes
from upweave.pictures.enlarger import Pixels, Progress, check_image, report, result_for
from upweave.pictures.models import Runtime

__all__ = ["RunsPlanes", "Upscaler", "load"]

# The share of the time, roughly, that a luma network takes of the whole.
_NETWORK_SHARE = 0.8


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
        self._bicubic = BicubicPlanes(self.scale)

    @property
    def radius(self) -> int:
        """How many pixels of a picture beyond its own a pixel of the result depends on.

        Raises
        ------
        ValueError
            Where what runs the network does not tell.
        """
        if not isinstance(self._network, Network):
            raise ValueError(f"{self.name}: only upweave's engine tells how far a network looks")
        return max(self._network.radius, self._bicubic.halo)

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
        image : ndarray, shape (H, W), (H, W, 2), (H, W, 3) or (H, W, 4)
            Grey, grey and alpha, RGB, or RGB and alpha (not premultiplied); uint8, uint16, or
            float32 in [0, 1].
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
        check_image(image)
        out = result_for(image, self.scale, out)
        network = _Run(self, image.shape[:2], threads, tile, progress)
        seen, alpha = colour.visible(image)
        colours, opacity = colour.apart(out)
        if seen.ndim == 2:
            self._enlarge_grey(seen, colours, network)
        elif self.colour == "luma":
            self._enlarge_luma(seen, colours, network)
        else:
            planes = network(np.moveaxis(colour.to_unit(seen), 2, 0))
            for channel in range(3):
                colour.from_unit(planes[channel], colours[..., channel])
        if alpha is not None and opacity is not None:
            for rows, smooth in self._bicubic([colour.to_unit(alpha)], threads):
                colour.from_unit(smooth[0], opacity[rows])
        elif opacity is not None:
            opacity[...] = np.array(colour.full_scale(out.dtype), out.dtype)
        network.report(1.0)
        return out

    def _enlarge_grey(self, image: Pixels, out: Pixels, network: _Run) -> None:
        if self.colour == "luma":
            colour.luma_to_grey(network(colour.grey_to_luma(image)[np.newaxis])[0], out)
        else:
            grey = np.broadcast_to(colour.to_unit(image), (3, *image.shape))
            colour.from_unit(network(grey).mean(axis=0), out)

    def _enlarge_luma(self, rgb: Pixels, out: Pixels, network: _Run) -> None:
        """Let the network enlarge luma; chroma is interpolated."""
        ycbcr = colour.rgb_to_ycbcr(rgb)
        seen = network(ycbcr[:1])
        for rows, smooth in self._bicubic([ycbcr[1], ycbcr[2]], network.threads):
            colour.ycbcr_to_rgb(seen[0, rows], smooth[0], smooth[1], out[rows])
            network.report(_NETWORK_SHARE + (1 - _NETWORK_SHARE) * rows.stop / out.shape[0])


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
        check_planes(planes, result, self._upscaler.name)
        return result

    def _report_network(self, share: float) -> object:
        return None if self._progress is None else self._progress(_NETWORK_SHARE * share)

    def report(self, share: float) -> None:
        report({"progress": self._progress}, share)


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

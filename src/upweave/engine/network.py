"""A network ready to run on arrays."""

import math
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.engine import graph_file
from upweave.engine.by_layer import run_by_layer
from upweave.engine.extent import axis_extent
from upweave.engine.graph import Graph, Size
from upweave.engine.plan import Plan, plan_network
from upweave.kernels import host
from upweave.kernels.operator import PLANS_KEPT
from upweave.kernels.tiles import Progress, TileProgram, empty
from upweave.kernels.together import done_once
from upweave.ops._checks import whole

Array = npt.NDArray[Any]

_LARGE = 1024  # pixels a side, more than any network of ours looks at


class Network:
    """A network of planes, run tile by tile.

    The result is the same, bit for bit, for every tile size and number of threads.

    Attributes
    ----------
    graph : Graph
    metadata : dict of str
        The model file's own words about itself.
    plan : Plan or None
        How the latest call ran; None before the first, and where no kernels can be generated.
    """

    def __init__(self, graph: Graph) -> None:
        self._by_layer = host.why_not() is not None
        self.graph = graph
        self.metadata = graph.metadata
        self.plan: Plan | None = None
        self._lanes = host.lanes()
        self._planned = lru_cache(maxsize=PLANS_KEPT)(done_once(self._plan))

    @classmethod
    def from_onnx(cls, path: str | Path) -> "Network":
        """Read a network from an ONNX file.

        Raises
        ------
        FileNotFoundError
            Where there is no such file.
        ModelError
            Where the file is no ONNX model or (`NotRunError`) holds what the engine does not run;
            one line that names the node.
        """
        return cls(graph_file.read(path))

    @property
    def planes(self) -> tuple[int, int]:
        """The channels that go in and that come out."""
        return self.graph.channels[self.graph.input], self.graph.channels[self.graph.output]

    def output_size(self, size: Size) -> Size:
        """Return the (height, width) that comes out of a (height, width) that goes in.

        Raises
        ------
        ValueError
            Where the network cannot take the size.
        """
        return self.graph.sizes(size)[self.graph.output]

    @cached_property
    def radius(self) -> int:
        """How many pixels of the input beyond its own an output looks at, at most, on any side."""
        sizes = self.graph.sizes((_LARGE, _LARGE))
        return max(self._radius(axis, {k: v[axis] for k, v in sizes.items()}) for axis in (0, 1))

    def _radius(self, axis: int, sizes: dict[str, int]) -> int:
        scale = Fraction(sizes[self.graph.output], _LARGE)
        first, last = _LARGE // 2, _LARGE // 2 + 1
        wanted = math.floor(first * scale), math.ceil(last * scale)
        extent = axis_extent(self.graph, axis, sizes, wanted, wanted[1] - wanted[0], 0)
        needed = [each for each in extent.of[self.graph.input].real if each[0] < each[1]]
        return max(first - min(a for a, _ in needed), max(b for _, b in needed) - last)

    def __call__(
        self,
        x: Array,
        *,
        out: Array | None = None,
        threads: int | None = None,
        tile: int | Size | None = None,
        progress: Progress | None = None,
    ) -> Array:
        """Run the network.

        Parameters
        ----------
        x : array of shape (N, C, H, W), float32
        out : array, optional
            Where the result goes: C-contiguous, of its shape and dtype, not overlapping `x`.
        threads : int, optional
            The default is every core that the process may use (`UPWEAVE_NUM_THREADS`).
        tile : int or (height, width), optional
            Input pixels a tile; in a network with strided convolutions rounded up, so that a tile
            is a whole number of pixels of every tensor (after two of stride 2, to multiples of 4).
            The default is chosen for the cache and the threads.
        progress : callable, optional
            Called with the share done, 0 to 1, some times a second; returning False cancels.

        Returns
        -------
        array of shape (N, C', H', W'), float32

        Raises
        ------
        TypeError, ValueError
            Where an argument does not fit; the message names it.
        Cancelled
            Where `progress` returned False.
        """
        self._check(x)
        threads = host.default_threads() if threads is None else whole("threads", threads, 1)
        rows, columns = self.output_size((x.shape[2], x.shape[3]))
        shape = (x.shape[0], self.graph.channels[self.graph.output], rows, columns)
        out = _output(out, shape, x)
        x = np.ascontiguousarray(x)
        if self._by_layer:
            out[...] = run_by_layer(self.graph, x)
        elif x.shape[0]:
            self.plan, tiles = self._planned(
                x.shape[0], (x.shape[2], x.shape[3]), _pair(tile), threads
            )
            tiles.run(x, out, threads, progress)
        return out

    def _check(self, x: Array) -> None:
        channels = self.graph.channels[self.graph.input]
        if not isinstance(x, np.ndarray) or x.dtype != np.float32:
            kind = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            raise TypeError(f"x is {kind}; the engine takes an array of float32")
        if x.ndim != 4 or x.shape[1] != channels or min(x.shape[2:]) < 1:
            raise ValueError(f"x has shape {x.shape}; expected (N, {channels}, H, W)")

    def _plan(
        self, batch: int, size: Size, tile: Size | None, threads: int
    ) -> tuple[Plan, TileProgram]:
        return plan_network(self.graph, batch, size, tile, threads, self._lanes)


def _output(out: Array | None, shape: tuple[int, ...], x: Array) -> Array:
    if out is None:
        return empty(shape, np.float32)
    if out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous:
        raise ValueError(f"out is {out.dtype} {out.shape}; expected C-contiguous float32 {shape}")
    if np.may_share_memory(out, x):
        raise ValueError("out overlaps x; give it memory of its own")
    return out


def _pair(tile: int | Size | None) -> Size | None:
    if tile is None:
        return None
    height, width = (tile, tile) if isinstance(tile, int) else tile
    return whole("tile", height, 1), whole("tile", width, 1)

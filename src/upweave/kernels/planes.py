"""A layer on whole planes, tile by tile."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from upweave.kernels import instructions, program
from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.kernels.tiles import TileProgram, row_step

PLANS_KEPT = 8
"""Plans for so many sizes of input are kept; a plan takes longer to make than to run."""
_TILE_BYTES = 384 * 1024  # of a tile's input, to stay in the second-level cache
_TILES_PER_THREAD = 4  # so that threads end together
_WIDEST = 512  # input positions a tile


class PlaneOperator:
    """A layer on arrays (N, C, H, W) of float32, tile by tile.

    Parameters
    ----------
    layer : Layer
    output_size : callable
        From the input's (H, W) to the output's.
    """

    def __init__(
        self, layer: Layer, output_size: Callable[[tuple[int, ...]], tuple[int, ...]]
    ) -> None:
        self._layer = layer
        self._output_size = output_size
        self._planned = lru_cache(maxsize=PLANS_KEPT)(self._plan)

    def __call__(self, x: Floats, out: Floats, threads: int) -> None:
        """Compute `out` (C-contiguous) from `x`."""
        n, _, height, width = x.shape
        plan = self._planned(n, height, width, threads)
        plan.run(np.ascontiguousarray(x), out, threads)

    def _plan(self, n: int, height: int, width: int, threads: int) -> TileProgram:
        layer = self._layer
        out_height, out_width = self._output_size((height, width))
        row_size, column_size = self._tile(n, (out_height, out_width), threads)
        programs: list[instructions.Integers] = []
        keep: list[object] = [layer]
        scratch = 0
        for top in range(0, out_height, row_size):
            for left in range(0, out_width, column_size):
                size = (min(row_size, out_height - top), min(column_size, out_width - left))
                rows, floats, held = self._tile_program((height, width), (top, left), size)
                programs.append(rows)
                keep.append(held)
                scratch = max(scratch, floats)
        x_step, y_step = layer.in_channels * height * width, layer.out_channels * out_height
        tiles = [
            (rows.ctypes.data, len(rows), image * x_step, image * y_step * out_width)
            for image in range(n)
            for rows in programs
        ]
        return TileProgram(np.array(tiles, np.int64), [scratch], [programs, keep], layer.lanes)

    def _tile(self, n: int, out: tuple[int, ...], threads: int) -> tuple[int, int]:
        """Choose the rows and columns of output a tile."""
        layer = self._layer
        stride_rows, stride_columns = len(layer.rows.phases), len(layer.columns.phases)
        per_position = 4 * layer.in_channels
        wide = min(_WIDEST, _TILE_BYTES // per_position)
        if out[0] == 1:  # lines are shared by their columns
            wide = min(wide, -(-out[1] * n // (stride_columns * threads * _TILES_PER_THREAD)))
        columns = min(out[1], stride_columns * max(wide // layer.lanes, 1) * layer.lanes)
        positions = columns // stride_columns + len(layer.columns.offsets)
        halo = len(layer.rows.offsets) - 1
        fitting = _TILE_BYTES // (per_position * positions) - halo
        strips = -(-out[1] // columns)
        shared = -(-out[0] * n * strips // (stride_rows * threads * _TILES_PER_THREAD))
        return stride_rows * max(1, min(fitting, shared)), columns

    def _tile_program(
        self, x_size: tuple[int, int], first: tuple[int, int], size: tuple[int, int]
    ) -> tuple[instructions.Integers, int, list[object]]:
        """Return the program of a rectangle of output, its scratch floats and what it points to."""
        layer = self._layer
        (top, bottom), (left, right) = (
            axis.needs(start, start + extent)
            for axis, start, extent in zip((layer.rows, layer.columns), first, size, strict=True)
        )
        row = row_step(right - left)
        channel = row * (bottom - top)
        tile = instructions.Place(program.SCRATCH, 0, channel, row)
        image = instructions.Place(program.INPUT, 0, x_size[0] * x_size[1], x_size[1])
        gather, held = instructions.copy(
            image,
            tile,
            layer.in_channels,
            inside(top, bottom, x_size[0]),
            inside(left, right, x_size[1]),
            layer.lanes,
        )
        out = self._output_size(x_size)
        y = instructions.Place(
            program.OUTPUT, first[0] * out[1] + first[1], out[0] * out[1], out[1]
        )
        compute = layer.instructions(tile.moved(-top * row - left), y, first, size)
        floats = layer.in_channels * channel + 2 * layer.lanes
        return np.stack([gather, *compute]), floats, held


def inside(start: int, stop: int, size: int) -> instructions.Integers:
    """Return the indices ``start … stop - 1``, those outside ``0 … size - 1`` as `FILL`.

    Examples
    --------
    >>> inside(-1, 3, 2).tolist() == [instructions.FILL, 0, 1, instructions.FILL]
    True
    """
    indices = np.arange(start, stop)
    return np.where((indices >= 0) & (indices < size), indices, instructions.FILL)

"""A layer on whole arrays, tile by tile."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from upweave.kernels import rectangles
from upweave.kernels.axis_filter import Grid
from upweave.kernels.filter_tiling import FilterTiles
from upweave.kernels.instructions import Floats
from upweave.kernels.pictures import Pictures, Size
from upweave.kernels.rectangles import Program, Rectangle
from upweave.kernels.slabs import Slab
from upweave.kernels.tiles import TileProgram
from upweave.kernels.tiling import FlatTiles, RowTiles, Schedule, choose_schedule
from upweave.kernels.together import done_once

PLANS_KEPT = 8
"""Plans for so many sizes of input are kept; a plan takes longer to make than to run."""


class LayerOperator:
    """A layer on arrays (N, C, D, H, W) of its weights' type.

    Parameters
    ----------
    slabs : sequence of Slab
        All depths of the output, once each.
    bias : array of shape (C_out,), optional
        What the outputs of a slab without a layer hold.
    output_size : callable
        From the input's (D, H, W) to the output's.
    choose : callable
        From the pictures of a slab and the number of threads to their schedule.
    """

    def __init__(
        self,
        slabs: Sequence[Slab],
        bias: Floats | None,
        output_size: Callable[[Size], Size],
        choose: Callable[[Pictures, int], Schedule] = choose_schedule,
    ) -> None:
        self._slabs = slabs
        self._bias = bias
        self._output_size = output_size
        self._choose = choose
        self._planned = lru_cache(maxsize=PLANS_KEPT)(done_once(self._plan))

    def __call__(self, x: Floats, out: Floats, threads: int) -> None:
        """Compute `out` (C-contiguous) from `x`, whose channels may lie last in memory."""
        for slab in self._slabs:
            if slab.layer is None:
                bias = 0 if self._bias is None else self._bias[:, None, None, None]
                out[:, :, slab.first :: slab.step] = bias
        last = np.moveaxis(x, 1, -1)
        channels_last = last.flags.c_contiguous and not x.flags.c_contiguous
        plan = self._planned(x.shape, out.shape[1], threads, channels_last)
        if plan is not None:
            plan.run(last if channels_last else np.ascontiguousarray(x), out, threads)

    def _plan(
        self, shape: Size, channels: int, threads: int, channels_last: bool
    ) -> TileProgram | None:
        out = (shape[0], channels, *self._output_size(shape[2:]))
        parts = [
            Pictures(slab, shape, out, channels_last)
            for slab in self._slabs
            if slab.layer is not None and slab.first < out[2]
        ]
        if not parts:
            return None
        cutters = [_Cutter(part) for part in parts]
        tiles = [
            tile
            for cutter in cutters
            for tile in cutter.tiles(self._choose(cutter.pictures, threads))
        ]
        programs = [p for cutter in cutters for p in cutter.programs.values()]
        scratch = np.max([p.scratch for p in programs], axis=0).tolist()
        table, layer = np.array(tiles, np.int64), parts[0].layer
        return TileProgram(table, scratch, [programs], layer.lanes, layer.double)


class _Cutter:
    """Cuts the outputs of a slab into tiles, and writes a program for every kind of tile."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.programs: dict[object, Program] = {}

    def tiles(self, schedule: Schedule) -> Iterator[tuple[int, int, int, int]]:
        """Yield the rows of the table of tiles."""
        if isinstance(schedule, FilterTiles):
            return self._filter_tiles(schedule)
        if isinstance(schedule, FlatTiles):
            return self._flat_tiles(schedule)
        return self._row_tiles(schedule)

    def _row_tiles(self, schedule: RowTiles) -> Iterator[tuple[int, int, int, int]]:
        slab, volume, (height, width) = self._layout()
        for x, y, pictures in self.pictures.stacks(1):
            for groups in _runs(self.pictures.layer.groups, schedule.groups):
                for down in _runs(height, schedule.rows):
                    for across in _runs(width, schedule.columns):
                        first, size = (down.start, across.start), (len(down), len(across))
                        rectangle = Rectangle(first, size, pictures, groups)
                        if rectangle not in self.programs:
                            self.programs[rectangle] = rectangles.by_rows(slab, volume, rectangle)
                        yield self._tile(rectangle, x, y)

    def _filter_tiles(self, schedule: FilterTiles) -> Iterator[tuple[int, int, int, int]]:
        slab, volume, (height, width) = self._layout()
        by = self.pictures.filter
        assert by is not None
        channels = by.layer.out_channels
        for x, y, pictures in self.pictures.stacks(schedule.pictures):
            for down in _group_runs(height, by.rows.grid, schedule.groups):
                for across in by.column_runs(range(width), schedule.columns):
                    first, size = (down.start, across.start), (len(down), len(across))
                    rectangle = Rectangle(first, size, pictures, range(1))
                    for some in _runs(channels, schedule.channels):
                        key = rectangle, some
                        if key not in self.programs:
                            self.programs[key] = rectangles.by_filter(
                                slab, volume, rectangle, by, some
                            )
                        yield self._tile(key, x, y)

    def _flat_tiles(self, schedule: FlatTiles) -> Iterator[tuple[int, int, int, int]]:
        slab, volume, (height, width) = self._layout()
        layer = self.pictures.layer
        groups = range(layer.groups)
        for x, y, pictures in self.pictures.stacks(schedule.pictures):
            for down in _runs(height, schedule.rows):
                rectangle = Rectangle((down.start, 0), (len(down), width), pictures, groups)
                form = rectangles.flat_form(slab, volume, rectangle)
                depths = layer.forms[0].blocks(form.positions)
                blocks = depths.many_count + depths.few_count
                shares = min(blocks, schedule.shares)
                edges = [blocks * n // shares for n in range(shares + 1)]
                for start, stop in pairwise(edges):
                    key = rectangle, start, stop
                    if key not in self.programs:
                        self.programs[key] = rectangles.flat(
                            slab, volume, rectangle, range(start, stop)
                        )
                    yield self._tile(key, x, y)

    def _layout(self) -> tuple[Slab, rectangles.Volume, tuple[int, int]]:
        return self.pictures.slab, self.pictures.volume, self.pictures.size

    def _tile(self, key: object, x: int, y: int) -> tuple[int, int, int, int]:
        rows = self.programs[key].rows
        return rows.ctypes.data, len(rows), x, y


def _group_runs(size: int, grid: Grid, most: int) -> Iterator[range]:
    """Yield 0 … size - 1 in runs of at most `most` groups."""
    for groups in _parts(grid.groups(0, size), most):
        yield range(max(0, grid.start(groups.start)), min(size, grid.start(groups.stop)))


def _runs(count: int, most: int) -> Iterator[range]:
    """Yield 0 … count - 1 in runs of at most `most`."""
    return _parts(range(count), most)


def _parts(indices: range, most: int) -> Iterator[range]:
    """Yield indices in runs of at most `most`."""
    for start in range(0, len(indices), most):
        yield indices[start : start + most]

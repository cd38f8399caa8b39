"""A layer on whole arrays, tile by tile."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from upweave.kernels import layer_instructions, rectangles
from upweave.kernels.forms import PositionForm
from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.kernels.rectangles import Picture, Program, Rectangle, Volume
from upweave.kernels.slabs import Slab
from upweave.kernels.tiles import TileProgram, row_step

Size = tuple[int, ...]
PLANS_KEPT = 8
"""Plans for so many sizes of input are kept; a plan takes longer to make than to run."""
_TILE_BYTES = 384 * 1024  # of a tile's input, to stay in the second-level cache
_TILES_PER_THREAD = 4  # so that threads end together
_WIDEST = 512  # input positions a tile
_COPIED = 6  # what copying a flat row costs, in terms of a sum
_COPY_CYCLES = 0.3  # of copying a float


class LayerOperator:
    """A layer on arrays (N, C, D, H, W) of float32.

    Parameters
    ----------
    slabs : sequence of Slab
        All depths of the output, once each.
    bias : array of shape (C_out,), optional
        What the outputs of a slab without a layer hold.
    output_size : callable
        From the input's (D, H, W) to the output's.
    """

    def __init__(
        self, slabs: Sequence[Slab], bias: Floats | None, output_size: Callable[[Size], Size]
    ) -> None:
        self._slabs = slabs
        self._bias = bias
        self._output_size = output_size
        self._planned = lru_cache(maxsize=PLANS_KEPT)(self._plan)

    def __call__(self, x: Floats, out: Floats, threads: int) -> None:
        """Compute `out` (C-contiguous) from `x`."""
        for slab in self._slabs:
            if slab.layer is None:
                bias = 0 if self._bias is None else self._bias[:, None, None, None]
                out[:, :, slab.first :: slab.step] = bias
        plan = self._planned(x.shape, out.shape[1], threads)
        if plan is not None:
            plan.run(np.ascontiguousarray(x), out, threads)

    def _plan(self, shape: Size, channels: int, threads: int) -> TileProgram | None:
        out = (shape[0], channels, *self._output_size(shape[2:]))
        planners = [
            _SlabPlanner(slab, slab.layer, shape, out, threads)
            for slab in self._slabs
            if slab.layer is not None and slab.first < out[2]
        ]
        if not planners:
            return None
        tiles = [tile for planner in planners for tile in planner.tiles()]
        programs = [p for planner in planners for p in planner.programs.values()]
        scratch = np.max([p.scratch for p in programs], axis=0).tolist()
        return TileProgram(np.array(tiles, np.int64), scratch, [programs], planners[0].layer.lanes)


@dataclass
class _SlabPlanner:
    """Cuts the outputs of a slab into tiles, and writes a program for every kind of tile."""

    slab: Slab
    layer: Layer
    x: Size
    y: Size
    threads: int

    def __post_init__(self) -> None:
        self.programs: dict[object, Program] = {}
        self._depths = -(-(self.y[2] - self.slab.first) // self.slab.step)
        x_plane, y_plane = self.x[3] * self.x[4], self.y[3] * self.y[4]
        self._x_image, self._y_image = (
            self.x[1] * self.x[2] * x_plane,
            self.y[1] * self.y[2] * y_plane,
        )
        self._volume = Volume(
            (self.x[3], self.x[4]),
            (self.y[3], self.y[4]),
            self.x[2] * x_plane,
            self.y[2] * y_plane,
            self._y_image if self._by_image else self.slab.step * y_plane,
        )

    @property
    def _by_image(self) -> bool:
        """Tell whether pictures follow one another by image; else by depth."""
        return self.y[2] == 1

    def tiles(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield the rows of the table of tiles."""
        return self._flat_tiles() if self._is_flat() else self._row_tiles()

    def _is_flat(self) -> bool:
        """Tell whether flat rectangles waste less than rows do."""
        layer = self.layer
        steps = layer.rows.step, layer.columns.step
        if steps != (1, 1) or not isinstance(layer.forms[0], PositionForm) or self.y[3] == 1:
            return False
        whole = self._rectangle(1)
        form = rectangles.flat_form(self.slab, self._volume, whole)
        columns = self.y[4] / len(layer.columns.phases)
        rows = -(-self.y[3] // len(layer.rows.phases))
        positions = layer_instructions.flat_positions(
            layer, form.row, whole.first, whole.size, layer_instructions.Stack(1, form.rows, 0)
        )
        by_rows = columns / (-(-columns // layer.lanes) * layer.lanes)
        flat = columns * rows / (-(-positions // layer.lanes) * layer.lanes)
        terms = layer.group_inputs * max(len(p.taps) for p in layer.rows.phases)
        return flat * terms / (terms + _COPIED) > by_rows

    def _picture(self, item: int) -> Picture:
        """Return where a picture's planes lie, from the start of the tile's input."""
        plane = self.x[3] * self.x[4]
        depth = 0 if self._by_image else item * self.slab.input_step
        start = item * self._x_image if self._by_image else depth * plane
        return Picture(
            tuple(
                start + offset * plane if 0 <= depth + offset < self.x[2] else None
                for offset in self.slab.offsets
            )
        )

    def _rectangle(self, count: int) -> Rectangle:
        """Return all outputs of the first pictures."""
        pictures = tuple(map(self._picture, range(count)))
        return Rectangle((0, 0), self._volume.y_size, pictures, range(self.layer.groups))

    def _stacks(self, most: int) -> Iterator[tuple[int, int, tuple[Picture, ...]]]:
        """Yield the pictures in stacks: the input's and output's start, and where they lie."""
        items = self.y[0] if self._by_image else self._depths
        plane_in, plane_out = self.x[3] * self.x[4], self.y[3] * self.y[4]
        for image in range(1 if self._by_image else self.y[0]):
            for start in range(0, items, most):
                pictures = [self._picture(n) for n in range(start, min(start + most, items))]
                if self._by_image:
                    x_start, y_start = start * self._x_image, start * self._y_image
                else:
                    x_start = start * self.slab.input_step * plane_in
                    y_start = (self.slab.first + start * self.slab.step) * plane_out
                moved = [
                    Picture(tuple(None if p is None else p - x_start for p in picture.planes))
                    for picture in pictures
                ]
                x, y = image * self._x_image + x_start, image * self._y_image + y_start
                yield x, y, tuple(moved)

    def _row_tiles(self) -> Iterator[tuple[int, int, int, int]]:
        height, width = self.y[3:]
        groups = self._groups_a_tile()
        rows, columns = self._row_tile(groups)
        for x, y, pictures in self._stacks(1):
            for some in _runs(self.layer.groups, groups):
                for down in _runs(height, rows):
                    for across in _runs(width, columns):
                        first, size = (down.start, across.start), (len(down), len(across))
                        rectangle = Rectangle(first, size, pictures, some)
                        if rectangle not in self.programs:
                            self.programs[rectangle] = rectangles.by_rows(
                                self.slab, self._volume, rectangle
                            )
                        yield self._tile(rectangle, x, y)

    def _groups_a_tile(self) -> int:
        """Choose the groups of channels a tile: few, so that it has many rows of each plane."""
        shares = -(-self.threads * _TILES_PER_THREAD // (self.y[0] * self._depths))
        return -(-self.layer.groups // shares)

    def _row_tile(self, groups: int) -> tuple[int, int]:
        """Choose the rows and columns of output a tile: those of least estimated cycles."""
        layer = self.layer
        height, width = self.y[3:]
        stride_rows, stride_columns = len(layer.rows.phases), len(layer.columns.phases)
        others = self.y[0] * self._depths * -(-layer.groups // groups)  # that share the work
        fair = self.threads * _TILES_PER_THREAD
        positions = -(-width // stride_columns)
        span = len(layer.rows.offsets)

        def rows_and_cost(wide: int) -> tuple[int, float]:
            """Return the rows of positions of a tile so wide, and the cost of a position."""
            inputs = (wide - 1) * layer.columns.step + len(layer.columns.offsets)
            most = _TILE_BYTES // (4 * layer.group_inputs * groups * row_step(inputs))
            fitting = (most - span) // layer.rows.step + 1
            shared = -(-height * others * -(-positions // wide) // (stride_rows * fair))
            rows = max(1, min(fitting, shared))
            read = layer.group_inputs * ((rows - 1) * layer.rows.step + span) * inputs
            computed = stride_rows * sum(form.row_cycles(wide) for form in layer.forms)
            tiles = others * -(-positions // wide)
            # lines are few tiles, and some threads wait for the last ones
            idle = -(-tiles // self.threads) * self.threads / tiles if height == 1 else 1.0
            return rows, (_COPY_CYCLES * read / rows + computed) / wide * idle

        widest = min(_WIDEST, positions)
        if height == 1:  # lines are shared by their columns
            widest = min(widest, -(-positions * others // fair))
        fewest, most = -(-positions // widest), -(-positions // layer.lanes)
        parts = range(fewest, max(fewest, most) + 1)
        candidates = {_in_lanes(-(-positions // n), layer.lanes, positions) for n in parts}
        wide = min(candidates, key=lambda wide: rows_and_cost(wide)[1])
        return stride_rows * rows_and_cost(wide)[0], min(width, stride_columns * wide)

    def _flat_tiles(self) -> Iterator[tuple[int, int, int, int]]:
        slab, layer = self.slab, self.layer
        height, width = self.y[3:]
        count, rows = self._flat_tile()
        stacks = list(self._stacks(count))
        runs = list(_runs(height, rows))
        groups = range(layer.groups)
        for x, y, pictures in stacks:
            for down in runs:
                rectangle = Rectangle((down.start, 0), (len(down), width), pictures, groups)
                form = rectangles.flat_form(slab, self._volume, rectangle)
                depths = layer.forms[0].blocks(form.positions)
                blocks = depths.many_count + depths.few_count
                fair = self.threads * _TILES_PER_THREAD
                parts = min(blocks, -(-fair // (len(stacks) * len(runs))))
                edges = [blocks * n // parts for n in range(parts + 1)]
                for start, stop in pairwise(edges):
                    key = rectangle, start, stop
                    if key not in self.programs:
                        self.programs[key] = rectangles.flat(
                            slab, self._volume, rectangle, range(start, stop)
                        )
                    yield self._tile(key, x, y)

    def _flat_tile(self) -> tuple[int, int]:
        """Choose the pictures a tile, and the rows of output of each: all, or of one some."""
        layer = self.layer
        items = self.y[0] if self._by_image else self._depths
        form = rectangles.flat_form(self.slab, self._volume, self._rectangle(min(2, items)))
        per_row = 4 * layer.in_channels * form.row
        fitting = _TILE_BYTES // (per_row * form.rows)
        if fitting < 1:
            halo = len(layer.rows.offsets) - 1
            return 1, len(layer.rows.phases) * max(1, _TILE_BYTES // per_row - halo)
        pictures = self.y[0] * self._depths
        shared = max(1, pictures // (self.threads * _TILES_PER_THREAD))
        return min(fitting, items, shared), self.y[3]

    def _tile(self, key: object, x: int, y: int) -> tuple[int, int, int, int]:
        rows = self.programs[key].rows
        return rows.ctypes.data, len(rows), x, y


def _runs(count: int, most: int) -> Iterator[range]:
    """Yield 0 … count - 1 in runs of at most `most`."""
    for start in range(0, count, most):
        yield range(start, min(start + most, count))


def _in_lanes(positions: int, lanes: int, most: int) -> int:
    """Return so many positions or a few more: whole vectors, or all."""
    return min(-(-positions // lanes) * lanes, most)

"""A graph and an input size to a tile program: how large the tiles are and what each one does."""

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from upweave.engine.errors import shown
from upweave.engine.extent import AxisExtent, axis_extent
from upweave.engine.graph import (
    EMPTY,
    Activate,
    Affine,
    Combine,
    Convolve,
    Gather,
    Graph,
    Operation,
    Pad,
    Range,
    Scale,
    Size,
)
from upweave.kernels import instructions, layer_instructions, program
from upweave.kernels.instructions import FILL, Integers, Place
from upweave.kernels.tiles import TileProgram, row_step
from upweave.kernels.winograd import RowFilter

_MOST_SCRATCH = 1 << 24  # floats of scratch memory a thread: 64 MiB
_OUTSIDE = 8  # rows that a whole group may lie outside the picture
_STEP = 8  # input rows a step, whole groups; between 4 and 12 the speed hardly differs
_MOST_STEP = 64  # of a small tensor, some steps then bring no new row
_DISPATCH = 2e-6  # what a tile costs beside its work, in seconds of a core
_RATE = 5e10  # multiply-adds a second of a core, roughly
_SCRATCH = 32 << 20  # bytes of scratch memory a thread
_SLOWED = 256 << 20  # bytes that would double a tile's time: it leaves the caches little by little
_EXPONENTIAL = 20  # multiply-adds that a sigmoid takes as long as
_PARTS = 96  # a picture is cut into fewer parts than these, an axis


@dataclass(frozen=True)
class Plan:
    """How a network runs on one size of input.

    Attributes
    ----------
    input_size, output_size : (height, width)
    tile : (height, width)
        Input pixels a tile.
    step : int
        Input rows a step.
    tiles : int
        Tiles a picture.
    programs : int
        Different tile programs; tiles away from the edges share one.
    scratch_bytes : int
        Scratch memory a thread.
    """

    input_size: Size
    output_size: Size
    tile: Size
    step: int
    tiles: int
    programs: int
    scratch_bytes: int

    def __str__(self) -> str:
        (h, w), (oh, ow), (th, tw) = self.input_size, self.output_size, self.tile
        return (
            f"{w}x{h} to {ow}x{oh}: {self.tiles} tiles of {tw}x{th}, {self.step} rows a step, "
            f"{self.programs} programs, {self.scratch_bytes / 1024:.0f} KiB of scratch a thread"
        )


def plan_network(
    graph: Graph, batch: int, size: Size, tile: Size | None, threads: int, lanes: int
) -> tuple[Plan, TileProgram]:
    """Plan a network for `batch` inputs of `size`.

    Parameters
    ----------
    tile : (height, width), optional
        Input pixels a tile, rounded up to the next multiples of `Graph.unit`; the default is chosen
        for the cache and the threads.

    Raises
    ------
    ValueError
        Where the network cannot take the size.
    """
    sizes = graph.sizes(size)
    out = sizes[graph.output]
    scale = graph.scales(0)[graph.output], graph.scales(1)[graph.output]
    covered = -(-out[0] // scale[0]), -(-out[1] // scale[1])
    if tile is None:
        tile = choose_tile(graph, covered, batch, threads)
    rows, columns = (min(wanted, most) for wanted, most in zip(tile, covered, strict=True))
    tile = _whole(rows, graph.unit(0)), _whole(columns, graph.unit(1))
    planner = _Planner(graph, sizes, size, tile, scale, lanes)
    tile_program, programs = planner.program(batch)
    scratch = 4 * sum(tile_program.scratch)
    tiles = len(tile_program.tiles) // max(1, batch)
    step = _rows_a_step(graph)
    return Plan(size, out, tile, step, tiles, programs, scratch), tile_program


def _whole(count: int, unit: int) -> int:
    """Round up to a multiple."""
    return -(-count // unit) * unit


def _rows_a_step(graph: Graph) -> int:
    """Return the input rows a step."""
    return min(_whole(_STEP, graph.unit(0)), _MOST_STEP)


def choose_tile(graph: Graph, size: Size, batch: int, threads: int) -> Size:
    """Choose the tile whose picture is done first, by an estimate of the work with its halos.

    `size` is that of the output in input pixels, as tiles are. Tiles that take too much scratch
    memory come last.
    """
    margins = _margins(graph, 0), _margins(graph, 1)
    held = _rows_held(graph)
    scales = graph.scales(0), graph.scales(1)
    costs = _costs(graph)
    heights, widths = (
        sorted({_whole(-(-n // parts), graph.unit(axis)) for parts in range(1, _PARTS)})
        for axis, n in enumerate(size)
    )

    @cache
    def extent(axis: int, tensor: str, pixels: int) -> int:
        scale = scales[axis][tensor]
        most = math.ceil(size[axis] * scale) + _OUTSIDE
        return min(math.ceil(pixels * scale) + margins[axis][tensor], most)

    def price(tile: Size) -> tuple[bool, float]:
        seconds, scratch = _DISPATCH, 0
        for tensor, cost in costs.items():
            if tensor not in margins[0] or tensor not in margins[1]:
                continue  # cropped away where a tile lies far from the edges
            # a row's last vector is computed whole
            width = -(-extent(1, tensor, tile[1]) // 16) * 16
            seconds += extent(0, tensor, tile[0]) * width * cost / _RATE
            scratch += 4 * graph.channels[tensor] * held[tensor] * width
        count = batch * -(-size[0] // tile[0]) * -(-size[1] // tile[1])
        # the last tile leaves the other threads idle, for half its time on average
        rounds = max(1.0, count / threads + (0.5 if count % threads else 0.0))
        return scratch > _SCRATCH, rounds * seconds * (1 + scratch / _SLOWED)

    return min(((h, w) for h in heights for w in widths), key=price)


def _margins(graph: Graph, axis: int) -> dict[str, int]:
    """Return how many more indices of every tensor a tile computes than its share."""
    unit, scales = graph.unit(axis), graph.scales(axis)
    extent = _whole(64, unit)  # the margins are those of any extent
    return {
        name: held.new[0][1] - held.new[0][0] - int(extent * scales[name])
        for name, held in _far_from_edges(graph, axis, extent, extent).tensors
    }


def _rows_held(graph: Graph) -> dict[str, int]:
    """Return how many rows of every tensor a tile of many steps holds at once."""
    step = _rows_a_step(graph)
    tile = _far_from_edges(graph, 0, _whole(8 * step, graph.unit(0)), step)
    return {name: held.capacity for name, held in tile.tensors}


def _far_from_edges(graph: Graph, axis: int, extent: int, step: int) -> AxisExtent:
    """Return the extents of a tile in the midst of a large picture."""
    far = graph.unit(axis) << 20
    scales = graph.scales(axis)
    roomy = {name: int(2 * far * factor) for name, factor in scales.items()}
    scale = scales[graph.output]
    wanted = int(far * scale), int((far + extent) * scale)
    return axis_extent(graph, axis, roomy, wanted, max(1, int(step * scale)), far)


def _costs(graph: Graph) -> dict[str, float]:
    """Return the multiply-adds an element row and column of every tensor that is computed."""
    costs: dict[str, float] = {}
    for op in graph.operations:
        cost = float(graph.channels[op.y])
        if isinstance(op, Convolve):
            cost += op.multiply_adds()
        elif isinstance(op, Activate) and op.activation.kind in ("sigmoid", "tanh"):
            cost *= _EXPONENTIAL
        costs[op.y] = costs.get(op.y, 0.0) + cost
    return costs


@dataclass
class _Planner:
    """Writes the programs of all tiles of one input size."""

    graph: Graph
    sizes: dict[str, Size]
    size: Size
    tile: Size
    scale: Scale
    lanes: int

    def program(self, batch: int) -> tuple[TileProgram, int]:
        """Return the program of a batch, and how many different tile programs it has."""
        (rows, columns) = (self._extents(axis) for axis in (0, 1))
        out = self.sizes[self.graph.output]
        programs: dict[tuple[AxisExtent, AxisExtent], _TileWriter] = {}
        picture = []
        for top, row_extent in rows:
            for left, column_extent in columns:
                key = row_extent, column_extent
                if key not in programs:
                    programs[key] = _TileWriter(self, *key)
                written = programs[key].rows
                x_at = top * self.size[1] + left
                y_at = int(top * self.scale[0]) * out[1] + int(left * self.scale[1])
                picture.append((written.ctypes.data, len(written), x_at, y_at))
        floats = self.graph.channels[self.graph.input] * self.size[0] * self.size[1]
        out_floats = self.graph.channels[self.graph.output] * out[0] * out[1]
        table = np.array(picture * batch, np.int64).reshape(-1, len(program.TILE))
        images = np.repeat(np.arange(batch), len(picture))
        table[:, program.TILE["input"]] += images * floats
        table[:, program.TILE["output"]] += images * out_floats
        scratch = np.max([writer.scratch for writer in programs.values()], axis=0).tolist()
        keep = [self.graph, *((writer.rows, writer.keep) for writer in programs.values())]
        return TileProgram(table, scratch, keep, self.lanes), len(programs)

    def _extents(self, axis: int) -> list[tuple[int, AxisExtent]]:
        """Return every tile's first input index and its extent along an axis."""
        scale, extent = self.scale[axis], self.tile[axis]
        sizes = {name: size[axis] for name, size in self.sizes.items()}
        stop = sizes[self.graph.output]
        tiles = range(0, -(-stop // scale), extent)
        step = max(1, int(_rows_a_step(self.graph) * scale)) if axis == 0 else stop
        known: dict[AxisExtent, AxisExtent] = {}
        result = []
        for first in tiles:
            wanted = int(first * scale), min(int((first + extent) * scale), stop)
            found = axis_extent(self.graph, axis, sizes, wanted, step, first)
            result.append((first, known.setdefault(found, found)))
        return result


class _TileWriter:
    """Writes the program of one tile.

    Attributes
    ----------
    rows : array of shape (instructions, program.WIDTH)
    scratch : list of int
        Floats of every scratch buffer.
    keep : list
        What the instructions point to.
    """

    def __init__(self, planner: _Planner, rows: AxisExtent, columns: AxisExtent) -> None:
        self._graph, self._lanes = planner.graph, planner.lanes
        self._row_extents, self._column_extents = rows, columns
        self._written: list[Integers] = []
        self._layers: dict[tuple[object, ...], list[Integers]] = {}
        self._copies: dict[tuple[object, ...], tuple[Integers, list[object]]] = {}
        self.scratch = [0, 0]  # those of minimal filters, then the tensors'
        self._places = self._allocate(planner)
        self._write()
        self.rows = np.stack(self._written)
        self.keep = list(self._copies.values())

    def _allocate(self, planner: _Planner) -> dict[str, Place]:
        """Return, for every tensor, where its tile-relative row 0, column 0 is (or would be).

        Rows of scratch buffers count from the first row held, so their places serve columns only.
        """
        graph = self._graph
        outside = {graph.input: program.INPUT, graph.output: program.OUTPUT}
        places, total = {}, 0
        for name in dict.fromkeys([graph.input, *(op.y for op in graph.operations)]):
            if name in outside:
                height, width = planner.sizes[name]
                places[name] = Place(outside[name], 0, height * width, width)
                continue
            row = channel = floats = 0
            if name in self._row_extents.of and name in self._column_extents.of:
                (left, right) = self._column_extents.of[name].new[0]
                row = row_step(right - left)
                channel = row * self._row_extents.of[name].capacity
                past = 2 * self._lanes * _column_step(graph, name)  # a row's last vector reads on
                floats = channel * graph.channels[name] + past
                total += floats
                if total > _MOST_SCRATCH:
                    raise ValueError(
                        f"tiles of {planner.tile} need {graph.channels[name]} planes of "
                        f"{self._row_extents.of[name].capacity} x {right - left} of {shown(name)} "
                        f"and others: more than {4 * _MOST_SCRATCH >> 20} MiB"
                    )
                places[name] = Place(program.SCRATCH + len(self.scratch), -left, channel, row)
            self.scratch.append(floats)
        return places

    def _write(self) -> None:
        held = [n for n, p in self._places.items() if p.buffer >= program.SCRATCH]
        for name in held:
            self._clear_margins(name)
        for step in range(len(self._row_extents.of[self._graph.output].new)):
            for name in held:
                self._carry(name, step)
                self._clear_rows(name, step)
            for operation in self._graph.operations:
                if operation.y in self._places:
                    self._operate(operation, step)

    def _at(self, name: str, row: int, step: int) -> Place:
        """Return the place of a tensor's row, column 0, as it lies in a step."""
        place = self._places[name]
        base = self._row_extents.of[name].base[step] if place.buffer >= program.SCRATCH else 0
        return place.moved((row - base) * place.row)

    def _clear(self, place: Place, channels: int, rows: int, columns: int) -> None:
        if rows > 0 and columns > 0:
            nothing = np.full(max(rows, columns), FILL)
            self._copy(place, place, channels, nothing[:rows], nothing[:columns])

    def _copy(
        self,
        x: Place,
        y: Place,
        channels: int,
        rows: Integers,
        columns: Integers,
        fill: float = 0.0,
    ) -> None:
        key = x, y, channels, rows.tobytes(), columns.tobytes(), fill
        if key not in self._copies:
            self._copies[key] = instructions.copy(x, y, channels, rows, columns, self._lanes, fill)
        self._written.append(self._copies[key][0])

    def _clear_margins(self, name: str) -> None:
        """Zero the columns outside the picture, once: nothing writes there."""
        extent = self._column_extents.of[name]
        (left, right), real = extent.new[0], extent.real[0]
        if real == EMPTY:
            real = (left, left)
        capacity = self._row_extents.of[name].capacity
        place, channels = self._places[name], self._graph.channels[name]
        self._clear(place.moved(left), channels, capacity, real[0] - left)
        self._clear(place.moved(real[1]), channels, capacity, right - real[1])

    def _carry(self, name: str, step: int) -> None:
        """Move the rows that are still needed to the buffer's start."""
        extent = self._row_extents.of[name]
        if step == 0 or extent.base[step] == extent.base[step - 1]:
            return
        base, stop = extent.base[step], extent.new[step][0]
        left, right = self._column_extents.of[name].new[0]
        if stop > base:
            self._copy(
                self._at(name, base, step - 1).moved(left),
                self._at(name, base, step).moved(left),
                self._graph.channels[name],
                np.arange(stop - base),
                np.arange(right - left),
            )

    def _clear_rows(self, name: str, step: int) -> None:
        """Zero the new rows outside the picture."""
        extent = self._row_extents.of[name]
        (top, bottom), real = extent.new[step], extent.real[step]
        if real == EMPTY:
            real = (top, top)
        left, right = self._column_extents.of[name].new[0]
        channels = self._graph.channels[name]
        for start, stop in ((top, real[0]), (real[1], bottom)):
            place = self._at(name, start, step).moved(left)
            self._clear(place, channels, stop - start, right - left)

    def _operate(self, operation: Operation, step: int) -> None:
        rows = self._row_extents.of[operation.y].real[step]
        columns = self._column_extents.of[operation.y].real[0]
        if EMPTY in (rows, columns):
            return
        y = self._at(operation.y, rows[0], step).moved(columns[0])
        if isinstance(operation, Convolve):
            self._convolve(operation, y, rows, columns, step)
        elif isinstance(operation, Pad):
            self._pad(operation, y, step)
        elif isinstance(operation, Gather):
            self._gather(operation, y, rows, columns, step)
        elif isinstance(operation, Combine):
            self._combine(operation, y, rows, columns, step)
        else:
            self._activate(operation, y, rows, columns, step)

    def _filter(
        self, operation: Convolve, by: RowFilter, y: Place, rows: Range, columns: Range, step: int
    ) -> None:
        size = rows[1] - rows[0], columns[1] - columns[0]
        groups = by.groups(*rows)
        # as in `_convolve`, so that steps share instructions: begin at group 0
        first = rows[0] - by.grid.period * groups.start, columns[0]
        x = self._at(operation.x, by.outputs * groups.start, step)
        key = operation, x, y, first, size
        if key not in self._layers:
            left, right = operation.layer.columns.needs(*columns)
            needed = by.scratch(len(groups), right - left, size[1])
            self.scratch[:2] = map(max, self.scratch[:2], needed)
            self._layers[key] = by.instructions(x, y, first, size, program.SCRATCH, right - left)
        self._written += self._layers[key]

    def _convolve(
        self, operation: Convolve, y: Place, rows: Range, columns: Range, step: int
    ) -> None:
        if operation.filter is not None:
            self._filter(operation, operation.filter, y, rows, columns, step)
            return
        size = rows[1] - rows[0], columns[1] - columns[0]
        # In the steps' midst all is where it was in the step before: begin at position 0.
        position, phase = operation.layer.rows.position(rows[0])
        x = self._at(operation.x, position * operation.layer.rows.step, step)
        first = phase, columns[0]
        key = operation, x, y, first, size
        if key not in self._layers:
            self._layers[key] = layer_instructions.rows(operation.layer, x, y, first, size)
        self._written += self._layers[key]

    def _pad(self, operation: Pad, y: Place, step: int) -> None:
        rows = self._row_extents.sources_of[operation.y][step]
        columns = self._column_extents.sources_of[operation.y][0]
        nothing_read = operation.x not in self._places  # the tile lies in the padding
        x = y if nothing_read else self._at(operation.x, rows.first, step).moved(columns.first)
        self._copy(
            x,
            y,
            self._graph.channels[operation.y],
            np.array(rows.indices),
            np.array(columns.indices),
            operation.value,
        )

    def _gather(self, operation: Gather, y: Place, rows: Range, columns: Range, step: int) -> None:
        height, width = np.arange(rows[1] - rows[0]), np.arange(columns[1] - columns[0])
        for run in operation.runs:
            x = self._at(run.x, rows[0], step).moved(columns[0])
            x = x.moved(run.first * x.channel)
            to = replace(y, channel=run.step * y.channel).moved(run.place * y.channel)
            self._copy(x, to, run.count, height, width)

    def _combine(
        self, operation: Combine, y: Place, rows: Range, columns: Range, step: int
    ) -> None:
        channels = self._graph.channels

        def term(name: str) -> Place:
            place = self._at(name, rows[0], step).moved(columns[0])
            same = channels[name] == channels[operation.y]
            return place if same else replace(place, channel=0)

        a, b = term(operation.a), term(operation.b)
        size = channels[operation.y], rows[1] - rows[0], columns[1] - columns[0]
        self._written.append(instructions.combine(operation.kind, a, b, y, *size, self._lanes))

    def _activate(
        self, operation: Activate | Affine, y: Place, rows: Range, columns: Range, step: int
    ) -> None:
        x = self._at(operation.x, rows[0], step).moved(columns[0])
        size = self._graph.channels[operation.y], rows[1] - rows[0], columns[1] - columns[0]
        kind, parameters = operation.function
        self._written.append(instructions.activate(kind, x, y, *size, self._lanes, parameters))


def _column_step(graph: Graph, tensor: str) -> int:
    """Return the inputs from one lane to the next in what reads a tensor."""
    layers = [op.layer for op in graph.consumers(tensor) if isinstance(op, Convolve)]
    return max((layer.columns.step for layer in layers), default=1)

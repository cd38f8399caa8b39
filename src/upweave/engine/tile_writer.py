"""What a tile of a network does, step by step: its instructions and their scratch memory."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from upweave.engine.errors import shown
from upweave.engine.extent import AxisExtent
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
    Size,
)
from upweave.kernels import instructions, layer_instructions, program
from upweave.kernels.filter_instructions import filtered, scratch_of
from upweave.kernels.instructions import FILL, Integers, Place
from upweave.kernels.tiles import row_step, to_line
from upweave.kernels.winograd import LayerFilter

_FEW = 4  # steps that are written one by one, though they be alike
_MOST_SCRATCH = 1 << 24  # floats of scratch memory a thread: 64 MiB


class TileWriter:
    """Writes the program of one tile.

    Attributes
    ----------
    rows : array of shape (instructions, program.WIDTH)
    scratch : list of int
        Floats of every scratch buffer.
    keep : list
        What the instructions point to.
    """

    def __init__(
        self,
        graph: Graph,
        sizes: dict[str, Size],
        lanes: int,
        rows: AxisExtent,
        columns: AxisExtent,
    ) -> None:
        self._graph, self._lanes = graph, lanes
        self._row_extents, self._column_extents = rows, columns
        self._written: list[Integers] = []
        self._layers: dict[tuple[object, ...], list[Integers]] = {}
        self._copies: dict[tuple[object, ...], tuple[Integers, list[object]]] = {}
        self.scratch = [0, 0]  # those of minimal filters, then the tensors'
        self._places = self._allocate(sizes)
        self._held = [n for n, p in self._places.items() if p.buffer >= program.SCRATCH]
        for name in self._held:
            self._clear_margins(name)
        margins = self._taken()
        self.rows = np.concatenate([margins, *map(self._run, self._alike())])
        self.keep = list(self._copies.values())

    def _allocate(self, sizes: dict[str, Size]) -> dict[str, Place]:
        """Return, for every tensor, where its tile-relative row 0, column 0 is (or would be).

        Rows of scratch buffers count from the first row held, so their places serve columns only.
        """
        graph = self._graph
        outside = {graph.input: program.INPUT, graph.output: program.OUTPUT}
        places, total = {}, 0
        for name in dict.fromkeys([graph.input, *(op.y for op in graph.operations)]):
            if name in outside:
                height, width = sizes[name]
                places[name] = Place(outside[name], 0, height * width, width)
                continue
            row = channel = floats = 0
            if name in self._row_extents.of and name in self._column_extents.of:
                (left, right), real = self._column_extents.of[name].new[0], self._real_columns(name)
                ahead = to_line(real[0] - left)
                row = row_step(ahead + right - left)
                channel = row * self._row_extents.of[name].capacity
                past = 2 * self._lanes * _column_step(graph, name)  # a row's last vector reads on
                floats = ahead + channel * graph.channels[name] + past
                total += floats
                if total > _MOST_SCRATCH:
                    raise ValueError(
                        f"tiles need {graph.channels[name]} planes of "
                        f"{self._row_extents.of[name].capacity} x {right - left} of {shown(name)} "
                        f"and others: more than {4 * _MOST_SCRATCH >> 20} MiB"
                    )
                places[name] = Place(
                    program.SCRATCH + len(self.scratch), ahead - left, channel, row
                )
            self.scratch.append(floats)
        return places

    def _real_columns(self, name: str) -> Range:
        """Return the columns of a tensor inside the picture."""
        extent = self._column_extents.of[name]
        left = extent.new[0][0]
        return (left, left) if extent.real[0] == EMPTY else extent.real[0]

    def _taken(self) -> Integers:
        """Return the instructions that were written since, one below the other."""
        written, self._written = self._written, []
        return np.array(written, np.int64).reshape(-1, program.WIDTH)

    def _alike(self) -> list[range]:
        """Return the steps, those that follow one another together if they do the same."""
        steps = len(self._row_extents.of[self._graph.output].new)
        shapes = [self._row_extents.shape(step) for step in range(steps)]
        starts = [n for n in range(steps) if n == 0 or shapes[n] != shapes[n - 1]]
        return [range(*ends) for ends in pairwise([*starts, steps])]

    def _run(self, steps: range) -> Integers:
        """Return the instructions of steps that are alike.

        What differs from step to step are places in the input and in the output, by as much each
        time. So the first two tell all others; the last one is written too, and must be as told.
        """
        if len(steps) > _FEW:
            first, second, last = (self._step(steps[n]) for n in (0, 1, -1))
            if first.shape == second.shape == last.shape:
                times = np.arange(len(steps))[:, np.newaxis, np.newaxis]
                told = first + times * (second - first)
                if np.array_equal(told[-1], last):
                    return told.reshape(-1, program.WIDTH)
        return np.concatenate([self._step(step) for step in steps])

    def _step(self, step: int) -> Integers:
        """Return the instructions of a step."""
        for name in self._held:
            self._carry(name, step)
            self._clear_rows(name, step)
        for operation in self._graph.operations:
            if operation.y in self._places:
                self._operate(operation, step)
        return self._taken()

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
        # One table for all places: so steps that are alike point to the same.
        start, end = x.moved(-x.offset), y.moved(-y.offset)
        key = start, end, channels, rows.tobytes(), columns.tobytes(), fill
        if key not in self._copies:
            self._copies[key] = instructions.copy(
                start, end, channels, rows, columns, self._lanes, fill
            )
        instruction = self._copies[key][0].copy()
        instruction[[program.COPY["x_offset"], program.COPY["y_offset"]]] = x.offset, y.offset
        self._written.append(instruction)

    def _clear_margins(self, name: str) -> None:
        """Zero the columns outside the picture, once: nothing writes there."""
        (left, right), real = self._column_extents.of[name].new[0], self._real_columns(name)
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
        self, operation: Convolve, by: LayerFilter, y: Place, rows: Range, columns: Range, step: int
    ) -> None:
        size = rows[1] - rows[0], columns[1] - columns[0]
        groups = by.rows.groups(*rows)
        # as in `_convolve`, so that steps share instructions: begin at group 0
        first = rows[0] - by.rows.grid.period * groups.start, columns[0]
        x = self._at(operation.x, by.rows.outputs * groups.start, step)
        key = operation, x, y, first, size
        if key not in self._layers:
            left, right = by.needs(first, size)[1]
            pitch = by.pitch(right - left)
            self.scratch[:2] = map(max, self.scratch[:2], scratch_of(by, first, size, pitch))
            self._layers[key] = filtered(by, x, y, first, size, program.SCRATCH, pitch)
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

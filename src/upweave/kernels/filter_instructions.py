"""The instructions that compute a rectangle of a layer's output by minimal filters.

The sums of all groups lie in one long row, from one group to the next as from one picture to the
next, so that vectors are full whatever the width.
"""

from dataclasses import replace

from upweave.kernels import instructions, layer_instructions
from upweave.kernels.axis_filter import AxisFilter
from upweave.kernels.emit.columns import ColumnsIn, ColumnsOut
from upweave.kernels.emit.transform import Transform
from upweave.kernels.instructions import Integers, Place
from upweave.kernels.layer import Activation
from upweave.kernels.layer_instructions import ALONE, Pair, Stack
from upweave.kernels.tiles import row_step
from upweave.kernels.winograd import LayerFilter


def scratch_of(
    by: LayerFilter, first: Pair, size: Pair, pitch: int, count: int = 1
) -> tuple[int, int]:
    """Return the floats of the two scratch buffers that some pictures' rectangles take.

    Parameters
    ----------
    first, size, pitch
        As `filtered` takes them.
    count : int
        Of pictures.
    """
    room = _Room(by, first, size, pitch, count)
    return room.inputs, room.outputs


def filtered(
    by: LayerFilter,
    x: Place,
    y: Place,
    first: Pair,
    size: Pair,
    scratch: int,
    pitch: int,
    stack: Stack = ALONE,
) -> list[Integers]:
    """Return the instructions that compute a rectangle of some pictures.

    Parameters
    ----------
    x, y, first, size, stack
        As `layer_instructions.flat` takes them; whole groups of `x` are read. Where only columns
        are filtered, a picture is one row, and rows of x follow at the pitch.
    scratch : int
        The first of two scratch buffers.
    pitch : int
        From a row of sums to the next: the columns that a row reads, in whole groups, or less
        where the zeros after one row may serve as those before the next.
    """
    return _Rectangle(by, x, y, first, size, scratch, pitch, stack).instructions()


class _Room:
    """What lies where in the two scratch buffers.

    The first holds the sums of rows, then (of one of them at a time) the sums of columns. The
    second holds a spare row, then products of rows, then those of columns.
    """

    def __init__(self, by: LayerFilter, first: Pair, size: Pair, pitch: int, count: int) -> None:
        layer, step, slack = by.layer, max(1, by.group[1]), by.slack
        left, right = by.needs(first, size)[1]
        self.long = count * len(by.rows.groups(first[0], first[0] + size[0])) * pitch
        self.sums = 0
        if not by.rows.is_trivial:
            # the last row may be longer than the pitch
            self.sums = by.rows.filter.inputs * layer.in_channels * self.long + right - left + slack
        self.spare = row_step(size[1])
        channels = by.rows.phases * layer.out_channels
        phases = len(layer.columns.phases)
        self.inputs = self.sums
        self.outputs = self.spare + by.rows.filter.inputs * channels * self.long * phases + slack
        self.products = self.outputs
        self.groups = self.long // step
        self.channel = row_step(self.groups)
        if by.columns is not None:
            n = by.columns.filter.inputs
            self.inputs += n * layer.in_channels * self.channel + slack
            self.outputs += n * channels * phases * self.channel + slack


class _Rectangle:
    """Writes the instructions that compute a rectangle of some pictures."""

    def __init__(
        self,
        by: LayerFilter,
        x: Place,
        y: Place,
        first: Pair,
        size: Pair,
        scratch: int,
        pitch: int,
        stack: Stack,
    ) -> None:
        self._by, self._layer = by, by.layer
        self._first, self._size, self._stack, self._pitch = first, size, stack, pitch
        self._groups = by.rows.groups(first[0], first[0] + size[0])
        (top, _), (left, right) = by.needs(first, size)
        self._read = right - left
        self._x, self._y = x.moved(top * x.row + left), y
        count = stack.count * len(self._groups)
        self._room = room = _Room(by, first, size, pitch, stack.count)
        self._sums = Place(scratch, 0, room.long, pitch)
        phases = len(by.layer.columns.phases)
        self._spare = Place(scratch + 1, 0, 0, 0)
        self._products = Place(scratch + 1, room.spare, room.long * phases, pitch * phases)
        self._wide = (count - 1) * self._products.row + size[1]
        # of column groups, one sum of rows at a time
        self._column_sums = Place(scratch, room.sums, room.channel, 0)
        self._column_products = Place(scratch + 1, room.products, room.channel, 0)

    def instructions(self) -> list[Integers]:
        """Return the instructions."""
        by, count = self._by, len(self._groups)
        if by.rows.is_trivial:
            return self._columns(0, self._x, self._y, by.layer.activation)
        written = []
        for n in range(self._stack.count):
            x = self._x.moved(n * self._stack.rows * self._x.row)
            written.append(self._into(x, self._sums.moved(n * count * self._pitch)))
        ahead = 0
        if by.columns is None:
            left = by.layer.columns.needs(self._first[1], self._first[1] + 1)[0]
            written += layer_instructions.rows(
                by.products,
                self._sums.moved(-left),
                self._products,
                (0, self._first[1]),
                (1, self._wide),
            )
        else:
            ahead = self._ahead(by.columns)
            for n in range(by.rows.filter.inputs):
                sums = self._sums.moved(n * by.layer.in_channels * self._sums.channel)
                channels = by.rows.phases * by.layer.out_channels
                products = self._products.moved(n * channels * self._products.channel)
                written += self._columns(n, sums, products, Activation())
        for n in range(self._stack.count):
            products = self._products.moved(n * count * self._products.row + ahead)
            y = self._y.moved(n * self._stack.y_floats)
            written += [self._out(place, products, y) for place in range(by.rows.phases)]
        return written

    def _ahead(self, columns: AxisFilter) -> int:
        """Return how many outputs of the first group lie before the rectangle."""
        first = self._first[1]
        return first - columns.grid.start(columns.groups(first, first + 1).start)

    def _into(self, x: Place, sums: Place) -> Integers:
        """Return the instruction from the rows of a picture to the sums of its groups."""
        by, layer = self._by, self._layer
        return instructions.transform(
            Transform(by.rows.filter.of_inputs, layer.lanes),
            x,
            sums,
            self._spare,
            parts=(x.row, layer.in_channels * sums.channel),
            groups=(by.rows.outputs * x.row, sums.row),
            counts=(layer.in_channels, len(self._groups), self._read),
            limits=(0, len(self._groups) * by.rows.filter.inputs),
        )

    def _columns(self, n: int, x: Place, y: Place, activation: Activation) -> list[Integers]:
        """Return the instructions from the n-th sum of rows to its products, by columns."""
        by, layer, room = self._by, self._layer, self._room
        along = by.columns
        assert along is not None
        channels = by.rows.phases * layer.out_channels
        plane = self._column_products.channel
        finished = by.rows.is_trivial
        if finished:
            ahead = self._ahead(along)
            groups = len(along.groups(self._first[1], self._first[1] + self._size[1]))
            to = replace(y.moved(-ahead), row=self._stack.y_floats)
            counts, limits = (self._stack.count, groups), (ahead, ahead + self._size[1])
        else:
            to, counts, limits = y, (1, room.groups), (0, room.long * along.phases)
        return [
            instructions.columns_in(
                ColumnsIn(along.filter.of_inputs, along.outputs, layer.lanes),
                x,
                self._column_sums,
                part=layer.in_channels * self._column_sums.channel,
                channels=layer.in_channels,
                groups=room.groups,
            ),
            *layer_instructions.rows(
                by.products,
                self._column_sums,
                self._column_products,
                (0, 0),
                (1, room.groups),
                range(n * along.filter.inputs, (n + 1) * along.filter.inputs),
            ),
            instructions.columns_out(
                ColumnsOut(
                    along.filter.from_products,
                    along.phases,
                    layer.lanes,
                    activation.kind,
                    activation.limits,
                    layer.accumulate and finished,
                ),
                replace(
                    self._column_products,
                    channel=along.phases * plane,
                    row=self._pitch // along.outputs,
                ),
                to,
                steps=(channels * along.phases * plane, plane),
                counts=(channels, *counts),
                limits=limits,
                slopes=activation.slopes,
            ),
        ]

    def _out(self, place: int, products: Place, y: Place) -> Integers:
        """Return the instruction from products to the rows of one phase of a picture."""
        rows, layer, phases = self._by.rows, self._layer, self._by.rows.phases
        channels, activation = layer.out_channels, layer.activation
        ahead = rows.grid.start(self._groups.start) + place - self._first[0]  # of its first row
        return instructions.transform(
            Transform(
                rows.filter.from_products,
                layer.lanes,
                activation.kind,
                activation.limits,
                layer.accumulate,
            ),
            products.moved(place * channels * products.channel),
            y.moved(ahead * y.row),
            self._spare,
            parts=(phases * channels * products.channel, phases * y.row),
            groups=(products.row, rows.grid.period * y.row),
            counts=(channels, len(self._groups), self._size[1]),
            limits=(-(ahead // phases), -((ahead - self._size[0]) // phases)),
            slopes=activation.slopes,
        )

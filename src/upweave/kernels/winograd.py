"""A layer by minimal filters along its rows, its columns or both: fewer products than by definition.

The output's rows come in groups. For every group, sums of rows of the input take the place of the
rows; a layer of one kernel row, with weights of its own for each of these sums, gives products,
and sums of the products are the output's rows (`minimal_filter`). Along columns it is the same,
within the sums of rows: what is left then is a layer of one tap. Every group begins at a fixed
row or column of the picture, so the result is the same for every tile. Each sum of a channel has
fewer terms than by the definition: where rounding is concerned, that makes up for the filter's own
factors.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from upweave.kernels import instructions, layer_instructions
from upweave.kernels.axis_filter import AxisFilter, Range
from upweave.kernels.emit.columns import ColumnsIn, ColumnsOut
from upweave.kernels.emit.transform import Transform
from upweave.kernels.instructions import Floats, Integers, Place
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.layer_instructions import ALONE, Pair, Stack
from upweave.kernels.schedule import Axis, AxisPhase
from upweave.kernels.tiles import row_step

ONE_TAP = Axis((AxisPhase((0,), (0,)),))


@dataclass(frozen=True, eq=False)
class LayerFilter:
    """How a layer is computed by minimal filters.

    Attributes
    ----------
    layer : Layer
        Of one group of channels, whose rows have steps of 1.
    group : (int, int)
        Positions a group, along rows and columns. Of a layer whose rows have one tap, 1 row; where
        columns are computed by the definition, 0 columns.
    """

    layer: Layer
    group: Pair
    _parts: dict[range, "LayerFilter"] = field(default_factory=dict, init=False)

    @cached_property
    def rows(self) -> AxisFilter:
        """The filter along rows."""
        return AxisFilter(self.layer.rows, self.group[0])

    @cached_property
    def columns(self) -> AxisFilter | None:
        """The filter along columns, if there is one."""
        return AxisFilter(self.layer.columns, self.group[1]) if self.group[1] else None

    def along(self, axis: int) -> AxisFilter | None:
        """Return the filter along rows (0) or columns (1), if there is one."""
        return self.columns if axis else self.rows

    def needs(self, first: Pair, size: Pair) -> tuple[Range, Range]:
        """Return the rows and columns of the input that a rectangle of the output reads."""
        stops = first[0] + size[0], first[1] + size[1]
        rows = self.rows.needs(self.rows.groups(first[0], stops[0]))
        if self.columns is None:
            return rows, self.layer.columns.needs(first[1], stops[1])
        return rows, self.columns.needs(self.columns.groups(first[1], stops[1]))

    def positions(self, first: int, count: int) -> int:
        """Return the positions of some columns of outputs, in whole groups."""
        if self.columns is None:
            return self.layer.columns.positions(first, count)
        return len(self.columns.groups(first, first + count)) * self.columns.outputs

    def pitch(self, columns: int) -> int:
        """Return the least step from a row of so many columns to the next: of whole groups."""
        step = self.group[1] or 1
        return -(-columns // step) * step

    @property
    def slack(self) -> int:
        """Floats after a buffer that whole vectors may reach."""
        return 2 * self.layer.lanes * max(1, self.group[1])

    @cached_property
    def products(self) -> Layer:
        """The layer from sums to products: a group of channels for each of the sums.

        The channels of a group: output row of a position, output channel, and, where columns are
        filtered too, output column.
        """
        _, inputs, outputs, _, columns = self.layer.weights.shape
        rows, along = self.rows, self.columns
        bias = rows.bias(self.layer.bias.swapaxes(1, 2).astype(np.float64)).transpose(3, 2, 0, 1)
        if along is None:
            shape = rows.filter.inputs, inputs, rows.phases * outputs, 1, columns
            axis, of_phases = self.layer.columns, self.layer.bias.shape[2]
        else:
            products, phases = along.filter.inputs, along.phases
            shape = rows.filter.inputs * products, inputs, rows.phases * outputs * phases, 1, 1
            bias = np.moveaxis(along.bias(bias), -1, 1)
            axis, of_phases = ONE_TAP, 1
        return replace(
            self.layer,
            weights=self._weights().reshape(shape),
            bias=bias.reshape(-1, 1, of_phases).astype(np.float32),
            rows=ONE_TAP,
            columns=axis,
            activation=Activation(),
            accumulate=False,
        )

    def _weights(self) -> Floats:
        """Return the weights of products, in the order in which `products` has them."""
        (taps,) = self.layer.weights.astype(np.float64).swapaxes(3, 4)
        by_row = np.moveaxis(self.rows.weights(taps), (-1, -2), (0, 2))  # n, C, phase, C', column
        if self.columns is None:
            return by_row.astype(np.float32)
        return np.stack(
            [
                np.moveaxis(self.columns.weights(taps_of_one), -1, 0).astype(np.float32)
                for taps_of_one in by_row
            ]
        )

    def part(self, channels: range) -> "LayerFilter":
        """Return what computes some of the output's channels; the same for all who ask."""
        if len(channels) == self.layer.out_channels:
            return self
        if channels not in self._parts:
            self._parts[channels] = self._part(channels)
        return self._parts[channels]

    def _part(self, channels: range) -> "LayerFilter":
        layer, some = self.layer, slice(channels.start, channels.stop)
        slopes = layer.activation.slopes
        part = replace(
            layer,
            weights=layer.weights[:, :, some],
            bias=layer.bias[some],
            activation=replace(
                layer.activation, slopes=None if slopes is None else slopes[some].copy()
            ),
        )
        return LayerFilter(part, self.group)

    def scratch(self, first: Pair, size: Pair, pitch: int, count: int = 1) -> tuple[int, int]:
        """Return the floats of the two scratch buffers.

        Parameters
        ----------
        first, size, pitch
            As `instructions` takes them.
        count : int
            Of pictures.
        """
        room = _Room(self, first, size, pitch, count)
        return room.inputs, room.outputs

    def instructions(
        self,
        x: Place,
        y: Place,
        first: Pair,
        size: Pair,
        scratch: int,
        pitch: int,
        stack: Stack = ALONE,
    ) -> list[Integers]:
        """Return the instructions that compute a rectangle of some pictures.

        The sums of all groups lie in one long row, from one group to the next as from one picture
        to the next, so that vectors are full whatever the width.

        Parameters
        ----------
        x, y, first, size, stack
            As `layer_instructions.flat` takes them; whole groups of `x` are read. Where only
            columns are filtered, a picture is one row, and rows of x follow at the pitch.
        scratch : int
            The first of two scratch buffers.
        pitch : int
            From a row of sums to the next: the columns that a row reads, in whole groups, or less
            where the zeros after one row may serve as those before the next.
        """
        return _Rectangle(self, x, y, first, size, scratch, pitch, stack).instructions()


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

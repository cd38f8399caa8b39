"""A layer by minimal filters along its rows: fewer products than by the definition.

The output's rows come in groups. For every group, sums of rows of the input take the place of the
rows; a layer of one kernel row, with weights of its own for each of these sums, gives products,
and sums of the products are the output's rows (`minimal_filter`). Every group begins at a fixed
row of the picture, so the result is the same for every tile. Each sum of a channel has fewer terms
than by the definition: where rounding is concerned, that makes up for the filter's own factors.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from upweave.kernels import instructions, layer_instructions
from upweave.kernels.emit.transform import Transform
from upweave.kernels.instructions import Integers, Place
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.layer_instructions import ALONE, Pair, Stack
from upweave.kernels.minimal_filter import MinimalFilter, minimal_filter
from upweave.kernels.schedule import Axis, AxisPhase
from upweave.kernels.tiles import row_step

Range = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Which rows of the input the phases of a layer read, if they begin at a certain output.

    Attributes
    ----------
    origin : int
        The output at which the first position begins: 0 or some before.
    first, taps : int
        The rows ``q + first … q + first + taps - 1`` of the input reach the outputs of position q.
    """

    origin: int
    first: int
    taps: int


def window(axis: Axis) -> Window:
    """Return the window of least taps."""
    phases = len(axis.phases)

    def of(origin: int) -> Window:
        reached = [
            offset + position
            for position, phase in (divmod(origin + n, phases) for n in range(phases))
            for offset in axis.phases[phase].offsets
        ]
        return Window(origin, min(reached), max(reached) - min(reached) + 1)

    return min((of(origin) for origin in range(0, -phases, -1)), key=lambda w: w.taps)


@dataclass(frozen=True)
class Grid:
    """Indices in groups: ``origin + n * period`` begins a group, for every whole n."""

    origin: int
    period: int

    def groups(self, start: int, stop: int) -> range:
        """Return the groups that the indices ``start … stop - 1`` are in."""
        return range((start - self.origin) // self.period, self.after(stop))

    def after(self, index: int) -> int:
        """Return the first group that begins at an index or later."""
        return -((self.origin - index) // self.period)

    def start(self, group: int) -> int:
        """Return where a group begins."""
        return self.origin + group * self.period


@dataclass(frozen=True, eq=False)
class RowFilter:
    """How a layer is computed by minimal filters.

    Attributes
    ----------
    layer : Layer
        Of one group of channels, whose rows have steps of 1.
    outputs : int
        Positions a group.
    """

    layer: Layer
    outputs: int
    _parts: dict[range, "RowFilter"] = field(default_factory=dict, init=False)

    @cached_property
    def window(self) -> Window:
        """Which rows of the input a position reads."""
        return window(self.layer.rows)

    @cached_property
    def filter(self) -> MinimalFilter:
        """The minimal filter."""
        return minimal_filter(self.outputs, self.window.taps)

    @cached_property
    def grid(self) -> Grid:
        """The groups of output rows."""
        return Grid(self.window.origin, self.outputs * len(self.layer.rows.phases))

    def groups(self, start: int, stop: int) -> range:
        """Return the groups of the output rows ``start … stop - 1``."""
        return self.grid.groups(start, stop)

    def needs(self, groups: range) -> Range:
        """Return the input rows that some groups read."""
        first = self.window.first
        return (
            groups.start * self.outputs + first,
            groups.stop * self.outputs + self.window.taps - 1 + first,
        )

    @cached_property
    def products(self) -> Layer:
        """The layer from sums of rows to products: a group of channels for each of the sums."""
        layer, n = self.layer, self.filter.inputs
        inputs, outputs, _, columns = layer.weights.shape[1:]
        phases = [
            divmod(self.window.origin + place, len(layer.rows.phases)) for place in self._places
        ]
        weights = np.empty((n, inputs, len(phases), outputs, columns), np.float32)
        for place, (position, phase) in enumerate(phases):
            row = layer.rows.phases[phase]
            for product, factors in enumerate(self.filter.of_taps):
                weights[product, :, place] = sum(
                    float(factors[offset + position - self.window.first])
                    * layer.weights[0, :, :, tap].astype(np.float64)
                    for tap, offset in zip(row.taps, row.offsets, strict=True)
                )
        biases = layer.bias[:, [phase for _, phase in phases]].swapaxes(0, 1).astype(np.float64)
        bias = np.multiply.outer(np.array(self.filter.of_one, np.float64), biases)
        return replace(
            layer,
            weights=weights.reshape(n, inputs, -1, 1, columns),
            bias=bias.reshape(-1, 1, bias.shape[-1]).astype(np.float32),
            rows=Axis((AxisPhase((0,), (0,)),)),
            activation=Activation(),
            accumulate=False,
        )

    @property
    def _places(self) -> range:
        """The rows of a position, from the first on."""
        return range(len(self.layer.rows.phases))

    def part(self, channels: range) -> "RowFilter":
        """Return what computes some of the output's channels; the same for all who ask."""
        if len(channels) == self.layer.out_channels:
            return self
        if channels not in self._parts:
            self._parts[channels] = self._part(channels)
        return self._parts[channels]

    def _part(self, channels: range) -> "RowFilter":
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
        return RowFilter(part, self.outputs)

    def scratch(self, groups: int, pitch: int, outputs: int) -> tuple[int, int]:
        """Return the floats of the two scratch buffers.

        Parameters
        ----------
        groups : int
            Of all pictures together.
        pitch : int
            From a row of sums to the next.
        outputs : int
            Columns that they compute.
        """
        slack = 2 * self.layer.lanes
        sums = self.products.in_channels * groups * pitch
        products = self.products.out_channels * groups * pitch * len(self.layer.columns.phases)
        return sums + slack, products + row_step(outputs) + slack

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
            As `layer_instructions.flat` takes them; whole groups of rows of `x` are read.
        scratch : int
            The first of two scratch buffers.
        pitch : int
            From a row of sums to the next: the columns that a row reads, or less where the zeros
            after one row may serve as those before the next.
        """
        layer, phases = self.layer, len(self.layer.columns.phases)
        groups = self.groups(first[0], first[0] + size[0])
        left, right = layer.columns.needs(first[1], first[1] + size[1])
        long = stack.count * len(groups) * pitch
        sums = Place(scratch, 0, long, pitch)
        spare = Place(scratch + 1, 0, 0, 0)
        products = Place(scratch + 1, row_step(size[1]), long * phases, pitch * phases)
        wide = (stack.count * len(groups) - 1) * products.row + size[1]
        written = []
        for n in range(stack.count):
            top = n * stack.rows + self.needs(groups)[0]
            at = x.moved(top * x.row + left), sums.moved(n * len(groups) * pitch)
            written.append(self._into(*at, spare, len(groups), right - left))
        written += layer_instructions.rows(
            self.products, sums.moved(-left), products, (0, first[1]), (1, wide)
        )
        for n in range(stack.count):
            at = products.moved(n * len(groups) * products.row), y.moved(n * stack.y_floats)
            written += [self._out(place, *at, spare, groups, first, size) for place in self._places]
        return written

    def _into(self, x: Place, sums: Place, spare: Place, groups: int, columns: int) -> Integers:
        """Return the instruction from the rows of a picture to the sums of its groups."""
        layer = self.layer
        return instructions.transform(
            Transform(self.filter.of_inputs, layer.lanes),
            x,
            sums,
            spare,
            parts=(x.row, layer.in_channels * sums.channel),
            groups=(self.outputs * x.row, sums.row),
            counts=(layer.in_channels, groups, columns),
            limits=(0, groups * self.filter.inputs),
        )

    def _out(
        self,
        place: int,
        products: Place,
        y: Place,
        spare: Place,
        groups: range,
        first: Pair,
        size: Pair,
    ) -> Integers:
        """Return the instruction from products to the rows of one phase of a picture."""
        layer, phases = self.layer, len(self.layer.rows.phases)
        channels, activation = layer.out_channels, layer.activation
        ahead = self.grid.start(groups.start) + place - first[0]  # of row 0, the phase's first
        return instructions.transform(
            Transform(
                self.filter.from_products,
                layer.lanes,
                activation.kind,
                activation.limits,
                layer.accumulate,
            ),
            products.moved(place * channels * products.channel),
            y.moved(ahead * y.row),
            spare,
            parts=(phases * channels * products.channel, phases * y.row),
            groups=(products.row, self.grid.period * y.row),
            counts=(channels, len(groups), size[1]),
            limits=(-(ahead // phases), -((ahead - size[0]) // phases)),
            slopes=activation.slopes,
        )

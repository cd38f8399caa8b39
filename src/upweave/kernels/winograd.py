"""A layer by minimal filters along rows, columns or both: fewer products than by definition.

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
from itertools import pairwise

import numpy as np

from upweave.kernels.axis_filter import AxisFilter, Range
from upweave.kernels.emit.text import LINE
from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.layer_instructions import Pair
from upweave.kernels.schedule import Axis, AxisPhase

_MOST_WASTE = 1.07
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

    def needs(self, first: Pair, size: Pair) -> tuple[Range, Range]:
        """Return the rows and columns of the input that a rectangle of the output reads."""
        stops = first[0] + size[0], first[1] + size[1]
        rows = self.rows.needs(self.rows.groups(first[0], stops[0]))
        if self.columns is None:
            return rows, self.layer.columns.needs(first[1], stops[1])
        return rows, self.columns.needs(self.columns.groups(first[1], stops[1]))

    def column_runs(self, columns: range, most: int) -> list[range]:
        """Return columns of outputs in runs of about `most`: of whole groups, if there are some."""
        if self.columns is None:
            starts = range(columns.start, columns.stop, most)
        else:
            grid = self.columns.grid
            groups = grid.groups(columns.start, columns.stop)
            step = max(1, most // grid.period)
            starts = range(grid.start(groups.start), grid.start(groups.stop), step * grid.period)
        edges = [columns.start, *starts[1:], columns.stop]
        return [range(start, stop) for start, stop in pairwise(edges)]

    def positions(self, first: int, count: int) -> int:
        """Return the positions of some columns of outputs, in whole groups."""
        if self.columns is None:
            return self.layer.columns.positions(first, count)
        return len(self.columns.groups(first, first + count)) * self.columns.outputs

    def pitch(self, columns: int) -> int:
        """Return the step from a row of so many columns to the next: of whole groups.

        It is that of cache lines where rows are so long that this wastes little.
        """
        least, lines = (-(-columns // step) * step for step in (self.group[1] or 1, LINE))
        return lines if lines <= _MOST_WASTE * least else least

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

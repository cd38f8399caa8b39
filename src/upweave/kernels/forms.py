"""How lanes are laid over a layer, and its numbers in the order in which they are used.

Up to a stride of `MAX_PHASES`, the lanes of a vector are positions side by side, and a register
tile computes all column phases of them. Above, the lanes are the phases of one position: a form
then computes a chunk of the phases, and a layer has as many forms as it takes for all.
"""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from upweave.kernels import host, jit
from upweave.kernels.emit.micro import AHEAD, ENTRY, MicroKernel, emit_micro_kernel
from upweave.kernels.emit.phases import PhaseKernel, emit_phase_kernel
from upweave.kernels.emit.text import in_precision
from upweave.kernels.instructions import Floats, Integers
from upweave.kernels.schedule import (
    RegisterTile,
    Split,
    Work,
    choose_phase_tile,
    row_cycles,
    split,
)

if TYPE_CHECKING:
    from upweave.kernels.layer import Layer

MAX_PHASES = 8
"""Above this stride lanes are phases.

A register tile of one vector of positions and one channel at this stride fits 16 registers.
"""
PHASE_VECTORS = 2
"""Vectors of phases a form: two share each load of an input, and leave room for positions."""


AHEAD_CHANNELS = 2
"""So many input channels ahead a micro-kernel fetches its inputs, where there are twice as many.

A tile's input lies in the second-level cache, and its rows are too far from one another for the
processor to foresee them: layers of 128 channels took a Cascade Lake 1.4 times as long without.
"""


@dataclass(frozen=True, eq=False)
class Packed:
    """A form's numbers in the order of use.

    Attributes
    ----------
    weights : array
        Group, block of channels, row phase, input channel, kernel row, column, channel, lane; then
        `AHEAD` zeros: to fetch ahead what is on no page costs a third of the time.
    post : array
        Group, row phase, block of channels: biases (channel, output phase), slopes.
    """

    weights: Floats
    post: Floats


class Form(ABC):
    """A way to compute some column phases of a layer.

    Attributes
    ----------
    layer : Layer
    first : int
        The first column phase computed.
    unit : int
        A register tile is so many times this number of positions wide.
    """

    def __init__(
        self, layer: "Layer", first: int, unit: int, weights: Floats, bias: Floats
    ) -> None:
        self.layer = layer
        self.first = first
        self.unit = unit
        self._weights = weights  # (groups, C_in, C_out, kernel rows, columns, lanes)
        self._bias = bias  # (C_out, row phases, column phases)
        self._packed: dict[Split, Packed] = {}
        self._lock = threading.Lock()

    @abstractmethod
    def tile(self, positions: int) -> RegisterTile:
        """Return the register tile for rows of so many positions; its width counts units."""

    @abstractmethod
    def row_cycles(self, positions: int) -> float:
        """Estimate the cycles of a group's row of so many positions, of one row phase."""

    @abstractmethod
    def kernel_address(self, width: int, channels: int) -> int:
        """Return where the micro-kernel of a register tile is."""

    def blocks(self, positions: int) -> Split:
        """Return the blocks of a group's output channels, for rows of so many positions."""
        return split(self.layer.group_outputs, self.tile(positions).channels)

    def widths(self, positions: int) -> Split:
        """Return the register tiles of a row, in units."""
        return split(-(-positions // self.unit), self.tile(positions).vectors)

    @property
    def weights_unit(self) -> int:
        """Weights an output channel."""
        return int(self._weights[0].size) // self.layer.group_outputs

    @property
    def post_unit(self) -> int:
        """The floats after the weights an output channel: biases, and perhaps a slope."""
        return int(self._bias.shape[2]) + (self.layer.activation.kind == "prelu")

    @cached_property
    def phase_table(self) -> Integers:
        """A row phase: its kernel rows, the first one's offset, its first weight a channel."""
        _, inputs, _, _, columns, lanes = self._weights.shape
        table, taps = [], 0
        for phase in self.layer.rows.phases:
            first = phase.offsets[0] if phase.offsets else 0
            table.append((len(phase.taps), first, taps * inputs * columns * lanes))
            taps += len(phase.taps)
        return np.array(table, np.int64)

    def packed(self, depths: Split) -> Packed:
        """Return the numbers for blocks of output channels; they live as long as the form."""
        with self._lock:
            if depths not in self._packed:
                self._packed[depths] = self._pack(_slices(depths))
            return self._packed[depths]

    def _pack(self, blocks: list[slice]) -> Packed:
        layer = self.layer
        weights = [
            group[:, block, list(phase.taps)].transpose(0, 2, 3, 1, 4).ravel()
            for group in self._weights
            for block in blocks
            for phase in layer.rows.phases
        ]
        slopes = layer.activation.slopes
        post = []
        for group in range(layer.groups):
            outputs = slice(group * layer.group_outputs, (group + 1) * layer.group_outputs)
            for phase_bias in self._bias[outputs].swapaxes(0, 1):
                for block in blocks:
                    post.append(phase_bias[block].ravel())
                    if slopes is not None:
                        post.append(slopes[outputs][block])
        dtype = layer.weights.dtype
        weights.append(np.zeros(AHEAD, dtype))
        return Packed(*(np.concatenate(part, dtype=dtype) for part in (weights, post)))


class PositionForm(Form):
    """Lanes are positions; all column phases at once."""

    def __init__(self, layer: "Layer") -> None:
        super().__init__(layer, 0, layer.lanes, layer.weights[..., None], layer.bias)

    def tile(self, positions: int) -> RegisterTile:
        """Return the register tile for rows of so many positions."""
        return self.layer.register_tile(self.work(positions))

    def row_cycles(self, positions: int) -> float:
        """Estimate the cycles of a group's row of so many positions, of one row phase."""
        return row_cycles(self.work(positions), self.tile(positions))

    def work(self, positions: int) -> Work:
        """Return what decides the register tile for rows of so many positions."""
        layer = self.layer
        columns = layer.columns.columns
        return Work(
            vectors=-(-positions // layer.lanes),
            channels=layer.group_outputs,
            phases=len(layer.columns.phases),
            pairs=layer.group_inputs * max(len(phase.taps) for phase in layer.rows.phases),
            columns=len(columns),
            offsets=len({offset for _, offset in columns}),
            step=layer.columns.step,
            units=layer.units,
        )

    def kernel_address(self, width: int, channels: int) -> int:
        """Return where the micro-kernel of a register tile is."""
        layer, axis = self.layer, self.layer.columns
        first = axis.offsets.start
        return _address(
            MicroKernel(
                columns=tuple((phase, offset - first) for phase, offset in axis.columns),
                phases=len(axis.phases),
                lanes=layer.lanes,
                vectors=width,
                channels=channels,
                step=axis.step,
                activation=layer.activation.kind,
                limits=layer.activation.limits,
                accumulate=layer.accumulate,
                ahead=AHEAD_CHANNELS if layer.group_inputs >= 2 * AHEAD_CHANNELS else 0,
            ),
            double=layer.double,
        )


class PhaseForm(Form):
    """Lanes are the phases ``first … first + count - 1`` of a position."""

    def __init__(self, layer: "Layer", first: int, count: int) -> None:
        self._vectors = -(-count // layer.lanes)
        lanes = self._vectors * layer.lanes
        columns = layer.columns
        offsets = columns.offsets
        exists = np.zeros((len(offsets), lanes), bool)
        weights = np.zeros((*layer.weights.shape[:4], *exists.shape), layer.weights.dtype)
        for lane in range(count):
            phase = columns.phases[first + lane]
            for tap, offset in zip(phase.taps, phase.offsets, strict=True):
                # taps ascend as offsets descend
                column = offsets.stop - 1 - offset
                exists[column, lane] = True
                weights[..., column, lane] = layer.weights[..., tap]
        bias = np.zeros((*layer.bias.shape[:2], lanes), layer.bias.dtype)
        bias[..., :count] = layer.bias[..., first : first + count]
        super().__init__(layer, first, 1, weights, bias)
        self._exists = tuple(map(tuple, exists.tolist()))
        self._count = count

    def tile(self, positions: int) -> RegisterTile:
        """Return the register tile for rows of so many positions."""
        return choose_phase_tile(
            positions, self.layer.group_outputs, self._vectors, host.registers()
        )

    def row_cycles(self, positions: int) -> float:
        """Estimate the cycles of a group's row of so many positions, of one row phase."""
        layer = self.layer
        pairs = layer.group_inputs * max(len(phase.taps) for phase in layer.rows.phases)
        terms = pairs * len(self._exists) * self._vectors * positions / layer.units
        return layer.group_outputs * (terms + 30 * self.widths(positions).many_count)

    def kernel_address(self, width: int, channels: int) -> int:
        """Return where the micro-kernel of a register tile is."""
        layer = self.layer
        return _address(
            PhaseKernel(
                exists=self._exists,
                count=self._count,
                stride=len(layer.columns.phases),
                lanes=layer.lanes,
                positions=width,
                channels=channels,
                activation=layer.activation.kind,
                limits=layer.activation.limits,
                accumulate=layer.accumulate,
            ),
            double=layer.double,
        )


def forms_of(layer: "Layer") -> tuple[Form, ...]:
    """Return the forms that together compute a layer."""
    stride = len(layer.columns.phases)
    if stride <= MAX_PHASES:
        return (PositionForm(layer),)
    chunk = PHASE_VECTORS * layer.lanes
    return tuple(
        PhaseForm(layer, first, min(chunk, stride - first)) for first in range(0, stride, chunk)
    )


@cache
def _address(kernel: MicroKernel | PhaseKernel, *, double: bool) -> int:
    """Return where a micro-kernel is, compiled once a process."""
    if isinstance(kernel, PhaseKernel):
        text = emit_phase_kernel(kernel)
    else:
        text = emit_micro_kernel(kernel)
    return jit.compile_ir(in_precision(text, double=double)).address(ENTRY)


def _slices(depths: Split) -> list[slice]:
    """Return the output channels of each register tile."""
    sizes = [size for count, size in depths.sizes() for _ in range(count)]
    stops = np.cumsum(sizes).tolist()
    return [slice(stop - size, stop) for stop, size in zip(stops, sizes, strict=True)]

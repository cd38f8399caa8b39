"""One layer, ready to run: its weights in the order of use, and its instructions."""

import math
import threading
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from upweave.kernels import host, jit, program
from upweave.kernels.emit.micro import ENTRY, MicroKernel, emit_micro_kernel
from upweave.kernels.instructions import Floats, Integers, Place, driver, instruction
from upweave.kernels.schedule import (
    Axis,
    RegisterTile,
    Split,
    Work,
    choose_tile,
    convolution_axis,
    split,
    transposed_axis,
)
from upweave.ops.geometry import Geometry

MAX_PHASES = 8
"""Above this stride the lanes should run along the output; such layers have no kernel yet.

A register tile of one vector and one channel at this stride fits 16 registers.
"""
MAX_COLUMNS = 64
"""The columns of a kernel are unrolled; wider ones would make endless code."""


@dataclass(frozen=True)
class Activation:
    """What is applied to a layer's output.

    Attributes
    ----------
    kind : str
        "none", "relu", "prelu" or "clip".
    slopes : array of shape (channels,), optional
        PReLU's slopes.
    limits : (float, float)
        Between which "clip" keeps the output.
    """

    kind: str = "none"
    slopes: Floats | None = None
    limits: tuple[float, float] = (-math.inf, math.inf)


def why_not(geometry: Geometry) -> str | None:
    """Return why no kernel can be generated for a plane layer, or None."""
    if max(geometry.stride) > MAX_PHASES:
        return f"the stride {geometry.stride} is above {MAX_PHASES}"
    if geometry.kernel[1] > MAX_COLUMNS:
        return f"the kernel {geometry.kernel} is wider than {MAX_COLUMNS}"
    return None


@dataclass(eq=False)
class Layer:
    """A transposed convolution or stride-1 convolution of planes, with what follows it.

    Attributes
    ----------
    weights : array of shape (groups, C_in / groups, C_out / groups, kernel rows, kernel columns)
    bias : array of shape (C_out, row phases, column phases)
        What each output phase starts from; an ordinary bias is the same in all.
    rows, columns : Axis
        Which inputs reach which outputs.
    activation : Activation
    accumulate : bool
        Add to what the output holds.
    lanes : int
        Floats in a vector.
    """

    weights: Floats
    bias: Floats
    rows: Axis
    columns: Axis
    activation: Activation = field(default_factory=Activation)
    accumulate: bool = False
    lanes: int = field(default_factory=host.lanes)

    def __post_init__(self) -> None:
        self._packed: dict[tuple[int, Split], tuple[Floats, Floats]] = {}
        self._lock = threading.Lock()

    @staticmethod
    def transposed(w: Floats, bias: Floats | None, geometry: Geometry, groups: int) -> "Layer":
        """Prepare a transposed convolution; `w` has the shape (C_in, C_out/groups, kh, kw).

        `bias` has one value a channel, or one a channel and output phase.
        """
        grouped = w.reshape(groups, -1, *w.shape[1:])
        rows, columns = (transposed_axis(geometry, axis) for axis in (0, 1))
        phases = len(rows.phases), len(columns.phases)
        return Layer(grouped, _bias(bias, groups * w.shape[1], phases), rows, columns)

    @staticmethod
    def convolution(w: Floats, bias: Floats | None, geometry: Geometry, groups: int) -> "Layer":
        """Prepare a convolution of stride 1; `w` has the shape (C_out, C_in/groups, kh, kw)."""
        grouped = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
        rows, columns = (convolution_axis(geometry, axis) for axis in (0, 1))
        return Layer(grouped, _bias(bias, w.shape[0], (1, 1)), rows, columns)

    @property
    def groups(self) -> int:
        """Groups of channels that do not see each other."""
        return int(self.weights.shape[0])

    @property
    def in_channels(self) -> int:
        """Channels of the input, all groups together."""
        return self.groups * int(self.weights.shape[1])

    @property
    def out_channels(self) -> int:
        """Channels of the output, all groups together."""
        return self.groups * int(self.weights.shape[2])

    def tile(self, positions: int) -> RegisterTile:
        """Return the register tile for rows of so many input positions."""
        columns = self.columns.columns
        work = Work(
            vectors=-(-positions // self.lanes),
            channels=self.weights.shape[2],
            phases=len(self.columns.phases),
            pairs=self.weights.shape[1] * max(len(phase.taps) for phase in self.rows.phases),
            columns=len(columns),
            offsets=len({offset for _, offset in columns}),
        )
        return choose_tile(work, host.registers())

    def kernel(self, vectors: int, channels: int) -> MicroKernel:
        """Return the micro-kernel of a register tile."""
        return MicroKernel(
            columns=self.columns.columns,
            phases=len(self.columns.phases),
            lanes=self.lanes,
            vectors=vectors,
            channels=channels,
            activation=self.activation.kind,
            limits=self.activation.limits,
            accumulate=self.accumulate,
        )

    def instructions(
        self, x: Place, y: Place, first: tuple[int, int], size: tuple[int, int]
    ) -> list[Integers]:
        """Return the instructions that compute a rectangle of the output, one a group.

        Parameters
        ----------
        x : Place
            Where the input's row 0, column 0 of channel 0 is (or would be).
        y : Place
            Where the first output of the rectangle goes.
        first, size : (row, column) of int
            The rectangle: its first output and its size, both at least 1.
        """
        row, first_phase = self.rows.position(first[0])
        column, phase = self.columns.position(first[1])
        positions = -(-(phase + size[1]) // len(self.columns.phases))
        tile = self.tile(positions)
        widths = split(-(-positions // self.lanes), tile.vectors)
        depths = split(self.weights.shape[2], tile.channels)
        common: dict[str, int | Place] = {
            "rows": size[0],
            "first_phase": first_phase,
            "phase_count": len(self.rows.phases),
            "phases": self._phase_table.ctypes.data,
            "row_step": self.rows.tap_step,
            "pairs_unit": self.weights.shape[1],
            "weights_unit": int(np.prod(self.weights.shape[1:])) // self.weights.shape[2],
            "post_unit": self._post_unit,
            "post_phase": self._post_unit * self.weights.shape[2],
            "low": phase,
            "high": phase + size[1],
            "wide_count": widths.many_count,
            "wide_positions": widths.many * self.lanes,
            "narrow_count": widths.few_count,
            "narrow_positions": widths.few * self.lanes,
            "column_phases": len(self.columns.phases),
            "many_count": depths.many_count,
            "many": depths.many,
            "few_count": depths.few_count,
            "few": depths.few,
            **self._kernel_addresses(widths, depths),
        }
        function = driver(self.lanes)["layer"]
        x = x.moved(row * x.row + column)
        y = y.moved(-phase)
        rows = []
        for group in range(self.groups):
            weights, post = self._pack(group, depths)
            values = common | {
                "x": x.moved(group * self.weights.shape[1] * x.channel),
                "y": y.moved(group * self.weights.shape[2] * y.channel),
                "weights": weights.ctypes.data,
                "post": post.ctypes.data,
            }
            rows.append(instruction(function, program.LAYER, values))
        return rows

    @property
    def _post_unit(self) -> int:
        """Return the floats after the weights an output channel: biases, and perhaps a slope."""
        return len(self.columns.phases) + (self.activation.kind == "prelu")

    def _kernel_addresses(self, widths: Split, depths: Split) -> dict[str, int]:
        return {
            f"{width}_{depth}": self._compiled(vectors, channels)
            for width, count, vectors in (
                ("wide", widths.many_count, widths.many),
                ("narrow", widths.few_count, widths.few),
            )
            for depth, blocks, channels in (
                ("many", depths.many_count, depths.many),
                ("few", depths.few_count, depths.few),
            )
            if count and blocks
        }

    def _compiled(self, vectors: int, channels: int) -> int:
        return _address(self.kernel(vectors, channels))

    @cached_property
    def _phase_table(self) -> Integers:
        """Return, a row phase: its kernel rows, the first one's offset, its first weight."""
        per_row = self.weights.shape[1] * self.weights.shape[4]
        table, taps = [], 0
        for phase in self.rows.phases:
            first = phase.offsets[0] if phase.offsets else 0
            table.append((len(phase.taps), first, taps * per_row))
            taps += len(phase.taps)
        return np.array(table, np.int64)

    def _pack(self, group: int, depths: Split) -> tuple[Floats, Floats]:
        with self._lock:
            if (group, depths) not in self._packed:
                self._packed[group, depths] = self._packed_weights(group, depths)
            return self._packed[group, depths]

    def _packed_weights(self, group: int, depths: Split) -> tuple[Floats, Floats]:
        """Lay out a group: block of channels, row phase, input channel, kernel row and column."""
        w = self.weights[group]
        outputs = slice(group * w.shape[1], (group + 1) * w.shape[1])
        weights = [
            w[:, block, list(phase.taps)].transpose(0, 2, 3, 1).ravel()
            for block in _blocks(depths)
            for phase in self.rows.phases
        ]
        bias, slopes = self.bias[outputs], self.activation.slopes
        post = []
        for phase_bias in bias.swapaxes(0, 1):
            for block in _blocks(depths):
                post.append(phase_bias[block].ravel())
                if slopes is not None:
                    post.append(slopes[outputs][block])
        return _contiguous(np.concatenate(weights)), _contiguous(np.concatenate(post))


@cache
def _address(kernel: MicroKernel) -> int:
    """Return where a micro-kernel is, compiled once a process."""
    return jit.compile_ir(emit_micro_kernel(kernel)).address(ENTRY)


def _blocks(depths: Split) -> list[slice]:
    """Return the output channels of each register tile."""
    sizes = [size for count, size in depths.sizes() for _ in range(count)]
    stops = np.cumsum(sizes).tolist()
    return [slice(stop - size, stop) for stop, size in zip(stops, sizes, strict=True)]


def _bias(bias: Floats | None, channels: int, phases: tuple[int, int]) -> Floats:
    """Return a bias for every channel and phase from one a channel, or one of each already."""
    if bias is None:
        bias = np.zeros(channels, np.float32)
    if bias.ndim == 1:
        bias = bias[:, None, None]
    return _contiguous(np.broadcast_to(bias, (channels, *phases)))


def _contiguous(array: Floats) -> Floats:
    return np.ascontiguousarray(array, np.float32)

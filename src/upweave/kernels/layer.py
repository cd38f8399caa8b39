"""One layer, ready to run: its register tiles, and its weights in the order of use."""

import math
import threading
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from upweave.kernels import host, jit
from upweave.kernels.emit.micro import ENTRY, MicroKernel, emit_micro_kernel
from upweave.kernels.instructions import Floats, Integers
from upweave.kernels.schedule import (
    Axis,
    RegisterTile,
    Split,
    Work,
    choose_tile,
    convolution_axis,
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


def why_not(geometry: Geometry, *, transposed: bool = True) -> str | None:
    """Return why no kernel can be generated for a layer, or None."""
    if transposed and max(geometry.stride) > MAX_PHASES:
        return f"the stride {geometry.stride} is above {MAX_PHASES}"
    if geometry.kernel[-1] > MAX_COLUMNS:
        return f"the kernel {geometry.kernel} is wider than {MAX_COLUMNS}"
    return None


@dataclass(eq=False)
class Layer:
    """A transposed convolution or convolution of planes, with what follows it.

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
        self._packed: dict[Split, Packed] = {}
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
        """Prepare a convolution; `w` has the shape (C_out, C_in/groups, kh, kw)."""
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

    @property
    def group_inputs(self) -> int:
        """Input channels of a group."""
        return int(self.weights.shape[1])

    @property
    def group_outputs(self) -> int:
        """Output channels of a group."""
        return int(self.weights.shape[2])

    @property
    def weights_unit(self) -> int:
        """Weights an output channel."""
        return int(self.weights[0].size) // self.group_outputs

    @property
    def post_unit(self) -> int:
        """The floats after the weights an output channel: biases, and perhaps a slope."""
        return len(self.columns.phases) + (self.activation.kind == "prelu")

    def tile(self, positions: int) -> RegisterTile:
        """Return the register tile for rows of so many input positions."""
        columns = self.columns.columns
        work = Work(
            vectors=-(-positions // self.lanes),
            channels=self.group_outputs,
            phases=len(self.columns.phases),
            pairs=self.group_inputs * max(len(phase.taps) for phase in self.rows.phases),
            columns=len(columns),
            offsets=len({offset for _, offset in columns}),
        )
        return choose_tile(work, host.registers())

    def kernel_address(self, vectors: int, channels: int) -> int:
        """Return where the micro-kernel of a register tile is."""
        first = self.columns.offsets.start
        return _address(
            MicroKernel(
                columns=tuple((phase, offset - first) for phase, offset in self.columns.columns),
                phases=len(self.columns.phases),
                lanes=self.lanes,
                vectors=vectors,
                channels=channels,
                step=self.columns.step,
                activation=self.activation.kind,
                limits=self.activation.limits,
                accumulate=self.accumulate,
            )
        )

    @cached_property
    def phase_table(self) -> Integers:
        """A row phase: its kernel rows, the first one's offset, its first weight a channel."""
        per_row = self.group_inputs * self.weights.shape[4]
        table, taps = [], 0
        for phase in self.rows.phases:
            first = phase.offsets[0] if phase.offsets else 0
            table.append((len(phase.taps), first, taps * per_row))
            taps += len(phase.taps)
        return np.array(table, np.int64)

    def packed(self, depths: Split) -> "Packed":
        """Return the weights for blocks of output channels; they live as long as the layer."""
        with self._lock:
            if depths not in self._packed:
                self._packed[depths] = self._pack(_blocks(depths))
            return self._packed[depths]

    def _pack(self, blocks: list[slice]) -> "Packed":
        weights = [
            group[:, block, list(phase.taps)].transpose(0, 2, 3, 1).ravel()
            for group in self.weights
            for block in blocks
            for phase in self.rows.phases
        ]
        slopes = self.activation.slopes
        post = []
        for group in range(self.groups):
            outputs = slice(group * self.group_outputs, (group + 1) * self.group_outputs)
            for phase_bias in self.bias[outputs].swapaxes(0, 1):
                for block in blocks:
                    post.append(phase_bias[block].ravel())
                    if slopes is not None:
                        post.append(slopes[outputs][block])
        return Packed(_contiguous(np.concatenate(weights)), _contiguous(np.concatenate(post)))


@dataclass(frozen=True, eq=False)
class Packed:
    """A layer's numbers in the order of use.

    Attributes
    ----------
    weights : array
        Group, block of channels, row phase, input channel, kernel row and column, channel.
    post : array
        Group, row phase, block of channels: biases (channel, column phase), slopes.
    """

    weights: Floats
    post: Floats


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

"""One layer: its weights, which inputs reach which outputs, and what follows."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from upweave.kernels import host
from upweave.kernels.forms import MAX_PHASES, Form, forms_of
from upweave.kernels.instructions import Floats
from upweave.kernels.schedule import (
    Axis,
    RegisterTile,
    Work,
    choose_tile,
    convolution_axis,
    transposed_axis,
)
from upweave.ops.geometry import Geometry

MAX_STRIDE = 1024
"""Each phase takes some work to prepare."""
MAX_COLUMNS = 64
"""The columns of a kernel are unrolled, of a large stride those of a phase; more: endless code."""
MAX_SPARSITY = 16
"""Of a large stride, weights are laid out with zeros where a phase has no tap: up to so many."""


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
    if transposed and max(geometry.stride) > MAX_STRIDE:
        return f"the stride {geometry.stride} is above {MAX_STRIDE}"
    taps, stride = geometry.kernel[-1], geometry.stride[-1]
    spread = geometry.dilation[-1] * (taps - 1) + 1
    if transposed and stride > MAX_PHASES:
        columns = -(-spread // stride)
        if columns * stride > MAX_SPARSITY * taps:
            return f"the kernel {geometry.kernel} has few taps for the stride {geometry.stride}"
        taps = columns
    if taps > MAX_COLUMNS:
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

    @property
    def double(self) -> bool:
        """Whether its numbers are of double precision."""
        return self.weights.dtype == np.float64

    @property
    def units(self) -> int:
        """Multiply-adds of its vectors that a cycle begins."""
        return host.units(self.lanes * self.weights.itemsize)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms that together compute the layer."""
        return forms_of(self)

    def register_tile(self, work: Work) -> RegisterTile:
        """Return the register tile of a row whose lanes are positions."""
        return choose_tile(work, host.registers())

    @staticmethod
    def transposed(w: Floats, bias: Floats | None, geometry: Geometry, groups: int) -> "Layer":
        """Prepare a transposed convolution; `w` has the shape (C_in, C_out/groups, kh, kw).

        `bias` has one value a channel, or one a channel and output phase.
        """
        grouped = w.reshape(groups, -1, *w.shape[1:])
        rows, columns = (transposed_axis(geometry, axis) for axis in (0, 1))
        phases = len(rows.phases), len(columns.phases)
        bias = _bias(bias, groups * w.shape[1], phases, w.dtype)
        return Layer(grouped, bias, rows, columns, lanes=host.lanes(w.itemsize))

    @staticmethod
    def convolution(w: Floats, bias: Floats | None, geometry: Geometry, groups: int) -> "Layer":
        """Prepare a convolution; `w` has the shape (C_out, C_in/groups, kh, kw)."""
        grouped = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
        rows, columns = (convolution_axis(geometry, axis) for axis in (0, 1))
        bias = _bias(bias, w.shape[0], (1, 1), w.dtype)
        return Layer(grouped, bias, rows, columns, lanes=host.lanes(w.itemsize))

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


def _bias(
    bias: Floats | None, channels: int, phases: tuple[int, int], dtype: npt.DTypeLike
) -> Floats:
    """Return a bias for every channel and phase from one a channel, or one of each already."""
    if bias is None:
        bias = np.zeros(channels, dtype)
    if bias.ndim == 1:
        bias = bias[:, None, None]
    return np.ascontiguousarray(np.broadcast_to(bias, (channels, *phases)), dtype)

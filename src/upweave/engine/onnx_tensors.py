"""What is known of a model's tensors while its nodes are read."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.engine.errors import ModelError, shown
from upweave.engine.graph import Operation, Scale, unused
from upweave.engine.onnx_node import Node
from upweave.kernels.instructions import Floats

Array = npt.NDArray[Any]

MOST_CHANNELS = 1 << 12
"""Of a tensor that takes an operation a channel, or of the input."""
_MOST_CHANNELS_AT_ALL = 1 << 14
_MOST_TAPS = 1 << 22  # of all interpolations and shuffles of a model
_MOST_PIXELS = 1 << 10  # to which all tensors have a whole number of rows or columns: `Graph.unit`


class Tensors:
    """The tensors of a model, as far as it is read.

    Parameters
    ----------
    name : str
        The input.
    channels : int
        Its channels.
    constants : dict
        The initializers.

    Attributes
    ----------
    channels : dict
        Of every computed tensor.
    constants : dict
        The constant tensors.
    operations : list of Operation
        What computes the others.
    """

    def __init__(self, name: str, channels: int, constants: dict[str, Array]) -> None:
        self.constants = constants
        self.channels = {name: channels}
        self.operations: list[Operation] = []
        self._names = {name: name}  # of tensors that only have another name
        self._scales: dict[str, Scale] = {name: (Fraction(1), Fraction(1))}
        self._units: tuple[int, ...] = (1, 1)
        self._taps = 0

    def known(self, name: str) -> bool:
        """Tell whether there is a tensor of this name."""
        return name in self._names or name in self.constants or name in self.channels

    def resolve(self, name: str) -> str | None:
        """Return the name that operations have for a computed tensor, or None."""
        return self._names.get(name)

    def is_constant(self, node: Node, index: int) -> bool:
        """Tell whether an input of a node is a constant."""
        return node.has(index) and node.proto.input[index] in self.constants

    def computed(self, node: Node, index: int) -> str:
        """Return the name of an input of a node, a computed tensor."""
        if not node.has(index):
            raise ModelError(f"{node} has no input {index}")
        name = node.proto.input[index]
        if name in self.constants:
            raise ModelError(f"{node}: input {index} is a constant; expected a computed tensor")
        if name not in self._names:
            raise ModelError(f"{node} reads {shown(name)}, which no node before it computes")
        return self._names[name]

    def constant(self, node: Node, index: int, what: str) -> Array:
        """Return the value of an input of a node, a constant."""
        if not node.has(index):
            raise ModelError(f"{node}: {what} are missing")
        name = node.proto.input[index]
        if name not in self.constants:
            raise ModelError(f"{node}: {what} are computed; the engine needs a constant")
        return self.constants[name]

    def floats(self, node: Node, index: int, what: str) -> Floats:
        """Return the value of an input of a node, a constant of float32."""
        value = self.constant(node, index, what)
        if value.dtype != np.float32:
            raise ModelError(f"{node}: {what} are {value.dtype}; the engine computes in float32")
        return np.ascontiguousarray(value)

    def a_channel(self, node: Node, index: int, what: str, channels: int) -> Floats:
        """Return a constant that is one value, or one a channel, as one a channel."""
        value = self.floats(node, index, what)
        full = (1,) * (4 - value.ndim) + value.shape
        if full not in ((1, 1, 1, 1), (1, channels, 1, 1)):
            raise ModelError(
                f"{node}: {what} of shape {value.shape} are not one a channel ({channels}, 1, 1)"
            )
        return np.ascontiguousarray(np.broadcast_to(value.ravel(), (channels,)))

    def check_alike(self, node: Node, names: list[str]) -> None:
        """Refuse terms of which one is not enlarged as much as another."""
        scales = [self._scales[name] for name in names]
        if len(set(scales)) > 1:
            listed = " and ".join(f"({rows}, {columns})" for rows, columns in scales)
            raise ModelError(f"{node}: its terms have scales {listed}")

    def take_taps(self, node: Node, count: int) -> None:
        """Count taps that a node's kind and channels alone make, however small the file is."""
        self._taps += count
        if self._taps > _MOST_TAPS:
            raise ModelError(
                f"{node}: with its {count} taps, the model's interpolations and shuffles have "
                f"{self._taps}; the engine runs up to {_MOST_TAPS}"
            )

    def inner(self, node: Node, what: str) -> str:
        """Return a name for a tensor within a node that becomes several operations."""
        return unused(f"{node.proto.output[0]} ({what})", self.channels)

    def add(self, operation: Operation, channels: int) -> None:
        """Take in an operation whose result has so many channels."""
        y = operation.y
        if channels > _MOST_CHANNELS_AT_ALL:
            raise ModelError(
                f"{shown(y)} would have {channels} channels; the engine runs up to "
                f"{_MOST_CHANNELS_AT_ALL}"
            )
        rows, columns = self._scales[operation.inputs[0]]
        self._scales[y] = rows * operation.scale[0], columns * operation.scale[1]
        self._check_reduction(y)
        self._names[y] = y
        self.channels[y] = channels
        self.operations.append(operation)

    def _check_reduction(self, y: str) -> None:
        """Refuse a tensor so small that tiles would have to be very large."""
        rows, columns = self._scales[y]
        self._units = tuple(
            math.lcm(unit, scale.denominator)
            for unit, scale in zip(self._units, (rows, columns), strict=True)
        )
        if max(self._units) > _MOST_PIXELS:
            raise ModelError(
                f"{shown(y)} has scale ({rows}, {columns}); tiles would be multiples of "
                f"{max(self._units)} pixels, the engine takes up to {_MOST_PIXELS}"
            )

    def same(self, node: Node) -> None:
        """Let the result of a node be another name of its input."""
        output = node.proto.output[0]
        if self.is_constant(node, 0):
            self.constants[output] = self.constants[node.proto.input[0]]
        else:
            self._names[output] = self.computed(node, 0)

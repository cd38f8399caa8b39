"""A network's layers as boxes of a diagram: what each says, and which it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from upweave.ops.geometry import Geometry

__all__ = ["Box", "Layer", "Network", "boxes"]

Shape = tuple[int, int, int]
"""(C, H, W)."""

_JOINED = ("BatchNormalization", "Clip", "LeakyRelu", "PRelu", "Relu", "Sigmoid", "Tanh")
"""What has no box of its own after a layer whose result nothing else reads."""


class Layer(Protocol):
    """One node of a network."""

    @property
    def kind(self) -> str:
        """ONNX's word for what it does."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors read, constants left out."""

    @property
    def output(self) -> str:
        """The tensor written."""

    @property
    def shape(self) -> Shape:
        """(C, H, W) of its output."""

    @property
    def geometry(self) -> Geometry | None:
        """Kernel, stride and dilation of a convolution."""

    @property
    def groups(self) -> int:
        """Those of a convolution; otherwise 1."""

    @property
    def parameters(self) -> int:
        """How many it has."""

    @property
    def multiply_adds(self) -> Fraction:
        """A pixel of the network's input."""


class Network(Protocol):
    """A network for an input of some size."""

    @property
    def input(self) -> str:
        """The tensor that comes from the caller."""

    @property
    def shape(self) -> Shape:
        """(C, H, W) of the input."""

    @property
    def layers(self) -> Sequence[Layer]:
        """In an order in which each finds its inputs written."""

    @property
    def parameters(self) -> int:
        """How many all layers have."""

    @property
    def multiply_adds(self) -> Fraction:
        """A pixel of the input."""


@dataclass(frozen=True)
class Box:
    """A layer, and the activation after it.

    Attributes
    ----------
    output : str
        The tensor written.
    operators : tuple of str
        The layer's, and what follows in the same box.
    reads : tuple of int
        The places of the boxes that are read.
    shape : (C, H, W)
        Of the output.
    geometry : Geometry or None
    groups : int
    parameters : int
    multiply_adds : Fraction
        A pixel of the network's input.
    """

    output: str
    operators: tuple[str, ...]
    reads: tuple[int, ...]
    shape: Shape
    geometry: Geometry | None = None
    groups: int = 1
    parameters: int = 0
    multiply_adds: Fraction = Fraction(0)

    def cells(self) -> dict[str, tuple[str, ...]]:
        """Return lines of what is said of the box, by the headings of the rows.

        Nothing is said of what there is none of, one group, or a dilation of 1.
        """
        g = self.geometry
        cells = {
            "kernel": "" if g is None else "×".join(map(str, g.kernel)),
            "stride": "" if g is None else _axes(g.stride),
            "dilation": "" if g is None or set(g.dilation) == {1} else _axes(g.dilation),
            "groups": "" if self.groups == 1 else f"{self.groups:,}",
            "output": "×".join(map(str, self.shape)),
            "parameters": f"{self.parameters:,}" if self.parameters else "",
            "multiply-adds": f"{float(self.multiply_adds):,.0f}" if self.multiply_adds else "",
        }
        lines = {heading: (text,) if text else () for heading, text in cells.items()}
        return {"operator": self.operators, **lines}


def boxes(network: Network) -> list[Box]:
    """Return the input as a box, and those of all layers, in their order."""
    times = Counter(name for layer in network.layers for name in layer.inputs)
    found = [Box(network.input, ("input",), (), network.shape)]
    places = {network.input: 0}
    for layer in network.layers:
        reads = tuple(places[name] for name in layer.inputs)
        joins = layer.kind in _JOINED and times[layer.inputs[0]] == 1 and reads != (0,)
        at = reads[0] if joins else len(found)
        if joins:
            found[at] = _joined(found[at], layer)
        else:
            found.append(_box(layer, reads))
        places[layer.output] = at
    return found


def _box(layer: Layer, reads: tuple[int, ...]) -> Box:
    return Box(
        layer.output,
        (layer.kind,),
        reads,
        layer.shape,
        layer.geometry,
        layer.groups,
        layer.parameters,
        layer.multiply_adds,
    )


def _joined(box: Box, layer: Layer) -> Box:
    """Return a box that also does what a layer after it does pixel by pixel."""
    return Box(
        layer.output,
        (*box.operators, layer.kind),
        box.reads,
        layer.shape,
        box.geometry,
        box.groups,
        box.parameters + layer.parameters,
        box.multiply_adds,
    )


def _axes(numbers: tuple[int, ...]) -> str:
    """Return one number for all axes, or one an axis."""
    return str(numbers[0]) if len(set(numbers)) == 1 else "×".join(map(str, numbers))

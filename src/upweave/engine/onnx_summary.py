"""The layers of an ONNX file as numbers: what reads what, shapes, parameters, multiply-adds.

Every model that the engine reads can be summed up.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from upweave.engine.errors import ModelError
from upweave.engine.fusion import needed
from upweave.engine.graph import Convolve, Size
from upweave.engine.onnx_file import Model, read_model
from upweave.engine.onnx_node import Node
from upweave.ops.geometry import Geometry

__all__ = ["LayerRow", "Summary", "summarize"]

Shape = tuple[int, int, int]
"""(C, H, W)."""
_LAYERS = ("Conv", "ConvTranspose")
_SETTINGS = ("Clip", "Pad", "Resize")
"""Operators whose constants are no parameters: limits, pads, factors."""


@dataclass(frozen=True)
class LayerRow:
    """One node.

    Attributes
    ----------
    name, kind : str
        The node's name, and its operator.
    inputs : tuple of str
        The computed tensors that it reads.
    output : str
        The tensor that it computes.
    shape : (C, H, W)
        Of its output.
    geometry : Geometry or None
        Of a convolution or transposed convolution.
    groups : int
        Those of a convolution; otherwise 1.
    parameters : int
        Floats that the file holds for it, those of fixed kernels included. What several nodes read
        counts once.
    multiply_adds : Fraction
        Of a convolution, a pixel of the network's input; borders do not count.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    shape: Shape
    geometry: Geometry | None
    groups: int
    parameters: int
    multiply_adds: Fraction


@dataclass(frozen=True)
class Summary:
    """A network for an input of some size.

    Attributes
    ----------
    input : str
        The tensor that comes from the caller.
    shape : (C, H, W)
        Of the input.
    layers : tuple of LayerRow
        The nodes that the output depends on, in their order, without those that compute constants
        or only give a tensor another name.
    metadata : dict of str
        The model file's own words about itself.
    """

    input: str
    shape: Shape
    layers: tuple[LayerRow, ...]
    metadata: dict[str, str]

    @property
    def parameters(self) -> int:
        """Those of all layers."""
        return sum(row.parameters for row in self.layers)

    @property
    def multiply_adds(self) -> Fraction:
        """Those of all layers, a pixel of the input."""
        return sum((row.multiply_adds for row in self.layers), Fraction(0))


def summarize(path: str | Path, size: Size = (64, 64)) -> Summary:
    """Return the layers of a network of planes.

    Parameters
    ----------
    path : str or Path
        An ONNX file.
    size : (height, width)
        Of the input for which the shapes are.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelError
        Where the engine does not read the file, or the network cannot take the size.
    """
    model = read_model(path)
    graph = model.graph
    try:
        sizes = graph.sizes(size)
    except ValueError as error:
        raise ModelError(f"{path}: {error}") from error
    shapes = {name: (graph.channels[name], *sizes[name]) for name in sizes}
    wanted = {operation.y for operation in needed(graph)}
    counted: set[str] = set()
    rows = tuple(
        _row(model, node, shapes, counted) for node in model.nodes if node.proto.output[0] in wanted
    )
    return Summary(graph.input, shapes[graph.input], rows, graph.metadata)


def _row(model: Model, node: Node, shapes: dict[str, Shape], counted: set[str]) -> LayerRow:
    """Return a node's row; `counted` are the constants of the rows before, and takes in its own."""
    output, names = node.proto.output[0], list(node.proto.input)
    held = {
        name: model.tensors.constants[name]
        for name in names
        if name in model.tensors.constants and node.kind not in _SETTINGS
    }
    parameters = sum(
        value.size
        for name, value in held.items()
        if value.dtype == np.float32 and name not in counted
    )
    counted.update(held)
    layer = None
    if node.kind in _LAYERS:
        layer = next(
            op for op in model.graph.operations if isinstance(op, Convolve) and op.y == output
        )
    computed = (model.tensors.resolve(name) for name in names)
    return LayerRow(
        node.proto.name or output,
        node.kind,
        tuple(dict.fromkeys(name for name in computed if name is not None)),
        output,
        shapes[output],
        None if layer is None else layer.geometry,
        1 if layer is None else layer.layer.groups,
        parameters,
        Fraction(0) if layer is None else _multiply_adds(model, layer, held[names[1]].size),
    )


def _multiply_adds(model: Model, layer: Convolve, weights: int) -> Fraction:
    """Return the multiply-adds of a layer, a pixel of the network's input.

    Every weight of a convolution is used once an output pixel, of a transposed one once an input
    pixel.
    """
    where = layer.x if layer.transposed else layer.y
    return weights * model.graph.scales(0)[where] * model.graph.scales(1)[where]

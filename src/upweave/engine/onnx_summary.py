"""The layers of an ONNX file as numbers: shapes, parameters, multiply-adds.

Shapes are those that onnx itself infers, so any model that it understands can be summed up.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from pathlib import Path

import onnx
from onnx import TensorProto, shape_inference

from upweave.engine.errors import ModelError, one_line, shown

__all__ = ["LayerRow", "layer_rows"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerRow:
    """One node.

    Attributes
    ----------
    name, kind : str
        The node's name, and its operator.
    shape : tuple of int
        (N, C, H, W) of its output.
    parameters : int
        Floats that the file holds for it, those of fixed kernels included.
    multiply_adds : Fraction
        A pixel of the network's input, if that is large: borders do not count.
    """

    name: str
    kind: str
    shape: Shape
    parameters: int
    multiply_adds: Fraction


def layer_rows(path: str | Path, size: tuple[int, int] = (64, 64)) -> list[LayerRow]:
    """Return the nodes of a network of planes, in their order.

    Parameters
    ----------
    path : str or Path
        An ONNX file.
    size : (height, width)
        Of the input for which the shapes are.

    Raises
    ------
    ModelError
        Where onnx cannot tell the shapes.
    """
    model = onnx.load(path)
    small, large = _shapes(model, size), _shapes(model, (2 * size[0], 2 * size[1]))
    held = {
        tensor.name: prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type == TensorProto.FLOAT
    }
    rows = []
    for node in model.graph.node:
        output = node.output[0]
        if len(small.get(output, ())) != 4:
            raise ModelError(f"{path}: the shape of {shown(output)} cannot be inferred")
        is_layer = node.op_type in ("Conv", "ConvTranspose")
        cost = Fraction(held.get(node.input[1], 0) if is_layer else 0)
        # A convolution's kernel is used once an output pixel, a transposed one's once an input
        # pixel. Two sizes tell how many there are an input pixel: the halo's do not grow.
        where = node.input[0] if node.op_type == "ConvTranspose" else output
        for axis, length in zip((2, 3), size, strict=True):
            cost *= Fraction(large[where][axis] - small[where][axis], length)
        parameters = 0 if node.op_type == "Resize" else sum(held.get(n, 0) for n in node.input)
        rows.append(LayerRow(node.name, node.op_type, small[output], parameters, cost))
    return rows


def _shapes(model: onnx.ModelProto, size: tuple[int, int]) -> dict[str, Shape]:
    """Return the shapes of all tensors for one picture of `size`."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    dims = fixed.graph.input[0].type.tensor_type.shape.dim
    for dim, value in zip((dims[0], *dims[2:]), (1, *size), strict=True):
        dim.dim_value = value
    for output in fixed.graph.output:
        output.type.tensor_type.ClearField("shape")
    try:
        graph = shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True).graph
    except shape_inference.InferenceError as error:
        raise ModelError(f"the shapes cannot be inferred: {one_line(error)}") from error
    tensors = (*graph.input, *graph.value_info, *graph.output)
    return {t.name: tuple(d.dim_value for d in t.type.tensor_type.shape.dim) for t in tensors}

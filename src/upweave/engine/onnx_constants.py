"""The constants of an ONNX file: its tensors, and nodes that compute with nothing else.

Exporters leave such nodes around layers: PyTorch turns the pads of a layer over, Keras and
tf2onnx scale weights. Every size is checked before memory is taken.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, numpy_helper

from upweave.engine.errors import ModelError, one_line, shown
from upweave.engine.onnx_node import Node

Array = npt.NDArray[Any]

_TYPES: dict[int, type[np.generic]] = {
    TensorProto.FLOAT: np.float32,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
    TensorProto.DOUBLE: np.float64,
}
_ROOM = 1 << 20  # values that nodes may make besides twice those of the file
_MOST_AXES = 16


def array_of(tensor: onnx.TensorProto) -> Array:
    """Return a tensor of the file as an array, once its size has been checked.

    Raises
    ------
    ModelError
        Where it is of another type, in another file, or not of the size that it says.
    """
    name = shown(tensor.name)
    if tensor.data_location == TensorProto.EXTERNAL:
        raise ModelError(f"the data of {name} are in another file; put them in this one")
    if tensor.data_type not in _TYPES:
        raise ModelError(
            f"{name} has data type {tensor.data_type}; the engine reads FLOAT "
            f"({TensorProto.FLOAT}) and INT64 ({TensorProto.INT64})"
        )
    if len(tensor.dims) > _MOST_AXES:
        raise ModelError(f"{name} has {len(tensor.dims)} axes; the engine reads up to {_MOST_AXES}")
    count = math.prod(tensor.dims)
    size = np.dtype(_TYPES[tensor.data_type]).itemsize
    held = (
        len(tensor.raw_data) // size
        if tensor.HasField("raw_data")
        else max(
            len(tensor.float_data),
            len(tensor.int64_data),
            len(tensor.double_data),
            len(tensor.int32_data),
        )
    )
    if min(tensor.dims, default=0) < 0 or held != count or len(tensor.raw_data) % size:
        raise ModelError(
            f"{name} has shape {tuple(tensor.dims)}, which takes {count} values, but holds {held}"
        )
    try:
        return numpy_helper.to_array(tensor)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the data of {name} cannot be read: {one_line(error)}") from error


class Folder:
    """Computes nodes whose inputs are all constants.

    Parameters
    ----------
    held : int
        Values of the constants in the file; the nodes may make about twice as many.
    """

    def __init__(self, held: int) -> None:
        self._room = _ROOM + 2 * held

    def folds(self, node: Node) -> bool:
        """Tell whether the node's operator can be computed here."""
        return node.kind in _OPERATORS

    def result(self, node: Node, inputs: Sequence[Array | None]) -> Array:
        """Return the result of a node for its inputs; None stands for one left out.

        Raises
        ------
        ModelError, ArithmeticError, LookupError, TypeError, ValueError
            Where the node does not fit its inputs, or its result would be too large.
        """
        given = [value for value in inputs if value is not None]
        function = _OPERATORS[node.kind]
        with np.errstate(all="ignore"):
            self._take(node, _size(node, given))
            result = np.asarray(function(node, *inputs))
        if result.dtype.type not in _TYPES.values():
            raise ModelError(f"{node} gives constants of {result.dtype}")
        return result

    def _take(self, node: Node, count: int) -> None:
        self._room -= count
        if self._room < 0:
            raise ModelError(f"{node} would make constants of too many values")


def _size(node: Node, inputs: list[Array]) -> int:
    """Return the most values that the node can give, or more."""
    if node.kind in _BROADCAST:
        return math.prod(np.broadcast_shapes(*(value.shape for value in inputs)))
    if node.kind == "ConstantOfShape":
        return math.prod(int(n) for n in inputs[0].ravel())
    if node.kind == "Gather":
        return inputs[0].size * max(1, inputs[1].size)
    return sum(value.size for value in inputs) + _MOST_AXES


def _constant(node: Node) -> Array:
    kinds: dict[str, type[np.generic]] = {
        "value_float": np.float32,
        "value_floats": np.float32,
        "value_int": np.int64,
        "value_ints": np.int64,
    }
    if "value" in node.attributes:
        return _attribute(node)
    for name, kind in kinds.items():
        if name in node.attributes:
            return np.array(node.attributes[name], kind)
    raise ModelError(f"{node}: the engine reads constants that are tensors or numbers")


def _attribute(node: Node) -> Array:
    """Return the attribute "value", a tensor."""
    value = node.attributes["value"]
    if not isinstance(value, onnx.TensorProto):
        raise ModelError(f"{node}: the value is no tensor")
    return array_of(value)


def _constant_of_shape(node: Node, shape: Array) -> Array:
    fill = _attribute(node) if "value" in node.attributes else np.zeros(1, np.float32)
    return np.full([int(n) for n in shape], fill.ravel()[0], fill.dtype)


def _cast(node: Node, x: Array) -> Array:
    to = int(node.attributes["to"])
    if to not in _TYPES:
        raise ModelError(f"{node} casts to data type {to}")
    return x.astype(_TYPES[to])


def _divide(node: Node, a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return _alike(np.divide)(node, a, b)
    if not b.all():
        raise ModelError(f"{node} divides by 0")
    # towards 0, as ONNX has it
    return _alike(lambda a, b: np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b)))(node, a, b)


def _alike(function: Callable[[Array, Array], Array]) -> Callable[[Node, Array, Array], Array]:
    def of_one_type(node: Node, a: Array, b: Array) -> Array:
        if a.dtype != b.dtype:
            raise ModelError(f"{node} combines {a.dtype} with {b.dtype}")
        return function(a, b)

    return of_one_type


def _reshape(node: Node, x: Array, shape: Array) -> Array:
    sizes = [int(n) for n in shape]
    if not node.attributes.get("allowzero", 0):
        sizes = [x.shape[axis] if n == 0 else n for axis, n in enumerate(sizes)]
    return x.reshape(sizes)


def _unsqueeze(node: Node, x: Array, axes: Array) -> Array:
    return np.expand_dims(x, tuple(int(a) for a in axes.ravel()))


def _squeeze(node: Node, x: Array, axes: Array | None = None) -> Array:
    return np.squeeze(x, None if axes is None else tuple(int(a) for a in axes.ravel()))


def _concat(node: Node, *values: Array) -> Array:
    if len({value.dtype for value in values}) > 1:
        raise ModelError(f"{node} concatenates different types")
    return np.concatenate(values, int(node.attributes["axis"]))


def _gather(node: Node, x: Array, indices: Array) -> Array:
    return np.take(x, indices.astype(np.int64), axis=int(node.attributes.get("axis", 0)))


def _transpose(node: Node, x: Array) -> Array:
    return np.transpose(x, node.attributes.get("perm"))


def _slice(
    node: Node,
    x: Array,
    starts: Array,
    ends: Array,
    axes: Array | None = None,
    steps: Array | None = None,
) -> Array:
    count = starts.size
    chosen = range(count) if axes is None else [int(a) for a in axes.ravel()]
    by = [1] * count if steps is None else [int(s) for s in steps.ravel()]
    index = [slice(None)] * x.ndim
    for axis, start, end, step in zip(chosen, starts.ravel(), ends.ravel(), by, strict=True):
        size = x.shape[axis]
        first, last = int(start), int(end)
        if step < 0:  # before the first element there is no index: None
            last += size if last < 0 else 0
            index[axis] = slice(first, None if last < 0 else last, step)
        else:
            index[axis] = slice(first, last, step)
    return x[tuple(index)]


_BROADCAST = ("Add", "Div", "Mul", "Sub")
_OPERATORS: dict[str, Callable[..., Array]] = {
    "Add": _alike(np.add),
    "Cast": _cast,
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Div": _divide,
    "Gather": _gather,
    "Identity": lambda node, x: x,
    "Mul": _alike(np.multiply),
    "Neg": lambda node, x: np.negative(x),
    "Reshape": _reshape,
    "Shape": lambda node, x: np.array(x.shape, np.int64),
    "Slice": _slice,
    "Sqrt": lambda node, x: np.sqrt(x),
    "Squeeze": _squeeze,
    "Sub": _alike(np.subtract),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}

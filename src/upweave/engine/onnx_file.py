"""From an ONNX file to a `Graph`. A model file is data from anywhere: everything is checked."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, numpy_helper

from upweave.engine.errors import ModelError
from upweave.engine.fusion import fuse
from upweave.engine.graph import Activate, Add, Convolve, Graph, Operation, Pad
from upweave.engine.onnx_geometry import check_repeats, layer_geometry, runnable
from upweave.engine.onnx_node import Node
from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.ops.geometry import Geometry

Array = npt.NDArray[Any]

OPSETS = range(13, 25)
_MAX_BYTES = 1 << 30  # of a model file
_BYTES: dict[int, int] = {
    TensorProto.FLOAT: 4,
    TensorProto.INT32: 4,
    TensorProto.INT64: 8,
    TensorProto.DOUBLE: 8,
}
_MALFORMED = (ArithmeticError, LookupError, MemoryError, TypeError, ValueError)
"""What attributes of wrong types and values raise on their way into a layer."""
_MOST_CHANNELS = 1 << 16
_MOST_SHUFFLED = 1 << 12  # channels: a shuffle is a layer with a weight for each pair of them


def read_graph(path: str | Path) -> Graph:
    """Read a model of one input and one output, both (N, C, H, W) float32.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelError
        Where the file is no ONNX model, or holds what the engine does not run.
    """
    path = Path(path)
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise ModelError(f"{path} has {size} bytes; the engine reads models up to {_MAX_BYTES}")
    try:
        model = onnx.load_from_string(path.read_bytes())
    except Exception as error:  # protobuf raises classes of its own making
        raise ModelError(f"{path} is not an ONNX file") from error
    try:
        return _Reader(model).graph()
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


class _Reader:
    def __init__(self, model: onnx.ModelProto) -> None:
        _check_opset(model)
        self._model = model
        self._constants = {t.name: _constant(t) for t in model.graph.initializer}
        inputs = [i for i in model.graph.input if i.name not in self._constants]
        if len(inputs) != 1 or len(model.graph.output) != 1:
            raise ModelError(
                f"it has {len(inputs)} inputs and {len(model.graph.output)} outputs; the engine "
                "runs models with one of each"
            )
        self._input = inputs[0].name
        self._names = {self._input: self._input}  # of tensors that only have another name
        self._channels = {self._input: _input_channels(inputs[0])}
        self._scales = {self._input: (1, 1)}
        self._operations: list[Operation] = []

    def graph(self) -> Graph:
        for proto in self._model.graph.node:
            self._read(Node(proto))
        output = self._model.graph.output[0].name
        if output not in self._names:
            raise ModelError(f"no node computes the output {output!r}")
        metadata = {entry.key: entry.value for entry in self._model.metadata_props}
        return fuse(
            Graph(
                self._input,
                self._names[output],
                tuple(self._operations),
                self._channels,
                metadata,
            )
        )

    def _read(self, node: Node) -> None:
        readers: dict[str, Callable[[Node], Operation | None]] = {
            "Conv": self._conv,
            "ConvTranspose": self._conv_transpose,
            "PRelu": self._prelu,
            "Relu": self._relu,
            "Add": self._add,
            "Pad": self._pad,
            "DepthToSpace": self._depth_to_space,
            "Resize": self._resize,
            "Identity": self._identity,
            "Constant": self._constant_node,
        }
        kind = node.proto.op_type
        if node.proto.domain not in ("", "ai.onnx") or kind not in readers:
            domain = f"{node.proto.domain}." if node.proto.domain else ""
            raise ModelError(
                f"{node}: the engine has no {domain}{kind}; it runs {', '.join(sorted(readers))}"
            )
        if len(node.proto.output) != 1:
            raise ModelError(f"{node} has {len(node.proto.output)} outputs; expected one")
        output = node.proto.output[0]
        if output in self._names or output in self._constants:
            raise ModelError(f"{node} computes {output!r}, which is there already")
        try:
            operation = readers[kind](node)
        except ModelError:
            raise
        except _MALFORMED as error:
            raise ModelError(f"{node} cannot be read: {error}") from error
        if operation is not None:
            self._names[output] = output
            self._operations.append(operation)
            rows, columns = self._scales[operation.inputs[0]]
            self._scales[output] = rows * operation.stride[0], columns * operation.stride[1]

    def _tensor(self, node: Node, index: int) -> str:
        if not node.has(index):
            raise ModelError(f"{node} has no input {index}")
        name = node.proto.input[index]
        if name in self._constants:
            raise ModelError(f"{node}: input {index} is a constant; expected a computed tensor")
        if name not in self._names:
            raise ModelError(f"{node} reads {name!r}, which no node before it computes")
        return str(self._names[name])

    def _value(self, node: Node, index: int, what: str) -> Array:
        if not node.has(index):
            raise ModelError(f"{node}: {what} are missing")
        name = node.proto.input[index]
        if name not in self._constants:
            raise ModelError(f"{node}: {what} are computed; the engine needs a constant")
        return self._constants[name]

    def _floats(self, node: Node, index: int, what: str) -> Floats:
        value = self._value(node, index, what)
        if value.dtype != np.float32:
            raise ModelError(f"{node}: {what} are {value.dtype}; the engine computes in float32")
        return np.ascontiguousarray(value)

    def _conv(self, node: Node) -> Operation:
        return self._layer(node, transposed=False)

    def _conv_transpose(self, node: Node) -> Operation:
        return self._layer(node, transposed=True)

    def _layer(self, node: Node, *, transposed: bool) -> Operation:
        x = self._tensor(node, 0)
        w = self._floats(node, 1, "the weights")
        if w.ndim != 4 or w.size == 0:
            raise ModelError(
                f"{node}: the weights have shape {w.shape}; the engine runs 2-D layers, four axes"
            )
        groups = int(node.attributes.get("group", 1))
        inputs, outputs = (w.shape[0], w.shape[1] * groups) if transposed else w.shape[1::-1]
        if not transposed:
            inputs *= groups
        if groups < 1 or inputs % groups or outputs % groups or inputs != self._channels[x]:
            raise ModelError(
                f"{node}: weights {w.shape} in {groups} groups do not fit {self._channels[x]} "
                "input channels"
            )
        bias = self._floats(node, 2, "the biases") if node.has(2) else None
        if bias is not None and bias.shape != (outputs,):
            raise ModelError(f"{node}: the bias has shape {bias.shape}; expected ({outputs},)")
        geometry = layer_geometry(node, w.shape[2:], transposed=transposed)
        return self._convolve(node, x, w, bias, geometry, groups, transposed=transposed)

    def _convolve(
        self,
        node: Node,
        x: str,
        w: Floats,
        bias: Floats | None,
        geometry: Geometry,
        groups: int,
        *,
        transposed: bool,
    ) -> Convolve:
        make = Layer.transposed if transposed else Layer.convolution
        layer = make(w, bias, geometry, groups)
        y = node.proto.output[0]
        self._channels[y] = layer.out_channels
        return Convolve(x, y, layer, geometry, transposed)

    def _prelu(self, node: Node) -> Operation:
        x = self._tensor(node, 0)
        slopes = self._floats(node, 1, "the slopes")
        channels = self._channels[x]
        full = (1,) * (4 - slopes.ndim) + slopes.shape
        if full not in ((1, 1, 1, 1), (1, channels, 1, 1)):
            raise ModelError(
                f"{node}: slopes of shape {slopes.shape} are not one a channel ({channels}, 1, 1)"
            )
        return self._activation(node, x, np.broadcast_to(slopes.ravel(), (channels,)))

    def _relu(self, node: Node) -> Operation:
        x = self._tensor(node, 0)
        return self._activation(node, x, np.zeros(self._channels[x], np.float32))

    def _activation(self, node: Node, x: str, slopes: Floats) -> Operation:
        y = node.proto.output[0]
        self._channels[y] = self._channels[x]
        return Activate(x, y, np.ascontiguousarray(slopes))

    def _add(self, node: Node) -> Operation:
        a, b = self._tensor(node, 0), self._tensor(node, 1)
        for what, of in (("channels", self._channels), ("scales", self._scales)):
            if of[a] != of[b]:
                raise ModelError(f"{node}: its terms have {what} {of[a]} and {of[b]}")
        y = node.proto.output[0]
        self._channels[y] = self._channels[a]
        return Add(a, b, y)

    def _pad(self, node: Node) -> Operation:
        x = self._tensor(node, 0)
        mode = node.text("mode", "constant")
        if mode not in ("constant", "edge", "reflect"):
            raise ModelError(f"{node}: mode {mode!r}; the engine pads constant, edge and reflect")
        given = self._value(node, 1, "the pads")
        if given.dtype != np.int64:
            raise ModelError(f"{node}: the pads are {given.dtype}; expected int64")
        pads = [int(p) for p in given.ravel()]
        axes = [0, 1, 2, 3]
        if node.has(3):
            axes = [int(a) % 4 for a in self._value(node, 3, "the axes")]
        if len(pads) != 2 * len(axes):
            raise ModelError(f"{node}: {len(pads)} pads for {len(axes)} axes")
        pairs = dict(zip(axes, zip(pads[: len(axes)], pads[len(axes) :], strict=True), strict=True))
        if pairs.get(0, (0, 0)) != (0, 0) or pairs.get(1, (0, 0)) != (0, 0):
            raise ModelError(f"{node} pads the batch or the channels; the engine pads planes")
        value = float(np.ravel(self._value(node, 2, "the constants"))[0]) if node.has(2) else 0.0
        y = node.proto.output[0]
        self._channels[y] = self._channels[x]
        planes = pairs.get(2, (0, 0)), pairs.get(3, (0, 0))
        if mode != "constant" and min(map(min, planes)) < 0:
            raise ModelError(f"{node}: negative pads {planes} with mode {mode!r}")
        return Pad(x, y, planes, mode, value)

    def _depth_to_space(self, node: Node) -> Operation:
        x = self._tensor(node, 0)
        s = int(node.attributes.get("blocksize", 0))
        mode, held = node.text("mode", "DCR"), self._channels[x]
        if s < 1 or held % (s * s) or held > _MOST_SHUFFLED or mode not in ("DCR", "CRD"):
            raise ModelError(
                f"{node}: blocksize {s}, mode {mode!r} for {held} channels; the engine shuffles up "
                f"to {_MOST_SHUFFLED} channels, a multiple of blocksize squared"
            )
        channels, geometry = held // (s * s), runnable(node, Geometry((s, s), s))
        # one weight an input channel: where in the s x s block of which output channel it goes
        blocks = np.eye(held, dtype=np.float32)
        if mode == "DCR":
            w = blocks.reshape(-1, s, s, channels).transpose(0, 3, 1, 2)
        else:
            w = blocks.reshape(-1, channels, s, s)
        return self._convolve(node, x, w, None, geometry, 1, transposed=True)

    def _resize(self, node: Node) -> Operation:
        x = self._tensor(node, 0)
        if not node.has(2):
            raise ModelError(f"{node} gives sizes; the engine resizes by whole factors (scales)")
        scales = [float(v) for v in np.ravel(self._value(node, 2, "the scales"))]
        axes = [int(a) % 4 for a in node.attributes.get("axes", range(len(scales)))]
        by_axis = dict(zip(axes, scales, strict=False))
        factors = [by_axis.get(axis, 1.0) for axis in range(4)]
        whole = all(f >= 1 and f.is_integer() for f in factors)
        if node.text("mode", "nearest") != "nearest" or not whole or factors[:2] != [1, 1]:
            raise ModelError(f"{node}: the engine resizes planes by nearest with whole factors")
        sizes = int(factors[2]), int(factors[3])
        geometry = runnable(node, Geometry(sizes, sizes))
        for s in sizes:
            check_repeats(node, s)
        channels = self._channels[x]
        w = np.ones((channels, 1, *sizes), np.float32)
        return self._convolve(node, x, w, None, geometry, channels, transposed=True)

    def _identity(self, node: Node) -> None:
        if node.proto.input[0] in self._constants:
            self._constants[node.proto.output[0]] = self._constants[node.proto.input[0]]
        else:
            self._names[node.proto.output[0]] = self._tensor(node, 0)

    def _constant_node(self, node: Node) -> None:
        if "value" not in node.attributes:
            raise ModelError(f"{node}: the engine reads constants that are tensors")
        self._constants[node.proto.output[0]] = _constant(node.attributes["value"])


def _check_opset(model: onnx.ModelProto) -> None:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise ModelError(
            f"its opset is {versions or 'not given'}; the engine reads {OPSETS.start} to "
            f"{OPSETS.stop - 1}"
        )


def _constant(tensor: onnx.TensorProto) -> Array:
    """Return a tensor of the file as an array, once its size has been checked."""
    if tensor.data_location == TensorProto.EXTERNAL:
        raise ModelError(f"the data of {tensor.name!r} are in another file; put them in this one")
    if tensor.data_type not in _BYTES:
        raise ModelError(
            f"{tensor.name!r} has data type {tensor.data_type}; the engine reads FLOAT "
            f"({TensorProto.FLOAT}) and INT64 ({TensorProto.INT64})"
        )
    count = math.prod(tensor.dims)
    size = _BYTES[tensor.data_type]
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
            f"{tensor.name!r} has shape {tuple(tensor.dims)}, which takes {count} values, but "
            f"holds {held}"
        )
    return numpy_helper.to_array(tensor)


def _input_channels(value: onnx.ValueInfoProto) -> int:
    kind = value.type.tensor_type
    shape = [d.dim_value if d.HasField("dim_value") else 0 for d in kind.shape.dim]
    if (
        kind.elem_type != TensorProto.FLOAT
        or len(shape) != 4
        or not 1 <= shape[1] <= _MOST_CHANNELS
    ):
        raise ModelError(
            f"input {value.name!r} is not float32 (N, C, H, W) with a fixed number of channels, at "
            f"most {_MOST_CHANNELS}"
        )
    return int(shape[1])

"""From an ONNX file to a `Graph`. A model file is data from anywhere: everything is checked."""

from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import Message
from onnx import TensorProto

from upweave.engine import onnx_elementwise, onnx_layers
from upweave.engine.errors import ModelError, NotRunError, one_line, shown
from upweave.engine.fusion import fuse
from upweave.engine.graph import Graph
from upweave.engine.onnx_constants import Folder, array_of
from upweave.engine.onnx_node import Node
from upweave.engine.onnx_tensors import MOST_CHANNELS, Tensors

OPSETS = range(13, 25)
_MAX_BYTES = 1 << 30  # of a model file
_MAX_NODES = 10_000
_MAX_OPERATIONS = 2048  # those of nodes that are no constants
_MALFORMED = (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError)
"""What attributes and constants of wrong types, or left out, raise on their way into a layer."""
_OPERATORS = onnx_layers.OPERATORS | onnx_elementwise.OPERATORS


@dataclass(frozen=True)
class Model:
    """A model file, as it stands.

    Attributes
    ----------
    nodes : tuple of Node
    tensors : Tensors
        What the nodes compute.
    graph : Graph
        Nothing in it is joined: the result of each node that computes anything anew is a tensor of
        the same name.
    """

    nodes: tuple[Node, ...]
    tensors: Tensors
    graph: Graph


def read_graph(path: str | Path) -> Graph:
    """Read a model of one input and one output, both (N, C, H, W) float32, to run it.

    Raises
    ------
    FileNotFoundError, ModelError
        As `read_model`.
    """
    return fuse(read_model(path).graph)


def read_model(path: str | Path) -> Model:
    """Read a model of one input and one output, both (N, C, H, W) float32.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ModelError
        Where the file is no ONNX model, or (`NotRunError`) holds what the engine does not run.
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
        return _model(model)
    except ModelError as error:
        raise NotRunError(f"{path}: {one_line(error)}") from error


def _model(model: onnx.ModelProto) -> Model:
    _check_texts(model)
    _check_opset(model)
    constants = {tensor.name: array_of(tensor) for tensor in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in constants]
    if len(inputs) != 1 or len(model.graph.output) != 1:
        raise ModelError(
            f"it has {len(inputs)} inputs and {len(model.graph.output)} outputs; the engine "
            "runs models with one of each"
        )
    if len(model.graph.node) > _MAX_NODES:
        raise ModelError(
            f"it has {len(model.graph.node)} nodes; the engine reads up to {_MAX_NODES}"
        )
    name = inputs[0].name
    tensors = Tensors(name, _input_channels(inputs[0]), constants)
    folder = Folder(sum(value.size for value in constants.values()))
    nodes = tuple(map(Node, model.graph.node))
    for node in nodes:
        _read(node, tensors, folder)
        if len(tensors.operations) > _MAX_OPERATIONS:
            raise ModelError(
                f"it has more than the {_MAX_OPERATIONS} operations that the engine runs"
            )
    output = tensors.resolve(model.graph.output[0].name)
    if output is None:
        raise ModelError(f"no node computes the output {shown(model.graph.output[0].name)}")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    graph = Graph(name, output, tuple(tensors.operations), tensors.channels, metadata)
    return Model(nodes, tensors, graph)


def _read(node: Node, tensors: Tensors, folder: Folder) -> None:
    count = len(node.proto.input)
    constant = all(tensors.is_constant(node, n) for n in range(count) if node.has(n))
    folds = constant and folder.folds(node)
    if not folds and node.kind not in _OPERATORS:
        raise ModelError(
            f"{node}: the engine has no {node.kind}; it runs {', '.join(sorted(_OPERATORS))}"
        )
    if len(node.proto.output) != 1:
        raise ModelError(f"{node} has {len(node.proto.output)} outputs; expected one")
    output = node.proto.output[0]
    if tensors.known(output):
        raise ModelError(f"{node} computes {shown(output)}, which is there already")
    try:
        if folds:
            inputs = [tensors.constants[name] if name else None for name in node.proto.input]
            tensors.constants[output] = folder.result(node, inputs)
        else:
            _OPERATORS[node.kind](tensors, node)
    except ModelError:
        raise
    except _MALFORMED as error:
        raise ModelError(f"{node} cannot be read: {one_line(error)}") from error


def _check_texts(message: Message) -> None:
    """Refuse a name or other text that is no UTF-8: protobuf gives it as bytes."""
    for field, value in message.ListFields():
        values = [value] if isinstance(value, str | bytes | Message) else value
        if field.type == field.TYPE_MESSAGE:
            for inner in values:
                _check_texts(inner)
        elif field.type == field.TYPE_STRING and not all(isinstance(text, str) for text in values):
            raise ModelError(f"a {field.name} of a {message.DESCRIPTOR.name} is no UTF-8 text")


def _check_opset(model: onnx.ModelProto) -> None:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise ModelError(
            f"its opset is {versions or 'not given'}; the engine reads {OPSETS.start} to "
            f"{OPSETS.stop - 1}"
        )


def _input_channels(value: onnx.ValueInfoProto) -> int:
    kind = value.type.tensor_type
    shape = [d.dim_value if d.HasField("dim_value") else 0 for d in kind.shape.dim]
    if kind.elem_type != TensorProto.FLOAT or len(shape) != 4 or not 1 <= shape[1] <= MOST_CHANNELS:
        raise ModelError(
            f"input {shown(value.name)} is not float32 (N, C, H, W) with a fixed number of "
            f"channels, at most {MOST_CHANNELS}"
        )
    return int(shape[1])

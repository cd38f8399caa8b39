"""Nodes of ONNX files that compute pixel by pixel, put channels together, or pad."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from onnx import TensorProto

from upweave.engine.errors import ModelError, shown
from upweave.engine.graph import Activate, Affine, Combine, Gather, Pad, Run
from upweave.engine.onnx_node import Node
from upweave.engine.onnx_tensors import Tensors
from upweave.kernels.layer import Activation

_MOST_PADS = 1 << 12  # pixels on a side


def _activation(tensors: Tensors, node: Node, x: str, activation: Activation) -> None:
    tensors.add(Activate(x, node.proto.output[0], activation), tensors.channels[x])


def _prelu(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    slopes = tensors.a_channel(node, 1, "slopes", tensors.channels[x])
    _activation(tensors, node, x, Activation("prelu", slopes))


def _leaky_relu(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    slope = float(node.attributes.get("alpha", 0.01))
    slopes = np.full(tensors.channels[x], slope, np.float32)
    _activation(tensors, node, x, Activation("prelu", slopes))


def _clip(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    limits = [-math.inf, math.inf]
    for index in (1, 2):
        if node.has(index):
            value = tensors.floats(node, index, "the limits")
            if value.size != 1:
                raise ModelError(f"{node}: a limit of shape {value.shape}; expected one value")
            limits[index - 1] = float(value.ravel()[0])
    _activation(tensors, node, x, Activation("clip", limits=(limits[0], limits[1])))


def _simple(kind: str, tensors: Tensors, node: Node) -> None:
    _activation(tensors, node, tensors.computed(node, 0), Activation(kind))


def _combine(kind: str, tensors: Tensors, node: Node) -> None:
    """Read a sum, difference or product of two tensors, or of one and a constant."""
    constant = [tensors.is_constant(node, index) for index in (0, 1)]
    if any(constant):
        _combine_constant(kind, tensors, node, constant.index(True))
        return
    a, b = tensors.computed(node, 0), tensors.computed(node, 1)
    tensors.check_alike(node, [a, b])
    channels = tensors.channels[a], tensors.channels[b]
    if channels[0] != channels[1] and min(channels) != 1:
        raise ModelError(f"{node}: its terms have channels {channels[0]} and {channels[1]}")
    tensors.add(Combine(kind, a, b, node.proto.output[0]), max(channels))


def _combine_constant(kind: str, tensors: Tensors, node: Node, index: int) -> None:
    """Read ``x + c``, ``x - c``, ``c - x`` or ``x * c``; the constant is the input `index`."""
    x = tensors.computed(node, 1 - index)
    channels = tensors.channels[x]
    c = tensors.a_channel(node, index, "constants", channels)
    ones, nothing = np.ones_like(c), np.full_like(c, -0.0)  # -0 + z is z for every z
    if kind == "multiply":
        factors = c, nothing
    elif kind == "add":
        factors = ones, c
    else:
        factors = (ones, -c) if index == 1 else (-ones, c)
    tensors.add(Affine(x, node.proto.output[0], np.stack(factors)), channels)


def _concat(tensors: Tensors, node: Node) -> None:
    axis = int(node.attributes.get("axis", 0))
    if axis not in (1, -3):
        raise ModelError(f"{node}: axis {axis}; the engine concatenates channels (axis 1)")
    names = [tensors.computed(node, index) for index in range(len(node.proto.input))]
    if not names:
        raise ModelError(f"{node} has no inputs")
    tensors.check_alike(node, names)
    runs, place = [], 0
    for name in names:
        count = tensors.channels[name]
        runs.append(Run(name, 0, count, place))
        place += count
    tensors.add(Gather(tuple(runs), node.proto.output[0]), place)


def _pad(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    mode = node.text("mode", "constant")
    if mode not in ("constant", "edge", "reflect"):
        raise ModelError(f"{node}: mode {shown(mode)}; the engine pads constant, edge and reflect")
    given = tensors.constant(node, 1, "the pads")
    if given.dtype != np.int64:
        raise ModelError(f"{node}: the pads are {given.dtype}; expected int64")
    pads = [int(p) for p in given.ravel()]
    axes = [0, 1, 2, 3]
    if node.has(3):
        axes = [int(a) % 4 for a in tensors.constant(node, 3, "the axes").ravel()]
    if len(pads) != 2 * len(axes):
        raise ModelError(f"{node}: {len(pads)} pads for {len(axes)} axes")
    pairs = dict(zip(axes, zip(pads[: len(axes)], pads[len(axes) :], strict=True), strict=True))
    if pairs.get(0, (0, 0)) != (0, 0) or pairs.get(1, (0, 0)) != (0, 0):
        raise ModelError(f"{node} pads the batch or the channels; the engine pads planes")
    value = float(np.ravel(tensors.constant(node, 2, "the constants"))[0]) if node.has(2) else 0.0
    planes = pairs.get(2, (0, 0)), pairs.get(3, (0, 0))
    if mode != "constant" and min(map(min, planes)) < 0:
        raise ModelError(f"{node}: negative pads {planes} with mode {shown(mode)}")
    if max(map(max, planes)) > _MOST_PADS:
        raise ModelError(f"{node}: pads {planes}; the engine pads up to {_MOST_PADS} a side")
    tensors.add(Pad(x, node.proto.output[0], planes, mode, value), tensors.channels[x])


def _identity(tensors: Tensors, node: Node) -> None:
    tensors.same(node)


def _cast(tensors: Tensors, node: Node) -> None:
    tensors.computed(node, 0)
    to = int(node.attributes.get("to", 0))
    if to != TensorProto.FLOAT:
        raise ModelError(
            f"{node} casts to data type {to}; the engine computes in FLOAT ({TensorProto.FLOAT})"
        )
    tensors.same(node)


OPERATORS: dict[str, Callable[[Tensors, Node], None]] = {
    "Add": partial(_combine, "add"),
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Identity": _identity,
    "LeakyRelu": _leaky_relu,
    "Mul": partial(_combine, "multiply"),
    "PRelu": _prelu,
    "Pad": _pad,
    "Relu": partial(_simple, "relu"),
    "Sigmoid": partial(_simple, "sigmoid"),
    "Sub": partial(_combine, "subtract"),
    "Tanh": partial(_simple, "tanh"),
}

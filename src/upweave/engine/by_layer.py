"""A graph run layer by layer by the definitions: what the tiles must equal, and slow.

It serves where kernels cannot run, and tests.
"""

import numpy as np

from upweave.engine.graph import (
    Affine,
    Combine,
    Convolve,
    Gather,
    Graph,
    Operation,
    Pad,
)
from upweave.kernels.instructions import FILL, Floats
from upweave.kernels.layer import Activation
from upweave.ops import reference

_COMBINE = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply}


def run_by_layer(graph: Graph, x: Floats) -> Floats:
    """Return the output for `x` of shape (N, C, H, W), float32."""
    tensors = {graph.input: x}
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for operation in graph.operations:
            result = _run(operation, [tensors[name] for name in operation.inputs])
            adds = isinstance(operation, Convolve) and operation.layer.accumulate
            tensors[operation.y] = result + tensors[operation.y] if adds else result
    return tensors[graph.output]


def _run(operation: Operation, inputs: list[Floats]) -> Floats:
    if isinstance(operation, Convolve):
        return _convolve(operation, inputs[0])
    if isinstance(operation, Pad):
        return _pad(operation, inputs[0])
    if isinstance(operation, Gather):
        return _gather(operation, inputs)
    if isinstance(operation, Combine):
        combined: Floats = _COMBINE[operation.kind](*inputs)
        return combined
    if isinstance(operation, Affine):
        scale, shift = operation.factors[0, :, None, None], operation.factors[1, :, None, None]
        return inputs[0] * scale + shift
    return _activate(inputs[0], operation.activation)


def _convolve(operation: Convolve, x: Floats) -> Floats:
    g, layer = operation.geometry, operation.layer
    if operation.transposed:
        w = layer.weights.reshape(layer.in_channels, -1, *g.kernel)
        y = reference.phases(
            x,
            w,
            stride=g.stride,
            padding=g.padding,
            output_padding=g.output_padding,
            dilation=g.dilation,
            groups=layer.groups,
        )
    else:
        w = layer.weights.swapaxes(1, 2).reshape(layer.out_channels, -1, *g.kernel)
        y = reference.conv(
            x, w, stride=g.stride, padding=g.padding, dilation=g.dilation, groups=layer.groups
        )
    rows = [layer.rows.position(o)[1] for o in range(y.shape[2])]
    columns = [layer.columns.position(o)[1] for o in range(y.shape[3])]
    return _activate(y + layer.bias[:, rows][:, :, columns], layer.activation)


def _activate(x: Floats, activation: Activation) -> Floats:
    if activation.kind == "none":
        return x
    if activation.kind == "clip":
        low, high = (np.float32(limit) for limit in activation.limits)
        return np.minimum(np.maximum(x, low), high)
    if activation.kind == "sigmoid":
        small = np.exp(-np.abs(x))
        result: Floats = np.where(x < 0, small, np.float32(1)) / (1 + small)
        return result
    if activation.kind == "tanh":
        return np.tanh(x)
    if activation.slopes is None:
        return np.where(x < 0, np.float32(0), x)
    return np.where(x < 0, x * activation.slopes[:, None, None], x)


def _gather(operation: Gather, inputs: list[Floats]) -> Floats:
    n, _, height, width = inputs[0].shape
    channels = sum(run.count for run in operation.runs)
    y = np.empty((n, channels, height, width), inputs[0].dtype)
    tensors = dict(zip(operation.inputs, inputs, strict=True))
    for run in operation.runs:
        for n in range(run.count):
            y[:, run.place + n * run.step] = tensors[run.x][:, run.first + n]
    return y


def _pad(operation: Pad, x: Floats) -> Floats:
    for axis in (0, 1):
        size = x.shape[2 + axis]
        wanted = 0, size + sum(operation.around(axis, size))
        sources = operation.sources(axis, size, wanted)
        x = np.take(x, sources, axis=2 + axis)
        np.moveaxis(x, 2 + axis, 0)[sources == FILL] = operation.value
    return x

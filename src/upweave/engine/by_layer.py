"""A graph run layer by layer by the definitions: what the tiles must equal, and slow.

It serves where kernels cannot run, and tests.
"""

import numpy as np

from upweave.engine.graph import Add, Convolve, Graph, Operation, Pad
from upweave.kernels.instructions import FILL, Floats
from upweave.ops import reference


def run_by_layer(graph: Graph, x: Floats) -> Floats:
    """Return the output for `x` of shape (N, C, H, W), float32."""
    tensors = {graph.input: x}
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
    if isinstance(operation, Add):
        return inputs[0] + inputs[1]
    return _activate(inputs[0], operation.slopes)


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
        y = reference.conv(x, w, padding=g.padding, dilation=g.dilation, groups=layer.groups)
    rows = [layer.rows.position(o)[1] for o in range(y.shape[2])]
    columns = [layer.columns.position(o)[1] for o in range(y.shape[3])]
    y = y + layer.bias[:, rows][:, :, columns]
    if layer.activation.kind == "none":
        return y
    slopes = layer.activation.slopes
    return _activate(y, np.zeros(layer.out_channels, np.float32) if slopes is None else slopes)


def _activate(x: Floats, slopes: Floats) -> Floats:
    return np.where(x < 0, x * slopes[:, None, None], x)


def _pad(operation: Pad, x: Floats) -> Floats:
    for axis in (0, 1):
        size = x.shape[2 + axis]
        wanted = 0, size + sum(operation.pads[axis])
        sources = operation.sources(axis, size, wanted)
        x = np.take(x, sources, axis=2 + axis)
        np.moveaxis(x, 2 + axis, 0)[sources == FILL] = operation.value
    return x

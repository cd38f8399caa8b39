"""Makes a graph shorter: what a layer can do on its way out is no operation of its own."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from upweave.engine.graph import (
    Activate,
    Affine,
    Combine,
    Convolve,
    Gather,
    Graph,
    Operation,
    Pad,
    unused,
)
from upweave.kernels.axis_filter import Grid
from upweave.kernels.filter_choice import choose_group
from upweave.kernels.instructions import Floats, Integers
from upweave.kernels.layer import Activation, Layer, why_not
from upweave.ops.geometry import Geometry

_TAKEN_IN = ("relu", "prelu", "clip")
"""Activations of layers."""


def fuse(graph: Graph) -> Graph:
    """Return an equal graph in which layers take in what follows them, shuffles and sums.

    The caller's input is always copied into scratch memory, with margins, before a layer reads it;
    and an output that is the input, or is read again, is copied out.
    """
    operations = needed(graph)
    operations = _join_pads(operations, graph.output)
    operations = _join_layers(operations, graph.output)
    operations = _take_in_sums(operations, graph)
    graph = replace(graph, operations=tuple(_group_rows(operations)))
    return _separate_output(_load_input(graph))


def needed(graph: Graph) -> list[Operation]:
    """Return the operations that the output depends on."""
    wanted, kept = {graph.output}, []
    for op in reversed(graph.operations):
        if op.y in wanted:
            wanted.update(op.inputs)
            kept.append(op)
    return kept[::-1]


def _times_read(operations: list[Operation], output: str) -> dict[str, int]:
    """Return how many times every tensor is read, also by the caller."""
    times: dict[str, int] = defaultdict(int)
    times[output] += 1
    for op in operations:
        for name in op.inputs:
            times[name] += 1
    return times


def _join_pads(operations: list[Operation], output: str) -> list[Operation]:
    """Make one of two paddings by the same, where nothing else reads the first's result."""
    times = _times_read(operations, output)
    by_result: dict[str, Operation] = {}
    for op in operations:
        inner = by_result.get(op.inputs[0])
        if type(op) is type(inner) is Pad and times[inner.y] == 1 and _alike(inner, op):
            del by_result[inner.y]
            rows, columns = (
                (begin + more[0], end + more[1])
                for (begin, end), more in zip(inner.pads, op.pads, strict=True)
            )
            by_result[op.y] = replace(op, x=inner.x, pads=(rows, columns))
        else:
            by_result[op.y] = op
    return list(by_result.values())


def _alike(inner: Pad, outer: Pad) -> bool:
    """Tell whether a padding goes on with what another has begun."""
    grows = min(*inner.pads[0], *inner.pads[1], *outer.pads[0], *outer.pads[1]) >= 0
    same = (inner.mode, inner.value) == (outer.mode, outer.value)
    return grows and same and inner.mode != "reflect"


def _join_layers(operations: list[Operation], output: str) -> list[Operation]:
    """Join every layer with what follows it, where nothing else reads the layer's result."""
    times = _times_read(operations, output)
    by_result: dict[str, Operation] = {}
    for op in operations:
        layer = by_result.get(op.inputs[0])
        joined = None
        if isinstance(layer, Convolve) and times[layer.y] == 1:
            joined = _joined(layer, op)
            if joined is not None:
                del by_result[layer.y]
        by_result[op.y] = joined or op
    return list(by_result.values())


def _joined(layer: Convolve, op: Operation) -> Convolve | None:
    """Return one layer that does what a layer and the operation after it do, or None."""
    plain = layer.layer.activation.kind == "none"
    if isinstance(op, Affine):
        return _scaled(layer, op) if plain else None
    if isinstance(op, Activate):
        fits = plain and op.activation.kind in _TAKEN_IN
        return layer.activated(op.activation, op.y) if fits else None
    if isinstance(op, Gather):
        return _reordered(layer, op)
    if isinstance(op, Convolve):
        return _shuffled(layer, op) if _is_shuffle(op) else None
    return None


def _scaled(layer: Convolve, op: Affine) -> Convolve | None:
    """Return a layer whose weights and biases hold a factor and a term a channel."""
    scale, shift = op.factors.astype(np.float64)
    w = layer.layer.weights
    grouped = scale.reshape(w.shape[0], 1, -1, 1, 1)
    with np.errstate(all="ignore"):  # what does not fit is seen below
        bias = layer.layer.bias * scale[:, None, None] + shift[:, None, None]
        weights, bias = (w * grouped).astype(np.float32), bias.astype(np.float32)
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        return None
    return replace(layer, y=op.y, layer=replace(layer.layer, weights=weights, bias=bias))


def _reordered(layer: Convolve, op: Gather) -> Convolve | None:
    """Return a layer whose output channels are in another order."""
    channels = layer.layer.out_channels
    if layer.layer.groups != 1 or sum(run.count for run in op.runs) != channels:
        return None
    order = _order(op)
    if len({*order.tolist()}) != channels:  # some channels come twice
        return None
    reordered = replace(
        layer.layer,
        weights=np.ascontiguousarray(layer.layer.weights[:, :, order]),
        bias=layer.layer.bias[order],
        activation=_of_channels(layer.layer.activation, order),
    )
    return replace(layer, y=op.y, layer=reordered)


def _order(op: Gather) -> Integers:
    """Return, for every channel of the result, the channel that it comes from."""
    order = np.empty(sum(run.count for run in op.runs), np.int64)
    for run in op.runs:
        steps = np.arange(run.count)
        order[run.place + steps * run.step] = run.first + steps
    return order


def _of_channels(activation: Activation, channels: Integers) -> Activation:
    slopes = activation.slopes
    return activation if slopes is None else replace(activation, slopes=slopes[channels])


def _is_shuffle(op: Convolve) -> bool:
    """Tell whether a layer spreads every s * s channels over the s x s pixels of one."""
    g, layer = op.geometry, op.layer
    s = g.stride[0]
    return (
        op.transposed
        and g.kernel == g.stride == (s, s)
        and g.padding == ((0, 0), (0, 0))
        and g.output_padding == (0, 0)
        and layer.weights.shape[1:3] == (s * s, 1)
        and layer.activation.kind == "none"
        and not layer.bias.any()
        and bool((layer.weights == np.eye(s * s).reshape(-1, 1, s, s)).all())
    )


def _shuffled(first: Convolve, shuffle: Convolve) -> Convolve | None:
    """Make a convolution and the pixel shuffle after it one transposed convolution.

    A k x k convolution to c*s*s channels, shuffled into c channels s times as large, is a
    transposed convolution of kernel k*s and stride s: output phase r has the flipped taps of the
    channel that the shuffle sends there.
    """
    g, s = first.geometry, shuffle.geometry.stride[0]
    activation = _of_blocks(first.layer.activation, s * s)
    plain = not first.transposed and first.layer.groups == 1
    if not plain or g.stride != (1, 1) or g.dilation != (1, 1) or activation is None:
        return None
    kh, kw = g.kernel
    padding = tuple(
        ((k - 1 - begin) * s, (k - 1 - end) * s)
        for k, (begin, end) in zip(g.kernel, g.padding, strict=True)
    )
    geometry = Geometry((kh * s, kw * s), s, padding)
    if why_not(geometry) is not None:
        return None
    flipped: Floats = first.layer.weights[0, :, :, ::-1, ::-1]
    blocks = flipped.reshape(flipped.shape[0], -1, s, s, kh, kw).transpose(0, 1, 4, 2, 5, 3)
    weights = np.ascontiguousarray(blocks).reshape(flipped.shape[0], -1, kh * s, kw * s)
    layer = Layer.transposed(weights, first.layer.bias.reshape(-1, s, s), geometry, 1)
    return Convolve(
        first.x, shuffle.y, replace(layer, activation=activation), geometry, transposed=True
    )


def _of_blocks(activation: Activation, size: int) -> Activation | None:
    """Return an activation for every block of channels, or None where they differ in a block."""
    if activation.slopes is None:
        return activation
    blocks = activation.slopes.reshape(-1, size)
    if (blocks != blocks[:, :1]).any():
        return None
    return replace(activation, slopes=np.ascontiguousarray(blocks[:, 0]))


def _take_in_sums(operations: list[Operation], graph: Graph) -> list[Operation]:
    """Let a layer add its result to the other term of a sum, where nothing else reads the two."""
    times = _times_read(operations, graph.output)
    result: dict[int, Operation] = {}  # by place
    writers: dict[str, list[int]] = {}  # the places of those that write a tensor
    for at, op in enumerate(operations):
        result[at], writers[op.y] = op, [at]
        if not isinstance(op, Combine) or op.kind != "add":
            continue
        alone = all(times[name] == 1 and name in writers for name in op.inputs)
        if not alone or graph.channels[op.a] != graph.channels[op.b]:
            continue
        for adding, base in ((op.b, op.a), (op.a, op.b)):
            layer = result[writers[adding][0]]
            if isinstance(layer, Convolve) and len(writers[adding]) == 1:
                del result[writers[adding][0]]
                result[at] = layer.adding_to(op.y)
                for place in writers[base]:
                    result[place] = replace(result[place], y=op.y)
                writers[op.y] = [*writers[base], at]
                break
    return [result[at] for at in sorted(result)]


def _group_rows(operations: list[Operation]) -> list[Operation]:
    """Compute layers by minimal filters where that is less work.

    All layers that write one tensor have the same groups of rows.
    """
    grids: dict[str, Grid | None] = {}
    result: list[Operation] = []
    for op in operations:
        grouped = replace(op, group=choose_group(op.layer)) if isinstance(op, Convolve) else op
        if isinstance(grouped, Convolve) and grouped.grid is not None:
            fits = grids.setdefault(op.y, grouped.grid) == grouped.grid
            result.append(grouped if fits else op)
        else:
            result.append(op)
    return result


def _load_input(graph: Graph) -> Graph:
    """Copy the caller's array into scratch memory before anything but a `Pad` reads it."""
    if all(isinstance(op, Pad) for op in graph.consumers(graph.input)):
        return graph
    loaded = unused(f"{graph.input} (loaded)", graph.channels)
    operations = [Pad(graph.input, loaded)] + [
        op if isinstance(op, Pad) else op.reading({graph.input: loaded}) for op in graph.operations
    ]
    channels = graph.channels | {loaded: graph.channels[graph.input]}
    return replace(graph, operations=tuple(operations), channels=channels)


def _separate_output(graph: Graph) -> Graph:
    """Copy the output out where it is also read, or is the input itself."""
    if graph.output != graph.input and not graph.consumers(graph.output):
        return graph
    stored = unused(f"{graph.output} (stored)", graph.channels)
    return replace(
        graph,
        output=stored,
        operations=(*graph.operations, Pad(graph.output, stored)),
        channels=graph.channels | {stored: graph.channels[graph.output]},
    )

"""Makes a graph shorter: what a layer can do on its way out is no operation of its own."""

from dataclasses import replace

import numpy as np

from upweave.engine.graph import Activate, Add, Convolve, Graph, Operation, Pad, users
from upweave.kernels.layer import Activation, Layer, why_not
from upweave.ops.geometry import Geometry


def fuse(graph: Graph) -> Graph:
    """Return an equal graph in which layers take in their activations, shuffles and sums.

    The caller's input is always copied into scratch memory, with margins, before a layer reads it;
    and an output that is the input, or is read again, is copied out.
    """
    operations = _needed(graph)
    operations = _fold_shuffles(operations, graph.output)
    operations = _take_in_activations(operations, graph.output)
    operations = _take_in_sums(operations, graph.output)
    graph = replace(graph, operations=tuple(operations))
    return _separate_output(_load_input(graph))


def _needed(graph: Graph) -> list[Operation]:
    """Return the operations that the output depends on."""
    wanted, kept = {graph.output}, []
    for op in reversed(graph.operations):
        if op.y in wanted:
            wanted.update(op.inputs)
            kept.append(op)
    return kept[::-1]


def _sole_user(operations: list[Operation], tensor: str, output: str) -> Operation | None:
    """Return the operation that alone reads a tensor, or None."""
    if tensor == output or users(operations, tensor) != 1:
        return None
    return next(op for op in operations if tensor in op.inputs)


def _fold_shuffles(operations: list[Operation], output: str) -> list[Operation]:
    """Make a convolution and the pixel shuffle after it one transposed convolution.

    A k x k convolution to s*s*c channels, shuffled into c channels s times as large, is a
    transposed convolution of kernel k*s and stride s: output phase r has the flipped taps of the
    channel that the shuffle sends there.
    """
    result = list(operations)
    for first in operations:
        second = _sole_user(result, first.y, output) if isinstance(first, Convolve) else None
        if isinstance(first, Convolve) and isinstance(second, Convolve):
            folded = _folded(first, second)
            if folded is not None:
                result = [folded if op is second else op for op in result if op is not first]
    return result


def _folded(first: Convolve, second: Convolve) -> Convolve | None:
    g, shuffle = first.geometry, second.geometry
    plain = not first.transposed and first.layer.groups == 1 and g.dilation == (1, 1)
    if not (plain and first.layer.activation.kind == "none" and _is_shuffle(second)):
        return None
    (kh, kw), s = g.kernel, shuffle.stride[0]
    w = first.layer.weights[0, :, :, ::-1, ::-1]  # (in, s*s*c, kh, kw), flipped
    where = second.layer.weights[0]  # (s*s*c, c, s, s): one 1 an input
    woven = np.einsum("imhw,mcab->ichawb", w, where)
    weights = woven.reshape(w.shape[0], where.shape[1], kh * s, kw * s)
    bias = np.einsum("m,mcab->cab", first.layer.bias[:, 0, 0], where)
    padding = tuple(
        ((k - 1 - begin) * s, (k - 1 - end) * s)
        for k, (begin, end) in zip(g.kernel, g.padding, strict=True)
    )
    geometry = Geometry((kh * s, kw * s), s, padding)
    if why_not(geometry) is not None:
        return None
    layer = Layer.transposed(np.ascontiguousarray(weights), bias, geometry, 1)
    return Convolve(first.x, second.y, layer, geometry, True)


def _is_shuffle(op: Convolve) -> bool:
    """Tell whether a layer moves each input channel to a phase of one output channel."""
    w = op.layer.weights
    return (
        op.transposed
        and op.layer.groups == 1
        and op.geometry.kernel == op.geometry.stride
        and len(set(op.geometry.stride)) == 1
        and op.geometry.padding == ((0, 0), (0, 0))
        and not op.layer.bias.any()
        and bool((w.sum(axis=(2, 3, 4)) == 1).all())
        and np.count_nonzero(w) == w.shape[1]
    )


def _take_in_activations(operations: list[Operation], output: str) -> list[Operation]:
    result = list(operations)
    for op in operations:
        producer = next((p for p in result if p.y == op.inputs[0]), None)
        if (
            isinstance(op, Activate)
            and isinstance(producer, Convolve)
            and producer.layer.activation.kind == "none"
            and _sole_user(result, producer.y, output) is op
        ):
            activation = Activation("prelu", op.slopes) if op.slopes.any() else Activation("relu")
            fused = producer.activated(activation, op.y)
            result = [fused if p is producer else p for p in result if p is not op]
    return result


def _take_in_sums(operations: list[Operation], output: str) -> list[Operation]:
    """Let a layer add its result to the other term of a sum, where nothing else reads the two."""
    result = list(operations)
    for op in operations:
        if not isinstance(op, Add) or op.a == op.b:
            continue
        producers = [next((p for p in result if p.y == name), None) for name in (op.a, op.b)]
        alone = [_sole_user(result, name, output) is op for name in (op.a, op.b)]
        if not all(alone) or None in producers:
            continue
        layers = [p for p in producers if isinstance(p, Convolve) and not p.layer.accumulate]
        layers = [p for p in layers if sum(q.y == p.y for q in result) == 1]
        if not layers:
            continue
        adding = layers[-1]
        base = op.a if adding.y == op.b else op.b
        result = [
            adding.adding_to(op.y) if p is op else replace(p, y=op.y) if p.y == base else p
            for p in result
            if p is not adding
        ]
    return result


def _load_input(graph: Graph) -> Graph:
    """Copy the caller's array into scratch memory before anything but a `Pad` reads it."""
    readers = graph.consumers(graph.input)
    if all(isinstance(op, Pad) for op in readers):
        return graph
    loaded = f"{graph.input} (loaded)"
    moved: list[Operation] = [Pad(graph.input, loaded)]
    for op in graph.operations:
        if isinstance(op, Add):
            a, b = (loaded if name == graph.input else name for name in (op.a, op.b))
            moved.append(replace(op, a=a, b=b))
        elif op.inputs == (graph.input,) and not isinstance(op, Pad):
            moved.append(replace(op, x=loaded))
        else:
            moved.append(op)
    channels = graph.channels | {loaded: graph.channels[graph.input]}
    return replace(graph, operations=tuple(moved), channels=channels)


def _separate_output(graph: Graph) -> Graph:
    """Copy the output out where it is also read, or is the input itself."""
    if graph.output != graph.input and not graph.consumers(graph.output):
        return graph
    stored = f"{graph.output} (stored)"
    return replace(
        graph,
        output=stored,
        operations=(*graph.operations, Pad(graph.output, stored)),
        channels=graph.channels | {stored: graph.channels[graph.output]},
    )

"""Nodes of ONNX files that become layers: convolutions, shuffles, what enlarges, what is folded."""

from collections.abc import Callable

import numpy as np

from upweave.engine.errors import ModelError, shown
from upweave.engine.graph import Affine, Convolve, Gather, Pad, Run, SamePad
from upweave.engine.onnx_geometry import SAME, layer_geometry, runnable
from upweave.engine.onnx_node import Node
from upweave.engine.onnx_resizing import resizing
from upweave.engine.onnx_tensors import MOST_CHANNELS, Tensors
from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.ops.geometry import Geometry


def _conv(tensors: Tensors, node: Node) -> None:
    _layer(tensors, node, transposed=False)


def _conv_transpose(tensors: Tensors, node: Node) -> None:
    _layer(tensors, node, transposed=True)


def _layer(tensors: Tensors, node: Node, *, transposed: bool) -> None:
    x = tensors.computed(node, 0)
    w = tensors.floats(node, 1, "the weights")
    if w.ndim != 4 or w.size == 0:
        raise ModelError(
            f"{node}: the weights have shape {w.shape}; the engine runs 2-D layers, four axes"
        )
    groups, held = int(node.attributes.get("group", 1)), tensors.channels[x]
    inputs, outputs = (w.shape[0], w.shape[1] * groups) if transposed else w.shape[1::-1]
    if not transposed:
        inputs *= groups
    if not 1 <= groups <= MOST_CHANNELS or inputs % groups or outputs % groups or inputs != held:
        raise ModelError(
            f"{node}: weights {w.shape} in {groups} groups do not fit {held} input channels"
        )
    bias = tensors.floats(node, 2, "the biases") if node.has(2) else None
    if bias is not None and bias.shape != (outputs,):
        raise ModelError(f"{node}: the bias has shape {bias.shape}; expected ({outputs},)")
    geometry = layer_geometry(node, w.shape[2:], transposed=transposed)
    mode = node.text("auto_pad", "NOTSET")
    if not transposed and mode in SAME and geometry.stride != (1, 1):
        padded = tensors.inner(node, "padded")
        tensors.add(SamePad(x, padded, geometry=geometry, upper=mode == "SAME_UPPER"), held)
        x = padded
    make = Layer.transposed if transposed else Layer.convolution
    layer = make(w, bias, geometry, groups)
    convolve = Convolve(x, node.proto.output[0], layer, geometry, transposed)
    tensors.add(convolve, layer.out_channels)


def _depth_to_space(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    s = int(node.attributes.get("blocksize", 0))
    mode, held = node.text("mode", "DCR"), tensors.channels[x]
    if s < 1 or held % (s * s) or held > MOST_CHANNELS or mode not in ("DCR", "CRD"):
        raise ModelError(
            f"{node}: blocksize {s}, mode {shown(mode)} for {held} channels; the engine shuffles "
            f"up to {MOST_CHANNELS} channels, a multiple of blocksize squared"
        )
    tensors.take_taps(node, held * s * s)
    channels, geometry = held // (s * s), runnable(node, Geometry((s, s), s))
    if mode == "DCR" and min(channels, s) > 1:
        # the channels of a block one after the other, as mode CRD has them
        runs = [Run(x, n * channels, channels, n, s * s) for n in range(s * s)]
        x = tensors.inner(node, "in order")
        tensors.add(Gather(tuple(runs), x), held)
    # one weight an input channel: where in the s x s block it goes
    block = np.eye(s * s, dtype=np.float32).reshape(-1, 1, s, s)
    layer = Layer.transposed(np.tile(block, (channels, 1, 1, 1)), None, geometry, channels)
    tensors.add(Convolve(x, node.proto.output[0], layer, geometry, transposed=True), channels)


def _resize(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    channels = tensors.channels[x]
    rows, columns = resizing(node, _factors(tensors, node))
    taps: Floats = np.outer(rows.taps, columns.taps).astype(np.float32)
    if channels > MOST_CHANNELS:
        raise ModelError(f"{node}: the engine resizes up to {MOST_CHANNELS} channels")
    tensors.take_taps(node, channels * taps.size)
    axes = rows, columns
    geometry = Geometry(taps.shape, [a.scale for a in axes], [a.crop for a in axes])
    if any(rows.halo + columns.halo):
        padded = tensors.inner(node, "padded")
        tensors.add(Pad(x, padded, (rows.halo, columns.halo), "edge"), channels)
        x = padded
    w = np.tile(taps, (channels, 1, 1, 1))
    layer = Layer.transposed(w, None, runnable(node, geometry), channels)
    tensors.add(Convolve(x, node.proto.output[0], layer, geometry, transposed=True), channels)


def _factors(tensors: Tensors, node: Node) -> tuple[int, int]:
    """Return by how much a Resize node enlarges rows and columns."""
    if not node.has(2):
        raise ModelError(f"{node} gives sizes; the engine resizes by whole factors (scales)")
    scales = [float(v) for v in np.ravel(tensors.constant(node, 2, "the scales"))]
    axes = [int(a) % 4 for a in node.attributes.get("axes", range(len(scales)))]
    by_axis = dict(zip(axes, scales, strict=True))
    factors = [by_axis.get(axis, 1.0) for axis in range(4)]
    whole = all(f >= 1 and f.is_integer() for f in factors)
    if not whole or factors[:2] != [1, 1]:
        raise ModelError(
            f"{node}: scales {[by_axis[a] for a in sorted(by_axis)]}; the engine resizes planes by "
            "whole factors"
        )
    geometry = runnable(node, Geometry((1, 1), [int(f) for f in factors[2:]]))
    return geometry.stride[0], geometry.stride[1]


def _batch_normalization(tensors: Tensors, node: Node) -> None:
    x = tensors.computed(node, 0)
    if node.attributes.get("training_mode", 0):
        raise ModelError(f"{node} is in training mode; export the model for inference")
    channels = tensors.channels[x]
    scale, bias, mean, variance = (
        tensors.floats(node, n, what).astype(np.float64)
        for n, what in enumerate(("the scales", "the biases", "the means", "the variances"), 1)
    )
    for value in (scale, bias, mean, variance):
        if value.shape != (channels,):
            raise ModelError(f"{node}: values of shape {value.shape} for {channels} channels")
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(variance + float(node.attributes.get("epsilon", 1e-5)))
        factors = np.stack([factor, bias - mean * factor]).astype(np.float32)
    tensors.add(Affine(x, node.proto.output[0], factors), channels)


OPERATORS: dict[str, Callable[[Tensors, Node], None]] = {
    "BatchNormalization": _batch_normalization,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "DepthToSpace": _depth_to_space,
    "Resize": _resize,
}

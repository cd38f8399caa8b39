"""ONNX models, written node by node or at random, and what ONNX Runtime makes of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from upweave.engine.by_layer import run_by_layer
from upweave.engine.graph import Convolve

MOST_SCALE = 8  # of a random chain, up and down, so that its pictures stay small
MOST_CHANNELS = 100


class Builder:
    """Writes a model of one input and one output; a node reads the result of the one before.

    Parameters
    ----------
    channels : int
        Of the input.
    opset : int

    Attributes
    ----------
    last : str
        The tensor that the next node reads.
    channels : int
        Its channels.
    scale, reduction : int
        How many times as large as the input it is, or as small, at most.
    nodes, constants : list
        Those of the model.
    """

    def __init__(self, channels=1, opset=17):
        self.nodes, self.constants = [], []
        self.last, self.channels, self.scale, self.reduction = "x", channels, 1, 1
        self.inputs = [self.tensor("x", channels)]
        self.opset = [onnx.helper.make_opsetid("", opset)]

    @staticmethod
    def tensor(name, channels=None, kind=onnx.TensorProto.FLOAT):
        """Return the description of a tensor (N, channels, H, W)."""
        return onnx.helper.make_tensor_value_info(
            name, kind, ("N", channels, f"{name}H", f"{name}W")
        )

    def constant(self, value):
        """Add an initializer and return its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind, *inputs, x=None, channels=None, **attributes):
        """Add a node that reads `x` (the last result) and then `inputs`; return its result.

        Inputs are names of tensors, arrays, or None for one that is left out.
        """
        names = [
            name if isinstance(name, str) else "" if name is None else self.constant(name)
            for name in inputs
        ]
        name = f"{kind.lower()}{len(self.nodes)}"
        first = self.last if x is None else x
        self.nodes.append(onnx.helper.make_node(kind, [first, *names], [name], name, **attributes))
        self.last = name
        self.channels = self.channels if channels is None else channels
        return name

    def model(self):
        """Return the model, its output the last result."""
        outputs = [self.tensor(self.last)]
        graph = onnx.helper.make_graph(self.nodes, "chain", self.inputs, outputs, self.constants)
        return onnx.helper.make_model(graph, opset_imports=self.opset, ir_version=8)

    def save(self, folder):
        """Save the model in a folder and return its path."""
        path = Path(folder) / "model.onnx"
        path.write_bytes(self.model().SerializeToString())
        return path

    @property
    def kinds(self):
        """The nodes' operators, to print."""
        return [node.op_type for node in self.nodes]


def by_onnx_runtime(path, x):
    """Return what ONNX Runtime computes, in one thread."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def exactly(net, x):
    """Return a network's result by the definitions in float64."""
    graph = net.graph
    operations = tuple(
        replace(op, layer=_in_float64(op.layer), group=0) if isinstance(op, Convolve) else op
        for op in graph.operations
    )
    result = run_by_layer(replace(graph, operations=operations), x.astype(np.float64))
    assert result.dtype == np.float64
    return result.astype(np.float32)


def _in_float64(layer):
    weights, bias = layer.weights.astype(np.float64), layer.bias.astype(np.float64)
    return replace(layer, weights=weights, bias=bias)


def fitting(graph, size):
    """Return a size that a network takes: this one, or a larger one."""
    while True:
        try:
            graph.sizes(size)
        except ValueError:
            size = size[0] + 1, size[1] + 1
        else:
            return size


def relative_error(got, want):
    """Return the largest difference as a share of the largest value."""
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    return np.abs(got - want).max() / max(np.abs(want).max(), np.finfo(np.float32).tiny)


def random_chain(rng, layers=None):
    """Return the Builder of a random chain of 1 to 6 layers."""
    builder = Builder(int(rng.choice([1, 1, 2, 3, 4])))
    for _ in range(rng.integers(1, 7) if layers is None else layers):
        add_layer = LAYERS[rng.integers(len(LAYERS))]
        add_layer(builder, rng)
        _maybe_activation(builder, rng)
    return builder


def _whole(rng, low, high, count):
    return [int(n) for n in rng.integers(low, high + 1, count)]


def _normal(rng, *shape, terms=1):
    """Return values whose sums of so many have a variance near 1."""
    return (rng.standard_normal(shape) / np.sqrt(terms)).astype(np.float32)


def _biases(rng, channels):
    return [_normal(rng, channels)] if rng.random() < 0.7 else []


def _groups(rng, inputs, outputs):
    return int(rng.choice([g for g in range(1, inputs + 1) if inputs % g == outputs % g == 0]))


def _conv(builder, rng, **options):
    inputs, outputs = builder.channels, int(rng.choice([1, 3, 8, 17, 70]))
    groups = _groups(rng, inputs, outputs) if rng.random() < 0.3 else 1
    kernel = _whole(rng, 1, 9, 2)
    w = _normal(rng, outputs, inputs // groups, *kernel, terms=inputs * np.prod(kernel) / groups)
    options = {"group": groups} | options
    if rng.random() < 0.3:
        options["auto_pad"] = str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    else:
        options["pads"] = _whole(rng, 0, 5, 4)
    if rng.random() < 0.3 and not options.get("auto_pad", "").startswith("SAME"):
        # (ONNX Runtime runs no dilated convolutions with these)
        options["dilations"] = _whole(rng, 1, 3, 2)
    builder.node("Conv", w, *_biases(rng, outputs), channels=outputs, **options)


def _strided_conv(builder, rng):
    stride = _whole(rng, 1, 4, 2)
    if builder.reduction * max(stride) > MOST_SCALE:
        return _conv(builder, rng)
    builder.reduction *= max(stride)
    _conv(builder, rng, strides=stride)


def _conv_transpose(builder, rng):
    stride = _whole(rng, 1, 4, 2)
    if builder.scale * max(stride) > MOST_SCALE:
        return _conv(builder, rng)
    builder.scale *= max(stride)
    inputs = builder.channels
    groups = _groups(rng, inputs, inputs) if rng.random() < 0.3 else 1
    outputs = groups * int(rng.choice([1, 2, 5]))
    kernel = _whole(rng, 1, 9, 2)
    terms = inputs / groups * np.prod(kernel) / np.prod(stride)
    w = _normal(rng, inputs, outputs // groups, *kernel, terms=max(1, terms))
    options = {"group": groups, "strides": stride}
    if rng.random() < 0.2:
        options["auto_pad"] = str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    else:
        options["pads"] = _whole(rng, 0, 3, 4)
        options["output_padding"] = [int(rng.integers(0, s)) for s in stride]
    if rng.random() < 0.3:
        options["dilations"] = _whole(rng, 1, 3, 2)
    builder.node("ConvTranspose", w, *_biases(rng, outputs), channels=outputs, **options)


def _same_conv(builder, rng, outputs, x=None):
    """Add a 3 x 3 or 5 x 5 convolution to an output of its input's size."""
    k = int(rng.choice([3, 5]))
    w = _normal(rng, outputs, builder.channels, k, k, terms=builder.channels * k * k)
    pads = [k // 2] * 4
    return builder.node("Conv", w, *_biases(rng, outputs), x=x, channels=outputs, pads=pads)


def _sum(builder, rng):
    """Add a sum of the tensor, or a layer of it, and another layer of it."""
    skip = builder.last
    first = _same_conv(builder, rng, builder.channels)
    if rng.random() < 0.3:
        _maybe_activation(builder, rng)
        first = builder.last
    second = _same_conv(builder, rng, builder.channels, skip) if rng.random() < 0.3 else skip
    a, b = (first, second) if rng.random() < 0.5 else (second, first)
    builder.node(str(rng.choice(["Add", "Add", "Sub", "Mul"])), b, x=a)


def _gate(builder, rng):
    """Multiply the tensor by a sigmoid of a layer of it, of as many channels or of one."""
    start, channels = builder.last, builder.channels
    _same_conv(builder, rng, int(rng.choice([1, channels])))
    gate = builder.node(str(rng.choice(["Sigmoid", "Tanh"])))
    a, b = (start, gate) if rng.random() < 0.5 else (gate, start)
    builder.node("Mul", b, x=a, channels=channels)


def _concat(builder, rng):
    """Put the tensor, a layer of it and perhaps the tensor again one behind the other."""
    start, channels = builder.last, builder.channels
    outputs = int(rng.integers(1, 6))
    other = _same_conv(builder, rng, outputs)
    if rng.random() < 0.5:
        _maybe_activation(builder, rng)
        other = builder.last
    names = [start, other] if rng.random() < 0.5 else [other, start]
    if rng.random() < 0.3:
        names.append(start)
    total = outputs + channels * (len(names) - 1)
    builder.node("Concat", *names[1:], x=names[0], channels=total, axis=int(rng.choice([1, -3])))
    if total > MOST_CHANNELS:
        _same_conv(builder, rng, 3)


def _constant(builder, rng):
    """Add, subtract or multiply by a constant, from either side."""
    shape = ((), (1,), (builder.channels, 1, 1), (1, builder.channels, 1, 1))[rng.integers(4)]
    value, kind = builder.constant(_normal(rng, *shape)), str(rng.choice(["Add", "Sub", "Mul"]))
    if rng.random() < 0.5:
        builder.node(kind, value)
    else:
        builder.node(kind, builder.last, x=value)


def _batch_normalization(builder, rng):
    scale, bias, mean = (_normal(rng, builder.channels) for _ in range(3))
    variance = rng.uniform(0.1, 2, builder.channels).astype(np.float32)
    if rng.random() < 0.7:
        _same_conv(builder, rng, builder.channels)
    builder.node(
        "BatchNormalization", scale, bias, mean, variance, epsilon=float(rng.uniform(0, 0.1))
    )


def _pad(builder, rng):
    mode = str(rng.choice(["constant", "edge", "reflect"]))
    low = -2 if mode == "constant" else 0
    top, left, bottom, right = _whole(rng, low, 4, 4)
    pads = np.array([0, 0, top, left, 0, 0, bottom, right])
    value = [_normal(rng)] if mode == "constant" and rng.random() < 0.7 else []
    builder.node("Pad", pads, *value, mode=mode)


def _depth_to_space(builder, rng):
    s = int(rng.choice([2, 3]))
    if builder.scale * s > MOST_SCALE:
        return _pad(builder, rng)
    builder.scale *= s
    outputs = int(rng.integers(1, 4))
    _same_conv(builder, rng, outputs * s * s)
    _maybe_activation(builder, rng)
    mode = str(rng.choice(["DCR", "CRD"]))
    builder.node("DepthToSpace", blocksize=s, mode=mode, channels=outputs)


def _resize(builder, rng):
    factors = _whole(rng, 1, 3, 2)
    if builder.scale * max(factors) > MOST_SCALE:
        return _pad(builder, rng)
    builder.scale *= max(factors)
    scales = np.array([1, 1, *factors], np.float32)
    if rng.random() < 0.5:
        mode = str(rng.choice(["linear", "cubic"]))
        how = str(rng.choice(["half_pixel", "pytorch_half_pixel", "asymmetric"]))
        options = {"cubic_coeff_a": -0.5} if mode == "cubic" and rng.random() < 0.5 else {}
        builder.node(
            "Resize", None, scales, mode=mode, coordinate_transformation_mode=how, **options
        )
        return
    how, rounding = (
        ("asymmetric", "floor"),
        ("half_pixel", "round_prefer_floor"),
        ("half_pixel", "round_prefer_ceil"),
        ("pytorch_half_pixel", "round_prefer_floor"),
        ("half_pixel", "floor"),
        ("asymmetric", "ceil"),
    )[rng.integers(6)]
    builder.node(
        "Resize",
        None,
        scales,
        mode="nearest",
        coordinate_transformation_mode=how,
        nearest_mode=rounding,
    )


def _maybe_activation(builder, rng):
    kind = rng.choice(["none", "none", "PRelu", "of one slope", "LeakyRelu", "Clip", *SIMPLE])
    if kind == "PRelu":
        builder.node("PRelu", _normal(rng, builder.channels, 1, 1))
    elif kind == "of one slope":
        builder.node("PRelu", _normal(rng, 1))
    elif kind == "LeakyRelu":
        builder.node("LeakyRelu", alpha=float(rng.normal()))
    elif kind == "Clip":
        low, high = np.sort(_normal(rng, 2))
        builder.node("Clip", *([low, high], [low], [None, high])[rng.integers(3)])
    elif kind != "none":
        builder.node(str(kind))


SIMPLE = ("Relu", "Relu", "Sigmoid", "Tanh", "Identity")
LAYERS = (
    _conv,
    _conv,
    _conv,
    _strided_conv,
    _conv_transpose,
    _conv_transpose,
    _sum,
    _sum,
    _pad,
    _depth_to_space,
    _resize,
    _resize,
    _gate,
    _concat,
    _constant,
    _batch_normalization,
)

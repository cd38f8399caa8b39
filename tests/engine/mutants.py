"""Damaged ONNX files: mutant number n is always the same. `engine.mutant_runs` runs them."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx

import upweave
from engine.chains import Builder, random_chain

INTEGERS = (0, 1, -1, 2, 3, 5, 7, 8, 9, 64, 255, 1000, 4096, 65536, 1 << 20, (1 << 31) - 1)
INTEGERS += (-(1 << 31), 1 << 32, 1 << 40, (1 << 62), (1 << 63) - 1, -(1 << 63))
FLOATS = (0.0, -0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 1e-45, 1e-38, 3e38, 1e5, 1 << 24, np.inf, -np.inf)
FLOATS += (np.nan,)
TEXTS = ("", "x", "\n", "é\x00", "edge", "cubic", "SAME_UPPER", "align_corners", "y" * 5000)
KINDS = ("Conv", "ConvTranspose", "PRelu", "Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh", "Add")
KINDS += ("Sub", "Mul", "Concat", "DepthToSpace", "Resize", "BatchNormalization", "Identity")
KINDS += ("Cast", "Pad", "Constant", "ConstantOfShape", "Shape", "Reshape", "Slice", "Gather")
KINDS += ("Transpose", "Unsqueeze", "Squeeze", "Div", "Neg", "Sqrt", "Loop", "Softmax", "Custom")
ATTRIBUTES = ("strides", "pads", "dilations", "group", "kernel_shape", "auto_pad", "mode", "axis")
ATTRIBUTES += ("output_padding", "output_shape", "blocksize", "alpha", "axes", "to", "epsilon")
ATTRIBUTES += ("coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "value", "perm")
ATTRIBUTES += ("exclude_outside", "antialias", "training_mode", "allowzero")


def originals():
    """Return the sound files that mutants are made from, as bytes."""
    shipped = sorted((Path(upweave.__file__).parent / "models").glob("*.onnx"))
    rng = np.random.default_rng(0)
    builders = [random_chain(rng) for _ in range(40)] + [_padding_of_an_exporter()]
    return [path.read_bytes() for path in shipped] + [
        builder.model().SerializeToString() for builder in builders
    ]


def _padding_of_an_exporter():
    """Return a model whose pads are computed from constants, as PyTorch's exporter writes them."""
    builder = Builder(2)

    def add(kind, name, *inputs, **attributes):
        builder.nodes.append(onnx.helper.make_node(kind, inputs, [name], name, **attributes))

    def constant(*values):
        return builder.constant(np.array(values, np.int64))

    add("Constant", "pads", value_ints=[1, 2, 0, 1])
    add(
        "ConstantOfShape",
        "zeros",
        constant(4),
        value=onnx.numpy_helper.from_array(np.zeros(1, int)),
    )
    add("Concat", "all", "pads", "zeros", axis=0)
    add("Reshape", "pairs", "all", constant(-1, 2))
    backwards = (constant(-1), constant(-(1 << 62)), constant(0), constant(-1))
    add("Slice", "turned", "pairs", *backwards)
    add("Transpose", "ends", "turned", perm=[1, 0])
    add("Reshape", "flat", "ends", constant(-1))
    add("Cast", "cast", "flat", to=onnx.TensorProto.INT64)
    builder.node("Pad", "cast", mode="edge")
    builder.node("Conv", np.ones((3, 2, 3, 3), np.float32))
    builder.node("Mul", np.float32(0.5))
    return builder


def mutant(number, files):
    """Return a damaged file, always the same for a number."""
    rng = np.random.default_rng([number, 1])
    content = files[rng.integers(len(files))]
    if rng.random() < 0.75:
        content = _change_model(rng, content)
    if rng.random() < 0.35:
        for _ in range(_few(rng)):
            content = _pick(rng, BYTES)(rng, content)
    return content


def _pick(rng, choices):
    return choices[rng.integers(len(choices))]


def _few(rng):
    return int(rng.geometric(0.5))


def _span(rng, content):
    start = int(rng.integers(len(content) + 1))
    return start, min(len(content), start + int(rng.choice([1, 2, 8, 100, 5000])))


def _flip(rng, content):
    if not content:
        return content
    at = int(rng.integers(len(content)))
    return content[:at] + bytes([content[at] ^ (1 << int(rng.integers(8)))]) + content[at + 1 :]


def _overwrite(rng, content):
    start, stop = _span(rng, content)
    new = _pick(rng, (rng.bytes(stop - start), b"\xff" * (stop - start), bytes(stop - start)))
    return content[:start] + new + content[stop:]


def _cut(rng, content):
    start, stop = _span(rng, content)
    return content[:start] + (content[stop:] if rng.random() < 0.7 else b"")


def _repeat(rng, content):
    start, stop = _span(rng, content)
    return content[:stop] + content[start:stop] * int(rng.choice([1, 2, 50])) + content[stop:]


def _move(rng, content):
    start, stop = _span(rng, content)
    rest, at = content[:start] + content[stop:], int(rng.integers(len(content) + 1))
    return rest[:at] + content[start:stop] + rest[at:]


BYTES = (_flip, _flip, _flip, _overwrite, _cut, _repeat, _move)


def _change_model(rng, content):
    model = onnx.load_from_string(content)
    for _ in range(_few(rng)):
        # protobuf refuses the value, or the model has nothing to change
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            _pick(rng, CHANGES)(rng, model)
    return model.SerializeToString()


def _dims(rng, model):
    dims = _pick(rng, model.graph.initializer).dims
    way = rng.integers(4)
    if way == 0:
        dims[rng.integers(len(dims))] = _pick(rng, INTEGERS)
    elif way == 1:
        dims.append(_pick(rng, INTEGERS))
    elif way == 2:
        del dims[rng.integers(len(dims))]
    else:
        dims[:] = rng.permutation(list(dims)).tolist()


def _values(rng, model):
    """Put other numbers into a constant."""
    tensor = _pick(rng, model.graph.initializer)
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return
    array = onnx.numpy_helper.to_array(tensor).copy()
    pool = FLOATS if array.dtype.kind == "f" else INTEGERS
    for _ in range(_few(rng)):
        array.reshape(-1)[rng.integers(array.size)] = _pick(rng, pool)
    tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))


def _array(rng, model):
    """Put another array into a constant."""
    tensor = _pick(rng, model.graph.initializer)
    shape = rng.choice([0, 1, 1, 2, 3, 4, 8, 70], int(rng.integers(0, 6)))
    if np.prod(shape) > 1 << 16:
        return
    kind = _pick(rng, (np.float32, np.float64, np.int64, np.int32, np.float16, np.bool_, np.int8))
    values = (4 * rng.standard_normal(shape)).astype(kind)
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))


def _storage(rng, model):
    tensor = _pick(rng, model.graph.initializer)
    way = rng.integers(6)
    if way == 0:
        tensor.data_type = int(rng.integers(-1, 30))
    elif way == 1:
        tensor.raw_data = tensor.raw_data[: int(rng.integers(len(tensor.raw_data) + 1))]
    elif way == 2:
        tensor.raw_data += rng.bytes(int(rng.integers(1, 100)))
    elif way == 3:
        tensor.ClearField("raw_data")
        tensor.float_data.extend([1.0] * int(rng.integers(0, 40)))
    elif way == 4:
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/dev/zero")
    else:
        tensor.segment.begin, tensor.segment.end = 0, _pick(rng, INTEGERS)


def _names(rng, model):
    """Return a name of the model, or one that it lacks."""
    graph = model.graph
    names = [n for node in graph.node for n in (*node.input, *node.output)]
    names += [tensor.name for tensor in graph.initializer] + [graph.input[0].name, *TEXTS]
    return str(_pick(rng, names))


def _inputs(rng, model):
    inputs = _pick(rng, model.graph.node).input
    way = rng.integers(4)
    if way == 0:
        del inputs[rng.integers(len(inputs))]
    elif way == 1:
        inputs.append(_names(rng, model))
    elif way == 2:
        inputs[rng.integers(len(inputs))] = _names(rng, model)
    else:
        inputs[:] = rng.permutation(list(inputs)).tolist()


def _outputs(rng, model):
    outputs = _pick(rng, model.graph.node).output
    way = rng.integers(3)
    if way == 0:
        outputs[0] = _names(rng, model)
    elif way == 1:
        outputs.append(_names(rng, model))
    else:
        del outputs[:]


def _order(rng, model):
    nodes = list(model.graph.node)
    at = int(rng.integers(len(nodes)))
    way = rng.integers(3)
    if way == 0:
        del nodes[at]
    elif way == 1:
        nodes.insert(int(rng.integers(len(nodes))), nodes[at])
    else:
        nodes = [nodes[n] for n in rng.permutation(len(nodes))]
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _chain(rng, model):
    """Put many nodes behind one another, each with the next as its input."""
    graph, count = model.graph, int(rng.choice([10, 200, 1500, 3000]))
    kind = _pick(rng, ("Relu", "Sigmoid", "Identity", "Add", "Clip", "Concat", "Pad", "Like"))
    node, last = _pick(rng, graph.node), model.graph.output[0].name
    for n in range(count):
        new = graph.node.add()
        new.CopyFrom(node)
        if kind != "Like":
            new.op_type = kind
            del new.attribute[:], new.input[:]
            new.input.extend([last] * (2 if kind in ("Add", "Concat") else 1))
        new.input[0], new.output[0] = last, f"{last[:40]}{n}"
        if kind == "Concat":
            new.attribute.append(onnx.helper.make_attribute("axis", 1))
        last = new.output[0]
    graph.output[0].name = last


def _kind(rng, model):
    node = _pick(rng, model.graph.node)
    if rng.random() < 0.8:
        node.op_type = _pick(rng, KINDS)
    else:
        node.domain = _pick(rng, ("com.example", "ai.onnx", "ai.onnx.ml", *TEXTS))


def _attribute(rng, model):
    attributes = _pick(rng, model.graph.node).attribute
    way = rng.integers(5)
    if way == 0:
        del attributes[rng.integers(len(attributes))]
        return
    if way == 1 or not attributes:
        new = onnx.helper.make_attribute(_pick(rng, ATTRIBUTES), _attribute_value(rng))
        attributes.append(new)
        return
    attribute = _pick(rng, attributes)
    if way == 2:
        attribute.type = int(rng.integers(0, 15))
    elif way == 3:
        attribute.CopyFrom(onnx.helper.make_attribute(attribute.name, _attribute_value(rng)))
    elif attribute.ints:
        for _ in range(_few(rng)):
            attribute.ints[rng.integers(len(attribute.ints))] = _pick(rng, INTEGERS)
    else:
        attribute.i, attribute.f = _pick(rng, INTEGERS), _pick(rng, FLOATS)
        attribute.s = _pick(rng, TEXTS).encode()


def _attribute_value(rng):
    way, count = rng.integers(6), int(rng.integers(1, 7))
    if way == 0:
        return _pick(rng, INTEGERS)
    if way == 1:
        return float(_pick(rng, FLOATS))
    if way == 2:
        return _pick(rng, TEXTS)
    if way == 3:
        return [float(_pick(rng, FLOATS)) for _ in range(count)]
    if way == 4:
        return onnx.numpy_helper.from_array(rng.standard_normal((count, 2)).astype(np.float32))
    return [_pick(rng, INTEGERS) for _ in range(count)]


def _ends(rng, model):
    graph = model.graph
    way = rng.integers(6)
    shape = graph.input[0].type.tensor_type.shape
    if way == 0:
        shape.dim[rng.integers(len(shape.dim))].dim_value = _pick(rng, INTEGERS)
    elif way == 1:
        graph.input[0].type.tensor_type.elem_type = int(rng.integers(0, 25))
    elif way == 2:
        graph.input[0].name = _names(rng, model)
    elif way == 3:
        graph.output[0].name = _names(rng, model)
    elif way == 4:
        _pick(rng, (graph.input, graph.output)).add().name = _names(rng, model)
    else:
        del _pick(rng, (graph.input, graph.output, shape.dim))[:]


def _initializers(rng, model):
    tensors = model.graph.initializer
    way = rng.integers(4)
    if way == 0:
        del tensors[rng.integers(len(tensors))]
    elif way == 1:
        tensors.add().CopyFrom(_pick(rng, tensors))
    elif way == 2:
        _pick(rng, tensors).name = _names(rng, model)
    else:
        a, b = _pick(rng, tensors), _pick(rng, tensors)
        a.name, b.name = b.name, a.name


def _rest(rng, model):
    """Change what stands around the graph."""
    way = rng.integers(6)
    if way == 0:
        model.opset_import[0].version = int(rng.integers(-1, 40))
    elif way == 1:
        model.opset_import.add().domain = _pick(rng, ("", "com.example"))
    elif way == 2:
        model.ir_version = _pick(rng, INTEGERS)
    elif way == 3:
        entry = model.metadata_props.add()
        entry.key, entry.value = _pick(rng, ("scale", "colour", *TEXTS)), _pick(rng, TEXTS)
    elif way == 4:
        inner = onnx.helper.make_attribute("body", onnx.helper.make_graph([], "g", [], []))
        _pick(rng, model.graph.node).attribute.append(inner)
    else:
        _pick(rng, model.graph.node).name = _pick(rng, TEXTS)


CHANGES = (_dims, _values, _values, _array, _storage, _inputs, _inputs, _outputs, _order, _chain)
CHANGES += (_kind, _kind, _attribute, _attribute, _attribute, _ends, _initializers, _rest)

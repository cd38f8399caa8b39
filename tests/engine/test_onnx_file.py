import re
import tracemalloc

import numpy as np
import onnx
import pytest

from comparison import assert_equal_exactly
from engine.chains import Builder
from upweave.engine import ModelError, Network

ONE = np.ones((1, 1, 3, 3), np.float32)
SCALES = np.array([1, 1, 2, 2], np.float32)


def refused(path, text):
    """Assert that a file is refused in one line that begins with its name and has this text."""
    with pytest.raises(ModelError) as caught:
        Network.from_onnx(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert re.search(text, message), message


def node(kind, *inputs, channels=1, opset=17, **attributes):
    """Return the Builder of a model of one node."""
    builder = Builder(channels, opset)
    builder.node(kind, *inputs, **attributes)
    return builder


def with_domain():
    builder = node("Relu")
    builder.nodes[0].domain = "com.example"
    builder.opset.append(onnx.helper.make_opsetid("com.example", 1))
    return builder


def with_initializer(change):
    builder = node("Conv", ONE)
    change(builder.constants[0])
    return builder


def external(tensor):
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")


def short(tensor):
    tensor.raw_data = tensor.raw_data[:-4]


def ragged(tensor):
    tensor.raw_data += b"\0"


def larger(tensor):
    tensor.dims[0] = 1 << 40


def negative(tensor):
    tensor.dims[0] = tensor.dims[1] = -1


def half(tensor):
    tensor.CopyFrom(onnx.numpy_helper.from_array(ONE.astype(np.float16), tensor.name))


def of_unknown_type(tensor):
    tensor.data_type = 99


def two_inputs():
    builder = node("Relu")
    builder.inputs.append(builder.tensor("z", 1))
    return builder


def input_of(**shape):
    builder = node("Relu")
    builder.inputs = [builder.tensor("x", **shape)]
    return builder


def computed_twice():
    builder = node("Relu")
    builder.node("Relu")
    builder.nodes[1].output[0] = builder.last = builder.nodes[0].output[0]
    return builder


def nobody_computes():
    builder = node("Relu")
    builder.last = "y"
    return builder


def missing_tensor():
    return node("Add", "ghost")


def later_tensor():
    builder = node("Add", "relu1")
    builder.node("Relu")
    return builder


def different_channels():
    builder = node("Conv", np.ones((3, 2, 1, 1), np.float32), channels=2)
    builder.node("Add", "x")
    return builder


def different_scales():
    builder = node("ConvTranspose", ONE, strides=[2, 2])
    builder.node("Add", "x")
    return builder


def without_a_common_multiple():
    builder = node("Conv", ONE, strides=[31, 1])
    builder.node("Conv", ONE, x="x", strides=[37, 1])
    return builder


def without_a_term():
    builder = node("Relu")
    names = [builder.constant(ONE), ""]
    builder.nodes.insert(0, onnx.helper.make_node("Add", names, ["sum"], "left"))
    return builder


def computed_limit():
    builder = node("Relu")
    builder.node("Clip", "relu0", x="x")
    return builder


def with_a_larger(kind, **attributes):
    builder = node("ConvTranspose", ONE, strides=[2, 2])
    builder.node(kind, "x", **attributes)
    return builder


def computed_weights():
    builder = node("Relu")
    builder.node("Conv", "relu0", x="x")
    return builder


def constant_input():
    builder = node("Relu")
    builder.nodes[0].input[0] = builder.constant(ONE)
    return builder


def two_results():
    builder = node("Relu")
    builder.nodes[0].output.append("more")
    return builder


def nothing_read():
    builder = node("Relu")
    del builder.nodes[0].input[:]
    return builder


def resize(*inputs, **attributes):
    options = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"}
    return node("Resize", None, *inputs, **(options | {"nearest_mode": "floor"} | attributes))


def pad(pads, *more, **attributes):
    return node("Pad", np.array(pads), *more, **attributes)


REFUSED = {
    "unknown operator": (node("Softmax"), r"node 'softmax0' \(Softmax\): the engine has no Soft"),
    "custom domain": (with_domain(), r"'relu0' \(com\.example\.Relu\): the engine has no "),
    "stride 1025 of a convolution": (
        node("Conv", ONE, strides=[1, 1025]),
        r"'conv0' has scale \(1, 1/1025\); tiles would be multiples of 1025 pixels",
    ),
    "strides without a common multiple": (
        without_a_common_multiple(),
        r"'conv1' has scale \(1/37, 1\); tiles would be multiples of 1147 pixels",
    ),
    "stride 0 of a convolution": (node("Conv", ONE, strides=[0, 1]), r"'conv0' .*stride: got 0"),
    "opset 12": (node("Relu", opset=12), r"opset is \[12\]; the engine reads 13 to 24"),
    "opset 25": (node("Relu", opset=25), r"opset is \[25\]; the engine reads 13 to 24"),
    "external data": (with_initializer(external), r"'c0' are in another file"),
    "too few bytes": (with_initializer(short), r"'c0' has shape \(1, 1, 3, 3\).* holds 8"),
    "too many bytes": (with_initializer(ragged), r"'c0' has shape \(1, 1, 3, 3\)"),
    "huge shape": (with_initializer(larger), r"'c0' has shape \(1099511627776, 1, 3, 3\)"),
    "negative shape": (with_initializer(negative), r"'c0' has shape \(-1, -1, 3, 3\)"),
    "half weights": (with_initializer(half), r"'c0' has data type 10;"),
    "double weights": (node("Conv", ONE.astype(float)), r"'conv0' .*the weights are float64"),
    "two inputs": (two_inputs(), r"it has 2 inputs and 1 outputs"),
    "input of any channels": (input_of(channels="C"), r"input 'x' is not float32 \(N, C, H, W\)"),
    "double input": (input_of(channels=1, kind=onnx.TensorProto.DOUBLE), r"input 'x' is not float"),
    "missing tensor": (missing_tensor(), r"'add0' \(Add\) reads 'ghost'"),
    "later tensor": (later_tensor(), r"'add0' \(Add\) reads 'relu1'"),
    "computed twice": (computed_twice(), r"\(Relu\) computes 'relu0', which is there already"),
    "nobody computes": (nobody_computes(), r"no node computes the output 'y'"),
    "wrong channels": (node("Conv", ONE, channels=2), r"'conv0' .*do not fit 2 input channels"),
    "wrong groups": (node("Conv", ONE, group=2), r"'conv0' .*2 groups do not fit 1 input"),
    "no groups": (node("Conv", ONE, group=0), r"'conv0' .*0 groups do not fit"),
    "wrong bias": (node("Conv", ONE, np.ones(2, np.float32)), r"'conv0' .*bias has shape \(2,\)"),
    "1-D weights": (node("Conv", ONE[0]), r"'conv0' .*weights have shape"),
    "other kernel_shape": (
        node("Conv", ONE, kernel_shape=[3, 2]),
        r"'conv0' .*kernel_shape \(3, 2",
    ),
    "short strides": (node("ConvTranspose", ONE, strides=[2]), r"'convtranspose0' .*not 2-D"),
    "stride 0": (node("ConvTranspose", ONE, strides=[0, 1]), r"'convtranspose0' .*stride: got 0"),
    "stride 1025": (
        node("ConvTranspose", ONE, strides=[1025, 1]),
        r"'convtranspose0' .*above 1024",
    ),
    "stride 1000 of few taps": (
        node("ConvTranspose", ONE, strides=[1, 1000]),
        r"'convtranspose0' .*few taps for the stride",
    ),
    "unknown auto_pad": (node("Conv", ONE, auto_pad="SAME"), r"'conv0' .*auto_pad 'SAME'"),
    "fixed output_shape": (
        node("ConvTranspose", ONE, output_shape=[9, 9]),
        r"'convtranspose0' .*fixes output_shape",
    ),
    "computed weights": (computed_weights(), r"'conv1' .*the weights are computed"),
    "a term of constants left out": (without_a_term(), r"'left' \(Add\) cannot be read"),
    "constant input": (constant_input(), r"'relu0' .*input 0 is a constant"),
    "two results": (two_results(), r"'relu0' \(Relu\) has 2 outputs"),
    "sum of other channels": (different_channels(), r"'add1' .*terms have channels 3 and 2"),
    "sum of other scales": (
        different_scales(),
        r"'add1' .*terms have scales \(2, 2\) and \(1, 1\)",
    ),
    "slopes a column": (
        node("PRelu", np.ones(5, np.float32)),
        r"'prelu0' .*slopes of shape \(5,\)",
    ),
    "slopes of pictures": (
        node("PRelu", np.ones((2, 1, 1, 1), np.float32), channels=2),
        r"'prelu0' .*slopes of shape \(2, 1, 1, 1\)",
    ),
    "resize by 1.5": (resize(SCALES * np.float32(1.5)), r"'resize0' .*whole factors"),
    "resize by a half": (resize(np.array([1, 1, 0.5, 1], np.float32)), r"'resize0' .*whole fact"),
    "resize by infinity": (resize(np.array([1, 1, 2, np.inf], np.float32)), r"'resize0' .*whole"),
    "resize by NaN": (resize(np.array([1, 1, np.nan, 2], np.float32)), r"'resize0' .*whole"),
    "resize of channels": (resize(np.array([1, 2, 1, 1], np.float32)), r"'resize0' .*planes"),
    "resize to sizes": (resize(None, np.array([1, 1, 9, 9])), r"'resize0' .*gives sizes"),
    "resize align_corners": (
        resize(SCALES, coordinate_transformation_mode="align_corners"),
        r"'resize0' .*nearest by align_corners and floor is no fixed kernel",
    ),
    "resize linear align_corners": (
        resize(SCALES, mode="linear", coordinate_transformation_mode="align_corners"),
        r"'resize0' .*linear by align_corners is no fixed kernel",
    ),
    "resize without the outside": (
        resize(SCALES, mode="cubic", exclude_outside=1),
        r"'resize0' .*cubic by asymmetric, without the pixels outside, is no fixed kernel",
    ),
    "resize of a region": (
        resize(SCALES, coordinate_transformation_mode="tf_crop_and_resize", mode="linear"),
        r"'resize0' .*linear by tf_crop_and_resize is no fixed kernel",
    ),
    "resize by an unknown mode": (resize(SCALES, mode="area"), r"'resize0' .*area"),
    "clip by several limits": (
        node("Clip", np.zeros(2, np.float32)),
        r"'clip0' \(Clip\): a limit of shape \(2,\); expected one value",
    ),
    "clip by a computed limit": (computed_limit(), r"'clip1' \(Clip\): the limits are computed"),
    "concat of rows": (
        node("Concat", "x", axis=2),
        r"'concat0' \(Concat\): axis 2; the engine concatenates channels",
    ),
    "concat of other scales": (
        with_a_larger("Concat", axis=1),
        r"'concat1' .*terms have scales \(2, 2\) and \(1, 1\)",
    ),
    "product of other scales": (
        with_a_larger("Mul"),
        r"'mul1' .*terms have scales \(2, 2\) and \(1, 1\)",
    ),
    "concat with a constant": (
        node("Concat", np.ones((1, 1, 1, 1), np.float32), axis=1),
        r"'concat0' \(Concat\): input 1 is a constant",
    ),
    "a constant a column": (
        node("Mul", np.ones(5, np.float32)),
        r"'mul0' \(Mul\): constants of shape \(5,\) are not one a channel",
    ),
    "a double constant": (node("Add", np.ones(1)), r"'add0' \(Add\): constants are float64"),
    "batch normalization in training": (
        node("BatchNormalization", *[np.ones(1, np.float32)] * 4, training_mode=1),
        r"'batchnormalization0' .*training mode",
    ),
    "batch normalization of other channels": (
        node("BatchNormalization", *[np.ones(2, np.float32)] * 4),
        r"'batchnormalization0' .*values of shape \(2,\) for 1 channels",
    ),
    "cast to half": (
        node("Cast", to=onnx.TensorProto.FLOAT16),
        r"'cast0' \(Cast\) casts to data type 10",
    ),
    "endless pads": (pad([0, 0, 1 << 40, 0] * 2), r"'pad0' .*pads up to 4096 a side"),
    "pad of channels": (pad([0, 1, 0, 0, 0, 0, 0, 0]), r"'pad0' .*pads the batch or the channels"),
    "pad of the batch": (pad([0, 0, 0, 0, 1, 0, 0, 0]), r"'pad0' .*pads the batch or the channels"),
    "pad wrap": (pad([0, 0, 1, 1] * 2, mode="wrap", opset=19), r"'pad0' .*mode 'wrap'"),
    "pad of three values": (pad([0, 0, 1]), r"'pad0' .*3 pads for 4 axes"),
    "pad edge, negative": (pad([0, 0, -1, 0] * 2, mode="edge"), r"'pad0' .*negative pads"),
    "pad with nothing": (pad([0, 0, 1, 1] * 2, np.zeros(0, np.float32)), r"'pad0'"),
    "blocksize 0": (node("DepthToSpace", blocksize=0), r"'depthtospace0'"),
    "no blocksize": (node("DepthToSpace"), r"'depthtospace0'"),
    "blocksize 2 of 3 channels": (
        node("DepthToSpace", blocksize=2, channels=3),
        r"'depthtospace0' .*blocksize 2, mode 'DCR' for 3 channels",
    ),
    "unknown shuffle": (
        node("DepthToSpace", blocksize=2, channels=4, mode="RCD"),
        r"'depthtospace0' .*mode 'RCD'",
    ),
    "blocksize -2": (node("DepthToSpace", blocksize=-2, channels=4), r"'depthtospace0'"),
    "no weights": (node("Conv"), r"'conv0'"),
    "no slopes": (node("PRelu"), r"'prelu0'"),
    "no pads": (node("Pad"), r"'pad0'"),
    "one term": (node("Add"), r"'add0'"),
    "nothing read": (nothing_read(), r"'relu0'"),
    "endless channels": (input_of(channels=1 << 40), r"'x'"),
    "unknown type": (with_initializer(of_unknown_type), r"'c0'"),
    "strides of another type": (node("Conv", ONE, strides="wide"), r"'conv0'"),
    "a fraction as stride": (node("ConvTranspose", ONE, strides=[1.5, 1.5]), r"'convtranspose0'"),
    "pads of fractions": (node("Conv", ONE, pads=[0.5] * 4), r"'conv0'"),
    "one kernel size": (node("Conv", ONE, kernel_shape=3), r"'conv0'"),
}


@pytest.mark.parametrize(("builder", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_engine_does_not_run_is_named(tmp_path, builder, text):
    refused(builder.save(tmp_path), text)


@pytest.mark.parametrize(
    "builder",
    [
        pytest.param(resize(np.array([1, 1, 1e5, 1], np.float32)), id="resize"),
        pytest.param(node("ConvTranspose", ONE, strides=[100_000, 1]), id="stride"),
    ],
)
def test_what_is_too_large_is_refused_before_memory_is_taken(tmp_path, builder):
    path = builder.save(tmp_path)
    tracemalloc.start()
    try:
        refused(path, f"'{builder.last}'")
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


def test_two_outputs_are_refused(tmp_path):
    builder = node("Relu")
    model = builder.model()
    model.graph.output.append(builder.tensor("x"))
    path = tmp_path / "two.onnx"
    path.write_bytes(model.SerializeToString())
    refused(path, r"it has 1 inputs and 2 outputs")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"no network",
        node("Relu").model().SerializeToString()[:-9],
    ],
    ids=["empty", "a picture", "text", "cut short"],
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "über 1.onnx"
    path.write_bytes(content)
    refused(path, r"")


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        Network.from_onnx(tmp_path / "absent.onnx")
    with pytest.raises(FileNotFoundError, match="absent"):
        Network.from_onnx(str(tmp_path / "absent.onnx"))


@pytest.mark.parametrize("opset", [13, 17, 18, 24])
def test_opsets_are_read(tmp_path, opset):
    net = Network.from_onnx(node("Relu", opset=opset).save(tmp_path))
    assert net(np.array([[[[-1, 2]]]], np.float32)).tolist() == [[[[0, 2]]]]


def test_constants_and_other_names(tmp_path):
    builder = Builder()
    builder.node("Identity")
    weights = onnx.numpy_helper.from_array(ONE, "value")
    builder.nodes.append(onnx.helper.make_node("Constant", [], ["w"], "w", value=weights))
    builder.nodes.append(onnx.helper.make_node("Identity", ["w"], ["same w"]))
    builder.node("Conv", "same w")
    builder.node("Identity")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 3, 4), np.float32)).tolist() == [[[[9, 9]]]]


def test_values_may_stand_in_fields_of_their_own(tmp_path, rng):
    w = rng.integers(-4, 5, (2, 1, 3, 3)).astype(np.float32)
    networks = []
    for raw in (False, True):
        builder = node("Conv", w)
        if not raw:
            values = onnx.helper.make_tensor("c0", onnx.TensorProto.FLOAT, w.shape, w.ravel())
            builder.constants = [values]
        networks.append(Network.from_onnx(builder.save(tmp_path)))
    x = rng.integers(-4, 5, (1, 1, 6, 7)).astype(np.float32)
    assert_equal_exactly(networks[0](x), networks[1](x))


def test_pads_of_some_axes(tmp_path):
    builder = Builder(opset=18)
    builder.node("Pad", np.array([1, 0, 2, 0]), None, np.array([-1, 2]), mode="constant")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 1, 2), np.float32)).tolist() == [[[[0, 1, 1, 0, 0]]]]


def test_an_initializer_may_also_be_listed_as_an_input(tmp_path):
    builder = node("Conv", ONE)
    builder.inputs.append(builder.tensor("c0", 1))
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 3, 3), np.float32)).tolist() == [[[[9]]]]


def test_metadata_are_read(tmp_path):
    model = node("Relu").model()
    onnx.helper.set_model_props(model, {"scale": "2"})
    path = tmp_path / "named.onnx"
    path.write_bytes(model.SerializeToString())
    assert Network.from_onnx(path).metadata == {"scale": "2"}

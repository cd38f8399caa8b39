import re
from fractions import Fraction

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.chains import Builder
from upweave.engine.errors import ModelError
from upweave.engine.onnx_summary import summarize


@pytest.mark.parametrize("scale", [2, 3])
def test_a_transposed_convolution(bicubic_network, scale):
    taps = (4 * scale - scale % 2) ** 2
    pad, bicubic = summarize(bicubic_network(scale), (5, 8)).layers
    assert (pad.kind, pad.shape, pad.parameters, pad.multiply_adds) == ("Pad", (1, 9, 12), 0, 0)
    assert (bicubic.kind, bicubic.shape) == ("ConvTranspose", (1, 5 * scale, 8 * scale))
    assert bicubic.parameters == bicubic.multiply_adds == taps


def test_what_the_engine_does_not_read_is_one_line(tmp_path):
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ("N", 1, "H", "W"))
        for name in ("x", "y")
    ]
    nodes = [helper.make_node("Strange", ["x"], ["z"], domain="else")]
    nodes.append(helper.make_node("Relu", ["z"], ["y"]))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("else", 1)]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=opsets), tmp_path / "a.onnx")
    with pytest.raises(ModelError, match=r"a\.onnx: .* has no else\.Strange") as caught:
        summarize(tmp_path / "a.onnx")
    assert "\n" not in str(caught.value)


def test_constants_that_are_computed_are_no_layers(tmp_path):
    net = Builder(2)
    w = np.ones((3, 2, 1, 1), np.float32)
    net.nodes.append(helper.make_node("Constant", [], ["w"], value=onnx.numpy_helper.from_array(w)))
    net.nodes.append(helper.make_node("Identity", ["w"], ["same"]))
    net.node("Conv", "same", channels=3)
    net.node("Identity")
    net.node("Clip", np.float32(0), np.float32(1))
    net.node("Pad", np.array([0, 0, 1, 2, 0, 0, 3, 4]), np.float32(0.5))
    network = summarize(net.save(tmp_path), (5, 6))
    assert [row.kind for row in network.layers] == ["Conv", "Clip", "Pad"]
    assert [row.parameters for row in network.layers] == [6, 0, 0]
    assert [row.inputs for row in network.layers] == [("x",), ("conv2",), ("clip4",)]
    assert network.layers[-1].shape == (3, 9, 12)
    assert (network.input, network.shape) == ("x", (2, 5, 6))


def test_what_nothing_depends_on_is_left_out(tmp_path):
    net = Builder(1)
    net.node("Conv", np.ones((1, 1, 3, 3), np.float32))
    net.node("Relu", x="x")
    assert [row.kind for row in summarize(net.save(tmp_path)).layers] == ["Relu"]


def test_shared_weights_count_once(tmp_path):
    net = Builder(2)
    w = net.constant(np.ones((2, 2, 3, 3), np.float32))
    for _ in range(2):
        net.node("Conv", w, pads=[1] * 4)
    network = summarize(net.save(tmp_path))
    assert [row.parameters for row in network.layers] == [36, 0]
    assert (network.parameters, network.multiply_adds) == (36, 72)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (1, 1)])
def test_multiply_adds_depend_on_no_size(tmp_path, size):
    net = Builder(1)
    net.node("Conv", np.ones((4, 1, 3, 3), np.float32), channels=4, strides=[2, 3], pads=[2] * 4)
    net.node("ConvTranspose", np.ones((4, 1, 2, 5), np.float32), channels=1, strides=[2, 2])
    rows = summarize(net.save(tmp_path), size).layers
    assert [row.multiply_adds for row in rows] == [Fraction(36, 6), Fraction(40, 6)]


def test_a_size_that_does_not_fit_is_one_line(tmp_path):
    net = Builder(1)
    net.node("Conv", np.ones((1, 1, 5, 5), np.float32))
    path = net.save(tmp_path)
    assert summarize(path, (5, 6)).layers[0].shape == (1, 1, 2)
    with pytest.raises(
        ModelError, match=rf"^{re.escape(str(path))}: a \(5, 4\) input does not fit"
    ):
        summarize(path, (5, 4))

import onnx
import pytest
from onnx import TensorProto, helper

from upweave.engine.errors import ModelError
from upweave.engine.onnx_summary import layer_rows


@pytest.mark.parametrize("scale", [2, 3])
def test_a_transposed_convolution(bicubic_network, scale):
    taps = (4 * scale - scale % 2) ** 2
    pad, bicubic = layer_rows(bicubic_network(scale), (5, 8))
    assert (pad.kind, pad.shape, pad.parameters, pad.multiply_adds) == ("Pad", (1, 1, 9, 12), 0, 0)
    assert (bicubic.kind, bicubic.shape) == ("ConvTranspose", (1, 1, 5 * scale, 8 * scale))
    assert bicubic.parameters == bicubic.multiply_adds == taps


def test_an_unknown_shape_is_one_line(tmp_path):
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ("N", 1, "H", "W"))
        for name in ("x", "y")
    ]
    nodes = [helper.make_node("Strange", ["x"], ["z"], domain="else")]
    nodes.append(helper.make_node("Relu", ["z"], ["y"]))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("else", 1)]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:])
    onnx.save(helper.make_model(graph, opset_imports=opsets), tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="cannot be inferred") as caught:
        layer_rows(tmp_path / "a.onnx")
    assert "\n" not in str(caught.value)

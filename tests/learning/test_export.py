import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import upweave as uw
from upweave.learning import export
from upweave.learning.known_networks import KNOWN
from upweave.learning.networks import build
from upweave.learning.networks.graph_writer import GraphWriter


@pytest.fixture
def network(small):
    """Return a function that makes a network with weights that all matter, and its recipe."""

    def make(kind, scale):
        plan = small(network=kind, scale=scale, width=8, depth=3, name=f"{kind}-x{scale}")
        torch.manual_seed(scale)
        net = build(plan).requires_grad_(False)
        for parameter in net.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        return net, plan

    return make


@pytest.mark.parametrize(
    ("kind", "scale"), [(kind, scale) for kind in KNOWN for scale in KNOWN[kind].scales]
)
def test_the_file_gives_the_networks_result(network, tmp_path, kind, scale):
    """In both runtimes, at sizes that are odd, thin or a single pixel."""
    net, plan = network(kind, scale)
    path = tmp_path / "a.onnx"
    export.export(net, path, plan)
    session, engine = onnxruntime.InferenceSession(path), uw.engine.Network.from_onnx(path)
    for batch, height, width in ((1, 1, 1), (2, 3, 17), (1, 7, 13), (1, 24, 19)):
        x = np.random.default_rng(1).random((batch, net.channels, height, width), np.float32)
        expected = net(torch.from_numpy(x)).numpy()
        assert expected.shape == (batch, net.channels, scale * height, scale * width)
        assert height == 1 or np.ptp(expected) > 1e-3
        (by_runtime,) = session.run(["output"], {"input": x})
        np.testing.assert_allclose(by_runtime, expected, atol=1e-5, rtol=0)
        np.testing.assert_allclose(engine(x), expected, atol=1e-5, rtol=0)


def test_colour_networks_say_so(network, tmp_path):
    net, plan = network("tcnn", 4)
    export.export(net, tmp_path / "a.onnx", plan)
    model = onnx.load(tmp_path / "a.onnx")
    assert {entry.key: entry.value for entry in model.metadata_props}["colour"] == "rgb"


def test_a_layer_without_a_node_is_named():
    with pytest.raises(TypeError, match="no ONNX node is known for GELU"):
        GraphWriter().layer("x", torch.nn.GELU())


def test_the_file_says_what_it_holds(network, tmp_path):
    net, plan = network("weave", 3)
    path = tmp_path / "weave-x3.onnx"
    scores = {"Set5": {"psnr": 33.1, "ssim": 0.91}}
    export.export(net, path, plan, commit="abc", scores=scores)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    operators = [node.op_type for node in model.graph.node]
    assert operators == ["Pad", *["Conv", "PRelu"] * 4, "ConvTranspose", "ConvTranspose", "Add"]
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    shapes = [
        [d.dim_param or d.dim_value for d in end.type.tensor_type.shape.dim]
        for end in (model.graph.input[0], model.graph.output[0])
    ]
    assert shapes == [["N", 1, "H", "W"], ["N", 1, "3*H", "3*W"]]
    facts = {entry.key: entry.value for entry in model.metadata_props}
    assert facts["name"] == plan.name
    assert facts["scale"] == "3"
    assert facts["colour"] == "luma"
    assert facts["range"] == "0-1"
    assert facts["commit"] == "abc"
    assert json.loads(facts["training_data"]) == ["train/drawn"]
    assert json.loads(facts["recipe"]) == plan.as_dict()
    assert json.loads(facts["scores"]) == scores


def test_metadata_can_be_written_later(network, tmp_path):
    net, plan = network("weave", 2)
    path = tmp_path / "a.onnx"
    export.export(net, path, plan, commit="abc")
    before = onnx.load(path)
    export.write_metadata(path, scores={"Set5": {"psnr": 37.0}}, note="naïve")
    after = onnx.load(path)
    assert after.graph == before.graph
    facts = {entry.key: entry.value for entry in after.metadata_props}
    assert json.loads(facts["scores"]) == {"Set5": {"psnr": 37.0}}
    assert facts["note"] == "naïve"
    assert facts["commit"] == "abc"


def test_a_failed_export_leaves_nothing(network, tmp_path, monkeypatch):
    net, plan = network("weave", 2)
    path = tmp_path / "a.onnx"
    path.write_bytes(b"before")

    def full(*_):
        raise OSError("full")

    monkeypatch.setattr(export.Path, "replace", full)
    with pytest.raises(OSError, match="full"):
        export.export(net, path, plan)
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]
    assert path.read_bytes() == b"before"

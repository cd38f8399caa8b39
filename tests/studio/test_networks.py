import json

import numpy as np
import onnx
import pytest
from fastapi.testclient import TestClient
from onnx import numpy_helper

from pictures.test_metrics import PUBLISHED
from upweave.pictures.models import shipped
from upweave.studio import app


@pytest.fixture(scope="module")
def client():
    return TestClient(app.create(), base_url="http://127.0.0.1")


def test_every_shipped_network_is_told_of(client):
    found = client.get("/api/networks").json()
    assert [network["name"] for network in found["networks"]] == [m.name for m in shipped()]
    for network, model in zip(found["networks"], shipped(), strict=True):
        assert network["scores"] == json.loads(model.metadata.get("scores", "{}"))
        assert network["bytes"] == len(model.path.read_bytes())
        assert network["multiply_adds"] > 0


def test_bicubic_is_as_published(client):
    found = client.get("/api/networks").json()["bicubic"]
    told = {(name, int(n)): value for name, by in found.items() for n, value in by.items()}
    assert told == {key: psnr for key, (psnr, _) in PUBLISHED.items()}


@pytest.mark.parametrize("model", shipped(), ids=lambda model: model.name)
def test_the_learned_kernels_are_those_of_the_file(client, model):
    found = client.get(f"/api/networks/{model.name}/kernels").json()
    file = onnx.load(model.path)
    weights = {entry.name: numpy_helper.to_array(entry) for entry in file.graph.initializer}
    layers = [node for node in file.graph.node if node.op_type == "ConvTranspose"]
    w = max((weights[node.input[1]] for node in layers), key=len).astype(np.float64)
    assert len(w) > 3
    assert found["stride"] == model.scale
    assert found["channels"] == len(w)
    assert {json.dumps(k) for k in found["kernels"]} <= {json.dumps(c[0].tolist()) for c in w}
    assert np.shape(found["flat"]) == (model.scale, model.scale)
    assert np.abs(np.array(found["flat"]) - 127.5).max() < 0.5


def test_a_drawing_of_the_layers(client):
    answer = client.get("/api/networks/weave-s-x4/diagram")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert b"weave-s-x4" in answer.content


@pytest.mark.parametrize("what", ["diagram", "kernels"])
@pytest.mark.parametrize("name", ["none", "..%2f..%2fapp", "x" * 41])
def test_other_networks_are_not_there(client, name, what):
    assert client.get(f"/api/networks/{name}/{what}").status_code in (404, 422)

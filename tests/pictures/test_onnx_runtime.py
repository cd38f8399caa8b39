"""Networks run whole by ONNX Runtime, for what the engine lacks."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

import upweave as uw
from engine.chains import Builder
from upweave.engine import Cancelled, ModelError, NotRunError
from upweave.pictures.files import Picture, read, write
from upweave.pictures.onnx_runtime import OnnxRuntimeNetwork

WHOLE = ("--runtime", "onnxruntime")


@pytest.fixture
def lacking(bicubic_network, tmp_path):
    """Return a function that makes a bicubic network with a node that the engine does not run."""

    def make(*arguments):
        model = onnx.load(bicubic_network(*arguments))
        model.graph.node[-1].output[0] = "inner"
        node = onnx.helper.make_node("Transpose", ["inner"], ["output"], "turn", perm=[0, 1, 2, 3])
        model.graph.node.append(node)
        path = tmp_path / "lacking.onnx"
        onnx.save(model, path)
        return path

    return make


@pytest.mark.parametrize("metadata", [None, {}], ids=["told", "tried"])
@pytest.mark.parametrize(("colour", "scale"), [("luma", 2), ("rgb", 3)])
def test_the_result_is_the_engines(bicubic_network, lacking, rng, colour, scale, metadata):
    path = lacking(scale, colour, metadata)
    with pytest.raises(NotRunError, match=r"node 'turn' \(Transpose\): the engine has no Trans"):
        uw.load(path)
    whole = uw.load(path, runtime="onnxruntime")
    engine = uw.load(bicubic_network(scale, colour, metadata))
    assert (whole.colour, whole.scale, whole.name) == (colour, scale, "lacking")
    assert whole.metadata == engine.metadata
    for shape in ((1, 1), (7, 11), (13, 6, 3), (5, 9, 4)):
        image = rng.random(shape, np.float32)
        for threads in (None, 1, 2):
            np.testing.assert_allclose(whole(image, threads=threads), engine(image), atol=2e-6)


def test_shipped_networks_too(rng):
    image = rng.random((9, 14), np.float32)
    whole, engine = (uw.load("weave-s-x2", runtime=name) for name in ("onnxruntime", "upweave"))
    np.testing.assert_allclose(whole(image), engine(image), atol=1e-5)


def test_progress_ends_at_one_and_cancels(lacking, rng):
    up, image, shares = uw.load(lacking(2), runtime="onnxruntime"), rng.random((9, 9)), []
    image = image.astype(np.float32)
    up(image, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with pytest.raises(Cancelled):
        up(image, progress=lambda share: False)


def test_a_run_is_stopped_between_its_nodes(tmp_path):
    builder = Builder()
    for inputs, outputs in ((1, 64), *((64, 64),) * 200, (64, 1)):
        w = np.zeros((outputs, inputs, 9, 9), np.float32)
        builder.node("Conv", w, pads=[4] * 4)
    net = OnnxRuntimeNetwork(builder.save(tmp_path))
    x = np.zeros((1, 1, 300, 300), np.float32)  # takes half a minute
    shares = []

    def first(share):
        shares.append(share)
        return False

    with pytest.raises(Cancelled):
        net(x, progress=first)
    assert shares == [0.0]
    assert net(x[..., :1, :1]).tolist() == [[[[0]]]]


def two_outputs(builder):
    builder.nodes.append(onnx.helper.make_node("Relu", ["x"], ["z"], "more"))
    model = builder.model()
    model.graph.output.append(builder.tensor("z"))
    return model


def of_doubles(builder):
    builder.inputs = [builder.tensor("x", 1, onnx.TensorProto.DOUBLE)]
    model = builder.model()
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    return model


def of_any_channels(builder):
    builder.inputs = [builder.tensor("x", "C")]
    return builder.model()


def of_no_such_operator(builder):
    builder.node("Unheard")
    return builder.model()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (two_outputs, "has 1 inputs and 2 outputs; expected one of each"),
        (of_doubles, "makes tensor.double. of tensor.double. .*; expected float32 of float32"),
        (of_any_channels, "expected float32 of float32 .N, C, H, W., with a fixed number of chan"),
        (of_no_such_operator, "Unheard"),
    ],
)
def test_models_that_do_not_fit_are_refused(tmp_path, capfd, change, text):
    builder = Builder()
    builder.node("Relu")
    path = tmp_path / "model.onnx"
    onnx.save(change(builder), path)
    with pytest.raises(ModelError, match=text) as caught:
        OnnxRuntimeNetwork(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_what_cannot_run_is_one_line(tmp_path, capfd):
    builder = Builder()
    builder.node("Conv", np.ones((1, 1, 3, 3), np.float32))
    net = OnnxRuntimeNetwork(builder.save(tmp_path))
    with pytest.raises(ValueError, match=r"model\.onnx: .*conv0") as caught:
        net(np.zeros((1, 1, 2, 2), np.float32))
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"^tile: ONNX Runtime runs pictures whole; leave it out$"):
        net(np.zeros((1, 1, 3, 3), np.float32), tile=2)
    assert capfd.readouterr() == ("", "")


def test_files_that_are_no_models(tmp_path, capfd):
    (tmp_path / "bad.onnx").write_bytes(b"\x08no model")
    with pytest.raises(ModelError, match=r"bad\.onnx: .*"):
        uw.load(tmp_path / "bad.onnx", runtime="onnxruntime")
    with pytest.raises(FileNotFoundError):
        uw.load(tmp_path / "no.onnx", runtime="onnxruntime")
    assert capfd.readouterr() == ("", "")


def test_an_unknown_runtime_is_refused():
    with pytest.raises(ValueError, match=r"^runtime: got 'fast'; 'upweave' or 'onnxruntime' would"):
        uw.load("weave-s-x2", runtime="fast")


@pytest.fixture
def picture(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    write(Path("a.png"), Picture(rng.integers(0, 256, (6, 5, 3), np.uint8)))
    return "a.png"


def test_the_command_runs_a_model_whole(run, picture, lacking, bicubic_network):
    path = lacking(2)
    code, out, err = run("upscale", picture, "--model", path)
    assert (code, out) == (1, "")
    assert err.startswith(f"upweave: {path}: node 'turn' (Transpose): the engine has no Transpose;")
    assert err.endswith(" (--runtime onnxruntime may run it, whole)\n")
    assert err.count("\n") == 1
    assert run("upscale", picture, "--model", path, *WHOLE) == (0, "a-x2.png  10 x 12\n", "")
    assert run("upscale", picture, "-o", "b.png", "--model", bicubic_network(2))[0] == 0
    whole, engine = (read(name).pixels.astype(int) for name in ("a-x2.png", "b.png"))
    assert abs(whole - engine).max() <= 1


def test_the_command_names_what_is_wrong(run, picture, lacking, monkeypatch):
    words = ("upscale", picture, "--model", lacking(2))
    assert run(*words, *WHOLE, "--tile", 9)[::2] == (
        2,
        "upweave: Invalid value for --tile: with --runtime onnxruntime there are no tiles "
        "(see upweave upscale --help)\n",
    )
    assert run(*words, "--runtime", "fast")[0] == 2
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as if it were not installed
    line = "upweave: onnxruntime is not installed; run: pip install onnxruntime\n"
    assert run(*words, *WHOLE) == (1, "", line)

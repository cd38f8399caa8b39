import json
import re
import sys
from pathlib import Path

import pytest

from upweave.pictures.models import shipped

pytestmark = pytest.mark.skipif(not shipped(), reason="no shipped networks")


def test_the_list_counts(run):
    code, out, err = run("models")
    assert (code, err) == (0, "")
    head, *lines = (line.split() for line in out.splitlines())
    assert head[:6] == ["name", "scale", "sees", "kB", "parameters", "multiply-adds"]
    found = {words[0]: words for words in lines[: len(shipped())]}
    # weave-s: 16 channels and 4 layers; 256 are the fixed bicubic kernel's.
    assert found["weave-s-x4"][4:6] == [f"{11825 + 256:,}", f"{11664 + 256:,}"]


@pytest.mark.parametrize("model", shipped(), ids=lambda model: model.name)
def test_one_network_layer_by_layer(run, model):
    code, out, err = run("models", model.name)
    assert (code, err) == (0, "")
    title, head, *lines = out.splitlines()
    assert title.startswith(f"{model.name}: luma, x{model.scale}")
    assert head.split() == ["layer", "output", "shape", "parameters", "multiply-adds"]
    end = next(n for n, line in enumerate(lines) if line.startswith("total"))
    side = 64 * model.scale
    assert f" (1, {side}, {side}) " in lines[end - 1]
    for column in (-2, -1):
        *counts, total = (int(line.split()[column].replace(",", "")) for line in lines[: end + 1])
        assert sum(counts) == total > 10_000
    for name, score in json.loads(model.metadata["scores"]).items():
        assert f"{name} " in out
        assert f"{score['psnr']:.2f}" in out
    assert model.metadata["training_data_licence"] in out


def test_an_unknown_network_is_one_line(run):
    code, out, err = run("models", "nope")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no model is called 'nope'; shipped: " in err
    assert "weave-s-x4" in err


def test_no_torch_is_needed(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert run("models", "weave-s-x4")[0] == 0


def test_a_file_layer_by_layer(run, bicubic_network):
    code, out, err = run("models", bicubic_network(3))
    assert (code, err) == (0, "")
    title, _, pad, bicubic, total, _ = out.splitlines()
    assert title.endswith("x3; one 64x64 input")
    assert pad.split() == ["padded", "(Pad)", "(1,", "68,", "68)", "0", "0"]
    assert bicubic.split()[1:] == ["(ConvTranspose)", "(1,", "192,", "192)", "121", "121"]
    assert total.split() == ["total", "121", "121"]


@pytest.fixture
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("target", "start"), [("a.svg", b"<?xml"), ("b c.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")]
)
@pytest.mark.usefixtures("_here")
def test_a_diagram(run, target, start):
    assert run("models", "weave-s-x4", "--diagram", target) == (0, f"{target}\n", "")
    content = Path(target).read_bytes()
    assert content.startswith(start)
    assert run("models", "weave-s-x4", "--diagram", target, "--overwrite")[0] == 0
    assert Path(target).read_bytes() == content  # no date, nothing at random
    assert [path.name for path in Path().iterdir()] == [target]


@pytest.mark.usefixtures("_here")
def test_kernels_are_drawn_beside_a_diagram(run):
    words = ("--kernels", "k.png", "--diagram", "d.svg")
    assert run("models", "weave-s-x4", *words) == (0, "d.svg\nk.png\n", "")
    assert Path("k.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in Path("d.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("_here")
def test_a_diagram_says_what_the_table_says(run, bicubic_network):
    path = bicubic_network(2, "rgb")
    assert run("models", path, "--diagram", "a.svg")[0] == 0
    texts = re.findall(r">([^<>\n]+)</text>", Path("a.svg").read_text(encoding="utf-8"))
    total = run("models", path)[1].splitlines()[-2].split()
    assert total == ["total", "576", "576"]
    assert path.stem in texts
    assert "576 parameters, 576 multiply-adds for a pixel of the input" in texts
    assert {"3×64×64", "3×68×68", "3×128×128", "8×8"} <= set(texts)


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (["weave-s-x4", "--diagram", "a.gif"], 2, "a.gif: the name must end in .png, .svg, .pdf"),
        (["weave-s-x4", "--diagram", "a"], 2, "a: the name must end in"),
        (["weave-s-x4", "--diagram", "there/a.svg"], 2, "there is no folder there"),
        (["--diagram", "a.svg"], 2, "draws one network; name it"),
        (["--kernels", "a.svg"], 2, "draws one network; name it"),
        (["weave-s-x4", "--kernels", "a.gif"], 2, "--kernels: a.gif: the name must end in"),
        (["none.onnx", "--kernels", "a.svg"], 1, "none.onnx: No such file"),
        (["none", "--diagram", "a.svg"], 2, "no model is called 'none'"),
        (["none.onnx", "--diagram", "a.svg"], 1, "none.onnx: No such file"),
        (["none.onnx"], 1, "none.onnx: No such file"),
        (["README.onnx", "--diagram", "a.svg"], 1, "README.onnx is not an ONNX file"),
    ],
)
@pytest.mark.usefixtures("_here")
def test_a_wrong_diagram_is_one_line(run, words, status, part):
    Path("README.onnx").write_text("Read me.")
    code, out, err = run("models", *words)
    assert (code, out, err.count("\n")) == (status, "", 1)
    assert part in err
    assert [path.name for path in Path().iterdir()] == ["README.onnx"]


@pytest.mark.usefixtures("_here")
def test_a_diagram_that_exists_is_kept(run):
    Path("a.svg").write_text("old")
    code, out, err = run("models", "weave-s-x4", "--diagram", "a.svg")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "a.svg: exists already" in err
    assert Path("a.svg").read_text() == "old"


@pytest.mark.usefixtures("_here")
def test_without_matplotlib_one_line_says_what_to_install(run, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("upweave.explain.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, out, err = run("models", "weave-s-x4", "--diagram", "a.svg")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "pip install 'upweave[explain]'" in err
    assert not list(Path().iterdir())

import json
import sys

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

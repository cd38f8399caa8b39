"""A graph that was kept is the graph that was read."""

import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from typing import get_args

import numpy as np
import pytest

import upweave as uw
from comparison import assert_equal_exactly
from engine.chains import Builder, random_chain
from upweave.engine import ModelError, Network, graph_file
from upweave.engine.graph import Operation, Pad
from upweave.engine.onnx_file import read_graph
from upweave.kernels import cache
from upweave.pictures.models import shipped

SHIPPED = "import sys, upweave as uw; up = uw.load('weave-s-x4'); print(*sorted(sys.modules))"


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("UPWEAVE_CACHE", str(folder))
    return folder


def assert_same(got, want):
    """Assert that two values are equal, part by part, and of the same types."""
    assert type(got) is type(want)
    if isinstance(want, np.ndarray):
        assert_equal_exactly(got, want)
    elif isinstance(want, tuple):
        assert len(got) == len(want)
        for one, other in zip(got, want, strict=True):
            assert_same(one, other)
    elif is_dataclass(want):
        for field in fields(want):
            if field.init:
                assert_same(getattr(got, field.name), getattr(want, field.name))
    else:
        assert got == want


def test_random_chains_come_back(tmp_path):
    kinds = set()
    for seed in range(40):
        graph = read_graph(random_chain(np.random.default_rng(seed)).save(tmp_path))
        assert_same(graph_file.unpack(graph_file.pack(graph)), graph)
        kinds.update(map(type, graph.operations))
    assert kinds == set(get_args(Operation))


@pytest.mark.parametrize("what", ["model", "arrays"])
def test_a_large_graph_is_not_kept(place, monkeypatch, what):
    path = next(iter(shipped())).path
    if what == "arrays":
        monkeypatch.setattr(graph_file, "_name", lambda path: f"{cache.key(b'')}.graph")
    monkeypatch.setattr(graph_file, "_MOST_BYTES", 1000)
    for _ in range(2):
        assert_same(graph_file.read(path), read_graph(path))
    assert list(place.glob("*")) == []


@pytest.mark.parametrize("value", [-0.0, float("inf"), float("-inf"), 1e-45, 0.1])
def test_numbers_come_back(tmp_path, value):
    graph = read_graph(next(iter(shipped())).path)
    first, *others = graph.operations
    assert isinstance(first, Pad)
    graph = replace(graph, operations=(replace(first, value=value), *others))
    got = graph_file.unpack(graph_file.pack(graph)).operations[0].value
    assert np.float64(got).tobytes() == np.float64(value).tobytes()


def test_what_no_graph_holds_is_refused(tmp_path):
    graph = read_graph(next(iter(shipped())).path)
    with pytest.raises(TypeError, match=r"^a graph cannot be kept with object in it$"):
        graph_file.pack(replace(graph, input=object()))


def test_a_kept_graph_gives_the_same_bits(place, tmp_path, monkeypatch, rng):
    path = random_chain(rng, 3).save(tmp_path)
    first = Network.from_onnx(path)
    (kept,) = place.iterdir()
    assert kept.suffix == ".graph"
    monkeypatch.setitem(sys.modules, "upweave.engine.onnx_file", None)  # importing it fails
    second = Network.from_onnx(path)
    x = rng.standard_normal((1, first.graph.channels[first.graph.input], 20, 30))
    x = x.astype(np.float32)
    assert_equal_exactly(second(x), first(x))


def test_a_changed_file_is_read_again(place, tmp_path, rng):
    for slope in (0.5, 0.25, 0.5):
        builder = Builder()
        builder.node("PRelu", np.full(1, slope, np.float32))
        net = Network.from_onnx(builder.save(tmp_path))
        assert net(np.full((1, 1, 2, 2), -1, np.float32)).max() == -slope
    assert len(list(place.glob("*.graph"))) == 2


def test_other_lanes_have_a_file_of_their_own(place, monkeypatch):
    path = next(iter(shipped())).path
    for lanes in ("4", "8", "4"):
        monkeypatch.setenv("UPWEAVE_LANES", lanes)
        Network.from_onnx(path)
    assert len(list(place.glob("*.graph"))) == 2


def test_nothing_is_kept_of_what_is_no_model(place, tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    for _ in range(2):
        with pytest.raises(ModelError, match="is not an ONNX file"):
            Network.from_onnx(path)
    with pytest.raises(FileNotFoundError):
        Network.from_onnx(tmp_path / "absent.onnx")
    assert list(place.glob("*")) == []


def test_a_shipped_model_that_was_read_before_needs_no_onnx(place):
    for wanted in ({"onnx"}, set()):
        command = [sys.executable, "-c", SHIPPED]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert {"onnx", "torch"} & set(done.stdout.split()) == wanted


def test_metadata_come_along(place):
    for _ in range(2):
        assert uw.load("weave-s-x2").metadata["scale"] == "2"

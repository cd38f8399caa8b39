"""Steps that are alike are told from the first two: each must be what it is when written alone."""

import numpy as np
import pytest

from engine.chains import fitting, random_chain
from upweave.engine import Network, tile_writer
from upweave.engine.onnx_file import read_graph
from upweave.engine.plan import plan_network
from upweave.kernels import host, program
from upweave.kernels.instructions import driver
from upweave.pictures.models import find

POINTERS = [program.COPY[name] for name in ("row_table", "column_table", "fill")]


def written(graph, size, monkeypatch, few):
    """Return the instructions of every kind of tile; the addresses of tables always differ."""
    found = []

    class Kept(tile_writer.TileWriter):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            found.append(self)

    with monkeypatch.context() as patch:
        patch.setattr(tile_writer, "_FEW", few)
        patch.setattr("upweave.engine.plan.TileWriter", Kept)
        plan_network(graph, 1, size, None, 1, host.lanes())
    rows = [writer.rows.copy() for writer in found]
    for each in rows:
        copies = each[:, 0] == driver(host.lanes())["copy"]
        each[np.ix_(copies, POINTERS)] = 0
    return rows


@pytest.mark.parametrize("seed", range(300, 330))
def test_random_networks(tmp_path, monkeypatch, seed):
    rng = np.random.default_rng(seed)
    graph = read_graph(random_chain(rng).save(tmp_path))
    size = fitting(graph, (int(rng.integers(90, 160)), int(rng.integers(1, 40))))
    told, alone = (written(graph, size, monkeypatch, few) for few in (4, 1 << 30))
    assert len(told) == len(alone)
    for a, b in zip(told, alone, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("name", ["weave-s-x2", "weave-s-x3", "weave-m-x4"])
def test_shipped_networks_are_mostly_told(monkeypatch, name):
    steps = []
    step = tile_writer.TileWriter._step
    monkeypatch.setattr(
        tile_writer.TileWriter, "_step", lambda self, n: steps.append(n) or step(self, n)
    )
    Network.from_onnx(find(name).path)(np.zeros((1, 1, 401, 67), np.float32), threads=1)
    assert len(steps) < 20
    assert max(steps) >= 50

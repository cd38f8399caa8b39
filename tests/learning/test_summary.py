import pytest
import torch

from upweave.engine.onnx_summary import summarize
from upweave.learning import export, summary
from upweave.learning.known_networks import KNOWN
from upweave.learning.networks import TCNN, Weave, build

TABLE = """\
layer                           output shape  parameters           multiply-adds
body.0 (SameConvTranspose2d)  (64, 128, 128)       1,792                   1,728
body.1 (ReLU)                 (64, 128, 128)           0                       0
body.2 (SameConvTranspose2d)  (32, 256, 256)      18,464                  73,728
body.3 (ReLU)                 (32, 256, 256)           0                       0
body.4 (Conv2d)                (3, 256, 256)         867                  13,824
total                                             21,123  89,280 per input pixel"""


def test_the_table():
    assert summary.table(TCNN()) == TABLE


def test_shapes_are_those_of_the_input_that_is_asked_for():
    rows = summary.rows(Weave(3, 4, 1), (5, 8))
    shapes = [(4, 9, 12)] * 2 + [(4, 7, 10)] * 2 + [(1, 15, 24)] * 2
    assert [row.shape for row in rows] == shapes


@pytest.mark.parametrize("size", [(1, 1), (5, 8)])
def test_multiply_adds_depend_on_no_size(size):
    rows = summary.rows(Weave(2, 4, 1), size)
    assert [row.multiply_adds for row in rows] == [36, 0, 144, 0, 144, 0]


def test_branches_are_folded_first():
    assert summary.table(Weave(2, 4, 1, branched=True)) == summary.table(Weave(2, 4, 1))


def test_hooks_are_gone_afterwards():
    network = TCNN()
    summary.rows(network)
    assert not any(module._forward_hooks for module in network.modules())


@pytest.mark.parametrize("name", list(KNOWN))
def test_the_exported_file_says_the_same(small, tmp_path, name):
    """Two ways of counting: hooks in torch, and the engine's sizes."""
    plan = small(network=name, scale=KNOWN[name].scales[-1], depth=2)
    torch.manual_seed(1)
    network = build(plan)
    export.export(network, tmp_path / "a.onnx", plan)
    layers = summarize(tmp_path / "a.onnx", (9, 12)).layers
    rows = [row for row in layers if row.name != "bicubic"]
    assert sum(row.parameters for row in rows) == network.parameter_count()
    assert sum(row.multiply_adds for row in rows) == network.multiply_adds()
    ours = [
        (row.shape, row.parameters, row.multiply_adds)
        for row in summary.rows(network.plain(), (9, 12))
        if row.parameters
    ]
    theirs = [(row.shape, row.parameters, row.multiply_adds) for row in rows if row.parameters]
    assert sorted(ours) == sorted(theirs)

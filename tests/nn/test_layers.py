import io

import onnx
import pytest
import torch
from torch import nn

import upweave as uw
from upweave.nn import layers

PAIRS = [
    (nn.ConvTranspose1d, uw.nn.ConvTranspose1d),
    (nn.ConvTranspose2d, uw.nn.ConvTranspose2d),
    (nn.ConvTranspose3d, uw.nn.ConvTranspose3d),
]
TAILS = [  # what the phases are for
    {"kernel_size": 9, "stride": 4, "padding": 4, "output_padding": 3},
    {"kernel_size": 6, "stride": 3},
    {"kernel_size": 9, "stride": 2, "padding": 2, "bias": False},
    {"kernel_size": 8, "stride": 4, "padding": 2, "groups": 2},
    {"kernel_size": 17, "stride": 5, "padding": 6, "output_padding": 4},
]
OTHERS = [
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 7, "stride": 4, "padding": 3, "output_padding": 1},
    {"kernel_size": 7, "stride": 2, "dilation": 2, "groups": 2},
]


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(1)


@pytest.fixture
def phases(monkeypatch):
    """Count the calls that take the form of phases."""
    calls = []
    by_phases = layers.conv_transpose

    def count(*arguments):
        calls.append(arguments)
        return by_phases(*arguments)

    monkeypatch.setattr(layers, "conv_transpose", count)
    return calls


def both(rank, words):
    theirs, ours = (cls(4, 2, **words).double() for cls in PAIRS[rank - 1])
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("words", [*TAILS, *OTHERS])
def test_results_and_gradients_are_pytorchs(rank, words, phases):
    theirs, ours = both(rank, words)
    x = torch.randn(2, 4, *(5, 2, 1)[:rank], dtype=torch.float64, requires_grad=True)
    y, want = ours(x), theirs(x)
    torch.testing.assert_close(y, want)
    gradient = torch.randn_like(want)
    got = torch.autograd.grad(y, [x, *ours.parameters()], gradient)
    torch.testing.assert_close(got, torch.autograd.grad(want, [x, *theirs.parameters()], gradient))
    large = words["kernel_size"] >= (16 if rank == 1 else 6)
    assert len(phases) == (rank < 3 and large and words in TAILS)
    torch.testing.assert_close(ours(x[0]), theirs(x[0]))


@pytest.mark.parametrize("rank", [1, 2])
def test_output_size(rank, phases):
    theirs, ours = both(rank, {"kernel_size": 36 if rank == 1 else 7, "stride": 3, "padding": 1})
    x = torch.randn(1, 4, *(4, 2, 3)[:rank], dtype=torch.float64)
    size = [n + 2 for n in theirs(x).shape[2:]]
    torch.testing.assert_close(ours(x, output_size=size), theirs(x, output_size=size))
    assert len(phases) == 1
    with pytest.raises(ValueError, match="requested an output size"):
        ours(x, output_size=[n + 90 for n in size])


def test_accelerate_changes_the_class_alone(phases):
    class Mine(nn.ConvTranspose2d):
        pass

    words = TAILS[0]
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ConvTranspose2d(4, 1, **words))
    module.add_module("mine", Mine(1, 1, **words))
    names = {name: value.data_ptr() for name, value in module.state_dict().items()}
    layer, seen = module[1], []
    layer.register_forward_hook(lambda *_: seen.append(1))
    x = torch.randn(1, 1, 6, 7)
    want = module(x)
    assert uw.nn.accelerate(module) is module
    assert module[1] is layer
    assert type(layer) is uw.nn.ConvTranspose2d
    assert type(module.mine) is Mine
    torch.testing.assert_close(module(x), want)
    assert (len(phases), len(seen)) == (1, 2)
    assert {name: value.data_ptr() for name, value in module.state_dict().items()} == names
    alone = nn.ConvTranspose1d(2, 3, 4)
    assert uw.nn.accelerate(alone) is alone
    assert type(alone) is uw.nn.ConvTranspose1d


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_exported_it_is_a_transposed_convolution():
    module = uw.nn.ConvTranspose2d(4, 1, 9, 4)
    file = io.BytesIO()
    torch.onnx.export(module, (torch.randn(1, 4, 5, 5),), file, dynamo=False)
    nodes = onnx.load_from_string(file.getvalue()).graph.node
    assert [node.op_type for node in nodes] == ["ConvTranspose"]


def test_sizes_are_checked_as_in_pytorch():
    with pytest.raises(RuntimeError, match="channels"):
        uw.nn.ConvTranspose2d(4, 1, 9, 4)(torch.zeros(1, 3, 5, 5))

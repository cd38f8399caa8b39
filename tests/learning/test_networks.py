import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

from upweave.learning.networks import FSRCNN, Weave, build
from upweave.learning.networks.weave import Activation, Branched, enlarge
from upweave.ops.interpolation import bicubic

SIZES = [(1, 1), (1, 9), (7, 4), (12, 13)]


@pytest.fixture(autouse=True)
def _double():
    """Compute in float64, so that different orders of summation agree closely; seeded."""
    torch.manual_seed(1)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def weave(scale, depth=2, branched=False):
    network = Weave(scale, 5, depth, branched=branched).double()
    torch.nn.init.normal_(network.tail.weight, std=0.1)
    torch.nn.init.normal_(network.tail.bias, std=0.1)
    return network.requires_grad_(False)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("n", [1, 3, 5])
def test_enlarge_is_a_transposed_convolution(scale, n):
    x, w, b = torch.randn(2, 3, 7, 8), torch.randn(3, 1, n * scale, n * scale), torch.randn(1)
    expected = functional.conv_transpose2d(x, w, b, stride=scale, padding=(n - 1) * scale)
    assert expected.shape == (2, 1, scale * (8 - n), scale * (9 - n))
    assert_close(enlarge(x, w, b, scale), expected)
    wrong = w.transpose(2, 3)
    if n * scale > 1:
        assert not torch.allclose(enlarge(x, wrong, b, scale), expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_weave_is_what_its_layers_say(scale, size):
    network = weave(scale)
    x = torch.rand(2, 1, *size)
    padded = functional.pad(x, [network.halo] * 4, mode="replicate")
    y = padded
    for layer in (*network.head, *network.body):
        y = layer(y)
    assert y.shape[2:] == (size[0] + 2, size[1] + 2)
    learned = network.tail(y)
    cubic = torch.from_numpy(bicubic(x.numpy(), scale))
    assert learned.shape == cubic.shape == (2, 1, scale * size[0], scale * size[1])
    # The skip's kernel is kept in float32, as in the exported file.
    assert_close(network(x), learned + cubic, atol=1e-6, rtol=0)
    assert_close(network(padded, padded=True), network(x))


def test_the_halo_is_just_enough():
    network = weave(2, depth=3)
    x = torch.rand(1, 1, 15, 15)
    reach = []
    for d in (network.halo, network.halo + 1):
        changed = x.clone()
        changed[..., 7, 7 - d] += 1
        where = slice(14, 16)
        difference = network(changed)[..., where, where] - network(x)[..., where, where]
        reach.append(bool(difference.abs().max() > 0))
    assert reach == [True, False]


def test_plain_is_the_same_function():
    network = weave(3, branched=True)
    for parameter in network.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    plain = network.plain().double()
    assert not any(isinstance(module, Branched) for module in plain.modules())
    x = torch.rand(1, 1, 6, 7)
    assert_close(plain(x), network(x), atol=1e-6, rtol=0)  # its skip is kept in float32


def test_branches_add_up_to_the_folded_kernel():
    layer = Branched(4).double()
    x = torch.randn(2, 4, 6, 7)
    inner = x[..., 1:-1, 1:-1]
    by_branches = layer.whole(x) + layer.expand(layer.squeeze(x)) + layer.point(inner) + inner
    assert_close(layer(x), by_branches)


def test_activation_is_prelu_with_its_gradients():
    x = torch.randn(2, 3, 4, 5, requires_grad=True)
    layer = Activation(3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.25, -0.5, 2]))
    ours = torch.autograd.grad(layer(x).square().sum(), [x, layer.weight])
    theirs = functional.prelu(x, layer.weight)
    assert_close(layer(x), theirs)
    assert_close(ours, torch.autograd.grad(theirs.square().sum(), [x, layer.weight]))


def test_costs():
    """The numbers that DESIGN and README state."""
    costs = {s: Weave(s, 16, 4 if s == 4 else 5).multiply_adds() for s in (2, 3, 4)}
    assert costs == {2: 12240, 3: 12960, 4: 11664}
    # Dong et al. (2016), section 3: 25d + 2sd + 9ms² + 81d.
    assert FSRCNN(3).multiply_adds() == 25 * 56 + 2 * 12 * 56 + 9 * 4 * 12**2 + 81 * 56 == 12464


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_fsrcnn_gives_whole_multiples(scale, size):
    network = FSRCNN(scale)
    y = network(torch.rand(2, 1, *size))
    assert y.shape == (2, 1, scale * size[0], scale * size[1])
    assert network.plain() is network


def test_build_follows_the_recipe(small):
    network = build(small(scale=3, width=6, depth=2))
    assert isinstance(network, Weave)
    assert (network.scale, network.width, network.depth, network.halo) == (3, 6, 2, 4)
    assert isinstance(network.body[0], Branched)
    assert not isinstance(build(small(branched=False)).body[0], Branched)
    assert isinstance(build(small(network="fsrcnn", width=8)), FSRCNN)

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from torch.testing import assert_close

from upweave.learning import loop
from upweave.learning.known_networks import KNOWN
from upweave.learning.networks import (
    BUILDERS,
    ESPCN,
    FSRCNN,
    SRCNN,
    TCNN,
    LapSRN,
    ResizeConvolution,
    Upsampling,
    Weave,
    build,
)
from upweave.learning.networks.layers import SameConvTranspose2d
from upweave.learning.networks.weave import Branched
from upweave.ops.conventions import keras
from upweave.ops.interpolation import bicubic, bilinear

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
    tail = network.tail
    learned = functional.conv_transpose2d(
        y, tail.weight, tail.bias, stride=scale, padding=2 * scale
    )
    cubic = torch.from_numpy(bicubic(x.numpy(), scale))
    assert learned.shape == cubic.shape == (2, 1, scale * size[0], scale * size[1])
    assert_close(network(x), learned + cubic)
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
    assert_close(plain(x), network(x))


def test_branches_add_up_to_the_folded_kernel():
    layer = Branched(4).double()
    x = torch.randn(2, 4, 6, 7)
    inner = x[..., 1:-1, 1:-1]
    by_branches = layer.whole(x) + layer.expand(layer.squeeze(x)) + layer.point(inner) + inner
    assert_close(layer(x), by_branches)


def test_weave_begins_with_zeros_at_a_middle_grey():
    grey = torch.full((1, 1, 3, 3), 0.45)
    assert_close(Weave(2, 6, 1).head[0](grey), torch.zeros(1, 6, 1, 1), atol=1e-12, rtol=0)


def weights(network):
    """How many values the kernels have, biases and slopes not counted."""
    kinds = (torch.nn.Conv2d, torch.nn.ConvTranspose2d)
    return sum(m.weight.numel() for m in network.modules() if isinstance(m, kinds))


def test_costs():
    """The numbers that DESIGN, README and the docstrings state."""
    costs = {s: Weave(s, 16, 4 if s == 4 else 5).multiply_adds() for s in (2, 3, 4)}
    assert costs == {2: 12240, 3: 12960, 4: 11664}
    sizes = [Weave(4, 16, 4), Weave(4, 40, 6), Weave(4, 80, 8, branched=True)]
    assert [n.multiply_adds() for n in sizes] == [11664, 92520, 473040]
    assert [n.parameter_count() for n in sizes] == [11825, 93081, 474481]
    assert [LapSRN(s).multiply_adds() for s in (2, 4)] == [14048, 69664]
    assert [LapSRN(s).parameter_count() - 160 for s in (2, 4)] == [13554, 2 * 13554]
    assert ResizeConvolution(4).multiply_adds() == 144 * (1 + 4 * 16 + 16)
    assert TCNN().parameter_count() == Upsampling().parameter_count() == 21123
    assert (TCNN().multiply_adds(), Upsampling().multiply_adds()) == (89280, 315648)


def test_published_counts():
    # Dong et al. (2016), section 3: 25d + 2sd + 9ms² + 81d; their table 1 has 12,464 weights.
    assert FSRCNN(3).multiply_adds() == 25 * 56 + 2 * 12 * 56 + 9 * 4 * 12**2 + 81 * 56 == 12464
    assert weights(FSRCNN(4)) == 12464
    assert FSRCNN(4).parameter_count() == 12464 + 173 + 172
    # Dong et al. (PAMI 2016): the network 9-1-5 has 8,032 weights.
    assert weights(SRCNN(3)) == 8032
    assert SRCNN(3).multiply_adds() == 9 * 8032
    # Shi et al. (2016): (f1, n1) = (5, 64), (f2, n2) = (3, 32), f3 = 3.
    assert weights(ESPCN(3)) == ESPCN(3).multiply_adds() == 25 * 64 + 9 * 64 * 32 + 9 * 32 * 9
    assert ESPCN(3).parameter_count() == 20128 + 289 * 9


def test_the_names_of_recipes_and_builders_agree():
    assert list(BUILDERS) == list(KNOWN)


@pytest.mark.parametrize(
    ("name", "scale"), [(name, scale) for name in KNOWN for scale in KNOWN[name].scales]
)
@pytest.mark.parametrize("size", SIZES)
def test_every_network_keeps_the_contract(small, name, scale, size):
    network = build(small(network=name, scale=scale)).double().requires_grad_(False)
    x = torch.rand(2, network.channels, *size)
    y = network(x)
    assert y.shape == (2, network.channels, scale * size[0], scale * size[1])
    padded = functional.pad(x, [network.halo] * 4, mode="replicate")
    assert_close(network(padded, padded=True), y)
    assert_close(network.plain()(x), y)
    assert (network.scale, network.channels) == (scale, {"luma": 1, "rgb": 3}[network.colour])


@pytest.mark.usefixtures("drawings")
@pytest.mark.parametrize("name", sorted(KNOWN.keys() - {"tcnn", "upsampling"}))
def test_every_luma_network_trains(small, tmp_path, name):
    torch.set_default_dtype(torch.float32)
    plan = small(network=name, steps=2)
    network, score = loop.fit(plan, tmp_path / "run", threads=1)
    assert score > 0
    torch.manual_seed(plan.seed)
    before = build(plan).plain().state_dict()
    still = [key for key, value in network.state_dict().items() if torch.equal(value, before[key])]
    assert still == []


def test_what_a_recipe_cannot_choose_does_not_matter(small):
    for name, choices in KNOWN.items():
        for field in ("width", "depth"):
            few, many = (
                build(small(network=name, scale=choices.scales[-1], **{field: n})) for n in (2, 3)
            )
            differ = few.parameter_count() != many.parameter_count()
            assert differ == (field in choices.fields)


@given(st.integers(1, 4), st.integers(0, 4), st.integers(1, 5), st.integers(1, 5))
def test_same_transposed_convolution_is_keras(stride, more, height, width):
    random = np.random.default_rng(stride + more)
    layer = SameConvTranspose2d(2, 3, stride + more, stride).double().requires_grad_(False)
    x = random.random((2, 2, height, width))
    expected = keras.conv_transpose(
        x,
        layer.weight.numpy().transpose(2, 3, 1, 0),
        stride,
        "same",
        data_format="channels_first",
        bias=layer.bias.numpy(),
    )
    assert_close(layer(torch.from_numpy(x)).numpy(), expected)


@pytest.mark.parametrize("cls", [TCNN, Upsampling])
@pytest.mark.parametrize("size", SIZES)
def test_the_tutorials_networks_are_their_keras_layers(cls, size):
    network = cls().double().requires_grad_(False)
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.1)
    y = np.random.default_rng(1).random((1, *size, 3))
    expected = network(torch.from_numpy(y.transpose(0, 3, 1, 2))).numpy()
    kernels = (torch.nn.Conv2d, torch.nn.ConvTranspose2d)
    first, second, last = (layer for layer in network.body if isinstance(layer, kernels))
    for layer in (first, second):
        kernel, bias = layer.weight.numpy().transpose(2, 3, 1, 0), layer.bias.numpy()
        if cls is TCNN:
            y = keras.conv_transpose(y, kernel, 2, "same", bias=bias)
        else:
            y = keras.conv(keras.up_sampling(y, 2), kernel, 1, "same", bias=bias)
        y = np.maximum(y, 0)
    kernel = last.weight.numpy().transpose(2, 3, 1, 0)
    y = keras.conv(y, kernel, 1, "same", bias=last.bias.numpy())
    assert np.ptp(y) > 0.01
    assert_close(y.transpose(0, 3, 1, 2), expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_srcnn_convolves_the_bicubic_picture(scale, size):
    network = SRCNN(scale).double().requires_grad_(False)
    x = torch.rand(1, 1, *size)
    wide = functional.pad(x, [8] * 4, mode="replicate")
    cut = 8 * scale - 4 - 2
    y = torch.from_numpy(bicubic(wide.numpy(), scale))[..., cut:-cut, cut:-cut]
    for layer in network.body:
        y = layer(y)
    assert_close(network(x), y)


@pytest.mark.parametrize("scale", [2, 4])
def test_lapsrn_without_residuals_is_bilinear(scale):
    network = LapSRN(scale, 4, 1).double().requires_grad_(False)
    for level in network.levels:
        torch.nn.init.zeros_(level.residual.weight)
        torch.nn.init.zeros_(level.residual.bias)
    x = torch.rand(1, 1, 6, 7)
    expected = x.numpy()
    for _ in network.levels:
        expected = bilinear(expected, 2)
    inner = slice(scale, -scale)  # zero padding darkens the border
    assert_close(network(x).numpy()[..., inner, inner], expected[..., inner, inner])


def test_lapsrn_doubles():
    with pytest.raises(ValueError, match="scale: got 3; LapSRN doubles once or twice: 2 or 4"):
        LapSRN(3)


def test_a_resize_convolution_has_no_checkerboard():
    x = torch.full((1, 1, 16, 16), 0.5)
    middle = slice(28, 36)

    def spread(network):
        return float(np.ptp(network.double()(x).detach().numpy()[..., middle, middle]))

    assert spread(ResizeConvolution(4)) < 1e-12
    transposed = FSRCNN(4)
    torch.nn.init.normal_(transposed.tail.weight)
    assert spread(transposed) > 1e-3


def test_build_follows_the_recipe(small):
    network = build(small(scale=3, width=6, depth=2))
    assert isinstance(network, Weave)
    assert (network.scale, network.width, network.depth, network.halo) == (3, 6, 2, 4)
    assert isinstance(network.body[0], Branched)
    assert not isinstance(build(small(branched=False)).body[0], Branched)
    assert isinstance(build(small(network="fsrcnn", width=8)), FSRCNN)

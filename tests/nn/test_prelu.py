import pytest
import torch
from torch import nn

import upweave as uw
from upweave.kernels import host
from upweave.nn import prelu

LAYOUTS = (torch.contiguous_format, torch.channels_last)
SHAPES = [(1, 1, 1, 1), (2, 3, 5, 7), (3, 16, 4, 4), (2, 56, 9, 11), (1, 12, 40, 33), (2, 17, 1, 3)]


def gradients(layer, x, gradient):
    return torch.autograd.grad(layer(x), [x, layer.weight], gradient)


def draw(shape, layout, dtype=torch.float32):
    """Return maps of whole numbers, so that no order of summation rounds."""
    torch.manual_seed(sum(shape))
    x, gradient = (torch.randint(-3, 4, shape).to(dtype) for _ in range(2))
    return x.contiguous(memory_format=layout).requires_grad_(), gradient


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_results_and_gradients_are_pytorchs(shape, layout, lanes, monkeypatch):
    monkeypatch.setattr(host, "lanes", lambda itemsize=4: lanes)
    prelu._kernel.cache_clear()
    ours, theirs = (cls(shape[1]) for cls in (uw.nn.PReLU, nn.PReLU))
    with torch.no_grad():
        for layer in (ours, theirs):
            layer.weight.copy_(torch.arange(shape[1]) / 2 - 1)
    x, gradient = draw(shape, layout)
    assert torch.equal(ours(x), theirs(x))
    got, want = (gradients(layer, x, gradient) for layer in (ours, theirs))
    assert all(torch.equal(a, b) for a, b in zip(got, want, strict=True))
    prelu._kernel.cache_clear()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_slope_for_all_channels(layout):
    x, gradient = draw((2, 5, 6, 7), layout)
    got, want = (gradients(cls(init=0.5), x, gradient) for cls in (uw.nn.PReLU, nn.PReLU))
    assert all(torch.equal(a, b) for a, b in zip(got, want, strict=True))


def test_a_gradient_in_another_order_of_memory():
    x, gradient = draw((2, 5, 6, 7), torch.channels_last)
    layer = uw.nn.PReLU(5)
    got = gradients(layer, x, gradient.transpose(2, 3).contiguous().transpose(2, 3))
    assert torch.equal(got[0], gradients(layer, x, gradient)[0])


def test_what_the_kernel_does_not_read_is_pytorchs(monkeypatch):
    monkeypatch.setattr(prelu, "prelu_gradient", None)
    for x in (
        torch.randn(2, 3, 4, 5, dtype=torch.float64),
        torch.randn(2, 3, 4),
        torch.randn(2, 3, 8, 5)[:, :, ::2],
    ):
        layer = uw.nn.PReLU(3).to(x.dtype)
        x.requires_grad_()
        got, want = (gradients(f, x, torch.ones_like(x)) for f in (layer, nn.PReLU(3).to(x.dtype)))
        assert all(torch.equal(a, b) for a, b in zip(got, want, strict=True))


def test_not_a_number_and_infinity():
    x = torch.tensor([float("nan"), -float("inf"), float("inf"), -0.0]).view(1, 1, 2, 2)
    x.requires_grad_()
    layers = uw.nn.PReLU(1), nn.PReLU(1)
    got, want = (gradients(layer, x, torch.ones(1, 1, 2, 2)) for layer in layers)
    torch.testing.assert_close(got, want, equal_nan=True)

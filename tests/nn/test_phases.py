import pytest
import torch
from hypothesis import assume, given

import upweave as uw
from strategies import cases, repeatable
from upweave.nn.phases import conv_transpose, phase_weight, shuffle
from upweave.ops.geometry import Geometry


def geometry(case):
    shape = (case.kernel, case.stride, case.padding, case.output_padding, case.dilation)
    return Geometry(*shape)


@repeatable
@given(case=cases())
def test_the_definition(case):
    assume(all(begin == end for begin, end in case.padding))
    x, w, bias = case.operands()
    want = uw.reference.scatter(x, w, bias, **case.options)
    tensors = (None if a is None else torch.from_numpy(a) for a in (x, w, bias))
    got = conv_transpose(*tensors, geometry(case), case.groups)
    assert torch.equal(got, torch.from_numpy(want))  # whole numbers: no rounding


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_gradients(rank):
    """Against differences, and those of the gradient too."""
    torch.manual_seed(rank)
    shape = Geometry((5, 3, 2)[:rank], (2, 3, 1)[:rank], (1, 1, 0)[:rank], (1, 0, 0)[:rank])
    x = torch.randn(2, 4, *(3, 2, 2)[:rank], dtype=torch.float64, requires_grad=True)
    w = torch.randn(4, 1, *shape.kernel, dtype=torch.float64, requires_grad=True)
    b = torch.randn(2, dtype=torch.float64, requires_grad=True)

    def function(x, w, b):
        return conv_transpose(x, w, b, shape, 2)

    assert torch.autograd.gradcheck(function, (x, w, b))
    assert torch.autograd.gradgradcheck(function, (x, w, b))


def test_phases_are_those_of_the_geometry():
    shape = Geometry((7,), 3, dilation=2)
    w = torch.arange(1.0, 8).reshape(1, 1, 7)
    taps = phase_weight(w, shape, 1)
    assert taps.shape == (3, 1, 5)
    for phase, row in zip(shape.phases(0), taps[:, 0], strict=True):
        want = torch.zeros(5)
        for shift, tap in zip(phase.shifts, phase.taps, strict=True):
            want[4 - shift] = w[0, 0, tap]
        assert torch.equal(row, want)


def test_shuffle():
    x = torch.arange(2 * 3 * 6 * 5 * 4).reshape(2, 18, 5, 4)
    y = shuffle(x, (2, 3))
    assert y.shape == (2, 3, 10, 12)
    for n, c, h, w in ((0, 0, 0, 0), (1, 2, 9, 11), (1, 1, 4, 8), (0, 2, 7, 1)):
        assert y[n, c, h, w] == x[n, c * 6 + h % 2 * 3 + w % 3, h // 2, w // 3]
    x = torch.arange(2 * 27 * 2).reshape(1, 108, 1, 1, 1)
    assert shuffle(x[:, :54], (3, 3, 3)).shape == (1, 2, 3, 3, 3)

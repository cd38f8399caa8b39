"""The transposed convolution as a convolution of stride 1 whose channels are its phases.

Outputs that lie ``stride`` apart see the same taps, a phase of the kernel (Shi et al. 2016,
arXiv:1609.07009). With the phases as channels, one convolution computes them all, and a pixel
shuffle puts them in their places. PyTorch's convolutions, and what it derives from them for
training, are much faster than its transposed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import Tensor
from torch.nn import functional

from upweave.ops.geometry import Geometry

__all__ = ["conv_transpose", "phase_weight", "shuffle"]

_CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}


def conv_transpose(
    x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry, groups: int = 1
) -> Tensor:
    """Transposed convolution of 1 to 3 dimensions, differentiable as often as convolution is.

    Parameters
    ----------
    x : Tensor, shape (N, C_in, *size)
    weight : Tensor, shape (C_in, C_out/groups, *kernel)
    bias : Tensor, shape (C_out,), optional
    geometry : Geometry
        Its padding is symmetric.
    groups : int

    Returns
    -------
    Tensor, shape (N, C_out, *output size)
    """
    size = tuple(x.shape[2:])
    outputs = geometry.output_size(size)
    strides = geometry.stride
    taps = _taps(geometry)
    begins = [padding[0] for padding in geometry.padding]
    first = [begin // s for begin, s in zip(begins, strides, strict=True)]
    last = [(b + o - 1) // s for b, o, s in zip(begins, outputs, strides, strict=True)]
    around = [
        (t - 1 - f, end - (n - 1)) for t, f, end, n in zip(taps, first, last, size, strict=True)
    ]
    convolve = _CONVOLUTIONS[len(size)]
    kernel = phase_weight(weight, geometry, groups)
    biases = None if bias is None else bias.repeat_interleave(prod(strides))
    if all(before == after >= 0 for before, after in around):
        padding = [before for before, _ in around]
        phases = convolve(x, kernel, biases, padding=padding, groups=groups)
    else:
        wide = functional.pad(x, [n for pair in reversed(around) for n in pair])
        phases = convolve(wide, kernel, biases, groups=groups)
    big = shuffle(phases, strides)
    for axis, (begin, f, s, n) in enumerate(zip(begins, first, strides, outputs, strict=True)):
        big = big.narrow(axis + 2, begin - f * s, n)
    return big


def phase_weight(weight: Tensor, geometry: Geometry, groups: int) -> Tensor:
    """Sort a kernel's taps by phase.

    Returns
    -------
    Tensor, shape (C_out · prod(stride), C_in/groups, *taps)
        The channels of an output channel, one phase after the other; taps that a phase lacks are 0.
    """
    strides, taps = geometry.stride, _taps(geometry)
    channels_in, share = weight.shape[:2]
    weight = _spread(weight, geometry.dilation)
    missing = [t * s - n for t, s, n in zip(taps, strides, weight.shape[2:], strict=True)]
    weight = functional.pad(weight, [n for m in reversed(missing) for n in (0, m)])
    sides = [side for pair in zip(taps, strides, strict=True) for side in pair]
    weight = weight.reshape(groups, channels_in // groups, share, *sides)
    rank = len(taps)
    at_taps, at_phases = [3 + 2 * n for n in range(rank)], [4 + 2 * n for n in range(rank)]
    weight = weight.flip(at_taps).permute(0, 2, *at_phases, 1, *at_taps)
    return weight.reshape(groups * share * prod(strides), channels_in // groups, *taps)


def shuffle(phases: Tensor, strides: Sequence[int]) -> Tensor:
    """Put (N, C · prod(strides), *size) in their places: (N, C, *(strides · size))."""
    if len(strides) == 2 and strides[0] == strides[1]:
        return functional.pixel_shuffle(phases, strides[0])
    count, channels, *size = phases.shape
    rank = len(strides)
    phases = phases.reshape(count, channels // prod(strides), *strides, *size)
    places = [axis for n in range(rank) for axis in (2 + rank + n, 2 + n)]
    big = [n * s for n, s in zip(size, strides, strict=True)]
    return phases.permute(0, 1, *places).reshape(count, -1, *big)


def _taps(geometry: Geometry) -> list[int]:
    """Return how many taps the longest phase has, along each axis."""
    spans = [d * (k - 1) + 1 for k, d in zip(geometry.kernel, geometry.dilation, strict=True)]
    return [-(-span // s) for span, s in zip(spans, geometry.stride, strict=True)]


def _spread(weight: Tensor, dilation: Sequence[int]) -> Tensor:
    """Put zeros between the taps."""
    if all(d == 1 for d in dilation):
        return weight
    size = [d * (n - 1) + 1 for d, n in zip(dilation, weight.shape[2:], strict=True)]
    wide = weight.new_zeros(*weight.shape[:2], *size)
    places = (slice(None), slice(None), *(slice(None, None, d) for d in dilation))
    wide[places] = weight
    return wide

"""PyTorch's transposed convolutions, faster where their phases are the faster form."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import cast

import torch
from torch import Tensor, nn

from upweave.nn.phases import conv_transpose
from upweave.nn.prelu import PReLU
from upweave.ops.geometry import Geometry

__all__ = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "accelerate"]

_FEW_OUTPUTS = 3
_LONGEST_STRIDE = 32
_MANY_TAPS = {1: 16, 2: 36}  # by the number of axes; volumes gain nothing


class _Phased(nn.modules.conv._ConvTransposeNd):
    """A forward pass that chooses its form; all else is the class of PyTorch beside it."""

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return the transposed convolution of (N, C_in, *size) or (C_in, *size).

        Parameters
        ----------
        input : Tensor
        output_size : list of int, optional
            As in PyTorch: chooses the output padding.
        """
        rank = len(self.kernel_size)
        if not _pays(self, input):
            y: Tensor = super().forward(input, output_size)
            return y
        batched = input if input.ndim == rank + 2 else input[None]
        padding = cast("tuple[int, ...]", self.padding)  # only PyTorch's convolutions take words
        extra = self._output_padding(
            input,
            output_size,
            list(self.stride),
            list(padding),
            list(self.kernel_size),
            rank,
            list(self.dilation),
        )
        geometry = _geometry(self.kernel_size, self.stride, padding, tuple(extra), self.dilation)
        y = conv_transpose(batched, self.weight, self.bias, geometry, self.groups)
        return y if input.ndim == rank + 2 else y[0]


class ConvTranspose1d(_Phased, nn.ConvTranspose1d):
    """`torch.nn.ConvTranspose1d`: same arguments, parameters and results, to rounding."""


class ConvTranspose2d(_Phased, nn.ConvTranspose2d):
    """`torch.nn.ConvTranspose2d`: same arguments, parameters and results, to rounding.

    On a CPU, layers of at most 3 output channels (a group) and large kernels, such as the tails
    of super-resolution networks, are computed by phases (`upweave.nn.phases`), forward and
    backward; others, on other devices and in ONNX files that PyTorch writes, as PyTorch does.
    """


class ConvTranspose3d(_Phased, nn.ConvTranspose3d):
    """`torch.nn.ConvTranspose3d`, by PyTorch's own form: phases of volumes were no faster."""


_FASTER: dict[type[nn.Module], type[nn.Module]] = {
    nn.ConvTranspose1d: ConvTranspose1d,
    nn.ConvTranspose2d: ConvTranspose2d,
    nn.ConvTranspose3d: ConvTranspose3d,
    nn.PReLU: PReLU,
}


def accelerate(module: nn.Module) -> nn.Module:
    """Make the transposed convolutions of a module faster, and its PReLU, in place.

    Layers of exactly PyTorch's classes become upweave's; they remain the same objects, with their
    parameters, hooks and names.

    Parameters
    ----------
    module : Module

    Returns
    -------
    Module
        The same one.
    """
    for layer in module.modules():
        if type(layer) in _FASTER:
            layer.__class__ = _FASTER[type(layer)]
    return module


def _pays(layer: _Phased, x: Tensor) -> bool:
    """Tell whether the phases are the faster form.

    Measured on a CPU, with gradients: one output channel gains a factor of up to 3, three up to
    1.6; four and more often lose, as do phases of one tap, kernels so small that the shuffle takes
    longest, and so many phases that their convolution is no longer a small one.
    """
    if x.device.type != "cpu" or torch.onnx.is_in_onnx_export():
        return False
    kernel, stride = layer.kernel_size, layer.stride
    if len(kernel) not in _MANY_TAPS or prod(kernel) < _MANY_TAPS[len(kernel)]:
        return False
    overlaps = all(k >= 2 * s for k, s in zip(kernel, stride, strict=True))
    few, whole = layer.out_channels <= _FEW_OUTPUTS * layer.groups, prod(layer.dilation) == 1
    return overlaps and few and whole and 1 < prod(stride) <= _LONGEST_STRIDE


@lru_cache(maxsize=256)
def _geometry(
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    output_padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Geometry:
    return Geometry(kernel, stride, padding, output_padding, dilation)

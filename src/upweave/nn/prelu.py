"""PReLU, whose gradient takes PyTorch longer than the convolutions around it."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int64, c_void_p
from functools import cache
from math import lcm
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx, once_differentiable

from upweave.kernels import host, jit
from upweave.kernels.emit.prelu import PRELU_GRADIENT, emit_prelu_gradient

__all__ = ["PReLU", "prelu_gradient"]

_ABREAST = 4
"""Vectors of a plane that have sums of their own: one waits for another's addition."""


class PReLU(nn.PReLU):
    """`torch.nn.PReLU`: same arguments, parameters and results; gradients equal to rounding.

    On a CPU, float32 maps (N, C, H, W) in either order of memory have their gradient taken by a
    generated kernel in one pass; all else is PyTorch's.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input where positive, elsewhere times the slope of its channel."""
        if _layout(input) is None or torch.onnx.is_in_onnx_export() or host.why_not():
            return super().forward(input)
        slopes = self.weight if self.num_parameters > 1 else self.weight.expand(input.shape[1])
        y: Tensor = _PReLU.apply(input, slopes)  # type: ignore[no-untyped-call]
        return y


class _PReLU(torch.autograd.Function):
    """Autograd's view of it."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, slopes: Tensor) -> Tensor:
        ctx.save_for_backward(x, slopes)
        return torch.prelu(x, slopes)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        x, slopes = ctx.saved_tensors
        return prelu_gradient(x, slopes, gradient)


def prelu_gradient(x: Tensor, slopes: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of PReLU's input and slopes.

    Parameters
    ----------
    x : Tensor of float32, shape (N, C, H, W)
        Contiguous, or contiguous with channels last.
    slopes : Tensor of float32, shape (C,)
    gradient : Tensor, shape (N, C, H, W)
        Of the output.

    Returns
    -------
    of_x : Tensor, shape (N, C, H, W)
    of_slopes : Tensor, shape (C,)
        The sum, over a channel where x is not positive, of gradient times x.
    """
    layout = _layout(x)
    assert layout is not None
    gradient = gradient.contiguous(memory_format=layout)
    result = torch.empty_like(gradient)
    over = _over_planes if layout is torch.contiguous_format else _over_pixels
    return result, over(x, slopes.detach(), gradient, result)


def _over_planes(x: Tensor, slopes: Tensor, gradient: Tensor, result: Tensor) -> Tensor:
    """Every channel of a picture is a group: one slope, in all lanes."""
    count, channels, height, width = x.shape
    block = _ABREAST * host.lanes()
    spread = slopes[:, None].expand(channels, block).repeat(count, 1)
    sums = torch.zeros_like(spread)
    blocks, rest = divmod(height * width, block)
    _run((x, gradient, result, spread, sums), count * channels, blocks, _ABREAST, rest, block)
    return sums.view(count, channels, block).sum((0, 2))


def _over_pixels(x: Tensor, slopes: Tensor, gradient: Tensor, result: Tensor) -> Tensor:
    """Pixels follow one another: after so many vectors, the same channels are in the same lanes."""
    channels, lanes = x.shape[1], host.lanes()
    block = lcm(channels, lanes)
    spread = slopes.repeat(block // channels)
    sums = torch.zeros_like(spread)
    blocks, rest = divmod(x.numel(), block)
    _run((x, gradient, result, spread, sums), 1, blocks, block // lanes, rest, 0)
    return sums.view(-1, channels).sum(0)


def _run(tensors: tuple[Tensor, ...], *numbers: int) -> None:
    """Call the kernel with the addresses of the tensors, and the numbers."""
    _kernel()(*(tensor.data_ptr() for tensor in tensors), *numbers)


def _layout(x: Tensor) -> torch.memory_format | None:
    """Return how the maps lie in memory, or None where they are none that the kernel reads."""
    if x.device.type != "cpu" or x.dtype != torch.float32 or x.ndim != 4:
        return None
    for layout in (torch.contiguous_format, torch.channels_last):
        if x.is_contiguous(memory_format=layout):
            return layout
    return None


@cache
def _kernel() -> Callable[..., None]:
    code = jit.compile_ir(emit_prelu_gradient(host.lanes()))
    return CFUNCTYPE(None, *(c_void_p,) * 5, *(c_int64,) * 5)(code.address(PRELU_GRADIENT))

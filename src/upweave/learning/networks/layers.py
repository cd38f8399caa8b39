"""Layers that several networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from upweave.nn.phases import conv_transpose
from upweave.ops import interpolation
from upweave.ops.geometry import Geometry

__all__ = [
    "Bicubic",
    "SameConvTranspose2d",
    "cropped",
    "glorot",
]


def cropped(x: Tensor, n: int) -> Tensor:
    """Return (N, C, H, W) without ``n`` pixels on each side."""
    return x[..., n : x.shape[-2] - n, n : x.shape[-1] - n]


class Bicubic(nn.Module):
    """Bicubic enlargement of one channel: a transposed convolution that is not trained.

    Parameters
    ----------
    scale : int
    halo : int
        Pixels of context on each side of the input, of which the cubic needs 2.
    margin : int
        Pixels of context that the output shall have, at most ``scale·(halo - 2)``.

    Attributes
    ----------
    crop : int
        The padding of the transposed convolution.
    """

    kernel: Tensor

    def __init__(self, scale: int, halo: int, margin: int = 0) -> None:
        super().__init__()
        cubic = interpolation.kernel("bicubic", scale)
        self.scale = scale
        self.crop = cubic.padding[0] + scale * halo - margin
        taps = torch.from_numpy(cubic.taps.copy())
        self._geometry = Geometry((len(taps),) * 2, scale, self.crop)
        kernel = torch.outer(taps, taps).to(torch.get_default_dtype())[None, None]
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Enlarge (N, 1, H, W) to scale·(H - 2·halo) + 2·margin rows and as many columns of W."""
        return conv_transpose(x, self.kernel, None, self._geometry)


class SameConvTranspose2d(nn.ConvTranspose2d):
    """Keras' ``Conv2DTranspose(..., padding="same")`` of a kernel no smaller than its stride.

    The output is exactly ``stride`` times as large: of the full output ``kernel - stride`` is
    cropped, the larger half at the end (`upweave.ops.conventions.keras.conv_transpose`).

    Attributes
    ----------
    crop : (int, int)
        Of the begin and end of both axes.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__(inputs, outputs, kernel, stride)
        begin = (kernel - stride) // 2
        self.crop = begin, kernel - stride - begin

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Enlarge (N, inputs, H, W) to (N, outputs, stride·H, stride·W)."""
        full = functional.conv_transpose2d(x, self.weight, self.bias, self.stride)
        begin, end = self.crop
        return full[..., begin : full.shape[-2] - end, begin : full.shape[-1] - end]


def glorot(network: nn.Module) -> None:
    """Draw all kernels as Keras does by default, and set the biases to 0.

    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(module.weight)
            assert module.bias is not None
            nn.init.zeros_(module.bias)

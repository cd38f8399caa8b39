"""The resize convolution: repeat pixels, then convolve, so that no phase differs from another.

A. Odena, V. Dumoulin, C. Olah, "Deconvolution and checkerboard artifacts", Distill, 2016.
"""

from __future__ import annotations

from torch import nn

from upweave.learning.networks.network import Chain

__all__ = ["ResizeConvolution"]


class ResizeConvolution(Chain):
    """3×3 convolutions with ReLU, nearest-neighbour enlargement, and a 3×3 convolution.

    Parameters
    ----------
    scale : int
    width : int
        Channels between the first and the last layer.
    depth : int
        The number of ``width`` to ``width`` convolutions.

    Notes
    -----
    Luma to luma. The article gives the upsampler, not the network around it: that is weave's stack,
    zero padded, without the bicubic picture. With w and d for width and depth: 10w + d(9w² + w) +
    9w + 1 parameters, and 9w + 9dw² + 9w·scale² multiply-adds an input pixel.
    """

    def __init__(self, scale: int, width: int = 16, depth: int = 4) -> None:
        super().__init__()
        self.scale = scale
        layers: list[nn.Module] = []
        for inputs in [1, *[width] * depth]:
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
        layers += [nn.UpsamplingNearest2d(scale_factor=scale), nn.Conv2d(width, 1, 3, padding=1)]
        self.body = nn.Sequential(*layers)

"""`TCNN` with repeated pixels and convolutions in the place of transposed convolutions.

Layer by layer what Keras calls ``UpSampling2D`` (nearest) and ``Conv2D`` with ``padding="same"``;
the idea is that of A. Odena, V. Dumoulin, C. Olah, "Deconvolution and checkerboard artifacts",
Distill, 2016.
"""

from __future__ import annotations

from torch import nn

from upweave.learning.networks.layers import glorot
from upweave.learning.networks.network import Chain

__all__ = ["Upsampling"]


class Upsampling(Chain):
    """Twice: every pixel repeated and a convolution with ReLU; then a 3×3 convolution.

    Parameters
    ----------
    filters : (int, int)
        Channels of the first two convolutions.
    kernel : int
        Of the two; odd.
    strides : (int, int)
        How often pixels are repeated before each of the two.

    Notes
    -----
    Red, green and blue to the same, zeros beyond the border. It has as many parameters as `TCNN`,
    21,123 as it stands, but its convolutions work on the larger picture: 315,648 multiply-adds an
    input pixel.
    """

    colour = "rgb"

    def __init__(
        self,
        filters: tuple[int, int] = (64, 32),
        kernel: int = 3,
        strides: tuple[int, int] = (2, 2),
    ) -> None:
        super().__init__()
        first, second = filters
        self.scale = strides[0] * strides[1]
        self.body = nn.Sequential(
            nn.UpsamplingNearest2d(scale_factor=strides[0]),
            nn.Conv2d(3, first, kernel, padding=kernel // 2),
            nn.ReLU(),
            nn.UpsamplingNearest2d(scale_factor=strides[1]),
            nn.Conv2d(first, second, kernel, padding=kernel // 2),
            nn.ReLU(),
            nn.Conv2d(second, 3, 3, padding=1),
        )
        glorot(self)

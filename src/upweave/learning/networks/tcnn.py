"""The tutorials' network: colour, larger by two transposed convolutions.

Layer by layer what Keras calls ``Conv2DTranspose`` and ``Conv2D`` with ``padding="same"``; the
operator is that of V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning",
arXiv:1603.07285, 2016.
"""

from __future__ import annotations

from torch import nn

from upweave.learning.networks.layers import SameConvTranspose2d, glorot
from upweave.learning.networks.network import Chain

__all__ = ["TCNN"]


class TCNN(Chain):
    """Two transposed convolutions with ReLU, and a 3×3 convolution.

    Parameters
    ----------
    filters : (int, int)
        Channels of the two.
    kernel : int
        Of the two, no smaller than their strides.
    strides : (int, int)
        How many times larger each of the two makes the picture.

    Notes
    -----
    Red, green and blue to the same. All layers are Keras' "same": zeros beyond the border, and the
    transposed ones crop the full output. As it stands, the layers have 1,792, 18,464 and 867
    parameters, 21,123 together; 89,280 multiply-adds an input pixel.
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
            SameConvTranspose2d(3, first, kernel, strides[0]),
            nn.ReLU(),
            SameConvTranspose2d(first, second, kernel, strides[1]),
            nn.ReLU(),
            nn.Conv2d(second, 3, 3, padding=1),
        )
        glorot(self)

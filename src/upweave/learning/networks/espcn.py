"""ESPCN, the network that brought the sub-pixel convolution.

W. Shi, J. Caballero, F. Huszár, J. Totz, A. P. Aitken, R. Bishop, D. Rueckert, Z. Wang, "Real-time
single image and video super-resolution using an efficient sub-pixel convolutional neural network",
CVPR 2016.
"""

from __future__ import annotations

from torch import nn

from upweave.learning.networks.network import Chain

__all__ = ["ESPCN"]


class ESPCN(Chain):
    """Convolutions 5×5 to 64, 3×3 to 32 and 3×3 to scale² channels, then the pixel shuffle.

    Parameters
    ----------
    scale : int

    Notes
    -----
    Luma to luma, tanh between the layers as in the paper. The paper does not say what lies beyond
    the border; these layers are zero padded, as those of FSRCNN. 20,128 + 289·scale² parameters
    and 20,032 + 288·scale² multiply-adds an input pixel. The last convolution and the shuffle
    together are one transposed convolution of kernel 3·scale.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.body = nn.Sequential(
            nn.Conv2d(1, 64, 5, padding=2),
            nn.Tanh(),
            nn.Conv2d(64, 32, 3, padding=1),
            nn.Tanh(),
            nn.Conv2d(32, scale * scale, 3, padding=1),
            nn.PixelShuffle(scale),
        )

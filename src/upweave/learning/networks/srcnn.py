"""SRCNN, the first convolutional network for super-resolution.

C. Dong, C. C. Loy, K. He, X. Tang, "Learning a deep convolutional network for image
super-resolution", ECCV 2014, and "Image super-resolution using deep convolutional networks", IEEE
Trans. PAMI 38 (2016): the network 9-1-5.
"""

from __future__ import annotations

from torch import Tensor, nn

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.layers import Bicubic
from upweave.learning.networks.network import Network

__all__ = ["SRCNN"]


class SRCNN(Network):
    """Three convolutions, 9×9, 1×1 and 5×5, of the bicubically enlarged picture.

    Parameters
    ----------
    scale : int

    Notes
    -----
    Luma to luma. The enlargement is part of the network: a transposed convolution that is not
    trained. The paper's layers have no padding; here they have none either, but the input's edge
    pixel is repeated, so that the output covers all of the picture. 8,032 weights and 97 biases;
    8,032·scale² multiply-adds an input pixel, since all layers work on the large picture.
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        margin = 9 // 2 + 5 // 2  # pixels of the large picture that an output depends on
        self.scale = scale
        self.halo = 2 + -(-margin // scale)  # 2 for the cubic
        self.bicubic = Bicubic(scale, self.halo, margin)
        self.body = nn.Sequential(
            nn.Conv2d(1, 64, 9), nn.ReLU(), nn.Conv2d(64, 32, 1), nn.ReLU(), nn.Conv2d(32, 1, 5)
        )

    def enlarge(self, x: Tensor) -> Tensor:
        """Convolve the bicubic picture."""
        y: Tensor = self.body(self.bicubic(x))
        return y

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the chain of layers."""
        return writer.chain(x, [self.bicubic, *self.body])

"""The tutorials' network: colour, four times as large by two transposed convolutions.

Layer by layer what Keras calls ``Conv2DTranspose`` and ``Conv2D`` with ``padding="same"``; the
operator is that of V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning",
arXiv:1603.07285, 2016.
"""

from __future__ import annotations

from torch import Tensor, nn

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.layers import SameConvTranspose2d, glorot
from upweave.learning.networks.network import Network

__all__ = ["TCNN"]


class TCNN(Network):
    """Two 3×3 transposed convolutions of stride 2 with ReLU, and a 3×3 convolution.

    Parameters
    ----------
    filters : (int, int)
        Channels of the two.

    Notes
    -----
    Red, green and blue to the same. All layers are Keras' "same": zeros beyond the border, and the
    transposed ones drop the last row and column of the full output. 1,792 parameters, which of
    three 3×3 layers only (31, 3) and (3, 31) filters give; 5,481 multiply-adds an input pixel.
    """

    colour = "rgb"
    scale = 4

    def __init__(self, filters: tuple[int, int] = (31, 3)) -> None:
        super().__init__()
        first, second = filters
        self.body = nn.Sequential(
            SameConvTranspose2d(3, first, 3, 2),
            nn.ReLU(),
            SameConvTranspose2d(first, second, 3, 2),
            nn.ReLU(),
            nn.Conv2d(second, 3, 3, padding=1),
        )
        glorot(self)

    def enlarge(self, x: Tensor) -> Tensor:
        """Go through the layers."""
        y: Tensor = self.body(x)
        return y

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the chain of layers."""
        return writer.chain(x, self.body)

"""`TCNN` with repeated pixels and convolutions in the place of transposed convolutions.

Layer by layer what Keras calls ``UpSampling2D`` (nearest) and ``Conv2D`` with ``padding="same"``;
the idea is that of A. Odena, V. Dumoulin, C. Olah, "Deconvolution and checkerboard artifacts",
Distill, 2016.
"""

from __future__ import annotations

from torch import Tensor, nn

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.layers import glorot
from upweave.learning.networks.network import Network

__all__ = ["Upsampling"]


class Upsampling(Network):
    """Twice: every pixel repeated 2×2 and a 3×3 convolution with ReLU; then a 3×3 convolution.

    Parameters
    ----------
    filters : (int, int)
        Channels of the first two convolutions.

    Notes
    -----
    Red, green and blue to the same, zeros beyond the border. It has as many parameters as `TCNN`,
    1,792, but its convolutions work on the larger picture: 18,036 multiply-adds an input pixel.
    """

    colour = "rgb"
    scale = 4

    def __init__(self, filters: tuple[int, int] = (31, 3)) -> None:
        super().__init__()
        first, second = filters
        self.body = nn.Sequential(
            nn.UpsamplingNearest2d(scale_factor=2),
            nn.Conv2d(3, first, 3, padding=1),
            nn.ReLU(),
            nn.UpsamplingNearest2d(scale_factor=2),
            nn.Conv2d(first, second, 3, padding=1),
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

"""FSRCNN, the first network with a transposed convolution as its upsampler.

C. Dong, C. C. Loy, X. Tang, "Accelerating the super-resolution convolutional neural network",
ECCV 2016: FSRCNN(d, s, m), zero padding as in the paper.
"""

from __future__ import annotations

from torch import Tensor, nn

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.network import Network
from upweave.nn import ConvTranspose2d, PReLU

__all__ = ["FSRCNN"]


class FSRCNN(Network):
    """Feature extraction 5×5, shrinking 1×1, m times 3×3, expanding 1×1, 9×9 transposed tail.

    Parameters
    ----------
    scale : int
        Stride of the tail, 2 to 4 in the paper.
    width : int
        d, channels of the first and the last layer.
    shrunk : int
        s, channels of the layers in between.
    depth : int
        m, the number of layers in between.

    Notes
    -----
    Luma to luma. The paper's layers are zero padded, so a border darkens. FSRCNN(56, 12, 4) has
    12,464 weights, and as many multiply-adds an input pixel, at every scale; with 173 biases and
    172 slopes 12,809 parameters.
    """

    def __init__(self, scale: int, width: int = 56, shrunk: int = 12, depth: int = 4) -> None:
        super().__init__()
        self.scale = scale
        layers: list[nn.Module] = [nn.Conv2d(1, width, 5, padding=2), PReLU(width)]
        layers += [nn.Conv2d(width, shrunk, 1), PReLU(shrunk)]
        for _ in range(depth):
            layers += [nn.Conv2d(shrunk, shrunk, 3, padding=1), PReLU(shrunk)]
        layers += [nn.Conv2d(shrunk, width, 1), PReLU(width)]
        self.body = nn.Sequential(*layers)
        # Crop 4 and output padding scale - 1 make exactly scale·H of a kernel of 9.
        self.tail = ConvTranspose2d(width, 1, 9, scale, padding=4, output_padding=scale - 1)
        nn.init.normal_(self.tail.weight, std=0.001)  # the paper's initialisation
        assert self.tail.bias is not None
        nn.init.zeros_(self.tail.bias)

    def enlarge(self, x: Tensor) -> Tensor:
        """Enlarge the features."""
        y: Tensor = self.tail(self.body(x))
        return y

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the chain of layers."""
        return writer.layer(writer.chain(x, self.body), self.tail, "tail")

"""Weave: a plain stack of 3×3 convolutions, a transposed convolution, and the bicubic picture.

Everything runs at input resolution over the edge-padded luma, so a border is treated like any
other place (DESIGN §7); the two upsamplers, the learned tail and the fixed bicubic one, are both
transposed convolutions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.layers import Bicubic
from upweave.learning.networks.network import Network
from upweave.nn import ConvTranspose2d, PReLU

__all__ = ["Branched", "Weave"]

MIDDLE = 0.45
"""A middle luma."""


class Branched(nn.Module):
    """A 3×3 convolution written as the sum of four, for training only.

    3×3, 1×1 to twice the channels then 3×3, 1×1 and the identity: all linear, so their sum is one
    3×3 kernel, which is what is computed. Only the way the optimiser moves differs.

    Notes
    -----
    X. Ding et al., "RepVGG", CVPR 2021; K. Bhardwaj et al., "Collapsible linear blocks for
    super-efficient super resolution", MLSys 2022 (which also folds before each step).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.whole = nn.Conv2d(width, width, 3)
        self.squeeze = nn.Conv2d(width, 2 * width, 1, bias=False)
        self.expand = nn.Conv2d(2 * width, width, 3, bias=False)
        self.point = nn.Conv2d(width, width, 1, bias=False)
        self.register_buffer("identity", torch.eye(width)[:, :, None, None], persistent=False)

    @property
    def weight(self) -> Tensor:
        """The folded kernel (width, width, 3, 3)."""
        through = torch.einsum("omhw,mi->oihw", self.expand.weight, self.squeeze.weight[:, :, 0, 0])
        centre = functional.pad(self.point.weight + self.get_buffer("identity"), [1, 1, 1, 1])
        return self.whole.weight + through + centre

    @property
    def bias(self) -> Tensor | None:
        """The bias (width,)."""
        return self.whole.bias

    def forward(self, x: Tensor) -> Tensor:
        """Convolve with the folded kernel: (N, width, H, W) to (N, width, H - 2, W - 2)."""
        return functional.conv2d(x, self.weight, self.bias)


def _centre(layer: nn.Conv2d) -> None:
    """Let a layer begin with zeros where the picture is of a middle grey.

    Luma is positive. Channels that begin below 0 in every picture soon learn a slope of 0, and then
    nothing any more: of 40 channels, 23 ended so.
    """
    assert layer.bias is not None
    with torch.no_grad():
        layer.bias.copy_(-MIDDLE * layer.weight.sum((1, 2, 3)))


class Weave(Network):
    """The networks weave-s, weave-m and weave-l, luma to luma.

    Parameters
    ----------
    scale : int
        2 or more.
    width : int
        Channels of every layer between the first and the last.
    depth : int
        The number of ``width`` to ``width`` convolutions, at least 1.
    branched : bool
        Train with `Branched` convolutions; `plain` gives the network to ship.

    Notes
    -----
    All see the edge pixel repeated: ``halo`` is what an output depends on. With w and d for width
    and depth it has 10w + d(9w² + w) + (d + 1)w + (3·scale)²w + 1 parameters and
    9w + 9dw² + (3·scale)²w multiply-adds an input pixel. At scale 4:

    ======= ===== ===== ========== =============
    size    width depth parameters multiply-adds
    ======= ===== ===== ========== =============
    s          16     4     11,825        11,664
    m          40     6     93,081        92,520
    l          80     8    474,481       473,040
    ======= ===== ===== ========== =============
    """

    def __init__(
        self, scale: int, width: int = 16, depth: int = 4, *, branched: bool = False
    ) -> None:
        super().__init__()
        self.scale, self.width, self.depth = scale, width, depth
        self.halo = depth + 2  # one pixel for each 3×3 convolution, and one for the tail
        first = nn.Conv2d(1, width, 3)
        _centre(first)
        self.head = nn.Sequential(first, PReLU(width))
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [Branched(width) if branched else nn.Conv2d(width, width, 3)]
            layers += [PReLU(width)]
        self.body = nn.Sequential(*layers)
        self.tail = ConvTranspose2d(width, 1, 3 * scale, scale, padding=2 * scale)
        nn.init.normal_(self.tail.weight, std=0.001)  # begin as the bicubic picture
        assert self.tail.bias is not None
        nn.init.zeros_(self.tail.bias)
        self.skip = Bicubic(scale, self.halo)

    def enlarge(self, x: Tensor) -> Tensor:
        """Add what was learned to the bicubic picture."""
        y: Tensor = self.tail(self.body(self.head(x))) + self.skip(x)
        return y

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the layers, both upsamplers as transposed convolutions."""
        features = writer.chain(x, [*self.head, *self.body])
        return writer.sum(writer.layer(features, self.tail, "tail"), writer.layer(x, self.skip))

    def plain(self) -> Weave:
        """Return the same function without branches: the network to ship."""
        network = Weave(self.scale, self.width, self.depth)
        state = {k: v for k, v in self.state_dict().items() if not k.startswith("body.")}
        for i, layer in enumerate(self.body):
            names = ("weight",) if isinstance(layer, nn.PReLU) else ("weight", "bias")
            state |= {f"body.{i}.{name}": getattr(layer, name).detach() for name in names}
        network.load_state_dict(state)
        return network

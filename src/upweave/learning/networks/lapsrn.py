"""A small LapSRN: a pyramid that doubles the picture step by step, by transposed convolutions.

W.-S. Lai, J.-B. Huang, N. Ahuja, M.-H. Yang, "Deep Laplacian pyramid networks for fast and accurate
super-resolution", CVPR 2017.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.network import Network
from upweave.ops import interpolation

__all__ = ["LapSRN"]


class Level(nn.Module):
    """Doubles features and picture, and adds to the picture what it reads off the features."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2)]
        layers += [nn.ConvTranspose2d(width, width, 4, 2, padding=1), nn.LeakyReLU(0.2)]
        self.features = nn.Sequential(*layers)
        self.residual = nn.Conv2d(width, 1, 3, padding=1)
        self.picture = nn.ConvTranspose2d(1, 1, 4, 2, padding=1)
        taps = torch.from_numpy(interpolation.kernel("bilinear", 2).taps.copy())
        with torch.no_grad():  # begin as the bilinear picture, as the paper does
            self.picture.weight.copy_(torch.outer(taps, taps))
        assert self.picture.bias is not None
        nn.init.zeros_(self.picture.bias)

    def forward(self, features: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Return both twice as large."""
        features = self.features(features)
        return features, self.picture(picture) + self.residual(features)

    def graph(self, writer: GraphWriter, features: str, picture: str) -> tuple[str, str]:
        """Write what `forward` does."""
        features = writer.chain(features, self.features)
        residual = writer.layer(features, self.residual)
        return features, writer.sum(writer.layer(picture, self.picture), residual)


class LapSRN(Network):
    """One level for scale 2, two for scale 4.

    Parameters
    ----------
    scale : int
        2 or 4.
    width : int
        Channels of all features (64 in the paper).
    depth : int
        3×3 convolutions a level (10 in the paper).

    Notes
    -----
    Luma to luma, zero padded as in the paper. Unlike the paper's, the loss sees the last level's
    picture alone. At width 16 and depth 4 a level has 13,554 parameters, the first convolution
    160; scale 4 costs 69,664 multiply-adds an input pixel.
    """

    def __init__(self, scale: int, width: int = 16, depth: int = 4) -> None:
        super().__init__()
        if scale not in (2, 4):
            raise ValueError(f"scale: got {scale}; LapSRN doubles once or twice: 2 or 4")
        self.scale = scale
        self.head = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.LeakyReLU(0.2))
        self.levels = nn.ModuleList(Level(width, depth) for _ in range(scale // 2))

    def enlarge(self, x: Tensor) -> Tensor:
        """Go through the levels."""
        features, picture = self.head(x), x
        for level in self.levels:
            features, picture = level(features, picture)
        return picture

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the levels one after the other."""
        features, picture = writer.chain(x, self.head), x
        for level in self.levels:
            assert isinstance(level, Level)
            features, picture = level.graph(writer, features, picture)
        return picture

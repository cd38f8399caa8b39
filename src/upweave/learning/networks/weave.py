"""Weave: a plain stack of 3×3 convolutions, a transposed convolution, and the bicubic picture.

Everything runs at input resolution over the edge-padded luma, so a border is treated like any
other place (DESIGN §7); the two upsamplers, the learned tail and the fixed bicubic one, are both
transposed convolutions, computed here phase by phase.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from upweave.ops import interpolation

__all__ = ["Branched", "Weave", "enlarge"]


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


class Activation(nn.PReLU):
    """PReLU of one slope a channel, in a form whose backward pass on a CPU takes half the time."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x where positive, slope·x elsewhere."""
        positive = functional.relu(x)
        return positive + self.weight.view(1, -1, 1, 1) * (x - positive)


def enlarge(x: Tensor, kernel: Tensor, bias: Tensor | None, scale: int) -> Tensor:
    """Transposed convolution to one channel, computed phase by phase.

    Equals ``conv_transpose2d(x, kernel, bias, stride=scale, padding=(n - 1)·scale)`` for a
    kernel of n·scale by n·scale: every phase is an n×n convolution of the input, and the pixel
    shuffle interleaves the phases. On a CPU this trains up to three times as fast.

    Parameters
    ----------
    x : Tensor, shape (N, C, H, W)
    kernel : Tensor, shape (C, 1, n·scale, n·scale)
    bias : Tensor, shape (1,), or None
    scale : int

    Returns
    -------
    Tensor, shape (N, 1, scale·(H - n + 1), scale·(W - n + 1))
    """
    channels, n = kernel.shape[0], kernel.shape[-1] // scale
    taps = kernel.view(channels, n, scale, n, scale).flip(1, 3).permute(2, 4, 0, 1, 3)
    phases = functional.conv2d(x, taps.reshape(scale * scale, channels, n, n))
    y = functional.pixel_shuffle(phases, scale)
    return y if bias is None else y + bias


class Weave(nn.Module):
    """The network weave-s and its relatives, luma to luma.

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

    Attributes
    ----------
    halo : int
        Input pixels beyond each side that an output depends on.

    Notes
    -----
    Input (N, 1, H, W), luma in [0, 1]; output (N, 1, scale·H, scale·W), not clipped.
    """

    skip: Tensor

    def __init__(
        self, scale: int, width: int = 16, depth: int = 4, *, branched: bool = False
    ) -> None:
        super().__init__()
        self.scale, self.width, self.depth = scale, width, depth
        self.halo = depth + 2  # one pixel for each 3×3 convolution, and one for the tail
        self.head = nn.Sequential(nn.Conv2d(1, width, 3), Activation(width))
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [Branched(width) if branched else nn.Conv2d(width, width, 3)]
            layers += [Activation(width)]
        self.body = nn.Sequential(*layers)
        self.tail = nn.ConvTranspose2d(width, 1, 3 * scale, scale, padding=2 * scale)
        nn.init.normal_(self.tail.weight, std=0.001)  # begin as the bicubic picture
        assert self.tail.bias is not None
        nn.init.zeros_(self.tail.bias)
        taps = torch.from_numpy(interpolation.kernel("bicubic", scale).taps.copy())
        self.register_buffer("skip", torch.outer(taps, taps).float()[None, None], persistent=False)

    def forward(self, x: Tensor, padded: bool = False) -> Tensor:
        """Enlarge (N, 1, H, W) to (N, 1, scale·H, scale·W).

        With ``padded`` the input already carries ``halo`` pixels of context on each side, which
        the output does not cover.
        """
        if not padded:
            x = functional.pad(x, [self.halo] * 4, mode="replicate")
        learned = enlarge(self.body(self.head(x)), self.tail.weight, self.tail.bias, self.scale)
        return learned + self._bicubic(x)

    def _bicubic(self, x: Tensor) -> Tensor:
        """Enlarge ``x``, which has ``halo`` pixels of context, by the fixed kernel."""
        spare = self.halo - 2  # the cubic reaches two pixels
        middle = x[..., spare : x.shape[-2] - spare, spare : x.shape[-1] - spare]
        margin = (5 * self.scale - self.skip.shape[-1]) // 2  # `enlarge` wants whole multiples
        return enlarge(middle, functional.pad(self.skip, [margin] * 4), None, self.scale)

    def plain(self) -> Weave:
        """Return the same function without branches: the network to ship."""
        network = Weave(self.scale, self.width, self.depth)
        state = {k: v for k, v in self.state_dict().items() if not k.startswith("body.")}
        for i, layer in enumerate(self.body):
            names = ("weight",) if isinstance(layer, nn.PReLU) else ("weight", "bias")
            state |= {f"body.{i}.{name}": getattr(layer, name).detach() for name in names}
        network.load_state_dict(state)
        return network

    def multiply_adds(self) -> int:
        """Multiply-adds per input pixel, the fixed bicubic skip not counted.

        The skip adds (4·scale)² (even scale) or (4·scale - 1)² (odd) as one two-dimensional kernel.
        """
        return 9 * self.width + self.depth * 9 * self.width**2 + self.width * (3 * self.scale) ** 2

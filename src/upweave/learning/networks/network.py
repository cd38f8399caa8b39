"""What all networks have in common: how they are called, counted and written down."""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor, nn
from torch.nn import functional

from upweave.learning import summary
from upweave.learning.networks.graph_writer import GraphWriter

__all__ = ["Chain", "Network"]


class Network(nn.Module):
    """A network that enlarges pictures by a whole factor.

    A subclass says what it does to a picture with its context around it (`enlarge`), and how that
    is written as an ONNX graph (`graph`); the rest follows.

    Attributes
    ----------
    scale : int
        How many times larger the output is.
    halo : int
        Pixels of context that `enlarge` wants on each side: 0 for networks whose layers add zeros.
    colour : "luma" or "rgb"
        What the channels of input and output are, in [0, 1]; the output is not clipped.
    """

    colour: ClassVar[Literal["luma", "rgb"]] = "luma"
    scale: int
    halo: int = 0

    @property
    def channels(self) -> int:
        """How many channels come in and go out: C."""
        return 1 if self.colour == "luma" else 3

    def forward(self, x: Tensor, padded: bool = False) -> Tensor:
        """Enlarge (N, C, H, W) to (N, C, scale·H, scale·W).

        With ``padded`` the input already carries ``halo`` pixels of context on each side, which
        the output does not cover; otherwise the edge pixel is repeated.
        """
        if self.halo and not padded:
            x = functional.pad(x, [self.halo] * 4, mode="replicate")
        return self.enlarge(x)

    def enlarge(self, x: Tensor) -> Tensor:
        """Enlarge (N, C, H + 2·halo, W + 2·halo) to (N, C, scale·H, scale·W)."""
        raise NotImplementedError

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write what `enlarge` does to the tensor ``x``; return the name of the result."""
        raise NotImplementedError

    def plain(self) -> Network:
        """Return the network to ship: itself, unless it trains in another form."""
        return self

    def parameter_count(self) -> int:
        """Return the number of trained values of the network to ship."""
        return sum(parameter.numel() for parameter in self.plain().parameters())

    def multiply_adds(self) -> int:
        """Return the multiply-adds of the trained layers, an input pixel.

        Fixed bicubic kernels are not counted: each has (4·scale)² taps (even scale) or
        (4·scale - 1)² (odd) as one two-dimensional kernel. Borders are not counted either.
        """
        return int(sum(row.multiply_adds for row in summary.rows(self.plain())))


class Chain(Network):
    """A network whose layers follow one another.

    Attributes
    ----------
    body : Sequential
    """

    body: nn.Sequential

    def enlarge(self, x: Tensor) -> Tensor:
        """Go through the layers."""
        y: Tensor = self.body(x)
        return y

    def graph(self, writer: GraphWriter, x: str) -> str:
        """Write the chain of layers."""
        return writer.chain(x, self.body)

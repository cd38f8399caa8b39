"""The layers of a network as a table: shapes, parameters, multiply-adds.

Everything is measured: the network enlarges two pictures, and hooks see what passes every layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from upweave.learning.networks.network import Network

__all__ = ["LayerRow", "rows", "table"]

Size = tuple[int, int]
"""(height, width)."""


@dataclass(frozen=True)
class LayerRow:
    """One layer.

    Attributes
    ----------
    name, kind : str
        Where the network keeps it, and its class.
    shape : tuple of int
        (C, H, W) of its output.
    parameters : int
    multiply_adds : Fraction
        A pixel of the network's input, if that is large: borders do not count.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: Fraction


@dataclass(frozen=True)
class _Pass:
    """What one layer took and gave."""

    module: nn.Module
    input: torch.Size
    output: torch.Size


def rows(network: Network, size: Size = (16, 16)) -> list[LayerRow]:
    """Return the layers in the order in which they run.

    Parameters
    ----------
    network : Network
        As it is: fold branches first (`Network.plain`).
    size : (height, width)
        Of the input for which the shapes are.
    """
    passes, larger = _run(network, size), _run(network, (2 * size[0], 2 * size[1]))
    names = {module: name for name, module in network.named_modules()}
    return [
        LayerRow(
            names[one.module],
            type(one.module).__name__,
            tuple(one.output[1:]),
            sum(parameter.numel() for parameter in one.module.parameters()),
            _multiply_adds(one, two, size),
        )
        for one, two in zip(passes, larger, strict=True)
    ]


def table(network: Network, size: Size = (64, 64)) -> str:
    """Return the layers, and what they sum up to, as lines of text.

    Parameters
    ----------
    network : Network
        Branches, if any, are folded first.
    size : (height, width)
        Of the input.
    """
    layers = rows(network.plain(), size)
    lines = [("layer", "output shape", "parameters", "multiply-adds")]
    for row in layers:
        shape = ", ".join(map(str, row.shape))
        cost = f"{float(row.multiply_adds):,.0f}"
        lines.append((f"{row.name} ({row.kind})", f"({shape})", f"{row.parameters:,}", cost))
    total = sum(row.parameters for row in layers)
    cost = f"{float(sum(row.multiply_adds for row in layers)):,.0f}"
    lines.append(("total", "", f"{total:,}", f"{cost} per input pixel"))
    first, *widths = (max(map(len, column)) for column in zip(*lines, strict=True))
    return "\n".join(
        "  ".join([name.ljust(first), *map(str.rjust, rest, widths)]).rstrip()
        for name, *rest in lines
    )


@torch.no_grad()
def _run(network: Network, size: Size) -> list[_Pass]:
    """Run the network once and return what every layer without parts of its own saw."""
    passes: list[_Pass] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        passes.append(_Pass(module, inputs[0].shape, output.shape))

    layers = [module for module in network.modules() if not any(module.children())]
    hooks = [module.register_forward_hook(note) for module in layers]
    try:
        like = next(network.parameters())
        network(like.new_zeros(1, network.channels, *size))
    finally:
        for hook in hooks:
            hook.remove()
    return passes


def _multiply_adds(one: _Pass, two: _Pass, size: Size) -> Fraction:
    """Return the multiply-adds of a learned layer an input pixel; of any other layer none.

    The sizes between which a layer works grow by ``scale`` an input row: the difference of two
    pictures leaves the constant rows of a halo out.
    """
    module = one.module
    if not isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        return Fraction(0)
    where = "input" if isinstance(module, nn.ConvTranspose2d) else "output"
    small, large = getattr(one, where), getattr(two, where)
    scales = (Fraction(large[axis] - small[axis], size[axis]) for axis in (-2, -1))
    result = Fraction(module.weight.numel())
    for scale in scales:
        result *= scale
    return result

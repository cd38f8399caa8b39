"""Networks to train, one file each; `build` makes the one that a recipe asks for."""

from __future__ import annotations

from collections.abc import Callable

from upweave.learning.networks.espcn import ESPCN
from upweave.learning.networks.fsrcnn import FSRCNN
from upweave.learning.networks.lapsrn import LapSRN
from upweave.learning.networks.network import Network
from upweave.learning.networks.resize_convolution import ResizeConvolution
from upweave.learning.networks.srcnn import SRCNN
from upweave.learning.networks.tcnn import TCNN
from upweave.learning.networks.upsampling import Upsampling
from upweave.learning.networks.weave import Weave
from upweave.learning.recipe import Recipe

__all__ = [
    "BUILDERS",
    "ESPCN",
    "FSRCNN",
    "SRCNN",
    "TCNN",
    "LapSRN",
    "Network",
    "ResizeConvolution",
    "Upsampling",
    "Weave",
    "build",
]

BUILDERS: dict[str, Callable[[Recipe], Network]] = {
    "weave": lambda r: Weave(r.scale, r.width, r.depth, branched=r.branched),
    "srcnn": lambda r: SRCNN(r.scale),
    "fsrcnn": lambda r: FSRCNN(r.scale, r.width, depth=r.depth),
    "espcn": lambda r: ESPCN(r.scale),
    "lapsrn": lambda r: LapSRN(r.scale, r.width, r.depth),
    "resize-convolution": lambda r: ResizeConvolution(r.scale, r.width, r.depth),
    "tcnn": lambda r: TCNN(),
    "upsampling": lambda r: Upsampling(),
}
"""By the name that recipes use, those of `upweave.learning.known_networks`."""


def build(recipe: Recipe) -> Network:
    """Make the recipe's network with fresh weights (from torch's global random state)."""
    return BUILDERS[recipe.network](recipe)

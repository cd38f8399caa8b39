"""Networks to train, one file each; `build` makes the one that a recipe asks for."""

from __future__ import annotations

from upweave.learning.networks.fsrcnn import FSRCNN
from upweave.learning.networks.weave import Weave
from upweave.learning.recipe import Recipe

__all__ = ["FSRCNN", "Network", "Weave", "build"]

Network = Weave | FSRCNN


def build(recipe: Recipe) -> Network:
    """Make the recipe's network with fresh weights (from torch's global random state)."""
    if recipe.network == "weave":
        return Weave(recipe.scale, recipe.width, recipe.depth, branched=recipe.branched)
    return FSRCNN(recipe.scale, recipe.width, depth=recipe.depth)

"""Recipes: everything that decides what a training gives, as one checked, immutable value.

A recipe is a TOML file: the ones in ``learning/recipes/`` by name, any other by its path.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from upweave.learning.checks import RecipeError, check, check_type, either
from upweave.learning.experiment_plan import Experiment
from upweave.learning.known_networks import KNOWN

__all__ = ["Recipe", "RecipeError", "load", "names"]


@dataclass(frozen=True)
class Recipe:
    """What to train, on what, for how long.

    Every field is a key of the TOML file; those without a default are required.
    """

    name: str
    """Name of the model: the exported file is ``<name>.onnx``."""
    network: str
    """A name of `known_networks.KNOWN`."""
    scale: int
    """2, 3 or 4; some networks have fewer."""
    folders: tuple[str, ...]
    """Training pictures: folders below ``UPWEAVE_DATA`` (or absolute)."""
    steps: int
    """Optimiser steps, the warm-up included."""
    width: int = 16
    """Channels (weave, lapsrn, resize-convolution) or d (fsrcnn); other networks have none."""
    depth: int = 4
    """3×3 convolutions between head and tail (weave, resize-convolution), of a level (lapsrn), or m
    (fsrcnn); other networks have none."""
    seed: int = 1
    """Of the initial weights and, with the step's number, of each batch."""
    batch: int = 16
    """Crops a step."""
    crop: int = 40
    """Side of a crop in low-resolution pixels, the context not counted."""
    learning_rate: float = 2e-3
    """At its highest, just after the warm-up."""
    warm_up: int = 200
    """Steps over which the learning rate rises linearly; after them it falls as a cosine to 0."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights, which is what is exported."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    flats: int = 8
    """Flat patches a step, of random luma: they keep a flat picture flat (0: none)."""
    flat_weight: float = 0.1
    """Weight of their loss beside that of the crops."""
    branched: bool = True
    """Train weave's convolutions as sums of branches, folded on export."""
    degraded: int = 0
    """Reductions of each picture, made worse at random as photographs are (`degradation`); 0: one,
    bicubic."""
    validation: str = ""
    """Folder of the pictures that choose the weights to ship (below ``UPWEAVE_DATA``, or
    absolute); empty: ten of General-100, where they are there."""
    patience: int = 0
    """Validations without a higher score after which the training ends; 0: it goes on."""
    licence: str = ""
    """Of the training pictures, as the model's metadata will say it."""
    digest: str = ""
    """SHA-256 over the training pictures (`data.digest`); empty: not checked."""

    def __post_init__(self) -> None:
        for field in fields(self):
            check_type(field.name, getattr(self, field.name), str(field.type))
        check("network", self.network in KNOWN, self.network, either(KNOWN))
        scales = KNOWN[self.network].scales
        check("scale", self.scale in scales, self.scale, either(scales))
        check("folders", len(self.folders) > 0, list(self.folders), "at least one folder")
        check("name", self.name == Path(self.name).name != "", self.name, "a plain file name")
        for key in ("steps", "width", "depth", "batch", "crop"):
            check(key, getattr(self, key) >= 1, getattr(self, key), "at least 1")
        for key in ("seed", "warm_up", "flats", "flat_weight", "patience", "degraded"):
            check(key, getattr(self, key) >= 0, getattr(self, key), "at least 0")
        for key in ("learning_rate", "clip"):
            check(key, getattr(self, key) > 0, getattr(self, key), "a positive number")
        check("average", 0 <= self.average < 1, self.average, "at least 0 and below 1")

    def with_steps(self, steps: int) -> Recipe:
        """Return this recipe for another number of steps."""
        return replace(self, steps=steps)

    def with_data(self, folder: Path) -> Recipe:
        """Return this recipe for the pictures of a folder, whatever they are."""
        return replace(self, folders=(str(folder.resolve()),), digest="", licence="")

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values (for a checkpoint or an ONNX file's metadata)."""
        return asdict(self) | {"folders": list(self.folders)}


def names() -> list[str]:
    """Return the names of the recipes that come with upweave."""
    folder = resources.files("upweave.learning").joinpath("recipes")
    return sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml"))


def load(name_or_path: str) -> Recipe | Experiment:
    """Read and check a recipe.

    Parameters
    ----------
    name_or_path : str
        One of `names`, or the path of a TOML file.

    Returns
    -------
    Recipe or Experiment
        The latter where the file says how many ``epochs``.

    Raises
    ------
    RecipeError
        When there is no such recipe, or it is not one; one line.
    """
    if name_or_path in names():
        file = resources.files("upweave.learning").joinpath("recipes", f"{name_or_path}.toml")
        return parse(file.read_bytes(), name_or_path)
    path = Path(name_or_path)
    try:
        return parse(path.read_bytes(), name_or_path)
    except OSError as error:
        known = ", ".join(names())
        raise RecipeError(
            f"{name_or_path}: {error.strerror or error}; expected one of {known}, or a TOML file"
        ) from None


def parse(text: bytes, source: str) -> Recipe | Experiment:
    """Make a recipe of a TOML file's bytes; ``source`` names the file in errors."""
    try:
        table = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{source}: not a TOML file: {error}") from None
    kind: type[Recipe | Experiment] = Experiment if "epochs" in table else Recipe
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(table) - known):
        raise RecipeError(f"{source}: {unknown[0]}: no such key; known: {', '.join(sorted(known))}")
    required = [field.name for field in fields(kind) if field.default is MISSING]
    if missing := [key for key in required if key not in table]:
        raise RecipeError(f"{source}: {missing[0]}: missing")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    try:
        recipe = kind(**values)
        if isinstance(recipe, Recipe):
            _check_used(recipe.network, table)
    except RecipeError as error:
        raise RecipeError(f"{source}: {error}") from None
    return recipe


def _check_used(network: str, given: Iterable[str]) -> None:
    """Refuse a choice that the network does not have."""
    for key in ("width", "depth", "branched"):
        if key in given and key not in KNOWN[network].fields:
            raise RecipeError(f"{key}: {network} has no such choice; leave it out")

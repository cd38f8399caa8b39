"""The plan of an experiment: the tutorials', a network that enlarges whole small pictures."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from upweave.learning.checks import check, check_type

__all__ = ["Experiment"]


@dataclass(frozen=True)
class Experiment:
    """What to train, on how many pictures, for how long.

    Every field is a key of the TOML file; those without a default are required.
    """

    name: str
    """Of the folder of the results."""
    folder: str
    """Pictures: below ``UPWEAVE_DATA`` (or absolute)."""
    epochs: int
    """How often each picture is seen."""
    network: str = "tcnn"
    """``tcnn`` or ``upsampling``."""
    train: int = 30
    """So many pictures train, the first by name; the others test."""
    size: int = 256
    """Side of the square pictures, a multiple of the scale."""
    filters: tuple[int, int] = (64, 32)
    """Channels of the network's first two layers."""
    strides: tuple[int, int] = (2, 2)
    """How many times larger each of the two makes the picture; their product is the scale."""
    kernel: int = 3
    """Of the two: at least the larger stride (tcnn), or odd (upsampling)."""
    batch: int = 1
    """Pictures a step."""
    learning_rate: float = 1e-3
    """Adam's."""
    average: float = 0.998
    """Decay, a step, of the moving average of the weights, which is what is tested."""
    seed: int = 1
    """Of the first weights, and of the order of the pictures."""

    def __post_init__(self) -> None:
        for field in fields(self):
            check_type(field.name, getattr(self, field.name), str(field.type))
        known = self.network in {"tcnn", "upsampling"}
        check("network", known, self.network, "tcnn or upsampling")
        check("name", self.name == Path(self.name).name != "", self.name, "a plain file name")
        for key in ("epochs", "train", "size", "kernel", "batch"):
            check(key, getattr(self, key) >= 1, getattr(self, key), "at least 1")
        for key in ("filters", "strides"):
            pair = getattr(self, key)
            check(key, min(pair) >= 1, pair, "two numbers of at least 1")
        check("seed", self.seed >= 0, self.seed, "at least 0")
        check("average", 0 <= self.average < 1, self.average, "at least 0 and below 1")
        check("learning_rate", self.learning_rate > 0, self.learning_rate, "a positive number")
        whole = self.size % self.scale == 0
        check("size", whole, self.size, f"a multiple of the scale, {self.scale}")
        if self.network == "tcnn":
            least = max(self.strides)
            check("kernel", self.kernel >= least, self.kernel, f"at least the stride, {least}")
        else:
            check("kernel", self.kernel % 2 == 1, self.kernel, "an odd number")

    def with_data(self, folder: Path) -> Experiment:
        """Return this experiment for the pictures of a folder."""
        return replace(self, folder=str(folder.resolve()))

    @property
    def scale(self) -> int:
        """How many times larger the network makes a picture."""
        return self.strides[0] * self.strides[1]

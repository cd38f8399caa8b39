"""A data folder of a few drawn pictures, and recipes small enough to follow in a second."""

import numpy as np
import pytest

from upweave.learning import data
from upweave.learning.recipe import Recipe
from upweave.pictures.files import Picture, write


def drawing(seed: int, height: int = 60, width: int = 72) -> np.ndarray:
    """Rectangles of random colours: edges that bicubic interpolation blurs."""
    random = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 128, np.uint8)
    for _ in range(12):
        y, x = random.integers(0, height - 12), random.integers(0, width - 12)
        picture[y : y + random.integers(6, 30), x : x + random.integers(6, 30)] = random.integers(
            0, 256, 3
        )
    return picture


@pytest.fixture
def drawings(tmp_path, monkeypatch):
    """A data folder with train/drawn and two of the held-out pictures."""
    base = tmp_path / "data"
    for folder in ("train/drawn", "train/General100"):
        (base / folder).mkdir(parents=True)
    for i in range(4):
        write(base / f"train/drawn/{i}.png", Picture(drawing(i)))
    for i, name in enumerate(data.HELD_OUT[:2]):
        write(base / name, Picture(drawing(100 + i)))
    monkeypatch.setenv("UPWEAVE_DATA", str(base))
    return base


@pytest.fixture
def small():
    """Return a function that makes a recipe for the drawings."""

    def make(**changes):
        words = {
            "name": "small",
            "network": "weave",
            "scale": 2,
            "folders": ("train/drawn",),
            "steps": 12,
            "width": 4,
            "depth": 1,
            "batch": 2,
            "crop": 8,
            "warm_up": 4,
            "flats": 2,
        }
        return Recipe(**(words | changes))

    return make

"""Make the README's picture: part of the example's pixels, bicubic, and weave-s-x4, side by side.

Run from anywhere: ``python benchmarks/picture.py``. Writes docs/images/coffee.png.
"""

from pathlib import Path

import numpy as np

import upweave as uw
from upweave.pictures.bicubic import Bicubic
from upweave.pictures.files import Picture, read, write

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "examples" / "coffee.jpg"
TARGET = ROOT / "docs" / "images" / "coffee.png"
SCALE = 4
PART = np.s_[92:182, 118:208]  # the spoon and the foot of the cup, in pixels of the example
GAP = 8  # white columns between the panels


def main() -> None:
    """Write the picture."""
    image = read(SOURCE).pixels
    rows, columns = (slice(SCALE * part.start, SCALE * part.stop) for part in PART)
    pixels = image[PART].repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    # Enlarged whole and cut afterwards, so that no edge shows.
    bicubic = Bicubic(SCALE)(image)[rows, columns]
    network = uw.load(f"weave-s-x{SCALE}")(image)[rows, columns]
    gap = np.full((pixels.shape[0], GAP, 3), 255, np.uint8)
    TARGET.parent.mkdir(exist_ok=True)
    panels = np.concatenate([pixels, gap, bicubic, gap, network], axis=1)
    write(TARGET, Picture(panels), overwrite=True)
    print(f"{TARGET}  {panels.shape[1]} x {panels.shape[0]}")


if __name__ == "__main__":
    main()

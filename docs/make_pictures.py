"""Makes the pictures of docs/explain.md, in docs/images/explain: ``python docs/make_pictures.py``.

Needs the extra `explain`. All numbers are those of `upweave.ops.reference`; the examples are those
that tutorials on transposed convolution use.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from upweave.engine.onnx_tail import read_tail
from upweave.explain.animation import save
from upweave.explain.frames import Frame
from upweave.explain.overlaps import colour_cells, overlap, pairs
from upweave.explain.settings import settings
from upweave.explain.tails import tail
from upweave.explain.upsamplers import upsamplers
from upweave.explain.walkthroughs import FORMS
from upweave.ops.geometry import Geometry
from upweave.pictures.models import find

FOLDER = Path(__file__).parent / "images" / "explain"

TWO = np.array([[55.0, 52], [57, 50]])
TWO_KERNEL = np.array([[1.0, 2], [2, 1]])
FOUR = np.array([[3.0, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]])
FOUR_KERNEL = np.array([[1.0, 2, 1], [2, 1, 2], [1, 1, 2]])
ROWS = np.array([[3.0, 3, 3, 6], [7, 4, 3, 2], [7, 2, 8, 5], [1, 7, 3, 1]])
ROWS_KERNEL = np.array([[1.0, 2, 4], [1, 1, 3], [1, 2, 4]])
SMALL, SMALL_KERNEL = np.array([[1.0, 2], [3, 4]]), np.arange(1.0, 10).reshape(3, 3)
FIVE = np.arange(1.0, 26).reshape(5, 5)
HALF = Geometry((3, 3), 2, 1, 1)

PICTURES: dict[str, Callable[[], Sequence[Frame]]] = {
    "convolution.gif": lambda: FORMS["convolution"](FOUR, FOUR_KERNEL, Geometry((3, 3))),
    "convolution-same.gif": lambda: FORMS["convolution"](
        FOUR, FOUR_KERNEL, Geometry((3, 3), padding=1)
    ),
    "convolution-five.gif": lambda: FORMS["convolution"](FIVE, FOUR_KERNEL, Geometry((3, 3))),
    "convolution-rows.png": lambda: FORMS["convolution"](ROWS, ROWS_KERNEL, Geometry((3, 3))),
    "way-back.png": lambda: FORMS["scatter"](TWO, FOUR_KERNEL, Geometry((3, 3)))[-1:],
    "scatter-1.gif": lambda: FORMS["scatter"](TWO, TWO_KERNEL, Geometry((2, 2))),
    "scatter-2.gif": lambda: FORMS["scatter"](TWO, TWO_KERNEL, Geometry((2, 2), 2)),
    "scatter-overlap.png": lambda: FORMS["scatter"](SMALL, SMALL_KERNEL, Geometry((3, 3), 2)),
    "zero-insertion.gif": lambda: FORMS["zero-insertion"](SMALL, SMALL_KERNEL, HALF),
    "zero-insertion-steps.png": lambda: FORMS["zero-insertion"](SMALL, SMALL_KERNEL, HALF)[:5],
    "matrix-convolution.png": lambda: FORMS["matrix"](
        np.array([[2.0, 3], [4, 3]]), ROWS_KERNEL, Geometry((3, 3))
    )[:1],
    "matrix.gif": lambda: FORMS["matrix"](
        np.array([[2.0, 3], [4, 3]]), ROWS_KERNEL, Geometry((3, 3))
    )[1:],
    "phases.png": lambda: FORMS["phases"](SMALL, SMALL_KERNEL, HALF),
    "overlap.png": lambda: overlap(Geometry((3, 3), 2), (4, 4)),
    "checkerboards.png": lambda: pairs(range(2, 7), range(1, 4)),
    "kernels.png": lambda: tail(read_tail(find("weave-s-x4").path), "weave-s-x4", count=3),
    "settings.png": lambda: settings(ROWS[:3, :3], range(2, 4), range(1, 3)),
    "colours.png": colour_cells,
    "upsamplers.png": lambda: upsamplers(TWO),
}
"""By the names of their files."""


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, frames in PICTURES.items():
        save(frames(), FOLDER / name)
        print(name, flush=True)


if __name__ == "__main__":
    main()

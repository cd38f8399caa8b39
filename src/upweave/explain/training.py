"""A training drawn: its losses, its scores, and what the network made of pictures meanwhile."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

__all__ = ["draw"]

_SHOWN = 3
"""Sample pictures at most: the first, the last, and between."""
_SMOOTHED = 20
"""A running mean takes this part of a curve's points."""
_WIDTH, _PLOT = 10.0, 3.6  # inches

Curve = list[tuple[int, float]]
"""Steps and values."""


def draw(folder: Path) -> Figure:
    """Return a figure of what ``upweave train`` left in a folder.

    Parameters
    ----------
    folder : Path
        Holds ``log.csv`` and, where samples were written, ``samples/step-NUMBER.png``.

    Raises
    ------
    ValueError
        Where there is no log.
    OSError
        Where it cannot be read.
    """
    curves = _curves(folder / "log.csv")
    samples = _some(sorted((folder / "samples").glob("step-*.png")))
    pictures = [np.asarray(Image.open(path)) for path in samples]
    below = max((_WIDTH / _SHOWN * p.shape[0] / p.shape[1] for p in pictures), default=0)
    heights = [_PLOT, below] if pictures else [_PLOT]
    figure = Figure(figsize=(_WIDTH, sum(heights)), facecolor="white", layout="constrained")
    grid = figure.add_gridspec(len(heights), 6, height_ratios=heights)
    loss, score = (figure.add_subplot(grid[0, part]) for part in (slice(3), slice(3, 6)))
    _plot(loss, curves["loss"], "loss", "training loss")
    loss.set_yscale("log")
    _plot(score, curves["psnr"], "PSNR, dB", "validation pictures")
    for n, (path, picture) in enumerate(zip(samples, pictures, strict=True)):
        first = 3 - len(pictures) + 2 * n  # all of them in the middle
        axes = figure.add_subplot(grid[1, first : first + 2])
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_axis_off()
        step = int(path.stem.removeprefix("step-"))
        axes.set_title(f"step {step:,}: input, result, original", fontsize=9)
    return figure


def _curves(log: Path) -> dict[str, Curve]:
    """Return what a log holds of losses and scores; a line that is being written is no line."""
    if not log.is_file():
        raise ValueError(f"{log.parent}: holds no log.csv; name a folder of `upweave train`")
    found: dict[str, Curve] = {"loss": [], "psnr": []}
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name, curve in found.items():
                value = _number(row.get(name))
                step = _number(row.get("step"))
                if math.isfinite(value) and math.isfinite(step):
                    curve.append((int(step), value))
    return found


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _some(paths: Sequence[Path]) -> list[Path]:
    """Return a few of many, evenly, with the first and the last."""
    places = np.linspace(0, len(paths) - 1, min(_SHOWN, len(paths)))
    return [paths[round(place)] for place in places]


def _plot(axes: Axes, curve: Curve, what: str, title: str) -> None:
    """Draw a curve and, where it has many points, its running mean."""
    steps, values = np.array(curve, np.float64).reshape(-1, 2).T
    width = max(1, len(values) // _SMOOTHED)
    few = width == 1
    axes.plot(
        steps, values, ".-" if few else "-", linewidth=1, color="#0072b2", alpha=1 if few else 0.3
    )
    if not few:
        means = np.convolve(values, np.full(width, 1 / width), "valid")
        middles = np.convolve(steps, np.full(width, 1 / width), "valid")
        axes.plot(middles, means, linewidth=1.4, color="#0072b2", label=f"mean of {width} lines")
        axes.legend(fontsize=8)
    axes.set(xlabel="step", ylabel=what)
    axes.set_title(title if curve else f"{title}: none yet", fontsize=10)
    axes.grid(alpha=0.3)

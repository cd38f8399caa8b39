"""What an experiment leaves behind: pictures, curves and tables."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from upweave.learning.experiment import Pictures, Result, Split, ways
from upweave.learning.experiment_plan import Experiment
from upweave.whole import whole_file

__all__ = ["comparison", "curves", "grid", "write"]

SHOWN = 16
"""Pictures in a grid of samples."""
COMPARED = 4
"""Pictures of a comparison."""
_TITLES = {"network": "predicted"}


def write(experiment: Experiment, result: Result, folder: Path) -> list[Path]:
    """Write all of it into a folder; return the files.

    ``samples-low.png`` and ``samples-high.png`` (inputs and targets), ``losses.png`` and
    ``losses.csv``, ``comparison-training.png`` and ``comparison-test.png``, ``scores.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "samples-low.png": grid(result.training.low, "inputs"),
        "samples-high.png": grid(result.training.high, "targets"),
        "losses.png": curves(result),
        "comparison-training.png": comparison(result, result.training),
        "comparison-test.png": comparison(result, result.test),
    }
    texts = {"losses.csv": _losses(result), "scores.json": _scores(experiment, result)}
    for name, figure in figures.items():
        memory = io.BytesIO()
        figure.savefig(memory, format="png", dpi=100, bbox_inches="tight")
        _write(folder / name, memory.getvalue())
    for name, text in texts.items():
        _write(folder / name, text.encode())
    return [folder / name for name in (*figures, *texts)]


def grid(pictures: Pictures, title: str) -> Figure:
    """Draw the first pictures, four in a row, over their common shape."""
    figure = _figure(8, 8.4)
    some = pictures[:SHOWN]
    figure.suptitle(f"{title}: {len(pictures)} pictures of {_shape(pictures)}")
    for n, picture in enumerate(some):
        axes = figure.add_subplot(-(-len(some) // 4), 4, n + 1)
        axes.imshow(_shown(picture), interpolation="nearest")
        axes.set_axis_off()
    return figure


def curves(result: Result) -> Figure:
    """Draw the losses over the epochs, with bicubic's error on the test pictures as a line."""
    figure = _figure(7, 4.2)
    axes = figure.add_subplot()
    epochs = np.arange(1, len(result.losses) + 1)
    for values, label in zip(result.losses.T, ("training", "test"), strict=True):
        axes.plot(epochs, values, label=label)
    bicubic = result.scores["test"]["bicubic"].mse
    axes.axhline(bicubic, color="grey", linestyle="--", label="test, bicubic")
    axes.set(xlabel="epoch", ylabel="mean squared error", yscale="log")
    axes.legend()
    return figure


def comparison(result: Result, part: Split) -> Figure:
    """Draw some pictures of a split, each way beside the other: input, ways, target."""
    low, high = part.low[:COMPARED], part.high[:COMPARED]
    made = ways(result.network, low)
    columns = {"input": low, **made, "target": high}
    figure = _figure(2.6 * len(columns), 2.9 * len(low))
    for row in range(len(low)):
        for column, (name, pictures) in enumerate(columns.items()):
            axes = figure.add_subplot(len(low), len(columns), row * len(columns) + column + 1)
            axes.imshow(_shown(pictures[row]), interpolation="nearest")
            axes.set_axis_off()
            title = _TITLES.get(name, name)
            if name in made:
                error = np.mean((pictures[row].astype(np.float64) - high[row]) ** 2)
                title += f"\n{-10 * np.log10(error):.2f} dB"
            else:
                title += f"\n{_shape(pictures)}"
            axes.set_title(title, fontsize=10)
    return figure


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


def _shape(pictures: Pictures) -> str:
    return f"{pictures.shape[-2]}×{pictures.shape[-1]}"


def _shown(picture: Pictures) -> NDArray[np.float32]:
    return np.clip(np.moveaxis(picture, 0, -1), 0, 1)


def _losses(result: Result) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("epoch", "training", "test"))
    rows.writerows((n + 1, *map(repr, row)) for n, row in enumerate(result.losses.tolist()))
    return text.getvalue()


def _scores(experiment: Experiment, result: Result) -> str:
    scores = {
        part: {way: asdict(values) for way, values in ways.items()}
        for part, ways in result.scores.items()
    }
    names = {"training": result.training.names, "test": result.test.names}
    content = {"experiment": asdict(experiment), "pictures": names, "scores": scores}
    return json.dumps(content, indent=2) + "\n"


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as file:
        file.write(content)

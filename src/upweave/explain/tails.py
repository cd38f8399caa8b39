"""The layer that enlarges, of a trained network: its kernels, and what its phases weigh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from upweave.engine.errors import ModelError
from upweave.engine.graph import Convolve
from upweave.engine.onnx_file import read_model
from upweave.explain.frames import Frame, Panel
from upweave.explain.overlaps import spectrum

__all__ = ["Tail", "read", "tail"]


@dataclass(frozen=True, eq=False)
class Tail:
    """A transposed convolution with weights that were learned.

    Attributes
    ----------
    stride, padding : (int, int)
        Of rows and columns; the padding at their beginnings.
    weights : ndarray, shape (C, O, K_h, K_w)
    """

    stride: tuple[int, int]
    padding: tuple[int, int]
    weights: NDArray[np.float64]

    @property
    def heaviest(self) -> list[int]:
        """The input channels, from the largest sum of absolute weights on."""
        sums = np.abs(self.weights).sum(axis=(1, 2, 3))
        return [int(n) for n in np.argsort(-sums, kind="stable")]

    def phases(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of a kernel's taps (K_h, K_w) in each phase, shape `stride`.

        It is what an output of that phase is where the whole input is 1.
        """
        rows, columns = (
            (np.arange(taps) - before) % step
            for taps, before, step in zip(weights.shape, self.padding, self.stride, strict=True)
        )
        sums = np.zeros(self.stride)
        np.add.at(sums, (rows[:, np.newaxis], columns), weights)
        return sums


def read(path: Path) -> Tail:
    """Return the transposed convolution of the most channels in an ONNX file.

    The others of a network are interpolation, whose kernels are fixed and of a channel or three.

    Raises
    ------
    ModelError
        Where the engine does not read the file, or it has no such layer.
    OSError
        Where it cannot be read.
    """
    model = read_model(path)
    weights = model.tensors.constants
    operations = {operation.y: operation for operation in model.graph.operations}
    layers = [
        (weights[node.proto.input[1]], operation.geometry)
        for node in model.nodes
        if node.kind == "ConvTranspose"
        and isinstance(operation := operations[node.proto.output[0]], Convolve)
    ]
    if not layers:
        raise ModelError(f"{path}: has no transposed convolution")
    learned, geometry = max(layers, key=lambda layer: len(layer[0]))
    (stride, padding) = geometry.stride, geometry.padding
    return Tail(
        (stride[0], stride[1]),
        (padding[0][0], padding[1][0]),
        learned.astype(np.float64),
    )


def tail(found: Tail, name: str, count: int = 6) -> list[Frame]:
    """Return frames of a layer's phases, and of its heaviest kernels.

    Parameters
    ----------
    found : Tail
    name : str
        Of the network.
    count : int
        How many kernels.
    """
    total = found.phases(np.abs(found.weights).sum(axis=(0, 1)))
    waves = spectrum(total)
    mean, waves[0, 0] = waves[0, 0], 0
    frames = [
        Frame(
            (
                _panel("absolute weights of each phase", total),
                _panel("their spectrum", spectrum(total)),
            ),
            f"{name}: all {len(found.weights)} channels. The strongest wave beside the mean has "
            f"{waves.max() / mean if mean else 0:.0%} of it.",
        )
    ]
    for channel in found.heaviest[:count]:
        kernel = found.weights[channel, 0]
        frames.append(
            Frame(
                (
                    _panel("kernel", kernel),
                    _panel("sums of its phases", found.phases(kernel)),
                ),
                f"Channel {channel}: what a flat input of 1 becomes stands at the right.",
            )
        )
    return frames


def _panel(title: str, weights: NDArray[np.float64]) -> Panel:
    """Return a panel of weights, to the digits that can be read; a zero has no sign."""
    return Panel(title, weights.round(3) + 0.0, shaded=True)

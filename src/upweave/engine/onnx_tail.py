"""The layer of a trained network that enlarges: a transposed convolution with learned kernels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from upweave.engine.errors import ModelError
from upweave.engine.graph import Convolve
from upweave.engine.onnx_file import read_model

__all__ = ["Tail", "read_tail"]


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


def read_tail(path: Path) -> Tail:
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
    (down, across), ((top, _), (left, _)) = geometry.stride, geometry.padding
    return Tail((down, across), (top, left), learned.astype(np.float64))

"""Layers at random, in the ranges of published networks; none of them is in `layers.py`.

Lines, planes and volumes; convolutions and transposed convolutions; whole, in groups and depthwise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

import upweave as uw
from layers import LAYERS
from upweave.kernels.slabs import (
    Slab,
    as_volumes,
    convolution_slabs,
    expanded,
    transposed_slabs,
)

Array = np.ndarray[Any, np.dtype[Any]]
Sizes = tuple[int, ...]

FLOPS, BANDWIDTH = 2e11, 2e10  # a second, of the machine that the times below are for
TIMES = 2e-4, 2e-2  # seconds that a layer may take at least and at most
WEIGHTS = 1 << 24  # bytes at most: they are laid out anew for every register tile
CHANNELS = 1, 3, 8, 12, 16, 21, 24, 32, 48, 56, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512
BATCHES = 1, 1, 1, 2, 4, 8, 16
KERNELS = 1, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 11, 16
STRIDES = {True: (1, 2, 2, 2, 3, 4, 4, 5, 8), False: (1, 1, 1, 1, 2, 2, 3, 4)}
MAPS = {1: (16, 32768), 2: (4, 512), 3: (4, 64)}  # inputs along an axis
AXES = 1, 2, 2, 2, 3


@dataclass(frozen=True)
class DrawnLayer:
    """A layer and the size of its input.

    Attributes
    ----------
    transposed : bool
    batch, groups : int
    channels : (C_in, C_out)
    size, kernel, stride, padding : tuple of int
        One value an axis.
    """

    transposed: bool
    batch: int
    groups: int
    channels: tuple[int, int]
    size: Sizes
    kernel: Sizes
    stride: Sizes
    padding: Sizes

    @property
    def name(self) -> str:
        """The layer in a few words."""
        parts = [
            f"{len(self.size)}-D {'transposed' if self.transposed else 'convolution'}",
            "→".join(map(str, self.channels)),
            f"{_joined(self.kernel)} stride {_joined(self.stride)}",
            f"on {_joined(self.size)}",
        ]
        if self.groups > 1:
            parts.append(f"{self.groups} groups")
        if self.batch > 1:
            parts.append(f"batch {self.batch}")
        return ", ".join(parts)

    @property
    def geometry(self) -> uw.Geometry:
        """Kernel, stride and padding."""
        return uw.Geometry(self.kernel, self.stride, tuple((p, p) for p in self.padding))

    @property
    def output_size(self) -> Sizes:
        """Of the output, one value an axis."""
        geometry = self.geometry
        return (geometry.output_size if self.transposed else geometry.input_size)(self.size)

    @property
    def shapes(self) -> tuple[Sizes, Sizes]:
        """The shapes of input and output."""
        inputs, outputs = self.channels
        return (self.batch, inputs, *self.size), (self.batch, outputs, *self.output_size)

    @property
    def seconds(self) -> float:
        """About what the layer takes, by its operations and bytes."""
        inputs, outputs = self.channels
        places = prod(self.size if self.transposed else self.output_size)
        terms = inputs * outputs // self.groups * prod(self.kernel)
        floats = sum(map(prod, self.shapes)) + terms
        return 2 * self.batch * places * terms / FLOPS + 4 * floats / BANDWIDTH

    def slabs(self) -> tuple[list[Slab], Callable[[Sizes], Sizes]]:
        """Return the layer's slabs, with random weights, and its output's size by its input's."""
        inputs, outputs = self.channels
        heads = (inputs, outputs // self.groups), (outputs, inputs // self.groups)
        shape = (*heads[0 if self.transposed else 1], *self.kernel)
        w = expanded(np.random.default_rng(1).standard_normal(shape, np.float32))
        geometry = as_volumes(self.geometry)
        if self.transposed:
            return transposed_slabs(w, None, geometry, self.groups), geometry.output_size
        return convolution_slabs(w, None, geometry, self.groups), geometry.input_size


def drawn(seed: int, count: int) -> list[DrawnLayer]:
    """Draw so many layers, no two alike."""
    rng = np.random.default_rng(seed)
    found: dict[DrawnLayer, None] = {}
    while len(found) < count:
        found.update(dict.fromkeys(_fitting(rng)))
    return list(found)[:count]


def _fitting(rng: np.random.Generator) -> Iterator[DrawnLayer]:
    """Draw a layer and yield it if it is within all limits, and not in `layers.py`."""
    axes, transposed = int(rng.choice(AXES)), bool(rng.random() < 0.6)
    inputs, outputs = map(int, rng.choice(CHANNELS, 2))
    groups = 1
    if rng.random() < 0.25:
        groups = inputs if rng.random() < 0.5 else int(rng.choice([2, 4, 8]))
        inputs, outputs = (-(-channels // groups) * groups for channels in (inputs, outputs))
        outputs = inputs if groups == inputs else outputs
    kernel = (int(rng.choice(KERNELS)),) * axes
    stride = (int(rng.choice(STRIDES[transposed])),) * axes
    low, high = np.log(MAPS[axes])
    size = tuple(int(n) for n in np.exp(rng.uniform(low, high, axes)).round())
    batch = int(rng.choice(BATCHES))
    cut = max(0, kernel[0] - stride[0]) if transposed else kernel[0] - 1
    padding = (cut // 2 if rng.random() < 0.8 else 0,) * axes
    layer = DrawnLayer(transposed, batch, groups, (inputs, outputs), size, kernel, stride, padding)
    if transposed and kernel[0] < stride[0]:
        return
    if max(size) > 4 * min(size) or (not transposed and min(size) < kernel[0]):
        return
    if 4 * inputs * outputs // groups * prod(kernel) > WEIGHTS:
        return
    if TIMES[0] <= layer.seconds <= TIMES[1] and not _published(layer):
        yield layer


def _published(layer: DrawnLayer) -> bool:
    """Tell whether `layers.py` has the layer, at whatever batch."""
    return layer.transposed and any(
        (layer.channels, layer.size, layer.kernel[0], layer.stride[0])
        == (other.channels, other.size, other.kernel, other.stride)
        for other in LAYERS
    )


def _joined(values: Sizes) -> str:
    return "×".join(map(str, values))

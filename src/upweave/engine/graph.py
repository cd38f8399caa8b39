"""A network as the engine sees it: a few kinds of operation on planes of channels.

Every operation knows, an axis at a time, how large its result is and which part of its input a
part of its result needs; that is all that tiling takes.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Self

import numpy as np

from upweave.engine.errors import shown
from upweave.kernels.axis_filter import Grid
from upweave.kernels.instructions import FILL, Floats, Integers
from upweave.kernels.layer import Activation, Layer
from upweave.kernels.schedule import Axis
from upweave.kernels.winograd import LayerFilter
from upweave.ops._same import same_padding
from upweave.ops.geometry import Geometry

Range = tuple[int, int]
"""Indices ``start … stop - 1`` of an axis."""
EMPTY: Range = (0, 0)
MAX_FLOATS = 1 << 33
"""Of a tensor: 32 GiB."""
_SMALL_FLOATS = 1 << 24
"""Of a tensor that is never too large for its input: 64 MiB."""
_FLOATS_PER_PIXEL = 1 << 14
"""Of a larger tensor, an input pixel."""
Size = tuple[int, int]
"""(height, width)."""
Scale = tuple[Fraction, Fraction]
"""Positions that an input row and column become."""
_ALIKE: Scale = (Fraction(1), Fraction(1))


@dataclass(frozen=True, eq=False)
class _OfOne:
    """An operation that reads one tensor, x, and writes y."""

    x: str
    y: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors read."""
        return (self.x,)

    def reading(self, names: Mapping[str, str]) -> Self:
        """Return the same, reading tensors of other names."""
        return replace(self, x=names.get(self.x, self.x))


@dataclass(frozen=True, eq=False)
class Convolve(_OfOne):
    """A convolution or transposed convolution, its activation, and a sum.

    Attributes
    ----------
    layer : Layer
    geometry : Geometry
    transposed : bool
    group : int
        Rows of positions that minimal filters compute together; 0 where none do.
    """

    layer: Layer
    geometry: Geometry
    transposed: bool
    group: int = 0

    @cached_property
    def filter(self) -> LayerFilter | None:
        """How minimal filters compute the layer, where they do."""
        return LayerFilter(self.layer, (self.group, 0)) if self.group else None

    @property
    def grid(self) -> Grid | None:
        """The output rows that are computed together, if some are."""
        return self.filter.rows.grid if self.filter is not None else None

    @property
    def scale(self) -> Scale:
        """Output positions an input position, an axis."""
        rows, columns = self.layer.rows, self.layer.columns
        return Fraction(len(rows.phases), rows.step), Fraction(len(columns.phases), columns.step)

    def _axis(self, axis: int) -> Axis:
        return self.layer.columns if axis else self.layer.rows

    def size(self, size: Size) -> Size:
        """Return the output's size for an input of `size`."""
        g = self.geometry
        rows, columns = g.output_size(size) if self.transposed else g.input_size(size)
        return rows, columns

    def needs(self, axis: int, size: int, wanted: Range) -> Range:
        """Return the part of the input (of `size`) needed; it may reach outside: zeros there."""
        if axis == 0 and self.filter is not None:
            rows = self.filter.rows
            return rows.needs(rows.groups(*wanted))
        return self._axis(axis).needs(*wanted)

    def activated(self, activation: Activation, y: str) -> "Convolve":
        """Return the same with an activation, writing to `y`."""
        return replace(self, y=y, layer=replace(self.layer, activation=activation))

    def adding_to(self, y: str) -> "Convolve":
        """Return the same, adding its result to what `y` holds."""
        return replace(self, y=y, layer=replace(self.layer, accumulate=True))

    def multiply_adds(self) -> float:
        """Return the multiply-adds an output position, on average."""
        layer = self.layer
        phases = len(layer.rows.phases) * len(layer.columns.phases)
        if self.filter is not None:
            return self.filter.products.weights.size / (self.group * phases)
        return layer.weights.size / phases


@dataclass(frozen=True)
class Pad(_OfOne):
    """Rows and columns added around (or, where negative, cut off).

    Attributes
    ----------
    pads : ((top, bottom), (left, right)) of int
    mode : str
        "constant", "edge" or "reflect".
    value : float
        The constant.
    """

    pads: tuple[Range, Range] = (EMPTY, EMPTY)
    mode: str = "constant"
    value: float = 0.0

    scale = _ALIKE

    def around(self, axis: int, size: int) -> Range:
        """Return how many indices are added at both ends of an axis of `size`."""
        return self.pads[axis]

    def size(self, size: Size) -> Size:
        """Return the output's size for an input of `size`."""
        if self.mode == "reflect" and any(
            max(pads) >= extent for pads, extent in zip(self.pads, size, strict=True)
        ):
            raise ValueError(f"{self.pads} pixels cannot be reflected from {size}")
        return size[0] + sum(self.around(0, size[0])), size[1] + sum(self.around(1, size[1]))

    def sources(self, axis: int, size: int, wanted: Range) -> Integers:
        """Return where each index of the result comes from, or `FILL`."""
        indices = np.arange(*wanted) - self.around(axis, size)[0]
        if self.mode == "edge":
            return np.clip(indices, 0, size - 1)
        if self.mode == "reflect":
            # the period of a signal mirrored at both edge pixels, which are not repeated
            period = max(1, 2 * (size - 1))
            folded = indices % period
            return np.minimum(folded, period - folded) if size > 1 else np.zeros_like(indices)
        return np.where((indices >= 0) & (indices < size), indices, FILL)

    def needs(self, axis: int, size: int, wanted: Range) -> Range:
        """Return the part of the input (of `size`) needed; `EMPTY` inside the padding."""
        sources = self.sources(axis, size, wanted)
        real = sources[sources != FILL]
        return (int(real.min()), int(real.max()) + 1) if real.size else EMPTY


@dataclass(frozen=True)
class SamePad(Pad):
    """The zeros around the input of a convolution whose padding follows from the input's size.

    Attributes
    ----------
    geometry : Geometry
        The convolution's, without the padding.
    upper : bool
        An odd zero is at the end.
    """

    geometry: Geometry = field(kw_only=True)
    upper: bool = field(kw_only=True)

    def around(self, axis: int, size: int) -> Range:
        """Return how many indices are added at both ends of an axis of `size`."""
        g = self.geometry
        extent = g.dilation[axis] * (g.kernel[axis] - 1) + 1
        return same_padding(size, g.stride[axis], extent, upper=self.upper)


class _PixelByPixel:
    """An operation whose result has the size of its input, each pixel from the same pixel."""

    scale = _ALIKE

    def size(self, size: Size) -> Size:
        """Return the size that both have."""
        return size

    def needs(self, axis: int, size: int, wanted: Range) -> Range:
        """Return what is needed: just what is wanted."""
        return wanted


@dataclass(frozen=True)
class Combine(_PixelByPixel):
    """The sum, difference or product of two tensors; one of them may be a single plane.

    Attributes
    ----------
    kind : str
        "add", "subtract" or "multiply".
    a, b, y : str
        The tensors read and written.
    """

    kind: str
    a: str
    b: str
    y: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors read."""
        return (self.a, self.b)

    def reading(self, names: Mapping[str, str]) -> "Combine":
        """Return the same, reading tensors of other names."""
        return replace(self, a=names.get(self.a, self.a), b=names.get(self.b, self.b))


@dataclass(frozen=True, eq=False)
class Activate(_OfOne, _PixelByPixel):
    """An activation that no layer could take in.

    Attributes
    ----------
    activation : Activation
        Also of the kinds "sigmoid" and "tanh".
    """

    activation: Activation

    @cached_property
    def function(self) -> tuple[str, Floats | None]:
        """The function that compiled code applies, and its parameters."""
        limits = np.array(self.activation.limits, np.float32)
        clips = self.activation.kind == "clip"
        return self.activation.kind, limits if clips else self.activation.slopes


@dataclass(frozen=True, eq=False)
class Affine(_OfOne, _PixelByPixel):
    """A factor and a term a channel, ``y = scale * x + shift``.

    Attributes
    ----------
    factors : array of shape (2, channels), float32
        Scale and shift.
    """

    factors: Floats

    @property
    def function(self) -> tuple[str, Floats | None]:
        """The function that compiled code applies, and its parameters."""
        return "affine", self.factors


@dataclass(frozen=True)
class Run:
    """Channels ``first + n`` of a tensor, which go to the channels ``place + n * step``."""

    x: str
    first: int
    count: int
    place: int
    step: int = 1


@dataclass(frozen=True)
class Gather(_PixelByPixel):
    """Channels of some tensors, one after the other or in another order.

    Attributes
    ----------
    runs : tuple of Run
        Together they give every channel once.
    y : str
        The tensor written.
    """

    runs: tuple[Run, ...]
    y: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors read."""
        return tuple(dict.fromkeys(run.x for run in self.runs))

    def reading(self, names: Mapping[str, str]) -> "Gather":
        """Return the same, reading tensors of other names."""
        return replace(self, runs=tuple(replace(r, x=names.get(r.x, r.x)) for r in self.runs))


Operation = Convolve | Pad | SamePad | Combine | Activate | Affine | Gather


@dataclass(frozen=True)
class Graph:
    """Operations in an order in which each finds its inputs done.

    Attributes
    ----------
    input, output : str
        The tensors that come from and go to the caller.
    operations : tuple of Operation
        Several may write one tensor: the later ones add to it.
    channels : dict
        Of every tensor.
    metadata : dict
        The model file's own words about itself.
    """

    input: str
    output: str
    operations: tuple[Operation, ...]
    channels: dict[str, int]
    metadata: dict[str, str] = field(default_factory=dict)

    def sizes(self, size: Size) -> dict[str, Size]:
        """Return the (height, width) of every tensor for an input of `size`.

        Raises
        ------
        ValueError
            Where the input is too small or too large for the network, or the sizes of tensors
            that meet differ.
        """
        sizes = {self.input: size}
        most = min(MAX_FLOATS, max(_SMALL_FLOATS, _FLOATS_PER_PIXEL * math.prod(size)))
        for operation in self.operations:
            try:
                found = {operation.size(sizes[name]) for name in operation.inputs}
            except ValueError as error:
                raise ValueError(
                    f"a {size} input does not fit {shown(operation.y)}: {error}"
                ) from error
            if operation.y in sizes:
                found.add(sizes[operation.y])
            if len(found) > 1:
                raise ValueError(
                    f"a {size} input gives {shown(operation.y)} terms of sizes {sorted(found)}"
                )
            sizes[operation.y] = found.pop()
            if min(sizes[operation.y]) < 1:
                raise ValueError(
                    f"a {size} input is too small: {shown(operation.y)} would be "
                    f"{sizes[operation.y]}"
                )
            if math.prod(sizes[operation.y]) * self.channels[operation.y] > most:
                raise ValueError(
                    f"a {size} input grows too large: {shown(operation.y)} would have "
                    f"{self.channels[operation.y]} planes of {sizes[operation.y]}"
                )
        return sizes

    def scales(self, axis: int) -> dict[str, Fraction]:
        """Return, for every tensor, how many of its positions an input position becomes."""
        return self._scales[axis]

    def unit(self, axis: int) -> int:
        """Return the fewest input positions that are whole numbers of positions everywhere.

        And of groups of rows, so that these lie alike in all tiles.
        """
        return self._units[axis]

    @cached_property
    def _scales(self) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        both = {self.input: Fraction(1)}, {self.input: Fraction(1)}
        for operation in self.operations:
            for scales, scale in zip(both, operation.scale, strict=True):
                scales[operation.y] = scales[operation.inputs[0]] * scale
        return both

    @cached_property
    def _units(self) -> tuple[int, int]:
        rows, columns = self._scales
        groups = [
            rows[op.x] / op.group for op in self.operations if isinstance(op, Convolve) and op.group
        ]
        return _unit([*rows.values(), *groups]), _unit(columns.values())

    def grid(self, tensor: str, axis: int) -> Grid | None:
        """Return which rows of a tensor are computed together, if some are."""
        return None if axis else self._grids.get(tensor)

    @cached_property
    def _grids(self) -> dict[str, Grid]:
        grids = {}
        for op in self.operations:
            if isinstance(op, Convolve) and op.grid is not None:
                grids[op.y] = op.grid
        return grids

    @cached_property
    def _consumers(self) -> dict[str, list[Operation]]:
        consumers = defaultdict(list)
        for operation in self.operations:
            for tensor in dict.fromkeys(operation.inputs):
                consumers[tensor].append(operation)
        return consumers

    def consumers(self, tensor: str) -> list[Operation]:
        """Return the operations that read a tensor."""
        return self._consumers.get(tensor, [])


def _unit(scales: Iterable[Fraction]) -> int:
    return math.lcm(*(scale.denominator for scale in scales))


def unused(name: str, taken: Container[str]) -> str:
    """Return a name like this one that no tensor has."""
    while name in taken:
        name += "'"
    return name

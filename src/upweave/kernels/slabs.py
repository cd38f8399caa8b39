"""A layer of lines, planes or volumes as layers of planes.

The outputs of one depth see a few depths of the input, each through taps of its own. So they are
the outputs of a layer of planes, whose input channels are those of all these depths; of a
transposed convolution, every ``stride``-th depth has the same taps, its phase. Planes are volumes
of one depth, and lines are planes of one row.
"""

from dataclasses import dataclass, field

from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.kernels.winograd import LayerFilter
from upweave.ops.geometry import Geometry


@dataclass(frozen=True, eq=False)
class Slab:
    """The outputs of every `step`-th depth, from `first` on.

    The m-th of them sees the input's depths ``m * input_step + offsets``.

    Attributes
    ----------
    first, step, input_step : int
    offsets : tuple of int
        One for each tap along the depth.
    layer : Layer, optional
        Its input channels: for each channel, each of the depths seen. None where there is no tap.
    """

    first: int
    step: int
    input_step: int
    offsets: tuple[int, ...]
    layer: Layer | None
    _filters: dict[tuple[int, int], LayerFilter] = field(default_factory=dict, init=False)

    def filter(self, group: tuple[int, int]) -> LayerFilter:
        """Return the layer by minimal filters, made once for every size of groups."""
        assert self.layer is not None
        if group not in self._filters:
            self._filters[group] = LayerFilter(self.layer, group)
        return self._filters[group]


def transposed_slabs(w: Floats, bias: Floats | None, geometry: Geometry, groups: int) -> list[Slab]:
    """Return the slabs of a transposed convolution; `w`: (C_in, C_out/groups, kd, kh, kw)."""
    planes, (begin, _), step = _planes_of(geometry), geometry.padding[0], geometry.stride[0]
    slabs = []
    for phase in geometry.phases(0):
        first = (phase.index - begin) % step
        start = (first + begin) // step
        layer = None
        if phase.taps:
            # Depths follow the channel that they are of, so that groups stay together.
            taps = w[:, :, list(phase.taps)].swapaxes(1, 2)
            stacked = taps.reshape(-1, *taps.shape[2:])
            layer = Layer.transposed(stacked, bias, planes, groups)
        slabs.append(Slab(first, step, 1, tuple(start - shift for shift in phase.shifts), layer))
    return slabs


def convolution_slabs(
    w: Floats, bias: Floats | None, geometry: Geometry, groups: int
) -> list[Slab]:
    """Return the slab of a convolution; `w` has the shape (C_out, C_in/groups, kd, kh, kw)."""
    begin, _ = geometry.padding[0]
    stacked = w.reshape(w.shape[0], -1, *w.shape[3:])
    layer = Layer.convolution(stacked, bias, _planes_of(geometry), groups)
    offsets = tuple(t * geometry.dilation[0] - begin for t in range(geometry.kernel[0]))
    return [Slab(0, 1, geometry.stride[0], offsets, layer)]


def as_volumes(geometry: Geometry) -> Geometry:
    """Return a geometry of one to three axes with three: the new ones in front, of size 1."""
    new = 3 - geometry.ndim
    one, zero = (1,) * new, (0,) * new
    return Geometry(
        one + geometry.kernel,
        one + geometry.stride,
        ((0, 0),) * new + geometry.padding,
        zero + geometry.output_padding,
        one + geometry.dilation,
    )


def _planes_of(g: Geometry) -> Geometry:
    return Geometry(g.kernel[1:], g.stride[1:], g.padding[1:], g.output_padding[1:], g.dilation[1:])


def expanded(array: Floats) -> Floats:
    """Return the same values (N, C, *spatial) with three spatial axes: the new ones in front."""
    return array[(slice(None), slice(None), *[None] * (5 - array.ndim))]

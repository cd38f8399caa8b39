"""A layer on volumes: planes at several depths of the input are as many channels of one plane.

The outputs of one depth see a few depths of the input, each through taps of its own. So they are
the outputs of a layer of planes, whose input channels are those of all these depths; of a
transposed convolution, every ``stride``-th depth has the same taps, its phase.
"""

from dataclasses import dataclass

import numpy as np

from upweave.kernels.instructions import Floats
from upweave.kernels.layer import Layer
from upweave.kernels.planes import PlaneOperator
from upweave.ops.geometry import Geometry


@dataclass(frozen=True)
class Slab:
    """The outputs of every `step`-th depth, from `first` on; the m-th of them sees m + offsets.

    Attributes
    ----------
    first, step : int
    offsets : tuple of int
        One for each tap along the depth.
    planes : PlaneOperator, optional
        None where there is no tap.
    """

    first: int
    step: int
    offsets: tuple[int, ...]
    planes: PlaneOperator | None


class VolumeOperator:
    """A layer on arrays (N, C, D, H, W) of float32.

    Parameters
    ----------
    slabs : sequence of Slab
        All depths of the output, once each.
    bias : array of shape (C_out,), optional
    """

    def __init__(self, slabs: list[Slab], bias: Floats | None) -> None:
        self._slabs = slabs
        self._bias = bias

    @classmethod
    def transposed(
        cls, w: Floats, bias: Floats | None, geometry: Geometry, groups: int
    ) -> "VolumeOperator":
        """Prepare a transposed convolution; `w` has the shape (C_in, C_out/groups, kd, kh, kw)."""
        planes, (begin, _), step = planes_of(geometry), geometry.padding[0], geometry.stride[0]
        slabs = []
        for phase in geometry.phases(0):
            first = (phase.index - begin) % step
            start = (first + begin) // step
            operator = None
            if phase.taps:
                # Depths follow the channel that they are of, so that groups stay together.
                taps = w[:, :, list(phase.taps)].swapaxes(1, 2)
                stacked = taps.reshape(-1, *taps.shape[2:])
                layer = Layer.transposed(stacked, bias, planes, groups)
                operator = PlaneOperator(layer, planes.output_size)
            offsets = tuple(start - shift for shift in phase.shifts)
            slabs.append(Slab(first, step, offsets, operator))
        return cls(slabs, bias)

    @classmethod
    def convolution(
        cls, w: Floats, bias: Floats | None, geometry: Geometry, groups: int
    ) -> "VolumeOperator":
        """Prepare a convolution of stride 1; `w` has the shape (C_out, C_in/groups, kd, kh, kw)."""
        planes, (begin, _) = planes_of(geometry), geometry.padding[0]
        stacked = w.reshape(w.shape[0], -1, *w.shape[3:])
        layer = Layer.convolution(stacked, bias, planes, groups)
        offsets = tuple(t * geometry.dilation[0] - begin for t in range(geometry.kernel[0]))
        return cls([Slab(0, 1, offsets, PlaneOperator(layer, planes.input_size))], bias)

    def __call__(self, x: Floats, out: Floats, threads: int) -> None:
        """Compute `out` (C-contiguous) from `x`."""
        for slab in self._slabs:
            part = out[:, :, slab.first :: slab.step]
            n, channels, depths, *size = part.shape
            if not depths:
                continue
            if slab.planes is None:
                part[...] = 0 if self._bias is None else self._bias[:, None, None, None]
                continue
            y = np.empty((n * depths, channels, *size), np.float32)
            slab.planes(_stacked(x, slab.offsets, depths), y, threads)
            part[...] = y.reshape(n, depths, channels, *size).swapaxes(1, 2)


def planes_of(g: Geometry) -> Geometry:
    """Return a geometry of volumes without its depth."""
    return Geometry(g.kernel[1:], g.stride[1:], g.padding[1:], g.output_padding[1:], g.dilation[1:])


def _stacked(x: Floats, offsets: tuple[int, ...], depths: int) -> Floats:
    """Return the planes (N * depths, C * taps, H, W) that so many depths see; zeros outside."""
    n, channels, size, height, width = x.shape
    stacked = np.zeros((n, depths, channels, len(offsets), height, width), np.float32)
    for t, offset in enumerate(offsets):
        low, high = max(0, -offset), min(depths, size - offset)
        if low < high:
            seen = x[:, :, low + offset : high + offset]
            stacked[:, low:high, :, t] = seen.swapaxes(1, 2)
    return stacked.reshape(n * depths, -1, height, width)

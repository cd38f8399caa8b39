"""What every library's arguments say, in one form: weights in our layout, and a window.

Each library's transposed convolution is the full scatter, a window of it, zeros where the window
reaches outside, then the bias, which also fills those zeros. So each module of this package turns
its arguments into a `Layer`, and `Layer` is the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from upweave.ops import reference
from upweave.ops._checks import Floats
from upweave.ops.geometry import Geometry

Pairs = Sequence[tuple[int, int]]
"""A (begin, end) per axis."""


@dataclass(frozen=True)
class Layer:
    """A transposed convolution.

    Attributes
    ----------
    w : array of shape (C_in, C_out/groups, *kernel)
    geometry : Geometry
        Its padding is the crop of the full output, of any sign; its output padding is 0.
    groups : int
    """

    w: Floats
    geometry: Geometry
    groups: int = 1

    @classmethod
    def cropped(
        cls,
        w: Floats,
        stride: Sequence[int],
        dilation: Sequence[int],
        crop: Pairs,
        groups: int = 1,
    ) -> Layer:
        """Return the layer that leaves so much of both ends of the full output out."""
        return cls(w, Geometry(w.shape[2:], stride, list(crop), 0, dilation), groups)

    @property
    def out_channels(self) -> int:
        """Number of channels of the result."""
        return int(self.w.shape[1]) * self.groups

    def size(self, spatial: Sequence[int]) -> tuple[int, ...]:
        """Return the result's size, which is not positive where everything is cropped."""
        g = self.geometry
        return tuple(
            full - sum(crop) for full, crop in zip(g.full_size(spatial), g.padding, strict=True)
        )

    def __call__(self, x: Floats, bias: Floats | None = None) -> Floats:
        """Return the result for `x` of shape (N, C_in, *spatial), possibly of size 0."""
        size = self.size(x.shape[2:])
        if min(size) < 1:
            return np.zeros((x.shape[0], self.out_channels, *(max(n, 0) for n in size)), x.dtype)
        g = self.geometry
        return reference.scatter(
            x,
            self.w,
            bias,
            stride=g.stride,
            padding=g.padding,
            dilation=g.dilation,
            groups=self.groups,
        )


def extents(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Return the size of the dilated kernel, d (k - 1) + 1, per axis."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def same_pads(
    sizes: Sequence[int], stride: Sequence[int], extent: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the pads of the convolution "same", which makes ceil(size / stride) outputs.

    An odd one is at the end.
    """
    totals = [
        max((-(-n // s) - 1) * s + e - n, 0) for n, s, e in zip(sizes, stride, extent, strict=True)
    ]
    return [(total // 2, total - total // 2) for total in totals]


def channels_first(x: Floats) -> Floats:
    """Return (N, *spatial, C) as (N, C, *spatial)."""
    return np.moveaxis(x, -1, 1)


def channels_last(x: Floats) -> Floats:
    """Return (N, C, *spatial) as a contiguous (N, *spatial, C)."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))

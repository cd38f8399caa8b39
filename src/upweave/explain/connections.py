"""Which inputs, taps and outputs meet."""

from __future__ import annotations

from itertools import product

from upweave.ops.geometry import Geometry

__all__ = ["connections"]

Meeting = tuple[int, int, int]


def connections(
    geometry: Geometry, size: tuple[int, ...], axis: int, *, down: bool = False
) -> list[Meeting]:
    """Return (input, tap, output), along an axis, wherever an input times a tap is added.

    Parameters
    ----------
    geometry : Geometry
    size : tuple of int
        Of the input, all axes.
    axis : int
    down : bool
        Whether it is the convolution's; otherwise it is the transposed convolution's.

    Returns
    -------
    list of (int, int, int)
        By the outputs, then by the inputs.
    """
    step, spread = geometry.stride[axis], geometry.dilation[axis]
    begin, taps = geometry.padding[axis][0], range(geometry.kernel[axis])
    made = geometry.input_size(size) if down else geometry.output_size(size)
    # Of the convolution, input and output change places.
    many, few = (size[axis], made[axis]) if down else (made[axis], size[axis])
    meet = [
        (near, tap, far)
        for near, tap in product(range(few), taps)
        if 0 <= (far := near * step + tap * spread - begin) < many
    ]
    found = [(far, tap, near) if down else (near, tap, far) for near, tap, far in meet]
    return sorted(found, key=lambda meeting: (meeting[2], meeting[0]))

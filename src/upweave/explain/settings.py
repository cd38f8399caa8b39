"""What kernel size, stride and padding do to the convolution and to the transposed convolution."""

from __future__ import annotations

from itertools import product
from typing import Literal

from upweave.explain.frames import Frame, Panel
from upweave.explain.maps import Map, convolved, counted_up, scattered
from upweave.ops.geometry import Geometry

__all__ = ["padded", "settings"]

Padding = Literal["valid", "same"]
Pads = tuple[int, int]


def padded(padding: Padding, kernel: int, stride: int, size: int) -> tuple[Pads, Pads]:
    """Return the padding of an axis that a word means for the two operators.

    Parameters
    ----------
    padding : {"valid", "same"}
        "valid": none. "same": the convolution makes ``ceil(size / stride)`` outputs, the transposed
        convolution ``size * stride``; where the ends cannot be alike, the last has one more.
    kernel, stride, size : int

    Returns
    -------
    down, up : (int, int)
        Zeros around the convolution's input; what is cropped from the transposed convolution's
        output (below zero: zeros after it).

    Notes
    -----
    The words and their meaning are those of TensorFlow's ``tf.nn.convolution``, whose gradient is
    the transposed convolution.
    """
    if padding == "valid":
        return (0, 0), (0, 0)
    down = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    up = kernel - stride
    begin = max(up, 0) // 2
    return (down // 2, down - down // 2), (begin, up - begin)


def settings(x: Map, kernels: range, strides: range) -> list[Frame]:
    """Return a frame for every kernel size, stride and padding: input, and what both make of it.

    A "valid" convolution by a kernel that is larger than the input does not exist, and is left out.

    Parameters
    ----------
    x : ndarray, shape (H, W)
    kernels, strides : range
        Sides of the kernels, which hold 1, 2, 3 and so on; strides.
    """
    words: tuple[Padding, ...] = ("valid", "same")
    return [
        _frame(x, kernel, stride, word)
        for kernel, stride, word in product(kernels, strides, words)
        if word == "same" or kernel <= min(x.shape)
    ]


def _frame(x: Map, kernel: int, stride: int, padding: Padding) -> Frame:
    w = counted_up(kernel)
    pads = [padded(padding, kernel, stride, size) for size in x.shape]
    made = convolved(x, w, Geometry(w.shape, stride, [down for down, _ in pads]))
    larger = scattered(x, w, Geometry(w.shape, stride, [up for _, up in pads]))
    before, after, above = (f"{len(y)} × {len(y[0])}" for y in (x, made, larger))
    return Frame(
        (Panel("input", x), Panel("convolution", made), Panel("transposed", larger)),
        f"Kernel {kernel}, stride {stride}, {padding}: {before} become {after}, and {above}.",
    )

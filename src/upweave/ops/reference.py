"""The operator by its definitions, in NumPy: short, slow, and what all else is tested against.

Along one axis, with stride s, dilation d and padding (begin, end), the convolution is

    y[o] = sum over t of x[o * s + t * d - begin] * w[t]

(a cross-correlation: nothing is flipped; x is zero outside), and the transposed convolution

    y[o] = sum over (j, t) with j * s + t * d - begin = o of x[j] * w[t]

which is the convolution's transpose: ``<conv(y), x> = <y, conv_transpose(x)>`` for equal weights.
Four equivalent definitions of it follow: `scatter`, `zero_insertion`, `matrix` and `phases`. Their
arguments and results are the same:

x : array of shape (N, C_in, *spatial)
    float32 or float64, of 1, 2, 3 or more spatial axes, each of size at least 1.
w : array of shape (C_in, C_out/groups, *kernel)
    Of the type of `x`, as are `bias` and the result.
bias : array of shape (C_out,), optional
    Added to every output, also where no input reaches.
stride, padding, output_padding, dilation : int or one value per axis
    As `upweave.ops.geometry.Geometry` takes them.
groups : int
    The channels fall into so many blocks; each block of outputs sees only its block of inputs.
result : array of shape (N, C_out, *size)
    Of the size ``Geometry.output_size(spatial)``.

They raise TypeError for what is no array of float32 or float64, GeometryError (a ValueError) for
impossible sizes, and ValueError for shapes that do not fit; the message names the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from math import prod

import numpy as np

from upweave.ops._arguments import check_arrays, check_gradient, check_weights
from upweave.ops._arrays import cut, dense, every, mix, seen_by, spatially
from upweave.ops._checks import Floats
from upweave.ops.axes import PaddingPerAxis, PerAxis, per_axis
from upweave.ops.geometry import Geometry, Phase


def conv(
    x: Floats,
    w: Floats,
    bias: Floats | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the convolution (cross-correlation): tap by tap, what it sees of the padded input.

    Parameters
    ----------
    x : array of shape (N, C_in, *spatial)
    w : array of shape (C_out, C_in/groups, *kernel)
    bias : array of shape (C_out,), optional
    stride, padding, dilation : int or one value per axis
        Padding is zeros around the input; where it is negative, it crops.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size)
        Of the size ``Geometry.input_size(spatial)``.

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, 10.0]]])
    >>> conv(x, w, stride=2).tolist()
    [[[21.0, 43.0]]]
    """
    check_arrays(x, w, bias, groups, transposed=False)
    g = Geometry(w.shape[2:], stride, padding, 0, dilation)
    size = g.input_size(x.shape[2:])
    padded = cut(
        x,
        [-begin for begin, _ in g.padding],
        [n + sum(ends) for n, ends in zip(x.shape[2:], g.padding, strict=True)],
    )

    def one_group(x: Floats, w: Floats) -> Floats:
        y = np.zeros((x.shape[0], w.shape[0], *size), x.dtype)
        for t in np.ndindex(*g.kernel):
            y += mix(x[seen_by(g, t, size)], w[:, :, *t].T)
        return y

    return _finish(_by_group(one_group, padded, w, groups), bias)


def scatter(
    x: Floats,
    w: Floats,
    bias: Floats | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the transposed convolution: every input puts down the kernel, scaled by its value.

    The contributions land on a canvas with room on all sides, and the output is cut from it. This
    is the definition that judges the others, so its arithmetic is its own.

    Parameters
    ----------
    x, w, bias, stride, padding, output_padding, dilation, groups
        As the module says, and so are the result and the errors.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> scatter(x, w, stride=2, padding=1, output_padding=1).tolist()
    [[[2.0, 13.0, 20.0, 30.0]]]
    """
    g = _geometry(x, w, bias, stride, padding, output_padding, dilation, groups)
    spatial = x.shape[2:]
    room = [
        abs(begin) + abs(end) + a
        for (begin, end), a in zip(g.padding, g.output_padding, strict=True)
    ]
    last = [
        (i - 1) * s + (k - 1) * d
        for i, s, k, d in zip(spatial, g.stride, g.kernel, g.dilation, strict=True)
    ]

    def one_group(x: Floats, w: Floats) -> Floats:
        extent = [r + final + 1 + r for r, final in zip(room, last, strict=True)]
        canvas = np.zeros((x.shape[0], w.shape[1], *extent), x.dtype)
        for t in np.ndindex(*g.kernel):
            first = [r + n * d for r, n, d in zip(room, t, g.dilation, strict=True)]
            canvas[every(g.stride, first, spatial)] += mix(x, w[:, :, *t])
        return canvas

    crop = spatially(
        slice(r + begin, r + final + 1 - end + a)
        for r, final, (begin, end), a in zip(room, last, g.padding, g.output_padding, strict=True)
    )
    return _finish(_by_group(one_group, x, w, groups)[crop], bias)


def zero_insertion(
    x: Floats,
    w: Floats,
    bias: Floats | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the transposed convolution: s - 1 zeros between inputs, then a convolution.

    Its kernel is flipped, and its padding d (k - 1) - p, and at the end a more (arXiv:1603.07285,
    relations 13 and 14).

    Parameters
    ----------
    x, w, bias, stride, padding, output_padding, dilation, groups
        As the module says, and so are the result and the errors.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> zero_insertion(x, w, stride=2, padding=1, output_padding=1).tolist()
    [[[2.0, 13.0, 20.0, 30.0]]]
    """
    g = _geometry(x, w, bias, stride, padding, output_padding, dilation, groups)
    spread = np.zeros(
        (*x.shape[:2], *((i - 1) * s + 1 for i, s in zip(x.shape[2:], g.stride, strict=True))),
        x.dtype,
    )
    spread[every(g.stride, [0] * g.ndim, x.shape[2:])] = x
    reach = [d * (k - 1) for d, k in zip(g.dilation, g.kernel, strict=True)]
    around = [
        (r - begin, r - end + a)
        for r, (begin, end), a in zip(reach, g.padding, g.output_padding, strict=True)
    ]

    def one_group(x: Floats, w: Floats) -> Floats:
        flipped = np.flip(w, axis=tuple(range(2, w.ndim))).swapaxes(0, 1)
        return conv(x, flipped, padding=around, dilation=g.dilation)

    return _finish(_by_group(one_group, spread, w, groups), bias)


def matrix(
    x: Floats,
    w: Floats,
    bias: Floats | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the transposed convolution: the transpose of the convolution's matrix, times x.

    Where a value is not finite, this gives more NaN than the others: the matrix's zeros meet it.

    Parameters
    ----------
    x, w, bias, stride, padding, output_padding, dilation, groups
        As the module says, and so are the result and the errors.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> matrix(x, w, stride=2, padding=1, output_padding=1).tolist()
    [[[2.0, 13.0, 20.0, 30.0]]]
    """
    g = _geometry(x, w, bias, stride, padding, output_padding, dilation, groups)
    size = g.output_size(x.shape[2:])
    convolution = convolution_matrix(
        w, size, stride=g.stride, padding=g.padding, dilation=g.dilation, groups=groups
    )
    # The convolution makes more than i of this size if a >= s: those are zeros here.
    x = cut(x, [0] * g.ndim, g.input_size(size))
    y = x.reshape(x.shape[0], len(convolution)) @ convolution
    return _finish(y.reshape(x.shape[0], w.shape[1] * groups, *size), bias)


def convolution_matrix(
    w: Floats,
    input_size: PerAxis,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the convolution as a matrix; its transpose is the transposed convolution.

    Parameters
    ----------
    w : array of shape (C_out, C_in/groups, *kernel)
        The convolution's; for its transpose, (C_in, C_out/groups, *kernel), the same array.
    input_size : int or sequence of int
        Spatial size of the convolution's input, which is its transpose's output.
    stride, padding, dilation : int or one value per axis
    groups : int

    Returns
    -------
    array of shape (C_out * size of the output, C_in * size of the input)
        Its rows and columns stand for the elements of (C, *spatial) in C order.

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Examples
    --------
    >>> convolution_matrix(np.array([[[1.0, 2.0]]]), 4, stride=2).tolist()
    [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 1.0, 2.0]]
    """
    check_weights(w, None, groups, transposed=False)
    g = Geometry(w.shape[2:], stride, padding, 0, dilation)
    rows = g.input_size(input_size)
    columns = per_axis("input_size", input_size, g.ndim)

    def meets(axis: int, t: int) -> Floats:
        """Return the matrix that is 1 where an output (row) sees an input (column) by tap t."""
        seen = np.arange(rows[axis]) * g.stride[axis] + t * g.dilation[axis] - g.padding[axis][0]
        return np.equal(seen[:, None], np.arange(columns[axis])).astype(w.dtype)

    total = np.zeros((w.shape[0] * prod(rows), w.shape[1] * groups * prod(columns)), w.dtype)
    for tap in np.ndindex(*g.kernel):
        axes = [meets(axis, t) for axis, t in enumerate(tap)]
        total += reduce(np.kron, axes, dense(w[:, :, *tap], groups))
    return total


def phases(
    x: Floats,
    w: Floats,
    bias: Floats | None = None,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the transposed convolution: each of its s phases by its own taps, at stride 1.

    Parameters
    ----------
    x, w, bias, stride, padding, output_padding, dilation, groups
        As the module says, and so are the result and the errors.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> phases(x, w, stride=2, padding=1, output_padding=1).tolist()
    [[[2.0, 13.0, 20.0, 30.0]]]
    """
    g = _geometry(x, w, bias, stride, padding, output_padding, dilation, groups)
    size = g.output_size(x.shape[2:])

    def outputs(axis: int, phase: Phase) -> tuple[int, int, int]:
        """Return the first output o of a phase, its q in o + begin = q s + r, and how many."""
        begin, s = g.padding[axis][0], g.stride[axis]
        first = (phase.index - begin) % s
        return first, (first + begin) // s, len(range(first, size[axis], s))

    def one_group(x: Floats, w: Floats) -> Floats:
        y = np.zeros((x.shape[0], w.shape[1], *size), x.dtype)
        for phase in product(*(g.phases(axis) for axis in range(g.ndim))):
            first, q, count = zip(*(outputs(axis, p) for axis, p in enumerate(phase)), strict=True)
            part = y[every(g.stride, first, count)]
            for chosen in product(*(zip(p.taps, p.shifts, strict=True) for p in phase)):
                taps, shifts = zip(*chosen, strict=True)
                start = [position - shift for position, shift in zip(q, shifts, strict=True)]
                part += mix(cut(x, start, count), w[:, :, *taps])
        return y

    return _finish(_by_group(one_group, x, w, groups), bias)


def conv_transpose_gradient(
    x: Floats,
    w: Floats,
    grad_output: Floats,
    *,
    stride: PerAxis = 1,
    padding: PaddingPerAxis = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of the transposed convolution's arguments.

    With g for `grad_output`, zero outside, and per axis::

        grad_x[j]    = sum over t of g[j * s + t * d - begin] * w[t]      the convolution of g
        grad_w[t]    = sum over j of g[j * s + t * d - begin] * x[j]
        grad_bias    = sum over o of g[o]

    the first summed over output channels too, the others over the batch.

    Parameters
    ----------
    x, w, stride, padding, output_padding, dilation, groups
        What the transposed convolution got.
    grad_output : array of shape (N, C_out, *output size)
        The gradient of its result.

    Returns
    -------
    grad_x, grad_w, grad_bias : arrays of the shapes of x, w and (C_out,)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Examples
    --------
    >>> x, w = np.array([[[1.0, 10.0]]]), np.array([[[1.0, 2.0, 3.0]]])
    >>> gradients = conv_transpose_gradient(x, w, np.ones((1, 1, 5)), stride=2)
    >>> [gradient.tolist() for gradient in gradients]
    [[[[6.0, 6.0]]], [[[11.0, 11.0, 11.0]]], [5.0]]
    """
    g = _geometry(x, w, None, stride, padding, output_padding, dilation, groups)
    spatial = x.shape[2:]
    check_gradient(grad_output, w, (x.shape[0], w.shape[1] * groups, *g.output_size(spatial)))
    # Cropping undone: the gradient of the full output, which is zero where it was cropped.
    full = cut(grad_output, [-begin for begin, _ in g.padding], g.full_size(spatial))
    grad_x = conv(full, w, stride=g.stride, dilation=g.dilation, groups=groups)

    grad_w = np.zeros_like(w)
    spaces = (0, *range(2, x.ndim))
    for x_group, full_group, grad_group in zip(
        np.split(x, groups, axis=1),
        np.split(full, groups, axis=1),
        np.split(grad_w, groups),
        strict=True,
    ):
        for t in np.ndindex(*g.kernel):
            seen = full_group[seen_by(g, t, spatial)]
            grad_group[:, :, *t] = np.tensordot(x_group, seen, axes=(spaces, spaces))
    return grad_x, grad_w, grad_output.sum(axis=spaces)


def _geometry(
    x: Floats,
    w: Floats,
    bias: Floats | None,
    stride: PerAxis,
    padding: PaddingPerAxis,
    output_padding: PerAxis,
    dilation: PerAxis,
    groups: int,
) -> Geometry:
    """Check the arguments of a transposed convolution and return its geometry."""
    check_arrays(x, w, bias, groups, transposed=True)
    geometry = Geometry(w.shape[2:], stride, padding, output_padding, dilation)
    geometry.output_size(x.shape[2:])  # refuses a padding that leaves no output
    return geometry


def _by_group(
    operator: Callable[[Floats, Floats], Floats], x: Floats, w: Floats, groups: int
) -> Floats:
    """Return the outputs of every group's channels and weights, one after another."""
    parts = zip(np.split(x, groups, axis=1), np.split(w, groups), strict=True)
    return np.concatenate([operator(*part) for part in parts], axis=1)


def _finish(y: Floats, bias: Floats | None) -> Floats:
    if bias is not None:
        y = y + bias.reshape(-1, *[1] * (y.ndim - 2))
    return np.ascontiguousarray(y)

"""Size arithmetic the other way round: from two sizes to the transposed convolutions between them.

What such a layer is called elsewhere is told by `torch_arguments`, `keras_arguments` and
`onnx_attributes`: the same window of the full output, so the same values, not only the same size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd

from upweave.ops import _windows
from upweave.ops.axes import PaddingPerAxis, PerAxis, per_axis
from upweave.ops.geometry import Geometry

LARGEST = 16
"""Up to here every kernel and stride is tried."""


@dataclass(frozen=True)
class Solution:
    """A transposed convolution that was asked for by its sizes.

    Attributes
    ----------
    geometry : Geometry
        Its parameters.
    uneven : bool
        Whether some outputs of an axis receive more taps than others: the checkerboard.
    torch, keras, onnx : str or None
        As `torch_arguments`, `keras_arguments` and `onnx_attributes` return them.
    """

    geometry: Geometry
    uneven: bool
    torch: str | None
    keras: str | None
    onnx: str | None


@dataclass(frozen=True)
class _Axis:
    """The sizes of an axis and what is fixed there; None is free."""

    input_size: int
    output_size: int
    kernel: int | None
    stride: int | None
    padding: tuple[int, int] | None
    output_padding: int | None
    dilation: int


@dataclass(frozen=True)
class _Found:
    """The parameters of one axis."""

    kernel: int
    stride: int
    padding: tuple[int, int]
    output_padding: int
    dilation: int

    def is_uneven(self) -> bool:
        # Tap t is of the phase t d mod s: all s phases get taps if d and s have no common factor.
        return gcd(self.stride, self.dilation) > 1 or self.kernel % self.stride > 0

    def cost(self, axis: _Axis) -> tuple[int, ...]:
        """Return what `solve` orders by, the least first."""
        return (
            int(self.stride * axis.input_size != axis.output_size),
            int(self.is_uneven()),
            self.output_padding,
            self.kernel,
            sum(self.padding),
            self.stride,
        )


def solve(
    input_size: PerAxis,
    output_size: PerAxis,
    *,
    kernel: PerAxis | None = None,
    stride: PerAxis | None = None,
    padding: PaddingPerAxis | None = None,
    output_padding: PerAxis | None = None,
    dilation: PerAxis | None = None,
) -> list[Solution]:
    """Return transposed convolutions that turn one size into another, the simplest first.

    They solve ``o = s (i - 1) + d (k - 1) + 1 - 2p + a``, relation 14 of arXiv:1603.07285 with a
    dilated kernel. What is not given is sought among

    - strides up to o / i rounded up and to 16, and o / i rounded down and up;
    - kernels up to 16, and m s - 1 and m s for m up to 4, the kernels of interpolations;
    - equal paddings of both ends, less than the extent d (k - 1) + 1 of the kernel, so that every
      input has a part in the output;
    - output paddings less than the stride, of which the least that does is listed;
    - the dilation 1.

    The order: strides that are the whole factor o / i; an even overlap (k divisible by s, and d
    without a common factor with it); little output padding; small kernels; little padding; small
    strides. On several axes, the numbers of all axes are added.

    Parameters
    ----------
    input_size, output_size : int or sequence of int
        At least 1 on each axis.
    kernel, stride, padding, output_padding, dilation : optional
        Values that are fixed, as those of `Geometry`. The number of axes is that of the first
        sequence among all arguments; if there is none, 1.

    Returns
    -------
    list of Solution
        Where parameters that are the same on every axis do, only those; otherwise all combinations
        of what does on each axis. Possibly none.

    Raises
    ------
    TypeError
        If a value is not a whole number.
    GeometryError
        If a value is out of its range, or there is not one per axis.

    Examples
    --------
    >>> [s.geometry.kernel for s in solve(64, 256)[:4]]
    [(4,), (8,), (12,), (16,)]
    >>> solve(64, 128, kernel=4)[0].torch
    'kernel_size=4, stride=2, padding=1'
    >>> solve(64, 128, kernel=4)[0].keras
    'kernel_size=4, strides=2, padding="same"'
    """
    given = (input_size, output_size, kernel, stride, padding, output_padding, dilation)
    ndim = next((len(value) for value in given if isinstance(value, Sequence)), 1)

    def fixed(name: str, value: PerAxis | None, least: int) -> tuple[int | None, ...]:
        return (None,) * ndim if value is None else per_axis(name, value, ndim, least=least)

    paddings: tuple[tuple[int, int] | None, ...] = (None,) * ndim
    if padding is not None:
        paddings = Geometry((1,) * ndim, padding=padding).padding
    axes = [
        _Axis(*values)
        for values in zip(
            per_axis("input_size", input_size, ndim, least=1),
            per_axis("output_size", output_size, ndim, least=1),
            fixed("kernel", kernel, 1),
            fixed("stride", stride, 1),
            paddings,
            fixed("output_padding", output_padding, 0),
            per_axis("dilation", 1 if dilation is None else dilation, ndim, least=1),
            strict=True,
        )
    ]
    each = [list(_candidates(axis)) for axis in axes]
    same = set(each[0]).intersection(*each[1:])
    rows = [(found,) * ndim for found in each[0] if found in same] or list(product(*each))

    def order(row: tuple[_Found, ...]) -> tuple[int, ...]:
        costs = (found.cost(axis) for found, axis in zip(row, axes, strict=True))
        return tuple(map(sum, zip(*costs, strict=True)))

    return [_solution(row) for row in sorted(rows, key=order)]


def _candidates(axis: _Axis) -> Iterator[_Found]:
    """Yield what does on one axis."""
    i, o, d = axis.input_size, axis.output_size, axis.dilation
    up = -(-o // i)
    strides = {*range(1, min(up, LARGEST) + 1), max(o // i, 1), up}
    for s in sorted(strides) if axis.stride is None else (axis.stride,):
        kernels = {*range(1, LARGEST + 1), *(m * s - j for m in range(1, 5) for j in (0, 1))} - {0}
        for k in sorted(kernels) if axis.kernel is None else (axis.kernel,):
            extent = d * (k - 1) + 1
            # What the padding has to take away from the full output, less the output padding.
            excess = s * (i - 1) + extent - o
            padding, a = axis.padding, axis.output_padding
            if a is None:
                a = excess % 2 if excess >= 0 else -excess
                if padding is not None:
                    a = sum(padding) - excess
                if not 0 <= a < s:
                    continue
            elif a >= max(s, d):
                continue
            if padding is None:
                p, odd = divmod(excess + a, 2)
                if odd or not 0 <= p < extent:
                    continue
                padding = (p, p)
            if sum(padding) == excess + a:
                yield _Found(k, s, padding, a, d)


def _solution(row: tuple[_Found, ...]) -> Solution:
    geometry = Geometry(
        kernel=tuple(found.kernel for found in row),
        stride=tuple(found.stride for found in row),
        padding=tuple(found.padding for found in row),
        output_padding=tuple(found.output_padding for found in row),
        dilation=tuple(found.dilation for found in row),
    )
    return Solution(
        geometry=geometry,
        uneven=any(found.is_uneven() for found in row),
        torch=torch_arguments(geometry),
        keras=keras_arguments(geometry),
        onnx=onnx_attributes(geometry),
    )


def torch_arguments(geometry: Geometry) -> str | None:
    """Return the arguments of ``torch.nn.ConvTranspose1d``, ``2d`` or ``3d``.

    Parameters
    ----------
    geometry : Geometry

    Returns
    -------
    str or None
        None where PyTorch has no such layer: it crops equal ends, then adds the output padding,
        less than the larger of stride and dilation.

    Examples
    --------
    >>> torch_arguments(Geometry((4, 4), 2, ((1, 1), (1, 1))))
    'kernel_size=4, stride=2, padding=1'
    """
    values = _windows.said(_windows.axes_of(geometry), _windows.torch)
    if values is None or geometry.ndim > 3:
        return None
    padding, output_padding = zip(*values, strict=True)
    words = {
        "kernel_size": geometry.kernel,
        "stride": geometry.stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": geometry.dilation,
    }
    return _call(words, {"padding": 0, "output_padding": 0, "dilation": 1})


def keras_arguments(geometry: Geometry) -> str | None:
    """Return the arguments of Keras's ``Conv1DTranspose``, ``Conv2DTranspose`` or ``3D``.

    Parameters
    ----------
    geometry : Geometry

    Returns
    -------
    str or None
        None where Keras has no such layer. "valid" and "same" fix where the output begins, so many
        layers that PyTorch has are not there; neither is dilation together with a stride. What
        only some of its backends accept ("same" with an even kernel and output padding 0) is not
        counted either.

    Examples
    --------
    >>> keras_arguments(Geometry(4, 2, 1))
    'kernel_size=4, strides=2, padding="same"'
    >>> keras_arguments(Geometry(4, 2, 2)) is None
    True
    """
    axes = _windows.axes_of(geometry)
    dilated = max(geometry.stride) > 1 and max(geometry.dilation) > 1
    if dilated or geometry.ndim > 3 or min(axis.reach for axis in axes) < 1:
        return None
    for (padding, padded), way in _windows.KERAS.items():
        values = _windows.said(axes, way)
        if values is not None:
            words = {"kernel_size": geometry.kernel, "strides": geometry.stride}
            text = f'{_call(words, {})}, padding="{padding}"'
            rest = {"output_padding": tuple(added for (added,) in values)} if padded else {}
            rest["dilation_rate"] = geometry.dilation
            more = _call(rest, {"dilation_rate": 1})
            return f"{text}, {more}" if more else text
    return None


def onnx_attributes(geometry: Geometry) -> str | None:
    """Return the attributes of ONNX's ``ConvTranspose``.

    Parameters
    ----------
    geometry : Geometry

    Returns
    -------
    str or None
        None where the output would be longer than pads of at least 0 and an output padding less
        than the stride make it.

    Examples
    --------
    >>> onnx_attributes(Geometry(3, 2, 1, 1))
    'kernel_shape=[3], strides=[2], pads=[1, 1], output_padding=[1]'
    """
    ends, added = [], []
    for (begin, end), a, s in zip(
        geometry.padding, geometry.output_padding, geometry.stride, strict=True
    ):
        crop = (end, a) if end >= 0 and a < s else (max(end - a, 0), max(a - end, 0))
        if begin < 0 or crop[1] >= s:
            return None
        ends.append(crop[0])
        added.append(crop[1])
    words = [
        f"kernel_shape={list(geometry.kernel)}",
        f"strides={list(geometry.stride)}",
        f"pads={[begin for begin, _ in geometry.padding] + ends}",
    ]
    if any(added):
        words.append(f"output_padding={added}")
    if set(geometry.dilation) != {1}:
        words.append(f"dilations={list(geometry.dilation)}")
    return ", ".join(words)


def calls(geometry: Geometry) -> dict[str, str | None]:
    """Return the layer on pictures as PyTorch, Keras and ONNX write it, by their names.

    Parameters
    ----------
    geometry : Geometry
        On two axes.

    Returns
    -------
    dict of str to (str or None)
        None where a framework has no such layer.

    Examples
    --------
    >>> calls(Geometry((2, 2), 2))["PyTorch"]
    'torch.nn.ConvTranspose2d(c_in, c_out, kernel_size=2, stride=2)'
    """
    torch, keras = torch_arguments(geometry), keras_arguments(geometry)
    onnx = onnx_attributes(geometry)
    return {
        "PyTorch": f"torch.nn.ConvTranspose2d(c_in, c_out, {torch})" if torch else None,
        "Keras": f"keras.layers.Conv2DTranspose(filters, {keras})" if keras else None,
        "ONNX": f"ConvTranspose({onnx})" if onnx else None,
    }


def _call(words: dict[str, tuple[int, ...]], defaults: dict[str, int]) -> str:
    """Return keyword arguments, without those that are the default on every axis."""
    return ", ".join(
        f"{name}={values[0] if len(set(values)) == 1 else values}"
        for name, values in words.items()
        if set(values) != {defaults.get(name)}
    )

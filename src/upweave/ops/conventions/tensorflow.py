"""TensorFlow's words: ``tf.nn.conv_transpose``, on NumPy arrays.

Names, order and defaults of the arguments are TensorFlow's, and so are layouts and results;
TensorFlow itself is not needed. Arrays are of float32 or float64, and both of one call of one type.

What TensorFlow's rules refuse is refused: TypeError for what is no such array or no whole number,
ValueError for shapes and values that do not fit; the message names the argument, what it got and
what would do. What its CPU code only lacks or does not check is not copied: dilation, groups and
channels first are for both types, and an output that is too small for the kernel is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from upweave.ops._checks import Floats, check_floats, each, one_of, whole
from upweave.ops.axes import GeometryError, PerAxis
from upweave.ops.conventions._layer import Layer, channels_first, channels_last, extents
from upweave.ops.geometry import Geometry

__all__ = ["conv_transpose"]

Padding = str | Sequence[Sequence[int]]
Shape = Sequence[int] | NDArray[np.integer]

Value = TypeVar("Value")

_FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def conv_transpose(
    input: Floats,
    filters: Floats,
    output_shape: Shape,
    strides: PerAxis | None,
    padding: Padding = "SAME",
    data_format: str | None = None,
    dilations: PerAxis | None = None,
) -> Floats:
    """Return the transposed convolution over one, two or three axes.

    Parameters
    ----------
    input : array of shape (N, *spatial, C_in), or (N, C_in, *spatial)
        The latter with "NCW", "NCHW" or "NCDHW".
    filters : array of shape (*kernel, C_out/groups, C_in)
        With either data format.
    output_shape : sequence or array of int
        The shape of the result, in the order of the input's axes. Over one or two axes, a multiple
        of the filters' output channels makes so many groups. The spatial sizes are those of which
        the convolution with these strides and padding makes the input's: with the size L, the
        stride s and the kernel's ``extent = dilation * (k - 1) + 1``, "SAME" allows
        ``(L - 1) * s + 1`` to ``L * s``, and the others ``(L - 1) * s + extent``, less the
        padding, and up to s - 1 more.
    strides, dilations : int, or one per spatial axis or per axis of the input
        At least 1; 1 for the batch and the channels. None is 1.
    padding : "SAME", "VALID" or, over two axes, a (begin, end) per axis of the input
        What is cropped from the full output: with "SAME" what it is too long, an odd one at the
        end; with "VALID" nothing. Pairs are at least 0, and 0 for the batch and the channels.
        Where the full output is too short, zeros follow.
    data_format : str, optional
        "NWC" or "NCW", "NHWC" or "NCHW", "NDHWC" or "NCDHW"; the first of them if None.

    Returns
    -------
    array of shape `output_shape`

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://www.tensorflow.org/api_docs/python/tf/nn/conv_transpose, and for explicit padding
    https://www.tensorflow.org/api_docs/python/tf/nn/conv2d_transpose

    Examples
    --------
    >>> import numpy as np
    >>> x, filters = np.ones((1, 4, 4, 2)), np.ones((3, 3, 6, 2))
    >>> conv_transpose(x, filters, (1, 8, 7, 6), strides=2).shape
    (1, 8, 7, 6)
    """
    check_floats(input=input, filters=filters)
    call = _read(filters, output_shape, strides, padding, data_format, dilations)
    if input.ndim != filters.ndim:
        raise ValueError(
            f"input: got the shape {input.shape}; {filters.ndim} axes, as filters {filters.shape} "
            "has, would do"
        )
    x = input if call.channels_first else channels_first(input)
    if x.shape[1] != filters.shape[-1] or 0 in x.shape[2:]:
        raise ValueError(
            f"input: got the shape {input.shape}; {filters.shape[-1]} channels, as filters is "
            f"{filters.shape}, and spatial sizes of at least 1 would do"
        )
    if call.batch != input.shape[0]:
        raise ValueError(
            f"output_shape: got {call.batch} for the batch; {input.shape[0]}, as input has, "
            "would do"
        )
    call.check_size(x.shape[2:])
    y = call.layer(filters, x.shape[2:])(x)
    return y if call.channels_first else channels_last(y)


def layer_of(
    filters: Floats,
    output_shape: Shape,
    strides: PerAxis | None,
    padding: Padding = "SAME",
    data_format: str | None = None,
    dilations: PerAxis | None = None,
) -> Layer:
    """Return what `conv_transpose` does with these arguments to an input of the implied size.

    Parameters
    ----------
    filters : array of shape (*kernel, C_out/groups, C_in)
    output_shape, strides, padding, data_format, dilations
        As `conv_transpose` takes them. The size of the batch is not used.

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Examples
    --------
    >>> import numpy as np
    >>> layer_of(np.ones((3, 6, 2)), (1, 7, 6), strides=2).geometry.padding
    ((1, 1),)
    """
    call = _read(filters, output_shape, strides, padding, data_format, dilations)
    return call.layer(filters, call.input_size)


def input_size_of(
    filters: Floats,
    output_shape: Shape,
    strides: PerAxis | None,
    padding: Padding = "SAME",
    data_format: str | None = None,
    dilations: PerAxis | None = None,
) -> tuple[int, ...]:
    """Return the spatial size of the input of which `conv_transpose` makes the output; only one is.

    Parameters
    ----------
    filters : array of shape (*kernel, C_out/groups, C_in)
    output_shape, strides, padding, data_format, dilations
        As `conv_transpose` takes them. The size of the batch is not used.

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Examples
    --------
    >>> import numpy as np
    >>> input_size_of(np.ones((3, 6, 2)), (1, 7, 6), strides=2)
    (4,)
    """
    return _read(filters, output_shape, strides, padding, data_format, dilations).input_size


@dataclass(frozen=True)
class _Call:
    """Checked arguments, without the batch and the channels; one value per spatial axis.

    Attributes
    ----------
    reaches : tuple of int
        The least size of the output of a single input. Each further input adds a stride, and up to
        ``stride - 1`` more is allowed; so an output's size implies that of the input.
    crops : tuple of int, optional
        The explicit crop of the begin, 0 for "VALID" and None for "SAME".
    """

    channels_first: bool
    batch: int
    size: tuple[int, ...]
    groups: int
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    reaches: tuple[int, ...]
    crops: tuple[int, ...] | None

    @property
    def input_size(self) -> tuple[int, ...]:
        """The input's spatial size that the output's implies."""
        for axis, (n, reach) in enumerate(zip(self.size, self.reaches, strict=True)):
            if n < reach:
                raise GeometryError(
                    f"output_shape: got the size {n} on axis {axis}; at least {reach} would do"
                )
        return tuple(
            (n - reach) // s + 1
            for n, reach, s in zip(self.size, self.reaches, self.strides, strict=True)
        )

    def check_size(self, inputs: Sequence[int]) -> None:
        """Refuse an output of which the convolution does not make these inputs."""
        for axis, (i, n, reach, s) in enumerate(
            zip(inputs, self.size, self.reaches, self.strides, strict=True)
        ):
            least = (i - 1) * s + reach
            most = least + s - 1
            if most < 1:
                raise GeometryError(
                    f"padding: got what leaves nothing of the output of {i} inputs on axis {axis}; "
                    f"{1 - most} less would do"
                )
            if not least <= n <= most:
                first = max(least, 1)
                sizes = f"{first} to {most}" if first < most else f"{most}"
                raise GeometryError(
                    f"output_shape: got the size {n} on axis {axis} for {i} inputs with stride "
                    f"{s}; {sizes} would do"
                )

    def layer(self, filters: Floats, inputs: Sequence[int]) -> Layer:
        """Return the layer that makes this output of inputs of this size."""
        w = np.moveaxis(filters, (-1, -2), (0, 1))
        full = Geometry(w.shape[2:], self.strides, 0, 0, self.dilations).full_size(inputs)
        surplus = [f - n for f, n in zip(full, self.size, strict=True)]
        begins = self.crops
        if begins is None:
            begins = tuple(max(both, 0) // 2 for both in surplus)
        crops = [(begin, both - begin) for begin, both in zip(begins, surplus, strict=True)]
        return Layer.cropped(w, self.strides, self.dilations, crops, self.groups)


def _read(
    filters: Floats,
    output_shape: Shape,
    strides: PerAxis | None,
    padding: Padding,
    data_format: str | None,
    dilations: PerAxis | None,
) -> _Call:
    """Check all arguments but the input."""
    check_floats(filters=filters)
    axes = filters.ndim - 2
    if axes not in _FORMATS or 0 in filters.shape:
        raise ValueError(
            f"filters: got the shape {filters.shape}; (*kernel, C_out, C_in) with one to three "
            "kernel axes, each size at least 1, would do"
        )
    formats = _FORMATS[axes]
    last = data_format is None or one_of("data_format", data_format, formats) == formats[0]
    space = slice(1, -1) if last else slice(2, None)
    shape = _output_shape(output_shape, axes + 2)
    s = _steps("strides", strides, axes, space)
    d = _steps("dilations", dilations, axes, space)
    reaches: tuple[int, ...] = (1,) * axes
    crops = None
    if not isinstance(padding, str) or padding != "SAME":
        pairs = _pairs(padding, axes, space)
        extent = extents(filters.shape[:-2], d)
        reaches = tuple(e - sum(pair) for e, pair in zip(extent, pairs, strict=True))
        crops = tuple(begin for begin, _ in pairs)
    groups = _groups(shape[-1 if last else 1], filters)
    return _Call(not last, shape[0], shape[space], groups, s, d, reaches, crops)


def _output_shape(value: Shape, ndim: int) -> tuple[int, ...]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"output_shape: got {value!r}; {ndim} whole numbers would do")
    if len(value) != ndim:
        raise ValueError(
            f"output_shape: got {value!r}; {ndim} numbers, the batch, the channels and the spatial "
            "sizes in the order of the input's axes, would do"
        )
    sizes = tuple(whole("output_shape", n, 0) for n in value)
    if 0 in sizes[1:]:
        raise ValueError(f"output_shape: got {value!r}; sizes of at least 1 would do")
    return sizes


def _groups(channels: int, filters: Floats) -> int:
    """Return the number of groups that the output's channels are; three axes have but one."""
    outputs, inputs = map(int, filters.shape[-2:])
    groups, rest = divmod(channels, outputs)
    if rest or inputs % groups or (groups > 1 and filters.ndim == 5):
        more = "" if filters.ndim == 5 else f", or so many times a divisor of {inputs},"
        raise ValueError(
            f"output_shape: got {channels} channels with filters {filters.shape}; "
            f"{outputs}{more} would do"
        )
    return groups


def _steps(name: str, value: PerAxis | None, axes: int, space: slice) -> tuple[int, ...]:
    """Return one number per spatial axis, of one for all or of one per axis of the input."""
    if value is None:
        return (1,) * axes
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or len(value) not in (1, axes + 2):
        return each(name, value, axes, 1)
    if len(value) == 1:
        return each(name, value, 1, 1) * axes
    steps = each(name, value, axes + 2, 1)
    if _outside(steps, space) != [1, 1]:
        raise ValueError(f"{name}: got {value!r}; 1 for the batch and the channels would do")
    return steps[space]


def _pairs(padding: Padding, axes: int, space: slice) -> tuple[tuple[int, int], ...]:
    """Return the crop of both ends of every spatial axis, for "VALID" or explicit padding."""
    if isinstance(padding, str) or axes != 2 or not isinstance(padding, Sequence):
        one_of("padding", padding, ("SAME", "VALID"))
        return ((0, 0),) * axes
    if len(padding) != axes + 2:
        raise ValueError(f"padding: got {padding!r}; {axes + 2} pairs (begin, end) would do")
    pairs = tuple(_pair(pair, padding) for pair in padding)
    if _outside(pairs, space) != [(0, 0), (0, 0)]:
        raise ValueError(
            f"padding: got {padding!r}; (0, 0) for the batch and the channels would do"
        )
    return pairs[space]


def _pair(pair: object, padding: Padding) -> tuple[int, int]:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise ValueError(f"padding: got {padding!r}; pairs (begin, end) would do")
    begin, end = (whole("padding", n, 0) for n in pair)
    return begin, end


def _outside(values: Sequence[Value], space: slice) -> list[Value]:
    """Return the values of the batch and the channels."""
    outside = list(values)
    del outside[space]
    return outside

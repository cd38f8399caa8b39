"""Keras' convolution and transposed convolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from upweave.ops import reference
from upweave.ops._checks import Floats, check_bias, check_floats, each, whole
from upweave.ops.axes import GeometryError, PerAxis
from upweave.ops.conventions._layer import (
    Layer,
    channels_first,
    channels_last,
    extents,
    same_pads,
)
from upweave.ops.conventions.keras._words import (
    check_rank,
    check_spatial,
    is_channels_first,
    word,
)
from upweave.ops.geometry import Geometry


def conv_transpose(
    inputs: Floats,
    kernel: Floats,
    strides: PerAxis = 1,
    padding: str = "valid",
    output_padding: PerAxis | None = None,
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
    *,
    bias: Floats | None = None,
) -> Floats:
    """Return the transposed convolution over one, two or three axes.

    Parameters
    ----------
    inputs : array of shape (N, *spatial, C_in), or (N, C_in, *spatial)
        The latter with "channels_first".
    kernel : array of shape (*kernel, C_out, C_in)
        With either data format.
    strides, dilation_rate : int or one per axis
        At least 1. Unlike Keras' layers, both may be larger.
    padding : "valid" or "same"
        With ``extent = dilation_rate * (k - 1) + 1``, "valid" gives
        ``(size - 1) * stride + max(extent, stride)`` outputs, and "same" ``size * stride``: it
        crops the full output at both ends, an odd one at the end. Where the full output is too
        short, zeros follow.
    output_padding : int or one per axis, optional
        At least 0 and less than the stride; with "same" and an even extent also the stride itself,
        unlike in Keras' layers. It is not an addition to the sizes above, but chooses others:
        ``(size - 1) * stride + extent + output_padding`` for "valid", and
        ``(size - 1) * stride + extent % 2 + output_padding`` for "same".
    data_format : "channels_last" or "channels_first", optional
    bias : array of shape (C_out,), optional
        As of Keras' layers; it is added to those zeros, too.

    Returns
    -------
    array of shape (N, *size, C_out), or (N, C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://keras.io/api/ops/nn/#conv_transpose-function and
    https://keras.io/api/layers/convolution_layers/convolution2d_transpose/. Keras' documentation
    allows an output padding of 0 with "same" and an even extent; the TensorFlow backend does not,
    and the others compute this result, which for a single input is empty.

    Examples
    --------
    >>> import numpy as np
    >>> x, kernel = np.ones((1, 4, 5, 2)), np.ones((3, 3, 6, 2))
    >>> conv_transpose(x, kernel, strides=2, padding="same").shape
    (1, 8, 10, 6)
    >>> conv_transpose(x, kernel, strides=2, padding="same", output_padding=0).shape
    (1, 7, 9, 6)
    """
    _check_arrays(inputs, kernel, bias)
    first = is_channels_first(data_format)
    layer = layer_of(kernel, strides, padding, output_padding, dilation_rate)
    x = _channels_first(inputs, first)
    if x.shape[1] != kernel.shape[-1]:
        raise ValueError(
            f"inputs: got {x.shape[1]} channels in the shape {inputs.shape}; {kernel.shape[-1]}, "
            f"as kernel is {kernel.shape}, would do"
        )
    if bias is not None:
        check_bias("bias", bias, layer.out_channels)
    y = layer(x, bias)
    return y if first else channels_last(y)


def conv(
    inputs: Floats,
    kernel: Floats,
    strides: PerAxis = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: PerAxis = 1,
    groups: int = 1,
    *,
    bias: Floats | None = None,
) -> Floats:
    """Return the convolution (cross-correlation) over one, two or three axes.

    Parameters
    ----------
    inputs : array of shape (N, *spatial, C_in), or (N, C_in, *spatial)
        The latter with "channels_first".
    kernel : array of shape (*kernel, C_in/groups, C_out)
        With either data format.
    strides, dilation_rate : int or one per axis
        At least 1. Unlike Keras' layers, both may be larger.
    padding : "valid", "same" or, over one axis, "causal"
        "valid" is none; "same" gives ``ceil(size / stride)`` outputs, with an odd zero at the end;
        "causal" puts ``dilation_rate * (k - 1)`` zeros at the begin, as Keras' layer Conv1D.
    data_format : "channels_last" or "channels_first", optional
    groups : int
        Blocks of channels. With 1, it is what the channels of `inputs` and `kernel` say, as in
        ``keras.ops.conv``, which has no such argument.
    bias : array of shape (C_out,), optional

    Returns
    -------
    array of shape (N, *size, C_out), or (N, C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://keras.io/api/ops/nn/#conv-function and
    https://keras.io/api/layers/convolution_layers/convolution1d/

    Examples
    --------
    >>> import numpy as np
    >>> conv(np.ones((1, 9, 8, 4)), np.ones((3, 3, 2, 6)), 2, "same", groups=2).shape
    (1, 5, 4, 6)
    >>> conv(np.ones((1, 3, 1)), np.ones((2, 1, 1)), padding="causal").ravel()
    array([1., 2., 2.])
    """
    _check_arrays(inputs, kernel, bias)
    first = is_channels_first(data_format)
    x = _channels_first(inputs, first)
    size = kernel.shape[:-2]
    s = each("strides", strides, len(size), 1)
    d = each("dilation_rate", dilation_rate, len(size), 1)
    groups = _groups(groups, x.shape[1], inputs, kernel)
    if bias is not None:
        check_bias("bias", bias, kernel.shape[-1])
    ends = _ends(padding, x.shape[2:], s, extents(size, d))
    try:
        Geometry(size, s, ends, 0, d).input_size(x.shape[2:])
    except GeometryError as error:
        raise GeometryError(f"inputs: {error}") from None
    w = np.moveaxis(kernel, (-1, -2), (0, 1))
    y = reference.conv(x, w, bias, stride=s, padding=ends, dilation=d, groups=groups)
    return y if first else channels_last(y)


def layer_of(
    kernel: Floats,
    strides: PerAxis = 1,
    padding: str = "valid",
    output_padding: PerAxis | None = None,
    dilation_rate: PerAxis = 1,
) -> Layer:
    """Return what `conv_transpose` does with these arguments.

    Parameters
    ----------
    kernel : array of shape (*kernel, C_out, C_in)
        With one to three kernel axes.
    strides, padding, output_padding, dilation_rate
        As `conv_transpose` takes them.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Examples
    --------
    >>> import numpy as np
    >>> layer_of(np.ones((5, 1, 1)), 2, "same").geometry.padding
    ((1, 2),)
    """
    check_floats(kernel=kernel)
    _check_kernel(kernel, "C_out, C_in")
    size = kernel.shape[:-2]
    s = each("strides", strides, len(size), 1)
    d = each("dilation_rate", dilation_rate, len(size), 1)
    same = word("padding", padding, ("valid", "same")) == "same"
    reaches = [
        stride if same else max(extent, stride)
        for extent, stride in zip(extents(size, d), s, strict=True)
    ]
    if output_padding is not None:
        added = each("output_padding", output_padding, len(size), 0)
        _check_added(added, s, [same and extent % 2 == 0 for extent in extents(size, d)])
        reaches = [
            (extent % 2 if same else extent) + a
            for extent, a in zip(extents(size, d), added, strict=True)
        ]
    crops = [_crop(*pair) for pair in zip(extents(size, d), reaches, strict=True)]
    return Layer.cropped(np.moveaxis(kernel, (-1, -2), (0, 1)), s, d, crops)


def _crop(extent: int, reach: int) -> tuple[int, int]:
    """Return the crop of a single input's full output to a size, an odd one at the end."""
    begin = max(extent - reach, 0) // 2
    return begin, extent - reach - begin


def _check_added(added: Sequence[int], strides: Sequence[int], one_more: Sequence[bool]) -> None:
    """Refuse output padding for which "same" or "valid" would not lead back to the input's size."""
    for axis, (a, stride, more) in enumerate(zip(added, strides, one_more, strict=True)):
        most = stride if more else stride - 1
        if a > most:
            raise ValueError(
                f"output_padding: got {a} on axis {axis} with stride {stride}; "
                f"at most {most}, or None, would do"
            )


def _ends(
    padding: str, spatial: tuple[int, ...], strides: tuple[int, ...], extents: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Return a convolution's padding as a (begin, end) per axis."""
    causal = ("causal",) if len(spatial) == 1 else ()
    way = word("padding", padding, ("valid", "same", *causal))
    if way == "causal":
        return [(extent - 1, 0) for extent in extents]
    if way == "valid":
        return [(0, 0)] * len(spatial)
    return same_pads(spatial, strides, extents)


def _groups(groups: int, channels: int, inputs: Floats, kernel: Floats) -> int:
    """Return the number of groups, which the channels may say."""
    inside, outputs = kernel.shape[-2:]
    number = whole("groups", groups, 1)
    if number == 1 and channels and channels % inside == 0:
        number = channels // inside
    if channels != inside * number:
        raise ValueError(
            f"inputs: got {channels} channels in the shape {inputs.shape}; {inside * number}, as "
            f"kernel is {kernel.shape} and groups is {groups}, would do"
        )
    if outputs % number:
        raise ValueError(
            f"kernel: got the shape {kernel.shape} for {channels} input channels, which are "
            f"{number} groups; a multiple of {number} output channels would do"
        )
    return number


def _check_arrays(inputs: Floats, kernel: Floats, bias: Floats | None) -> None:
    given = {"inputs": inputs, "kernel": kernel}
    check_floats(**given if bias is None else given | {"bias": bias})
    check_rank(inputs)
    if kernel.ndim != inputs.ndim:
        raise ValueError(
            f"kernel: got the shape {kernel.shape}; {inputs.ndim} axes, as inputs "
            f"{inputs.shape} has, would do"
        )
    _check_kernel(kernel, "the channels")


def _check_kernel(kernel: Floats, channels: str) -> None:
    if kernel.ndim not in (3, 4, 5) or 0 in kernel.shape:
        raise ValueError(
            f"kernel: got the shape {kernel.shape}; (*kernel, {channels}) with one to three kernel "
            "axes, each size at least 1, would do"
        )


def _channels_first(inputs: Floats, first: bool) -> Floats:
    check_spatial(inputs, first)
    return inputs if first else channels_first(inputs)

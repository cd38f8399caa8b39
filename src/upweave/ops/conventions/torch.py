"""PyTorch's words: functions of ``torch.nn.functional``, on NumPy arrays.

Names, order and defaults of the arguments are PyTorch's, and so are layouts and results; PyTorch
itself is not needed. Arrays are of float32 or float64, and all of one call of one type. An input
without a batch axis gives a result without one.

What PyTorch refuses is refused: TypeError for what is no such array or no whole number, ValueError
for shapes and values that do not fit; the message names the argument, what it got and what would
do. Beyond PyTorch, weights without any channels, and kernels and strides below 1 of the unpoolings,
are refused too; and `pixel_unshuffle` gives an empty array the shape that PyTorch documents, where
PyTorch's CPU code leaves its shape as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from upweave.ops import interpolation, reference
from upweave.ops._arguments import Floats
from upweave.ops.geometry import Geometry, GeometryError, PerAxis, per_axis

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "pixel_shuffle",
    "pixel_unshuffle",
]

Scalar = TypeVar("Scalar", bound=np.generic)


def conv1d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis | str = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the convolution (cross-correlation) over one axis.

    Parameters
    ----------
    input : array of shape (N, C_in, L) or (C_in, L)
    weight : array of shape (C_out, C_in/groups, K)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int, one per axis, "valid" or "same"
        Zeros at both ends of an axis. "valid" is 0; "same", for stride 1, keeps the input's size,
        an odd zero at the end.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv1d(np.ones((1, 2, 5)), np.ones((3, 2, 3)), padding=1, stride=2).shape
    (1, 3, 3)
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis | str = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the convolution (cross-correlation) over two axes.

    Parameters
    ----------
    input : array of shape (N, C_in, H, W) or (C_in, H, W)
    weight : array of shape (C_out, C_in/groups, KH, KW)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int, one per axis, "valid" or "same"
        Zeros at both ends of an axis. "valid" is 0; "same", for stride 1, keeps the input's size,
        an odd zero at the end.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv2d(np.ones((1, 2, 5, 5)), np.ones((3, 2, 3, 3)), padding=1, stride=2).shape
    (1, 3, 3, 3)
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis | str = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Floats:
    """Return the convolution (cross-correlation) over three axes.

    Parameters
    ----------
    input : array of shape (N, C_in, D, H, W) or (C_in, D, H, W)
    weight : array of shape (C_out, C_in/groups, KD, KH, KW)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int, one per axis, "valid" or "same"
        Zeros at both ends of an axis. "valid" is 0; "same", for stride 1, keeps the input's size,
        an odd zero at the end.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv3d(np.ones((1, 2, 5, 5, 5)), np.ones((3, 2, 3, 3, 3)), padding=1, stride=2).shape
    (1, 3, 3, 3, 3)
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Floats:
    """Return the transposed convolution over one axis; mind that groups come before dilation.

    Parameters
    ----------
    input : array of shape (N, C_in, L) or (C_in, L)
    weight : array of shape (C_in, C_out/groups, K)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int or one per axis
        Cropped from both ends of the full output, at least 0.
    output_padding : int or one per axis
        Added at the end: at least 0, and less than the larger of stride and dilation.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose1d(np.ones((1, 2, 5)), np.ones((2, 3, 3)), None, 2, 1, 1).shape
    (1, 3, 10)
    """
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Floats:
    """Return the transposed convolution over two axes; mind that groups come before dilation.

    Parameters
    ----------
    input : array of shape (N, C_in, H, W) or (C_in, H, W)
    weight : array of shape (C_in, C_out/groups, KH, KW)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int or one per axis
        Cropped from both ends of the full output, at least 0.
    output_padding : int or one per axis
        Added at the end: at least 0, and less than the larger of stride and dilation.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose2d(np.ones((1, 2, 5, 5)), np.ones((2, 3, 3, 3)), None, 2, 1, 1).shape
    (1, 3, 10, 10)
    """
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Floats,
    weight: Floats,
    bias: Floats | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Floats:
    """Return the transposed convolution over three axes; mind that groups come before dilation.

    Parameters
    ----------
    input : array of shape (N, C_in, D, H, W) or (C_in, D, H, W)
    weight : array of shape (C_in, C_out/groups, KD, KH, KW)
    bias : array of shape (C_out,), optional
    stride, dilation : int or one per axis
    padding : int or one per axis
        Cropped from both ends of the full output, at least 0.
    output_padding : int or one per axis
        Added at the end: at least 0, and less than the larger of stride and dilation.
    groups : int

    Returns
    -------
    array of shape (N, C_out, *size) or (C_out, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose3d(np.ones((1, 2, 5, 5, 5)), np.ones((2, 3, 3, 3, 3)), None, 2, 1, 1).shape
    (1, 3, 10, 10, 10)
    """
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def pixel_shuffle(input: Floats, upscale_factor: int) -> Floats:
    """Return the channels rearranged into r x r blocks of pixels, r being `upscale_factor`.

    Parameters
    ----------
    input : array of shape (*, C * r * r, H, W)
    upscale_factor : int
        At least 1.

    Returns
    -------
    array of shape (*, C, H * r, W * r)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html

    Examples
    --------
    >>> import numpy as np
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    r = _factor("upscale_factor", upscale_factor, input)
    *batch, channels, height, width = input.shape
    if channels % r**2:
        raise ValueError(
            f"input: got {channels} channels in the shape {input.shape}; "
            f"a multiple of {r**2}, the square of upscale_factor, would do"
        )
    n, c = prod(batch), channels // r**2
    blocks = input.reshape(n, c, r, r, height, width).transpose(0, 1, 4, 2, 5, 3)
    return np.array(blocks).reshape(*batch, c, height * r, width * r)


def pixel_unshuffle(input: Floats, downscale_factor: int) -> Floats:
    """Return r x r blocks of pixels rearranged into channels, r being `downscale_factor`.

    Parameters
    ----------
    input : array of shape (*, C, H * r, W * r)
    downscale_factor : int
        At least 1.

    Returns
    -------
    array of shape (*, C * r * r, H, W)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html

    Examples
    --------
    >>> import numpy as np
    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 2, 2), 2).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    r = _factor("downscale_factor", downscale_factor, input)
    *batch, c, height, width = input.shape
    if height % r or width % r:
        raise ValueError(
            f"input: got the size {height} x {width}; multiples of {r}, downscale_factor, would do"
        )
    blocks = input.reshape(prod(batch), c, height // r, r, width // r, r)
    channels = np.array(blocks.transpose(0, 1, 3, 5, 2, 4))
    return channels.reshape(*batch, c * r**2, height // r, width // r)


def max_unpool1d(
    input: Floats,
    indices: NDArray[np.int64],
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    output_size: Sequence[int] | None = None,
) -> Floats:
    """Return the values where a max-pooling over one axis took them from; zeros elsewhere.

    Parameters
    ----------
    input : array of shape (N, C, L) or (C, L)
    indices : array of int64, of the shape of `input`
        Positions in the flattened spatial axes of the result. Of values with equal positions, the
        last counts.
    kernel_size, padding : int or one per axis
    stride : int or one per axis, optional
        Otherwise `kernel_size`.
    output_size : sequence of 1 or 3 ints, optional
        The size of the result; of 3 values the first 2 are ignored. Less than one stride from
        the size without it, which is ``(i - 1) * stride + kernel_size - 2 * padding``.

    Returns
    -------
    array of shape (N, C, *size) or (C, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html

    Examples
    --------
    >>> import numpy as np
    >>> max_unpool1d(np.full((1, 1), 7.0), np.full((1, 1), 1), 2).ravel().tolist()
    [0.0, 7.0]
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Floats,
    indices: NDArray[np.int64],
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    output_size: Sequence[int] | None = None,
) -> Floats:
    """Return the values where a max-pooling over two axes took them from; zeros elsewhere.

    Parameters
    ----------
    input : array of shape (N, C, H, W) or (C, H, W)
    indices : array of int64, of the shape of `input`
        Positions in the flattened spatial axes of the result. Of values with equal positions, the
        last counts.
    kernel_size, padding : int or one per axis
    stride : int or one per axis, optional
        Otherwise `kernel_size`.
    output_size : sequence of 2 or 4 ints, optional
        The size of the result; of 4 values the first 2 are ignored. Less than one stride from
        the size without it, which is ``(i - 1) * stride + kernel_size - 2 * padding``.

    Returns
    -------
    array of shape (N, C, *size) or (C, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html

    Examples
    --------
    >>> import numpy as np
    >>> max_unpool2d(np.full((1, 1, 1), 7.0), np.full((1, 1, 1), 1), 2).ravel().tolist()
    [0.0, 7.0, 0.0, 0.0]
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Floats,
    indices: NDArray[np.int64],
    kernel_size: PerAxis,
    stride: PerAxis | None = None,
    padding: PerAxis = 0,
    output_size: Sequence[int] | None = None,
) -> Floats:
    """Return the values where a max-pooling over three axes took them from; zeros elsewhere.

    Parameters
    ----------
    input : array of shape (N, C, D, H, W) or (C, D, H, W)
    indices : array of int64, of the shape of `input`
        Positions in the flattened spatial axes of the result. Of values with equal positions, the
        last counts.
    kernel_size, padding : int or one per axis
    stride : int or one per axis, optional
        Otherwise `kernel_size`.
    output_size : sequence of 3 or 5 ints, optional
        The size of the result; of 5 values the first 2 are ignored. Less than one stride from
        the size without it, which is ``(i - 1) * stride + kernel_size - 2 * padding``.

    Returns
    -------
    array of shape (N, C, *size) or (C, *size)

    Raises
    ------
    TypeError, ValueError
        As the module says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html

    Examples
    --------
    >>> import numpy as np
    >>> max_unpool3d(np.full((1, 1, 1, 1), 7.0), np.full((1, 1, 1, 1), 1), 2).ravel().tolist()
    [0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _conv(
    axes: int,
    input: Floats,
    weight: Floats,
    bias: Floats | None,
    stride: PerAxis,
    padding: PerAxis | str,
    dilation: PerAxis,
    groups: int,
) -> Floats:
    groups = _check_arrays(axes, input, weight, bias, groups, transposed=False)
    kernel = weight.shape[2:]
    s = _each("stride", stride, axes, 1)
    d = _each("dilation", dilation, axes, 1)
    ends = _ends(padding, kernel, s, d)
    try:
        Geometry(kernel, s, ends, 0, d).input_size(input.shape[-axes:])
    except GeometryError as error:
        raise GeometryError(f"input: {error}") from None
    x = _batched(input, axes)
    y = reference.conv(x, weight, bias, stride=s, padding=ends, dilation=d, groups=groups)
    return y.reshape(*input.shape[: -axes - 1], *y.shape[1:])


def _conv_transpose(
    axes: int,
    input: Floats,
    weight: Floats,
    bias: Floats | None,
    stride: PerAxis,
    padding: PerAxis,
    output_padding: PerAxis,
    groups: int,
    dilation: PerAxis,
) -> Floats:
    groups = _check_arrays(axes, input, weight, bias, groups, transposed=True)
    y = reference.scatter(
        _batched(input, axes),
        weight,
        bias,
        stride=_each("stride", stride, axes, 1),
        padding=_each("padding", padding, axes, 0),
        output_padding=_each("output_padding", output_padding, axes, 0),
        dilation=_each("dilation", dilation, axes, 1),
        groups=groups,
    )
    return y.reshape(*input.shape[: -axes - 1], *y.shape[1:])


def _max_unpool(
    axes: int,
    input: Floats,
    indices: NDArray[np.int64],
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    output_size: Sequence[int] | None,
) -> Floats:
    _check_floats("input", input)
    _check_rank(axes, input)
    if 0 in input.shape[1:]:
        raise ValueError(
            f"input: got the shape {input.shape}; sizes of at least 1 after the first would do"
        )
    if not isinstance(indices, np.ndarray) or indices.dtype != np.int64:
        raise TypeError(f"indices: got {_what(indices)}; a NumPy array of int64 would do")
    if indices.shape != input.shape:
        raise ValueError(
            f"indices: got the shape {indices.shape}; that of input, {input.shape}, would do"
        )
    size = _unpooled_size(axes, input.shape[-axes:], kernel_size, stride, padding, output_size)
    shape = (*input.shape[:-axes], *size)
    if 0 in shape:
        return np.zeros(shape, input.dtype)
    last = prod(size) - 1
    for index in (indices.min(), indices.max()):
        if not 0 <= index <= last:
            raise ValueError(
                f"indices: got {index}; 0 to {last}, the positions in the size {size}, would do"
            )
    y = interpolation.max_unpool(_batched(input, axes), _batched(indices, axes), size)
    return y.reshape(shape)


def _unpooled_size(
    axes: int,
    spatial: tuple[int, ...],
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    output_size: Sequence[int] | None,
) -> tuple[int, ...]:
    kernel = per_axis("kernel_size", kernel_size, axes, least=1)
    strides = kernel if stride is None else per_axis("stride", stride, axes, least=1)
    ends = per_axis("padding", padding, axes)
    usual = tuple(
        (i - 1) * s + k - 2 * p for i, s, k, p in zip(spatial, strides, kernel, ends, strict=True)
    )
    if output_size is None:
        for axis, n in enumerate(usual):
            if n < 0:
                raise ValueError(
                    f"padding: got {ends[axis]} on axis {axis}, which leaves {n} outputs; "
                    f"at most {(n + 2 * ends[axis]) // 2} would do"
                )
        return usual
    if not isinstance(output_size, Sequence) or isinstance(output_size, str):
        raise TypeError(f"output_size: got {output_size!r}; {axes} whole numbers would do")
    given = output_size[2:] if len(output_size) == axes + 2 else output_size
    if len(given) != axes:
        raise ValueError(
            f"output_size: got {output_size!r}; {axes} values, or {axes + 2} with N and C, would do"
        )
    size = per_axis("output_size", given, axes, least=0)
    for axis, (n, middle, s) in enumerate(zip(size, usual, strides, strict=True)):
        if not middle - s < n < middle + s:
            raise ValueError(
                f"output_size: got {n} on axis {axis}; "
                f"{max(middle - s + 1, 0)} to {middle + s - 1} would do"
            )
    return size


def _factor(name: str, value: int, input: Floats) -> int:
    """Check the arguments of a shuffle and return its factor."""
    _check_floats("input", input)
    if input.ndim < 3:
        raise ValueError(
            f"input: got the shape {input.shape}; at least 3 axes, (*, C, H, W), would do"
        )
    return _whole(name, value, 1)


def _ends(
    padding: PerAxis | str,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> list[tuple[int, int]]:
    """Return a convolution's padding as a (begin, end) per axis."""
    if not isinstance(padding, str):
        return [(p, p) for p in _each("padding", padding, len(kernel), 0)]
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding != "same":
        raise ValueError(f'padding: got {padding!r}; "valid", "same" or whole numbers would do')
    if max(stride) > 1:
        raise ValueError(
            f'padding: got "same" with stride {stride}; stride 1, or whole numbers, would do'
        )
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def _each(name: str, value: PerAxis, axes: int, least: int) -> tuple[int, ...]:
    """Return one number per axis, of a number or one in a sequence for all, as PyTorch does."""
    if isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}; whole numbers would do")
    if isinstance(value, Sequence) and len(value) == 1:
        value = tuple(value) * axes
    return per_axis(name, value, axes, least=least)


def _whole(name: str, value: int, least: int) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: got {value!r}; a whole number would do") from None
    if number < least:
        raise ValueError(f"{name}: got {number}; at least {least} would do")
    return number


def _batched(array: NDArray[Scalar], axes: int) -> NDArray[Scalar]:
    """Return the array with its batch axis, or with one of size 1."""
    return array if array.ndim == axes + 2 else array[None]


def _check_arrays(
    axes: int, input: Floats, weight: Floats, bias: Floats | None, groups: int, *, transposed: bool
) -> int:
    """Refuse arrays that do not fit each other; return the number of groups."""
    for name, array in (("input", input), ("weight", weight), ("bias", bias)):
        if name == "bias" and array is None:
            continue
        _check_floats(name, array)
        if array is not None and array.dtype != input.dtype:
            raise TypeError(
                f"{name}: got {array.dtype}, but input is {input.dtype}; "
                "input, weight and bias of one type would do"
            )
    _check_rank(axes, input)
    if weight.ndim != axes + 2 or 0 in weight.shape:
        order = "C_in, C_out/groups" if transposed else "C_out, C_in/groups"
        raise ValueError(
            f"weight: got the shape {weight.shape}; ({order}, *kernel) "
            f"with {axes} kernel axes, each size at least 1, would do"
        )
    groups = _whole("groups", groups, 1)
    if weight.shape[0] % groups:
        raise ValueError(
            f"groups: got {groups}; a divisor of {weight.shape[0]}, the first size of weight "
            f"{weight.shape}, would do"
        )
    channels, outputs = weight.shape[0], weight.shape[1] * groups
    if not transposed:
        channels, outputs = outputs, channels
    if input.shape[-axes - 1] != channels or 0 in input.shape[-axes:]:
        raise ValueError(
            f"input: got the shape {input.shape}; {channels} channels, as weight is {weight.shape} "
            f"with groups={groups}, and spatial sizes of at least 1 would do"
        )
    if bias is not None and bias.shape != (outputs,):
        raise ValueError(
            f"bias: got the shape {bias.shape}; ({outputs},), "
            "one value per output channel, would do"
        )
    return groups


def _check_rank(axes: int, input: Floats) -> None:
    if input.ndim not in (axes + 1, axes + 2):
        raise ValueError(
            f"input: got the shape {input.shape}; {axes + 2} axes (N, C, *spatial), "
            f"or {axes + 1} without N, would do"
        )


def _check_floats(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray) or array.dtype not in (np.float32, np.float64):
        raise TypeError(f"{name}: got {_what(array)}; a NumPy array of float32 or float64 would do")


def _what(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    return f"a {type(value).__name__}"

"""The unpoolings in PyTorch's words."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from upweave.ops._checks import Floats, check_floats, what
from upweave.ops.axes import PerAxis, per_axis
from upweave.ops.conventions.torch._batches import batched, check_rank
from upweave.ops.pooling import max_unpool


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
        As the package says.

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
        As the package says.

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
        As the package says.

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


def _max_unpool(
    axes: int,
    input: Floats,
    indices: NDArray[np.int64],
    kernel_size: PerAxis,
    stride: PerAxis | None,
    padding: PerAxis,
    output_size: Sequence[int] | None,
) -> Floats:
    check_floats(input=input)
    check_rank(axes, input)
    if 0 in input.shape[1:]:
        raise ValueError(
            f"input: got the shape {input.shape}; sizes of at least 1 after the first would do"
        )
    if not isinstance(indices, np.ndarray) or indices.dtype != np.int64:
        raise TypeError(f"indices: got {what(indices)}; a NumPy array of int64 would do")
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
    return max_unpool(batched(input, axes), batched(indices, axes), size).reshape(shape)


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

"""ONNX's MaxUnpool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from upweave.ops import _checks
from upweave.ops._checks import Floats
from upweave.ops.conventions.onnx._attributes import Ints, whole_numbers


def max_unpool(
    X: Floats,
    I: NDArray[np.int64],  # noqa: E741  (ONNX's name)
    output_shape: Ints | None = None,
    *,
    kernel_shape: Ints,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Floats:
    """Return ONNX's MaxUnpool: values where a max-pooling took them from; zeros elsewhere.

    Parameters
    ----------
    X : array of shape (N, C, *spatial)
    I : array of int64, of the shape of `X`
        Positions in the flattened result, N and C counted too. Of values with equal positions, the
        last counts.
    output_shape : one int per axis of `X`, optional
        A larger shape, with N and C: what it has more is zeros at the ends. `I` counts in the
        result without them.
    kernel_shape : one int per spatial axis
    pads : two ints per spatial axis, optional
        All begins, then all ends: less than the kernel; 0 by default.
    strides : one int per spatial axis, optional
        At least 1, which is also the default.

    Returns
    -------
    array of shape (N, C, *size)
        Of the size ``(i - 1) * stride + kernel - begin - end``, or of `output_shape`.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://onnx.ai/onnx/operators/onnx__MaxUnpool.html. Of `output_shape`, ONNX Runtime has another
    notion: there `I` counts in that shape, as MaxPool's indices do. This is the one of ONNX's node
    test "maxunpool_export_with_output_shape".

    Examples
    --------
    >>> import numpy as np
    >>> x, i = np.full((1, 1, 1), 7.0), np.full((1, 1, 1), 1)
    >>> max_unpool(x, i, kernel_shape=[2]).ravel().tolist()
    [0.0, 7.0]
    >>> max_unpool(x, i, [1, 1, 4], kernel_shape=[2]).ravel().tolist()
    [0.0, 7.0, 0.0, 0.0]
    """
    _checks.check_floats(X=X)
    if X.ndim < 3 or 0 in X.shape[2:]:
        raise ValueError(
            f"X: got the shape {X.shape}; (N, C, *spatial), spatial sizes of at least 1, would do"
        )
    if not isinstance(I, np.ndarray) or I.dtype != np.int64:
        raise TypeError(f"I: got {_checks.what(I)}; a NumPy array of int64 would do")
    if I.shape != X.shape:
        raise ValueError(f"I: got the shape {I.shape}; that of X, {X.shape}, would do")
    shape = (*X.shape[:2], *_unpooled(X.shape[2:], kernel_shape, strides, pads))
    y = np.zeros(shape, X.dtype)
    if I.size:
        for index in (I.min(), I.max()):
            if not 0 <= index < y.size:
                raise ValueError(
                    f"I: got {index}; 0 to {y.size - 1}, the positions in {shape}, would do"
                )
    y.reshape(-1)[I.ravel()] = X.ravel()
    return y if output_shape is None else _enlarged(y, output_shape)


def _unpooled(
    spatial: tuple[int, ...], kernel_shape: Ints, strides: Ints | None, pads: Ints | None
) -> list[int]:
    """Return the size of which the pooling makes `spatial`."""
    axes = len(spatial)
    kernel = whole_numbers("kernel_shape", kernel_shape, axes, 1)
    steps = (1,) * axes if strides is None else whole_numbers("strides", strides, axes, 1)
    ends = (0,) * 2 * axes if pads is None else whole_numbers("pads", pads, 2 * axes)
    sizes = []
    for axis, (n, k, s) in enumerate(zip(spatial, kernel, steps, strict=True)):
        begin, end = ends[axis], ends[axis + axes]
        if max(begin, end) >= k:
            raise ValueError(
                f"pads: got {begin} and {end} on axis {axis} with kernel {k}; "
                f"at most {k - 1} each would do"
            )
        size = (n - 1) * s + k - begin - end
        if size < 1:
            raise ValueError(
                f"pads: got {begin} and {end} on axis {axis}, which leave {size} outputs; "
                f"at most {begin + end + size - 1} together would do"
            )
        sizes.append(size)
    return sizes


def _enlarged(y: Floats, output_shape: Ints) -> Floats:
    """Return y with zeros at its ends."""
    wanted = whole_numbers("output_shape", output_shape, y.ndim)
    if wanted[:2] != y.shape[:2] or any(n < m for n, m in zip(wanted, y.shape, strict=True)):
        raise ValueError(
            f"output_shape: got {list(wanted)}; {list(y.shape)}, or more on the spatial axes, "
            "would do"
        )
    larger = np.zeros(wanted, y.dtype)
    larger[tuple(map(slice, y.shape))] = y
    return larger

"""JAX's transposed convolution, and its convolution of inputs with zeros inserted."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import prod

import numpy as np

from upweave.ops import reference
from upweave.ops._checks import Floats, check_floats, check_groups, each
from upweave.ops.conventions._layer import Layer, Pairs, extents, same_pads
from upweave.ops.conventions.jax._orders import (
    Numbers,
    Specs,
    channels_first,
    channels_last,
    numbers,
    ordered,
    reordered,
)

Padding = str | Sequence[Sequence[int]]


def conv_transpose(
    lhs: Floats,
    rhs: Floats,
    strides: Sequence[int],
    padding: Padding,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Specs | None = None,
    transpose_kernel: bool = False,
    use_consistent_padding: bool = False,
) -> Floats:
    """Return the transposed convolution, its kernel flipped unless `transpose_kernel` is true.

    Parameters
    ----------
    lhs, rhs, strides, rhs_dilation
        As the package says.
    padding : str or sequence of (low, high)
        "SAME" for `strides` times the input's size, of the full output's middle, an odd place cut
        off its end; "VALID" for all of the full output; both with zeros at the end where the
        dilated kernel is smaller than the stride. Pairs are the padding of the input with zeros
        inserted, so that a *smaller* one crops more; they may be negative.
    dimension_numbers : three strings, three tuples of int, or None
        None means channels last, and ``(*kernel, C_in, C_out)``: for two axes
        ``("NHWC", "HWIO", "NHWC")``; for up to three.
    transpose_kernel : bool
        Whether the kernel is not flipped, and O means input and I output channels: the transpose of
        `conv_general_dilated` with the same `rhs`.
    use_consistent_padding : bool
        Whether pairs are what to crop from the full output, as in the words, and in PyTorch.

    Returns
    -------
    array

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://docs.jax.dev/en/latest/_autosummary/jax.lax.conv_transpose.html

    With strides of 1 (and not `use_consistent_padding`), JAX also takes other words, which are then
    those of `conv_general_dilated`: "SAME_LOWER", and, in other letters than capitals, "same" and
    "valid", which mean something else than "SAME" and "VALID".

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((1, 4, 4, 3)), np.ones((3, 3, 3, 8))
    >>> conv_transpose(x, w, (2, 2), "SAME").shape
    (1, 8, 8, 8)
    >>> conv_transpose(x, w, (2, 2), [(1, 2), (1, 2)]).shape
    (1, 8, 8, 8)
    """
    _check_arrays(lhs, rhs)
    where = numbers(dimension_numbers, channels_last(rhs.ndim), rhs.ndim)
    layer = layer_of(
        rhs,
        strides,
        padding,
        rhs_dilation,
        dimension_numbers,
        transpose_kernel,
        use_consistent_padding,
    )
    x = ordered(lhs, where.lhs)
    if x.shape[1] != layer.w.shape[0]:
        raise ValueError(
            f"lhs: got {x.shape[1]} channels in the shape {lhs.shape}, but rhs is {rhs.shape}; "
            f"{layer.w.shape[0]} would do"
        )
    g = layer.geometry
    reach = extents(g.kernel, g.dilation)
    pads = _complements(g.padding, reach)
    size = _size(padding, x.shape[2:], g.stride, pads, reach, (1,) * g.ndim)
    if x.size and prod(size) and layer.w.size:
        y = layer(x)
    else:
        y = np.zeros((len(x), layer.out_channels, *size), x.dtype)
    return reordered(y, where.out)


def layer_of(
    rhs: Floats,
    strides: Sequence[int],
    padding: Padding,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Specs | None = None,
    transpose_kernel: bool = False,
    use_consistent_padding: bool = False,
) -> Layer:
    """Return what `conv_transpose` does with these arguments.

    Parameters
    ----------
    rhs, strides, padding, rhs_dilation, dimension_numbers, transpose_kernel, use_consistent_padding
        As that function takes them.

    Returns
    -------
    Layer
        Without spatial axes, it has one, of one tap.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Examples
    --------
    >>> import numpy as np
    >>> layer_of(np.ones((3, 4, 2)), (2,), "SAME").size((5,))
    (10,)
    """
    check_floats(rhs=rhs)
    where = numbers(dimension_numbers, channels_last(rhs.ndim), rhs.ndim)
    w, axes = _kernel(rhs, where), rhs.ndim - 2
    if not transpose_kernel:
        w = np.flip(w, tuple(range(2, w.ndim))).swapaxes(0, 1)
    stride = _each("strides", strides, axes)
    dilation = _each("rhs_dilation", rhs_dilation, axes)
    crop = _crop(padding, axes, stride, extents(w.shape[2:], dilation), use_consistent_padding)
    return Layer.cropped(w, stride, dilation, crop)


def input_axes(ndim: int, dimension_numbers: Specs | None) -> tuple[int, ...]:
    """Return where `conv_transpose` has the batch, channels and spatial axes of `lhs`.

    Parameters
    ----------
    ndim : int
        Number of axes of `lhs` and `rhs`.
    dimension_numbers
        As that function takes them.

    Examples
    --------
    >>> input_axes(4, None)
    (0, 3, 1, 2)
    """
    return numbers(dimension_numbers, channels_last(ndim), ndim).lhs


def conv_general_dilated(
    lhs: Floats,
    rhs: Floats,
    window_strides: Sequence[int],
    padding: Padding,
    lhs_dilation: Sequence[int] | None = None,
    rhs_dilation: Sequence[int] | None = None,
    dimension_numbers: Specs | None = None,
    feature_group_count: int = 1,
) -> Floats:
    """Return the convolution (cross-correlation) of the input with zeros inserted.

    With `window_strides` of 1, it is the transposed convolution of stride `lhs_dilation` whose
    kernel is flipped.

    Parameters
    ----------
    lhs, rhs, window_strides, rhs_dilation
        As the package says.
    padding : str or sequence of (low, high)
        Of the input with zeros inserted; negative values crop it. Without such zeros, also "VALID",
        no padding, and "SAME" or "SAME_LOWER", as much as makes the input's size divided by
        `window_strides` and rounded up, an odd zero at the end or at the beginning.
    lhs_dilation : sequence of int, optional
        Between two inputs lie so many zeros less one.
    dimension_numbers : three strings, three tuples of int, or None
        None means channels first, and ``(C_out, C_in, *kernel)``: for two axes
        ``("NCHW", "OIHW", "NCHW")``.
    feature_group_count : int
        The channels fall into so many blocks; each block of outputs sees only its block of inputs,
        and `rhs` has the input channels of one.

    Returns
    -------
    array

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://docs.jax.dev/en/latest/_autosummary/jax.lax.conv_general_dilated.html

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((1, 3, 8, 8)), np.ones((4, 3, 3, 3))
    >>> conv_general_dilated(x, w, (2, 2), "SAME").shape
    (1, 4, 4, 4)
    >>> conv_general_dilated(x, w, (1, 1), [(1, 2)] * 2, lhs_dilation=(2, 2)).shape
    (1, 4, 16, 16)
    """
    _check_arrays(lhs, rhs)
    where = numbers(dimension_numbers, channels_first(rhs.ndim), rhs.ndim)
    x, w, axes = ordered(lhs, where.lhs), _kernel(rhs, where), rhs.ndim - 2
    groups = check_groups("feature_group_count", feature_group_count, "rhs", len(w))
    if x.shape[1] != w.shape[1] * groups:
        raise ValueError(
            f"lhs: got {x.shape[1]} channels in the shape {lhs.shape}, but rhs is {rhs.shape} and "
            f"feature_group_count {groups}; {w.shape[1] * groups} would do"
        )
    stride = _each("window_strides", window_strides, axes)
    apart = _each("lhs_dilation", lhs_dilation, axes)
    dilation = _each("rhs_dilation", rhs_dilation, axes)
    reach = extents(w.shape[2:], dilation)
    if isinstance(padding, str):
        if max(apart) > 1:
            raise ValueError(
                f"padding: got {padding!r} with lhs_dilation {apart}; (low, high) pairs would do"
            )
        pads: Pairs = _word_pads(padding, x.shape[2:], stride, reach)
    else:
        pads = _pairs(padding, axes)
    size = _size(padding, x.shape[2:], apart, pads, reach, stride)
    if x.size and prod(size) and w.size:
        y = reference.conv(
            _spread(x, apart),
            w,
            stride=stride,
            padding=list(pads),
            dilation=dilation,
            groups=groups,
        )
    else:
        y = np.zeros((len(x), len(w), *size), x.dtype)
    return reordered(y, where.out)


def _spread(x: Floats, apart: Sequence[int]) -> Floats:
    """Return x with zeros inserted: the transposed convolution with a single tap."""
    if max(apart) == 1:
        return x
    tap = np.ones((1, 1, *[1] * len(apart)), x.dtype)
    spread = reference.scatter(x.reshape(-1, 1, *x.shape[2:]), tap, stride=apart)
    return spread.reshape(*x.shape[:2], *spread.shape[2:])


def _kernel(rhs: Floats, where: Numbers) -> Floats:
    """Return the kernel as (O, I, *kernel)."""
    w = ordered(rhs, where.rhs)
    if 0 in w.shape[2:]:
        raise ValueError(f"rhs: got the shape {rhs.shape}; kernel sizes of at least 1 would do")
    return w


def _check_arrays(lhs: Floats, rhs: Floats) -> None:
    check_floats(lhs=lhs, rhs=rhs)
    if lhs.ndim != rhs.ndim:
        raise ValueError(
            f"lhs: got the shape {lhs.shape}; {rhs.ndim} axes, as rhs {rhs.shape} has, would do"
        )


def _each(name: str, value: Sequence[int] | None, axes: int) -> tuple[int, ...]:
    """Return the value of each axis; without axes, that of the one put in."""
    if value is None:
        return (1,) * max(axes, 1)
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != axes:
        raise TypeError(
            f"{name}: got {value!r}; a sequence of {axes} whole numbers, one per spatial axis, "
            "would do"
        )
    return each(name, value, axes, 1) if axes else (1,)


def _pairs(padding: Sequence[Sequence[int]], axes: int) -> list[tuple[int, int]]:
    try:
        pairs = [(operator.index(low), operator.index(high)) for low, high in padding]
        if len(pairs) != axes:
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(
            f"padding: got {padding!r}; a word, or {axes} (low, high) pairs of whole numbers, "
            "one per spatial axis, would do"
        ) from None
    return pairs or [(0, 0)]


def _crop(
    padding: Padding,
    axes: int,
    stride: Sequence[int],
    reach: Sequence[int],
    consistent: bool,
) -> Pairs:
    """Return what `conv_transpose` crops from the full output."""
    if not isinstance(padding, str):
        pairs = _pairs(padding, axes)
        return pairs if consistent else _complements(pairs, reach)
    totals = [e - s for e, s in zip(reach, stride, strict=True)]
    if padding == "SAME":
        begins = [max(total // 2, 0) for total in totals]
        return [(begin, total - begin) for begin, total in zip(begins, totals, strict=True)]
    if padding == "VALID":
        return [(0, min(total, 0)) for total in totals]
    if consistent or max(stride) > 1:
        raise ValueError(f'padding: got {padding!r}; "SAME", "VALID" or (low, high) pairs would do')
    # At stride 1 the padding of "same" is the same for every size.
    return _complements(_word_pads(padding, reach, stride, reach), reach)


def _complements(pairs: Pairs, reach: Sequence[int]) -> list[tuple[int, int]]:
    """Return the crops that go with pads of the input with zeros inserted, or the pads."""
    return [(e - 1 - low, e - 1 - high) for (low, high), e in zip(pairs, reach, strict=True)]


def _word_pads(
    word: str, spatial: Sequence[int], stride: Sequence[int], reach: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the pads of a convolution that a word of any letters means."""
    if word.upper() == "VALID":
        return [(0, 0)] * len(spatial)
    if word.upper() not in ("SAME", "SAME_LOWER"):
        raise ValueError(
            f'padding: got {word!r}; "SAME", "SAME_LOWER", "VALID" or (low, high) pairs would do'
        )
    pads = same_pads(spatial, stride, reach)
    return pads if word.upper() == "SAME" else [(high, low) for low, high in pads]


def _size(
    padding: Padding,
    spatial: Sequence[int],
    apart: Sequence[int],
    pads: Pairs,
    reach: Sequence[int],
    stride: Sequence[int],
) -> tuple[int, ...]:
    """Return the result's size, possibly 0, or refuse padding that crops more than there is."""
    found = []
    for axis, (i, d, pad, e, s) in enumerate(zip(spatial, apart, pads, reach, stride, strict=True)):
        dilated = (i - 1) * d + 1 if i else 0
        padded = dilated + sum(pad)
        if padded < 0:
            raise ValueError(
                f"padding: got {padding!r}, which takes {-sum(pad)} away from the {dilated} of the "
                f"input with zeros inserted on axis {axis}; at most {dilated} would do"
            )
        found.append(max((padded - e) // s + 1, 0))
    return tuple(found)

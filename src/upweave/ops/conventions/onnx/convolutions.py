"""ONNX's Conv and ConvTranspose."""

from __future__ import annotations

from collections.abc import Sequence

from upweave.ops import _checks, reference
from upweave.ops._checks import Floats
from upweave.ops._same import same_padding
from upweave.ops.axes import GeometryError
from upweave.ops.conventions._layer import Layer, extents
from upweave.ops.conventions.onnx._attributes import Ints, Word, whole_numbers, word
from upweave.ops.geometry import Geometry

AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


def conv(
    X: Floats,
    W: Floats,
    B: Floats | None = None,
    *,
    auto_pad: Word = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Floats:
    """Return ONNX's Conv, the convolution (cross-correlation).

    Parameters
    ----------
    X : array of shape (N, C, *spatial)
        Of one or more spatial axes.
    W : array of shape (M, C/group, *kernel)
    B : array of shape (M,), optional
    auto_pad : "NOTSET", "SAME_UPPER", "SAME_LOWER" or "VALID"
        "NOTSET" means `pads`, "VALID" none. "SAME_UPPER" and "SAME_LOWER" give
        ``ceil(size / stride)`` outputs; an odd zero is at the end with the first, at the begin with
        the second. (Where a stride larger than the kernel makes the padding negative, it crops at
        both ends, but one element less than that.)
    dilations, strides : one int per spatial axis, optional
        At least 1, which is also the default.
    group : int
    kernel_shape : one int per spatial axis, optional
        That of `W`.
    pads : two ints per spatial axis, optional
        All begins, then all ends: zeros, at least 0, which is also the default. Only with "NOTSET".

    Returns
    -------
    array of shape (N, M, *size)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://onnx.ai/onnx/operators/onnx__Conv.html

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((1, 2, 5, 5)), np.ones((3, 2, 3, 3))
    >>> conv(x, w, auto_pad="SAME_UPPER", strides=[2, 2]).shape
    (1, 3, 3, 3)
    """
    _check_arrays(X, W, B)
    s, d = _steps(W, kernel_shape, strides, dilations)
    group = _checks.check_groups("group", group, "W", W.shape[0])
    _check_channels(X, W, W.shape[1] * group, group)
    if B is not None:
        _checks.check_bias("B", B, W.shape[0])
    mode = word("auto_pad", auto_pad, AUTO_PADS)
    ends = _given_ends(mode, pads, len(s))
    if mode.startswith("SAME"):
        upper = mode == "SAME_UPPER"
        axes = zip(X.shape[2:], s, extents(W.shape[2:], d), strict=True)
        ends = [same_padding(*axis, upper=upper) for axis in axes]
    try:
        Geometry(W.shape[2:], s, ends, 0, d).input_size(X.shape[2:])
    except GeometryError as error:
        raise GeometryError(f"X: {error}") from None
    return reference.conv(X, W, B, stride=s, padding=ends, dilation=d, groups=group)


def conv_transpose(
    X: Floats,
    W: Floats,
    B: Floats | None = None,
    *,
    auto_pad: Word = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Floats:
    """Return ONNX's ConvTranspose, the transposed convolution.

    Parameters
    ----------
    X : array of shape (N, C, *spatial)
        Of one or more spatial axes.
    W : array of shape (C, M/group, *kernel)
    B : array of shape (M,), optional
    auto_pad : "NOTSET", "SAME_UPPER", "SAME_LOWER" or "VALID"
        "NOTSET" means `pads`, "VALID" none. "SAME_UPPER" and "SAME_LOWER" crop the full output to
        ``size * stride``, if it is larger; an odd one is cropped from the end with the first, from
        the begin with the second.
    dilations, strides : one int per spatial axis, optional
        At least 1, which is also the default.
    group : int
    kernel_shape : one int per spatial axis, optional
        That of `W`.
    output_padding : one int per spatial axis, optional
        Added at the end: at least 0, which is also the default, and less than the stride.
    output_shape : one int per spatial axis, optional
        The size of the result, without N and C. Then `pads` count nothing, and the full output is
        cropped as with `auto_pad`: an odd one from the end with "SAME_UPPER", from the *begin* with
        all others, the default too. What it lacks is zeros at the end, fewer than the stride.
    pads : two ints per spatial axis, optional
        All begins, then all ends: cropped from the full output, at least 0, which is also the
        default. Only with "NOTSET".

    Returns
    -------
    array of shape (N, M, *size)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://onnx.ai/onnx/operators/onnx__ConvTranspose.html. Where the full output is smaller than
    ``size * stride``, the specification's text wants it longer with "SAME_UPPER" and "SAME_LOWER";
    ONNX Runtime leaves it as it is, and so does this.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((1, 2, 5, 5)), np.ones((2, 3, 3, 3))
    >>> conv_transpose(x, w, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]).shape
    (1, 3, 10, 10)
    """
    _check_arrays(X, W, B)
    layer = layer_of(
        W,
        X.shape[2:],
        auto_pad=auto_pad,
        dilations=dilations,
        group=group,
        kernel_shape=kernel_shape,
        output_padding=output_padding,
        output_shape=output_shape,
        pads=pads,
        strides=strides,
    )
    _check_channels(X, W, W.shape[0], layer.groups)
    if B is not None:
        _checks.check_bias("B", B, layer.out_channels)
    return layer(X, B)


def layer_of(
    W: Floats,
    input_size: Sequence[int] | None,
    *,
    auto_pad: Word = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    output_padding: Ints | None = None,
    output_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> Layer:
    """Return the layer of a ConvTranspose node.

    Parameters
    ----------
    W : array of shape (C, M/group, *kernel)
    input_size : one int per spatial axis, optional
        Only `output_shape` needs it; without it, whether `pads` leave anything is not checked.
    auto_pad, dilations, group, kernel_shape, output_padding, output_shape, pads, strides
        As for `conv_transpose`.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Examples
    --------
    >>> import numpy as np
    >>> layer_of(np.ones((2, 3, 4)), None, auto_pad="SAME_LOWER", strides=[3]).geometry.padding
    ((1, 0),)
    """
    s, d = _steps(W, kernel_shape, strides, dilations)
    axes = len(s)
    group = _checks.check_groups("group", group, "W", W.shape[0], "input channels")
    more = (0,) * axes
    if output_padding is not None:
        more = whole_numbers("output_padding", output_padding, axes, 0)
    for axis, (a, stride) in enumerate(zip(more, s, strict=True)):
        if a >= stride:
            raise ValueError(
                f"output_padding: got {a} on axis {axis} with stride {stride}; "
                f"at most {stride - 1} would do"
            )
    mode = word("auto_pad", auto_pad, AUTO_PADS)
    crops = [
        (begin, end - a)
        for (begin, end), a in zip(_given_ends(mode, pads, axes), more, strict=True)
    ]
    upper = mode == "SAME_UPPER"
    if output_shape is not None:
        sizes = whole_numbers("output_shape", output_shape, axes, 1)
        if input_size is None:
            raise ValueError(f"input_size: got None with output_shape {sizes}; a size would do")
        full = Geometry(W.shape[2:], s, 0, 0, d).full_size(input_size)
        crops = [
            _crop_to(axis, *numbers, upper=upper)
            for axis, numbers in enumerate(zip(sizes, full, s, more, strict=True))
        ]
    elif mode.startswith("SAME"):
        # F - L s is that of one input: what the kernel is longer than the stride.
        surplus = [e + a - b for e, a, b in zip(extents(W.shape[2:], d), more, s, strict=True)]
        crops = [_crop(n, a, upper) for n, a in zip(surplus, more, strict=True)]
    layer = Layer.cropped(W, s, d, crops, group)
    if input_size is not None:
        _check_left(layer, input_size, more)
    return layer


def _crop_to(
    axis: int, size: int, full: int, stride: int, more: int, *, upper: bool
) -> tuple[int, int]:
    """Return the crop of the full output to a size, which may be larger."""
    most = full + stride - 1
    if size > most:
        raise ValueError(f"output_shape: got {size} on axis {axis}; at most {most} would do")
    begin, _ = _crop(full + more - size, more, upper)
    return begin, full - size - begin


def _crop(surplus: int, more: int, upper: bool) -> tuple[int, int]:
    """Return the crop of the full output by what it and `more` at its end have too much."""
    begin, end = _split(max(surplus, 0), upper)
    return begin, end - more


def _split(total: int, upper: bool) -> tuple[int, int]:
    """Return both ends' shares of a padding; `upper` says that an odd one is at the end."""
    less, rest = total // 2, total - total // 2
    return (less, rest) if upper else (rest, less)


def _given_ends(mode: str, pads: Ints | None, axes: int) -> list[tuple[int, int]]:
    """Return `pads` as a (begin, end) per axis."""
    if pads is None:
        return [(0, 0)] * axes
    both = whole_numbers("pads", pads, 2 * axes, 0)
    if mode != "NOTSET":
        raise ValueError(
            f'pads: got {list(both)} with auto_pad "{mode}"; None, or auto_pad "NOTSET", would do'
        )
    return list(zip(both[:axes], both[axes:], strict=True))


def _steps(
    W: Floats, kernel_shape: Ints | None, strides: Ints | None, dilations: Ints | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Refuse weights without a kernel or another kernel; return strides and dilations."""
    if W.ndim < 3 or 0 in W.shape:
        raise ValueError(
            f"W: got the shape {W.shape}; at least 3 axes, of sizes of at least 1, would do"
        )
    kernel = W.shape[2:]
    if kernel_shape is not None:
        given = whole_numbers("kernel_shape", kernel_shape, len(kernel), 1)
        if given != kernel:
            raise ValueError(
                f"kernel_shape: got {list(given)}; {list(kernel)}, as W has it, would do"
            )
    ones = (1,) * len(kernel)
    s = ones if strides is None else whole_numbers("strides", strides, len(kernel), 1)
    d = ones if dilations is None else whole_numbers("dilations", dilations, len(kernel), 1)
    return s, d


def _check_arrays(X: Floats, W: Floats, B: Floats | None) -> None:
    arrays = {"X": X, "W": W} if B is None else {"X": X, "W": W, "B": B}
    _checks.check_floats(**arrays)
    if X.ndim < 3 or X.ndim != W.ndim or 0 in X.shape[2:]:
        raise ValueError(
            f"X: got the shape {X.shape}, and W {W.shape}; (N, C, *spatial) with as many axes as "
            "W, and spatial sizes of at least 1, would do"
        )


def _check_channels(X: Floats, W: Floats, channels: int, group: int) -> None:
    if X.shape[1] != channels:
        raise ValueError(
            f"X: got {X.shape[1]} channels in the shape {X.shape}; {channels}, as W is {W.shape} "
            f"with group {group}, would do"
        )


def _check_left(layer: Layer, input_size: Sequence[int], more: Sequence[int]) -> None:
    """Refuse pads that leave nothing."""
    for axis, (n, crop, a) in enumerate(
        zip(layer.size(input_size), layer.geometry.padding, more, strict=True)
    ):
        if n < 1:
            begin, end = crop[0], crop[1] + a
            raise GeometryError(
                f"pads: got {begin} and {end} on axis {axis}, which leave {n} outputs; "
                f"at most {begin + end + n - 1} together would do"
            )

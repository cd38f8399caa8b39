"""Convolutions and transposed convolutions in PyTorch's words."""

from __future__ import annotations

from collections.abc import Sequence

from upweave.ops import reference
from upweave.ops._checks import Floats, check_bias, check_floats, check_groups, each
from upweave.ops.axes import GeometryError, PerAxis
from upweave.ops.conventions._layer import Layer
from upweave.ops.conventions.torch._batches import batched, check_rank
from upweave.ops.geometry import Geometry


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
        As the package says.

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
        As the package says.

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
        As the package says.

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
        As the package says.

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
        As the package says.

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
        As the package says.

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


def layer_of(
    weight: Floats,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Layer:
    """Return what `conv_transpose1d` to `conv_transpose3d` do with these arguments.

    Parameters
    ----------
    weight : array of shape (C_in, C_out/groups, *kernel)
        With 1 to 3 kernel axes.
    stride, padding, output_padding, groups, dilation
        As those functions take them.

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Examples
    --------
    >>> import numpy as np
    >>> layer_of(np.ones((2, 3, 3)), stride=2, padding=1, output_padding=1).size((5,))
    (10,)
    """
    check_floats(weight=weight)
    axes = min(max(weight.ndim - 2, 1), 3)
    _check_weight(axes, weight, "C_in, C_out/groups")
    g = Geometry(
        weight.shape[2:],
        _each("stride", stride, axes, 1),
        [(p, p) for p in _each("padding", padding, axes, 0)],
        _each("output_padding", output_padding, axes, 0),
        _each("dilation", dilation, axes, 1),
    )
    crop = [(p, p - a) for (p, _), a in zip(g.padding, g.output_padding, strict=True)]
    groups = check_groups("groups", groups, f"weight {weight.shape}", len(weight), "first size")
    return Layer.cropped(weight, g.stride, g.dilation, crop, groups)


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
    _check_types(input, weight, bias)
    check_rank(axes, input)
    _check_weight(axes, weight, "C_out, C_in/groups")
    groups = check_groups("groups", groups, f"weight {weight.shape}", len(weight), "first size")
    _check_input(axes, input, weight, weight.shape[1] * groups, groups)
    if bias is not None:
        check_bias("bias", bias, weight.shape[0])
    kernel = weight.shape[2:]
    s = _each("stride", stride, axes, 1)
    d = _each("dilation", dilation, axes, 1)
    ends = _ends(padding, kernel, s, d)
    try:
        Geometry(kernel, s, ends, 0, d).input_size(input.shape[-axes:])
    except GeometryError as error:
        raise GeometryError(f"input: {error}") from None
    x = batched(input, axes)
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
    _check_types(input, weight, bias)
    check_rank(axes, input)
    _check_weight(axes, weight, "C_in, C_out/groups")
    layer = layer_of(weight, stride, padding, output_padding, groups, dilation)
    _check_input(axes, input, weight, weight.shape[0], layer.groups)
    if bias is not None:
        check_bias("bias", bias, layer.out_channels)
    size = layer.size(input.shape[-axes:])
    for axis, (n, (p, _)) in enumerate(zip(size, layer.geometry.padding, strict=True)):
        if n < 1:
            raise GeometryError(
                f"padding: got {p} on axis {axis}, which leaves {n} outputs; "
                f"at most {(n + 2 * p - 1) // 2} would do"
            )
    y = layer(batched(input, axes), bias)
    return y.reshape(*input.shape[: -axes - 1], *y.shape[1:])


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
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 1:
        value = tuple(value) * axes
    return each(name, value, axes, least)


def _check_types(input: Floats, weight: Floats, bias: Floats | None) -> None:
    given = {"input": input, "weight": weight}
    check_floats(**given if bias is None else given | {"bias": bias})


def _check_weight(axes: int, weight: Floats, order: str) -> None:
    if weight.ndim != axes + 2 or 0 in weight.shape:
        raise ValueError(
            f"weight: got the shape {weight.shape}; ({order}, *kernel) "
            f"with {axes} kernel axes, each size at least 1, would do"
        )


def _check_input(axes: int, input: Floats, weight: Floats, channels: int, groups: int) -> None:
    if input.shape[-axes - 1] != channels or 0 in input.shape[-axes:]:
        raise ValueError(
            f"input: got the shape {input.shape}; {channels} channels, as weight is {weight.shape} "
            f"with groups={groups}, and spatial sizes of at least 1 would do"
        )

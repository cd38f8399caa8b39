"""Resizing by interpolation in PyTorch's words.

PyTorch computes where an output lies on the input's grid in the type of the arrays, so float32
and float64 differ by more than the rounding of a sum; nearest modes differ by whole pixels. The
steps below, their order and their types are those of PyTorch's code for CPUs:
https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/UpSample.h and
https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/cpu/UpSampleKernel.cpp
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops._checks import Floats, check_floats, one_of
from upweave.ops.axes import PerAxis, per_axis
from upweave.ops.resampling import Kernel, Taps, cubic, interpolating, linear, resample

AXES = {
    "nearest": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
    "lanczos": (2,),
    "area": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
}
"""The numbers of spatial axes that each mode has."""
UNALIGNED = ("nearest", "area", "nearest-exact")
"""The modes without `align_corners`."""
SMALL = 128
"""Up to this sum of height and width, PyTorch's nearest modes compute in float32."""


def interpolate(
    input: Floats,
    size: PerAxis | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Floats:
    """Return the input resized along all its spatial axes.

    Parameters
    ----------
    input : array of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
        C, and all sizes after it, at least 1; C may be 0 in mode "area".
    size : int or one per axis, optional
        The result's, at least 1; may be 0 in mode "area".
    scale_factor : float or one per axis, optional
        The result's size is the product with the input's, rounded down. Either this or `size`.
    mode : str
        "nearest", "nearest-exact" and "area" for 1 to 3 axes, "linear" for one, "bilinear",
        "bicubic" and "lanczos" for two, "trilinear" for three.
    align_corners : bool, optional
        Whether the centres of the corner pixels stay corners, or else the pixels' outer borders.
        None means False; nothing else is legal in the modes "nearest", "nearest-exact" and "area",
        nor True in "lanczos".
    recompute_scale_factor : bool, optional
        Whether `scale_factor` decides on the size only; the step from one output to the next is
        then the quotient of the sizes. Otherwise it is ``1 / scale_factor``.
    antialias : bool
        Whether the kernel is stretched where the result is smaller; for "bilinear" and "bicubic",
        and always for "lanczos".

    Returns
    -------
    array of shape (N, C, *size)

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html

    The bicubic kernel has the slope a = -0.75 at 1, and -0.5 with `antialias`. "nearest" rounds the
    position of an output's corner down, "nearest-exact" that of its centre; for two axes that sum
    to at most 128 outputs, both in float32. (PyTorch does the latter for larger maps too, if their
    tensor is channels last in memory; here an array's layout makes no difference.) "area" is the
    mean over the inputs that an output covers, even in part.

    Examples
    --------
    >>> import numpy as np
    >>> interpolate(np.array([[[1.0, 3.0]]]), scale_factor=2, mode="linear").tolist()
    [[[1.0, 1.5, 2.5, 3.0]]]
    """
    _check_input(input, mode)
    _check_flags(mode, align_corners, antialias)
    axes = _resized(input, size, scale_factor, mode, recompute_scale_factor)
    with np.errstate(over="ignore", invalid="ignore"):  # as PyTorch, in silence
        if mode == "area":
            y = _area(input, axes)
        elif mode in UNALIGNED:
            y = _nearest(input, axes, exact=mode == "nearest-exact")
        elif antialias:
            y = _antialiased(input, axes, mode, bool(align_corners))
        else:
            y = _interpolated(input, axes, mode, bool(align_corners))
    return np.array(y, order="C", copy=True if np.may_share_memory(y, input) else None)


@dataclass(frozen=True)
class _Axis:
    """What becomes of an axis: its sizes, and the factor if it decides on the step."""

    inputs: int
    outputs: int
    factor: float | None

    def step(self, dtype: np.dtype[Any], *, corners: bool = False) -> float:
        """Return how far apart on the input's grid outputs lie; `corners` keep their places."""
        number = dtype.type
        if corners:
            spaces = self.outputs - 1
            return float(number(self.inputs - 1) / number(spaces)) if spaces else 0.0
        if self.factor is None:
            return float(number(self.inputs) / number(self.outputs))
        return float(number(1 / self.factor))

    def positions(self, dtype: np.dtype[Any], *, corners: bool) -> Floats:
        """Return where on the input's grid the outputs lie; input ``j`` lies at ``j``."""
        step = self.step(dtype, corners=corners)
        if corners:
            return _multiples(self.outputs, step, dtype)
        # step * centres - 1/2 in one rounding, as the processor's fused operation has it: the
        # products of both halves of the step are exact, and so is the first difference.
        centres = np.arange(self.outputs) + 0.5
        high = float(np.float32(step))
        fused: Floats = (high * centres - 0.5) + (step - high) * centres
        return fused.astype(dtype)


def _nearest(x: Floats, axes: Sequence[_Axis], *, exact: bool) -> Floats:
    small = len(axes) == 2 and sum(axis.outputs for axis in axes) <= SMALL
    for n, axis in enumerate(axes, 2):
        if small:
            indices = _small_nearest(axis, exact=exact)
        else:
            indices = _large_nearest(axis, x.dtype, exact=exact)
        # Rounded down in float32, also where the position is in float64.
        whole = np.floor(indices.astype(np.float32)).astype(np.int64)
        x = np.take(x, np.minimum(whole, axis.inputs - 1), n)
    return x


def _small_nearest(axis: _Axis, *, exact: bool) -> Floats:
    single = np.dtype(np.float32)
    step = axis.step(single)
    if exact:
        return (np.arange(axis.outputs) + 0.5) * step
    if axis.outputs in (axis.inputs, 2 * axis.inputs):
        return np.arange(axis.outputs) / (axis.outputs // axis.inputs)
    return _multiples(axis.outputs, step, single)


def _large_nearest(axis: _Axis, dtype: np.dtype[Any], *, exact: bool) -> Floats:
    if exact:
        return np.maximum(axis.positions(dtype, corners=False), 0) + np.float64(0.5)
    return _multiples(axis.outputs, axis.step(dtype), dtype)


def _multiples(count: int, step: float, dtype: np.dtype[Any]) -> Floats:
    """Return so many multiples of the step, from 0 on, rounded in a type."""
    multiples: Floats = np.arange(count, dtype=dtype) * dtype.type(step)
    return multiples


def _interpolated(x: Floats, axes: Sequence[_Axis], mode: str, corners: bool) -> Floats:
    for n, axis in reversed(list(enumerate(axes, 2))):
        positions = axis.positions(x.dtype, corners=corners)
        # A float64 that the float32 nearest to it makes whole counts as whole.
        positions = np.maximum(positions, np.floor(positions.astype(np.float32)))
        where = positions.astype(np.float64)
        if mode == "bicubic":
            taps = interpolating(where, axis.inputs, cubic(-0.75), 2)
        elif axis.inputs == axis.outputs:
            same = np.arange(axis.outputs)[:, None]
            taps = Taps(np.hstack([same, same]), np.tile([1.0, 0.0], same.shape))
        else:
            taps = interpolating(np.maximum(where, 0), axis.inputs, linear, 1)
        x = resample(x, n, taps)
    return x


def _antialiased(x: Floats, axes: Sequence[_Axis], mode: str, corners: bool) -> Floats:
    kernels: dict[str, tuple[Kernel, int]] = {
        "bilinear": (linear, 1),
        "bicubic": (cubic(-0.5), 2),
        "lanczos": (_lanczos, 3),
    }
    for n, axis in reversed(list(enumerate(axes, 2))):
        if axis.inputs != axis.outputs:
            step = axis.step(x.dtype, corners=corners)
            x = resample(x, n, _stretched(axis, step, *kernels[mode], x.dtype))
    return x


def _stretched(axis: _Axis, step: float, kernel: Kernel, radius: int, dtype: np.dtype[Any]) -> Taps:
    """Return the taps of a kernel that is stretched by the step, where that is more than 1.

    Inputs beyond the border count nothing, and the weights of an output sum to 1. Whether an input
    at the kernel's very end counts is a matter of rounding, so this is in PyTorch's steps.
    """
    wide = max(step, 1.0)
    reach = dtype.type(radius * wide)
    # `align_corners` decides on the step alone: these are the centres of pixels as areas.
    centres = (step * (np.arange(axis.outputs) + 0.5)).astype(dtype)
    first = np.maximum(((centres - reach).astype(np.float64) + 0.5).astype(np.int64), 0)
    stop = np.minimum(((centres + reach).astype(np.float64) + 0.5).astype(np.int64), axis.inputs)
    indices = first[:, None] + np.arange(2 * int(np.ceil(reach)) + 1)
    distances = (indices.astype(dtype) - centres[:, None]).astype(np.float64) + 0.5
    scaled = (distances * float(dtype.type(1 / wide))).astype(dtype)
    weights = kernel(scaled.astype(np.float64)).astype(dtype)
    weights = np.where(indices < stop[:, None], weights, 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Taps(np.minimum(indices, axis.inputs - 1), weights.astype(np.float64))


def _lanczos(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sine cardinal in a window of its own shape, of radius 3."""
    return np.where(np.abs(distance) < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)


def _area(x: Floats, axes: Sequence[_Axis]) -> Floats:
    counts = []
    for n, axis in enumerate(axes, 2):
        outputs = np.arange(axis.outputs)
        starts = outputs * axis.inputs // max(axis.outputs, 1)
        stops = -((outputs + 1) * -axis.inputs // max(axis.outputs, 1))
        lines = np.moveaxis(x, n, -1)
        sums = np.zeros((*lines.shape[:-1], axis.outputs), x.dtype)
        for t in range(max(stops - starts, default=0)):
            inside = starts + t < stops
            sums[..., inside] += lines[..., (starts + t)[inside]]
        counts.append((stops - starts).reshape(-1, *[1] * (x.ndim - 1 - n)))
        x = np.moveaxis(sums, -1, n)
    # PyTorch has a way of its own to a single mean, which rounds once.
    if all(axis.outputs == 1 for axis in axes):
        return x / x.dtype.type(prod(axis.inputs for axis in axes))
    for count in counts:
        x = x / count.astype(x.dtype)
    return x


def _check_input(input: Floats, mode: str) -> None:
    check_floats(input=input)
    one_of("mode", mode, tuple(AXES))
    if not 3 <= input.ndim <= 5:
        raise ValueError(
            f"input: got the shape {input.shape}; 3 to 5 axes, (N, C, *spatial), would do"
        )
    if input.ndim - 2 not in AXES[mode]:
        modes = ", ".join(f'"{name}"' for name, axes in AXES.items() if input.ndim - 2 in axes)
        raise ValueError(
            f'mode: got "{mode}" for an input with {input.ndim - 2} spatial axes; '
            f"one of {modes} would do"
        )
    if 0 in input.shape[2 if mode == "area" else 1 :]:
        raise ValueError(
            f"input: got the shape {input.shape}; sizes of at least 1 after the first would do"
        )


def _check_flags(mode: str, align_corners: bool | None, antialias: bool) -> None:
    if align_corners is not None and not isinstance(align_corners, bool):
        raise TypeError(f"align_corners: got {align_corners!r}; True, False or None would do")
    if align_corners is not None and mode in UNALIGNED:
        raise ValueError(f'align_corners: got {align_corners} with mode "{mode}"; None would do')
    if antialias and mode not in ("bilinear", "bicubic", "lanczos"):
        raise ValueError(
            f'antialias: got {antialias!r} with mode "{mode}"; False, or mode "bilinear", '
            '"bicubic" or "lanczos", would do'
        )
    if mode == "lanczos" and align_corners:
        raise ValueError('align_corners: got True with mode "lanczos"; False would do')
    if mode == "lanczos" and not antialias:
        raise ValueError(f'antialias: got {antialias!r} with mode "lanczos"; True would do')


def _resized(
    input: Floats,
    size: PerAxis | None,
    scale_factor: float | Sequence[float] | None,
    mode: str,
    recompute_scale_factor: bool | None,
) -> list[_Axis]:
    spatial = input.shape[2:]
    least = 0 if mode == "area" else 1
    if size is None and scale_factor is None:
        raise ValueError("size: got None, as scale_factor; a value for one of the two would do")
    if size is not None:
        if scale_factor is not None:
            raise ValueError(
                f"scale_factor: got {scale_factor!r} with size {size!r}; one of the two would do"
            )
        if recompute_scale_factor:
            raise ValueError(
                f"recompute_scale_factor: got {recompute_scale_factor!r} with a size; "
                "None or False would do"
            )
        sizes = per_axis("size", size, len(spatial), least=least)
        return [_Axis(i, o, None) for i, o in zip(spatial, sizes, strict=True)]
    axes = []
    for n, (i, factor) in enumerate(
        zip(spatial, _factors(scale_factor, len(spatial)), strict=True)
    ):
        outputs = int(i * factor)
        if outputs < least:
            raise ValueError(
                f"scale_factor: got {factor} on axis {n}, which makes {outputs} outputs of "
                f"{i} inputs; at least {least} / {i} would do"
            )
        axes.append(_Axis(i, outputs, None if recompute_scale_factor else factor))
    return axes


def _factors(scale_factor: object, axes: int) -> list[float]:
    """Return one factor per axis."""
    factors = (
        list(scale_factor) if isinstance(scale_factor, list | tuple) else [scale_factor] * axes
    )
    found = []
    for factor in factors:
        if isinstance(factor, bool) or not isinstance(
            factor, int | float | np.integer | np.floating
        ):
            raise TypeError(
                f"scale_factor: got {scale_factor!r}; a number, or one per axis, would do"
            )
        found.append(float(factor))
    if len(found) != axes:
        raise ValueError(
            f"scale_factor: got {scale_factor!r}; one number, or {axes}, one per axis, would do"
        )
    if not all(map(isfinite, found)):
        raise ValueError(f"scale_factor: got {scale_factor!r}; finite numbers would do")
    return found

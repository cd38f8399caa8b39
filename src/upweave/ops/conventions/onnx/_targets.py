"""What ONNX's Resize makes of each axis: by `scales` or `sizes`, `axes`, the policy and `roi`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops.conventions.onnx._attributes import Ints, whole_numbers
from upweave.ops.conventions.onnx._coordinates import Axis

Reals = Sequence[float] | NDArray[Any]


def given(value: Reals | None) -> bool:
    """Return whether an input is there: an empty one is not."""
    return value is not None and np.asarray(value).size > 0


def chosen_axes(axes: Ints | None, ndim: int) -> tuple[int, ...]:
    """Return `axes`, none of them negative; all, if there are none."""
    numbers = () if axes is None else whole_numbers("axes", axes)
    if not numbers:
        return tuple(range(ndim))
    found = tuple(axis + ndim if axis < 0 else axis for axis in numbers)
    if min(found) < 0 or max(found) >= ndim or len({*found}) < len(found):
        raise ValueError(
            f"axes: got {list(numbers)}; axes from {-ndim} to {ndim - 1}, each once, would do"
        )
    return found


def targets(
    old: Sequence[int], scales: Reals | None, sizes: Ints | None, policy: str
) -> list[Axis]:
    """Return what is made of axes of these sizes."""
    if given(scales) and given(sizes):
        raise ValueError("sizes: got some with scales; one of the two would do")
    if scales is not None and given(scales):
        if policy != "stretch":
            raise ValueError(
                f'keep_aspect_ratio_policy: got "{policy}" with scales; "stretch" would do'
            )
        return _scaled(old, _reals("scales", scales, len(old)))
    if sizes is None or not given(sizes):
        raise ValueError("scales: got none, and no sizes; one of the two would do")
    return _sized(old, whole_numbers("sizes", sizes, len(old)), policy)


def with_fractions(axes: Sequence[Axis]) -> list[Axis]:
    """Return axes whose `length`, where they become smaller, is ``size * scale``."""
    return [
        replace(axis, length=float(_single_product(axis.scale, axis.size)))
        if axis.scale < 1
        else axis
        for axis in axes
    ]


def with_regions(axes: Sequence[Axis], roi: Reals) -> list[Axis]:
    """Return axes of which the regions in `roi` are taken."""
    ends = _reals("roi", roi, 2 * len(axes))
    pairs = zip(ends[: len(axes)], ends[len(axes) :], strict=True)
    return [replace(axis, roi=pair) for axis, pair in zip(axes, pairs, strict=True)]


def _scaled(old: Sequence[int], scales: Sequence[float]) -> list[Axis]:
    axes = []
    for at, (size, scale) in enumerate(zip(old, scales, strict=True)):
        single = float(np.float32(scale))
        if not 0 < single < np.inf:
            raise ValueError(f"scales: got {scale} at {at}; finite numbers above 0 would do")
        outputs = int(_single_product(single, size))
        axes.append(Axis(size, outputs, single, outputs))
    return axes


def _sized(old: Sequence[int], new: Sequence[int], policy: str) -> list[Axis]:
    axes = []
    for at, (size, outputs) in enumerate(zip(old, new, strict=True)):
        if outputs < 1 if size else outputs != 0:
            legal = "at least 1" if size else "0, as X has none there,"
            raise ValueError(f"sizes: got {outputs} at {at}; {legal} would do")
        axes.append(Axis(size, outputs, outputs / size if size else 1.0, outputs))
    if policy == "stretch":
        return axes
    scale = (min if policy == "not_larger" else max)(axis.scale for axis in axes)
    rounded = [floor(float(_single_product(scale, size)) + 0.5) for size in old]
    return [Axis(size, n, scale, n) for size, n in zip(old, rounded, strict=True)]


def _single_product(scale: float, size: int) -> np.float32:
    """Return ``scale * size`` in single precision, which decides how it is rounded."""
    return np.float32(scale) * np.float32(size)


def _reals(name: str, value: Reals, count: int) -> tuple[float, ...]:
    array = np.asarray(value)
    if array.ndim != 1 or array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: got {value!r}; a sequence of numbers would do")
    if len(array) != count:
        raise ValueError(f"{name}: got {len(array)} numbers; {count} would do")
    return tuple(map(float, array))

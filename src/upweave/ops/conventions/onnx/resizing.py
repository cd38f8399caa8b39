"""ONNX's Resize."""

from __future__ import annotations

from operator import itemgetter

import numpy as np
from numpy.typing import DTypeLike

from upweave.ops import _checks
from upweave.ops._checks import Floats
from upweave.ops.conventions.onnx._attributes import Ints, Word, single, word
from upweave.ops.conventions.onnx._coordinates import (
    COORDINATE_MODES,
    NEAREST_MODES,
    Axis,
    nearest,
    outside,
    positions,
)
from upweave.ops.conventions.onnx._targets import (
    Reals,
    chosen_axes,
    given,
    targets,
    with_fractions,
    with_regions,
)
from upweave.ops.resampling import Taps, cubic, interpolating, linear, resample

CROP = "tf_crop_and_resize"
POLICIES = ("stretch", "not_larger", "not_smaller")


def resize(
    X: Floats,
    roi: Reals | None = None,
    scales: Reals | None = None,
    sizes: Ints | None = None,
    *,
    antialias: int = 0,
    axes: Ints | None = None,
    coordinate_transformation_mode: Word = "half_pixel",
    cubic_coeff_a: float = -0.75,
    exclude_outside: int = 0,
    extrapolation_value: float = 0.0,
    keep_aspect_ratio_policy: Word = "stretch",
    mode: Word = "nearest",
    nearest_mode: Word = "round_prefer_floor",
) -> Floats:
    """Return ONNX's Resize (and Upsample): an array interpolated at other positions.

    Parameters
    ----------
    X : array of any shape
        Of at least one axis.
    roi : two numbers per axis of `axes`, optional
        All starts, then all ends, of the region taken, in which 0 is the first and 1 the last
        element. Only for "tf_crop_and_resize"; otherwise, and if absent, everything is taken.
    scales : one number per axis of `axes`
        Above 0. Single precision counts. There are ``floor(size * scale)`` outputs.
    sizes : one int per axis of `axes`
        The result's sizes. Either these or `scales` are given; an empty array is as good as None.
    antialias : int
        Other than 0, "linear" and "cubic" kernels are made wider where an axis becomes smaller.
    axes : sequence of int, optional
        The axes that are resized, all by default. Negative ones count from the end.
    coordinate_transformation_mode : str
        "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
        "tf_half_pixel_for_nn" (of operator set 11) or "tf_crop_and_resize". With each, an axis of
        scale 1 stays as it is.
    cubic_coeff_a : float
        The cubic's slope at 1.
    exclude_outside : int
        Other than 0, elements beyond the border count nothing, and the others the more for it;
        otherwise the border's stand for them. Only with "cubic", and with `antialias`.
    extrapolation_value : float
        What "tf_crop_and_resize" gives beyond the border.
    keep_aspect_ratio_policy : "stretch", "not_larger" or "not_smaller"
        The last two resize all `axes` by the least or largest ratio that `sizes` have.
    mode : "nearest", "linear" or "cubic"
    nearest_mode : "round_prefer_floor", "round_prefer_ceil", "floor" or "ceil"

    Returns
    -------
    array of the same rank

    Raises
    ------
    TypeError, ValueError
        As the package says.

    Notes
    -----
    https://onnx.ai/onnx/operators/onnx__Resize.html. Which element is the nearest, and what is
    beyond the border, is decided in single precision, as ONNX Runtime does; weights are of the type
    of `X`.

    ONNX Runtime takes the number of outputs for what "align_corners" calls ``length_resized``. By
    ONNX's node tests "resize_downsample_scales_linear_align_corners" and "..._cubic_..." it is
    ``size * scale``, which may be a fraction; so it is here for scales below 1 in these two modes,
    without `antialias`. With `antialias`, an axis whose size stays the same stays as it is.

    Two slips of ONNX Runtime 1.31 are not copied: with a policy, it leaves axes that were given as
    negative alone; and with the channels last, a "cubic" or antialiased result is not the one of
    the same array with the channels first where an axis keeps its size, or a region reaches beyond
    the border.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0]])
    >>> resize(x, None, [1, 2]).tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    >>> resize(x, None, None, [1, 3], mode="linear").tolist()
    [[1.0, 1.5, 2.0]]
    """
    _checks.check_floats(X=X)
    if X.ndim == 0:
        raise ValueError("X: got an array without axes; at least one axis would do")
    method = word("mode", mode, ("nearest", "linear", "cubic"))
    transformation = word(
        "coordinate_transformation_mode", coordinate_transformation_mode, COORDINATE_MODES
    )
    rounding = word("nearest_mode", nearest_mode, NEAREST_MODES)
    policy = word("keep_aspect_ratio_policy", keep_aspect_ratio_policy, POLICIES)
    smooth = _checks.whole("antialias", antialias) != 0
    exclude = _checks.whole("exclude_outside", exclude_outside) != 0
    _check_mode(method, smooth, exclude)
    where = chosen_axes(axes, X.ndim)
    planned = targets([X.shape[at] for at in where], scales, sizes, policy)
    if transformation == CROP and roi is not None:
        planned = with_regions(planned, roi)
    if given(scales) and method != "nearest" and not smooth:
        planned = with_fractions(planned)
    value = single("extrapolation_value", extrapolation_value)
    slope = single("cubic_coeff_a", cubic_coeff_a) if method == "cubic" else None

    unchanged = all(axis.outputs == axis.size for axis in planned)
    y, beyond = X, np.zeros((), bool)
    for at, axis in sorted(zip(where, planned, strict=True), key=itemgetter(0), reverse=True):
        if unchanged or axis.kept:
            continue
        if transformation == CROP:
            beyond = beyond | outside(axis, transformation).reshape(-1, *[1] * (X.ndim - 1 - at))
        if smooth and axis.outputs == axis.size:
            continue  # so ONNX Runtime, even where the scale is not 1
        if method == "nearest" or not axis.outputs:
            y = np.take(y, nearest(axis, transformation, rounding), axis=at)
        else:
            y = resample(y, at, _taps(axis, transformation, X.dtype, slope, smooth, exclude))
    y = np.array(y, order="C")
    y[np.broadcast_to(beyond, y.shape)] = value
    return y


def _check_mode(method: str, smooth: bool, exclude: bool) -> None:
    if smooth and method == "nearest":
        raise ValueError('antialias: got 1 with mode "nearest"; 0, or another mode, would do')
    if exclude and method != "cubic" and not smooth:
        raise ValueError(
            f'exclude_outside: got 1 with mode "{method}"; 0, or mode "cubic", or antialias 1 with '
            '"linear", would do'
        )


def _taps(
    axis: Axis, mode: str, dtype: DTypeLike, slope: float | None, smooth: bool, exclude: bool
) -> Taps:
    """Return the taps of the cubic kernel of this slope, or without one, of the linear kernel."""
    at = positions(axis, mode, dtype).astype(np.float64)
    widen = max(1 / axis.scale, 1.0) if smooth else 1.0
    if mode == CROP or (slope is None and not smooth):
        at = np.clip(at, 0, axis.size - 1)  # so that beyond the border one weight is exactly 1
    kernel, radius = (linear, 1) if slope is None else (cubic(slope), 2)
    with np.errstate(invalid="ignore"):  # an output whose weights are all excluded is NaN
        return interpolating(at, axis.size, kernel, radius, widen=widen, renormalise=exclude)

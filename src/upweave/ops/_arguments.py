"""What the arrays of a convolution or a transposed convolution must be, checked in one place."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
"""An array of float32 or float64."""


def check_arrays(
    x: Floats, w: Floats, bias: Floats | None, groups: int, *, transposed: bool
) -> None:
    """Refuse arrays that do not fit each other.

    Parameters
    ----------
    x : array of shape (N, C_in, *spatial)
    w : array of shape (C_out, C_in/groups, *kernel), or (C_in, C_out/groups, *kernel)
        The latter if `transposed`.
    bias : array of shape (C_out,), optional
    groups : int
    transposed : bool
        Whether they are for a transposed convolution.

    Raises
    ------
    TypeError
        If something is no array of float32 or float64, or their types differ.
    ValueError
        If ranks, channels, sizes or groups do not fit.
    """
    check_weights(w, bias, groups, transposed=transposed)
    check_input(x, w, groups, transposed=transposed)


def check_weights(w: Floats, bias: Floats | None, groups: int, *, transposed: bool) -> None:
    """Refuse weights and a bias that do not fit each other; as `check_arrays`, without `x`."""
    _check_floats("w", w)
    if w.ndim < 3 or 0 in w.shape:
        order = "C_in, C_out/groups" if transposed else "C_out, C_in/groups"
        raise ValueError(
            f"w: got the shape {w.shape}; ({order}, *kernel), each at least 1, would do"
        )
    _check_groups(w, groups)
    if bias is None:
        return
    _check_floats("bias", bias)
    _check_same_type("bias", bias, w)
    channels = w.shape[1] * groups if transposed else w.shape[0]
    if bias.shape != (channels,):
        raise ValueError(
            f"bias: got the shape {bias.shape}; ({channels},) would do, "
            f"one value per output channel of w {w.shape} with groups={groups}"
        )


def check_input(x: Floats, w: Floats, groups: int, *, transposed: bool) -> None:
    """Refuse an input that does not fit checked weights; as `check_arrays`."""
    _check_floats("x", x)
    _check_same_type("x", x, w)
    if x.ndim != w.ndim:
        raise ValueError(
            f"x: got the shape {x.shape}; {w.ndim} axes (N, C, *spatial) would do, "
            f"as w {w.shape} has {w.ndim - 2} kernel axes"
        )
    channels = w.shape[0] if transposed else w.shape[1] * groups
    if x.shape[1] != channels:
        raise ValueError(
            f"x: got {x.shape[1]} channels in the shape {x.shape}; {channels} would do, "
            f"as w is {w.shape} with groups={groups}"
        )
    if 0 in x.shape[2:]:
        raise ValueError(f"x: got the shape {x.shape}; spatial sizes of at least 1 would do")


def check_gradient(grad_output: Floats, w: Floats, shape: tuple[int, ...]) -> None:
    """Refuse a gradient that is not of the type of `w` and of the result's shape."""
    _check_floats("grad_output", grad_output)
    _check_same_type("grad_output", grad_output, w)
    if grad_output.shape != shape:
        raise ValueError(f"grad_output: got the shape {grad_output.shape}; {shape} would do")


def check_maps(x: object) -> None:
    """Refuse what is no array (N, C, *spatial) of floats with pixels in it."""
    if not isinstance(x, np.ndarray) or x.dtype not in (np.float32, np.float64):
        got = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"x: got {got}; an array of float32 or float64 would do")
    if x.ndim < 3 or 0 in x.shape[2:]:
        raise ValueError(
            f"x: got the shape {x.shape}; (N, C, *spatial), no spatial size zero, would do"
        )


def _check_floats(name: str, array: object) -> None:
    if not isinstance(array, np.ndarray):
        got = f"a {type(array).__name__}"
    elif array.dtype not in (np.float32, np.float64):
        got = f"an array of {array.dtype}"
    else:
        return
    raise TypeError(f"{name}: got {got}; a NumPy array of float32 or float64 would do")


def _check_same_type(name: str, array: Floats, w: Floats) -> None:
    if array.dtype != w.dtype:
        raise TypeError(
            f"{name}: got {array.dtype}, but w is {w.dtype}; x, w and bias of one type would do"
        )


def _check_groups(w: Floats, groups: int) -> None:
    try:
        if isinstance(groups, bool):
            raise TypeError
        count = operator.index(groups)
    except TypeError:
        raise TypeError(f"groups: got {groups!r}; a whole number would do") from None
    if count < 1 or w.shape[0] % count:
        raise ValueError(
            f"groups: got {groups}; a divisor of {w.shape[0]}, the first size of w {w.shape}, "
            "would do"
        )

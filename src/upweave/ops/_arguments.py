"""What the arrays of a convolution or a transposed convolution must be, checked in one place."""

from __future__ import annotations

from upweave.ops._checks import Floats, check_bias, check_floats, check_groups


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
    check_floats(w=w)
    if w.ndim < 3 or 0 in w.shape:
        order = "C_in, C_out/groups" if transposed else "C_out, C_in/groups"
        raise ValueError(
            f"w: got the shape {w.shape}; ({order}, *kernel), each at least 1, would do"
        )
    check_groups("groups", groups, f"w {w.shape}", w.shape[0], "first size")
    if bias is None:
        return
    check_floats(w=w, bias=bias)
    channels = w.shape[1] * groups if transposed else w.shape[0]
    check_bias("bias", bias, channels)


def check_input(x: Floats, w: Floats, groups: int, *, transposed: bool) -> None:
    """Refuse an input that does not fit checked weights; as `check_arrays`."""
    check_floats(w=w, x=x)
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
    check_floats(w=w, grad_output=grad_output)
    if grad_output.shape != shape:
        raise ValueError(f"grad_output: got the shape {grad_output.shape}; {shape} would do")


def check_maps(x: Floats) -> None:
    """Refuse what is no array (N, C, *spatial) of floats with pixels in it."""
    check_floats(x=x)
    if x.ndim < 3 or 0 in x.shape[2:]:
        raise ValueError(
            f"x: got the shape {x.shape}; (N, C, *spatial), no spatial size zero, would do"
        )

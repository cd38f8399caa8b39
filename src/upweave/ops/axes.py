"""Arguments that are one number for all axes, or one per axis."""

from __future__ import annotations

import operator
from collections.abc import Sequence

__all__ = ["GeometryError", "PaddingPerAxis", "PerAxis", "padding_per_axis", "per_axis"]

PerAxis = int | Sequence[int]
"""A whole number for every axis, or one per axis."""
PaddingPerAxis = int | Sequence[int | Sequence[int]]
"""A whole number for both ends of every axis, or, per axis, one such number or a (begin, end)."""


class GeometryError(ValueError):
    """A combination of sizes, kernel, stride, padding or dilation that cannot be."""


def per_axis(name: str, value: PerAxis, axes: int, *, least: int | None = None) -> tuple[int, ...]:
    """Return one whole number per axis.

    Parameters
    ----------
    name : str
        What an error calls the value.
    value : int or sequence of int
        An int is for every axis.
    axes : int
        How many there are.
    least : int, optional
        The least legal number.

    Raises
    ------
    TypeError
        If there is something else than whole numbers.
    GeometryError
        If their number is not `axes`, or one is less than `least`.

    Examples
    --------
    >>> per_axis("stride", 2, 3), per_axis("stride", [1, 2], 2, least=1)
    ((2, 2, 2), (1, 2))
    """
    values = _sequence(name, value, axes)
    found = tuple(_whole(name, value, v) for v in values)
    for axis, v in enumerate(found):
        if least is not None and v < least:
            raise GeometryError(f"{name}: got {v} on axis {axis}; at least {least} would do")
    return found


def padding_per_axis(value: PaddingPerAxis, axes: int) -> tuple[tuple[int, int], ...]:
    """Return a (begin, end) per axis.

    Parameters
    ----------
    value : int, or sequence of int or of (begin, end)
        An int is for both ends, and on its own for every axis.
    axes : int
        How many there are.

    Raises
    ------
    TypeError, GeometryError
        As `per_axis`.

    Examples
    --------
    >>> padding_per_axis(1, 2), padding_per_axis([2, (0, 1)], 2)
    (((1, 1), (1, 1)), ((2, 2), (0, 1)))
    """
    found = []
    for v in _sequence("padding", value, axes):
        pair = tuple(v) if isinstance(v, Sequence) else (v, v)
        if len(pair) != 2:
            raise GeometryError(f"padding: got {v!r} for an axis; (begin, end) would do")
        found.append((_whole("padding", value, pair[0]), _whole("padding", value, pair[1])))
    return tuple(found)


def _sequence(name: str, value: object, axes: int) -> tuple[object, ...]:
    if not isinstance(value, Sequence):
        return (value,) * axes
    if len(value) != axes:
        hint = ", such as ((begin, end),)" if name == "padding" else ""
        raise GeometryError(
            f"{name}: got {value!r} for {axes} {'axis' if axes == 1 else 'axes'}; "
            f"one number for all, or one value per axis{hint}, would do"
        )
    return tuple(value)


def _whole(name: str, given: object, value: object) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name}: got {given!r}; whole numbers would do") from None

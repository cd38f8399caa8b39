"""What arguments must be: checks that all modules share.

A message names the argument, says what it got and what would do.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from upweave.ops.axes import PerAxis, per_axis

Floats = NDArray[np.floating[Any]]
"""An array of float32 or float64."""
Chosen = TypeVar("Chosen", bound=str)
Scalar = TypeVar("Scalar", bound=np.generic)


def what(value: object) -> str:
    """Say what a value of a wrong type is."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    return f"a {type(value).__name__}"


def check_floats(**arrays: object) -> None:
    """Refuse what is no array of float32 or float64, or not of the type of the first."""
    (first, model), *_ = arrays.items()
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype not in (np.float32, np.float64):
            raise TypeError(
                f"{name}: got {what(array)}; a NumPy array of float32 or float64 would do"
            )
        if isinstance(model, np.ndarray) and array.dtype != model.dtype:
            raise TypeError(
                f"{name}: got {array.dtype}, but {first} is {model.dtype}; one type for "
                f"{' and '.join(arrays)} would do"
            )


def check_bias(name: str, bias: Floats, channels: int) -> None:
    """Refuse a bias that has not one value per output channel."""
    if bias.shape != (channels,):
        raise ValueError(
            f"{name}: got the shape {bias.shape}; ({channels},), "
            "one value per output channel, would do"
        )


def check_groups(
    name: str, value: object, weight: str, size: int, channels: str = "output channels"
) -> int:
    """Return the number of groups, a divisor of `size`, the `channels` of the argument `weight`."""
    groups = whole(name, value, 1)
    if size % groups:
        raise ValueError(
            f"{name}: got {groups}; a divisor of {size}, the {channels} of {weight}, would do"
        )
    return groups


def whole(name: str, value: object, least: int | None = None) -> int:
    """Return a whole number; `least` is the least legal one."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name}: got {value!r}; a whole number would do") from None
    if least is not None and number < least:
        raise ValueError(f"{name}: got {number}; at least {least} would do")
    return number


def each(name: str, value: PerAxis, axes: int, least: int | None = None) -> tuple[int, ...]:
    """Return one whole number per axis, of one for all or of a sequence."""
    if isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}; whole numbers would do")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return per_axis(name, value, axes, least=least)


def one_of(name: str, value: object, allowed: Sequence[Chosen]) -> Chosen:
    """Return a word that is one of those allowed."""
    for word in allowed:
        if isinstance(value, str) and value == word:
            return word
    words = ", ".join(f'"{word}"' for word in allowed[:-1])
    words += f' or "{allowed[-1]}"' if words else f'"{allowed[-1]}"'
    raise ValueError(f"{name}: got {value!r}; {words} would do")

"""Attributes of a node: lists of whole numbers, and words."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upweave.ops import _checks
from upweave.ops._checks import Chosen

Ints = Sequence[int] | NDArray[np.integer[Any]]
Word = str | bytes


def whole_numbers(
    name: str, value: Ints, count: int | None = None, least: int | None = None
) -> tuple[int, ...]:
    """Return so many whole numbers, or any number of them; `least` is the least legal one."""
    array = isinstance(value, np.ndarray) and value.ndim == 1
    if not array and (not isinstance(value, Sequence) or isinstance(value, Word)):
        raise TypeError(f"{name}: got {value!r}; a sequence of whole numbers would do")
    if count is not None and len(value) != count:
        numbers = "1 whole number" if count == 1 else f"{count} whole numbers"
        raise ValueError(f"{name}: got {list(value)}; {numbers} would do")
    return tuple(_checks.whole(f"{name}[{at}]", number, least) for at, number in enumerate(value))


def word(name: str, value: Word, allowed: Sequence[Chosen]) -> Chosen:
    """Return a word that is one of those allowed."""
    given = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return _checks.one_of(name, given, allowed)


def single(name: str, value: float) -> float:
    """Return a number as a node stores it, in single precision."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: got {value!r}; a number would do")
    return float(np.float32(value))

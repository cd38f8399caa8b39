"""Checks of what a recipe says; every error is one line that names the key."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["RecipeError", "check", "check_type", "either"]


class RecipeError(ValueError):
    """A recipe that cannot be followed; the message is one line and names file and key."""


def either(values: Iterable[object]) -> str:
    """Return words for a choice: "a, b or c"."""
    *most, last = map(str, values)
    return f"{', '.join(most)} or {last}" if most else last


def check(key: str, holds: bool, got: object, expected: str) -> None:
    """Refuse a value unless the condition holds."""
    if not holds:
        raise RecipeError(f"{key}: got {got!r}; expected {expected}")


def check_type(key: str, value: object, kind: str) -> None:
    """Refuse a value that is not of a type, given as it is annotated."""
    if kind == "float":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        check(key, number and math.isfinite(value), value, "a number")  # type: ignore[arg-type]
    elif kind == "tuple[str, ...]":
        strings = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
        check(key, strings, value, "a list of texts")
    elif kind == "tuple[int, int]":
        pair = isinstance(value, tuple) and [type(item) for item in value] == [int, int]
        check(key, pair, value, "two whole numbers")
    else:
        expected = {"str": (str, "a text"), "bool": (bool, "true or false")}
        cls, words = expected.get(kind, (int, "a whole number"))
        right = isinstance(value, cls) and not (cls is int and isinstance(value, bool))
        check(key, right, value, words)

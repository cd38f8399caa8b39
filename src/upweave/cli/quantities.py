"""Amounts with units, as users write and read them."""

from __future__ import annotations

import re

import typer

__all__ = ["bytes_of", "seconds_of", "with_unit"]

_TIMES = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}
_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def seconds_of(text: str, option: str) -> float:
    """Return a time such as 30, 30s, 2m or 1h in seconds."""
    return _amount(text, _TIMES, "a time, such as 30s, 2m or 1h", option)


def bytes_of(text: str, option: str) -> int:
    """Return a size such as 500M or 2GB in bytes."""
    plain = text.lower().removesuffix("b")
    return int(_amount(plain, _SIZES, "a size, such as 500M or 2G", option))


def _amount(text: str, units: dict[str, int], expected: str, option: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]*)", text.strip().lower())
    if match is None or match[2] not in units or float(match[1]) <= 0:
        raise typer.BadParameter(f"got {text!r}; expected {expected}", param_hint=option)
    return float(match[1]) * units[match[2]]


def with_unit(amount: float, unit: str) -> str:
    """Return an amount to three digits with a decimal prefix, such as "1.25 GB"."""
    for prefix, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if amount >= size:
            return f"{amount / size:.3g} {prefix}{unit}"
    return f"{amount:.3g} {unit}"

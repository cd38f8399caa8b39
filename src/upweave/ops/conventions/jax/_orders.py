"""Where JAX's dimension numbers say that the axes of arrays are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from upweave.ops._checks import Floats

Specs = Sequence[str] | Sequence[Sequence[int]]
"""Where the axes of the input, the kernel and the result are."""


class Numbers(NamedTuple):
    """The positions of batch, channels and spatial axes; in `rhs`, of output and input channels."""

    lhs: tuple[int, ...]
    rhs: tuple[int, ...]
    out: tuple[int, ...]


def channels_first(ndim: int) -> Numbers:
    """Return the default of `conv_general_dilated`."""
    return Numbers(*[tuple(range(ndim))] * 3)


def channels_last(ndim: int) -> Numbers | None:
    """Return the default of `conv_transpose`, which there is for three spatial axes at most."""
    data = (0, ndim - 1, *range(1, ndim - 1))
    kernel = (ndim - 1, ndim - 2, *range(ndim - 2))
    return Numbers(data, kernel, data) if ndim <= 5 else None


def numbers(given: Specs | None, default: Numbers | None, ndim: int) -> Numbers:
    """Return the positions that strings or tuples say."""
    if ndim < 2:
        raise ValueError(f"rhs: got {ndim} axes; at least 2, (O, I), would do")
    if given is None:
        if default is None:
            raise ValueError(
                f"dimension_numbers: got None for {ndim - 2} spatial axes; three strings would do"
            )
        return default
    if isinstance(given, list | tuple) and len(given) == 3:
        if all(isinstance(spec, str) for spec in given):
            return _lettered(tuple(map(str, given)), ndim)
        if all(isinstance(spec, list | tuple) for spec in given):
            found = Numbers(*(tuple(spec) for spec in given))
            if all(len(spec) == ndim and set(spec) == set(range(ndim)) for spec in found):
                return found
            raise ValueError(
                f"dimension_numbers: got {given!r}; three orders of the numbers 0 to {ndim - 1} "
                "would do"
            )
    raise TypeError(
        f"dimension_numbers: got {given!r}; three strings, three tuples of whole numbers or None "
        "would do"
    )


def _lettered(specs: Sequence[str], ndim: int) -> Numbers:
    pairs = ("NC", "OI", "NC")
    spaces = set(specs[1]) - set("OI")
    for spec, pair in zip(specs, pairs, strict=True):
        if len(spec) != ndim or sorted(spec) != sorted({*pair, *spaces}):
            raise ValueError(
                f"dimension_numbers: got {spec!r} in {tuple(specs)!r} for {ndim} axes; {pair[0]}, "
                f"{pair[1]} and {ndim - 2} other letters, the same in all three and once each, "
                "would do"
            )
    letters = [letter for letter in specs[1] if letter in spaces]
    return Numbers(
        *(
            tuple(spec.index(letter) for letter in (*pair, *letters))
            for spec, pair in zip(specs, pairs, strict=True)
        )
    )


def ordered(array: Floats, spec: Sequence[int]) -> Floats:
    """Return an array with the axes of `spec` in order, and a spatial one if there is none."""
    turned = array.transpose(spec)
    return turned if turned.ndim > 2 else turned[..., None]


def reordered(y: Floats, spec: Sequence[int]) -> Floats:
    """Return the result with its axes where `spec` says."""
    return np.ascontiguousarray(y.reshape(y.shape[: len(spec)]).transpose(np.argsort(spec)))

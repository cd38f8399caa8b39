"""Inputs with and without a batch axis, which PyTorch's layers both take."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from upweave.ops._checks import Scalar


def check_rank(axes: int, input: NDArray[Any]) -> None:
    """Refuse an input that has not so many spatial axes."""
    if input.ndim not in (axes + 1, axes + 2):
        raise ValueError(
            f"input: got the shape {input.shape}; {axes + 2} axes (N, C, *spatial), "
            f"or {axes + 1} without N, would do"
        )


def batched(array: NDArray[Scalar], axes: int) -> NDArray[Scalar]:
    """Return the array with its batch axis, or with one of size 1."""
    return array if array.ndim == axes + 2 else array[None]

"""Grids of numbers with marked cells: what a drawing shows, before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal, overload

from numpy.typing import NDArray

__all__ = ["Cell", "Frame", "Mark", "Panel", "Part", "Steps", "cells", "marked", "moved"]

Cell = tuple[int, int]
Mark = Literal["input", "kernel", "output", "zero"]
"""What a cell is at this moment: read from the input, a tap in use, written to; or a zero that is
no value of the input but padding, or inserted."""
Part = tuple[Literal["input", "kernel", "output"], Cell]
"""What a cell shows, wherever it lies: a value of the input, a tap, or an output."""


@dataclass(frozen=True, eq=False)
class Panel:
    """A grid of numbers, or of colours.

    Attributes
    ----------
    title : str
        Its shape is added to it.
    values : ndarray, shape (H, W) or (H, W, 3)
        NaN where there is no number yet; or red, green and blue in [0, 1], drawn as they are.
    marks : mapping of (row, column) to Mark
    shaded : bool
        Whether cells are the darker, the larger their numbers are.
    parts : mapping of (row, column) to Part
        What the cells show, where they show a part of the operator.
    """

    title: str
    values: NDArray[Any]
    marks: Mapping[Cell, Mark] = field(default_factory=dict)
    shaded: bool = False
    parts: Mapping[Cell, Part] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Frame:
    """What is seen at once: panels from left to right, and a sentence."""

    panels: tuple[Panel, ...]
    caption: str


class Steps(Sequence[Frame]):
    """Frames that are made when they are looked at: of hundreds, mostly one is.

    Parameters
    ----------
    makers : sequence of callable
        Each returns a frame, the same every time.
    """

    def __init__(self, makers: Sequence[Callable[[], Frame]]) -> None:
        self._makers = list(makers)

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, index: int) -> Frame: ...

    @overload
    def __getitem__(self, index: slice) -> Steps: ...

    def __getitem__(self, index: int | slice) -> Frame | Steps:
        if isinstance(index, slice):
            return Steps(self._makers[index])
        return self._makers[index]()

    def __add__(self, others: Steps) -> Steps:
        return Steps(self._makers + others._makers)


def cells(rows: Iterable[int], columns: Iterable[int]) -> list[Cell]:
    """Return the cells of some rows and some columns."""
    return list(product(rows, columns))


def marked(mark: Mark, where: Iterable[Cell]) -> dict[Cell, Mark]:
    """Return the same mark for some cells."""
    return dict.fromkeys(where, mark)


def moved(
    kind: Literal["input", "kernel", "output"],
    where: Mapping[Cell, Cell] | Iterable[Cell],
) -> dict[Cell, Part]:
    """Return parts of a kind: cells and what they show, or cells that show what is there itself."""
    places = where if isinstance(where, Mapping) else {cell: cell for cell in where}
    return {cell: (kind, shown) for cell, shown in places.items()}

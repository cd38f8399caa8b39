"""What size a result is to have, and how whole factors and a resampler get there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Wanted", "factors"]

Size = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """The size that was asked for: a factor, or bounds in pixels.

    Attributes
    ----------
    scale : float or None
        How many times larger.
    width, height : int or None
        Of the result; with both, it is as large as fits in them. Proportions stay.
    longest : int or None
        Its longer side.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    longest: int | None = None

    def factor(self, size: Size) -> float:
        """Return how many times larger a picture of (height, width) becomes."""
        height, width = size
        bounds = [
            wanted / has
            for wanted, has in (
                (self.width, width),
                (self.height, height),
                (self.longest, max(size)),
            )
            if wanted is not None
        ]
        return min(bounds) if bounds else float(self.scale or 1)

    def size(self, size: Size) -> Size:
        """Return the (height, width) that a picture of (height, width) is to have."""
        factor = self.factor(size)
        height, width = (max(1, math.floor(n * factor + 0.5)) for n in size)
        return height, width

    @property
    def mark(self) -> str:
        """What tells a result's name from the picture's: "x4", "w1920", "h1080", "max2000"."""
        if self.longest is not None:
            return f"max{self.longest}"
        if self.width is not None and self.height is not None:
            return f"{self.width}x{self.height}"
        if self.width is not None:
            return f"w{self.width}"
        return f"h{self.height}" if self.height is not None else f"x{self.scale:g}"


def factors(factor: float, scales: Sequence[int]) -> list[int]:
    """Return the whole factors to enlarge by, one after the other, to reach ``factor`` or more.

    Parameters
    ----------
    factor : float
    scales : sequence of int
        What there are networks for; at least one, above 1.

    Returns
    -------
    list of int
        Empty where ``factor`` is at most 1; else the largest of ``scales`` as often as needed, then
        the smallest that suffices.

    Examples
    --------
    >>> factors(3, (2, 3, 4)), factors(2.5, (2, 3, 4)), factors(6, (2, 3, 4))
    ([3], [3], [4, 2])
    """
    largest, found = max(scales), list[int]()
    rest = factor * (1 - 1e-12)  # of a quotient that was rounded up
    while rest > largest:
        found.append(largest)
        rest /= largest
    if rest > 1:
        found.append(min(scale for scale in scales if scale >= rest))
    return found

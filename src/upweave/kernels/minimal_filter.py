"""Minimal filtering: several outputs of a short filter from fewer products than by the definition.

``m`` outputs of a filter of ``r`` taps take ``n = m + r - 1`` products instead of ``m * r``:
``y = A (G h * B d)`` for the taps ``h`` and the ``n`` inputs ``d`` (Winograd, Arithmetic Complexity
of Computations, 1980; Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016,
where A and B are transposed).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

Matrix = tuple[tuple[Fraction, ...], ...]

POINTS = {
    1: "",
    3: "0 1",
    4: "0 1 -1",
    5: "0 3/4 -3/4 2",
    6: "0 5/8 -5/8 3/2 -3/2",
    7: "0 1/2 -1/2 9/8 -9/8 5/2",
    8: "0 1/2 -1/2 1 -1 2 -2",
}
"""Where the polynomials are evaluated, beside infinity, for so many inputs.

Of points that are eighths or coarser, and whose squares come in pairs (which saves sums), these
are among those that add least to the rounding errors of F(4, 2 to 5). The matrices are exact in
float32.
"""


@dataclass(frozen=True)
class MinimalFilter:
    """The matrices.

    Attributes
    ----------
    outputs, taps : int
        m and r.
    from_products : Matrix
        A, of shape (m, n).
    of_taps : Matrix
        G, of shape (n, r).
    of_inputs : Matrix
        B, of shape (n, n).
    of_one : tuple of Fraction
        n terms: added to the products, they add 1 to every output.
    """

    outputs: int
    taps: int
    from_products: Matrix
    of_taps: Matrix
    of_inputs: Matrix
    of_one: tuple[Fraction, ...]

    @property
    def inputs(self) -> int:
        """The inputs of so many outputs, and the products."""
        return self.outputs + self.taps - 1


@cache
def minimal_filter(outputs: int, taps: int) -> MinimalFilter:
    """Return F(outputs, taps): the interpolation of Toom and Cook, transposed.

    Raises
    ------
    KeyError
        Where there are no `POINTS` for so many inputs.

    Examples
    --------
    >>> f = minimal_filter(2, 3)
    >>> [[int(a) for a in row] for row in f.from_products]
    [[1, 1, 1, 0], [0, 1, -1, 1]]
    """
    points = [Fraction(point) for point in POINTS[outputs + taps - 1].split()]
    others = [[q for q in points if q != p] for p in points]
    scales = [_product(p - q for q in rest) for p, rest in zip(points, others, strict=True)]
    zero, one = Fraction(0), Fraction(1)
    return MinimalFilter(
        outputs,
        taps,
        from_products=tuple(
            (*(p**i for p in points), one if i == outputs - 1 else zero) for i in range(outputs)
        ),
        of_taps=(
            *(tuple(p**k / s for k in range(taps)) for p, s in zip(points, scales, strict=True)),
            (zero,) * (taps - 1) + (one,),
        ),
        of_inputs=(*((*_polynomial(rest), zero) for rest in others), _polynomial(points)),
        # Lagrange's polynomials at 1: the powers of 1 are all 1
        of_one=(
            *(_product(1 - q for q in rest) / s for rest, s in zip(others, scales, strict=True)),
            zero if points else one,
        ),
    )


def _product(factors: Iterable[Fraction]) -> Fraction:
    return math.prod(factors, start=Fraction(1))


def _polynomial(roots: list[Fraction]) -> tuple[Fraction, ...]:
    """Return the coefficients, the constant first, of the product of ``x - root``."""
    coefficients = [Fraction(1)]
    for root in roots:
        raised, held = [Fraction(0), *coefficients], [*coefficients, Fraction(0)]
        coefficients = [high - root * low for high, low in zip(raised, held, strict=True)]
    return tuple(coefficients)

"""Sigmoid and tanh as LLVM IR text: our own, as emitted code calls nothing of the C library.

Both come from ``exp(x) = 2^k (1 + q)``: k is the whole number nearest to x / ln 2, and q is
``exp(r) - 1`` for the rest, ``|r| <= ln 2 / 2``, by the first seven terms of its Taylor series (the
eighth is below 2e-8 of it). As q 2^k is exact, ``exp(x) + 1`` and ``exp(x) - 1`` are rounded once.
"""

import math

import numpy as np

from upweave.kernels.emit.text import Writer, clip, float_constant, float_vector

_LN2 = float(np.float32(math.log(2)))
_LN2_REST = math.log(2) - _LN2
_ROUND = 1.5 * 2**23
"""A float to which this is added has its digits behind the point rounded off."""
_LEAST, _MOST = -87.0, 88.0
"""Exponents k of the exponentials between stay those of normal floats."""


class Arithmetic:
    """Writes arithmetic on vectors of so many floats."""

    def __init__(self, writer: Writer, lanes: int) -> None:
        self._writer = writer
        self.lanes = lanes
        self._kind = float_vector(lanes)
        self._integers = f"<{lanes} x i32>"
        self._suffix = f"v{lanes}f32"

    def constant(self, value: float) -> str:
        """Return the float nearest to `value`."""
        return float_constant(value, self.lanes)

    def fma(self, a: str, b: str, c: str) -> str:
        """Return ``a * b + c``, rounded once."""
        return self._call("fma", a, b, c)

    def operation(self, name: str, a: str, b: str) -> str:
        """Return a + b ("fadd"), a - b ("fsub"), a * b ("fmul") or a / b ("fdiv")."""
        return self._writer.value(f"{name} {self._kind} {a}, {b}")

    def magnitude(self, a: str) -> str:
        """Return ``|a|``."""
        return self._call("fabs", a)

    def with_sign(self, a: str, b: str) -> str:
        """Return a with the sign of b."""
        return self._call("copysign", a, b)

    def clip(self, a: str, low: float, high: float) -> str:
        """Return a, but no less than `low` and no more than `high`; a NaN stays a NaN."""
        return clip(self._writer, self.lanes, a, self.constant(low), self.constant(high))

    def power_of_two(self, rounded: str) -> str:
        """Return ``2^k`` for ``rounded = _ROUND + k``, whose lowest bits are k."""
        kind, integers = self._kind, self._integers
        bits = self._writer.value(f"bitcast {kind} {rounded} to {integers}")
        exponent = self._writer.value(f"shl {integers} {bits}, {self._whole(23)}")
        biased = self._writer.value(f"add {integers} {exponent}, {self._whole(127 << 23)}")
        return self._writer.value(f"bitcast {integers} {biased} to {kind}")

    def _whole(self, value: int) -> str:
        return f"<{', '.join([f'i32 {value}'] * self.lanes)}>"

    def _call(self, name: str, *values: str) -> str:
        operands = ", ".join(f"{self._kind} {value}" for value in values)
        return self._writer.value(f"call {self._kind} @llvm.{name}.{self._suffix}({operands})")


def sigmoid(a: Arithmetic, x: str) -> str:
    """Return ``1 / (1 + exp(-x))``."""
    negative = a.operation("fmul", x, a.constant(-1.0))
    q, power = _exponential(a, a.clip(negative, _LEAST, _MOST))
    one = a.constant(1.0)
    whole = a.operation("fadd", power, one)
    lost = a.operation("fsub", one, a.operation("fsub", whole, power))  # where 2^k is large
    return a.operation("fdiv", one, a.operation("fadd", a.fma(q, power, lost), whole))


def tanh(a: Arithmetic, x: str) -> str:
    """Return ``(1 - e) / (1 + e)`` with ``e = exp(-2 |x|)``, and the sign of x."""
    doubled = a.operation("fmul", a.magnitude(x), a.constant(-2.0))
    q, power = _exponential(a, a.clip(doubled, _LEAST, _MOST))
    one = a.constant(1.0)
    above = a.fma(q, power, a.operation("fsub", power, one))
    below = a.fma(q, power, a.operation("fadd", power, one))
    return a.with_sign(a.operation("fdiv", above, below), x)


def _exponential(a: Arithmetic, x: str) -> tuple[str, str]:
    """Return q and 2^k of exp(x)."""
    rounded = a.fma(x, a.constant(1 / math.log(2)), a.constant(_ROUND))
    k = a.operation("fsub", rounded, a.constant(_ROUND))
    rest = a.fma(k, a.constant(-_LN2), x)
    rest = a.fma(k, a.constant(-_LN2_REST), rest)
    series = a.constant(1 / math.factorial(7))
    for n in range(6, 1, -1):
        series = a.fma(series, rest, a.constant(1 / math.factorial(n)))
    q = a.fma(a.operation("fmul", rest, rest), series, rest)
    return q, a.power_of_two(rounded)

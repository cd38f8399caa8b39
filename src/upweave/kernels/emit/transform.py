"""Rows as sums of other rows, as LLVM IR text: what goes into a minimal filter and out of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from upweave.kernels import program
from upweave.kernels.emit.masks import first_lanes
from upweave.kernels.emit.micro import (
    activated,
    declarations,
    store_part,
    store_plain,
)
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, float_constant, float_vector
from upweave.kernels.minimal_filter import Matrix

ENTRY = "transform"


@dataclass(frozen=True)
class Transform:
    """What one function computes: ``y[i] = activation(sum over j of matrix[i][j] * x[j])``.

    Attributes
    ----------
    matrix : tuple of tuple of Fraction
    lanes : int
        Floats in a vector.
    activation, limits, accumulate
        As in `MicroKernel`.
    """

    matrix: Matrix
    lanes: int
    activation: str = "none"
    limits: tuple[float, float] = (-math.inf, math.inf)
    accumulate: bool = False


def emit_transform(transform: Transform) -> str:
    """Return the module of the function ``transform``, which carries out `program.TRANSFORM`."""
    lanes, matrix = transform.lanes, transform.matrix
    w = Writer(f"void @{ENTRY}{INSTRUCTION}")
    f = Fields(w, program.TRANSFORM)
    x, y, spare, slopes = f.start("x"), f.start("y"), f.start("spare"), f.pointer("slopes")
    x_parts = [w.mul(f["x_part"], n) for n in range(len(matrix[0]))]
    y_parts = [w.mul(f["y_part"], n) for n in range(len(matrix))]
    low, high = f["low"], f["high"]
    vectors = w.value(f"udiv i64 {f['columns']}, {lanes}")
    whole = w.mul(vectors, lanes)
    rest = w.sub(f["columns"], whole)
    mask = first_lanes(w, lanes, rest)
    with w.loop(f["channels"]) as channel, w.loop(f["groups"]) as group:
        slope = None
        if transform.activation == "prelu":
            held = w.value(f"load float, ptr {w.at(slopes, channel)}, align 4")
            slope = w.splat(held, lanes)
        x_at, y_at = (
            w.at(w.at(base, w.mul(channel, f[f"{n}_channel"])), w.mul(group, f[f"{n}_group"]))
            for n, base in (("x", x), ("y", y))
        )
        sources = [w.at(x_at, part) for part in x_parts]
        targets = []
        for n, part in enumerate(y_parts):
            row = w.add(w.mul(group, len(y_parts)), n)
            above = w.value(f"icmp sge i64 {row}, {low}")
            below = w.value(f"icmp slt i64 {row}, {high}")
            inside = w.value(f"and i1 {above}, {below}")
            targets.append(w.select(inside, "ptr", w.at(y_at, part), spare))

        def results(
            at: str, sources: Sequence[str] = sources, slope: str | None = slope
        ) -> list[str]:
            vector = float_vector(lanes)
            rows = [w.value(f"load {vector}, ptr {w.at(row, at)}, align 4") for row in sources]
            sums = _products(w, lanes, matrix, rows)
            return [activated(w, transform, value, slope) for value in sums]

        with w.loop(vectors) as index:
            at = w.mul(index, lanes)
            for target, value in zip(targets, results(at), strict=True):
                store_plain(w, transform, w.at(target, at), value)
        with w.loop(w.minimum(rest, "1")):
            for target, value in zip(targets, results(whole), strict=True):
                store_part(w, transform, w.at(target, whole), value, mask)
    return w.finish() + declarations(lanes)


def _products(writer: Writer, lanes: int, matrix: Matrix, values: Sequence[str]) -> list[str]:
    """Return the matrix times the values.

    Of two columns that differ in signs alone, the sum and the difference of the values serve;
    of two such rows, what they have in common and what they have not.
    """
    vector = float_vector(lanes)
    columns = list(zip(*matrix, strict=True))
    values = list(values)
    terms: list[tuple[str, Sequence[Fraction]]] = []  # (value, column of factors)
    while columns:
        column, value = columns.pop(0), values.pop(0)
        twin = next((n for n, other in enumerate(columns) if _differ_in_signs(column, other)), None)
        if twin is None:
            terms.append((value, column))
            continue
        other, pair = columns.pop(twin), values.pop(twin)
        same = tuple(a if a == b else Fraction(0) for a, b in zip(column, other, strict=True))
        opposite = tuple(a if a != b else Fraction(0) for a, b in zip(column, other, strict=True))
        terms.append((writer.value(f"fadd {vector} {value}, {pair}"), same))
        terms.append((writer.value(f"fsub {vector} {value}, {pair}"), opposite))
    return _rows(writer, lanes, terms, len(matrix))


def _rows(
    writer: Writer, lanes: int, terms: list[tuple[str, Sequence[Fraction]]], count: int
) -> list[str]:
    vector = float_vector(lanes)
    rows = {n: [(value, column[n]) for value, column in terms if column[n]] for n in range(count)}
    results: dict[int, str] = {}
    for n, row in rows.items():
        if n in results:
            continue
        factors = [column[n] for _, column in terms]
        twin = next(
            (
                m
                for m in range(n + 1, count)
                if _differ_in_signs(factors, [column[m] for _, column in terms])
            ),
            None,
        )
        if twin is None:
            results[n] = _sum(writer, lanes, row)
            continue
        other = dict(rows[twin])
        same = _sum(writer, lanes, [(v, a) for v, a in row if other[v] == a])
        opposite = _sum(writer, lanes, [(v, a) for v, a in row if other[v] != a])
        results[n] = writer.value(f"fadd {vector} {same}, {opposite}")
        results[twin] = writer.value(f"fsub {vector} {same}, {opposite}")
    return [results[n] for n in range(count)]


def _differ_in_signs(a: Sequence[Fraction], b: Sequence[Fraction]) -> bool:
    """Tell whether two rows are equal but for some signs, and neither equal nor opposite."""
    pairs = [(p, q) for p, q in zip(a, b, strict=True) if p or q]
    return (
        all(abs(p) == abs(q) for p, q in pairs)
        and any(p == q for p, q in pairs)
        and any(p != q for p, q in pairs)
    )


def _sum(writer: Writer, lanes: int, terms: Sequence[tuple[str, Fraction]]) -> str:
    """Return the sum of values times factors, of which there is at least one."""
    vector = float_vector(lanes)
    # begin with a factor of 1, where there is one: it takes no product
    (first, factor), *rest = sorted(terms, key=lambda term: term[1] != 1)
    total = first
    if factor != 1:
        total = writer.value(f"fmul {vector} {first}, {float_constant(float(factor), lanes)}")
    for value, factor in rest:
        if abs(factor) == 1:
            how = "fadd" if factor > 0 else "fsub"
            total = writer.value(f"{how} {vector} {total}, {value}")
        else:
            total = writer.value(
                f"call {vector} @llvm.fma.v{lanes}f32({vector} {value}, "
                f"{vector} {float_constant(float(factor), lanes)}, {vector} {total})"
            )
    return total

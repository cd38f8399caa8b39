"""A small matrix of constants times vectors, in few operations, as LLVM IR text."""

from collections.abc import Sequence
from fractions import Fraction

from upweave.kernels.emit.text import Writer, float_constant, float_vector
from upweave.kernels.minimal_filter import Matrix


def matrix_times(writer: Writer, lanes: int, matrix: Matrix, values: Sequence[str]) -> list[str]:
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

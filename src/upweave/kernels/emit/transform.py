"""Rows as sums of other rows, as LLVM IR text: what goes into a minimal filter and out of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from upweave.kernels import program
from upweave.kernels.emit.linear import matrix_times
from upweave.kernels.emit.masks import first_lanes
from upweave.kernels.emit.micro import (
    activated,
    declarations,
    store_part,
    store_plain,
)
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, float_vector
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
            sums = matrix_times(w, lanes, matrix, rows)
            return [activated(w, transform, value, slope) for value in sums]

        with w.loop(vectors) as index:
            at = w.mul(index, lanes)
            for target, value in zip(targets, results(at), strict=True):
                store_plain(w, transform, w.at(target, at), value)
        with w.loop(w.minimum(rest, "1")):
            for target, value in zip(targets, results(whole), strict=True):
                store_part(w, transform, w.at(target, whole), value, mask)
    return w.finish() + declarations(lanes)

"""Columns as sums of other columns, as LLVM IR text: minimal filters along rows of floats.

Lanes are groups: a vector holds one column of every group, so what lies side by side in a row is
taken apart on the way in, and woven together on the way out.
"""

import math
from dataclasses import dataclass

from upweave.kernels import program
from upweave.kernels.emit.linear import matrix_times
from upweave.kernels.emit.micro import activated, declarations, store_lines
from upweave.kernels.emit.shuffles import every, weave
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, float_vector
from upweave.kernels.minimal_filter import Matrix

INTO, OUT = "columns_in", "columns_out"


@dataclass(frozen=True)
class ColumnsIn:
    """What one function computes: ``y[t][j] = sum over k of matrix[t][k] * x[j * step + k]``.

    Attributes
    ----------
    matrix : tuple of tuple of Fraction
    step : int
        Columns from a group to the next.
    lanes : int
        Floats in a vector.
    """

    matrix: Matrix
    step: int
    lanes: int


@dataclass(frozen=True)
class ColumnsOut:
    """What one function computes: groups of columns, each column the activated sum of products.

    ``y[(j * len(matrix) + i) * phases + p] = activation(sum over t of matrix[i][t] * x[t][p][j])``.

    Attributes
    ----------
    matrix : tuple of tuple of Fraction
    phases : int
        Outputs a position.
    lanes : int
        Floats in a vector.
    activation, limits, accumulate
        As in `MicroKernel`.
    """

    matrix: Matrix
    phases: int
    lanes: int
    activation: str = "none"
    limits: tuple[float, float] = (-math.inf, math.inf)
    accumulate: bool = False


def emit_columns_in(kind: ColumnsIn) -> str:
    """Return the module of the function ``columns_in``, for `program.COLUMNS_IN`."""
    lanes, step = kind.lanes, kind.step
    vector = float_vector(lanes)
    w = Writer(f"void @{INTO}{INSTRUCTION}")
    f = Fields(w, program.COLUMNS_IN)
    x, y, x_channel, y_channel = f.start("x"), f.start("y"), f["x_channel"], f["y_channel"]
    parts = [w.mul(f["y_part"], n) for n in range(len(kind.matrix))]
    vectors = w.value(f"udiv i64 {w.add(f['groups'], lanes - 1)}, {lanes}")
    with w.loop(f["channels"]) as channel:
        source = w.at(x, w.mul(channel, x_channel))
        target = w.at(y, w.mul(channel, y_channel))
        with w.loop(vectors) as index:
            at = w.at(source, w.mul(index, lanes * step))
            columns: list[str] = []
            while len(columns) < len(kind.matrix):
                whole = [
                    w.value(f"load {vector}, ptr {w.at(at, len(columns) + n * lanes)}, align 4")
                    for n in range(step)
                ]
                left = min(step, len(kind.matrix) - len(columns))
                columns += [every(w, lanes, whole, start) for start in range(left)]
            there = w.at(target, w.mul(index, lanes))
            for part, value in zip(
                parts, matrix_times(w, lanes, kind.matrix, columns), strict=True
            ):
                w.line(f"store {vector} {value}, ptr {w.at(there, part)}, align 4")
    return w.finish() + declarations(lanes)


def emit_columns_out(kind: ColumnsOut) -> str:
    """Return the module of the function ``columns_out``, for `program.COLUMNS_OUT`."""
    lanes = kind.lanes
    whole = len(kind.matrix) * kind.phases * lanes
    w = Writer(f"void @{OUT}{INSTRUCTION}")
    f = Fields(w, program.COLUMNS_OUT)
    x, y, slopes = f.start("x"), f.start("y"), f.pointer("slopes")
    x_row, x_channel, y_row, y_channel = (
        f[f"{place}_{step}"] for place in "xy" for step in ("row", "channel")
    )
    part, phase, low, high = f["x_part"], f["x_phase"], f["low"], f["high"]
    vectors = w.value(f"udiv i64 {w.add(f['groups'], lanes - 1)}, {lanes}")
    with w.loop(f["channels"]) as channel:
        slope = "0.0"
        if kind.activation == "prelu":
            slope = w.value(f"load float, ptr {w.at(slopes, channel)}, align 4")
        with w.loop(f["rows"]) as row:
            source = w.at(w.at(x, w.mul(channel, x_channel)), w.mul(row, x_row))
            target = w.at(w.at(y, w.mul(channel, y_channel)), w.mul(row, y_row))
            with w.loop(vectors) as index:
                out = w.mul(index, whole)
                w.line(
                    f"call void @one(ptr {w.at(source, w.mul(index, lanes))}, "
                    f"ptr {w.at(target, out)}, i64 {part}, i64 {phase}, float {slope}, "
                    f"i64 {w.sub(low, out)}, i64 {w.sub(high, out)})"
                )
    return _one_vector(kind, whole) + w.finish() + declarations(lanes)


def _one_vector(kind: ColumnsOut, whole: int) -> str:
    """Return the function that computes as many groups as there are lanes."""
    lanes = kind.lanes
    w = Writer(
        "internal void @one(ptr %x, ptr %y, i64 %part, i64 %phase, float %slope, "
        "i64 %low, i64 %high)"
    )
    slope = w.splat("%slope", lanes) if kind.activation == "prelu" else None
    parts = [w.mul("%part", n) for n in range(len(kind.matrix[0]))]
    phases = []
    for phase in range(kind.phases):
        start = w.at("%x", w.mul("%phase", phase))
        products = [
            w.value(f"load {float_vector(lanes)}, ptr {w.at(start, part)}, align 4")
            for part in parts
        ]
        sums = matrix_times(w, lanes, kind.matrix, products)
        phases.append([activated(w, kind, value, slope) for value in sums])
    woven = weave(w, lanes, [value for column in zip(*phases, strict=True) for value in column])
    lines = [("%y", n * lanes, lanes, line) for n, line in enumerate(woven)]
    store_lines(w, kind, lines, whole)
    return w.finish()

"""Instructions of tile programs, made from places and index tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upweave.kernels import host, jit, program
from upweave.kernels.emit.columns import (
    INTO,
    OUT,
    ColumnsIn,
    ColumnsOut,
    emit_columns_in,
    emit_columns_out,
)
from upweave.kernels.emit.driver import FUNCTIONS, emit_driver
from upweave.kernels.emit.elementwise import emit_elementwise
from upweave.kernels.emit.text import in_precision
from upweave.kernels.emit.transform import ENTRY, Transform, emit_transform

Floats = npt.NDArray[np.floating[Any]]
"""Of single or of double precision."""

Integers = npt.NDArray[np.int64]

FILL = -1
"""In an index table: no source, the fill value goes there."""


@dataclass(frozen=True)
class Place:
    """A position in a buffer, and the steps from it: all in floats."""

    buffer: int
    offset: int
    channel: int
    row: int

    def moved(self, floats: int) -> "Place":
        """Return the place so many floats further on."""
        return Place(self.buffer, self.offset + floats, self.channel, self.row)


@cache
def driver(lanes: int, *, double: bool = False) -> dict[str, int]:
    """Return where the compiled functions are that carry out instructions."""
    code = jit.compile_ir(in_precision(emit_driver(lanes, arm64=host.is_arm64()), double=double))
    return {name: code.address(name) for name in FUNCTIONS}


@cache
def elementwise(name: str, lanes: int) -> int:
    """Return where the compiled function of that name is, one of `ELEMENTWISE`."""
    return jit.compile_ir(emit_elementwise(name, lanes)).address(name)


@cache
def _transform(kind: Transform) -> int:
    """Return where the compiled function of a transform is."""
    return jit.compile_ir(emit_transform(kind)).address(ENTRY)


@cache
def _columns_in(kind: ColumnsIn) -> int:
    """Return where the compiled function is that makes sums of columns."""
    return jit.compile_ir(emit_columns_in(kind)).address(INTO)


@cache
def _columns_out(kind: ColumnsOut) -> int:
    """Return where the compiled function is that makes columns of products."""
    return jit.compile_ir(emit_columns_out(kind)).address(OUT)


def instruction(
    function: int, fields: Mapping[str, int], values: Mapping[str, int | Place]
) -> Integers:
    """Return one row of a tile program."""
    row = np.zeros(program.WIDTH, np.int64)
    row[0] = function
    for name, value in values.items():
        if isinstance(value, Place):
            row[fields[name]] = value.buffer
            row[fields[f"{name}_offset"]] = value.offset
            row[fields[f"{name}_channel"]] = value.channel
            row[fields[f"{name}_row"]] = value.row
        else:
            row[fields[name]] = value
    return row


def copy(
    x: Place,
    y: Place,
    channels: int,
    rows: Integers,
    columns: Integers,
    lanes: int,
    fill: float = 0.0,
    *,
    double: bool = False,
) -> tuple[Integers, list[object]]:
    """Return the instruction ``y[c, i, j] = x[c, rows[i], columns[j]]`` and what it points to.

    Parameters
    ----------
    x, y : Place
        Row 0, column 0 of both.
    channels : int
    rows, columns : arrays of int
        Where each row and column comes from; `FILL` for none.
    lanes : int
        Floats in a vector.
    fill : float
        What stands where nothing comes from.
    double : bool
        Whether the numbers are of double precision.
    """
    start, stop = _longest_run(columns)
    edges = np.concatenate([columns[:start], columns[stop:]]).astype(np.int64)
    rows = rows.astype(np.int64)
    filling = np.array(fill, np.float64 if double else np.float32)
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "channels": channels,
        "rows": len(rows),
        "row_table": rows.ctypes.data,
        "left": start,
        "body": stop - start,
        "body_start": int(columns[start]) if stop > start else 0,
        "right": len(columns) - stop,
        "column_table": edges.ctypes.data,
        "fill": filling.ctypes.data,
    }
    address = driver(lanes, double=double)["copy"]
    return instruction(address, program.COPY, values), [rows, edges, filling]


def turn(
    x: Place,
    y: Place,
    channels: int,
    rows: Integers,
    columns: Integers,
    lanes: int,
    x_column: int,
    *,
    double: bool = False,
) -> tuple[Integers, list[object]]:
    """Return the instruction that copies as `copy` does where the channels of x come last.

    Parameters
    ----------
    x_column : int
        Floats of x from a column to the next; its channels follow one another.
    """
    rows, columns = rows.astype(np.int64), columns.astype(np.int64)
    filling = np.array(0, np.float64 if double else np.float32)
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "channels": channels,
        "rows": len(rows),
        "row_table": rows.ctypes.data,
        "columns": len(columns),
        "column_table": columns.ctypes.data,
        "x_column": x_column,
        "fill": filling.ctypes.data,
    }
    address = driver(lanes, double=double)["turn"]
    return instruction(address, program.TURN, values), [rows, columns, filling]


def _longest_run(columns: Integers) -> tuple[int, int]:
    """Return the longest stretch of columns that follow one another in the source."""
    follows = (np.diff(columns) == 1) & (columns[1:] != FILL) & (columns[:-1] != FILL)
    starts = np.concatenate([[0], 1 + np.flatnonzero(~follows), [len(columns)]])
    lengths = np.diff(starts)
    lengths[columns[starts[:-1]] == FILL] = 0
    longest = int(np.argmax(lengths))
    start = int(starts[longest])
    return start, start + int(lengths[longest])


def combine(
    kind: str, a: Place, b: Place, y: Place, channels: int, rows: int, columns: int, lanes: int
) -> Integers:
    """Return the instruction ``y = a + b`` ("add"), ``a - b`` ("subtract"), ``a * b`` ("multiply").

    A place whose channel step is 0 is the same plane for every channel.
    """
    values: dict[str, int | Place] = {
        "a": a,
        "b": b,
        "y": y,
        "channels": channels,
        "rows": rows,
        "columns": columns,
    }
    return instruction(elementwise(kind, lanes), program.COMBINE, values)


def activate(
    kind: str,
    x: Place,
    y: Place,
    channels: int,
    rows: int,
    columns: int,
    lanes: int,
    parameters: Floats | None = None,
) -> Integers:
    """Return the instruction that applies a function of `emit.elementwise.FUNCTIONS`.

    `parameters`, those of the function, must outlive the instruction.
    """
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "channels": channels,
        "rows": rows,
        "columns": columns,
        "parameters": 0 if parameters is None else parameters.ctypes.data,
    }
    return instruction(elementwise(kind, lanes), program.ACTIVATE, values)


def transform(
    kind: Transform,
    x: Place,
    y: Place,
    spare: Place,
    *,
    parts: tuple[int, int],
    groups: tuple[int, int],
    counts: tuple[int, int, int],
    limits: tuple[int, int],
    slopes: Floats | None = None,
) -> Integers:
    """Return the instruction that makes rows of y from sums of rows of x.

    Parameters
    ----------
    kind : Transform
    x, y : Place
        The first row of the first group, of both.
    spare : Place
        Scratch memory of a row of y: rows outside the limits go there.
    parts, groups : (int, int)
        Floats from a row of a group to its next, and from a group to the next: of x, and of y.
    counts : (channels, groups, columns)
    limits : (low, high)
        The rows of y that are written, counted over all groups.
    slopes : array, optional
        Those of a "prelu"; they must outlive the instruction.
    """
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "spare": spare,
        "x_part": parts[0],
        "y_part": parts[1],
        "x_group": groups[0],
        "y_group": groups[1],
        "channels": counts[0],
        "groups": counts[1],
        "columns": counts[2],
        "low": limits[0],
        "high": limits[1],
        "slopes": 0 if slopes is None else slopes.ctypes.data,
    }
    return instruction(_transform(kind), program.TRANSFORM, values)


def columns_in(
    kind: ColumnsIn, x: Place, y: Place, *, part: int, channels: int, groups: int
) -> Integers:
    """Return the instruction that makes sums of groups of columns.

    Parameters
    ----------
    kind : ColumnsIn
    x, y : Place
        The first column of the first group; its first sum. Whole vectors are read and written.
    part : int
        Floats from a group's sum to its next.
    channels, groups : int
    """
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "channels": channels,
        "groups": groups,
        "y_part": part,
    }
    return instruction(_columns_in(kind), program.COLUMNS_IN, values)


def columns_out(
    kind: ColumnsOut,
    x: Place,
    y: Place,
    *,
    steps: tuple[int, int],
    counts: tuple[int, int, int],
    limits: tuple[int, int],
    slopes: Floats | None = None,
) -> Integers:
    """Return the instruction that makes groups of columns from products.

    Parameters
    ----------
    kind : ColumnsOut
    x, y : Place
        The first product of the first group; the first output of it.
    steps : (int, int)
        Floats from a product of a group to its next, and from an output phase to the next.
    counts : (channels, rows, groups)
    limits : (low, high)
        The outputs of a row that are written.
    slopes : array, optional
        Those of a "prelu"; they must outlive the instruction.
    """
    values: dict[str, int | Place] = {
        "x": x,
        "y": y,
        "x_part": steps[0],
        "x_phase": steps[1],
        "channels": counts[0],
        "rows": counts[1],
        "groups": counts[2],
        "low": limits[0],
        "high": limits[1],
        "slopes": 0 if slopes is None else slopes.ctypes.data,
    }
    return instruction(_columns_out(kind), program.COLUMNS_OUT, values)

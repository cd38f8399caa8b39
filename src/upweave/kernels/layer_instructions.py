"""The instructions that compute a rectangle of a layer's output: row by row, or flat."""

from dataclasses import dataclass

from upweave.kernels import program
from upweave.kernels.forms import Form
from upweave.kernels.instructions import Integers, Place, driver, instruction
from upweave.kernels.layer import Layer
from upweave.kernels.schedule import Split

Pair = tuple[int, int]
"""(row, column)."""


@dataclass(frozen=True)
class Stack:
    """Pictures one below the other in one buffer.

    Attributes
    ----------
    count : int
    rows : int
        From a picture's first row to the next one's, in the input.
    y_floats : int
        From a picture to the next in the output.
    """

    count: int
    rows: int
    y_floats: int


ALONE = Stack(1, 0, 0)
"""One picture."""


def rows(
    layer: Layer, x: Place, y: Place, first: Pair, size: Pair, groups: range | None = None
) -> list[Integers]:
    """Return the instructions that compute a rectangle of the output, row by row.

    Parameters
    ----------
    x : Place
        Where the input's row 0, column 0 of channel 0 is (or would be).
    y : Place
        Where the first output of the rectangle goes.
    first, size : (row, column) of int
        The rectangle: its first output and its size, both at least 1.
    groups : range, optional
        The groups computed, `x` and `y` being of the first of them; the default is all.
    """
    phase = layer.columns.position(first[1])[1]
    groups = groups or range(layer.groups)
    channel = groups.start * layer.group_outputs
    positions = _width(layer, first, size)
    written = []
    for form in layer.forms:
        values = _nest(form, x, first, size[0], positions, channel) | {
            "groups": len(groups),
            "y": y.moved(form.first - phase),
            "y_group": layer.group_outputs * y.channel,
            "low": phase - form.first,
            "high": phase + size[1] - form.first,
        }
        written.append(
            instruction(driver(layer.lanes, double=layer.double)["rows"], program.ROWS, values)
        )
    return written


def flat(
    layer: Layer,
    x: Place,
    y: Place,
    line: Place,
    first: Pair,
    size: Pair,
    stack: Stack,
    blocks: range,
) -> Integers:
    """Return the instruction that computes a rectangle of some pictures, all its rows in one.

    Parameters
    ----------
    x, y, first, size
        As in `rows`; of the first picture. The layer has one form, and steps of 1.
    line : Place
        Scratch memory: as many channels as a register tile has, `line_floats` each.
    stack : Stack
        How the pictures lie in `x`, and go to `y`.
    blocks : range
        Of the form's blocks of channels: which are computed, in every group.
    """
    phases = len(layer.columns.phases)
    positions = flat_positions(layer, x.row, first, size, stack)
    (form,) = layer.forms
    start, depths = _part(form.blocks(positions), blocks)
    values = _nest(form, x, first, size[0], positions, start) | {
        "y": y.moved(start * y.channel),
        "y_group": layer.group_outputs * y.channel,
        "many_count": depths.many_count,
        "few_count": depths.few_count,
        "line": line,
        "pictures": stack.count,
        "line_picture": stack.rows * x.row * phases,
        "y_picture": stack.y_floats,
        "line_row": x.row * phases,
        "first": layer.columns.position(first[1])[1],
        "width": size[1],
    }
    return instruction(driver(layer.lanes, double=layer.double)["flat"], program.FLAT, values)


def flat_positions(layer: Layer, row: int, first: Pair, size: Pair, stack: Stack) -> int:
    """Return the positions of the long row that takes in every row of a phase.

    Parameters
    ----------
    row : int
        From a row of the input to the next.
    first, size, stack
        As `flat` takes them.
    """
    rows = -(-size[0] // len(layer.rows.phases))
    return ((stack.count - 1) * stack.rows + rows - 1) * row + _width(layer, first, size)


def line_floats(layer: Layer, positions: int) -> int:
    """Return the floats of a channel of the scratch line of `flat`."""
    vectors = -(-positions // layer.lanes)
    return vectors * layer.lanes * len(layer.columns.phases)


def _width(layer: Layer, first: Pair, size: Pair) -> int:
    """Return the input positions of a rectangle's rows."""
    return layer.columns.positions(first[1], size[1])


def _part(blocks: Split, wanted: range) -> tuple[int, Split]:
    """Return the first channel of some of the blocks, and these blocks."""
    many = range(wanted.start, min(wanted.stop, blocks.many_count))
    few = range(max(wanted.start, blocks.many_count), wanted.stop)
    before_many = min(wanted.start, blocks.many_count)
    start = before_many * blocks.many + (wanted.start - before_many) * blocks.few
    return start, Split(len(many), blocks.many, len(few), blocks.few)


def _nest(
    form: Form, x: Place, first: Pair, rows: int, positions: int, channel: int
) -> dict[str, int | Place]:
    """Return what both instructions have of their input, their weights and their loops.

    The first output channel that is computed is `channel`.
    """
    layer = form.layer
    row, first_phase = layer.rows.position(first[0])
    column = layer.columns.position(first[1])[0]
    widths, depths = form.widths(positions), form.blocks(positions)
    packed = form.packed(depths)
    group, first_channel = divmod(channel, layer.group_outputs)
    post_group = layer.group_outputs * form.post_unit * len(layer.rows.phases)
    start = row * layer.rows.step * x.row + column * layer.columns.step
    return {
        "x": x.moved(start + layer.columns.offsets.start),
        "groups": layer.groups,
        "x_group": layer.group_inputs * x.channel,
        "weights_group": layer.group_outputs * form.weights_unit,
        "post_group": post_group,
        "rows": rows,
        "first_phase": first_phase,
        "phase_count": len(layer.rows.phases),
        "phases": form.phase_table.ctypes.data,
        "position_step": layer.rows.step * x.row,
        "row_step": layer.rows.tap_step * x.row,
        "pairs_unit": layer.group_inputs,
        "weights": packed.weights[channel * form.weights_unit :].ctypes.data,
        "weights_unit": form.weights_unit,
        "post": packed.post[group * post_group + first_channel * form.post_unit :].ctypes.data,
        "post_unit": form.post_unit,
        "post_phase": layer.group_outputs * form.post_unit,
        "wide_count": widths.many_count,
        "wide_positions": widths.many * form.unit,
        "narrow_count": widths.few_count,
        "narrow_positions": widths.few * form.unit,
        "column_phases": len(layer.columns.phases),
        "column_step": layer.columns.step,
        "many_count": depths.many_count,
        "many": depths.many,
        "few_count": depths.few_count,
        "few": depths.few,
        **_kernels(form, widths, depths),
    }


def _kernels(form: Form, widths: Split, depths: Split) -> dict[str, int]:
    """Return the addresses of the micro-kernels of every kind of register tile."""
    return {
        f"{width}_{depth}": form.kernel_address(vectors, channels)
        for width, count, vectors in (
            ("wide", widths.many_count, widths.many),
            ("narrow", widths.few_count, widths.few),
        )
        for depth, blocks, channels in (
            ("many", depths.many_count, depths.many),
            ("few", depths.few_count, depths.few),
        )
        if count and blocks
    }

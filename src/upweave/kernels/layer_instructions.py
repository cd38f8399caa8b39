"""The two instructions that compute a rectangle of a layer's output: row by row, or flat."""

from dataclasses import dataclass

from upweave.kernels import program
from upweave.kernels.instructions import Integers, Place, driver, instruction
from upweave.kernels.layer import Layer
from upweave.kernels.schedule import Split, split

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


def rows(
    layer: Layer, x: Place, y: Place, first: Pair, size: Pair, groups: range | None = None
) -> Integers:
    """Return the instruction that computes a rectangle of the output, row by row.

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
    values = _nest(layer, x, first, size[0], _width(layer, first, size), channel) | {
        "groups": len(groups),
        "y": y.moved(-phase),
        "y_group": layer.group_outputs * y.channel,
        "low": phase,
        "high": phase + size[1],
    }
    return instruction(driver(layer.lanes)["rows"], program.ROWS, values)


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
        As in `rows`; of the first picture. The step of `layer.columns` is 1.
    line : Place
        Scratch memory: as many channels as a register tile has, `line_floats` each.
    stack : Stack
        How the pictures lie in `x`, and go to `y`.
    blocks : range
        Of `channel_blocks`: which blocks of every group are computed.
    """
    phases = len(layer.columns.phases)
    positions = flat_positions(layer, x.row, first, size, stack)
    start, depths = _part(channel_blocks(layer, positions), blocks)
    values = _nest(layer, x, first, size[0], positions, start) | {
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
    return instruction(driver(layer.lanes)["flat"], program.FLAT, values)


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


def channel_blocks(layer: Layer, positions: int) -> Split:
    """Return the blocks of a group's output channels, for rows of so many positions."""
    return split(layer.group_outputs, layer.tile(positions).channels)


def _width(layer: Layer, first: Pair, size: Pair) -> int:
    """Return the input positions of a rectangle's rows."""
    phase = layer.columns.position(first[1])[1]
    return -(-(phase + size[1]) // len(layer.columns.phases))


def _part(blocks: Split, wanted: range) -> tuple[int, Split]:
    """Return the first channel of some of the blocks, and these blocks."""
    many = range(wanted.start, min(wanted.stop, blocks.many_count))
    few = range(max(wanted.start, blocks.many_count), wanted.stop)
    before_many = min(wanted.start, blocks.many_count)
    start = before_many * blocks.many + (wanted.start - before_many) * blocks.few
    return start, Split(len(many), blocks.many, len(few), blocks.few)


def _nest(
    layer: Layer, x: Place, first: Pair, rows: int, positions: int, channel: int = 0
) -> dict[str, int | Place]:
    """Return what both instructions have of their input, their weights and their loops.

    The first output channel that is computed is `channel`.
    """
    row, first_phase = layer.rows.position(first[0])
    column = layer.columns.position(first[1])[0]
    widths = split(-(-positions // layer.lanes), layer.tile(positions).vectors)
    depths = channel_blocks(layer, positions)
    packed = layer.packed(depths)
    group, first_channel = divmod(channel, layer.group_outputs)
    post_group = layer.group_outputs * layer.post_unit * len(layer.rows.phases)
    start = row * layer.rows.step * x.row + column * layer.columns.step
    return {
        "x": x.moved(start + layer.columns.offsets.start),
        "groups": layer.groups,
        "x_group": layer.group_inputs * x.channel,
        "weights_group": layer.group_outputs * layer.weights_unit,
        "post_group": post_group,
        "rows": rows,
        "first_phase": first_phase,
        "phase_count": len(layer.rows.phases),
        "phases": layer.phase_table.ctypes.data,
        "position_step": layer.rows.step * x.row,
        "row_step": layer.rows.tap_step * x.row,
        "pairs_unit": layer.group_inputs,
        "weights": packed.weights[channel * layer.weights_unit :].ctypes.data,
        "weights_unit": layer.weights_unit,
        "post": packed.post[group * post_group + first_channel * layer.post_unit :].ctypes.data,
        "post_unit": layer.post_unit,
        "post_phase": layer.group_outputs * layer.post_unit,
        "wide_count": widths.many_count,
        "wide_positions": widths.many * layer.lanes,
        "narrow_count": widths.few_count,
        "narrow_positions": widths.few * layer.lanes,
        "column_phases": len(layer.columns.phases),
        "column_step": layer.columns.step,
        "many_count": depths.many_count,
        "many": depths.many,
        "few_count": depths.few_count,
        "few": depths.few,
        **_kernels(layer, widths, depths),
    }


def _kernels(layer: Layer, widths: Split, depths: Split) -> dict[str, int]:
    """Return the addresses of the micro-kernels of every kind of register tile."""
    return {
        f"{width}_{depth}": layer.kernel_address(vectors, channels)
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

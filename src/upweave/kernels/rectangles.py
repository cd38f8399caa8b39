"""Programs that compute a rectangle of a slab's outputs: its input copied into scratch, then it.

Where rows fill their vectors, the rectangle is of one picture and computed row by row. On small
maps it is all of some pictures (images of the batch, or depths of a volume), computed flat.
"""

from dataclasses import dataclass

import numpy as np

from upweave.kernels import instructions, layer_instructions, program
from upweave.kernels.filter_instructions import filtered, scratch_of
from upweave.kernels.instructions import Integers, Place
from upweave.kernels.layer import Layer
from upweave.kernels.layer_instructions import Pair, Stack
from upweave.kernels.slabs import Slab
from upweave.kernels.tiles import row_step, to_line
from upweave.kernels.winograd import LayerFilter


@dataclass(frozen=True)
class Picture:
    """Where a picture's planes lie: for each tap along the depth, floats from the input's start.

    None stands for a plane outside the input.
    """

    planes: tuple[int | None, ...]


@dataclass(frozen=True)
class Rectangle:
    """Outputs of some pictures that lie one after the other.

    Attributes
    ----------
    first, size : (row, column) of int
    pictures : tuple of Picture
    groups : range
        Of channels.
    """

    first: Pair
    size: Pair
    pictures: tuple[Picture, ...]
    groups: range


@dataclass(frozen=True)
class Volume:
    """How a slab's input and output lie in memory.

    Attributes
    ----------
    x_size, y_size : (row, column) of int
    x_channel, x_row, x_column : int
        Floats of the input from a channel, row or column to the next; where channels come last,
        `x_channel` is 1.
    y_channel, y_picture : int
        Floats of the output from a channel, or a picture, to the next.
    """

    x_size: Pair
    y_size: Pair
    x_channel: int
    x_row: int
    x_column: int
    y_channel: int
    y_picture: int


@dataclass(frozen=True, eq=False)
class Program:
    """Instructions, the floats of their three scratch buffers, and what they point to."""

    rows: Integers
    scratch: tuple[int, int, int]
    keep: list[object]


def by_rows(slab: Slab, volume: Volume, rectangle: Rectangle) -> Program:
    """Return the program of a rectangle of one picture, row by row."""
    layer = slab.layer
    assert layer is not None
    spans = [
        axis.needs(start, start + extent)
        for axis, start, extent in zip(
            (layer.rows, layer.columns), rectangle.first, rectangle.size, strict=True
        )
    ]
    (top, bottom), (left, right) = spans
    ahead = to_line(max(0, -left))
    row = row_step(ahead + right - left)
    tile = Place(program.SCRATCH, ahead, row * (bottom - top), row)
    copies, keep = _gather(slab, volume, rectangle, tile, spans, bottom - top)
    compute = layer_instructions.rows(
        layer,
        tile.moved(-top * row - left),
        _target(layer, volume, rectangle),
        rectangle.first,
        rectangle.size,
        rectangle.groups,
    )
    channels = layer.group_inputs * len(rectangle.groups)
    floats = ahead + channels * tile.channel + 2 * layer.lanes * layer.columns.step
    return Program(np.stack([*copies, *compute]), (floats, 0, 0), [layer, keep])


def by_filter(
    slab: Slab, volume: Volume, rectangle: Rectangle, by: LayerFilter, channels: range
) -> Program:
    """Return the program of some channels of a rectangle, by minimal filters."""
    first, size, count = rectangle.first, rectangle.size, len(rectangle.pictures)
    part = by.part(channels)
    layer = part.layer
    spans = list(part.needs(first, size))
    (top, bottom), (left, right) = spans
    positions = part.positions(first[1], size[1])
    pitch = part.pitch(_shared(left, right, volume.x_size[1], positions))
    # where sums of columns are taken from the rows themselves, these lie at the pitch of sums
    ahead = to_line(max(0, -left))
    row = pitch if part.rows.is_trivial else row_step(ahead + right - left)
    rows = bottom - top
    tile = Place(program.SCRATCH, ahead, row * rows * count, row)
    copies, keep = _gather(slab, volume, rectangle, tile, spans, rows)
    target = _target(layer, volume, rectangle)
    compute = filtered(
        part,
        tile.moved(-top * row - left),
        target.moved(channels.start * target.channel),
        first,
        size,
        program.SCRATCH + 1,
        pitch,
        Stack(count, rows, volume.y_picture),
    )
    floats = ahead + layer.in_channels * tile.channel + right - left + part.slack
    scratch = scratch_of(part, first, size, pitch, count)
    return Program(np.stack([*copies, *compute]), (floats, *scratch), [part, keep])


@dataclass(frozen=True)
class FlatForm:
    """How a flat rectangle lies in scratch memory: the margins between rows are shared.

    Attributes
    ----------
    row, rows : int
        Floats from a row to the next; rows from a picture to the next.
    positions : int
        Of the long row.
    channel : int
        Floats from a channel to the next.
    """

    row: int
    rows: int
    positions: int
    channel: int


def flat_form(slab: Slab, volume: Volume, rectangle: Rectangle) -> FlatForm:
    """Return how a flat rectangle lies in scratch memory."""
    layer = slab.layer
    assert layer is not None
    first, size, count = rectangle.first, rectangle.size, len(rectangle.pictures)
    row, rows = (
        _shared(*axis.needs(start, start + extent), held, axis.positions(start, extent))
        for axis, start, extent, held in zip(
            (layer.columns, layer.rows), first[::-1], size[::-1], volume.x_size[::-1], strict=True
        )
    )
    positions = layer_instructions.flat_positions(layer, row, first, size, Stack(count, rows, 0))
    top, bottom = layer.rows.needs(first[0], first[0] + size[0])
    return FlatForm(row, rows, positions, row_step(((count - 1) * rows + bottom - top) * row))


def flat(slab: Slab, volume: Volume, rectangle: Rectangle, blocks: range) -> Program:
    """Return the program of some blocks of channels of a rectangle, its rows in one."""
    layer = slab.layer
    assert layer is not None
    form = flat_form(slab, volume, rectangle)
    first, size = rectangle.first, rectangle.size
    spans = [
        axis.needs(start, start + extent)
        for axis, start, extent in zip((layer.rows, layer.columns), first, size, strict=True)
    ]
    (top, _), (left, _) = spans
    tile = Place(program.SCRATCH, 0, form.channel, form.row)
    copies, keep = _gather(slab, volume, rectangle, tile, spans, form.rows)
    depths = layer.forms[0].blocks(form.positions)
    line_channel = layer_instructions.line_floats(layer, form.positions)
    line = Place(program.SCRATCH + 1, 0, line_channel, 0)
    compute = layer_instructions.flat(
        layer,
        tile.moved(-top * form.row - left),
        _target(layer, volume, rectangle),
        line,
        first,
        size,
        Stack(len(rectangle.pictures), form.rows, volume.y_picture),
        blocks,
    )
    floats = layer.in_channels * form.channel + form.row + 2 * layer.lanes
    line_total = line_channel * max(depths.many, depths.few)
    return Program(np.stack([*copies, compute]), (floats, line_total, 0), [layer, keep])


def _shared(low: int, high: int, held: int, positions: int) -> int:
    """Return the least step from a row (or picture) to the next at which margins may overlap.

    The zeros after one row then serve as the zeros before the next.

    Parameters
    ----------
    low, high : int
        The inputs that are read.
    held : int
        How many there are, from 0 on.
    positions : int
        That are computed.
    """
    inside = min(high, held) - max(low, 0)
    if inside <= 0:
        return max(high - low, positions)
    return max(inside + max(0, -low, high - held), positions)


def _gather(
    slab: Slab,
    volume: Volume,
    rectangle: Rectangle,
    tile: Place,
    spans: list[Pair],
    picture_rows: int,
) -> tuple[list[Integers], list[object]]:
    """Return the copies of what a rectangle reads, for every picture and tap along the depth."""
    layer = slab.layer
    assert layer is not None
    (top, bottom), (left, right) = spans
    taps = len(slab.offsets)
    channels = layer.group_inputs // taps  # a group has in the input
    rows = inside(top, bottom, volume.x_size[0])
    columns = inside(left, right, volume.x_size[1])
    copies: list[Integers] = []
    keep: list[object] = []
    for n, picture in enumerate(rectangle.pictures):
        for t, plane in enumerate(picture.planes):
            target = Place(tile.buffer, tile.offset, taps * tile.channel, tile.row).moved(
                t * tile.channel + n * picture_rows * tile.row
            )
            x = Place(program.INPUT, plane or 0, volume.x_channel, volume.x_row)
            x = x.moved(rectangle.groups.start * channels * x.channel)
            sources = rows if plane is not None else np.full_like(rows, instructions.FILL)
            count, lanes = len(rectangle.groups) * channels, layer.lanes
            if volume.x_column == 1:
                row, held = instructions.copy(
                    x, target, count, sources, columns, lanes, double=layer.double
                )
            else:
                row, held = instructions.turn(
                    x, target, count, sources, columns, lanes, volume.x_column, double=layer.double
                )
            copies.append(row)
            keep.append(held)
    return copies, keep


def _target(layer: Layer, volume: Volume, rectangle: Rectangle) -> Place:
    channel = rectangle.groups.start * layer.group_outputs
    start = rectangle.first[0] * volume.y_size[1] + rectangle.first[1]
    return Place(
        program.OUTPUT, channel * volume.y_channel + start, volume.y_channel, volume.y_size[1]
    )


def inside(start: int, stop: int, size: int) -> Integers:
    """Return the indices ``start … stop - 1``, those outside ``0 … size - 1`` as `FILL`.

    Examples
    --------
    >>> inside(-1, 3, 2).tolist() == [instructions.FILL, 0, 1, instructions.FILL]
    True
    """
    indices = np.arange(start, stop)
    return np.where((indices >= 0) & (indices < size), indices, instructions.FILL)

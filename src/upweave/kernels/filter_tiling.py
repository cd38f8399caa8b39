"""Which tiles the output of a layer is cut into where minimal filters compute it."""

import math
from dataclasses import dataclass

from upweave.kernels.pictures import Pictures
from upweave.kernels.schedule import COPY_CYCLES, TILES_PER_THREAD
from upweave.kernels.winograd import LayerFilter

_LINE_CYCLES = 20  # of beginning a row, of minimal filters
_INTO_CYCLES, _OUT_CYCLES = 8.5, 3.0  # of a vector of sums, of one of products or outputs
_COLUMNS_IN, _COLUMNS_OUT = 6.0, 6.0  # of a vector of sums of columns, of products or outputs
_NEAR = 1 << 17  # floats of a tile that a near cache holds
_FARTHER = 0.5  # what sums and products cost more, with every doubling of these


@dataclass(frozen=True)
class FilterTiles:
    """Tiles of whole groups of rows, computed by minimal filters.

    Attributes
    ----------
    pictures, groups, columns, channels : int
        The pictures a tile, the groups of rows of each, and columns and channels of output.
    """

    pictures: int
    groups: int
    columns: int
    channels: int


def choose_filter_tiles(pictures: Pictures, by: LayerFilter, threads: int) -> FilterTiles:
    """Choose the tiles of least estimated time, for so many threads."""
    layer, (height, width) = by.layer, pictures.size
    groups = len(by.rows.groups(0, height))
    stride = len(layer.columns.phases)
    positions = -(-width // stride)
    halo = len(layer.columns.offsets) - 1

    def seconds(tile: FilterTiles) -> float:
        stacks = pictures.count // pictures.consecutive
        count = stacks * -(-pictures.consecutive // tile.pictures) * -(-groups // tile.groups)
        count *= -(-width // tile.columns) * -(-layer.out_channels // tile.channels)
        idle = -(-count // threads) * threads / count if count < threads * TILES_PER_THREAD else 1.0
        # the zeros between rows are shared where a tile has whole rows
        shared = halo // 2 if tile.columns == width else halo
        return count * idle * _filter_cycles(by, tile, shared)

    candidates = [
        FilterTiles(
            p, g, min(width, stride * -(-positions // parts)), -(-layer.out_channels // shares)
        )
        for p in _powers(pictures.consecutive)
        for g in _powers(groups)
        for parts in (1, 2, 4, 8)
        for shares in (1, 2, 4, 8)
    ]
    return min(candidates, key=seconds)


def _powers(most: int) -> list[int]:
    """Return the powers of 2 below a number, and the number."""
    return [1 << n for n in range(most.bit_length()) if 1 << n < most] + [most]


def _filter_cycles(by: LayerFilter, tile: FilterTiles, halo: int) -> float:
    """Estimate the cycles of a tile of minimal filters.

    `halo` is how many more columns of the input than positions a row takes.
    """
    layer, products = by.layer, by.products
    inputs, column_phases = by.rows.filter.inputs, len(layer.columns.phases)
    channels = by.rows.phases * min(tile.channels, layer.out_channels)
    share = channels / (by.rows.phases * layer.out_channels)
    rows, wide = tile.pictures * tile.groups, by.pitch(-(-tile.columns // column_phases) + halo)
    long = rows * wide // max(1, by.group[1])  # of products
    vectors = -(-wide // layer.lanes)
    held = tile.groups * by.rows.outputs + by.rows.window.taps - 1
    lines = tile.pictures * held * layer.in_channels
    middle = products.groups * share * sum(form.row_cycles(long) for form in products.forms)
    passed = lines * (COPY_CYCLES * wide + 2 * _LINE_CYCLES)
    floats = wide * lines
    if not by.rows.is_trivial:
        sums = rows * layer.in_channels * inputs
        outputs = rows * channels * (inputs + by.rows.outputs)
        passed += sums * _INTO_CYCLES * vectors
        passed += outputs * (_OUT_CYCLES * column_phases * vectors + _LINE_CYCLES)
        floats += wide * (sums + rows * channels * column_phases * inputs)
    if by.columns is not None:
        n, outs = by.columns.filter.inputs, channels * column_phases
        terms = layer.in_channels * n * _COLUMNS_IN + outs * (n + by.group[1]) * _COLUMNS_OUT
        passed += inputs * -(-long // layer.lanes) * terms
        floats += long * n * (layer.in_channels + outs)  # of one sum of rows at a time
    return float(middle + passed * (1 + _FARTHER * max(0.0, math.log2(floats / _NEAR))))

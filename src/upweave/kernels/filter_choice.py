"""Whether minimal filters compute a layer, and how many positions together: by estimates of work.

That follows from the layer (and, where it is known, from the size of its output) alone: never from
tiles, threads or lanes, so that these change no bit.
"""

from itertools import product

import numpy as np

from upweave.kernels.axis_filter import AxisFilter, window
from upweave.kernels.layer import Layer
from upweave.kernels.layer_instructions import Pair
from upweave.kernels.schedule import Axis

NONE: Pair = (0, 0)
"""By the definition."""
TAPS = range(2, 6)
"""How many inputs a position may read along an axis that is filtered."""
ROWS, COLUMNS = (2, 3, 4), 4
"""Rows and columns of positions a group; a power of 2 of columns takes few shuffles."""
_ROWS = 4  # a group, in networks
_LANES = 16  # for which costs are estimated, whatever the machine's
_READ = 3.0  # cycles to read a weight
FEWEST = 8  # input channels: with fewer, little is gained
_GAIN, _GAIN_OF_COLUMNS = 0.85, 0.8  # of the cycles, so that estimates may be a little off
_LARGEST = 1e30  # sums of larger weights or biases might not be finite
_AROUND = 2.0  # cycles a sum, of a register tile beside its loop
_INTO, _OUT = 8.0, 4.0  # cycles a row of the sums, and of the products or outputs
_COLUMNS_IN, _COLUMNS_OUT = 16.0, 16.0  # cycles a sum of columns, and a product or output of them


def choose_group(layer: Layer) -> int:
    """Choose how many rows of positions to compute together; 0 for none: by the definition.

    That depends on the layer alone, so it is the same for every picture and tile. In a network,
    groups of columns would make every layer of a tile wider than its output by up to a group.
    """
    group = (_ROWS, 0)
    gains = group in groups_of(layer) and _filter_cost(layer, group) < _GAIN * _direct_cost(layer)
    return _ROWS if gains else 0


def choose_group_for(layer: Layer, size: Pair, count: int) -> Pair:
    """Choose how many rows and columns to compute together, for pictures of output of a size.

    That depends on neither threads nor lanes, so it is the same everywhere.
    """
    (height, width), phases = size, len(layer.rows.phases)
    columns = -(-width // len(layer.columns.phases))
    halo, rows = len(layer.columns.offsets) - 1, -(-height // phases)
    full = min(-(-columns // _LANES) * _LANES * rows, (columns + halo) * (rows + halo))
    direct = count * full * _direct_cost(layer) / _LANES + layer.weights.size * _READ

    def cost(group: Pair) -> float:
        row_groups = len(AxisFilter(layer.rows, group[0]).groups(0, height))
        wide = columns + halo
        if group[1]:
            wide = (len(AxisFilter(layer.columns, group[1]).groups(0, width)) + 1) * group[1]
        positions = row_groups * group[0] * wide
        weights = _products(layer, group) / _taps(layer, group) * layer.weights.size
        return count * positions * _filter_cost(layer, group) / _LANES + weights * _READ

    choices = [group for group in groups_of(layer) if group[0] > 1 or height == 1]
    chosen, least = NONE, direct
    for with_columns, gain in ((False, _GAIN), (True, _GAIN_OF_COLUMNS)):
        some = [group for group in choices if bool(group[1]) == with_columns]
        best = min(some, key=cost, default=NONE)
        if some and cost(best) < gain * least:
            chosen, least = best, cost(best)
    return chosen


def groups_of(layer: Layer) -> list[Pair]:
    """Return all groups by which minimal filters can compute a layer; in doubles, none."""
    strided = layer.rows.step > 1 or layer.columns.step > 1
    small = all((np.abs(numbers) < _LARGEST).all() for numbers in (layer.weights, layer.bias))
    if layer.double or layer.groups > 1 or layer.in_channels < FEWEST or strided or not small:
        return []
    rows: tuple[int, ...] = ()
    if layer.rows.is_line:
        rows = (1,)
    elif _is_filtered(layer.rows):
        rows = ROWS
    columns = (0, COLUMNS) if _is_filtered(layer.columns) else (0,)
    return [group for group in product(rows, columns) if group != (1, 0)]


def _is_filtered(axis: Axis) -> bool:
    """Tell whether there are filters for an axis: for few taps that leave out no inputs."""
    spaced = any(len(phase.offsets) > 1 for phase in axis.phases) and abs(axis.tap_step) != 1
    return not spaced and window(axis).taps in TAPS


def _taps(layer: Layer, group: Pair) -> int:
    """Return the taps of the windows of the axes that are filtered."""
    columns = window(layer.columns).taps if group[1] else 1
    return window(layer.rows).taps * columns


def _products(layer: Layer, group: Pair) -> int:
    """Return the products of a group, for each of the kernel columns that stay."""
    rows = group[0] + window(layer.rows).taps - 1
    return rows * (group[1] + window(layer.columns).taps - 1) if group[1] else rows


def _direct_cost(layer: Layer) -> float:
    """Return the cycles of a vector of positions by the definition."""
    return float(layer.weights.size + _AROUND * layer.bias.size)


def _filter_cost(layer: Layer, group: Pair) -> float:
    """Return the cycles of a vector of positions by minimal filters."""
    inputs, outputs, _, columns = layer.weights.shape[1:]
    rows = (group[0] + window(layer.rows).taps - 1) / group[0]  # of sums, a position
    total = layer.bias.size
    cost = 0.0
    if group[0] > 1:
        cost += _INTO * rows * inputs + _OUT * (rows + 1) * total
    if not group[1]:
        terms = inputs * outputs * len(layer.rows.phases) * columns
        return float(cost + rows * (terms + _AROUND * total))
    sums = (group[1] + window(layer.columns).taps - 1) / group[1]
    cost += rows * sums * (inputs * total + _AROUND * total)
    cost += rows * (_COLUMNS_IN * sums * inputs + _COLUMNS_OUT * (sums + 1) * total)
    return float(cost)

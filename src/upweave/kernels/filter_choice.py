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
GROUPS = {2: (3, 4, 5), 3: (2, 3, 4), 4: (2, 3, 4), 5: (2, 3, 4)}
"""Rows of positions a group, by the taps that reach a position."""
COLUMN_GROUPS = {2: (4, 2), 3: (4, 2), 4: (4, 2), 5: (4,)}
"""Columns of positions a group: powers of 2, which are taken apart in the fewest shuffles."""
_OF_NETWORKS = ((4, 0), (4, 4))
_LANES = 16  # for which costs are estimated, whatever the machine's
_READ = 1.0  # cycles to read a weight
FEWEST = 8  # input channels: with fewer, little is gained
_GAIN = 0.9  # of the cycles, so that estimates may be a little off
_LARGEST = 1e30  # sums of larger weights or biases might not be finite
_AROUND = 2.0  # cycles a sum, of a register tile beside its loop
_INTO, _OUT = 5.0, 2.4  # cycles a row of the sums, and of the products or outputs
_COLUMNS_IN, _COLUMNS_OUT = 6.0, 6.0  # cycles a sum of columns, and a product or output of them


def choose_group(layer: Layer) -> Pair:
    """Choose how many rows and columns of positions to compute together; `NONE`: by the definition.

    That depends on the layer alone, so it is the same for every picture and tile.
    """
    choices = [group for group in groups_of(layer) if group in _OF_NETWORKS]
    best = min(choices, key=lambda group: _filter_cost(layer, group), default=NONE)
    return best if any(best) and _filter_cost(layer, best) < _GAIN * _direct_cost(layer) else NONE


def choose_group_for(layer: Layer, size: Pair, count: int) -> Pair:
    """Choose as `choose_group` does, for so many pictures of output of a size.

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

    choices = [g for g in groups_of(layer) if g[0] > 1 or height == 1]
    best = min(choices, key=cost, default=NONE)
    return best if any(best) and cost(best) < _GAIN * direct else NONE


def groups_of(layer: Layer) -> list[Pair]:
    """Return all groups by which minimal filters can compute a layer."""
    strided = layer.rows.step > 1 or layer.columns.step > 1
    small = all((np.abs(numbers) < _LARGEST).all() for numbers in (layer.weights, layer.bias))
    if layer.groups > 1 or layer.in_channels < FEWEST or strided or not small:
        return []
    rows: tuple[int, ...] = ()
    if layer.rows.is_line:
        rows = (1,)
    elif not _is_spaced(layer.rows):
        rows = GROUPS.get(window(layer.rows).taps, ())
    columns: tuple[int, ...] = (0,)
    if not _is_spaced(layer.columns):
        columns += COLUMN_GROUPS.get(window(layer.columns).taps, ())
    return [group for group in product(rows, columns) if group != (1, 0)]


def _is_spaced(axis: Axis) -> bool:
    """Tell whether the taps of a phase leave out inputs."""
    return any(len(phase.offsets) > 1 for phase in axis.phases) and abs(axis.tap_step) != 1


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

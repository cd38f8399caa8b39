"""Whether minimal filters compute a layer, and how many rows together: by estimates of the work.

That follows from the layer (and, where it is known, from the size of its output) alone: never from
tiles, threads or lanes, so that these change no bit.
"""

import numpy as np

from upweave.kernels.layer import Layer
from upweave.kernels.layer_instructions import Pair
from upweave.kernels.winograd import RowFilter, window

_ROWS = 4
GROUPS = {2: (3, 4, 5), 3: (2, 3, 4), 4: (2, 3, 4), 5: (2, 3, 4)}  # rows a group, by taps
_LANES = 16  # for which costs are estimated, whatever the machine's
_READ = 1.0  # cycles to read a weight
FEWEST = 8  # input channels: with fewer, little is gained
_GAIN = 0.9  # of the cycles, so that estimates may be a little off
_LARGEST = 1e30  # sums of larger weights or biases might not be finite
_AROUND = 2.0  # cycles a sum, of a register tile beside its loop
_INTO, _OUT = 5.0, 2.4  # cycles a row of the sums, and of the products or outputs


def choose_group(layer: Layer) -> int:
    """Choose how many rows of positions to compute together; 0 for none: by the definition.

    That depends on the layer alone, so it is the same for every picture and tile.
    """
    if not can_be_filtered(layer):
        return 0
    gains = _filter_cost(layer, window(layer.rows).taps, _ROWS) < _GAIN * _direct_cost(layer)
    return _ROWS if gains else 0


def choose_group_for(layer: Layer, size: Pair, count: int) -> int:
    """Choose as `choose_group` does, for so many pictures of output of a size.

    That depends on neither threads nor lanes, so it is the same everywhere.
    """
    if not can_be_filtered(layer):
        return 0
    (height, width), phases = size, len(layer.rows.phases)
    columns = -(-width // len(layer.columns.phases))
    halo, rows = len(layer.columns.offsets) - 1, -(-height // phases)
    full = min(-(-columns // _LANES) * _LANES * rows, (columns + halo) * (rows + halo))
    direct = count * full * _direct_cost(layer) / _LANES + layer.weights.size * _READ
    taps = window(layer.rows).taps

    def cost(group: int) -> float:
        positions = len(RowFilter(layer, group).groups(0, height)) * group * (columns + halo)
        weights = (group + taps - 1) / taps * layer.weights.size
        return count * positions * _filter_cost(layer, taps, group) / _LANES + weights * _READ

    best = min(GROUPS[taps], key=cost)
    return best if cost(best) < _GAIN * direct else 0


def can_be_filtered(layer: Layer) -> bool:
    """Tell whether minimal filters compute a layer at all."""
    axis = layer.rows
    spaced = any(len(phase.offsets) > 1 for phase in axis.phases) and abs(axis.tap_step) != 1
    strided = axis.step > 1 or layer.columns.step > 1
    if layer.groups > 1 or layer.in_channels < FEWEST or strided or spaced:
        return False
    small = all((np.abs(numbers) < _LARGEST).all() for numbers in (layer.weights, layer.bias))
    return window(axis).taps in GROUPS and small


def _direct_cost(layer: Layer) -> float:
    """Return the cycles of a vector of positions by the definition."""
    return float(layer.weights.size + _AROUND * layer.bias.size)


def _filter_cost(layer: Layer, taps: int, rows: int) -> float:
    """Return the cycles of a vector of positions by minimal filters."""
    products = (rows + taps - 1) / rows  # a position, for each of the layer's kernel columns
    inputs, outputs, _, columns = layer.weights.shape[1:]
    terms = inputs * outputs * len(layer.rows.phases) * columns
    around = (_AROUND * products + _OUT * (products + 1)) * layer.bias.size
    return float(products * terms + _INTO * products * inputs + around)

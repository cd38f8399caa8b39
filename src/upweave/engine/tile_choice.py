"""How large the tiles of a network are: by estimates of the work with its halos."""

import math

import numpy as np

from upweave.engine.extent import AxisExtent, axis_extent
from upweave.engine.graph import Activate, Convolve, Graph, Size
from upweave.kernels.instructions import Integers

_OUTSIDE = 8  # rows that a whole group may lie outside the picture
_STEP = 8  # input rows a step, whole groups; between 4 and 12 the speed hardly differs
_MOST_STEP = 64  # of a small tensor, some steps then bring no new row
_DISPATCH = 2e-6  # what a tile costs beside its work, in seconds of a core
_RATE = 5e10  # multiply-adds a second of a core, roughly
_SCRATCH = 32 << 20  # bytes of scratch memory a thread
_SLOWED = 256 << 20  # bytes that would double a tile's time: it leaves the caches little by little
_EXPONENTIAL = 20  # multiply-adds that a sigmoid takes as long as
_PARTS = 96  # a picture is cut into fewer parts than these, an axis


def whole(count: int, unit: int) -> int:
    """Round up to a multiple."""
    return -(-count // unit) * unit


def rows_a_step(graph: Graph) -> int:
    """Return the input rows a step."""
    return min(whole(_STEP, graph.unit(0)), _MOST_STEP)


def choose_tile(graph: Graph, size: Size, batch: int, threads: int) -> Size:
    """Choose the tile whose picture is done first, by an estimate of the work with its halos.

    `size` is that of the output in input pixels, as tiles are. Tiles that take too much scratch
    memory come last.
    """
    margins = _margins(graph, 0), _margins(graph, 1)
    held = _rows_held(graph)
    heights, widths = (
        np.array(sorted({whole(-(-n // parts), graph.unit(axis)) for parts in range(1, _PARTS)}))
        for axis, n in enumerate(size)
    )

    def extents(axis: int, tensor: str, pixels: Integers) -> Integers:
        scale = graph.scales(axis)[tensor]
        most = math.ceil(size[axis] * scale) + _OUTSIDE
        covered = -(-pixels * scale.numerator // scale.denominator)
        return np.minimum(covered + margins[axis][tensor], most)

    seconds, scratch = np.full((len(heights), len(widths)), _DISPATCH), np.zeros(len(widths))
    for tensor, cost in _costs(graph).items():
        if tensor not in margins[0] or tensor not in margins[1]:
            continue  # cropped away where a tile lies far from the edges
        # a row's last vector is computed whole
        columns = -(-extents(1, tensor, widths) // 16) * 16
        seconds += np.outer(extents(0, tensor, heights), columns) * (cost / _RATE)
        scratch += 4 * graph.channels[tensor] * held[tensor] * columns
    count = batch * np.outer(-(-size[0] // heights), -(-size[1] // widths))
    # the last tile leaves the other threads idle, for half its time on average
    rounds = np.maximum(1.0, count / threads + np.where(count % threads, 0.5, 0.0))
    price = rounds * seconds * (1 + scratch / _SLOWED)
    too_large = np.broadcast_to(scratch > _SCRATCH, price.shape)
    best = np.lexsort((price.ravel(), too_large.ravel()))[0]
    row, column = np.unravel_index(best, price.shape)
    return int(heights[row]), int(widths[column])


def _margins(graph: Graph, axis: int) -> dict[str, int]:
    """Return how many more indices of every tensor a tile computes than its share."""
    unit, scales = graph.unit(axis), graph.scales(axis)
    extent = whole(64, unit)  # the margins are those of any extent
    return {
        name: held.new[0][1] - held.new[0][0] - int(extent * scales[name])
        for name, held in _far_from_edges(graph, axis, extent, extent).tensors
    }


def _rows_held(graph: Graph) -> dict[str, int]:
    """Return how many rows of every tensor a tile of many steps holds at once."""
    step = rows_a_step(graph)
    tile = _far_from_edges(graph, 0, whole(8 * step, graph.unit(0)), step)
    return {name: held.capacity for name, held in tile.tensors}


def _far_from_edges(graph: Graph, axis: int, extent: int, step: int) -> AxisExtent:
    """Return the extents of a tile in the midst of a large picture."""
    far = graph.unit(axis) << 20
    scales = graph.scales(axis)
    roomy = {name: int(2 * far * factor) for name, factor in scales.items()}
    scale = scales[graph.output]
    wanted = int(far * scale), int((far + extent) * scale)
    return axis_extent(graph, axis, roomy, wanted, max(1, int(step * scale)), far)


def _costs(graph: Graph) -> dict[str, float]:
    """Return the multiply-adds an element row and column of every tensor that is computed."""
    costs: dict[str, float] = {}
    for op in graph.operations:
        cost = float(graph.channels[op.y])
        if isinstance(op, Convolve):
            cost += op.multiply_adds()
        elif isinstance(op, Activate) and op.activation.kind in ("sigmoid", "tanh"):
            cost *= _EXPONENTIAL
        costs[op.y] = costs.get(op.y, 0.0) + cost
    return costs

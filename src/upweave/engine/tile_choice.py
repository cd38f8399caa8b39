"""How large the tiles of a network are: by estimates of the work with its halos."""

import math
from functools import cache

from upweave.engine.extent import AxisExtent, axis_extent
from upweave.engine.graph import Activate, Convolve, Graph, Size

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
    scales = graph.scales(0), graph.scales(1)
    costs = _costs(graph)
    heights, widths = (
        sorted({whole(-(-n // parts), graph.unit(axis)) for parts in range(1, _PARTS)})
        for axis, n in enumerate(size)
    )

    @cache
    def extent(axis: int, tensor: str, pixels: int) -> int:
        scale = scales[axis][tensor]
        most = math.ceil(size[axis] * scale) + _OUTSIDE
        return min(math.ceil(pixels * scale) + margins[axis][tensor], most)

    def price(tile: Size) -> tuple[bool, float]:
        seconds, scratch = _DISPATCH, 0
        for tensor, cost in costs.items():
            if tensor not in margins[0] or tensor not in margins[1]:
                continue  # cropped away where a tile lies far from the edges
            # a row's last vector is computed whole
            width = -(-extent(1, tensor, tile[1]) // 16) * 16
            seconds += extent(0, tensor, tile[0]) * width * cost / _RATE
            scratch += 4 * graph.channels[tensor] * held[tensor] * width
        count = batch * -(-size[0] // tile[0]) * -(-size[1] // tile[1])
        # the last tile leaves the other threads idle, for half its time on average
        rounds = max(1.0, count / threads + (0.5 if count % threads else 0.0))
        return scratch > _SCRATCH, rounds * seconds * (1 + scratch / _SLOWED)

    return min(((h, w) for h in heights for w in widths), key=price)


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

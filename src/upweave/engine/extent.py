"""Along one axis: which indices of every tensor a tile computes, step by step, and keeps.

A tile of output is computed in steps of a few rows. Each step computes, of every tensor, just the
rows that are new: what later rows of its consumers still need is carried along, so nothing is
computed twice. Columns are the same with a single step.

All indices here count from the tile's origin, so two tiles of the same shape and the same relation
to the picture's edges have equal extents, and share one program.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from upweave.engine.graph import EMPTY, Graph, Pad, Range
from upweave.kernels.axis_filter import Grid
from upweave.kernels.instructions import FILL, Integers


@dataclass(frozen=True)
class TensorExtent:
    """What a tile holds of one tensor, along one axis.

    Attributes
    ----------
    new : tuple of Range
        A step: the indices that come in; those outside the picture are zeros.
    real : tuple of Range
        A step: the new indices inside the picture.
    base : tuple of int
        A step: the first index still needed.
    """

    new: tuple[Range, ...]
    real: tuple[Range, ...]
    base: tuple[int, ...]

    @cached_property
    def capacity(self) -> int:
        """The most indices held at once."""
        return max((stop - base for (_, stop), base in zip(self.new, self.base, strict=True)))

    def shape(self, step: int) -> tuple[int, ...]:
        """Return what comes in and how far the tensor moves, from the first index still needed."""
        base = self.base[step]
        ends = (*self.new[step], *(() if self.real[step] == EMPTY else self.real[step]))
        moved = base - self.base[step - 1] if step else 0
        return moved, *(end - base for end in ends)


@dataclass(frozen=True)
class AxisExtent:
    """All tensors' extents, and where the rows or columns of every `Pad` come from.

    Attributes
    ----------
    tensors : tuple of (str, TensorExtent)
        Those that the tile needs.
    sources : tuple of (str, tuple of Sources)
        For the result of every `Pad`, a step.
    """

    tensors: tuple[tuple[str, TensorExtent], ...]
    sources: tuple[tuple[str, tuple["Sources", ...]], ...]

    @cached_property
    def of(self) -> dict[str, TensorExtent]:
        """The extents by the tensors' names."""
        return dict(self.tensors)

    def shape(self, step: int) -> tuple[object, ...]:
        """Return what a step does, wherever it lies: steps of one shape differ by moves alone."""
        ranges = [extent.shape(step) for _, extent in self.tensors]
        return *ranges, *(sources[step].indices for _, sources in self.sources)

    @cached_property
    def sources_of(self) -> dict[str, tuple["Sources", ...]]:
        """The sources by the names of the `Pad`'s results."""
        return dict(self.sources)


@dataclass(frozen=True)
class Sources:
    """Where the indices of a padded tensor come from: `first` plus each, or `FILL`."""

    first: int
    indices: tuple[int, ...]


def axis_extent(
    graph: Graph, axis: int, sizes: dict[str, int], wanted: Range, step: int, origin: int
) -> AxisExtent:
    """Return what a tile needs along an axis.

    Parameters
    ----------
    graph : Graph
    axis : int
        0 for rows, 1 for columns.
    sizes : dict
        The size of every tensor along the axis.
    wanted : Range
        The tile's output.
    step : int
        Output indices a step.
    origin : int
        The tile's first input index, a multiple of the graph's unit; output `wanted[0]` is `origin`
        times the network's scale.
    """
    edges = _edges(wanted, step, graph.grid(graph.output, axis))
    found = _extents(graph, axis, sizes, edges, wanted[0])
    scales = graph.scales(axis)
    early = _steps_before(found.get(graph.input), step / scales[graph.output])
    if early:
        ahead = [wanted[0] - n * step for n in range(early, 0, -1)]
        found = _extents(graph, axis, sizes, ahead + edges, wanted[0])
    origins = {name: int(origin * scale) for name, scale in scales.items()}
    return AxisExtent(
        tuple((name, _moved(extent, -origins[name])) for name, extent in found.items()),
        tuple(
            (op.y, _sources(op, axis, sizes[op.x], found[op.y], origins[op.x]))
            for op in graph.operations
            if isinstance(op, Pad) and op.y in found
        ),
    )


def _extents(
    graph: Graph, axis: int, sizes: dict[str, int], edges: list[int], start: int
) -> dict[str, TensorExtent]:
    """Return the tensors' extents for steps between some edges of the output.

    Before `start` no output is wanted: those steps do what later ones would need all at once.
    """
    output = [(a, b) if b > start else EMPTY for a, b in pairwise(edges)]
    ahead = {graph.output: edges[1:]}
    found = {graph.output: _extent(output, ahead[graph.output], sizes[graph.output])}
    last_written = {op.y: n for n, op in enumerate(graph.operations)} | {graph.input: -1}
    for tensor in sorted(last_written, key=last_written.__getitem__, reverse=True):
        if tensor == graph.output:
            continue
        grid = graph.grid(tensor, axis)
        needs = _whole_groups(_needs_of(graph, tensor, axis, sizes, found, len(edges) - 1), grid)
        if any(need != EMPTY for need in needs):
            stops = _stops_of(graph, tensor, axis, sizes, ahead)
            ahead[tensor] = [
                stop if grid is None else grid.start(grid.after(stop)) for stop in stops
            ]
            found[tensor] = _extent(needs, ahead[tensor], sizes[tensor])
    return found


def _steps_before(extent: TensorExtent | None, rows: Fraction) -> int:
    """Return how many steps of so many rows the first step is worth, beyond one."""
    if extent is None or len(extent.new) == 1:
        return 0
    start, stop = extent.new[0]
    return max(0, math.ceil((stop - start) / rows) - 1)


def _edges(wanted: Range, step: int, grid: Grid | None) -> list[int]:
    """Return where the steps of a tile's output begin and end: between groups, if there are any."""
    start, stop = wanted
    inner = list(range(start + step, stop, step))
    if grid is not None:
        inner = [grid.start(grid.after(edge)) for edge in inner]
    return [start, *(edge for edge in inner if edge < stop), stop]


def _whole_groups(needs: list[Range], grid: Grid | None) -> list[Range]:
    """Extend what is needed to all of the groups that it is of."""
    if grid is None:
        return needs

    def whole(need: Range) -> Range:
        groups = grid.groups(*need)
        return grid.start(groups.start), grid.start(groups.stop)

    return [need if need == EMPTY else whole(need) for need in needs]


def _needs_of(
    graph: Graph,
    tensor: str,
    axis: int,
    sizes: dict[str, int],
    found: dict[str, TensorExtent],
    steps: int,
) -> list[Range]:
    """Return, a step, what the consumers of a tensor need of it."""
    per_step: list[list[Range]] = [[] for _ in range(steps)]
    for consumer in graph.consumers(tensor):
        if consumer.y in found:
            for needs, real in zip(per_step, found[consumer.y].real, strict=True):
                if real != EMPTY:
                    needs.append(consumer.needs(axis, sizes[tensor], real))
    wanted = [[need for need in needs if need != EMPTY] for needs in per_step]
    return [
        (min(a for a, _ in needs), max(b for _, b in needs)) if needs else EMPTY for needs in wanted
    ]


def _stops_of(
    graph: Graph, tensor: str, axis: int, sizes: dict[str, int], ahead: dict[str, list[int]]
) -> list[int]:
    """Return, a step, how far a tensor has to be for its consumers to be as far as they are."""
    stops = [
        [consumer.needs(axis, sizes[tensor], (stop - 1, stop))[1] for stop in ahead[consumer.y]]
        for consumer in graph.consumers(tensor)
        if consumer.y in ahead
    ]
    return list(map(max, zip(*stops, strict=True)))


def _extent(needs: list[Range], ahead: list[int], size: int) -> TensorExtent:
    """Turn what each step needs into what it computes anew and what it must still hold.

    A step comes as far as `ahead` says, if all that is ever needed reaches as far.
    """
    starts = [start if stop > start else None for start, stop in needs]
    # from here on to the last step, the first index needed
    first = list(accumulate(reversed(starts), _smaller))[::-1]
    held = first[0]
    assert held is not None, "some step needs something"
    last = max(stop for _, stop in needs)
    new, base = [], []
    for need, still, wish in zip(needs, first, ahead, strict=True):
        stop = max(held, need[1] if need != EMPTY else held, min(wish, last))
        new.append((held, stop))
        base.append(held if still is None else min(held, still))
        held = stop
    return TensorExtent(tuple(new), tuple(_clip(n, size) for n in new), tuple(base))


def _smaller(a: int | None, b: int | None) -> int | None:
    return min((n for n in (a, b) if n is not None), default=None)


def _clip(indices: Range, size: int) -> Range:
    start, stop = max(indices[0], 0), min(indices[1], size)
    return (start, stop) if stop > start else EMPTY


def _moved(extent: TensorExtent, by: int) -> TensorExtent:
    def shift(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
        return tuple(EMPTY if r == EMPTY else (r[0] + by, r[1] + by) for r in ranges)

    new = tuple((start + by, stop + by) for start, stop in extent.new)
    return TensorExtent(new, shift(extent.real), tuple(base + by for base in extent.base))


def _sources(
    pad: Pad, axis: int, size: int, extent: TensorExtent, origin: int
) -> tuple[Sources, ...]:
    return tuple(_step_sources(pad.sources(axis, size, real), origin) for real in extent.real)


def _step_sources(indices: Integers, origin: int) -> Sources:
    inside = indices[indices != FILL]
    first = int(inside.min()) if inside.size else origin
    relative = np.where(indices == FILL, FILL, indices - first)
    return Sources(first - origin, tuple(relative.tolist()))

"""Along one axis: which indices of every tensor a tile computes, step by step, and keeps.

A tile of output is computed in steps of a few rows. Each step computes, of every tensor, just the
rows that are new: what later rows of its consumers still need is carried along, so nothing is
computed twice. Columns are the same with a single step.

All indices here count from the tile's origin, so two tiles of the same shape and the same relation
to the picture's edges have equal extents, and share one program.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from upweave.engine.graph import EMPTY, Graph, Pad, Range
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
        The tile's first input index; output `wanted[0]` is `origin` times the network's scale.
    """
    start, stop = wanted
    edges = [*range(start, stop, step), stop]
    found = {graph.output: _extent(list(pairwise(edges)), sizes[graph.output])}
    last_written = {op.y: n for n, op in enumerate(graph.operations)} | {graph.input: -1}
    for tensor in sorted(last_written, key=last_written.__getitem__, reverse=True):
        if tensor != graph.output:
            needs = _needs_of(graph, tensor, axis, sizes, found, len(edges) - 1)
            if needs is not None:
                found[tensor] = _extent(needs, sizes[tensor])
    scales = graph.scales(axis)
    return AxisExtent(
        tuple((name, _moved(extent, -origin * scales[name])) for name, extent in found.items()),
        tuple(
            (op.y, _sources(op, axis, sizes[op.x], found[op.y], origin * scales[op.x]))
            for op in graph.operations
            if isinstance(op, Pad) and op.y in found
        ),
    )


def _needs_of(
    graph: Graph,
    tensor: str,
    axis: int,
    sizes: dict[str, int],
    found: dict[str, TensorExtent],
    steps: int,
) -> list[Range] | None:
    """Return, a step, what the consumers of a tensor need of it; None where they need nothing."""
    per_step: list[list[Range]] = [[] for _ in range(steps)]
    for consumer in graph.consumers(tensor):
        if consumer.y in found:
            for needs, real in zip(per_step, found[consumer.y].real, strict=True):
                if real != EMPTY:
                    needs.append(consumer.needs(axis, sizes[tensor], real))
    wanted = [[need for need in needs if need != EMPTY] for needs in per_step]
    if not any(wanted):
        return None
    return [
        (min(a for a, _ in needs), max(b for _, b in needs)) if needs else EMPTY for needs in wanted
    ]


def _extent(needs: list[Range], size: int) -> TensorExtent:
    """Turn what each step needs into what it computes anew and what it must still hold."""
    starts = [start if stop > start else None for start, stop in needs]
    # from here on to the last step, the first index needed
    first = list(accumulate(reversed(starts), _smaller))[::-1]
    held = first[0]
    assert held is not None, "some step needs something"
    new, base = [], []
    for need, still in zip(needs, first, strict=True):
        stop = max(held, need[1]) if need != EMPTY else held
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

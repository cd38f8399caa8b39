from itertools import pairwise

import numpy as np
import pytest

from engine.chains import Builder, fitting, random_chain
from upweave.engine import Network
from upweave.engine.extent import axis_extent
from upweave.engine.graph import EMPTY
from upweave.engine.onnx_file import read_graph

AXES = (0, 1)


def random_graph(folder, seed):
    rng = np.random.default_rng(seed)
    return read_graph(random_chain(rng).save(folder)), rng


def tiles(graph, sizes, axis, extent, step):
    """Yield every tile's origin and extent along an axis.

    Its output is `extent` inputs long, or the next multiple that is whole everywhere.
    """
    scale, unit = graph.scales(axis)[graph.output], graph.unit(axis)
    extent = -(-extent // unit) * unit
    along = {name: size[axis] for name, size in sizes.items()}
    stop = along[graph.output]
    for origin in range(0, -(-stop // scale), extent):
        wanted = whole(origin * scale), min(whole((origin + extent) * scale), stop)
        rows = max(1, int(step * scale))
        yield origin, axis_extent(graph, axis, along, wanted, rows, origin)


def whole(fraction):
    assert fraction.denominator == 1
    return int(fraction)


def indices(ranges):
    return [n for start, stop in ranges for n in range(start, stop)]


@pytest.fixture(params=range(200, 225))
def found(request, tmp_path):
    """All tiles of a random graph, of several sizes: graph, sizes, axis, tiles."""
    graph, rng = random_graph(tmp_path, request.param)
    sizes = graph.sizes(fitting(graph, tuple(int(n) for n in rng.integers(1, 40, 2))))
    return [
        (graph, sizes, axis, list(tiles(graph, sizes, axis, extent, step)))
        for axis in AXES
        for extent, step in ((1, 1), (7, 3), (11, 11), (50, 6))
    ]


def test_the_tiles_cover_the_output_exactly(found):
    for graph, sizes, axis, extents in found:
        scale = graph.scales(axis)[graph.output]
        written = [
            index + origin * scale
            for origin, extent in extents
            for index in indices(extent.of[graph.output].real)
        ]
        assert written == list(range(sizes[graph.output][axis]))


def test_a_tile_computes_every_index_once(found):
    for graph, sizes, axis, extents in found:
        for origin, extent in extents:
            for name, held in extent.tensors:
                shift = whole(origin * graph.scales(axis)[name])
                new, real = indices(held.new), indices(held.real)
                assert new == sorted(set(new))
                assert real == [n for n in new if 0 <= n + shift < sizes[name][axis]]
                assert all(a[1] == b[0] for a, b in pairwise(held.new))


def test_what_is_read_is_held(found):
    for graph, sizes, axis, extents in found:
        for origin, extent in extents:
            for op in graph.operations:
                for name in op.inputs if op.y in extent.of else ():
                    check_held(graph, sizes, axis, origin, extent, op, name)


def check_held(graph, sizes, axis, origin, extent, op, name):
    scales = graph.scales(axis)
    for step, (start, stop) in enumerate(extent.of[op.y].real):
        if (start, stop) == EMPTY:
            continue
        shift = whole(origin * scales[op.y])
        wanted = start + shift, stop + shift
        first, last = op.needs(axis, sizes[name][axis], wanted)
        if (first, last) == EMPTY:
            continue
        held, shift = extent.of[name], whole(origin * scales[name])
        assert held.base[step] <= first - shift
        assert last - shift <= held.new[step][1]
        assert held.new[step][1] - held.base[step] <= held.capacity


def test_bases_only_rise(found):
    for _, _, _, extents in found:
        for _, extent in extents:
            for _, held in extent.tensors:
                assert list(held.base) == sorted(held.base)


def deep_tile(folder, rng, channels):
    """Return a graph of 16 layers of 3 x 3 kernels, and the rows of a tile far from the edges."""
    builder = Builder(channels)
    for _ in range(16):
        w = rng.standard_normal((channels, channels, 3, 3)).astype(np.float32)
        builder.node("Conv", w, pads=[1] * 4, channels=channels)
    graph = Network.from_onnx(builder.save(folder)).graph
    sizes = dict.fromkeys(graph.channels, 4096)
    return graph, axis_extent(graph, 0, sizes, (2048, 2048 + 80), 8, 2048)


@pytest.mark.parametrize(
    ("channels", "most"),
    [
        (3, 10),  # a step of 8 rows, and 2 that the next layer reads again
        (64, 18),  # groups of 4 begin early
    ],
)
def test_a_deep_tile_begins_step_by_step(tmp_path, rng, channels, most):
    graph, extent = deep_tile(tmp_path, rng, channels)
    assert max(held.capacity for _, held in extent.tensors) <= most
    first, last = (extent.of[graph.output].real[n] for n in (0, -1))
    assert first == EMPTY
    assert last == (72, 80)


def test_groups_of_rows_are_computed_whole(tmp_path, rng):
    graph, extent = deep_tile(tmp_path, rng, 64)
    grids = {op.y: op.grid for op in graph.operations[1:] if op.y != graph.output}
    assert len(grids) == 15
    for name, grid in grids.items():
        edges = [edge for new in extent.of[name].new for edge in new]
        assert edges == [grid.start(grid.after(edge)) for edge in edges]

import numpy as np
import pytest

from upweave.explain.overlaps import colour_cells, overlap, overlap_map, pairs
from upweave.ops.geometry import Geometry


def counted(geometry, size):
    """Count the products that reach each output, one by one."""
    counts = np.zeros(geometry.output_size(size))
    for cell in np.ndindex(size):
        for tap in np.ndindex(geometry.kernel):
            place = tuple(
                j * s + t * d - begin
                for j, s, t, d, (begin, _) in zip(
                    cell,
                    geometry.stride,
                    tap,
                    geometry.dilation,
                    geometry.padding,
                    strict=True,
                )
            )
            if all(0 <= n < m for n, m in zip(place, counts.shape, strict=True)):
                counts[place] += 1
    return counts


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry((3, 3), 2),
        Geometry((2, 5), (3, 2), 1),
        Geometry((3, 2), 2, ((0, 1), (1, 0)), 1, 2),
    ],
)
def test_the_map_counts_products(geometry):
    assert np.array_equal(overlap_map(geometry, (3, 4)), counted(geometry, (3, 4)))


def test_a_checkerboard_is_foretold():
    uneven = overlap(Geometry((3, 3), 2), (4, 4))
    assert "2, 1 down, 2, 1 across: unequal" in uneven[0].caption
    even = overlap(Geometry((4, 4), 2), (4, 4))
    assert "all alike" in even[0].caption
    inside = even[0].panels[0].values[2:-2, 2:-2]
    assert (inside == 4).all()


def test_pairs_are_even_inside_where_kernels_are_multiples():
    for stride, frame in zip(range(1, 4), pairs(range(2, 7), range(1, 4), size=8), strict=True):
        for kernel, panel in zip(range(2, 7), frame.panels, strict=True):
            inside = panel.values[kernel:-kernel, kernel:-kernel]
            assert (len(np.unique(inside)) == 1) == (kernel % stride == 0)


def test_colours_leave_gaps_or_overlap():
    source = colour_cells()[0].panels[0].values
    gaps, exact, over = (frame.panels[1].values for frame in colour_cells()[1:])
    assert (gaps[3::4] == 0).all()
    assert np.array_equal(exact, source.repeat(4, axis=0).repeat(4, axis=1))
    assert np.array_equal(over[0, 4], (source[0, 0] + source[0, 1]).clip(0, 1))

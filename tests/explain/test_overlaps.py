import numpy as np
import pytest

from upweave.explain.overlaps import colour_cells, overlap, overlap_map, pairs, spectrum
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


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry((3, 3), 2),
        Geometry((2, 5), (3, 2)),
        Geometry((3, 2), 2, dilation=2),
        Geometry((5, 7), (4, 3)),
    ],
)
def test_what_repeats_is_what_is_counted_inside(geometry):
    counts = counted(geometry, (9, 9))
    (down, across) = geometry.stride
    period, _ = overlap(geometry, (2, 2))[1].panels
    inside = counts[down * 4 : down * 5, across * 4 : across * 5]
    assert np.array_equal(period.values, inside)


def test_the_spectrum_is_the_sum_of_waves(rng):
    period = rng.random((3, 4))
    found = spectrum(period)
    for i, j in np.ndindex(3, 4):
        wave = [
            period[r, c] * np.exp(-2j * np.pi * (i * r / 3 + j * c / 4))
            for r, c in np.ndindex(3, 4)
        ]
        assert found[i, j] == pytest.approx(abs(sum(wave)) / 12)


def test_the_caption_tells_the_strongest_wave():
    # 4 2 / 2 1: the mean is 9/4, the wave along a side (4 + 2 - 2 - 1) / 4
    assert "has 33% of it" in overlap(Geometry((3, 3), 2), (4, 4))[1].caption
    assert "has 0% of it" in overlap(Geometry((4, 4), 2), (4, 4))[1].caption


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

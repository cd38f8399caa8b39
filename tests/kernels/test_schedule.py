from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import repeatable
from upweave.kernels.schedule import Work, choose_tile, convolution_axis, split, transposed_axis
from upweave.ops.geometry import Geometry


@st.composite
def axes(draw, *, transposed):
    """Draw the geometry of one axis, and the Axis made of it."""
    kernel, dilation = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    stride = draw(st.integers(1, 8)) if transposed else 1
    begin = draw(st.integers(-12, 12))
    geometry = Geometry((kernel,), stride, ((begin, 0),), dilation=dilation)
    make = transposed_axis if transposed else convolution_axis
    return geometry, make(geometry, 0)


TRANSPOSED, CONVOLUTION = axes(transposed=True), axes(transposed=False)


def scattered(geometry, output):
    """Return the (input, tap) pairs of an output of the transposed convolution."""
    (k,), (s,), (d,) = geometry.kernel, geometry.stride, geometry.dilation
    places = [(output + geometry.padding[0][0] - t * d, t) for t in range(k)]
    return {(place // s, t) for place, t in places if place % s == 0}


def gathered(geometry, output):
    """Return the (input, tap) pairs of an output of the convolution of stride 1."""
    (k,), (d,) = geometry.kernel, geometry.dilation
    return {(output - geometry.padding[0][0] + t * d, t) for t in range(k)}


def read(axis, output):
    """Return the (input, tap) pairs of an output as an Axis has them."""
    q, r = axis.position(output)
    phase = axis.phases[r]
    return {(q + offset, tap) for tap, offset in zip(phase.taps, phase.offsets, strict=True)}


@pytest.mark.parametrize(
    ("drawn", "definition"), [(TRANSPOSED, scattered), (CONVOLUTION, gathered)]
)
def test_outputs_read_what_the_definition_says(drawn, definition):
    @settings(repeatable, max_examples=200)
    @given(drawn)
    def check(pair):
        geometry, axis = pair
        for output in range(30):
            assert read(axis, output) == definition(geometry, output)

    check()


@pytest.mark.parametrize(
    ("drawn", "definition"), [(TRANSPOSED, scattered), (CONVOLUTION, gathered)]
)
def test_needs_is_the_range_of_all_that_is_read(drawn, definition):
    @settings(repeatable, max_examples=200)
    @given(drawn, st.integers(0, 40), st.integers(1, 30))
    def check(pair, start, count):
        geometry, axis = pair
        inputs = [j for o in range(start, start + count) for j, _ in definition(geometry, o)]
        first, stop = axis.needs(start, start + count)
        assert all(first <= j < stop for j in inputs)
        phases = len(axis.phases)
        if start % phases == count % phases == 0:  # whole positions: no slack
            assert (first, stop) == (min(inputs), max(inputs) + 1)

    check()


@settings(repeatable, max_examples=200)
@given(st.one_of(TRANSPOSED, CONVOLUTION))
def test_columns_and_steps_list_every_tap_once(pair):
    geometry, axis = pair
    columns = axis.columns
    assert len(columns) == geometry.kernel[0]
    for tap, (r, offset) in enumerate(columns):
        index = axis.phases[r].taps.index(tap)
        assert axis.phases[r].offsets[index] == offset
    assert {offset for _, offset in columns} <= set(axis.offsets)
    steps = {
        b - a
        for phase in axis.phases
        for a, b in zip(phase.offsets, phase.offsets[1:], strict=False)
    }
    assert steps <= {axis.tap_step}
    for phase in axis.phases:
        assert list(phase.taps) == sorted(phase.taps)


@settings(repeatable, max_examples=300)
@given(st.integers(1, 5000), st.integers(1, 200))
def test_split_is_even_and_uses_the_fewest_tiles(count, largest):
    found = split(count, largest)
    sizes = [size for tiles, size in found.sizes() for _ in range(tiles)]
    assert sum(sizes) == count
    assert len(sizes) == -(-count // largest)
    assert max(sizes) <= largest
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= 1


WORKS = st.builds(
    Work,
    vectors=st.integers(1, 70),
    channels=st.integers(1, 130),
    phases=st.integers(1, 8),
    pairs=st.integers(1, 500),
    columns=st.integers(1, 20),
    offsets=st.integers(1, 20),
    step=st.integers(1, 8),
    units=st.integers(1, 2),
)


@pytest.mark.parametrize("registers", [16, 32])
def test_the_chosen_tile_fits_the_registers_and_covers(registers):
    @settings(repeatable, max_examples=100)
    @given(WORKS)
    def check(work):
        tile = choose_tile(work, registers)
        held = tile.vectors * tile.channels * work.phases
        operands = min(tile.vectors, tile.channels * work.phases)
        assert held + operands + 1 <= registers
        for count, largest in ((work.vectors, tile.vectors), (work.channels, tile.channels)):
            assert 1 <= largest <= count
            assert sum(tiles * size for tiles, size in split(count, largest).sizes()) == count

    check()


@pytest.mark.parametrize("registers", [16, 32])
def test_there_is_a_tile_wherever_one_vector_of_each_phase_fits(registers):
    for phases, size in product(range(1, 40), (1, 5)):
        work = Work(size, size, phases, 9, 3, 3)
        if phases + 2 <= registers - registers // 10:
            assert choose_tile(work, registers).vectors >= 1
        else:
            with pytest.raises(ValueError, match=f"{phases} phases do not fit {registers}"):
                choose_tile(work, registers)

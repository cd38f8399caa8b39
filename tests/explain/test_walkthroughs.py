import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from upweave.explain.walkthroughs import FORMS
from upweave.ops import reference
from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry

TRANSPOSED = [name for name in FORMS if name != "convolution"]


def last_output(frames):
    """Return the numbers of the last frame's output, as a map."""
    return frames[-1].panels[-1].values


def by_matrix(x, w, g):
    planes = (x[None, None], w[None, None])
    return reference.matrix(
        *planes,
        stride=g.stride,
        padding=g.padding,
        output_padding=g.output_padding,
        dilation=g.dilation,
    )[0, 0]


@st.composite
def layers(draw):
    """Draw a map, a kernel of whole numbers, and a geometry that leaves some output."""
    small, number = st.integers(1, 4), st.integers(-9, 9)
    shapes = [(draw(small), draw(small)) for _ in range(2)]
    x, w = (
        np.array(draw(st.lists(number, min_size=h * v, max_size=h * v)), float).reshape(h, v)
        for h, v in shapes
    )
    stride, dilation = (tuple(draw(st.integers(1, 3)) for _ in range(2)) for _ in range(2))
    padding = [(draw(st.integers(-1, 2)), draw(st.integers(-1, 2))) for _ in range(2)]
    more = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
    try:
        geometry = Geometry(w.shape, stride, padding, more, dilation)
        geometry.output_size(x.shape)
    except GeometryError:
        assume(False)
    return x, w, geometry


@pytest.mark.parametrize("form", TRANSPOSED)
@given(layer=layers())
def test_every_form_ends_in_the_same_output(form, layer):
    x, w, geometry = layer
    assert np.array_equal(last_output(FORMS[form](x, w, geometry)), by_matrix(x, w, geometry))


@given(layer=layers())
def test_marked_cells_are_those_that_make_each_output(layer):
    x, w, geometry = layer
    for frame in FORMS["zero-insertion"](x, w, geometry)[4:]:
        spread, kernel, output = frame.panels
        (cell,) = output.marks
        seen = [spread.values[place] for place, mark in spread.marks.items() if mark == "input"]
        assert len(seen) == w.size
        window = sorted(place for place, mark in spread.marks.items() if mark == "input")
        products = [
            spread.values[p] * t for p, t in zip(window, kernel.values.reshape(-1), strict=True)
        ]
        assert sum(products) == output.values[cell]


@given(layer=layers())
def test_scatter_marks_where_products_fall(layer):
    x, w, geometry = layer
    before = np.zeros(geometry.output_size(x.shape))
    for frame in FORMS["scatter"](x, w, geometry):
        output = frame.panels[-1]
        changed = {tuple(map(int, place)) for place in np.argwhere(output.values != before)}
        assert changed <= set(output.marks)
        before = output.values


def test_the_convolution_slides():
    x = np.array([[3, 5, 2, 7], [4, 1, 3, 8], [6, 3, 8, 2], [9, 6, 1, 5]], float)
    w = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]], float)
    frames = FORMS["convolution"](x, w, Geometry((3, 3)))
    assert last_output(frames).tolist() == [[55, 52], [57, 50]]
    assert [set(frame.panels[-1].marks) for frame in frames] == [
        {(0, 0)},
        {(0, 1)},
        {(1, 0)},
        {(1, 1)},
    ]
    assert frames[0].caption == "3·1 + 5·2 + 2·1 + 4·2 + 1·1 + 3·2 + 6·1 + 3·1 + 8·2 = 55"
    same = FORMS["convolution"](x, w, Geometry((3, 3), padding=1))
    assert last_output(same).shape == (4, 4)
    assert last_output(same)[1:3, 1:3].tolist() == [[55, 52], [57, 50]]
    zeros = [c for c, mark in same[0].panels[0].marks.items() if mark == "zero"]
    assert all(same[0].panels[0].values[cell] == 0 for cell in zeros)


def test_the_way_back_up_restores_the_size_and_not_the_numbers():
    small = np.array([[55, 52], [57, 50]], float)
    w = np.array([[1, 2, 1], [2, 1, 2], [1, 1, 2]], float)
    back = last_output(FORMS["scatter"](small, w, Geometry((3, 3))))
    assert back.shape == (4, 4)
    assert back[0, 0] == 55  # where there was a 3


@pytest.mark.parametrize("form", TRANSPOSED)
@pytest.mark.parametrize(
    ("stride", "expected"),
    [
        (1, [[55, 162, 104], [167, 323, 152], [114, 157, 50]]),
        (
            2,
            [[55, 110, 52, 104], [110, 55, 104, 52], [57, 114, 50, 100], [114, 57, 100, 50]],
        ),
    ],
)
def test_the_two_by_two_of_the_tutorials(form, stride, expected):
    x, w = np.array([[55.0, 52], [57, 50]]), np.array([[1.0, 2], [2, 1]])
    assert last_output(FORMS[form](x, w, Geometry((2, 2), stride))).tolist() == expected


def test_the_matrix_of_the_tutorials():
    x = np.array([[3, 3, 3, 6], [7, 4, 3, 2], [7, 2, 8, 5], [1, 7, 3, 1]], float)
    w = np.array([[1, 2, 4], [1, 1, 3], [1, 2, 4]], float)
    geometry = Geometry((3, 3))
    assert last_output(FORMS["convolution"](x, w, geometry)).tolist() == [[84, 84], [87, 60]]
    frames = FORMS["matrix"](np.array([[2.0, 3], [4, 3]]), w, geometry)
    assert frames[0].panels[0].values.shape == (4, 16)
    assert frames[1].panels[0].values.shape == (16, 4)
    assert last_output(frames).tolist() == [
        [2, 7, 14, 12],
        [6, 16, 31, 21],
        [6, 14, 29, 21],
        [4, 11, 22, 12],
    ]


def test_zero_insertion_names_its_steps():
    frames = FORMS["zero-insertion"](np.ones((2, 2)), np.ones((3, 3)), Geometry((3, 3), 2, 1, 1))
    assert "z = s − 1 = 1" in frames[1].caption
    assert "p' = d (k − 1) − p = 1 zeros before, 2 after" in frames[2].caption
    assert frames[2].panels[1].values.shape == (6, 6)


def test_seven_to_five_and_back():
    geometry = Geometry((3, 3))
    small = last_output(FORMS["convolution"](np.ones((7, 7)), np.ones((3, 3)), geometry))
    assert small.shape == (5, 5)
    assert last_output(FORMS["scatter"](small, np.ones((3, 3)), geometry)).shape == (7, 7)


def test_phases_share_the_taps():
    frames = FORMS["phases"](np.ones((2, 3)), np.ones((3, 5)), Geometry((3, 5), (2, 3)))
    taps = [cell for frame in frames for cell in frame.panels[1].marks]
    assert sorted(taps) == sorted(np.ndindex(3, 5))
    outputs = [cell for frame in frames for cell in frame.panels[-1].marks]
    assert sorted(outputs) == sorted(np.ndindex(5, 11))

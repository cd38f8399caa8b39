import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from upweave.explain import walkthroughs
from upweave.explain.connections import connections
from upweave.explain.maps import convolved, scattered
from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry


def one(size, at):
    """Return a line of zeros with a single 1."""
    line = np.zeros((1, size))
    line[0, at] = 1
    return line


@given(
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(-2, 3),
    st.integers(0, 2),
    st.integers(1, 3),
    st.booleans(),
)
def test_what_meets_is_where_the_reference_has_products(i, k, s, p, a, d, down):
    try:
        geometry = Geometry((1, k), (1, s), [(0, 0), (p, p)], (0, a if a < max(s, d) else 0), d)
        operator = convolved if down else scattered
        made = operator(np.ones((1, i)), np.ones((1, k)), geometry).shape[1]
    except GeometryError:
        assume(False)
    expected = [
        (j, t, int(o))
        for j in range(i)
        for t in range(k)
        for o in np.flatnonzero(operator(one(i, j), one(k, t), geometry)[0])
    ]
    found = connections(geometry, (1, i), 1, down=down)
    assert sorted(found) == expected
    assert all(0 <= o < made for _, _, o in found)


@pytest.mark.parametrize("form", list(walkthroughs.FORMS))
@pytest.mark.parametrize("padding", [0, 1, -1])
def test_parts_are_what_they_say(form, padding, rng):
    geometry = Geometry((3, 2), (2, 1), padding, 1 if form != "convolution" else 0, (1, 2))
    x, w = rng.integers(1, 99, (6, 7)).astype(float), rng.integers(1, 99, (3, 2)).astype(float)
    y = (convolved if form == "convolution" else scattered)(x, w, geometry)
    truth = {"input": x, "kernel": w, "output": y}
    frames = walkthroughs.FORMS[form](x, w, geometry)
    shown = set()
    for number, frame in enumerate(frames):
        for panel in frame.panels:
            for cell, (kind, part) in panel.parts.items():
                value, real = panel.values[cell], truth[kind][part]
                if "× kernel" in panel.title:
                    assert value / real == panel.values[0, 0] / w[0, 0]
                elif panel.title == "output so far":
                    assert value <= real
                else:
                    assert np.isnan(value) or value == real
                if number == len(frames) - 1:
                    shown.add((kind, part))
    assert {part for kind, part in shown if kind == "output"} == set(np.ndindex(y.shape))

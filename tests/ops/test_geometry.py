import dataclasses
import pickle
import re
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from strategies import cases, repeatable
from upweave.ops.axes import GeometryError, per_axis
from upweave.ops.geometry import Geometry, Phase


def of(case):
    return Geometry(case.kernel, case.stride, case.padding, case.output_padding, case.dilation)


def test_every_argument_becomes_one_value_per_axis():
    assert Geometry((3, 4), 2, 1, 1, 1) == Geometry(
        [3, 4], (2, 2), ((1, 1), (1, 1)), (1, 1), (1, 1)
    )
    assert Geometry(3).kernel == (3,)
    assert Geometry((3,), padding=((-1, 2),)).padding == ((-1, 2),)
    assert Geometry((3, 3), padding=(1, (0, 2))).padding == ((1, 1), (0, 2))
    g = Geometry(np.int64(3), stride=np.int32(2))
    assert (type(g.kernel[0]), type(g.stride[0])) == (int, int)


def test_a_geometry_is_a_value():
    g = Geometry((3, 3), 2, 1, 1)
    assert {g: 1}[Geometry((3, 3), 2, 1, 1)] == 1
    assert pickle.loads(pickle.dumps(g)) == g
    assert dataclasses.replace(g, stride=3).stride == (3, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        g.stride = (1, 1)


@pytest.mark.parametrize(
    ("keywords", "i", "o"),
    [
        # The animations of arXiv:1603.07285, section 4, by relation.
        ({"kernel": 3}, 2, 4),  # 8
        ({"kernel": 4, "padding": 2}, 6, 5),  # 9
        ({"kernel": 3, "padding": 1}, 5, 5),  # 10
        ({"kernel": 3, "padding": 2}, 7, 5),  # 11
        ({"kernel": 3, "stride": 2}, 2, 5),  # 12
        ({"kernel": 3, "stride": 2, "padding": 1}, 3, 5),  # 13
        ({"kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, 3, 6),  # 14
    ],
)
def test_sizes_of_the_guide(keywords, i, o):
    g = Geometry(**keywords)
    assert g.output_size(i) == (o,)
    assert g.input_size(o) == (i,)


@settings(repeatable, max_examples=300)
@given(cases())
def test_sizes_agree_with_counting_contributions(case):
    g = of(case)
    assert g.ndim == case.rank
    last = [
        max(j * s + t * d for j in range(i) for t in range(k))
        for i, s, k, d in zip(case.spatial, case.stride, case.kernel, case.dilation, strict=True)
    ]
    assert g.full_size(case.spatial) == tuple(n + 1 for n in last)
    assert g.output_size(case.spatial) == case.output
    assert g.window(case.spatial) == tuple(
        (begin, n) for (begin, _), n in zip(case.padding, case.output, strict=True)
    )
    assert g.input_size(case.output) == tuple(
        i + a // s for i, a, s in zip(case.spatial, case.output_padding, case.stride, strict=True)
    )


@settings(repeatable, max_examples=300)
@given(cases(1))
def test_phases_name_each_contribution_once(case):
    g = of(case)
    (k,), (s,), (d,), ((begin, _),) = case.kernel, case.stride, case.dilation, case.padding
    phases = g.phases(0)
    assert [phase.index for phase in phases] == list(range(s))
    assert g.taps_per_phase(0) == tuple(len(phase.taps) for phase in phases)
    assert all(list(phase.taps) == sorted(phase.taps) for phase in phases)
    for o in range(case.output[0]):
        q, r = divmod(o + begin, s)
        named = [
            (q - shift, tap) for tap, shift in zip(phases[r].taps, phases[r].shifts, strict=True)
        ]
        landing = [((o + begin - t * d) // s, t) for t in range(k) if (o + begin - t * d) % s == 0]
        assert named == landing


def test_phases_of_unequal_axes_and_empty_phases():
    g = Geometry((9, 2), (4, 4), dilation=(1, 2))
    assert g.taps_per_phase(0) == (3, 2, 2, 2)
    assert g.phases(1) == (
        Phase(0, (0,), (0,)),
        Phase(1, (), ()),
        Phase(2, (1,), (0,)),
        Phase(3, (), ()),
    )
    assert Geometry(3, 2, dilation=3).phases(0) == (Phase(0, (0, 2), (0, 3)), Phase(1, (1,), (1,)))


def test_refuses_what_torch_refuses():
    for i, k, s, p, a, d in product((1, 2), (1, 3), (1, 2, 3), (0, 1, 2), range(4), (1, 2, 3)):
        try:
            want = torch.nn.functional.conv_transpose1d(
                torch.zeros(1, 1, i, dtype=torch.float64),
                torch.zeros(1, 1, k, dtype=torch.float64),
                stride=s,
                padding=p,
                output_padding=a,
                dilation=d,
            ).shape[2:]
        except RuntimeError:
            want = None
        try:
            got = Geometry(k, s, p, a, d).output_size(i)
        except GeometryError:
            got = None
        assert got == want, (i, k, s, p, a, d)


@pytest.mark.parametrize(
    ("keywords", "error", "text"),
    [
        ({"kernel": ()}, GeometryError, "kernel: got (); at least one axis is needed"),
        ({"kernel": (3, 0)}, GeometryError, "kernel: got 0 on axis 1; at least 1 would do"),
        ({"kernel": 3, "stride": 0}, GeometryError, "stride: got 0 on axis 0; at least 1 would do"),
        (
            {"kernel": 3, "dilation": -1},
            GeometryError,
            "dilation: got -1 on axis 0; at least 1 would do",
        ),
        (
            {"kernel": 3, "output_padding": -1},
            GeometryError,
            "output_padding: got -1 on axis 0; at least 0 would do",
        ),
        (
            {"kernel": (3, 3), "stride": (2, 1), "dilation": (1, 3), "output_padding": (1, 3)},
            GeometryError,
            "output_padding: got 3 on axis 1 with stride 1 and dilation 3; "
            "less than the larger of these, so at most 2, would do",
        ),
        (
            {"kernel": (3, 3), "stride": (2, 2, 2)},
            GeometryError,
            "stride: got (2, 2, 2) for 2 axes; one number for all, or one value per axis, would do",
        ),
        (
            {"kernel": 3, "padding": (1, 2)},
            GeometryError,
            "padding: got (1, 2) for 1 axis; one number for all, or one value per axis, "
            "such as ((begin, end),), would do",
        ),
        (
            {"kernel": 3, "padding": ((1, 2, 3),)},
            GeometryError,
            "padding: got (1, 2, 3) for an axis; (begin, end) would do",
        ),
        ({"kernel": 3, "stride": 1.5}, TypeError, "stride: got 1.5; whole numbers would do"),
        ({"kernel": "a"}, TypeError, "kernel: got 'a'; whole numbers would do"),
        ({"kernel": 3, "stride": True}, TypeError, "stride: got True; whole numbers would do"),
        ({"kernel": 3, "padding": None}, TypeError, "padding: got None; whole numbers would do"),
    ],
)
def test_refuses_impossible_arguments(keywords, error, text):
    with pytest.raises(error, match=f"^{re.escape(text)}$"):
        Geometry(**keywords)


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (
            lambda: Geometry((3, 3), padding=((0, 0), (1, 2))).output_size((5, 1)),
            "padding: got (1, 2) on axis 1, which leaves nothing of the 3 outputs; "
            "begin + end of at most 2 would do",
        ),
        (
            lambda: Geometry(3, padding=2).window(1),
            "padding: got (2, 2) on axis 0, which leaves nothing of the 3 outputs; "
            "begin + end of at most 2 would do",
        ),
        (
            lambda: Geometry(3).full_size(0),
            "input_size: got 0 on axis 0; at least 1 would do",
        ),
        (
            lambda: Geometry((3, 3)).output_size((4,)),
            "input_size: got (4,) for 2 axes; one number for all, or one value per axis, would do",
        ),
        (
            lambda: Geometry(3, dilation=2, padding=((1, 0),)).input_size(3),
            "size 3 on axis 0: too small for a convolution of kernel 3, dilation 2 and padding "
            "(1, 0); at least 4 would do",
        ),
        (
            lambda: Geometry(3).input_size(0),
            "output_size: got 0 on axis 0; at least 1 would do",
        ),
        (lambda: per_axis("tile", 3, 2, least=4), "tile: got 3 on axis 0; at least 4 would do"),
    ],
)
def test_refuses_impossible_sizes(ask, text):
    with pytest.raises(GeometryError, match=f"^{re.escape(text)}$"):
        ask()

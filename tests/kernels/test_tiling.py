from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from strategies import cases, repeatable
from upweave.kernels import ConvTranspose, conv, host
from upweave.kernels.filter_tiling import FilterTiles
from upweave.kernels.layer import Layer
from upweave.kernels.operator import LayerOperator
from upweave.kernels.schedule import fitting_tiles
from upweave.kernels.slabs import as_volumes, convolution_slabs, expanded, transposed_slabs
from upweave.kernels.tiling import FlatTiles, RowTiles, can_be_flat
from upweave.ops.geometry import Geometry

COUNTS = st.integers(1, 40)
SCHEDULES = st.one_of(
    st.builds(RowTiles, rows=COUNTS, columns=COUNTS, groups=st.integers(1, 3)),
    st.builds(FlatTiles, pictures=st.integers(1, 4), rows=COUNTS, shares=st.integers(1, 5)),
)
FILTER_TILES = st.builds(
    FilterTiles,
    pictures=st.integers(1, 4),
    groups=st.integers(1, 6),
    columns=COUNTS,
    channels=st.integers(1, 5),
)
CASES = st.one_of(
    cases(rank=1, channels=5, size=90, stride=3),
    cases(rank=2, channels=5, size=20, stride=3, batch=3),
    cases(rank=3, channels=3, size=6),
    # channels enough for minimal filters
    cases(rank=2, channels=12, groups=1, size=14, stride=2, dilation=1, batch=3),
)


@settings(repeatable, max_examples=150)
@given(CASES, SCHEDULES, FILTER_TILES, st.randoms(use_true_random=False), st.booleans())
def test_any_schedule_gives_the_same_bits(case, schedule, filter_tiles, random, transposed):
    if transposed:
        x, w, bias = case.operands(dtype=np.float32, whole=False)
        want = ConvTranspose(w, bias, **case.options)(x)
    else:
        x, w, bias = case.convolution_operands(dtype=np.float32, whole=False)
        want = conv(x, w, bias, **case.convolution)
    geometry = as_volumes(
        Geometry(case.kernel, case.stride, case.padding, case.output_padding, case.dilation)
    )
    slabs_of = transposed_slabs if transposed else convolution_slabs
    output_size = geometry.output_size if transposed else geometry.input_size

    def choose(pictures, threads):
        if pictures.filter is not None:
            return filter_tiles
        if isinstance(schedule, FlatTiles) and not can_be_flat(pictures):
            return RowTiles(schedule.rows, 7, 1)
        return schedule

    class AnyTileLayer(Layer):
        @cache  # noqa: B019  (the layer lives no longer than the test)
        def register_tile(self, work):
            return random.choice(fitting_tiles(work, host.registers()))

    slabs = [
        replace(slab, layer=slab.layer and AnyTileLayer(**vars(slab.layer)))
        for slab in slabs_of(expanded(w), bias, geometry, case.groups)
    ]
    operator = LayerOperator(slabs, bias, output_size, choose)
    out = np.full(want.shape, np.nan, np.float32)
    operator(expanded(x), expanded(out), 2)
    assert_equal_exactly(out, want)

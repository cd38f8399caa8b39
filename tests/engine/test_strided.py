"""Strided convolutions: encoders, what brings their results back to size, and their tiles."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import assert_equal_exactly
from engine.chains import Builder, by_onnx_runtime, relative_error
from upweave.engine import Network
from upweave.engine.by_layer import run_by_layer
from upweave.engine.graph import Convolve, SamePad

CLOSE = 1e-5
SLOW = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def normal(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def weights(rng, *shape):
    return normal(rng, *shape) / np.float32(np.sqrt(np.prod(shape[1:])))


def conv(builder, rng, outputs, kernel, **options):
    groups = options.get("group", 1)
    w = weights(rng, outputs, builder.channels // groups, *kernel)
    return builder.node("Conv", w, normal(rng, outputs), channels=outputs, **options)


def check(path, x, tiles):
    """Assert that a model is ONNX Runtime's, by tiles of every size and layer by layer."""
    net = Network.from_onnx(path)
    want, got = by_onnx_runtime(path, x), net(x)
    assert relative_error(got, want) <= CLOSE
    assert relative_error(run_by_layer(net.graph, x), want) <= CLOSE
    for tile in tiles:
        for threads in (1, 3):
            out = np.full_like(got, np.nan)
            assert_equal_exactly(net(x, tile=tile, threads=threads, out=out), got)
    return net


def unet(rng, levels, meet="Concat"):
    """An encoder of strided convolutions, a decoder of transposed ones, and a skip a level."""
    builder, skips = Builder(3), []
    conv(builder, rng, 4, (3, 3), pads=[1] * 4)
    for stride in levels:
        builder.node("PRelu", normal(rng, builder.channels, 1, 1))
        skips.append((builder.last, builder.channels, stride))
        # the output has exactly 1/stride of the size, where that is whole
        ends = [s - 1 for s in stride]
        pads = [1 + e // 2 for e in ends] + [1 + e - e // 2 for e in ends]
        kernel = [s + 2 for s in stride]
        conv(builder, rng, builder.channels + 2, kernel, pads=pads, strides=stride)
    for skip, channels, stride in reversed(skips):
        builder.node("Relu")
        w = weights(rng, builder.channels, channels, *stride)
        builder.node("ConvTranspose", w, channels=channels, strides=stride)
        if meet == "Concat":
            builder.node("Concat", skip, axis=1, channels=2 * channels)
            conv(builder, rng, channels, (3, 3), pads=[1] * 4)
        else:
            builder.node("Add", skip)
    return builder


strides = st.tuples(st.integers(1, 8), st.integers(1, 8)).map(list)
tile = st.tuples(st.integers(1, 40), st.integers(1, 40))


@SLOW
@given(
    seed=st.integers(0, 10**6),
    levels=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)).map(list), max_size=3),
    meet=st.sampled_from(["Concat", "Add"]),
    times=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    tile=tile,
)
def test_encoders_and_decoders_with_skips(tmp_path, seed, levels, meet, times, tile):
    rng = np.random.default_rng(seed)
    path = unet(rng, levels, meet).save(tmp_path)
    size = [n * int(np.prod([s[axis] for s in levels])) for axis, n in enumerate(times)]
    net = check(path, normal(rng, 1, 3, *size), [tile])
    assert net.output_size(tuple(size)) == tuple(size)


@SLOW
@given(
    seed=st.integers(0, 10**6),
    layers=st.lists(st.tuples(strides, st.sampled_from(["pads", "SAME_UPPER", "SAME_LOWER"]))),
    enlarge=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)).map(list),
    tile=tile,
)
def test_any_stride_at_any_size(tmp_path, seed, layers, enlarge, tile):
    rng = np.random.default_rng(seed)
    builder = Builder(2)
    for stride, padding in layers[:2]:
        kernel = [int(k) for k in rng.integers(1, 8, 2)]
        options = {"strides": stride, "group": int(rng.choice([1, 2]))}
        if padding == "pads":
            dilations = [int(d) for d in rng.integers(1, 3, 2)]
            # so that the smallest picture fits
            options |= {"pads": [d * k // 2 for d, k in zip(dilations, kernel, strict=True)] * 2}
            options |= {"dilations": dilations}
        else:
            options["auto_pad"] = padding
        conv(builder, rng, int(rng.choice([2, 6])), kernel, **options)
    if enlarge is not None:
        w = weights(rng, builder.channels, 2, *(s + 1 for s in enlarge))
        builder.node("ConvTranspose", w, channels=2, strides=enlarge)
    path = builder.save(tmp_path)
    for size in ((1, 1), rng.integers(1, 70, 2)):
        check(path, normal(rng, 2, 2, *size), [tile])


@pytest.mark.parametrize("mode", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("kernel", range(1, 8))
def test_same_padding_at_every_size(tmp_path, rng, mode, kernel):
    for stride in (2, 3, 8):
        builder = Builder()
        conv(builder, rng, 2, (kernel, 3), strides=[stride, 2], auto_pad=mode)
        path = builder.save(tmp_path)
        net = Network.from_onnx(path)
        for size in range(1, 2 * stride + 1):
            x = normal(rng, 1, 1, size, 9 - size % 2)
            got = net(x)
            assert relative_error(got, by_onnx_runtime(path, x)) <= CLOSE
            assert_equal_exactly(net(x, tile=1), got)
            assert (
                got.shape[2:]
                == net.output_size(x.shape[2:])
                == (-(-size // stride), -(-x.shape[3] // 2))
            )


def test_same_padding_without_a_stride_takes_no_operation(tmp_path, rng):
    builder = Builder()
    conv(builder, rng, 2, (3, 4), auto_pad="SAME_UPPER")
    conv(builder, rng, 2, (3, 4), auto_pad="SAME_UPPER", strides=[1, 2])
    graph = Network.from_onnx(builder.save(tmp_path)).graph
    assert [type(op) for op in graph.operations[1:]] == [Convolve, SamePad, Convolve]


def test_tiles_are_rounded_up_to_whole_pixels_of_every_tensor(tmp_path, rng):
    net = Network.from_onnx(unet(rng, [[2, 3], [2, 1]]).save(tmp_path))
    # a layer at half the height has its rows in groups of 4
    assert (net.graph.unit(0), net.graph.unit(1)) == (8, 3)
    x = normal(rng, 1, 3, 24, 24)
    for tile, rounded, tiles in ((1, (8, 3), 24), ((4, 4), (8, 6), 12), ((13, 12), (16, 12), 4)):
        net(x, tile=tile)
        assert net.plan.tile == rounded
        assert net.plan.tiles == tiles
    net(x, tile=100)
    assert net.plan.tile == (24, 24)


def test_an_output_smaller_than_the_input(tmp_path, rng):
    builder = Builder()
    conv(builder, rng, 4, (5, 3), strides=[4, 2])
    path = builder.save(tmp_path)
    x = normal(rng, 1, 1, 41, 30)
    net = check(path, x, [1, (8, 6), (5, 30), 1000])
    assert net.output_size((41, 30)) == (10, 14)
    net(x, tile=(8, 6))
    assert net.plan.tile == (8, 6)
    assert net.plan.tiles == 5 * 5  # of 2 by 3 outputs each


def test_a_long_step_is_cut(tmp_path, rng):
    """Where the strides have a large common multiple, a step has fewer rows than that."""
    builder = Builder()
    for stride in (8, 8, 4):
        conv(builder, rng, 2, (stride, 1), strides=[stride, 1])
    w = weights(rng, 2, 1, 256, 1)
    builder.node("ConvTranspose", w, channels=1, strides=[256, 1])
    path = builder.save(tmp_path)
    net = check(path, normal(rng, 1, 1, 600, 5), [1, (256, 2)])
    assert net.graph.unit(0) == 256
    assert net.plan.step == 64


def test_lanes_change_no_bit(tmp_path, rng, monkeypatch):
    path = unet(rng, [[2, 2], [3, 4]]).save(tmp_path)
    x = normal(rng, 1, 3, 36, 88)
    want = None
    for lanes in ("4", "8", "16"):
        monkeypatch.setenv("UPWEAVE_LANES", lanes)
        net = Network.from_onnx(path)
        for tile in (None, 7, (36, 8)):
            got = net(x, tile=tile)
            want = got if want is None else want
            assert_equal_exactly(got, want)


def test_a_pixel_shuffle_after_a_strided_convolution(tmp_path, rng):
    builder = Builder(3)
    conv(builder, rng, 8, (3, 3), strides=[2, 2], pads=[1] * 4)
    builder.node("DepthToSpace", blocksize=2, channels=2)
    check(builder.save(tmp_path), normal(rng, 2, 3, 13, 18), [3])

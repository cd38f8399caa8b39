import re
from dataclasses import replace

import numpy as np
import pytest

from comparison import assert_equal_exactly
from engine.chains import (
    Builder,
    by_onnx_runtime,
    exactly,
    fitting,
    random_chain,
    relative_error,
)
from upweave.engine import Cancelled, Network
from upweave.engine.graph import Convolve

CLOSE = 1e-5


def normal(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def weights(rng, *shape):
    return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def picture(net, rng, batch, height, width):
    """Return a random picture of this size, or of the next larger that the network takes."""
    channels = net.graph.channels[net.graph.input]
    return normal(rng, batch, channels, *fitting(net.graph, (height, width)))


def weave(rng):
    """A plain stack of valid convolutions, its transposed tail, and a transposed skip."""
    builder = Builder()
    padded = builder.node("Pad", np.array([0, 0, 3, 3, 0, 0, 3, 3]), mode="edge")
    for inputs, outputs in ((1, 12), (12, 12)):
        builder.node("Conv", weights(rng, outputs, inputs, 3, 3), normal(rng, outputs))
        builder.node("PRelu", normal(rng, outputs, 1, 1))
    tail = weights(rng, 12, 1, 12, 12)
    tail = builder.node("ConvTranspose", tail, strides=[4, 4], pads=[8] * 4)
    skip = weights(rng, 1, 1, 16, 16)
    builder.node("ConvTranspose", skip, x=padded, strides=[4, 4], pads=[18] * 4)
    builder.node("Add", tail)
    return builder


def fsrcnn(rng):
    """Zero-padded convolutions and a 9 x 9 transposed tail."""
    builder = Builder()
    for inputs, outputs, k in ((1, 24, 5), (24, 6, 1), (6, 6, 3), (6, 24, 1)):
        pads = [k // 2] * 4
        builder.node("Conv", weights(rng, outputs, inputs, k, k), normal(rng, outputs), pads=pads)
        builder.node("PRelu", normal(rng, outputs, 1, 1))
    w = weights(rng, 24, 1, 9, 9)
    builder.node("ConvTranspose", w, strides=[3, 3], pads=[3] * 4)
    return builder


def espcn(rng):
    """A residual block, a pixel shuffle and a nearest-neighbour skip."""
    builder = Builder(3)
    start = builder.last
    builder.node("Conv", weights(rng, 16, 3, 3, 3), auto_pad="SAME_UPPER")
    inner = builder.node("Relu")
    builder.node("Conv", weights(rng, 16, 16, 3, 3), pads=[1] * 4)
    builder.node("Add", inner)
    builder.node("Conv", weights(rng, 12, 16, 3, 3), normal(rng, 12), pads=[1] * 4)
    large = builder.node("DepthToSpace", blocksize=2, mode="CRD")
    scales = np.array([1, 1, 2, 2], np.float32)
    builder.node("Resize", None, scales, x=start, mode="nearest")
    builder.node("Add", large)
    return builder


NETWORKS = {"weave": weave, "fsrcnn": fsrcnn, "espcn": espcn}
named = pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())


@pytest.mark.parametrize("seed", range(60))
def test_random_chains_are_onnx_runtimes(tmp_path, seed):
    rng = np.random.default_rng(seed)
    chain = random_chain(rng)
    path = chain.save(tmp_path)
    net = Network.from_onnx(path)
    batch, height, width = rng.integers(1, 3), rng.integers(1, 40), rng.integers(1, 60)
    for x in (picture(net, rng, batch, height, width), picture(net, rng, 1, 1, 1)):
        got, want, exact = net(x), by_onnx_runtime(path, x), exactly(net, x)
        # ONNX Runtime rounds as well, in some chains by more than we
        allowed = CLOSE + relative_error(want, exact)
        assert relative_error(got, want) <= allowed, (chain.kinds, x.shape)
        assert relative_error(got, exact) <= CLOSE, (chain.kinds, x.shape)


@named
def test_known_networks_are_onnx_runtimes(tmp_path, rng, make):
    path = make(rng).save(tmp_path)
    net = Network.from_onnx(path)
    for shape in ((1, 1), (1, 40), (33, 2), (50, 71)):
        x = picture(net, rng, 1, *shape)
        assert x.shape[2:] == shape
        assert relative_error(net(x), by_onnx_runtime(path, x)) <= CLOSE


@named
def test_tiles_and_threads_change_no_bit(tmp_path, rng, make):
    net = Network.from_onnx(make(rng).save(tmp_path))
    x = picture(net, rng, 2, 56, 52)
    want = net(x)
    # the last three have 8, 8 and 4 rows: whole groups of 4
    for tile, tiles in ((1000, 1), ((28, 26), 4), ((56, 13), 4), ((5, 52), 7), (7, 56), (3, 252)):
        for threads in (1, 2, 3):
            out = np.full_like(want, np.nan)
            assert_equal_exactly(net(x, tile=tile, threads=threads, out=out), want)
            assert net.plan.tiles == tiles
    assert_equal_exactly(net(x[1:], tile=9), want[1:])


@pytest.mark.parametrize("seed", range(100, 120))
def test_tiles_change_no_bit_of_random_chains(tmp_path, seed):
    rng = np.random.default_rng(seed)
    chain = random_chain(rng)
    net = Network.from_onnx(chain.save(tmp_path))
    x = picture(net, rng, 1, rng.integers(1, 30), rng.integers(1, 40))
    want = net(x, tile=1000)
    for tile in (None, (x.shape[2], 5), (4, x.shape[3]), 7, (2, 3)):
        got = net(x, tile=tile, threads=2, out=np.full_like(want, np.nan))
        assert_equal_exactly(got, want)


@named
def test_lanes_change_no_bit(tmp_path, monkeypatch, rng, make):
    path = make(rng).save(tmp_path)
    results = []
    for lanes in ("4", "8", "16"):
        monkeypatch.setenv("UPWEAVE_LANES", lanes)
        net = Network.from_onnx(path)
        x = normal(np.random.default_rng(5), 1, net.graph.channels["x"], 13, 37)
        results += [net(x), net(x, tile=6)]
    for other in results[1:]:
        assert_equal_exactly(other, results[0])


@pytest.fixture
def net(tmp_path, rng):
    return Network.from_onnx(weave(rng).save(tmp_path))


def test_out_is_filled_and_returned(net, rng):
    x = normal(rng, 2, 1, 9, 14)
    kept, want = x.copy(), net(x)
    out = np.full_like(want, np.nan)
    assert net(x, out=out) is out
    assert_equal_exactly(out, want)
    assert_equal_exactly(x, kept)
    assert want.shape == (2, 1, *net.output_size((9, 14))) == (2, 1, 36, 56)


def test_input_need_not_be_contiguous(net, rng):
    x = normal(rng, 2, 1, 9, 14)
    want = net(x)
    for same in (np.asfortranarray(x), np.repeat(x, 2, axis=2)[:, :, ::2]):
        assert_equal_exactly(net(same), want)


def test_an_empty_batch(net):
    assert net(np.zeros((0, 1, 5, 6), np.float32)).shape == (0, 1, 20, 24)


def test_alternating_sizes(net, rng):
    pictures = [normal(rng, 1, 1, n, 20 - n) for n in range(1, 12)]
    want = [Network(net.graph)(x) for x in pictures]
    for _ in range(2):  # more sizes than plans are kept
        for x, y in zip(pictures, want, strict=True):
            assert_equal_exactly(net(x), y)
            assert net.plan.input_size == x.shape[2:]
            assert net.plan.output_size == y.shape[2:]
    for n in (3, 7) * 3:
        assert_equal_exactly(net(pictures[n]), want[n])


def test_the_plan_says_what_ran(net, rng):
    assert net.plan is None
    net(normal(rng, 1, 1, 24, 24), tile=(6, 6))
    assert net.plan.tiles == 12
    assert net.plan.tile == (8, 6)  # rows come in groups of 4
    assert 1 <= net.plan.programs <= 12
    assert net.plan.scratch_bytes > 0
    assert str(net.plan).startswith("24x24 to 96x96: 12 tiles of 6x8, ")


def test_scratch_memory_does_not_grow_with_the_picture(net, rng):
    scratch = []
    for height in (60, 240):
        net(normal(rng, 1, 1, height, height), tile=30)
        scratch.append(net.plan.scratch_bytes)
    assert scratch[0] == scratch[1]


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        ([[[[1.0]]]], TypeError, "x is list; the engine takes an array of float32"),
        (np.zeros((1, 1, 5, 5)), TypeError, "x is float64; the engine takes an array of float32"),
        (np.zeros((1, 5, 5), np.float32), ValueError, "x has shape (1, 5, 5); expected (N, 1, H,"),
        (np.zeros((1, 3, 5, 5), np.float32), ValueError, "x has shape (1, 3, 5, 5); expected (N"),
        (np.zeros((1, 1, 0, 5), np.float32), ValueError, "x has shape (1, 1, 0, 5); expected (N"),
    ],
)
def test_input_that_does_not_fit_is_refused(net, x, error, text):
    with pytest.raises(error, match=f"^{re.escape(text)}"):
        net(x)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"tile": 0}, "tile: got 0; at least 1 would do"),
        ({"tile": (4, -1)}, "tile: got -1; at least 1 would do"),
        ({"threads": 0}, "threads: got 0; at least 1 would do"),
        (
            {"out": np.zeros((1, 1, 20, 24))},
            "out is float64 (1, 1, 20, 24); expected C-contiguous float32 (1, 1, 20, 24)",
        ),
        (
            {"out": np.zeros((1, 1, 20, 20), np.float32)},
            "out is float32 (1, 1, 20, 20); expected C-contiguous float32 (1, 1, 20, 24)",
        ),
        (
            {"out": np.zeros((1, 1, 20, 48), np.float32)[..., ::2]},
            "out is float32 (1, 1, 20, 24); expected C-contiguous float32 (1, 1, 20, 24)",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(net, options, text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        net(np.zeros((1, 1, 5, 6), np.float32), **options)


@pytest.mark.parametrize("step", [1, 2])
def test_out_that_overlaps_the_input_is_refused(net, step):
    out = np.zeros((1, 1, 20, 24), np.float32)
    x = out.reshape(-1)[100 : 100 + 30 * step : step].reshape(1, 1, 5, 6)
    assert np.may_share_memory(x, out)
    with pytest.raises(ValueError, match=r"^out overlaps x; give it memory of its own$"):
        net(x, out=out)


def test_a_picture_that_is_too_small_is_refused(tmp_path):
    builder = Builder()
    builder.node("Conv", np.ones((1, 1, 5, 3), np.float32))
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 5, 3), np.float32)).tolist() == [[[[15]]]]
    with pytest.raises(ValueError, match=r"^a \(4, 9\) input does not fit 'conv0': size 4 on axis"):
        net(np.zeros((1, 1, 4, 9), np.float32))
    with pytest.raises(ValueError, match=r"^a \(9, 2\) input does not fit 'conv0': size 2 on axis"):
        net.output_size((9, 2))


def test_a_reflection_larger_than_the_picture_is_refused(tmp_path):
    builder = Builder()
    builder.node("Pad", np.array([0, 0, 3, 0, 0, 0, 0, 0]), mode="reflect")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net.output_size((4, 1)) == (7, 1)
    with pytest.raises(ValueError, match=r"^a \(3, 9\) input does not fit 'pad0'"):
        net(np.zeros((1, 1, 3, 9), np.float32))


def test_a_sum_of_different_sizes_is_refused(tmp_path):
    builder = Builder()
    builder.node("Conv", np.ones((1, 1, 3, 3), np.float32))
    builder.node("Add", "x")
    net = Network.from_onnx(builder.save(tmp_path))
    with pytest.raises(ValueError, match=r"^a \(9, 9\) input gives '.*' terms of sizes"):
        net(np.zeros((1, 1, 9, 9), np.float32))


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_rises_to_one(net, rng, threads):
    x, shares = normal(rng, 1, 1, 60, 60), []
    want = net(x)
    assert_equal_exactly(net(x, tile=5, threads=threads, progress=shares.append), want)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_progress_cancels_and_may_fail(tmp_path, rng):
    builder = Builder()
    builder.node("Conv", weights(rng, 64, 1, 9, 9), pads=[4] * 4)
    builder.node("Conv", weights(rng, 64, 64, 9, 9), pads=[4] * 4)
    builder.node("Conv", weights(rng, 1, 64, 9, 9), pads=[4] * 4)
    net = Network.from_onnx(builder.save(tmp_path))
    x = normal(rng, 40, 1, 200, 200)  # takes seconds
    with pytest.raises(Cancelled):
        net(x, tile=20, progress=lambda share: False)

    def fail(share):
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        net(x, tile=20, progress=fail)
    small = x[:1, :, :30, :30]
    assert_equal_exactly(net(small, progress=lambda share: True), net(small, tile=11))


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_and_cancelling_inside_a_tile(tmp_path, rng, threads):
    builder = Builder()
    builder.node("Conv", weights(rng, 64, 1, 9, 9), pads=[4] * 4)
    builder.node("Conv", weights(rng, 64, 64, 9, 9), pads=[4] * 4)
    net = Network.from_onnx(builder.save(tmp_path))
    x, shares = normal(rng, 1, 1, 100, 100), []
    want = net(x, tile=30)
    assert_equal_exactly(net(x, tile=100, threads=threads, progress=shares.append), want)
    assert net.plan.tiles == 1
    assert len(shares) > 4
    assert shares == sorted(shares)
    assert 0 < shares[1] < shares[2] < 1
    assert shares[-1] == 1.0
    stopped = []
    with pytest.raises(Cancelled):
        net(x, tile=100, threads=threads, progress=lambda share: stopped.append(share) or False)
    assert stopped == shares[:1]
    assert_equal_exactly(net(x, tile=100, threads=threads), want)


@pytest.mark.parametrize("threads", [1, 2])
def test_bits_do_not_depend_on_when_the_caller_looks_up(net, rng, monkeypatch, threads):
    x = normal(rng, 2, 1, 37, 29)
    want = net(x, tile=11)
    monkeypatch.setattr("upweave.kernels.tiles._SHORT", 0)
    for instructions in (1, 2, 7):
        monkeypatch.setattr("upweave.kernels.tiles._FIRST", instructions)
        for tile in (11, 40):
            got = np.full_like(want, np.nan)
            assert_equal_exactly(net(x, out=got, tile=tile, threads=threads), want)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize("s", [2, 3])
def test_a_pixel_shuffle_folds_into_its_convolution(tmp_path, rng, mode, s):
    def whole(*shape):
        return rng.integers(-4, 5, shape).astype(np.float32)

    # 6 rows are too many for minimal filters, which would round
    w, bias, slopes = whole(2 * s * s, 3, 6, 4), whole(2 * s * s), whole(1)
    networks = []
    for apart in (False, True):
        builder = Builder(3)
        builder.node("Conv", w, bias, pads=[2, 0, 4, 3])
        builder.node("PRelu", slopes)
        if apart:
            builder.node("Pad", np.zeros(8, np.int64))
        builder.node("DepthToSpace", blocksize=s, mode=mode)
        path = builder.save(tmp_path)
        networks.append(Network.from_onnx(path))
    folded, unfolded = networks
    assert [convolutions(net) for net in networks] == [1, 2]
    for x in (whole(2, 3, 9, 14), whole(1, 3, 1, 1)):
        assert_equal_exactly(folded(x), unfolded(x))
        assert_equal_exactly(folded(x), by_onnx_runtime(path, x))


def convolutions(net):
    return sum(isinstance(op, Convolve) for op in net.graph.operations)


def test_activations_and_sums_go_into_their_layers(net):
    assert convolutions(net) == 4
    assert len(net.graph.operations) == 5  # and a Pad


def test_a_network_that_changes_nothing(tmp_path, rng):
    builder = Builder(2)
    builder.node("Identity")
    net = Network.from_onnx(builder.save(tmp_path))
    x = normal(rng, 2, 2, 9, 5)
    assert_equal_exactly(net(x), x)
    assert_equal_exactly(net(x, tile=2), x)


def test_a_result_that_nobody_reads(tmp_path, rng):
    builder = Builder()
    builder.node("Conv", weights(rng, 2, 1, 3, 3), normal(rng, 2))
    builder.node("Relu", x="x", channels=1)
    net = Network.from_onnx(builder.save(tmp_path))
    x = normal(rng, 1, 1, 9, 5)
    for tile in (2, None):
        assert_equal_exactly(net(x, tile=tile), np.maximum(x, 0))


def test_metadata_come_along(net):
    assert net.metadata == {}
    assert Network(replace(net.graph, metadata={"scale": "4"})).metadata == {"scale": "4"}

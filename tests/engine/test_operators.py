"""Every operator that the engine runs, against ONNX Runtime, by tiles, and layer by layer."""

import warnings

import numpy as np
import onnx
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from torch import nn
from torch.nn import functional

from comparison import assert_equal_exactly
from engine.chains import Builder, by_onnx_runtime, fitting, random_chain, relative_error
from upweave.engine import ModelError, Network
from upweave.engine.by_layer import run_by_layer
from upweave.engine.graph import Activate, Affine, Convolve, Gather, Pad
from upweave.engine.onnx_constants import Folder
from upweave.engine.onnx_node import Node

CLOSE = 1e-5


def normal(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def check(builder, folder, *pictures):
    """Assert that a model is ONNX Runtime's on some pictures, by tiles, and layer by layer."""
    path = builder.save(folder)
    net = Network.from_onnx(path)
    for x in pictures:
        want, got = by_onnx_runtime(path, x), net(x)
        assert relative_error(got, want) <= CLOSE, (builder.kinds, x.shape)
        assert relative_error(run_by_layer(net.graph, x), want) <= CLOSE
        assert_equal_exactly(net(x, tile=(2, 3), threads=2), got)
    return net


def pictures(rng, channels, *sizes):
    return [normal(rng, 2, channels, *size) for size in sizes or ((1, 1), (7, 1), (5, 19))]


def one(kind, *inputs, channels=3, opset=17, **attributes):
    builder = Builder(channels, opset)
    builder.node(kind, *inputs, **attributes)
    return builder


LIMITS = np.float32(-0.3), np.float32(0.4)
SINGLE = {
    "relu": one("Relu"),
    "sigmoid": one("Sigmoid"),
    "tanh": one("Tanh"),
    "leaky relu": one("LeakyRelu"),
    "leaky relu of a slope": one("LeakyRelu", alpha=-0.7),
    "prelu": one("PRelu", np.float32([0.5, -1, 0]).reshape(3, 1, 1)),
    "clip": one("Clip", *LIMITS),
    "clip below": one("Clip", LIMITS[0]),
    "clip above": one("Clip", None, LIMITS[1]),
    "clip nothing": one("Clip"),
    "clip crossed": one("Clip", LIMITS[1], LIMITS[0]),
    "cast": one("Cast", to=onnx.TensorProto.FLOAT),
    "identity": one("Identity"),
    "twice itself": one("Add", "x"),
    "without itself": one("Sub", "x"),
    "squared": one("Mul", "x"),
    "with itself": one("Concat", "x", axis=1),
    "concat of one": one("Concat", axis=1),
    "plus": one("Add", np.float32(0.5)),
    "minus": one("Sub", np.float32([1, 2, 3]).reshape(3, 1, 1)),
    "from": one("Sub", "x", x="c"),
    "times": one("Mul", np.float32([1, -2, 3]).reshape(1, 3, 1, 1)),
    "shuffle": one("DepthToSpace", channels=12, blocksize=2),
    "shuffle of columns": one("DepthToSpace", channels=18, blocksize=3, mode="CRD"),
    "shuffle to one": one("DepthToSpace", channels=4, blocksize=2),
    "shuffle by one": one("DepthToSpace", channels=4, blocksize=1),
    "reflect": one("Pad", np.array([0, 0, 0, 0] * 2), mode="reflect"),
    "normalization": one("BatchNormalization", *np.float32([[1, 2, 3]] * 3), np.float32([1, 0, 2])),
}
SINGLE["from"].constants.append(
    onnx.numpy_helper.from_array(np.float32([1, 2, 3])[:, None, None], "c")
)


@pytest.mark.parametrize("builder", SINGLE.values(), ids=SINGLE.keys())
def test_single_nodes(tmp_path, rng, builder):
    channels = builder.inputs[0].type.tensor_type.shape.dim[1].dim_value
    check(builder, tmp_path, *pictures(rng, channels))


def test_not_a_number_stays_one(tmp_path):
    x = np.float32([np.nan, -np.inf, np.inf, -1]).reshape(1, 1, 2, 2)
    for builder, rest in (
        (one("Relu", channels=1), [0, np.inf, 0]),
        (one("Clip", *LIMITS, channels=1), [LIMITS[0], LIMITS[1], LIMITS[0]]),
        (one("Tanh", channels=1), [-1, 1, np.tanh(np.float32(-1))]),
    ):
        y = Network.from_onnx(builder.save(tmp_path))(x).ravel()
        assert np.isnan(y[0])
        np.testing.assert_allclose(y[1:], rest, rtol=3e-7)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize(
    "how", ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric"]
)
def test_resizes_are_onnx_runtimes(tmp_path, rng, mode, how):
    roundings = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
    for factors in ((2, 2), (3, 1), (4, 5), (8, 7)):
        for rounding in roundings if mode == "nearest" else roundings[:1]:
            builder = Builder(2, 19)
            builder.node(
                "Resize",
                None,
                np.array([1, 1, *factors], np.float32),
                mode=mode,
                coordinate_transformation_mode=how,
                nearest_mode=rounding,
            )
            check(builder, tmp_path, *pictures(rng, 2, (1, 1), (2, 9), (6, 5)))


@pytest.mark.parametrize("options", [{"antialias": 1}, {"cubic_coeff_a": -0.5}])
def test_resizes_with_options_are_onnx_runtimes(tmp_path, rng, options):
    builder = Builder(1, 18)
    factors = np.array([3, 2], np.float32)
    builder.node("Resize", None, factors, mode="cubic", axes=[3, -2], **options)
    check(builder, tmp_path, *pictures(rng, 1))


def every_operator(rng):
    """A network with skips, concatenations, products and two upsamplings in a row."""
    builder = Builder(3)
    scales = np.array([1, 1, 2, 2], np.float32)

    def conv(inputs, outputs, k=3, x=None):
        w = normal(rng, outputs, inputs, k, k) / np.float32(k * np.sqrt(inputs))
        bias = normal(rng, outputs)
        pads = [k // 2] * 4
        return builder.node("Conv", w, bias, x=x, channels=outputs, pads=pads)

    start = builder.node("Sub", normal(rng, 3, 1, 1))
    conv(3, 8)
    head = builder.node("LeakyRelu", alpha=0.1)
    conv(8, 8)
    statistics = [normal(rng, 8) for _ in range(3)]
    builder.node("BatchNormalization", *statistics, rng.uniform(0.5, 2, 8).astype(np.float32))
    inner = builder.node("Clip", np.float32(-1), np.float32(1))
    gate = conv(8, 1, 1)
    gate = builder.node("Sigmoid")
    builder.node("Mul", gate, x=inner, channels=8)
    scaled = builder.node("Mul", np.float32(0.2))
    body = builder.node("Add", head, x=scaled)
    builder.node("Concat", body, head, x=inner, axis=1, channels=24)
    conv(24, 12)
    builder.node("PRelu", normal(rng, 12, 1, 1))
    builder.node("DepthToSpace", blocksize=2, channels=3)
    builder.node("Tanh")
    builder.node("Resize", None, scales, mode="linear")
    builder.node("Pad", np.array([0, 0, 1, 1] * 2), mode="reflect")
    w = normal(rng, 3, 3, 3, 3)
    builder.node("Conv", w, channels=3)
    large = builder.last
    builder.node("Resize", None, scales, x=start, mode="nearest")
    builder.node("Resize", None, scales, mode="cubic")
    builder.node("Sub", large)
    return builder


def test_a_network_of_every_operator(tmp_path, rng):
    check(every_operator(rng), tmp_path, *pictures(rng, 3, (1, 1), (11, 17), (40, 3)))


def test_tiles_threads_and_lanes_change_no_bit(tmp_path, rng, monkeypatch):
    path = every_operator(rng).save(tmp_path)
    x = normal(rng, 2, 3, 23, 37)
    want = None
    for lanes in ("4", "8", "16"):
        monkeypatch.setenv("UPWEAVE_LANES", lanes)
        net = Network.from_onnx(path)
        for tile in (None, 1000, (23, 4), (5, 37), 6):
            for threads in (1, 3):
                got = net(x, tile=tile, threads=threads)
                want = got if want is None else want
                assert_equal_exactly(got, want)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), tile=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_graphs_by_tiles_are_the_same_layer_by_layer(tmp_path, seed, tile):
    rng = np.random.default_rng(seed)
    chain = random_chain(rng)
    net = Network.from_onnx(chain.save(tmp_path))
    size = fitting(net.graph, tuple(int(n) for n in rng.integers(1, 25, 2)))
    x = normal(rng, 2, net.graph.channels["x"], *size)
    got = net(x)
    assert relative_error(got, run_by_layer(net.graph, x)) <= 3 * CLOSE, chain.kinds
    assert_equal_exactly(net(x, tile=tile, threads=2), got)


def kinds(net):
    return [type(op) for op in net.graph.operations]


def test_what_follows_a_layer_goes_into_it(tmp_path, rng):
    builder = Builder(2)
    builder.node("Pad", np.array([0, 0, 1, 1] * 2), mode="edge")
    builder.node("Conv", normal(rng, 4, 2, 3, 3), channels=4)
    builder.node("BatchNormalization", *(normal(rng, 4) for _ in range(3)), np.ones(4, np.float32))
    builder.node("Mul", np.float32(0.2))
    builder.node("LeakyRelu", alpha=0.1)
    builder.node("DepthToSpace", blocksize=2)
    net = check(builder, tmp_path, *pictures(rng, 2))
    assert kinds(net)[1:] == [Convolve]
    assert net.graph.operations[1].layer.activation.kind == "prelu"


def test_paddings_that_go_on_become_one(tmp_path, rng):
    def padded(*paddings):
        builder = Builder(2)
        for amounts, value, mode in paddings:
            given = [value] if mode == "constant" else []
            builder.node(
                "Pad", np.array([0, 0, *amounts[:2], 0, 0, *amounts[2:]]), *given, mode=mode
            )
        return kinds(check(builder, tmp_path, normal(rng, 1, 2, 5, 7), normal(rng, 1, 2, 1, 3)))

    three = np.float32(3)
    edge, again = ((1, 0, 2, 5), three, "edge"), ((0, 1, 4, 0), three, "edge")
    assert padded(edge, again, edge) == [Pad]
    constant = ((1, 0, 2, 5), three, "constant")
    assert padded(constant, constant) == [Pad]
    assert padded(constant, ((1, 1, 1, 1), np.float32(4), "constant")) == [Pad] * 2
    assert padded(constant, edge) == [Pad] * 2
    assert padded(constant, ((-1, 1, 1, 1), three, "constant")) == [Pad] * 2
    assert padded(((0, 2, 0, 1), three, "reflect"), ((0, 1, 0, 3), three, "reflect")) == [Pad] * 2


def test_what_cannot_go_into_a_layer_stays(tmp_path, rng):
    builder = Builder(2)
    builder.node("Conv", normal(rng, 4, 2, 3, 3), pads=[1] * 4)
    builder.node("Relu")
    builder.node("Mul", normal(rng, 4, 1, 1))  # after the activation
    builder.node("Sigmoid")
    builder.node("DepthToSpace", blocksize=2)
    net = check(builder, tmp_path, *pictures(rng, 2))
    assert kinds(net)[1:] == [Convolve, Affine, Activate, Convolve]


def test_a_layer_that_is_read_twice_keeps_its_result(tmp_path, rng):
    builder = Builder(2)
    inner = builder.node("Conv", normal(rng, 2, 2, 3, 3), pads=[1] * 4)
    builder.node("Mul", np.float32(3))
    builder.node("Sub", inner)
    builder.node("Concat", inner, axis=1)
    net = check(builder, tmp_path, *pictures(rng, 2))
    assert kinds(net)[-1] is Gather


def test_weights_that_would_overflow_are_not_scaled(tmp_path, rng):
    builder = Builder(1)
    builder.node("Conv", np.full((1, 1, 1, 1), 1e20, np.float32))
    builder.node("Mul", np.float32(1e20))
    net = Network.from_onnx(builder.save(tmp_path))
    x = np.float32(1e-30) * np.ones((1, 1, 3, 3), np.float32)
    np.testing.assert_allclose(net(x), 1e10, rtol=1e-6)


def test_one_plane_meets_several(tmp_path, rng):
    for kind in ("Add", "Sub", "Mul"):
        for first in (True, False):
            builder = Builder(1)
            single = builder.node("Identity")
            many = builder.node("Conv", normal(rng, 5, 1, 3, 3), pads=[1] * 4)
            a, b = (single, many) if first else (many, single)
            builder.node(kind, b, x=a)
            check(builder, tmp_path, *pictures(rng, 1))


class Torch(nn.Module):
    """What PyTorch's exporter leaves constants around: padding, clamps, interpolation."""

    def __init__(self):
        super().__init__()
        self.head = nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
        self.norm = nn.BatchNorm2d(8)
        self.up = nn.Conv2d(8, 16, 3, padding="same")
        self.tail = nn.Conv2d(12, 3, 3, padding=1)
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6])[None, :, None, None])

    def forward(self, x):
        y = functional.pad(x - self.mean, (1, 0, 2, 1), mode="replicate")
        y = functional.leaky_relu(self.norm(self.head(y)), 0.2)
        y = torch.cat(
            [functional.pixel_shuffle(self.up(y), 2), functional.interpolate(y, scale_factor=2)], 1
        )
        y = functional.silu(self.tail(functional.interpolate(y, scale_factor=2, mode="bicubic")))
        y = y * 0.1 + torch.tanh(
            functional.interpolate(functional.pad(x, (1, 0, 2, 1)), scale_factor=4, mode="bilinear")
        )
        return torch.clamp(functional.relu6(y + 0.5), 0.1, 0.9)


def test_a_network_exported_by_pytorch(tmp_path, rng):
    torch.manual_seed(0)
    module, path = Torch().eval(), tmp_path / "torch.onnx"
    for values in (module.norm.running_mean, module.norm.running_var):
        values.uniform_(0.5, 1.5)
    free = {"x": {0: "N", 2: "H", 3: "W"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        options = {"dynamo": False, "opset_version": 17, "input_names": ["x"], "dynamic_axes": free}
        torch.onnx.export(module, (torch.zeros(1, 3, 8, 8),), path, **options)
    net = Network.from_onnx(path)
    x = rng.random((2, 3, 9, 14), np.float32)
    with torch.no_grad():
        want = module(torch.from_numpy(x)).numpy()
    assert 0.1 < np.median(want) < 0.9
    assert relative_error(net(x), want) <= CLOSE


def folded(kind, *inputs, opset=17, **attributes):
    """Return what the engine and ONNX's reference make of one node with constant inputs."""
    names = [f"i{n}" if value is not None else "" for n, value in enumerate(inputs)]
    node = onnx.helper.make_node(kind, names, ["y"], "folded", **attributes)
    given = {n: v for n, v in zip(names, inputs, strict=True) if n}
    types = [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)]
    ends = [
        onnx.helper.make_tensor_value_info(
            n, onnx.helper.np_dtype_to_tensor_dtype(v.dtype), v.shape
        )
        for n, v in given.items()
    ]
    graph = onnx.helper.make_graph([node], "g", ends, types)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    return fold(node, inputs), ReferenceEvaluator(model).run(None, given)[0]


def fold(node, inputs):
    return Folder(0).result(Node(node), inputs)


def whole(*values):
    return np.array(values, np.int64)


GRID = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
FOLDED = {
    "Add": ((GRID, np.float32([1, 2, 3, 4])), {}),
    "Sub": ((np.float32(1), GRID), {}),
    "Mul": ((GRID[0], GRID), {}),
    "Div": ((GRID, np.float32(3)), {}),
    "Div of whole numbers": ((whole(7, -7, 6, -1), whole(2, 2, -3, 5)), {}),
    "Neg": ((GRID,), {}),
    "Sqrt": ((GRID,), {}),
    "Cast": ((GRID / 5,), {"to": onnx.TensorProto.INT64}),
    "Cast to float": ((whole(1, 2),), {"to": onnx.TensorProto.FLOAT}),
    "Identity": ((GRID,), {}),
    "Reshape": ((GRID, whole(0, -1, 2)), {}),
    "Unsqueeze": ((GRID, whole(0, -1)), {}),
    "Squeeze": ((GRID[:, :1], whole(1)), {}),
    "Squeeze all": ((GRID[:1, :1],), {}),
    "Concat": ((GRID, GRID[:1]), {"axis": 0}),
    "Gather": ((GRID, whole(2, 0, -1)), {"axis": 1}),
    "Gather one": ((whole(5, 6, 7), np.array(1)), {}),
    "Transpose": ((GRID,), {}),
    "Transpose by": ((GRID,), {"perm": [1, 0, 2]}),
    "Shape": ((GRID,), {}),
    "ConstantOfShape": ((whole(2, 3),), {}),
    "Slice": ((GRID, whole(1), whole(9), whole(2)), {}),
    "Slice all": ((GRID, whole(0, 1), whole(1, -1)), {}),
    "Slice backwards": ((GRID, whole(-1), whole(-(1 << 62)), whole(0), whole(-1)), {}),
    "Slice by two": ((GRID, whole(3, 0), whole(0, 3), whole(2, 1), whole(-2, 2)), {}),
}


@pytest.mark.parametrize("name", FOLDED)
def test_constants_are_computed_as_onnx_says(name):
    inputs, attributes = FOLDED[name]
    got, want = folded(name.split()[0], *inputs, **attributes)
    assert_equal_exactly(got, want)


@pytest.mark.parametrize(
    ("kind", "inputs", "text"),
    [
        ("ConstantOfShape", (whole(1 << 20, 1 << 20),), "too many values"),
        ("Add", (np.ones((1 << 15, 1)), np.ones((1, 1 << 15))), "too many values"),
        ("Gather", (np.ones((1 << 11, 1 << 11)), np.zeros(1 << 11, np.int64)), "too many values"),
        ("Div", (whole(1), whole(0)), "divides by 0"),
        ("Add", (whole(1), np.ones(1)), "combines int64 with float64"),
        ("Cast", (whole(1),), "casts to data type 10"),
    ],
)
def test_constants_that_cannot_be_computed_are_refused(kind, inputs, text):
    names = [f"i{n}" for n in range(len(inputs))]
    node = onnx.helper.make_node(kind, names, ["y"], "n", to=10) if kind == "Cast" else None
    node = node or onnx.helper.make_node(kind, names, ["y"], "n")
    with pytest.raises(ModelError, match=rf"^node 'n' \({kind}\) .*{text}"):
        fold(node, inputs)


def test_constants_may_not_grow_without_end(tmp_path):
    builder = Builder()
    builder.constants.append(onnx.numpy_helper.from_array(np.zeros(1 << 16, np.float32), "d0"))
    for n in range(40):
        node = onnx.helper.make_node("Concat", [f"d{n}"] * 2, [f"d{n + 1}"], f"n{n}", axis=0)
        builder.nodes.append(node)
    builder.node("Relu")
    with pytest.raises(ModelError, match=r"\(Concat\) would make constants of too many values"):
        Network.from_onnx(builder.save(tmp_path))


@pytest.mark.parametrize(
    "attribute",
    [{"value_float": 2.0}, {"value_floats": [2.0]}, {"value_ints": [2]}, {"value_int": 2}],
)
def test_constants_in_all_forms(tmp_path, attribute):
    builder = Builder()
    builder.nodes.append(onnx.helper.make_node("Constant", [], ["two"], "two", **attribute))
    cast = onnx.helper.make_node("Cast", ["two"], ["c"], "cast", to=onnx.TensorProto.FLOAT)
    builder.nodes.append(cast)
    builder.node("Mul", "c")
    net = Network.from_onnx(builder.save(tmp_path))
    assert net(np.ones((1, 1, 1, 2), np.float32)).tolist() == [[[[2, 2]]]]


def test_an_input_that_grows_too_large_is_refused(tmp_path):
    builder = Builder()
    for _ in range(5):
        builder.node("ConvTranspose", np.ones((1, 1, 3, 3), np.float32), strides=[8, 8])
    net = Network.from_onnx(builder.save(tmp_path))
    with pytest.raises(ValueError, match=r"^a \(8, 8\) input grows too large: 'convtranspose3'"):
        net(np.zeros((1, 1, 8, 8), np.float32))


def test_tiles_that_need_too_much_memory_are_refused(tmp_path, rng):
    builder = Builder()
    far = {"pads": [1000] * 4, "dilations": [1000, 1000]}
    builder.node("Conv", normal(rng, 64, 1, 3, 3), **far)
    builder.node("Conv", normal(rng, 1, 64, 3, 3), **far)
    net = Network.from_onnx(builder.save(tmp_path))
    with pytest.raises(ValueError, match=r"need 64 planes of .* more than 64 MiB$"):
        net(np.zeros((1, 1, 8, 8), np.float32))

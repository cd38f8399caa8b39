import dataclasses
from itertools import product

import numpy as np
import pytest
import torch

from upweave.ops.axes import GeometryError
from upweave.ops.geometry import Geometry
from upweave.ops.solving import keras_arguments, onnx_attributes, torch_arguments

SIZES = [*product(range(1, 8), range(1, 20)), (64, 256), (64, 127), (1, 100), (100, 64), (7, 231)]


def arguments(text):
    return eval(f"dict({text})", {"dict": dict})


def parameters(solution):
    g = solution.geometry
    return (g.kernel[0], g.stride[0], *g.padding[0], g.output_padding[0], g.dilation[0])


@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_every_solution_has_the_sizes_asked_for(dilation):
    for i, o in SIZES:
        solutions = Geometry.solve(i, o, dilation=dilation)
        assert len({s.geometry for s in solutions}) == len(solutions)
        for solution in solutions:
            assert solution.geometry.output_size(i) == (o,)
            assert solution.uneven == (len(set(solution.geometry.taps_per_phase(0))) > 1)


@pytest.mark.parametrize(("i", "o"), [*product((1, 2, 5), (1, 3, 4, 9, 10)), (3, 7), (6, 16)])
def test_all_that_the_documentation_promises_is_found(i, o):
    up = -(-o // i)
    every = set()
    for s in {*range(1, min(up, 16) + 1), max(1, o // i), up}:
        for k in {*range(1, 17), s, 2 * s, 3 * s, 4 * s, 2 * s - 1, 3 * s - 1, 4 * s - 1}:
            # By the least output padding, then all paddings that leave each input a part.
            fits = [
                (k, s, p, p, a, 1)
                for a, p in product(range(s), range(k))
                if (i - 1) * s + k - 2 * p + a == o
            ]
            every |= set(fits[:1])
    assert {parameters(s) for s in Geometry.solve(i, o)} == every


def test_what_is_fixed_stays():
    for fixed in (
        {"kernel": 5},
        {"stride": 3},
        {"padding": 2},
        {"padding": ((0, 1),)},
        {"output_padding": 1},
        {"dilation": 2, "output_padding": 1, "stride": 1},
        {"kernel": 40, "stride": 4, "padding": 18},
        {"kernel": 4, "stride": 4, "padding": ((-1, 2),)},
    ):
        found = Geometry.solve(8, 32, **fixed) + Geometry.solve(8, 31, **fixed)
        assert found, fixed
        for solution in found:
            expected = dataclasses.replace(solution.geometry, **fixed)
            assert solution.geometry == expected
    assert Geometry.solve(64, 128, kernel=3, stride=2, padding=0) == []
    assert Geometry.solve(64, 128, kernel=3, stride=2, padding=1)[0].geometry == Geometry(
        3, 2, 1, 1
    )
    assert Geometry.solve(64, 128, stride=2, output_padding=2) == []


def test_the_simplest_comes_first():
    keys = []
    for s in Geometry.solve(6, 12):
        k, stride, p, q, a, _ = parameters(s)
        keys.append((stride != 2, k % stride > 0, a, k, p + q))
    assert keys == sorted(keys)
    assert {key[:2] for key in keys} >= {(False, False), (False, True), (True, False)}
    kernels = [parameters(s)[0] for s in Geometry.solve(6, 12) if not s.uneven]
    assert kernels[:3] == [2, 4, 6]


def test_several_axes():
    for solution in Geometry.solve((4, 5), (8, 10)):
        g = solution.geometry
        assert g.output_size((4, 5)) == (8, 10)
        assert {len(set(v)) for v in (g.kernel, g.stride, g.padding, g.output_padding)} == {1}
    first = Geometry.solve((4, 5), (8, 20))[0]
    assert first.geometry == Geometry((2, 4), (2, 4))
    assert first.torch == "kernel_size=(2, 4), stride=(2, 4)"
    both = Geometry.solve((4, 5), (8, 20))
    assert len(both) == len(Geometry.solve(4, 8)) * len(Geometry.solve(5, 20))
    assert all(s.geometry.output_size((4, 5)) == (8, 20) for s in both)
    assert Geometry.solve(4, 8, kernel=(4, 2))[0].geometry == Geometry((4, 2), 2, (1, 0))
    assert Geometry.solve((4, 64), (8, 1)) == []


def test_wrong_arguments():
    with pytest.raises(GeometryError, match="input_size: got 0"):
        Geometry.solve(0, 3)
    with pytest.raises(GeometryError, match="kernel: got 0"):
        Geometry.solve(1, 3, kernel=0)
    with pytest.raises(GeometryError, match="output_size: got"):
        Geometry.solve((1, 2), (3, 4, 5))
    with pytest.raises(TypeError, match="stride: got"):
        Geometry.solve(1, 3, stride=1.5)


# What the frameworks make of their own arguments, (start, size) in the full output; coded from
# their documented rules, not from ours.


def torch_window(i, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    full = (i - 1) * stride + dilation * (kernel_size - 1) + 1
    return padding, full - 2 * padding + output_padding


def onnx_window(i, kernel_shape, strides, pads, output_padding=(0,), dilations=(1,)):
    (k,), (s,), (begin, end), (a,), (d,) = kernel_shape, strides, pads, output_padding, dilations
    assert min(begin, end, a) >= 0
    assert a < s
    return begin, s * (i - 1) + a + (k - 1) * d + 1 - begin - end


def keras_window(i, kernel_size, strides, padding, output_padding=None, dilation_rate=1):
    s, extent = strides, (kernel_size - 1) * dilation_rate + 1
    assert s == 1 or dilation_rate == 1
    full = (i - 1) * s + extent
    if output_padding is None:
        if padding == "valid":
            return 0, i * s + max(extent - s, 0)
        return max((extent - s) // 2, 0), i * s
    assert 0 <= output_padding < s
    if padding == "valid":
        return 0, full + output_padding
    n = (i - 1) * s + extent % 2 + output_padding
    assert -(-n // s) == i  # what TensorFlow demands
    return max(full - n, 0) // 2, n


GRID = [
    Geometry((k,), (s,), ((b, e),), (a,), (d,))
    for k, s, d, b, e in product(range(1, 7), range(1, 5), (1, 2), range(-1, 4), range(-1, 4))
    for a in range(max(s, d))
]


def windows(g, i):
    full, (begin, end) = g.full_size(i)[0], g.padding[0]
    return begin, full - begin - end + g.output_padding[0]


@pytest.mark.parametrize(
    ("name", "window"),
    [(torch_arguments, torch_window), (onnx_attributes, onnx_window)],
)
def test_words_mean_the_same_window(name, window):
    told = 0
    for g in GRID:
        text = name(g)
        begin, size = windows(g, 5)
        if text is None:
            # The end would have to be cropped less than nothing, or the start longer.
            (b, e), a = g.padding[0], g.output_padding[0]
            top = g.stride[0] if name is onnx_attributes else max(g.stride[0], g.dilation[0])
            assert b < 0 or (a - e >= top if name is onnx_attributes else not 0 <= b - e + a < top)
            continue
        told += 1
        assert window(5, **arguments(text)) == (begin, size)
    assert told > 200


def test_keras_words_are_all_there_are_and_right():
    told = 0
    for g in GRID:
        (k,), (s,), (d,) = g.kernel, g.stride, g.dilation
        ways = []
        for padding, op in product(("same", "valid"), (None, *range(s))):
            try:
                found = {keras_window(i, k, s, padding, op, d) == windows(g, i) for i in (1, 2, 7)}
            except AssertionError:
                continue
            if found == {True}:
                ways.append((padding, op))
        text = keras_arguments(g)
        if text is None:
            assert ways == []
            continue
        told += 1
        told_as = arguments(text)
        assert (told_as["padding"], told_as.get("output_padding")) in ways
        # An output padding is named only where there is no word for it.
        assert "output_padding" not in told_as or all(op is not None for _, op in ways)
    assert told > 50


def test_words_for_known_layers():
    dcgan = Geometry((4, 4), 2, 1)
    assert keras_arguments(dcgan) == 'kernel_size=4, strides=2, padding="same"'
    assert torch_arguments(dcgan) == "kernel_size=4, stride=2, padding=1"
    expected = "kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1]"
    assert onnx_attributes(dcgan) == expected
    # Keras's "same" has this size too, but begins one earlier.
    assert keras_arguments(Geometry(3, 2, 1, 1)) is None
    assert keras_arguments(Geometry(3, 2, ((0, 1),))) == 'kernel_size=3, strides=2, padding="same"'
    # "same" on one axis and "valid" on the other is no layer of Keras.
    assert keras_arguments(Geometry((4, 4), 2, (1, 0))) is None
    assert keras_arguments(Geometry((3, 3), (1, 2), 0, 0, (2, 1))) is None
    four = Geometry((2, 2, 2, 2), 2)
    assert (torch_arguments(four), keras_arguments(four)) == (None, None)
    assert onnx_attributes(four)


def test_torch_makes_these_sizes():
    told = 0
    for i, o in SIZES[::5]:
        for solution in Geometry.solve(i, o)[:6]:
            layer = torch.nn.ConvTranspose1d(1, 1, **arguments(solution.torch))
            assert layer(torch.zeros(1, 1, i)).shape[-1] == o
            told += 1
    assert told > 100


def test_sizes_backwards():
    for g in GRID[::7]:
        made = {}
        back = {}
        for i in range(1, 40):
            for sizes, of in ((made, g.output_size), (back, g.input_size)):
                try:
                    sizes.setdefault(of(i)[0], []).append(i)
                except GeometryError:
                    continue
        for n in range(1, 8):
            assert list(g.input_sizes(n)[0]) == made.get(n, [])
            tried = [i for i in g.convolution_input_sizes(n)[0] if i < 40]
            assert tried == back.get(n, [])
    g = Geometry((3, 4), 2, 1)
    assert g.input_sizes((5, 8)) == (range(3, 4), range(4, 5))
    assert [list(r) for r in g.input_sizes((6, 8))] == [[], [4]]
    assert [list(r) for r in g.convolution_input_sizes(3)] == [[5, 6], [6, 7]]
    with pytest.raises(GeometryError, match="output_size: got 0"):
        g.input_sizes(0)
    with pytest.raises(GeometryError, match="output_size: got 0"):
        g.convolution_input_sizes(0)


def test_values_of_the_onnx_words():
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(2)
    for g in [g for g in GRID if onnx_attributes(g) and windows(g, 4)[1] > 0][::40]:
        x = rng.integers(-4, 5, (1, 1, 4)).astype(np.float32)
        w = rng.integers(-4, 5, (1, 1, g.kernel[0])).astype(np.float32)
        node = onnx.helper.make_node(
            "ConvTranspose", ["x", "w"], ["y"], **arguments(onnx_attributes(g))
        )
        ends = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (None, None, None))
            for name in "xwy"
        ]
        graph = onnx.helper.make_graph([node], "g", ends[:2], ends[2:])
        model = onnx.helper.make_model(
            graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
        )
        session = runtime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        (y,) = session.run(None, {"x": x, "w": w})
        full = np.zeros(200, np.float32)
        for j, t in product(range(4), range(g.kernel[0])):
            full[j * g.stride[0] + t * g.dilation[0]] += x[0, 0, j] * w[0, 0, t]
        begin, size = windows(g, 4)
        np.testing.assert_array_equal(y[0, 0], full[begin : begin + size])

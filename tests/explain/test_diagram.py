"""Diagrams of networks: what is written in them, against shapes and sums found in other ways."""

import itertools

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from matplotlib.patches import FancyArrowPatch, Rectangle

from engine.chains import Builder, random_chain
from upweave.engine.onnx_summary import summarize
from upweave.explain import diagram, stills
from upweave.learning import export, recipe, summary
from upweave.learning.networks import FSRCNN, LapSRN, ResizeConvolution, Weave


def drawn(path, size=(5, 7)):
    return diagram.draw(summarize(path, size), "a network")


def cells(figure):
    """Return what is written below each box, by heading, lines joined."""
    found = {}
    for text in figure.axes[0].texts:
        if text.get_gid() and text.get_gid().count("-") >= 2:
            heading, number, line = text.get_gid().rsplit("-", 2)
            lines = found.setdefault(int(number), {}).setdefault(heading, [])
            assert int(line) == len(lines)
            lines.append(text.get_text())
    assert sorted(found) == list(range(len(found)))
    return [
        {heading: "\n".join(lines) for heading, lines in found[number].items()}
        for number in range(len(found))
    ]


def named(figure, gid):
    (text,) = (text for text in figure.axes[0].texts if text.get_gid() == gid)
    return text.get_text()


def arrows(figure, kind):
    """Return from which box to which box the arrows of a kind go."""
    gids = [p.get_gid() for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    return sorted(tuple(map(int, g.split("-")[1:])) for g in gids if g.split("-")[0] == kind)


def shape(*numbers):
    return "×".join(map(str, numbers))


def exported(network, name, folder):
    """Export a network of PyTorch's by a recipe that stands for any."""
    export.export(network, folder / "a.onnx", recipe.load(name))
    return folder / "a.onnx"


def learned(network, size):
    """Return (shape, parameters, multiply-adds) of each layer, as PyTorch's hooks see it.

    Activations count with the layer before.
    """
    found = []
    for row in summary.rows(network, size):
        module = network.get_submodule(row.name)
        if isinstance(module, torch.nn.PReLU | torch.nn.LeakyReLU | torch.nn.ReLU):
            output, before, cost = found.pop()
            found.append((output, before + row.parameters, cost))
        else:
            found.append((row.shape, row.parameters, row.multiply_adds))
    return found


def said(cell):
    """Return the same of what is written below a box."""
    numbers = (cell.get(key, "0").replace(",", "") for key in ("parameters", "multiply-adds"))
    return (tuple(map(int, cell["output"].split("×"))), *map(int, numbers))


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (13, 4)])
def test_weave(tmp_path, size):
    torch.manual_seed(1)
    network = Weave(3, 4, 2)
    figure = drawn(exported(network, "weave-s-x3", tmp_path), size)
    written = cells(figure)
    operators = ["input", "Pad", *["Conv\nPRelu"] * 3, "ConvTranspose", "ConvTranspose", "Add"]
    assert [cell["operator"] for cell in written] == operators
    assert [cell.get("kernel") for cell in written] == [
        *(None, None, "3×3", "3×3", "3×3", "9×9", "11×11", None)
    ]
    assert [cell.get("stride") for cell in written] == [
        *(None, None, "1", "1", "1", "3", "3", None)
    ]
    layers = learned(network, size)
    assert [said(cell) for cell in written[2:6]] == layers[:4]
    # the bicubic kernel is none of PyTorch's parameters, but the file holds it
    rows, columns = size
    assert said(written[6]) == ((1, 3 * rows, 3 * columns), 121, 121)
    assert written[1] == {"operator": "Pad", "output": shape(1, rows + 8, columns + 8)}
    assert written[7] == {"operator": "Add", "output": shape(1, 3 * rows, 3 * columns)}
    assert arrows(figure, "arc") == [(1, 6), (5, 7)]
    assert arrows(figure, "arrow") == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (6, 7)]
    assert named(figure, "title") == "a network"
    parameters = network.parameter_count() + 121
    cost = network.multiply_adds() + 121
    assert named(figure, "totals").startswith(f"{parameters:,} parameters, {cost:,} multiply-adds")


def test_lapsrn_of_two_levels(tmp_path):
    torch.manual_seed(1)
    network = LapSRN(4, width=3, depth=2)
    figure = drawn(exported(network, "lapsrn-x4", tmp_path), (5, 3))
    written = cells(figure)
    level = [*["Conv\nLeakyRelu"] * 2, "ConvTranspose\nLeakyRelu", "Conv", "ConvTranspose", "Add"]
    assert [cell["operator"] for cell in written] == ["input", "Conv\nLeakyRelu", *level, *level]
    # the order of the file: the residual comes before the picture, in PyTorch after it
    layers = learned(network, (5, 3))
    for first in (4, 9):
        layers[first : first + 2] = layers[first : first + 2][::-1]
    counted = [said(cell) for cell in written if "parameters" in cell]
    assert counted == layers
    assert [written[n]["output"] for n in (7, 13)] == ["1×10×6", "1×20×12"]
    assert arrows(figure, "arc") == [(0, 6), (4, 8), (5, 7), (7, 12), (11, 13)]
    cost = network.multiply_adds()
    assert named(figure, "totals").startswith(
        f"{network.parameter_count():,} parameters, {cost:,} multiply-adds"
    )


@pytest.mark.parametrize("network", [FSRCNN(4, 6, 3, 2), ResizeConvolution(3, 4, 1)])
def test_chains(tmp_path, network):
    figure = drawn(exported(network, "fsrcnn-x4", tmp_path), (3, 8))
    written = cells(figure)
    theirs = [row for row in learned(network, (3, 8)) if row[1]]
    assert [said(cell) for cell in written if "parameters" in cell] == theirs
    assert arrows(figure, "arc") == []
    assert len(arrows(figure, "arrow")) == len(written) - 1


def test_a_u_net_with_concatenations(tmp_path):
    """All numbers by hand."""
    net = Builder(2)

    def conv(inputs, outputs, stride=1):
        w, b = np.ones((outputs, inputs, 3, 3), np.float32), np.ones(outputs, np.float32)
        net.node("Conv", w, b, channels=outputs, pads=[1] * 4, strides=[stride, stride])
        return net.node("Relu")

    def up(inputs, outputs):
        w = np.ones((inputs, outputs, 2, 2), np.float32)
        net.node("ConvTranspose", w, channels=outputs, strides=[2, 2])

    first = conv(2, 4)
    conv(4, 4, stride=2)
    second = conv(4, 8)
    conv(8, 8, stride=2)
    up(8, 8)
    net.node("Concat", second, channels=16, axis=1)
    conv(16, 8)
    up(8, 4)
    net.node("Concat", first, channels=8, axis=1)
    net.node("Conv", np.ones((1, 8, 1, 1), np.float32), channels=1)
    net.node("Sigmoid")
    figure = drawn(net.save(tmp_path), (12, 20))
    assert [tuple(cell.values()) for cell in cells(figure)] == [
        ("input", "2×12×20"),
        ("Conv\nRelu", "3×3", "1", "4×12×20", "76", "72"),
        ("Conv\nRelu", "3×3", "2", "4×6×10", "148", "36"),
        ("Conv\nRelu", "3×3", "1", "8×6×10", "296", "72"),
        ("Conv\nRelu", "3×3", "2", "8×3×5", "584", "36"),
        ("ConvTranspose", "2×2", "2", "8×6×10", "256", "16"),
        ("Concat", "16×6×10"),
        ("Conv\nRelu", "3×3", "1", "8×6×10", "1,160", "288"),
        ("ConvTranspose", "2×2", "2", "4×12×20", "128", "32"),
        ("Concat", "8×12×20"),
        ("Conv\nSigmoid", "1×1", "1", "1×12×20", "8", "8"),
    ]
    assert arrows(figure, "arc") == [(1, 9), (3, 6)]
    assert len(arrows(figure, "arrow")) == 10
    assert named(figure, "totals").startswith("2,656 parameters, 560 multiply-adds")


def test_one_layer(tmp_path):
    net = Builder(3)
    w = np.ones((6, 1, 3, 5), np.float32)
    options = {"group": 3, "dilations": [2, 1], "strides": [1, 2]}
    net.node("Conv", w, channels=6, pads=[2, 2, 2, 2], **options)
    figure = drawn(net.save(tmp_path), (7, 9))
    assert cells(figure) == [
        {"operator": "input", "output": "3×7×9"},
        {
            "operator": "Conv",
            "kernel": "3×5",
            "stride": "1×2",
            "dilation": "2×1",
            "groups": "3",
            "output": "6×7×5",
            "parameters": "90",
            "multiply-adds": "45",
        },
    ]
    assert (arrows(figure, "arrow"), arrows(figure, "arc")) == ([(0, 1)], [])


def test_what_else_reads_a_layer_reads_it_before_its_activation(tmp_path):
    net = Builder(1)
    conv = net.node("Conv", np.ones((1, 1, 1, 1), np.float32))
    relu = net.node("Relu")
    net.node("Tanh", x=relu)
    net.node("Add", conv)
    figure = drawn(net.save(tmp_path))
    operators = [cell["operator"] for cell in cells(figure)]
    assert operators == ["input", "Conv", "Relu\nTanh", "Add"]
    assert arrows(figure, "arc") == [(1, 3)]


def test_the_output_may_be_the_input(tmp_path):
    net = Builder(2)
    net.node("Identity")
    figure = drawn(net.save(tmp_path), (3, 4))
    assert cells(figure) == [{"operator": "input", "output": "2×3×4"}]
    assert named(figure, "totals").startswith("0 parameters, 0 multiply-adds")


def shapes_by_onnx_runtime(path, size):
    """Return the shape of every tensor for an input of a size, all of them made outputs."""
    model = onnx.load(path)
    names = [node.output[0] for node in model.graph.node]
    del model.graph.output[:]
    model.graph.output.extend(Builder.tensor(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    channels = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    found = session.run(names, {"x": np.zeros((1, channels, *size), np.float32)})
    return {"x": (channels, *size)} | {n: v.shape[1:] for n, v in zip(names, found, strict=True)}


@pytest.mark.parametrize("seed", range(40))
def test_networks_at_random(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = random_chain(rng, layers=int(rng.integers(1, 9))).save(tmp_path)
    size = (int(rng.integers(24, 40)), int(rng.integers(24, 40)))
    network = summarize(path, size)
    figure = diagram.draw(network, f"network {seed}")
    truth = shapes_by_onnx_runtime(path, size)
    for row in network.layers:
        assert row.shape == truth[row.output]
    written = cells(figure)
    assert sum(said(cell)[1] for cell in written) == network.parameters
    outputs = {shape(*truth[network.input])} | {shape(*truth[row.output]) for row in network.layers}
    assert {cell["output"] for cell in written} <= outputs
    assert written[-1]["output"] == shape(*truth[onnx.load(path).graph.output[0].name])
    reads = {name for row in network.layers for name in row.inputs}
    assert reads <= {network.input, *(row.output for row in network.layers)}
    assert_nothing_overlaps(figure)


def assert_nothing_overlaps(figure):
    """Texts lie in the figure, and meet neither each other nor boxes."""
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = [p.get_window_extent() for p in axes.patches if isinstance(p, Rectangle)]
    places = [text.get_window_extent() for text in axes.texts] + boxes
    for a, b in itertools.combinations(places, 2):
        assert min(a.x1, b.x1) <= max(a.x0, b.x0) or min(a.y1, b.y1) <= max(a.y0, b.y0)
    for place in places:
        assert min(place.x0, place.y0) >= 0
        assert place.x1 <= figure.bbox.x1
        assert place.y1 <= figure.bbox.y1


def test_heights_stand_for_channels(tmp_path):
    net = Builder(1)
    for inputs, outputs in ((1, 16), (16, 100), (100, 1)):
        net.node("Conv", np.ones((outputs, inputs, 1, 1), np.float32), channels=outputs)
    figure = drawn(net.save(tmp_path))
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    heights = np.array([box.get_height() for box in boxes])
    assert heights / heights[0] == pytest.approx([1, 4, 10, 1])
    assert len({round(box.get_y() + box.get_height() / 2, 9) for box in boxes}) == 1


def test_arcs_pass_over_boxes_and_each_other(tmp_path):
    net = Builder(1)
    first = net.node("Conv", np.ones((9, 1, 1, 1), np.float32), channels=9)
    second = net.node("Conv", np.ones((9, 9, 1, 1), np.float32))
    net.node("Conv", np.ones((64, 9, 1, 1), np.float32), channels=64)
    net.node("Conv", np.ones((9, 64, 1, 1), np.float32), channels=9)
    net.node("Add", second)
    net.node("Add", first)
    figure = drawn(net.save(tmp_path))
    axes = figure.axes[0]
    assert arrows(figure, "arc") == [(1, 6), (2, 5)]
    arcs = {p.get_gid(): p for p in axes.patches if isinstance(p, FancyArrowPatch)}
    outer, inner = (arcs[gid].get_path().get_extents() for gid in ("arc-1-6", "arc-2-5"))
    tallest = max(p.get_y() + p.get_height() for p in axes.patches if isinstance(p, Rectangle))
    assert outer.y1 > inner.y1 > tallest
    assert outer.y1 < axes.get_ylim()[1] - 0.3  # below the titles


@pytest.mark.parametrize("name", ["$x_$ {", "猫", "a\nb", "  "])
def test_any_name(tmp_path, bicubic_network, name):
    figure = diagram.draw(summarize(bicubic_network(2)), name)
    assert named(figure, "title") == name.replace("\n", " ")
    assert named(figure, "title") in stills.still(figure, "svg").decode()

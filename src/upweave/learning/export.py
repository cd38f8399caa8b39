"""ONNX files of trained networks, written node by node.

Opset 17; input "input" (N, 1, H, W) and output "output" (N, 1, scale·H, scale·W), luma in [0, 1];
N, H and W are free. Only the operators that the engine runs: Pad, Conv, PRelu, ConvTranspose, Add.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

import upweave
from upweave.learning.networks import FSRCNN, Network, Weave
from upweave.learning.recipe import Recipe
from upweave.ops import interpolation
from upweave.whole import whole_file

__all__ = ["export", "write_metadata"]

OPSET = 17
IR_VERSION = 8  # the one of opset 17, so that runtimes of that age read it


@dataclass
class _Graph:
    """Nodes and initialisers, in the order they were added."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: Tensor | NDArray[Any]) -> str:
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(
        self, operator: str, name: str, *inputs: str, **attributes: int | list[int] | str
    ) -> str:
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
        self.nodes.append(node)
        return name

    def layer(self, name: str, x: str, module: nn.Module) -> str:
        """Add a convolution or PReLU as torch has it."""
        if isinstance(module, nn.PReLU):
            slope = self.constant(f"{name}.slope", module.weight[:, None, None])
            return self.add("PRelu", name, x, slope)
        assert isinstance(module, nn.Conv2d)
        parameters = self._parameters(name, module)
        pads = [int(p) for p in module.padding] * 2
        return self.add(
            "Conv", name, x, *parameters, kernel_shape=list(module.kernel_size), pads=pads
        )

    def upsampling(self, name: str, x: str, module: nn.ConvTranspose2d) -> str:
        """Add a transposed convolution as torch has it."""
        return self.add(
            "ConvTranspose",
            name,
            x,
            *self._parameters(name, module),
            kernel_shape=list(module.kernel_size),
            strides=list(module.stride),
            pads=[int(p) for p in module.padding] * 2,
            output_padding=list(module.output_padding),
        )

    def _parameters(self, name: str, module: nn.Conv2d | nn.ConvTranspose2d) -> list[str]:
        assert module.bias is not None
        return [
            self.constant(f"{name}.weight", module.weight),
            self.constant(f"{name}.bias", module.bias),
        ]


def _weave(graph: _Graph, network: Weave) -> None:
    scale, halo = network.scale, network.halo
    pads = graph.constant("pads", np.array([0, 0, halo, halo, 0, 0, halo, halo], np.int64))
    padded = graph.add("Pad", "pad", "input", pads, mode="edge")
    x = padded
    for i, module in enumerate([*network.head, *network.body]):
        kind = "prelu" if isinstance(module, nn.PReLU) else "conv"
        x = graph.layer(f"{kind}{i // 2}", x, module)
    learned = graph.upsampling("tail", x, network.tail)

    kernel = interpolation.kernel("bicubic", scale)
    taps = np.outer(kernel.taps, kernel.taps).astype(np.float32)[None, None]
    bicubic = graph.add(
        "ConvTranspose",
        "bicubic",
        padded,
        graph.constant("bicubic.weight", taps),
        kernel_shape=[len(kernel.taps)] * 2,
        strides=[scale, scale],
        pads=[kernel.padding[0] + scale * halo] * 4,
    )
    graph.add("Add", "output", learned, bicubic)


def _fsrcnn(graph: _Graph, network: FSRCNN) -> None:
    x = "input"
    for i, module in enumerate(network.body):
        kind = "prelu" if isinstance(module, nn.PReLU) else "conv"
        x = graph.layer(f"{kind}{i // 2}", x, module)
    graph.upsampling("output", x, network.tail)


def export(
    network: Network,
    path: Path,
    recipe: Recipe,
    *,
    commit: str = "unknown",
    scores: dict[str, Any] | None = None,
) -> None:
    """Write a trained network as an ONNX file.

    Parameters
    ----------
    network : Network
        Branches, if any, are folded first.
    path : Path
        Written whole or not at all; an existing file is replaced.
    recipe : Recipe
        What it was trained with; goes into the metadata.
    commit : str
        Of the source tree that trained it.
    scores : dict, optional
        Measured scores, such as ``{"Set5": {"psnr": 30.8, "ssim": 0.87}}``.
    """
    network = network.plain()
    graph = _Graph()
    if isinstance(network, Weave):
        _weave(graph, network)
    else:
        _fsrcnn(graph, network)
    size = ("N", 1, "H", "W"), ("N", 1, f"{network.scale}*H", f"{network.scale}*W")
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in zip(("input", "output"), size, strict=True)
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, recipe.name, ends[:1], ends[1:], graph.initialisers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="upweave",
        producer_version=upweave.__version__,
    )
    _describe(
        model,
        name=recipe.name,
        scale=recipe.scale,
        colour="luma",
        range="0-1",
        training_data=list(recipe.folders),
        training_data_licence=recipe.licence,
        recipe=recipe.as_dict(),
        commit=commit,
        scores=scores or {},
    )
    _write(model, path)


def write_metadata(path: Path, **fields: object) -> None:
    """Set or replace metadata of an ONNX file: texts as they are, all else as JSON."""
    model = onnx.load(path)
    _describe(model, **fields)
    _write(model, path)


def _describe(model: onnx.ModelProto, **fields: object) -> None:
    known = {entry.key: entry.value for entry in model.metadata_props}
    for key, value in fields.items():
        known[key] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    helper.set_model_props(model, known)


def _write(model: onnx.ModelProto, path: Path) -> None:
    onnx.checker.check_model(model, full_check=True)
    with whole_file(path) as file:
        file.write(model.SerializeToString())

"""Writes a network's layers as nodes of an ONNX graph: only operators that the engine runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from upweave.learning.networks.layers import Bicubic, SameConvTranspose2d

__all__ = ["GraphWriter"]

Attribute = int | float | str | list[int]


@dataclass
class GraphWriter:
    """Nodes and initialisers, in the order they were added.

    A tensor has the name of the node that computes it. Every method returns its result's name.
    """

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: list[onnx.TensorProto] = field(default_factory=list)
    _count: Counter[str] = field(default_factory=Counter)

    def constant(self, name: str, value: Tensor | NDArray[Any]) -> str:
        """Add an initialiser."""
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, name: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node of any operator; an empty input is one that is left out."""
        node = helper.make_node(operator, list(inputs), [name], name)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
        self.nodes.append(node)
        return name

    def chain(self, x: str, modules: Iterable[nn.Module]) -> str:
        """Add layers that follow one another."""
        for module in modules:
            x = self.layer(x, module)
        return x

    def layer(self, x: str, module: nn.Module, name: str | None = None) -> str:
        """Add one layer; by default its name is its kind's, numbered."""
        match module:
            case nn.Conv2d():
                return self._conv(name or self._numbered("conv"), x, module)
            case nn.ConvTranspose2d():
                return self._conv_transpose(name or self._numbered("tconv"), x, module)
            case Bicubic():
                return self._bicubic(name or "bicubic", x, module)
            case nn.UpsamplingNearest2d():
                return self._nearest(name or self._numbered("nearest"), x, module)
            case nn.PixelShuffle():
                name, block = name or self._numbered("shuffle"), module.upscale_factor
                return self.add("DepthToSpace", name, x, blocksize=block, mode="CRD")
            case _:
                return self._activation(x, module)

    def edge_pad(self, x: str, halo: int) -> str:
        """Repeat the edge pixel ``halo`` times on each side."""
        pads = self.constant("pads", np.array([0, 0, halo, halo] * 2, np.int64))
        return self.add("Pad", "pad", x, pads, mode="edge")

    def sum(self, a: str, b: str) -> str:
        """Add two tensors."""
        return self.add("Add", self._numbered("add"), a, b)

    def rename(self, name: str, to: str) -> None:
        """Give a tensor that no node reads another name."""
        for node in self.nodes:
            if node.output[0] == name:
                node.output[0] = node.name = to

    def _numbered(self, kind: str) -> str:
        self._count[kind] += 1
        return f"{kind}{self._count[kind] - 1}"

    def _activation(self, x: str, module: nn.Module) -> str:
        match module:
            case nn.PReLU():
                name = self._numbered("prelu")
                slope = self.constant(f"{name}.slope", module.weight[:, None, None])
                return self.add("PRelu", name, x, slope)
            case nn.LeakyReLU():
                alpha = float(module.negative_slope)
                return self.add("LeakyRelu", self._numbered("leaky"), x, alpha=alpha)
            case nn.ReLU():
                return self.add("Relu", self._numbered("relu"), x)
            case nn.Tanh():
                return self.add("Tanh", self._numbered("tanh"), x)
        raise TypeError(f"no ONNX node is known for {type(module).__name__}")

    def _conv(self, name: str, x: str, module: nn.Conv2d) -> str:
        pads = [int(p) for p in module.padding] * 2
        size = list(module.kernel_size)
        return self.add("Conv", name, x, *self._weights(name, module), kernel_shape=size, pads=pads)

    def _conv_transpose(self, name: str, x: str, module: nn.ConvTranspose2d) -> str:
        if isinstance(module, SameConvTranspose2d):
            begin, end = module.crop
            pads = [begin, begin, end, end]
        else:
            pads = [int(p) for p in module.padding] * 2
        return self.add(
            "ConvTranspose",
            name,
            x,
            *self._weights(name, module),
            kernel_shape=list(module.kernel_size),
            strides=list(module.stride),
            pads=pads,
            output_padding=list(module.output_padding),
        )

    def _bicubic(self, name: str, x: str, module: Bicubic) -> str:
        return self.add(
            "ConvTranspose",
            name,
            x,
            self.constant(f"{name}.weight", module.kernel),
            kernel_shape=list(module.kernel.shape[2:]),
            strides=[module.scale] * 2,
            pads=[module.crop] * 4,
        )

    def _nearest(self, name: str, x: str, module: nn.UpsamplingNearest2d) -> str:
        assert module.scale_factor is not None
        factor = float(np.ravel(module.scale_factor)[0])
        scales = self.constant(f"{name}.scales", np.array([1, 1, factor, factor], np.float32))
        words = {"mode": "nearest", "nearest_mode": "floor"}
        words["coordinate_transformation_mode"] = "asymmetric"
        return self.add("Resize", name, x, "", scales, **words)

    def _weights(self, name: str, module: nn.Conv2d | nn.ConvTranspose2d) -> list[str]:
        weights = [self.constant(f"{name}.weight", module.weight)]
        if module.bias is not None:
            weights.append(self.constant(f"{name}.bias", module.bias))
        return weights

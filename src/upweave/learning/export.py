"""ONNX files of trained networks, written node by node.

Opset 17; input "input" (N, C, H, W) and output "output" (N, C, scale·H, scale·W), luma (C = 1) or
red, green and blue (C = 3) in [0, 1]; N, H and W are free. Every network writes its own graph
(`Network.graph`), of operators that the engine runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

import upweave
from upweave.learning.networks.graph_writer import GraphWriter
from upweave.learning.networks.network import Network
from upweave.learning.recipe import Recipe
from upweave.whole import whole_file

__all__ = ["export", "write_metadata"]

OPSET = 17
IR_VERSION = 8  # the one of opset 17, so that runtimes of that age read it


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
    graph = GraphWriter()
    x = graph.edge_pad("input", network.halo) if network.halo else "input"
    graph.rename(network.graph(graph, x), "output")
    channels, scale = network.channels, network.scale
    size = ("N", channels, "H", "W"), ("N", channels, f"{scale}*H", f"{scale}*W")
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
        colour=network.colour,
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

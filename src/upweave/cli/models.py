"""``upweave models``: what is shipped, with its scores; or one network, layer by layer."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from upweave.cli.output import say, table
from upweave.pictures.models import ShippedModel, shipped

EXAMPLES = """\
\b
Examples:
  upweave models
  upweave models weave-s-x4
"""

_SIZE = 64  # of the input for which shapes are shown


def models(
    name: Annotated[
        str | None, typer.Argument(help="A shipped network, to see its layers.", show_default=False)
    ] = None,
) -> None:
    """List the shipped networks, or the layers of one.

    The list has scale, size of the file, parameters, multiply-adds per input pixel, mean PSNR (dB)
    on each benchmark, and training data. Parameters and multiply-adds include fixed kernels.
    """
    if name is None:
        _list()
        return
    by_name = {model.name: model for model in shipped()}
    if name not in by_name:
        known = ", ".join(by_name) or "none"
        raise typer.BadParameter(
            f"no model is called {name!r}; shipped: {known}", param_hint="NAME"
        )
    _show(by_name[name])


def _list() -> None:
    described = [(model, model.metadata) for model in shipped()]
    scores = [_scores(metadata) for _, metadata in described]
    sets = list(dict.fromkeys(name for row in scores for name in row))
    head = ("name", "scale", "sees", "kB", "parameters", "multiply-adds", *sets)
    rows = [
        (*_facts(model, metadata), *(f"{row[name]:.2f}" if name in row else "-" for name in sets))
        for (model, metadata), row in zip(described, scores, strict=True)
    ]
    say(table([head, *rows]))
    for model, metadata in described:
        say(f"{model.name} was trained on {_data(metadata)}")


def _facts(model: ShippedModel, metadata: dict[str, str]) -> tuple[str, ...]:
    size = f"{model.path.stat().st_size / 1000:.0f}"
    parameters, cost = _layers(model)[-1][2:]
    scale = f"x{model.scale}"
    return (model.name, scale, metadata.get("colour", "?"), size, parameters, cost)


def _show(model: ShippedModel) -> None:
    """Print one network's layers, scores and training data."""
    metadata = model.metadata
    say(f"{model.name}: {metadata.get('colour', '?')}, x{model.scale}; one {_SIZE}x{_SIZE} input")
    say(table([("layer", "output shape", "parameters", "multiply-adds"), *_layers(model)]))
    say("multiply-adds are per input pixel")
    measured = json.loads(metadata.get("scores", "{}"))
    if measured:
        rows = [(n, f"{s['psnr']:.2f}", f"{s['ssim']:.4f}") for n, s in measured.items()]
        say(table([("scored on", "PSNR", "SSIM"), *rows]))
    say(f"trained on {_data(metadata)}")


def _layers(model: ShippedModel) -> list[tuple[str, str, str, str]]:
    """Return the layers as texts, the last row the sums."""
    from upweave.engine.onnx_summary import layer_rows  # noqa: PLC0415  (onnx is slow to import)

    layers = layer_rows(model.path, (_SIZE, _SIZE))
    rows = [
        (
            f"{row.name} ({row.kind})",
            f"({', '.join(map(str, row.shape[1:]))})",
            f"{row.parameters:,}",
            f"{float(row.multiply_adds):,.0f}",
        )
        for row in layers
    ]
    parameters = sum(row.parameters for row in layers)
    cost = float(sum(row.multiply_adds for row in layers))
    return [*rows, ("total", "", f"{parameters:,}", f"{cost:,.0f}")]


def _data(metadata: dict[str, str]) -> str:
    data = ", ".join(json.loads(metadata.get("training_data", "[]"))) or "unstated data"
    return f"{data} ({metadata.get('training_data_licence') or 'licence unstated'})"


def _scores(metadata: dict[str, str]) -> dict[str, float]:
    """Return the mean PSNR on each benchmark set, in dB."""
    measured = json.loads(metadata.get("scores", "{}"))
    return {name: float(score["psnr"]) for name, score in measured.items()}

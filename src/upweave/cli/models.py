"""``upweave models``: what is shipped, with its scores; or one network, layer by layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from upweave.cli.options import Overwrite
from upweave.cli.output import check_new, say, table
from upweave.pictures.models import ShippedModel, shipped

if TYPE_CHECKING:
    from upweave.engine.onnx_summary import Summary

EXAMPLES = """\
\b
Examples:
  upweave models
  upweave models weave-s-x4
  upweave models my-network.onnx
  upweave models weave-s-x4 --diagram weave-s.svg
  upweave models weave-s-x4 --kernels kernels.png
"""

_SIZE = 64  # of the input for which shapes are shown


def models(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A shipped network, or the path of an .onnx file, to see its layers.",
            show_default=False,
        ),
    ] = None,
    diagram: Annotated[
        Path | None,
        typer.Option(
            help="Draw the layers instead, into this file: .svg, .png or .pdf "
            "(needs: pip install 'upweave[explain]')."
        ),
    ] = None,
    kernels: Annotated[
        Path | None,
        typer.Option(
            help="Draw instead what its transposed convolution has learned: what the phases weigh, "
            "and the heaviest kernels (needs the same)."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """List the shipped networks, or the layers of one.

    The list has scale, size of the file, parameters, multiply-adds per input pixel, mean PSNR (dB)
    on each benchmark, and training data. Parameters and multiply-adds include fixed kernels.
    """
    drawn = {"--diagram": diagram, "--kernels": kernels}
    wanted = {option: target for option, target in drawn.items() if target is not None}
    if wanted:
        if name is None:
            raise typer.BadParameter("draws one network; name it", param_hint=next(iter(wanted)))
        for option, target in wanted.items():
            check_new(target, option, overwrite=overwrite)
        path = Path(name) if name.endswith(".onnx") else _named(name).path
        for option, target in wanted.items():
            _draw(path, target, option)
    elif name is None:
        _list()
    elif name.endswith(".onnx"):
        _show_layers(Path(name).stem, _summary(Path(name)))
    else:
        _show(_named(name))


def _named(name: str) -> ShippedModel:
    by_name = {model.name: model for model in shipped()}
    if name not in by_name:
        known = ", ".join(by_name) or "none"
        raise typer.BadParameter(
            f"no model is called {name!r}; shipped: {known}; or the path of an .onnx file",
            param_hint="NAME",
        )
    return by_name[name]


def _draw(path: Path, target: Path, option: str) -> None:
    """Write a diagram of a network, or a drawing of its kernels."""
    from upweave.engine.onnx_tail import read_tail
    from upweave.explain import diagram, drawing, stills, tails

    if option == "--diagram":
        figure = diagram.draw(_summary(path), path.stem)
    else:
        figure = drawing.sheet(tails.tail(read_tail(path), path.stem))
    try:
        stills.save_figure(figure, target)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
    say(str(target))


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
    scale = f"x{model.scale}"
    return (model.name, scale, metadata.get("colour", "?"), size, *_totals(_summary(model.path)))


def _show(model: ShippedModel) -> None:
    """Print one network's layers, scores and training data."""
    metadata = model.metadata
    _show_layers(
        f"{model.name}: {metadata.get('colour', '?')}, x{model.scale}", _summary(model.path)
    )
    measured = json.loads(metadata.get("scores", "{}"))
    if measured:
        rows = [(n, f"{s['psnr']:.2f}", f"{s['ssim']:.4f}") for n, s in measured.items()]
        say(table([("scored on", "PSNR", "SSIM"), *rows]))
    say(f"trained on {_data(metadata)}")


def _show_layers(title: str, network: Summary) -> None:
    """Print the layers, and what they sum up to."""
    say(f"{title}; one {_SIZE}x{_SIZE} input")
    rows = [
        (
            f"{row.name} ({row.kind})",
            f"({', '.join(map(str, row.shape))})",
            f"{row.parameters:,}",
            f"{float(row.multiply_adds):,.0f}",
        )
        for row in network.layers
    ]
    head = ("layer", "output shape", "parameters", "multiply-adds")
    say(table([head, *rows, ("total", "", *_totals(network))]))
    say("multiply-adds are per input pixel")


def _summary(path: Path) -> Summary:
    from upweave.engine.onnx_summary import summarize

    return summarize(path, (_SIZE, _SIZE))


def _totals(network: Summary) -> tuple[str, str]:
    """Return parameters and multiply-adds as texts."""
    return f"{network.parameters:,}", f"{float(network.multiply_adds):,.0f}"


def _data(metadata: dict[str, str]) -> str:
    data = ", ".join(json.loads(metadata.get("training_data", "[]"))) or "unstated data"
    return f"{data} ({metadata.get('training_data_licence') or 'licence unstated'})"


def _scores(metadata: dict[str, str]) -> dict[str, float]:
    """Return the mean PSNR on each benchmark set, in dB."""
    measured = json.loads(metadata.get("scores", "{}"))
    return {name: float(score["psnr"]) for name, score in measured.items()}

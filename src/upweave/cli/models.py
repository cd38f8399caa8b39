"""``upweave models``: what is shipped, with its scores."""

from __future__ import annotations

import json

from upweave.cli.output import say, table
from upweave.pictures.models import ShippedModel, shipped

EXAMPLES = """\
\b
Example:
  upweave models
"""


def models() -> None:
    """List the shipped networks: scale, size, mean PSNR (dB) on each benchmark, training data."""
    described = [(model, model.metadata) for model in shipped()]
    scores = [_scores(metadata) for _, metadata in described]
    sets = list(dict.fromkeys(name for row in scores for name in row))
    head = ("name", "scale", "sees", "kB", *sets)
    rows = [
        (*_facts(model, metadata), *(f"{row[name]:.2f}" if name in row else "-" for name in sets))
        for (model, metadata), row in zip(described, scores, strict=True)
    ]
    say(table([head, *rows]))
    for model, metadata in described:
        data = ", ".join(json.loads(metadata.get("training_data", "[]"))) or "unstated data"
        licence = metadata.get("training_data_licence") or "licence unstated"
        say(f"{model.name} was trained on {data} ({licence})")


def _facts(model: ShippedModel, metadata: dict[str, str]) -> tuple[str, ...]:
    size = f"{model.path.stat().st_size / 1000:.0f}"
    return (model.name, f"x{model.scale}", metadata.get("colour", "?"), size)


def _scores(metadata: dict[str, str]) -> dict[str, float]:
    """Return the mean PSNR on each benchmark set, in dB."""
    measured = json.loads(metadata.get("scores", "{}"))
    return {name: float(score["psnr"]) for name, score in measured.items()}

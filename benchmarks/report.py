"""Put measured figures into docs/speed.md and docs/networks.md, and draw their pictures.

Run from anywhere: ``python benchmarks/report.py FOLDER``, where FOLDER has what the benchmarks
wrote with ``--json``: operators.json, networks.json, schedules.json, start.json, memory.json and
quality.json. A file that is not there leaves its part of the pages as it is.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

import memory
import quality
import quality_plot
import results
import schedules
import start
from libraries import OURS
from machine import Machine

ROOT = Path(__file__).parents[1]
SPEED, NETWORKS = ROOT / "docs" / "speed.md", ROOT / "docs" / "networks.md"
PICTURE = ROOT / "docs" / "images" / "roofline.png"


def main() -> None:
    """Write the pages and the pictures."""
    parser = argparse.ArgumentParser(description="Put measured figures into the documentation.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with the JSON files")
    folder: Path = parser.parse_args().folder
    parts: dict[str, tuple[Path, Callable[[Path], str]]] = {
        "operators": (SPEED, _suite),
        "networks": (SPEED, _suite),
        "schedules": (SPEED, lambda path: schedules.page(_json(path))),
        "start": (SPEED, lambda path: start.table(_json(path))),
        "memory": (SPEED, lambda path: memory.table(_json(path))),
        "quality": (NETWORKS, lambda path: quality.page(_json(path))),
    }
    for name, (page, text) in parts.items():
        path = folder / f"{name}.json"
        if path.exists():
            page.write_text(_with(page, name, text(path)), encoding="utf-8")
    if (folder / "operators.json").exists():
        _, machine, found = results.read(folder / "operators.json")
        _draw(machine, found)
    if (folder / "quality.json").exists():
        quality_plot.draw(_json(folder / "quality.json"), quality_plot.PICTURE)


def _json(path: Path) -> Any:  # noqa: ANN401
    return json.loads(path.read_text(encoding="utf-8"))


def _suite(path: Path) -> str:
    head, machine, found = results.read(path)
    lines = [results.describe(head, machine), results.summary(found), results.table(found)]
    reasons = results.reasons(found)
    if reasons:
        lines.append("Ways without a time:\n\n" + "\n".join(f"- {reason}" for reason in reasons))
    return "\n\n".join(lines)


def _with(page: Path, part: str, text: str) -> str:
    """Return what a page says, with the text between the marks of a part."""
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    before = page.read_text(encoding="utf-8")
    if not pattern.search(before):
        raise SystemExit(f"{page} has no {begin} … {end}")
    return pattern.sub(lambda _: f"{begin}\n{text}\n{end}", before)


def _draw(machine: Machine, found: list[results.Result]) -> None:
    """Draw what is reached of each layer, over its FLOP per byte, beside the machine's limits."""
    figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
    intensity = np.array([result["flop"] / result["bytes"] for result in found])
    span = np.geomspace(intensity.min() / 1.5, intensity.max() * 1.5, 200)
    memory_size, cache_size = max(machine.bandwidth), min(machine.bandwidth)
    for size, style in ((memory_size, "-"), (cache_size, "--")):
        rate = machine.bandwidth_at(size)
        limit = np.minimum(machine.flops, span * rate) / 1e9
        where = "memory" if size == memory_size else "cache"
        label = f"limit: {machine.flops / 1e9:.0f} GFLOP/s, {rate / 1e9:.0f} GB/s ({where})"
        axes.plot(span, limit, style, color="black", linewidth=1, label=label)
    ours = [results.best(result, OURS) for result in found]
    others = [results.best_peer(result) for result in found]
    for x, result, *pair in zip(intensity, found, ours, others, strict=True):
        rates = [result["flop"] / s / 1e9 for s in pair if s is not None]
        axes.plot([x] * len(rates), rates, color="0.8", linewidth=1, zorder=1)
    for seconds, label, marker in ((others, "best other library", "s"), (ours, OURS, "o")):
        points = [
            (x, result["flop"] / s / 1e9)
            for x, result, s in zip(intensity, found, seconds, strict=True)
            if s is not None
        ]
        axes.scatter(*zip(*points, strict=True), s=24, marker=marker, label=label, zorder=2)
    axes.set(xscale="log", yscale="log", xlabel="FLOP per byte of input, weights and output")
    axes.set_ylabel("useful GFLOP/s")
    axes.grid(visible=True, which="major", color="0.9")
    axes.legend(loc="lower right")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()

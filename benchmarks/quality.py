"""Quality against cost of networks for ×4, beside what others have published.

Run from anywhere, with the extras `train` and `bench`, and UPWEAVE_DATA:
``python benchmarks/quality.py weave-s-x4 mine.onnx --json FILE``. Prints a Markdown table,
which `report.py` puts into docs/networks.md and draws: PSNR and SSIM on three sets, as `upweave
evaluate` measures them, parameters and multiply-adds, as `upweave models` counts them, and the time
of the engine alone to 1920 × 1080, from arrays to arrays: medians of one run in which all networks
take turns. On a machine that does other things too, ``--scores-only`` leaves the times out. What
has been published is in `published.py`.
"""

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import results
from libraries import OURS
from machine import Machine, better, measure
from published import NETWORKS, SOURCES, Scores
from turns import ROUNDS, in_turns
from upweave.engine import Network
from upweave.engine.onnx_summary import summarize
from upweave.kernels import host
from upweave.learning.data import root
from upweave.pictures import scores
from upweave.pictures.enlarger import Enlarger
from upweave.pictures.interpolated import interpolation_named
from upweave.pictures.models import find
from upweave.pictures.upscale import load

SCALE = 4
SETS = ("Set5", "Set14", "BSD100")
TARGET = (1080, 1920)
NAMES = {"luma": "luma", "rgb": "RGB"}

Found = dict[str, Any]
"""What `main` writes with ``--json``."""


def main() -> None:
    """Measure and print the table."""
    options = _options()
    paths = [Path(name) if name.endswith(".onnx") else find(name).path for name in options.models]
    found = measured(paths, timed=not options.scores_only)
    if options.json:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    print(page(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Quality against cost, for ×4.")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="shipped names, or ONNX files")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements here")
    parser.add_argument("--scores-only", action="store_true", help="take no times")
    return parser.parse_args()


def measured(paths: list[Path], *, timed: bool) -> Found:
    """Return what is known of the networks, and of bicubic interpolation, which comes first."""
    rows = [_facts(path) for path in paths]
    bicubic = {"name": "bicubic", "scores": _scores(interpolation_named("bicubic", SCALE))}
    found: Found = {"networks": [bicubic, *rows]}
    if timed:
        threads = host.default_threads()
        machine = measure(threads)
        for row, seconds in zip(rows, _seconds(paths, threads), strict=True):
            row["seconds"] = seconds
        machine = better(machine, measure(threads))
        about = {**results.about(threads), "missing": []}
        about["versions"] = {OURS: about["versions"][OURS]}  # the others take no part
        found |= {"about": about, "flops": machine.flops, "bandwidth": machine.bandwidth}
    return found


def _facts(path: Path) -> dict[str, Any]:
    """Return a network's scores, and what it takes."""
    upscaler = load(path)
    if upscaler.scale != SCALE:
        sys.exit(f"{path} enlarges {upscaler.scale} times, not {SCALE}")
    summary = summarize(path)
    row = {
        "name": upscaler.name.removesuffix(f"-x{SCALE}"),
        "sees": NAMES[upscaler.colour],
        "steps": json.loads(upscaler.metadata.get("recipe", "{}")).get("steps"),
        "parameters": summary.parameters,
        "multiply_adds": round(summary.multiply_adds),
        "scores": _scores(upscaler),
    }
    print(row, file=sys.stderr, flush=True)
    return row


def _scores(enlarger: Enlarger) -> dict[str, tuple[float, float]]:
    """Return mean PSNR and SSIM on each set."""
    means = {
        name: scores.mean(scores.evaluate(enlarger, root() / "benchmark" / name)) for name in SETS
    }
    return {name: (mean.psnr, mean.ssim) for name, mean in means.items()}


def _seconds(paths: list[Path], threads: int) -> list[float]:
    """Return the seconds that each network takes for one picture."""
    runs = {}
    for number, path in enumerate(paths):
        network = Network.from_onnx(path)
        channels, _ = network.planes
        shape = (1, channels, TARGET[0] // SCALE, TARGET[1] // SCALE)
        x = np.random.default_rng(1).random(shape, np.float32)
        out = network(x, threads=threads)  # memory as upweave itself allocates it
        runs[str(number)] = partial(network, x, out=out, threads=threads)
    return list(in_turns(runs).values())


def page(found: Found) -> str:
    """Return how it was measured, the table, and the sources of what others published."""
    parts = [_table(found)]
    if "about" in found:
        bandwidth = {int(size): rate for size, rate in found["bandwidth"].items()}
        machine = Machine(found["about"]["threads"], found["flops"], bandwidth)
        how = (
            f"Times are those of the engine alone, from an array to an array of {TARGET[1]} × "
            f"{TARGET[0]} pixels: medians of {ROUNDS} turns."
        )
        parts = [results.describe(found["about"], machine), how, *parts]
    parts.append("\n".join(f"- {name}: {text}." for name, text in SOURCES.items()))
    return "\n\n".join(parts)


def labels(found: Found) -> list[str]:
    """Return a name for each network; of those of one name, all but the first say their steps."""
    names = [row["name"] for row in found["networks"]]
    return [
        f"{name}, {row['steps']:,} steps" if name in names[:n] else name
        for n, (name, row) in enumerate(zip(names, found["networks"], strict=True))
    ]


def _table(found: Found) -> str:
    """Return ours, then the others, as a Markdown table: PSNR in dB and SSIM."""
    timed = "about" in found
    times = [f"ms, {found['about']['threads']} threads"] if timed else []
    head = ["", "sees", "parameters", "multiply-adds", *times, *SETS, "trained, or published in"]
    lines = [f"| {' | '.join(head)} |", "|---|---|" + "---:|" * (len(head) - 3) + "---|"]
    for name, row in zip(labels(found), found["networks"], strict=True):
        cells = [f"**{name}**", row.get("sees", "each plane")]
        cells += [_count(row.get("parameters")), _count(row.get("multiply_adds"))]
        if timed:
            cells.append(_milliseconds(row["seconds"]) if "seconds" in row else "–")
        steps = row.get("steps")
        cells += [*_pairs(row["scores"]), f"{steps:,} steps" if steps else "–"]
        lines.append(f"| {' | '.join(cells)} |")
    for other in NETWORKS:
        cells = [other.name, other.sees, other.parameters, _count(other.multiply_adds)]
        cells += ["–"] * timed + [*_pairs(other.scores), other.source]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _milliseconds(seconds: float) -> str:
    return f"{float(f'{1e3 * seconds:.3g}'):,g}"


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _pairs(found: Scores) -> list[str]:
    return [
        f"{psnr:.2f} / {'–' if ssim is None else f'{ssim:.4f}'}"
        for psnr, ssim in (found[name] for name in SETS)
    ]


if __name__ == "__main__":
    main()

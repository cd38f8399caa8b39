"""How good the cost model's schedules are: its pick beside the best of at least 40 others.

Run from anywhere: ``python benchmarks/schedules.py``. The layers are drawn (`drawn.py`), and so are
the schedules of each (`candidates.py`): 44 that do not do the same, or all where there are fewer.
All of a layer's take turns; those that are far behind after the first stop. Then the fastest is
timed anew, in turns with the pick: the least of many noisy times is too low. A layer's loss is
pick / best - 1, by the least of the turns; 0 where nothing is faster than the pick. ``--seed N``
draws other layers (losses of seeds 1 and 2 led to changes of the cost model, so these are no test
of it), ``--json FILE`` writes all times.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from candidates import Candidate, Space
from drawn import DrawnLayer, drawn
from turns import seconds_of
from upweave.kernels import host
from upweave.kernels.operator import LayerOperator
from upweave.kernels.slabs import expanded

LAYERS = 104
CANDIDATES = 44
ROUNDS, TURN = 4, 5e-3  # of all; seconds
FINAL_ROUNDS, FINAL_TURN = 8, 2e-2  # of the pick and the best
BEHIND = 1.3  # times as slow as the fastest in the first round: no further rounds
SHOWN = 10  # layers in docs/speed.md
GOAL = 0.1

Found = dict[str, Any]
"""What was measured: processor, lanes, threads, seed, and layers as `_measured` returns them."""


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Time the cost model's schedules beside others.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the times here")
    parser.add_argument("--seed", type=int, default=3, help="of the layers; default: 3")
    options = parser.parse_args()
    threads = host.default_threads()
    layers = [_measured(layer, threads) for layer in drawn(options.seed, LAYERS)]
    found = {
        "processor": host.cpu()[0],
        "lanes": host.lanes(),
        "threads": threads,
        "seed": options.seed,
        "layers": layers,
    }
    if options.json:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    print(summary(found), table(layers), sep="\n\n")


def summary(found: Found) -> str:
    """Return the losses of all layers and of each kind as Markdown."""
    layers = found["layers"]
    fewest = min(len(layer["candidates"]) for layer in layers)
    full = sum(len(layer["candidates"]) >= CANDIDATES for layer in layers)
    lines = [
        f"{found['processor']}, {found['lanes']} lanes, {found['threads']} threads, seed "
        f"{found['seed']}. {len(layers)} layers; {CANDIDATES} schedules beside the pick for "
        f"{full} of them, and no fewer than {fewest} for any.",
        "",
        f"| layers | number | median loss | 90th percentile | below {GOAL:.0%} |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind, losses in _by_kind(layers).items():
        share = np.mean([loss < GOAL for loss in losses])
        cells = f"{np.median(losses):.1%} | {np.percentile(losses, 90):.1%} | {share:.0%}"
        lines.append(f"| {kind} | {len(losses)} | {cells} |")
    return "\n".join(lines)


def table(layers: list[Found]) -> str:
    """Return layers as a Markdown table, the largest loss first."""
    lines = [
        "| layer | pick | best | pick's schedule | best one | loss |",
        "|---|---:|---:|---|---|---:|",
    ]
    for layer in sorted(layers, key=lambda layer: -layer["loss"]):
        times = " | ".join(f"{1e3 * layer[of]['seconds']:.3g} ms" for of in ("pick", "best"))
        schedules = " | ".join(layer[of]["schedule"] for of in ("pick", "best"))
        lines.append(f"| {layer['name']} | {times} | {schedules} | {layer['loss']:.1%} |")
    return "\n".join(lines)


def page(found: Found) -> str:
    """Return what docs/speed.md shows: the summary, and the layers of the largest losses."""
    worst = sorted(found["layers"], key=lambda layer: -layer["loss"])[:SHOWN]
    return f"{summary(found)}\n\nThe {SHOWN} largest losses:\n\n{table(worst)}"


def _by_kind(layers: list[Found]) -> dict[str, list[float]]:
    """Return the losses of all layers, and of some kinds."""
    kinds: dict[str, Callable[[Found], bool]] = {
        "all": lambda _: True,
        "lines": lambda layer: len(layer["size"]) == 1,
        "planes": lambda layer: len(layer["size"]) == 2,
        "volumes": lambda layer: len(layer["size"]) == 3,
        "transposed convolutions": lambda layer: layer["transposed"],
        "convolutions": lambda layer: not layer["transposed"],
        "in groups, or depthwise": lambda layer: layer["groups"] > 1,
    }
    return {
        kind: [layer["loss"] for layer in layers if belongs(layer)]
        for kind, belongs in kinds.items()
        if any(map(belongs, layers))
    }


def _measured(layer: DrawnLayer, threads: int) -> Found:
    """Return a layer, its pick and its best schedule, with seconds, and its loss."""
    space = Space(layer, threads)
    candidates = space.draw(CANDIDATES, seed=LAYERS)
    operators = [space.picked(), *map(space.operator, candidates)]
    runs = _runs(layer, operators, threads)
    times = _least(runs, ROUNDS, TURN)
    fastest = min(times, key=times.__getitem__)
    final = _least({n: runs[n] for n in {0, fastest}}, FINAL_ROUNDS, FINAL_TURN)
    best = min(final, key=final.__getitem__)
    described = [space.pick, *candidates]
    found = {
        "name": layer.name,
        **asdict(layer),
        "pick": _described(space.pick, final[0]),
        "best": _described(described[best], final[best]),
        "loss": final[0] / final[best] - 1,
        "candidates": [_described(c, times[n + 1]) for n, c in enumerate(candidates)],
    }
    print(f"{layer.name}: {found['loss']:.1%}", file=sys.stderr, flush=True)
    return found


def _described(candidate: Candidate, seconds: float) -> Found:
    return {"schedule": str(candidate), "seconds": seconds}


def _runs(
    layer: DrawnLayer, operators: list[LayerOperator], threads: int
) -> dict[int, Callable[[], None]]:
    """Return a way to run each operator; the results of all are equal, bit for bit."""
    x_shape, y_shape = layer.shapes
    x = np.random.default_rng(2).standard_normal(x_shape, np.float32)
    want, out = np.zeros(y_shape, np.float32), np.zeros(y_shape, np.float32)
    operators[0](expanded(x), expanded(want), threads)
    runs: dict[int, Callable[[], None]] = {}
    for n, operator in enumerate(operators):
        out.fill(np.nan)
        runs[n] = partial(operator, expanded(x), expanded(out), threads)
        runs[n]()
        if not np.array_equal(out, want):
            raise SystemExit(f"{layer.name}: schedule {n} gives another result")
    return runs


def _least(runs: dict[int, Callable[[], None]], rounds: int, turn: float) -> dict[int, float]:
    """Return the least of the turns' seconds, after those far behind in the first have left."""
    times = {n: seconds_of(run, 0, turn) for n, run in runs.items()}
    near = BEHIND * min(times.values())
    for _ in range(rounds - 1):
        for n, run in runs.items():
            if n == 0 or times[n] < near:
                times[n] = min(times[n], seconds_of(run, 0, turn))
    return times


if __name__ == "__main__":
    main()

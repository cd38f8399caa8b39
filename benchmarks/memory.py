"""How time and memory grow with the picture: outputs of 0.1 to 100 megapixels, ``out=`` given.

Run from anywhere, with the extras `train` and `bench`: ``python benchmarks/memory.py``. Time: all
sizes take turns in one process; nanoseconds per output pixel, and the same as a share of that at
2 megapixels. Memory: a process for each size loads the network and runs it on a small picture;
what the size then adds to the largest resident memory (Linux: VmHWM), without input and output, is
shown. ``--json FILE`` writes both.
"""

import argparse
import json
import multiprocessing
import re
import tempfile
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

import upweave as uw
from turns import in_turns

ROUNDS = 7
SCALE = 4
SIZES = {
    "0.1": (256, 384),
    "2": (1080, 1920),
    "8": (2160, 3840),
    "33": (4320, 7680),
    "100": (8192, 12288),
}
STANDARD = "2"
NETWORKS = ("weave-s", "fsrcnn")
SMALL = (64, 64)  # input of the call that compiles

Found = dict[str, dict[str, dict[str, float]]]  # network -> size -> figures


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Time and memory by the size of the picture.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    found: Found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            path = Path(folder) / f"{name}.onnx"
            _in_process(context, _write_model, name, path)
            seconds = _in_process(context, _seconds, path)
            found[name] = {
                size: {"seconds": seconds[size], "bytes": _in_process(context, _extra, path, size)}
                for size in SIZES
            }
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


def table(found: Found) -> str:
    """Return the figures as a Markdown table."""
    columns = [f"{size} MP" for size in SIZES]
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for name, figures in found.items():
        per_pixel = {size: figures[size]["seconds"] / prod(SIZES[size]) for size in SIZES}
        rows = {
            "ns per pixel": [f"{1e9 * value:.2f}" for value in per_pixel.values()],
            f"relative to {STANDARD} MP": [
                f"{value / per_pixel[STANDARD]:.2f}" for value in per_pixel.values()
            ],
            "memory added, MB": [f"{figures[size]['bytes'] / 1e6:.0f}" for size in SIZES],
        }
        for row, cells in rows.items():
            lines.append(f"| {name} ×{SCALE}, {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _in_process(context: Any, function: Any, *arguments: object) -> Any:  # noqa: ANN401
    with context.Pool(1) as pool:
        return pool.apply(function, arguments)


def _write_model(name: str, path: Path) -> None:
    from nets import NetworkCase  # noqa: PLC0415  (imports torch, which the other processes lack)

    path.write_bytes(NetworkCase(name, SCALE, "1080p").model())


def _seconds(path: Path) -> dict[str, float]:
    """Return the median seconds of a run for each size."""
    network = uw.engine.Network.from_onnx(path)
    arrays = {size: _arrays(size) for size in SIZES}
    runs = {size: partial(network, x, out=out) for size, (x, out) in arrays.items()}
    return in_turns(runs, ROUNDS)


def _extra(path: Path, size: str) -> int:
    """Return the bytes that running a size adds, without input and output."""
    network = uw.engine.Network.from_onnx(path)
    network(np.zeros((1, 1, *SMALL), np.float32))
    before = _resident("VmRSS")
    x, out = _arrays(size)
    network(x, out=out)
    return _resident("VmHWM") - before - x.nbytes - out.nbytes


def _arrays(size: str) -> tuple[np.ndarray, np.ndarray]:
    """Return an input and memory for the output, both of them in use already."""
    height, width = SIZES[size]
    x = np.random.default_rng(1).random((1, 1, height // SCALE, width // SCALE), np.float32)
    return x, np.full((1, 1, height, width), np.float32(0))


def _resident(what: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"{what}:\s+(\d+) kB", text)
    assert found is not None
    return 1024 * int(found[1])


if __name__ == "__main__":
    main()

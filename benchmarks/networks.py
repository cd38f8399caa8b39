"""Whole networks to 1920 x 1080: the engine beside PyTorch, ONNX Runtime and OpenVINO.

Run from anywhere, with the extras `train` and `bench`: ``python benchmarks/networks.py``. Prints a
Markdown table of medians, all of one run, each way with the same weights and threads.
"""

import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

import upweave as uw
from measure import Run, check_equal, medians
from peers import onnxruntime_run, openvino_run, torch_run
from upweave.kernels import host
from upweave.learning import recipe
from upweave.learning.export import export
from upweave.learning.networks import build

TARGET = (1080, 1920)
CASES = [("fsrcnn", 4), ("fsrcnn", 2), ("weave-s", 4), ("weave-s", 2)]
OURS = "upweave"
TOLERANCE = 1e-4


def main() -> None:
    """Measure every case and print the table."""
    threads = host.default_threads()
    torch.set_num_threads(threads)
    print(_machine(threads))
    header = None
    for name, scale in CASES:
        times, rate = _measure(name, scale, threads)
        if header is None:
            header = [*times, "GFLOP/s", "best peer / upweave"]
            print("| network | " + " | ".join(header) + " |")
            print("|---|" + "---:|" * len(header))
        best = min(seconds for way, seconds in times.items() if way != OURS)
        cells = [f"{1e3 * seconds:.1f} ms" for seconds in times.values()]
        cells += [f"{rate / times[OURS] / 1e9:.0f}", f"{best / times[OURS]:.2f}"]
        print(f"| {name} ×{scale} | " + " | ".join(cells) + " |", flush=True)


def _machine(threads: int) -> str:
    names = ("torch", "onnxruntime", "openvino", "upweave")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    facts = host.describe()
    return (
        f"{facts['processor']}, {facts['lanes']} lanes, {threads} threads, float32, "
        f"Python {platform.python_version()}; {versions}\n"
    )


def _measure(name: str, scale: int, threads: int) -> tuple[dict[str, float], int]:
    """Return the seconds of each way, and the useful floating-point operations."""
    settings = recipe.load(f"{name}-x{scale}")
    torch.manual_seed(1)
    network = build(settings).plain()
    torch.nn.init.normal_(network.tail.weight, std=0.1)  # so that the tail's result shows
    height, width = TARGET[0] // scale, TARGET[1] // scale
    x = np.random.default_rng(1).random((1, 1, height, width), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        export(network, path, settings)
        engine = uw.engine.Network.from_onnx(path)
        out = np.empty((1, 1, *TARGET), np.float32)
        runs: dict[str, Run] = {
            OURS: lambda: engine(x, out=out, threads=threads),
            "PyTorch": torch_run(network, x, channels_last=False),
            "ONNX Runtime": onnxruntime_run(path, x, threads),
            "OpenVINO": openvino_run(path, x, threads),
        }
        last = build(settings).plain()
        last.load_state_dict(network.state_dict())
        runs["PyTorch, channels last"] = torch_run(last, x, channels_last=True)
        check_equal(runs, TOLERANCE)
        return medians(runs), 2 * network.multiply_adds() * height * width


if __name__ == "__main__":
    main()

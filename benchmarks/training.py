"""A step of training, the same network and data in every way: PyTorch's layers and upweave's.

Run from anywhere, with the extra `train`: ``python benchmarks/training.py``. A step draws its batch
(16 crops of 40 × 40), goes forward and back, clips the gradient, lets Adam move the weights and
updates their average: FSRCNN ×4, and weave-s ×4, in float32. Prints a Markdown table of medians.
Before any time is taken, the gradients are compared. ``--json FILE`` writes what was measured.

Every way has a process of its own, stopped while another one runs. PyTorch's layers run as they
come, and with the C library keeping freed memory, as `upweave train` has it.
"""

import argparse
import copy
import json
import os
import signal
import statistics
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import results
from turns import KEEP_MEMORY
from upweave.kernels import host
from upweave.learning.averaging import follow
from upweave.learning.batches import Batches, loader
from upweave.learning.networks import build
from upweave.learning.pairs import Form, make_pairs
from upweave.learning.recipe import Recipe
from upweave.nn import ConvTranspose2d, PReLU

ROUNDS, STEPS, WARM_UP = 9, 8, 2
OURS = "upweave"
WAYS = {  # channels last, memory kept
    "PyTorch": (False, False),
    "PyTorch, memory kept": (False, True),
    "PyTorch, channels last": (True, False),
    "PyTorch, channels last, memory kept": (True, True),
    OURS: (True, True),
}
PLAIN = {ConvTranspose2d: nn.ConvTranspose2d, PReLU: nn.PReLU}
CASES = {
    "FSRCNN ×4": {"network": "fsrcnn", "width": 56},
    "weave-s ×4": {"network": "weave", "width": 16, "branched": False},
}
TOLERANCE = 1e-9  # of the largest value of a gradient, in double precision


def recipe(case: str) -> Recipe:
    """Return what is trained."""
    shape = {"scale": 4, "batch": 16, "crop": 40, "flats": 0, "steps": 10**6}
    return Recipe(name="step", folders=("none",), **shape, **CASES[case])


def network(case: str, way: str) -> nn.Module:
    """Return the network, of upweave's layers or of PyTorch's own."""
    torch.manual_seed(1)
    module = build(recipe(case))
    if way != OURS:
        for layer in module.modules():
            layer.__class__ = PLAIN.get(type(layer), type(layer))
    last = WAYS[way][0]
    return module.to(memory_format=torch.channels_last if last else torch.contiguous_format)


def steps(case: str, way: str) -> Iterator[None]:
    """Take a step whenever the next value is asked for."""
    plan, module = recipe(case), network(case, way)
    form = Form(plan.scale, module.halo, module.colour)
    pictures = np.random.default_rng(1).integers(0, 256, (4, 320, 480, 3), np.uint8)
    pairs = SimpleNamespace(pairs=[make_pairs(pixels, form)[0] for pixels in pictures])
    batches = Batches(plan, pairs, list(range(len(pictures))))
    average = copy.deepcopy(module).requires_grad_(False)
    optimizer = torch.optim.Adam(module.parameters(), 1e-3)
    for low, high, _ in loader(batches, 0, 0, pinned=False):
        loss = functional.l1_loss(module(low, padded=True), high)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        follow(average, module, 0.999, 10**6)
        yield


def gradients(case: str, way: str) -> list[torch.Tensor]:
    """Return a batch's gradients in double precision, weights and all equal in every way."""
    module = network(case, way).double()
    generator = torch.Generator().manual_seed(2)
    side = 40 + 2 * module.halo
    low, high = (
        torch.rand(2, 1, n, n, generator=generator, dtype=torch.float64) for n in (side, 160)
    )
    functional.l1_loss(module(low, padded=True), high).backward()
    return [parameter.grad for parameter in module.parameters()]


def check(case: str) -> None:
    """End where a way's gradients are not the plain network's."""
    want = gradients(case, "PyTorch")
    for way in WAYS:
        for ours, theirs in zip(gradients(case, way), want, strict=True):
            error = float((ours - theirs).abs().max() / theirs.abs().max())
            assert error <= TOLERANCE, f"{case}, {way}: gradients differ by {error:.1e}"


def serve(connection: Connection, case: str, way: str, threads: int) -> None:
    """Answer each question with the median seconds of some steps."""
    torch.set_num_threads(threads)
    taken = steps(case, way)
    while connection.recv():
        times = []
        for n in range(WARM_UP + STEPS):
            begin = time.perf_counter()
            next(taken)
            if n >= WARM_UP:
                times.append(time.perf_counter() - begin)
        connection.send(statistics.median(times))


def measure(case: str, threads: int) -> dict[str, float]:
    """Return each way's median seconds of a step, all ways taking turns."""
    context, running = get_context("spawn"), {}
    for way, (_, kept) in WAYS.items():
        for name, value in KEEP_MEMORY.items():
            os.environ.pop(name, None)
            if kept:
                os.environ[name] = value
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, case, way, threads), daemon=True)
        process.start()
        running[way] = process, ours, []
    for _ in range(ROUNDS):
        for process, connection, times in running.values():
            os.kill(process.pid, signal.SIGCONT)
            connection.send(True)
            times.append(connection.recv())
            os.kill(process.pid, signal.SIGSTOP)
    for process, _, _ in running.values():
        process.kill()
    return {way: statistics.median(times) for way, (_, _, times) in running.items()}


def table(found: dict[str, dict[str, float]]) -> str:
    """Return the medians, and how many times as long as upweave's each takes."""
    lines = ["| a step of | " + " | ".join(WAYS) + " |", "|---|" + "---:|" * len(WAYS)]
    for case, seconds in found.items():
        ratios = [
            f"{1e3 * s:.1f} ms" + (f" ({s / seconds[OURS]:.2f})" if way != OURS else "")
            for way, s in seconds.items()
        ]
        lines.append(f"| {case} | " + " | ".join(ratios) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time steps of training.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements here")
    options = parser.parse_args()
    threads = host.default_threads()
    for case in CASES:
        check(case)
    found = {case: measure(case, threads) for case in CASES}
    head = results.about(threads)
    if options.json:
        content = json.dumps({**head, "seconds": found}, indent=1, ensure_ascii=False)
        options.json.write_text(content + "\n", encoding="utf-8")
    processor = f"{head['processor']}, {threads} threads, PyTorch {torch.__version__}"
    print(f"{processor}, {head['date']}.\n\n{table(found)}")


if __name__ == "__main__":
    main()

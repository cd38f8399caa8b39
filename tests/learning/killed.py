"""Kill trainings at random moments, continue them, and compare with one that was left alone.

    python tests/learning/killed.py FOLDER KILLS

Every tenth kill falls into the writing of a checkpoint. Ends with a line of what was done, or with
an error.
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from safetensors import safe_open

from upweave.learning import loop
from upweave.learning.checkpoint import CHECKPOINT
from upweave.learning.recipe import Recipe

SAVE_EVERY = 4
UNFINISHED = ".upweave-*.tmp"
PLAN = Recipe(
    name="killed",
    network="weave",
    scale=2,
    folders=("train/drawn",),
    steps=90,
    width=4,
    depth=1,
    batch=2,
    crop=8,
    warm_up=9,
    flats=2,
)
context = multiprocessing.get_context("fork")


def train(folder, steps_done):
    loop.SAVE_EVERY, loop.VALIDATE_EVERY, loop.LOG_EVERY = SAVE_EVERY, 10, 3

    def note(step, values):
        steps_done.value = step

    resume = (folder / CHECKPOINT).exists()
    loop.fit(PLAN, folder, resume=resume, threads=1, progress=note)


def start(folder):
    """Start a training, or continue it; return its process and where it notes its steps."""
    steps_done = context.Value("q", -1, lock=False)
    process = context.Process(target=train, args=(folder, steps_done))
    process.start()
    return process, steps_done


def unfinished(folder):
    return list(folder.rglob(UNFINISHED))


def writes_checkpoint(folder):
    """Tell so of a training under way; the table, rewritten once at its start, looks the same."""
    return bool(list(folder.glob(UNFINISHED)))


def content(folder):
    """Return all that a training leaves: its checkpoint's parts, its table, its samples."""
    with safe_open(folder / CHECKPOINT, "pt") as file:
        names = sorted(file.keys())
        parts = [(name, file.get_tensor(name).numpy().tobytes()) for name in names]
        facts = file.metadata()
    samples = [(p.name, p.read_bytes()) for p in sorted((folder / "samples").iterdir())]
    return facts, parts, (folder / "log.csv").read_bytes(), samples


def step_of(folder):
    if not (folder / CHECKPOINT).exists():
        return 0
    with safe_open(folder / CHECKPOINT, "pt") as file:
        return int(file.metadata()["step"])


def kill(process, folder, moment, inside):
    """Kill a training: after some seconds, or as soon as it writes its checkpoint after that."""
    process.join(moment)
    while inside and process.is_alive() and not writes_checkpoint(folder):
        pass
    if not process.is_alive():
        return False
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL and (not inside or writes_checkpoint(folder))


def main(folder, kills):
    torch.set_num_threads(1)
    draw = random.Random(kills)
    began = time.monotonic()
    process, _ = start(folder / "whole")
    process.join()
    assert process.exitcode == 0
    takes = time.monotonic() - began
    whole = content(folder / "whole")
    killed, inside, runs, most = 0, 0, 0, 0
    while killed < kills:
        part = folder / f"part-{runs}"
        process, steps_done = start(part)
        now_inside = inside < kills / 10 * (killed + 1) / kills
        if kill(process, part, draw.uniform(0, 0.6 * takes), now_inside):
            killed += 1
            inside += now_inside
            lost = max(steps_done.value, 0) - step_of(part)
            assert lost <= SAVE_EVERY, f"{lost} steps lost"
            most = max(most, lost)
        elif not process.is_alive():
            if process.exitcode == 0:
                assert content(part) == whole, f"{part} is not {folder / 'whole'}"
                assert not unfinished(part)
                runs += 1
            else:
                assert process.exitcode == -signal.SIGKILL, process.exitcode
    process, _ = start(folder / f"part-{runs}")
    process.join()
    assert content(folder / f"part-{runs}") == whole
    print(
        f"{killed} kills, {inside} of them inside a checkpoint's write, in {runs + 1} trainings: "
        f"all ended as the one left alone; at most {most} of {SAVE_EVERY} steps lost"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

"""The training loop: deterministic, interruptible anywhere, exact to resume.

Step n sees the batch that (seed, n) gives and the learning rate that n gives, so a
`upweave.learning.checkpoint.State` is all there is to continue from.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from upweave.learning import checkpoint, data
from upweave.learning.averaging import follow
from upweave.learning.batches import Batches, loader
from upweave.learning.checkpoint import CHECKPOINT, ResumeError, State
from upweave.learning.graphed import Graphed
from upweave.learning.logs import Logs
from upweave.learning.networks import Network
from upweave.learning.pair_cache import PairFile, open_pairs
from upweave.learning.pairs import Form, Maps, Pair, make_pairs
from upweave.learning.recipe import Recipe
from upweave.learning.samples import write_samples
from upweave.pictures.metrics import luma, psnr
from upweave.whole import remove_unfinished

__all__ = ["Progress", "fit", "leads", "learning_rate"]

log = logging.getLogger(__name__)

Progress = Callable[[int, dict[str, float]], None]
"""Called after each step with the steps done and what was measured last."""

SAVE_EVERY = 1000
VALIDATE_EVERY = 2000
LOG_EVERY = 100
SAMPLES = 3
"""Validation pictures of which samples are kept."""
NAMED = 5
"""Pictures left out that a warning names; the index of the pairs has all of them."""


@dataclass(frozen=True)
class _Training:
    """What stays as it is from step to step.

    ``trained`` is the state's network as Fabric wraps it.
    """

    recipe: Recipe
    folder: Path
    fabric: Fabric
    trained: nn.Module
    batches: Batches
    validation: list[Pair]


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate of step ``step`` (from 0): a linear rise, then a cosine to 0."""
    if step < recipe.warm_up:
        return recipe.learning_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return recipe.learning_rate * (1 + math.cos(math.pi * done)) / 2


def leads() -> bool:
    """Tell whether this process writes the results: of several (``torchrun``), one does."""
    return os.environ.get("RANK", "0") == "0"


def fit(
    recipe: Recipe,
    folder: Path,
    *,
    resume: bool = False,
    threads: int | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> tuple[Network, float]:
    """Train a network, leaving checkpoint, logs and samples in ``folder``.

    Started by ``torchrun``, each process draws its share of a batch that is as many times larger
    as there are processes. On one GPU, steps are replayed as a CUDA graph.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Made if absent. Without ``resume`` it must not hold a checkpoint yet.
    resume : bool
        Continue from the folder's checkpoint; the result is that of an uninterrupted run, bit for
        bit (same machine, same number of threads), wherever that one ended.
    threads : int, optional
        Threads torch may use; by default its own choice.
    workers : int
        Processes that draw batches ahead; the result does not depend on them.
    progress : callable, optional
        See `Progress`. If it raises, or the process is told to end (Ctrl-C, SIGTERM), the finished
        steps are saved first.

    Returns
    -------
    network : Network
        The averaged weights, without training branches: those with the highest score, or the last
        where nothing is scored.
    score : float
        Its mean PSNR in dB on the validation pictures; NaN if they are not there.

    Raises
    ------
    DataError, ResumeError
        One line each.
    """
    path = folder / CHECKPOINT
    if path.exists() and not resume:
        raise ResumeError(f"{path} exists; resume it, or choose another folder")
    if resume and not path.exists():
        raise ResumeError(f"{path}: nothing to resume")
    if threads is not None:
        torch.set_num_threads(threads)
    folder.mkdir(parents=True, exist_ok=True)
    with _fabric() as fabric:
        if fabric.is_global_zero:
            remove_unfinished(folder)
        state = State.first(recipe, fabric.device)
        training = _prepare(recipe, folder, fabric, state)
        if resume:
            checkpoint.read(path, recipe, training.batches.file.digest, state)
        _train(training, state, workers, progress or (lambda step, values: None))
    return state.result.cpu().plain(), state.score


@contextmanager
def _fabric() -> Iterator[Fabric]:
    """Set up the device, and the other processes where ``torchrun`` started some."""
    processes, local = (int(os.environ.get(k, "1")) for k in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
    fabric = Fabric(
        accelerator="auto",
        devices=local,
        num_nodes=processes // local,
        strategy="ddp" if processes > 1 else "auto",
        precision="32-true",
    )
    if processes == 1:
        yield fabric
        return
    fabric.launch()
    try:
        yield fabric
        # Gloo's threads need Python's lock to forget the last sums; while this process waits for
        # the others, they get it. Taken apart before they have, the group would wait for ever.
        fabric.barrier()
    finally:
        torch.distributed.destroy_process_group()


def _prepare(recipe: Recipe, folder: Path, fabric: Fabric, state: State) -> _Training:
    """Find the pictures, which must be the recipe's, and make the pairs."""
    network = state.network
    form = Form(recipe.scale, network.halo, network.colour, recipe.degraded)
    base = data.base_of([*recipe.folders, *filter(None, [recipe.validation])])
    validation = data.validation(recipe.validation, base)
    paths = [p for p in data.find(recipe.folders, base) if p not in validation]
    digest = data.digest(paths)
    if recipe.digest not in ("", digest):
        raise data.DataError(
            f"digest: the {len(paths)} training pictures give {digest}, the recipe says "
            f"{recipe.digest}: they are not the ones it was made with"
        )
    with fabric.rank_zero_first():  # who makes the file; the others find it
        file = open_pairs(folder / "pairs", paths, digest, form)
    batches = Batches(recipe, file, _large(file, recipe), fabric.global_rank, fabric.world_size)
    held_out = [
        pair
        for number, path in enumerate(validation)
        for pair in make_pairs(data.read_rgb(path), form, number)
    ]
    trained, _ = fabric.setup(network, state.optimizer)
    return _Training(recipe, folder, fabric, trained, batches, held_out)


def _large(file: PairFile, recipe: Recipe) -> list[int]:
    """Return which pairs are large enough for a crop; warn of the others, and of broken files."""
    large = [n for n, pair in enumerate(file.pairs) if min(pair.size) >= recipe.crop]
    small = sorted({*file.names} - {file.names[n] for n in large})
    if file.skipped:
        _warn([f"{name} ({why})" for name, why in file.skipped.items()], "left out")
    if small:
        _warn(small, f"smaller than a crop, {recipe.crop * recipe.scale} pixels")
    if not large:
        raise data.DataError(f"crop: no training picture gives {recipe.crop} low-resolution pixels")
    return large


def _warn(names: list[str], why: str) -> None:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = "picture" if len(names) == 1 else "pictures"
    log.warning("%d %s %s: %s%s", len(names), what, why, ", ".join(names[:NAMED]), more)


def _train(training: _Training, state: State, workers: int, progress: Progress) -> None:
    """Take the steps that are left, and keep what they give."""
    recipe, fabric = training.recipe, training.fabric
    path = training.folder / CHECKPOINT

    def save() -> None:
        if fabric.is_global_zero:
            checkpoint.write(path, recipe, training.batches.file.digest, state)

    logs = Logs(training.folder, state.step) if fabric.is_global_zero else None
    try:
        with _signals_between_steps() as told_to_end:
            for values in _steps(training, state, workers, logs):
                if state.step % SAVE_EVERY == 0:
                    save()
                progress(state.step, values)
                if _any(fabric, told_to_end.is_set()):
                    break
    finally:
        if state.whole:
            save()
        if logs is not None:
            logs.close()


def _any(fabric: Fabric, here: bool) -> bool:
    """Tell whether it is so in any of the processes: they have to end after the same step."""
    if fabric.world_size == 1:
        return here
    total = fabric.all_reduce(torch.tensor(float(here)), reduce_op="sum")
    return bool(torch.as_tensor(total).item())


@contextmanager
def _signals_between_steps() -> Iterator[threading.Event]:
    """Turn Ctrl-C and SIGTERM into an event, and let them do what they do after the block.

    A step that is cut short could not be continued exactly.
    """
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event  # signals are the main thread's
        return
    noted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        event.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if noted:
        signal.raise_signal(noted[0])


def _steps(
    training: _Training, state: State, workers: int, logs: Logs | None
) -> Iterator[dict[str, float]]:
    """Take the steps that are left; after each, yield what was measured last."""
    recipe = training.recipe
    values: dict[str, float] = {}
    gpu = training.fabric.device.type == "cuda"
    learn = _learner(training, state)
    for batch in loader(training.batches, state.step, workers, pinned=gpu):
        if 0 < recipe.patience <= state.stale:
            return
        rate = learning_rate(recipe, state.step)
        state.set_rate(rate)
        state.whole = False
        crops, flats = learn(*batch)
        follow(state.average, state.network, recipe.average, state.step)
        state.step += 1
        state.whole = True
        last = state.step == recipe.steps
        measured: dict[str, float] = {}
        if training.validation and (state.step % VALIDATE_EVERY == 0 or last):
            measured["psnr"] = _validate(training, state)
            log.info("step %d: %.3f dB on the validation pictures", state.step, measured["psnr"])
        if state.step % LOG_EVERY == 0 or last or measured:
            measured |= {"loss": crops.item(), "flat": flats.item(), "learning rate": rate}
            if logs is not None:
                logs.add(state.step, measured)
        values |= measured
        yield values


def _learner(training: _Training, state: State) -> Callable[..., tuple[Tensor, ...]]:
    """Return what learns from a batch, and tells the losses on crops and flat patches before."""
    recipe, fabric = training.recipe, training.fabric
    graphed = fabric.device.type == "cuda" and fabric.world_size == 1

    def learn(low: Tensor, high: Tensor, flat: Tensor) -> tuple[Tensor, ...]:
        crops, flats = _losses(training, low, high, flat)
        state.optimizer.zero_grad()
        fabric.backward(crops + recipe.flat_weight * flats)
        fabric.clip_gradients(
            training.trained,
            state.optimizer,
            max_norm=recipe.clip,
            error_if_nonfinite=not graphed,  # a graph cannot look at a value
        )
        state.optimizer.step()
        return crops.detach(), flats.detach()

    if graphed:
        return Graphed(learn)
    return lambda *batch: learn(*(fabric.to_device(part) for part in batch))


def _losses(training: _Training, low: Tensor, high: Tensor, flat: Tensor) -> tuple[Tensor, Tensor]:
    """Mean absolute error on random crops, and on flat patches."""
    recipe, trained = training.recipe, training.trained
    crops = functional.l1_loss(trained(low, padded=True), high)
    if not recipe.flats or not recipe.flat_weight:
        return crops, torch.zeros_like(crops)
    big = trained(flat, padded=True)
    return crops, functional.l1_loss(big, flat[..., :1, :1].expand_as(big))


@torch.no_grad()
def _validate(training: _Training, state: State) -> float:
    """Score the average: mean PSNR in dB of the luma, ``scale`` pixels cropped on each side."""
    pairs, device = training.validation, training.fabric.device
    enlarged = [_enlarge(state.average, pair, device) for pair in pairs]
    score = float(np.mean(list(map(_score, enlarged, pairs))))
    state.validated(score)
    if training.fabric.is_global_zero:
        samples = training.folder / "samples" / f"step-{state.step:07}.png"
        write_samples(samples, pairs[:SAMPLES], enlarged[:SAMPLES])
    return score


def _enlarge(network: Network, pair: Pair, device: torch.device) -> Maps:
    low = torch.from_numpy(pair.low)[None].to(device)
    big: Maps = network(low, padded=True)[0].cpu().numpy()
    return big


def _score(big: Maps, pair: Pair) -> float:
    """PSNR in dB of the luma, clipped to what it can be, but not rounded."""
    ours, theirs = (_luma(maps) for maps in (big, pair.high))
    return psnr(ours.clip(16 / 255, 235 / 255), theirs, data_range=1, border=pair.form.scale)


def _luma(maps: Maps) -> NDArray[np.floating[Any]]:
    if len(maps) == 1:
        values: Maps = maps[0]
        return values
    rgb = np.moveaxis(maps.clip(0, 1), 0, -1)
    return luma(rgb * 255) / 255

"""The training loop: deterministic, interruptible anywhere, exact to resume.

Step n sees the batch that (seed, n) gives and the learning rate that n gives, so the weights, their
average, the optimiser's moments and n itself are all the state there is.
"""

from __future__ import annotations

import copy
import logging
import math
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.loggers.tensorboard import TensorBoardLogger
from torch import Tensor, nn
from torch.nn import functional

from upweave.learning import data
from upweave.learning.networks import Network, build
from upweave.learning.recipe import Recipe
from upweave.pictures.metrics import psnr
from upweave.whole import whole_file

__all__ = ["CHECKPOINT", "Progress", "ResumeError", "fit", "learning_rate"]

log = logging.getLogger(__name__)

Progress = Callable[[int, dict[str, float]], None]
"""Called after each step with the steps done and what was measured last."""

CHECKPOINT = "checkpoint.pt"
SAVE_EVERY = 1000
VALIDATE_EVERY = 2000
LOG_EVERY = 100


class ResumeError(ValueError):
    """A checkpoint that cannot be continued, or would be overwritten; one line."""


@dataclass(frozen=True)
class _Pictures:
    """Everything that is decoded once."""

    training: list[data.Pair]
    held_out: list[data.Pair]


@dataclass
class _State:
    """What changes from step to step."""

    network: Network
    average: Network
    optimizer: torch.optim.Adam
    step: int = 0


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate of step ``step`` (from 0): a linear rise, then a cosine to 0."""
    if step < recipe.warm_up:
        return recipe.learning_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return recipe.learning_rate * (1 + math.cos(math.pi * done)) / 2


def fit(
    recipe: Recipe,
    folder: Path,
    *,
    resume: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Network, float]:
    """Train a network, leaving checkpoint and TensorBoard log in ``folder``.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Made if absent. Without ``resume`` it must not hold a checkpoint yet.
    resume : bool
        Continue from the folder's checkpoint; the result is that of an uninterrupted run, bit for
        bit (same machine, same number of threads).
    threads : int, optional
        Threads torch may use; by default its own choice.
    progress : callable, optional
        See `Progress`. If it raises, or Ctrl-C is pressed, the finished steps are saved first.

    Returns
    -------
    network : Network
        The averaged weights, without training branches.
    score : float
        Its mean PSNR in dB on the held-out pictures; NaN if they are not there.

    Raises
    ------
    DataError, ResumeError
        One line each.
    """
    checkpoint = folder / CHECKPOINT
    if checkpoint.exists() and not resume:
        raise ResumeError(f"{checkpoint} exists; resume it, or choose another folder")
    if resume and not checkpoint.exists():
        raise ResumeError(f"{checkpoint}: nothing to resume")
    if threads is not None:
        torch.set_num_threads(threads)
    folder.mkdir(parents=True, exist_ok=True)
    logger = TensorBoardLogger(folder, name="log", version="")
    fabric = Fabric(accelerator="auto", devices=1, loggers=logger)

    torch.manual_seed(recipe.seed)
    network = build(recipe).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network).requires_grad_(False).to(fabric.device)
    trained, optimizer = fabric.setup(network, torch.optim.Adam(network.parameters()))
    state = _State(network, average, optimizer)
    if resume:
        _restore(checkpoint, recipe, state)
    pictures = _load(recipe, network.halo)
    try:
        with _interrupt_between_steps() as interrupted:
            for values in _steps(fabric, trained, recipe, state, pictures):
                if state.step % SAVE_EVERY == 0:
                    _save(checkpoint, recipe, state)
                if progress is not None:
                    progress(state.step, values)
                if interrupted.is_set():
                    raise KeyboardInterrupt
    finally:
        _save(checkpoint, recipe, state)
        logger.finalize("")
    return average.cpu().plain(), _validate(average, pictures.held_out)


@contextmanager
def _interrupt_between_steps() -> Iterator[threading.Event]:
    """Turn Ctrl-C into an event: a step that is cut short could not be continued exactly."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event  # signals are the main thread's
        return

    def note(number: int, frame: FrameType | None) -> None:
        event.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)


def _load(recipe: Recipe, halo: int) -> _Pictures:
    """Decode the training pictures, which must be the recipe's, and the held-out ones."""
    base = data.base_of(recipe.folders)
    paths = data.find(recipe.folders, base)
    if recipe.digest and (got := data.digest(paths)) != recipe.digest:
        raise data.DataError(
            f"digest: the {len(paths)} training pictures give {got}, the recipe says "
            f"{recipe.digest}: they are not the ones it was made with"
        )
    pairs = [data.make_pair(data.read_rgb(path), recipe.scale, halo) for path in paths]
    large = [pair for pair in pairs if min(pair.size) >= recipe.crop]
    if not large:
        raise data.DataError(f"crop: no training picture gives {recipe.crop} low-resolution pixels")
    small = len(pairs) - len(large)
    log.info("%d training pictures, %d of them too small for a crop", len(pairs), small)
    held_out = data.held_out(base)
    return _Pictures(
        large, [data.make_pair(data.read_rgb(path), recipe.scale, halo) for path in held_out]
    )


def _steps(
    fabric: Fabric, trained: nn.Module, recipe: Recipe, state: _State, pictures: _Pictures
) -> Iterator[dict[str, float]]:
    """Take the steps that are left; after each, yield what was measured last.

    ``trained`` is the state's network as Fabric wraps it.
    """
    values: dict[str, float] = {}
    while state.step < recipe.steps:
        rate = learning_rate(recipe, state.step)
        crops, flats = _step(fabric, trained, recipe, state, pictures.training, rate)
        last = state.step == recipe.steps
        if pictures.held_out and (state.step % VALIDATE_EVERY == 0 or last):
            values["psnr"] = _validate(state.average, pictures.held_out)
            log.info("step %d: %.3f dB on the held-out pictures", state.step, values["psnr"])
        if state.step % LOG_EVERY == 0 or last:
            values |= {"loss": crops.item(), "flat": flats.item(), "learning rate": rate}
            fabric.log_dict(values, step=state.step)
        yield values


def _step(
    fabric: Fabric,
    trained: nn.Module,
    recipe: Recipe,
    state: _State,
    pairs: list[data.Pair],
    rate: float,
) -> tuple[Tensor, Tensor]:
    """Take one step; return the losses on crops and flat patches before it."""
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    crops, flats = _losses(fabric, trained, recipe, pairs, state.step)
    state.optimizer.zero_grad()
    fabric.backward(crops + recipe.flat_weight * flats)
    fabric.clip_gradients(trained, state.optimizer, max_norm=recipe.clip)
    state.optimizer.step()
    # A young average forgets its random beginning faster.
    decay = min(recipe.average, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        torch._foreach_lerp_(
            list(state.average.parameters()), list(state.network.parameters()), 1 - decay
        )
    state.step += 1
    return crops, flats


def _losses(
    fabric: Fabric, trained: nn.Module, recipe: Recipe, pairs: list[data.Pair], step: int
) -> tuple[Tensor, Tensor]:
    """Mean absolute error on random crops, and on flat patches."""
    low, high = data.sample(pairs, recipe.crop, recipe.batch, recipe.seed, step)
    x, y = (fabric.to_device(torch.from_numpy(array)) for array in (low, high))
    crops = functional.l1_loss(trained(x, padded=True), y)
    if not recipe.flats or not recipe.flat_weight:
        return crops, torch.zeros_like(crops)
    halo = pairs[0].halo
    flat = torch.from_numpy(data.sample_flats(recipe.flats, halo, recipe.seed, step))
    flat = fabric.to_device(flat)
    big = trained(flat, padded=True)
    return crops, functional.l1_loss(big, flat[..., :1, :1].expand_as(big))


@torch.no_grad()
def _validate(network: Network, pairs: list[data.Pair]) -> float:
    """Mean PSNR in dB of the luma, clipped to 16..235 but not rounded, ``scale`` pixels cropped."""
    device = next(network.parameters()).device
    scores = []
    for pair in pairs:
        low = torch.from_numpy(pair.low)[None, None].to(device)
        big = network(low, padded=True)[0, 0].cpu().numpy().clip(16 / 255, 235 / 255)
        scores.append(psnr(big, pair.high, data_range=1, border=pair.scale))
    return float(np.mean(scores)) if scores else math.nan


def _save(path: Path, recipe: Recipe, state: _State) -> None:
    """Write all that `_restore` needs."""
    content = {
        "recipe": recipe.as_dict(),
        "step": state.step,
        "network": state.network.state_dict(),
        "average": state.average.state_dict(),
        "optimizer": state.optimizer.state_dict(),
    }
    with whole_file(path) as file:
        torch.save(content, file)


def _restore(path: Path, recipe: Recipe, state: _State) -> None:
    """Take over what `_save` wrote, if it is of the same recipe."""
    try:
        saved = torch.load(path, weights_only=True, map_location="cpu")
        theirs = saved["recipe"]
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ResumeError(f"{path}: not a checkpoint of upweave ({reason})") from None
    for key, ours in recipe.as_dict().items():
        if theirs.get(key) != ours:
            raise ResumeError(
                f"{path}: {key} was {theirs.get(key)!r}, now {ours!r}; "
                "resume needs the very recipe (and --steps) it began with"
            )
    state.network.load_state_dict(saved["network"])
    state.average.load_state_dict(saved["average"])
    state.optimizer.load_state_dict(saved["optimizer"])
    state.step = saved["step"]

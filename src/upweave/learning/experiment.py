"""The tutorials' experiment: a network that enlarges whole small pictures, against interpolation.

All pictures of a folder are made square, the first ones by name train, the others test; the network
sees a picture reduced to a quarter and has to give it back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyvips
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from upweave.learning.averaging import follow
from upweave.learning.data import DataError, read_rgb
from upweave.learning.experiment_plan import Experiment
from upweave.learning.networks import TCNN, Network, Upsampling
from upweave.ops import interpolation
from upweave.pictures.metrics import luma, ssim

__all__ = ["Result", "Scores", "Split", "build", "enlarge", "run", "split", "ways"]

Pictures = NDArray[np.float32]  # (N, 3, H, W), red, green and blue in [0, 1]
NETWORKS: dict[str, type[TCNN] | type[Upsampling]] = {"tcnn": TCNN, "upsampling": Upsampling}
INTERPOLATIONS: dict[str, Callable[[Pictures, int], Pictures]] = {
    "nearest": interpolation.nearest,
    "bilinear": interpolation.bilinear,
    "bicubic": interpolation.bicubic,
}


@dataclass(frozen=True)
class Split:
    """Pictures and their reductions.

    Attributes
    ----------
    names : tuple of str
    low : array of shape (N, 3, size / scale, size / scale)
    high : array of shape (N, 3, size, size)
    """

    names: tuple[str, ...]
    low: Pictures
    high: Pictures


@dataclass(frozen=True)
class Scores:
    """How near enlarged pictures are to the true ones, mean over the pictures.

    Attributes
    ----------
    mse : float
        Mean squared error of red, green and blue in [0, 1].
    psnr : float
        In dB, of that error, picture by picture.
    ssim : float
        Of the luma.
    """

    mse: float
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Result:
    """What an experiment gave.

    Attributes
    ----------
    network : Network
        The average of the weights.
    training, test : Split
    losses : array of shape (epochs, 2)
        Mean squared error on the training pictures, as they were seen, and that of the average on
        the test pictures.
    scores : dict
        By split ("training", "test") and way ("nearest", "bilinear", "bicubic", the network).
    """

    network: Network
    training: Split
    test: Split
    losses: NDArray[np.float64]
    scores: dict[str, dict[str, Scores]]


def build(experiment: Experiment) -> Network:
    """Return the network, its weights drawn from torch's global random state."""
    kind = NETWORKS[experiment.network]
    return kind(experiment.filters, experiment.kernel, experiment.strides)


def run(
    experiment: Experiment,
    training: Split,
    test: Split,
    progress: Callable[[float], object] = lambda _: None,
    threads: int | None = None,
) -> Result:
    """Train the network and score it beside the interpolations.

    Parameters
    ----------
    experiment : Experiment
    training, test : Split
    progress : callable
        Called after each epoch with the share done.
    threads : int, optional
        Threads torch may use; by default its own choice.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    torch.manual_seed(experiment.seed)
    learner = build(experiment)
    optimizer = torch.optim.Adam(learner.parameters(), experiment.learning_rate)
    network = copy.deepcopy(learner).requires_grad_(False)
    losses = []
    for epoch in range(experiment.epochs):
        seen = _epoch(learner, network, optimizer, training, experiment, epoch)
        losses.append((seen, mse(enlarge(network, test.low), test.high)))
        progress((epoch + 1) / experiment.epochs)
    scores = {
        name: {way: score(enlarged, part.high) for way, enlarged in ways(network, part.low).items()}
        for name, part in (("training", training), ("test", test))
    }
    return Result(network, training, test, np.array(losses), scores)


def _epoch(
    learner: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Adam,
    training: Split,
    experiment: Experiment,
    epoch: int,
) -> float:
    """Show the network each picture once; return its mean squared error on what it saw."""
    order = np.random.default_rng((experiment.seed, epoch)).permutation(len(training.names))
    errors, batch = [], experiment.batch
    done = epoch * -(-len(order) // batch)
    for step, start in enumerate(range(0, len(order), batch), done):
        some = order[start : start + batch]
        low, high = (torch.from_numpy(part[some]) for part in (training.low, training.high))
        loss = functional.mse_loss(learner(low), high)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        follow(average, learner, experiment.average, step)
        errors.append(loss.item() * len(some))
    return sum(errors) / len(order)


def ways(network: Network, low: Pictures) -> dict[str, Pictures]:
    """Return what each interpolation and the network make of pictures, clipped to [0, 1]."""
    enlarged = {name: f(low, network.scale) for name, f in INTERPOLATIONS.items()}
    enlarged["network"] = enlarge(network, low)
    return {name: np.clip(pictures, 0, 1) for name, pictures in enlarged.items()}


@torch.no_grad()
def enlarge(network: nn.Module, low: Pictures) -> Pictures:
    """Return what the network makes of pictures, one at a time."""
    made = [network(torch.from_numpy(picture[None]))[0].numpy() for picture in low]
    return np.stack(made).astype(np.float32)


def mse(a: Pictures, b: Pictures) -> float:
    """Return the mean squared error, clipped to [0, 1]."""
    return float(np.mean((np.clip(a, 0, 1).astype(np.float64) - b) ** 2))


def score(enlarged: Pictures, high: Pictures) -> Scores:
    """Compare enlarged pictures with the true ones; nothing is cropped."""
    errors = [mse(a, b) for a, b in zip(enlarged, high, strict=True)]
    likeness = [
        ssim(*(luma(255 * np.moveaxis(p, 0, -1)) for p in pair), data_range=255, border=0)
        for pair in zip(enlarged, high, strict=True)
    ]
    decibels = [-10 * np.log10(error) for error in errors]
    return Scores(*(float(np.mean(values)) for values in (errors, decibels, likeness)))


def split(folder: Path, experiment: Experiment) -> tuple[Split, Split]:
    """Read a folder's pictures, square, and divide them into training and test.

    Raises
    ------
    DataError
        Where there are too few pictures, or one cannot be read; one line.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if len(paths) <= experiment.train:
        raise DataError(
            f"{folder}: {len(paths)} pictures; more than the {experiment.train} to train with, "
            "so that some are left to test"
        )
    squares = [_square(path, experiment.size) for path in paths]
    high = np.stack(squares)
    low = np.stack([interpolation.reduce(square, experiment.scale) for square in squares])
    names = tuple(path.name for path in paths)
    cut = slice(experiment.train), slice(experiment.train, None)
    training, test = (Split(names[s], _planes(low[s]), _planes(high[s])) for s in cut)
    return training, test


def _square(path: Path, size: int) -> NDArray[np.uint8]:
    """Return a picture as (size, size, 3), whatever its shape was."""
    rgb = read_rgb(path)
    image = pyvips.Image.new_from_array(rgb)
    height, width = rgb.shape[:2]
    square: NDArray[np.uint8] = image.resize(size / width, vscale=size / height).numpy()
    return square


def _planes(pictures: NDArray[np.uint8]) -> Pictures:
    return (np.moveaxis(pictures, -1, 1) / np.float32(255)).astype(np.float32)

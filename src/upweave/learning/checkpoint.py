"""What a training is made of between two steps, and the file that holds it.

A checkpoint is a safetensors file: the tensors of `State`, named ``network.…``, ``average.…``,
``best.…`` and ``optimizer.…``, and all else as JSON in its metadata.
"""

from __future__ import annotations

import copy
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from upweave.learning.networks import Network, build
from upweave.learning.recipe import Recipe
from upweave.whole import whole_file

__all__ = ["CHECKPOINT", "ResumeError", "State", "read", "write"]

CHECKPOINT = "checkpoint.safetensors"
_FORMAT = "upweave checkpoint 2"


class ResumeError(ValueError):
    """A checkpoint that cannot be continued, or would be overwritten; one line."""


@dataclass
class State:
    """What changes from step to step.

    Attributes
    ----------
    network, average : Network
        The weights that learn, and their exponential moving average.
    best : Network
        The average of the validation that had the highest score.
    optimizer : torch.optim.Adam
    step : int
        Steps taken.
    score : float
        That of ``best``, in dB; NaN before any validation.
    stale : int
        Validations since then.
    whole : bool
        False while a step is under way: such a state is not one to continue from.
    """

    network: Network
    average: Network
    best: Network
    optimizer: torch.optim.Adam
    step: int = 0
    score: float = math.nan
    stale: int = 0
    whole: bool = field(default=True, compare=False)

    @classmethod
    def first(cls, recipe: Recipe, device: torch.device) -> State:
        """Return the state before the first step; the weights follow from the recipe's seed."""
        torch.manual_seed(recipe.seed)
        network = build(recipe).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average, best = (copy.deepcopy(network).requires_grad_(False) for _ in range(2))
        return cls(network, average, best, _adam(network, device))

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the next step."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def validated(self, score: float) -> None:
        """Take note of the average's score."""
        if math.isnan(self.score) or score > self.score:
            self.best.load_state_dict(self.average.state_dict())
            self.score, self.stale = score, 0
        else:
            self.stale += 1

    @property
    def result(self) -> Network:
        """The network to ship: the best one, or the last where nothing was validated."""
        return self.average if math.isnan(self.score) else self.best


def _adam(network: Network, device: torch.device) -> torch.optim.Adam:
    """Return the optimiser; on a GPU, one that a graph of CUDA can hold."""
    if device.type != "cuda":
        return torch.optim.Adam(network.parameters())
    rate = torch.tensor(0.0, device=device)
    return torch.optim.Adam(network.parameters(), rate, capturable=True)


def write(path: Path, recipe: Recipe, pictures: str, state: State) -> None:
    """Write a state, whole or not at all.

    Parameters
    ----------
    path : Path
    recipe : Recipe
    pictures : str
        The digest of the training pictures.
    state : State
    """
    tensors = {
        f"{part}.{name}": tensor
        for part, network in _networks(state).items()
        for name, tensor in network.state_dict().items()
    }
    moments = state.optimizer.state_dict()["state"]
    tensors |= {f"optimizer.{n}.{k}": v for n, values in moments.items() for k, v in values.items()}
    facts = {
        "format": _FORMAT,
        "recipe": json.dumps(recipe.as_dict()),
        "pictures": pictures,
        "step": str(state.step),
        "score": repr(state.score),
        "stale": str(state.stale),
    }
    content = save({name: tensor.contiguous() for name, tensor in tensors.items()}, facts)
    with whole_file(path) as file:
        file.write(content)


def read(path: Path, recipe: Recipe, pictures: str, state: State) -> None:
    """Take over a state that `write` wrote, if it is of the same recipe and pictures.

    Raises
    ------
    ResumeError
        Where it is not, or not a checkpoint; one line.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ResumeError(f"{path}: not a checkpoint of upweave ({reason})") from None
    if facts.get("format") != _FORMAT:
        raise ResumeError(f"{path}: not a checkpoint of this version of upweave")
    _check_same(path, json.loads(facts["recipe"]), recipe.as_dict())
    if facts["pictures"] != pictures:
        raise ResumeError(f"{path}: the training pictures are not the ones it began with")
    for part, network in _networks(state).items():
        network.load_state_dict(_below(tensors, part))
    _restore_moments(state, _below(tensors, "optimizer"))
    state.step, state.stale = int(facts["step"]), int(facts["stale"])
    state.score = float(facts["score"])


def _networks(state: State) -> dict[str, nn.Module]:
    return {"network": state.network, "average": state.average, "best": state.best}


def _below(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    start = f"{part}."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def _restore_moments(state: State, tensors: dict[str, Tensor]) -> None:
    """Give the optimiser its moments, in memory as the weights are: the same steps, bit for bit."""
    moments: dict[int, dict[str, Tensor]] = {}
    parameters = list(state.network.parameters())
    for name, tensor in tensors.items():
        number, key = name.split(".")
        like = parameters[int(number)]
        held = torch.empty_like(like).copy_(tensor) if tensor.ndim else tensor
        moments.setdefault(int(number), {})[key] = held
    content = state.optimizer.state_dict()
    state.optimizer.load_state_dict({**content, "state": moments})


def _check_same(path: Path, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    for key, value in ours.items():
        if theirs.get(key) != value:
            raise ResumeError(
                f"{path}: {key} was {theirs.get(key)!r}, now {value!r}; "
                "resume needs the very recipe (and --steps) it began with"
            )

"""The moving average of weights: what is shipped, as it wavers less than what learns."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["follow"]


@torch.no_grad()
def follow(average: nn.Module, learner: nn.Module, decay: float, step: int) -> None:
    """Move the average towards the weights, after a step.

    Parameters
    ----------
    average, learner : Module
        Of one kind.
    decay : float
        How much of the average stays. A young one forgets its random beginning faster.
    step : int
        Steps taken before.
    """
    stays = min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(learner.parameters()), 1 - stays)

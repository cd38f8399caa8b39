"""The batches of a training, drawn by worker processes while the network learns."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from upweave.learning.pair_cache import PairFile
from upweave.learning.pairs import Maps, sample, sample_flats
from upweave.learning.recipe import Recipe

__all__ = ["Batches", "loader"]


@dataclass(frozen=True)
class Batches(Dataset[tuple[Maps, Maps, Maps]]):
    """Of each step, low and high crops and flat patches: one process's share of them.

    Attributes
    ----------
    recipe : Recipe
        Its ``batch`` and ``flats`` are those of each process; together they see so many times
        more, the batch that one process would draw.
    file : PairFile
    large : list of int
        The pairs that are large enough for a crop.
    rank, processes : int
        Which process this is, of how many.
    """

    recipe: Recipe
    file: PairFile
    large: list[int]
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> tuple[Maps, Maps, Maps]:
        plan, pairs = self.recipe, [self.file.pairs[i] for i in self.large]
        batch, flats = (
            (count * self.processes, slice(count * self.rank, count * (self.rank + 1)))
            for count in (plan.batch, plan.flats)
        )
        low, high = sample(pairs, plan.crop, batch[0], plan.seed, step, batch[1])
        return low, high, sample_flats(flats[0], pairs[0].form, plan.seed, step, flats[1])


def loader(
    batches: Batches, first: int, workers: int, *, pinned: bool
) -> Iterable[tuple[Tensor, Tensor, Tensor]]:
    """Return the batches of step ``first`` and all after it, in order.

    Parameters
    ----------
    batches : Batches
    first : int
        Steps already taken.
    workers : int
        Processes that draw ahead; with 0 each batch is drawn when it is asked for.
    pinned : bool
        Whether in memory that a GPU copies from faster.
    """
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(first, batches.recipe.steps),
        num_workers=workers,
        pin_memory=pinned,
        worker_init_fn=_leave_signals_to_the_training if workers else None,
        multiprocessing_context="spawn" if workers else None,
    )


def _leave_signals_to_the_training(_: int) -> None:
    """Go on at Ctrl-C: the training ends after its step, and its workers with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

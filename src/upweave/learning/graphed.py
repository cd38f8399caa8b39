"""A step of training as one CUDA graph: what a GPU does in a millisecond takes ten to ask for."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["Graphed"]

Tensors = tuple[Tensor, ...]

_PLAIN_CALLS = 3
"""Calls before the recording: libraries choose their kernels, the optimiser makes its moments."""


class Graphed:
    """A function on a GPU that is recorded once and then replayed.

    Parameters
    ----------
    function : callable
        Of tensors on the device, of the same shapes in each call. What it does must not depend on
        their values, nor on anything else that changes, other than tensors changed in place.

    Notes
    -----
    The first calls run the function as it is, on a stream of their own, as PyTorch's notes on
    CUDA graphs want it. What a call returns is overwritten by the next.
    """

    def __init__(self, function: Callable[..., Tensors]) -> None:
        self._function = function
        self._left = _PLAIN_CALLS
        # PyTorch gives this class's __new__ no types.
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: Tensors = ()
        self._results: Tensors = ()

    def __call__(self, *inputs: Tensor) -> Tensors:
        """Call the function, or replay it."""
        if self._left:
            self._left -= 1
            return self._plain(inputs)
        if self._graph is None:
            self._record(inputs)
            assert self._graph is not None
        for held, new in zip(self._inputs, inputs, strict=True):
            held.copy_(new, non_blocking=True)
        self._graph.replay()
        return self._results

    def _plain(self, inputs: Tensors) -> Tensors:
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            results = self._function(*(x.cuda() for x in inputs))
        torch.cuda.current_stream().wait_stream(self._stream)
        return results

    def _record(self, inputs: Tensors) -> None:
        """Record a call; nothing is computed yet. Other threads may go on using the GPU."""
        self._inputs = tuple(x.cuda() for x in inputs)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._results = self._function(*self._inputs)

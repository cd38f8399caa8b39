"""What the layer that enlarges has learned, drawn: its kernels, and what its phases weigh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from upweave.explain.frames import Frame, Panel
from upweave.explain.overlaps import spectrum

__all__ = ["Tail", "tail"]


class Tail(Protocol):
    """A transposed convolution with weights that were learned."""

    @property
    def weights(self) -> NDArray[np.float64]:
        """Of shape (C, O, K_h, K_w)."""

    @property
    def heaviest(self) -> Sequence[int]:
        """The input channels, from the largest sum of absolute weights on."""

    def phases(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of a kernel's taps (K_h, K_w) in each phase, shape of the stride."""


def tail(found: Tail, name: str, count: int = 6) -> list[Frame]:
    """Return frames of a layer's phases, and of its heaviest kernels.

    Parameters
    ----------
    found : Tail
        As `upweave.engine.onnx_tail.read_tail` returns it.
    name : str
        Of the network.
    count : int
        How many kernels.
    """
    total = found.phases(np.abs(found.weights).sum(axis=(0, 1)))
    waves = spectrum(total)
    mean, waves[0, 0] = waves[0, 0], 0
    frames = [
        Frame(
            (
                _panel("absolute weights of each phase", total),
                _panel("their spectrum", spectrum(total)),
            ),
            f"{name}: all {len(found.weights)} channels. The strongest wave beside the mean has "
            f"{waves.max() / mean if mean else 0:.0%} of it.",
        )
    ]
    for channel in found.heaviest[:count]:
        kernel = found.weights[channel, 0]
        frames.append(
            Frame(
                (
                    _panel("kernel", kernel),
                    _panel("sums of its phases", found.phases(kernel)),
                ),
                f"Channel {channel}: what a flat input of 1 becomes stands at the right.",
            )
        )
    return frames


def _panel(title: str, weights: NDArray[np.float64]) -> Panel:
    """Return a panel of weights, to the digits that can be read; a zero has no sign."""
    return Panel(title, weights.round(3) + 0.0, shaded=True)

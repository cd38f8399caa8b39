"""A minimal filter along one axis of a layer: groups of positions, and what they read."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from upweave.kernels.minimal_filter import MinimalFilter, minimal_filter
from upweave.kernels.schedule import Axis

Doubles = npt.NDArray[np.float64]
Range = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """Which indices of the input the phases of a layer read, if they begin at a certain output.

    Attributes
    ----------
    origin : int
        The output at which the first position begins: 0 or some before.
    first, taps : int
        The inputs ``q + first … q + first + taps - 1`` reach the outputs of position q.
    """

    origin: int
    first: int
    taps: int


def window(axis: Axis) -> Window:
    """Return the window of least taps."""
    phases = len(axis.phases)

    def of(origin: int) -> Window:
        reached = [
            offset + position
            for position, phase in (divmod(origin + n, phases) for n in range(phases))
            for offset in axis.phases[phase].offsets
        ]
        return Window(origin, min(reached), max(reached) - min(reached) + 1)

    return min((of(origin) for origin in range(0, -phases, -1)), key=lambda w: w.taps)


@dataclass(frozen=True)
class Grid:
    """Indices in groups: ``origin + n * period`` begins a group, for every whole n."""

    origin: int
    period: int

    def groups(self, start: int, stop: int) -> range:
        """Return the groups that the indices ``start … stop - 1`` are in."""
        return range((start - self.origin) // self.period, self.after(stop))

    def after(self, index: int) -> int:
        """Return the first group that begins at an index or later."""
        return -((self.origin - index) // self.period)

    def start(self, group: int) -> int:
        """Return where a group begins."""
        return self.origin + group * self.period


@dataclass(frozen=True)
class AxisFilter:
    """How positions along an axis are computed in groups.

    Attributes
    ----------
    axis : Axis
        With a step of 1.
    outputs : int
        Positions a group.
    """

    axis: Axis
    outputs: int

    @cached_property
    def window(self) -> Window:
        """Which inputs a position reads."""
        return window(self.axis)

    @cached_property
    def filter(self) -> MinimalFilter:
        """The minimal filter."""
        return minimal_filter(self.outputs, self.window.taps)

    @cached_property
    def grid(self) -> Grid:
        """The groups of outputs."""
        return Grid(self.window.origin, self.outputs * self.phases)

    @property
    def phases(self) -> int:
        """Outputs a position."""
        return len(self.axis.phases)

    @property
    def is_trivial(self) -> bool:
        """Whether every output is a product itself, of one input."""
        return self.filter.inputs == 1

    def groups(self, start: int, stop: int) -> range:
        """Return the groups of the outputs ``start … stop - 1``."""
        return self.grid.groups(start, stop)

    def needs(self, groups: range) -> Range:
        """Return the inputs that some groups read."""
        first = self.window.first
        return (
            groups.start * self.outputs + first,
            groups.stop * self.outputs + self.window.taps - 1 + first,
        )

    def weights(self, taps: Doubles) -> Doubles:
        """Return the weights of products, (…, outputs of a position, products), of (…, taps)."""
        factors = np.array(self.filter.of_taps, np.float64)
        weights = np.zeros((*taps.shape[:-1], self.phases, self.filter.inputs))
        for place, (position, phase) in enumerate(self._places):
            row = self.axis.phases[phase]
            for tap, offset in zip(row.taps, row.offsets, strict=True):
                weights[..., place, :] += np.multiply.outer(
                    taps[..., tap], factors[:, offset + position - self.window.first]
                )
        return weights

    def bias(self, by_phase: Doubles) -> Doubles:
        """Return what is added to products, (…, outputs of a position, products).

        `by_phase` is added to the outputs: (…, phases).
        """
        by_place = by_phase[..., [phase for _, phase in self._places]]
        return np.multiply.outer(by_place, np.array(self.filter.of_one, np.float64))

    @property
    def _places(self) -> list[Range]:
        """The (position, phase) of the outputs of a position, from the first on."""
        return [divmod(self.window.origin + n, self.phases) for n in range(self.phases)]

"""The numbers of a fast layer: which inputs reach an output, which register tile computes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from upweave.ops.geometry import Geometry

TILES_PER_THREAD = 4
"""With so many, threads end together."""
COPY_CYCLES = 0.3
"""Of copying a float."""


@dataclass(frozen=True)
class AxisPhase:
    """One output phase of an axis: ``y[o] = sum over n of x[q + offsets[n]] * w[taps[n]]``.

    The taps ascend, and the offsets are equally spaced.
    """

    taps: tuple[int, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Axis:
    """What outputs read along one axis.

    Output ``o`` belongs to position ``q`` and phase ``r``: ``o = q * len(phases) + r``. It reads
    the inputs ``q * step`` plus the offsets of its phase. A transposed convolution has as many
    phases as its stride, and a step of 1; a convolution one phase, and its stride is the step.
    """

    phases: tuple[AxisPhase, ...]
    step: int = 1

    def position(self, output: int) -> tuple[int, int]:
        """Return (q, r) of an output."""
        return divmod(output, len(self.phases))

    @property
    def is_line(self) -> bool:
        """Whether every output is reached by one input, and no other output by that one."""
        return len(self.phases) == 1 and len(self.phases[0].taps) == 1

    def positions(self, start: int, count: int) -> int:
        """Return how many positions some outputs are of, from `start` on."""
        return -(-(self.position(start)[1] + count) // len(self.phases))

    @cached_property
    def offsets(self) -> range:
        """The span of the offsets of all phases."""
        all_offsets = [offset for phase in self.phases for offset in phase.offsets]
        return range(min(all_offsets), max(all_offsets) + 1)

    def needs(self, start: int, stop: int) -> tuple[int, int]:
        """Return the range of inputs that the outputs ``start … stop - 1`` read."""
        offsets = self.offsets
        return (
            self.position(start)[0] * self.step + offsets.start,
            self.position(stop - 1)[0] * self.step + offsets.stop,
        )

    @cached_property
    def tap_step(self) -> int:
        """The inputs from one tap of a phase to its next, the same in every phase."""
        steps = {b - a for p in self.phases for a, b in zip(p.offsets, p.offsets[1:], strict=False)}
        return steps.pop() if steps else 0

    @cached_property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """For every tap in order, its phase and offset."""
        found = [
            (tap, r, offset)
            for r, phase in enumerate(self.phases)
            for tap, offset in zip(phase.taps, phase.offsets, strict=True)
        ]
        return tuple((r, offset) for _, r, offset in sorted(found))


def transposed_axis(geometry: Geometry, axis: int) -> Axis:
    """Return what a transposed convolution reads along an axis.

    Output 0 is phase 0 of position 0, so that no position is cut at the start.
    """
    begin, stride = geometry.padding[axis][0], geometry.stride[axis]
    cut = geometry.phases(axis)
    phases = []
    for output in range(stride):
        position, index = divmod(output + begin, stride)
        phase = cut[index]
        phases.append(AxisPhase(phase.taps, tuple(position - shift for shift in phase.shifts)))
    return Axis(tuple(phases))


def convolution_axis(geometry: Geometry, axis: int) -> Axis:
    """Return what a convolution reads along an axis."""
    k, d, (begin, _) = geometry.kernel[axis], geometry.dilation[axis], geometry.padding[axis]
    phase = AxisPhase(tuple(range(k)), tuple(t * d - begin for t in range(k)))
    return Axis((phase,), geometry.stride[axis])


@dataclass(frozen=True)
class Split:
    """``count`` things in tiles as equal as can be: first the larger ones, then the smaller."""

    many_count: int
    many: int
    few_count: int
    few: int

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Yield (how many tiles, how large), without the empty kind."""
        for count, size in ((self.many_count, self.many), (self.few_count, self.few)):
            if count:
                yield count, size


def split(count: int, largest: int) -> Split:
    """Split ``count`` things into the fewest tiles of at most ``largest``, evenly."""
    tiles = -(-count // largest)
    few, larger = divmod(count, tiles)
    if larger == 0:
        return Split(tiles, few, 0, few)
    return Split(larger, few + 1, tiles - larger, few)


@dataclass(frozen=True)
class RegisterTile:
    """The largest register tile of a layer: vectors of input positions x output channels."""

    vectors: int
    channels: int


@dataclass(frozen=True)
class Work:
    """What decides a register tile: the sums of a row, and the terms of a sum.

    Attributes
    ----------
    vectors, channels, phases : int
        Vectors of input positions a row, output channels, column phases.
    pairs : int
        Input channels times the kernel rows of a phase.
    columns, offsets : int
        The kernel's columns, and how many different input positions they read.
    step : int
        Inputs from a position to the next.
    units : int
        Multiply-adds of vectors that a cycle begins.
    """

    vectors: int
    channels: int
    phases: int
    pairs: int
    columns: int
    offsets: int
    step: int = 1
    units: int = 2


@cache
def choose_tile(work: Work, registers: int) -> RegisterTile:
    """Choose the register tile of least estimated cycles.

    The tile's sums, the smaller kind of operand and one more value must fit nine tenths of the
    registers: a tile of 2 x 7 with two phases, 31 of 32, took 1.6 times as long as one of 2 x 6.
    With several vectors the sums must fit three quarters: 2 x 13 took twice as long as 2 x 12.

    Raises
    ------
    ValueError
        Where no tile does: nine tenths of `registers` must be at least 2 more than the phases.
    """
    legal = [
        tile
        for tile in fitting_tiles(work, _free(registers))
        if tile.vectors == 1 or 4 * tile.vectors * tile.channels * work.phases <= 3 * registers
    ]
    if not legal:
        raise ValueError(f"{work.phases} phases do not fit {registers} registers")
    return min(legal, key=lambda tile: row_cycles(work, tile))


def fitting_tiles(work: Work, registers: int) -> list[RegisterTile]:
    """Return the tiles whose sums, smaller kind of operand and one more value fit the registers."""
    return [
        RegisterTile(v, c)
        for v in range(1, min(work.vectors, registers) + 1)
        for c in range(1, min(work.channels, registers) + 1)
        if v * c * work.phases + min(v, c * work.phases) + 1 <= registers
    ]


def row_cycles(work: Work, tile: RegisterTile) -> float:
    """Estimate the cycles of a row, all its register tiles."""
    return sum(
        rows * depths * _cycles(work, v, c)
        for rows, v in split(work.vectors, tile.vectors).sizes()
        for depths, c in split(work.channels, tile.channels).sizes()
    )


def choose_phase_tile(positions: int, channels: int, vectors: int, registers: int) -> RegisterTile:
    """Choose a register tile of positions and channels where lanes are phases.

    The weights of a column stay in registers, so a tile has few channels and many positions.

    Parameters
    ----------
    positions, channels : int
        Of a row.
    vectors : int
        Of phases.
    registers : int
    """
    most = 2 if vectors == 1 else 1
    depth = min(most, channels) * vectors
    wide = max(1, (_free(registers) - 1 - depth) // depth)
    return RegisterTile(min(positions, wide), min(most, channels))


def _free(registers: int) -> int:
    """Return how many registers a tile may take: LLVM loads ahead, and spills without room."""
    return registers - registers // 10


def _cycles(work: Work, vectors: int, channels: int) -> float:
    """Estimate the cycles of a register tile.

    With one unit, a fused multiply-add takes one, and a load of inputs two (most cross a cache
    line); with two, half of that. A shuffle takes one, a load of a weight a half; a kernel row one
    more. A vector of every n-th input is shuffled from n loads. To weave many phases of many sums,
    LLVM spills. The numbers were fitted on a Zen 4, of one unit, and a Cascade Lake, of two; they
    only order tiles.
    """
    shuffles = (work.step - 1) * work.offsets * vectors
    arithmetic = work.columns * vectors * channels / work.units + shuffles
    inputs = 2 / work.units * work.step * work.offsets * vectors
    loads = inputs + 0.5 * work.columns * channels
    sums = vectors * channels * work.phases
    spilled = 5 * work.phases**2 if sums > 20 and work.phases > 3 else 0
    around = 30 + 2 * sums + spilled
    return work.pairs * (max(arithmetic, loads, 4) + 1) + around

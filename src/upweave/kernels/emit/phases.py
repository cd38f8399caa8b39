"""The micro-kernel of large strides: lanes are the output phases of a position.

The tile is ``channels`` output channels x ``positions`` x the vectors of a chunk of phases. What a
position gives to its outputs is an input times a stretch of the kernel, so that vectors are loaded
from the weights, and every one serves all positions. Sums are taken in the order of
`upweave.kernels.emit.micro`, whose arguments these kernels take.
"""

import math
from dataclasses import dataclass

from upweave.kernels.emit.micro import (
    ARGUMENTS,
    ENTRY,
    Epilogue,
    Fetched,
    declarations,
    keep_order,
    reduction,
    store_lines,
)
from upweave.kernels.emit.text import Writer

Key = tuple[int, int, int]  # channel, position, vector of phases


@dataclass(frozen=True)
class PhaseKernel:
    """What one micro-kernel computes; two equal ones are the same machine code.

    Attributes
    ----------
    exists : tuple of tuple of bool
        For each column (of inputs from right to left) and lane, whether the kernel has such a tap.
    count : int
        Phases computed; the lanes after them are empty.
    stride, lanes : int
        Outputs from a position to the next; floats in a vector.
    positions, channels : int
        In the tile.
    activation, limits, accumulate
        As in `MicroKernel`.
    """

    exists: tuple[tuple[bool, ...], ...]
    count: int
    stride: int
    lanes: int
    positions: int
    channels: int
    activation: str = "none"
    limits: tuple[float, float] = (-math.inf, math.inf)
    accumulate: bool = False

    @property
    def vectors(self) -> int:
        """Vectors of phases."""
        return len(self.exists[0]) // self.lanes


def emit_phase_kernel(kernel: PhaseKernel) -> str:
    """Return the micro-kernel as a module of LLVM IR text, its function named ``kernel``."""
    writer = Writer(f"void @{ENTRY}({ARGUMENTS})")
    lanes, vectors = kernel.lanes, kernel.vectors
    vector = f"<{lanes} x float>"
    biases = {
        (c, u): writer.value(
            f"load {vector}, ptr {writer.at('%post', (c * vectors + u) * lanes)}, align 4"
        )
        for c in range(kernel.channels)
        for u in range(vectors)
    }
    starts = {
        (c, p, u): biases[c, u]
        for c in range(kernel.channels)
        for p in range(kernel.positions)
        for u in range(vectors)
    }
    epilogue = Epilogue(writer, kernel, kernel.channels, kernel.channels * vectors * lanes)
    fetched = Fetched(len(kernel.exists) * kernel.channels * vectors * lanes)
    sums = reduction(writer, lanes, starts, fetched, lambda held: _one_row(writer, kernel, held))
    lines = []
    for (c, p, u), value in sums.items():
        row = writer.at("%y", writer.mul("%y_channel", c))
        start = p * kernel.stride + u * lanes
        lines.append((row, start, min(lanes, kernel.count - u * lanes), epilogue.apply(c, value)))
    whole = (kernel.positions - 1) * kernel.stride + kernel.count
    store_lines(writer, kernel, lines, whole)
    return writer.finish() + declarations(lanes)


def _one_row(writer: Writer, kernel: PhaseKernel, sums: dict[Key, str]) -> dict[Key, str]:
    """Add the products of one input channel and kernel row to the running sums."""
    lanes, vectors = kernel.lanes, kernel.vectors
    vector = f"<{lanes} x float>"
    sums = dict(sums)
    columns = len(kernel.exists)
    for n, taps in enumerate(kernel.exists):
        keep_order(writer)
        held = {}
        for c in range(kernel.channels):
            for u in range(vectors):
                if any(taps[u * lanes : (u + 1) * lanes]):
                    at = writer.at("%wp", ((n * kernel.channels + c) * vectors + u) * lanes)
                    held[c, u] = writer.value(f"load {vector}, ptr {at}, align 4")
        for p in range(kernel.positions):
            at = writer.at("%xp", p + columns - 1 - n)
            x = writer.splat(writer.value(f"load float, ptr {at}, align 4"), lanes)
            for (c, u), weight in held.items():
                total = writer.value(
                    f"call {vector} @llvm.fma.v{lanes}f32"
                    f"({vector} {x}, {vector} {weight}, {vector} {sums[c, p, u]})"
                )
                there = taps[u * lanes : (u + 1) * lanes]
                if not all(there):
                    # Where there is no tap, 0 times an infinite input would not be 0.
                    mask = ", ".join(f"i1 {str(tap).lower()}" for tap in there)
                    total = writer.value(
                        f"select <{lanes} x i1> <{mask}>, {vector} {total}, "
                        f"{vector} {sums[c, p, u]}"
                    )
                sums[c, p, u] = total
    return sums

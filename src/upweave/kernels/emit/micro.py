"""The micro-kernel: one register tile of one output row, as LLVM IR text.

The tile is ``channels`` output channels x the column phases x ``vectors`` vectors of input
positions. One loop runs over (input channel, kernel row); the kernel's columns are unrolled in it.
Every sum is taken in the order input channel, kernel row, kernel column, with one fused
multiply-add a term, so the lanes of the host do not change a bit of the result.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from upweave.kernels.emit import masks
from upweave.kernels.emit.shuffles import every, weave
from upweave.kernels.emit.text import LINE, Writer, clip, float_constant, relu

ENTRY = "kernel"
ARGUMENTS = (
    "ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, "
    "i64 %y_channel, i64 %low, i64 %high"
)
"""What a micro-kernel takes.

x : input channel 0, first kernel row, the tile's first input position
w : weights in the order of use: (input channel, kernel row, kernel column, channel)
post : biases (channel, column phase), then the channels' slopes
y : output channel 0, phase 0 of the tile's first position (may lie before the row's start)
pairs, rows : input channels x kernel rows, kernel rows
row_step, wrap_step : from a kernel row to the next, and from the last to the next channel's first
y_channel : from an output channel to the next
low, high : only the outputs ``low <= index < high``, counted from y, are written
"""


@dataclass(frozen=True)
class MicroKernel:
    """What one micro-kernel computes; two equal ones are the same machine code.

    Attributes
    ----------
    columns : tuple of (int, int)
        The kernel's columns in order: output phase, and the offset of the input position read.
    phases : int
        Column phases (the stride; 1 for a convolution).
    lanes, vectors, channels : int
        Floats in a vector; vectors of input positions and output channels in the tile.
    step : int
        Inputs from a position to the next (the stride of a convolution).
    activation : str
        "none", "relu", "prelu" (a slope a channel) or "clip".
    limits : (float, float)
        Between which "clip" keeps the results.
    accumulate : bool
        Add to what the output holds instead of replacing it.
    ahead : int
        So many input channels ahead inputs are fetched; 0: they are not.
    """

    columns: tuple[tuple[int, int], ...]
    phases: int
    lanes: int
    vectors: int
    channels: int
    step: int = 1
    activation: str = "none"
    limits: tuple[float, float] = (-math.inf, math.inf)
    accumulate: bool = False
    ahead: int = 0

    @property
    def read(self) -> int:
        """The inputs of a row, from its first on."""
        last = max((offset for _, offset in self.columns), default=0)
        return self.vectors * self.lanes * self.step + last


class Finished(Protocol):
    """What every kind of micro-kernel says of what follows its sums; see `MicroKernel`."""

    @property
    def lanes(self) -> int:
        """Floats in a vector."""

    @property
    def activation(self) -> str:
        """Which function the sums go through."""

    @property
    def limits(self) -> tuple[float, float]:
        """Between which "clip" keeps the results."""

    @property
    def accumulate(self) -> bool:
        """Whether to add to what the output holds."""


def emit_micro_kernel(kernel: MicroKernel) -> str:
    """Return the micro-kernel as a module of LLVM IR text, its function named ``kernel``."""
    writer = Writer(f"void @{ENTRY}({ARGUMENTS})")
    keys = [(c, p) for c in range(kernel.channels) for p in range(kernel.phases)]
    bias = {key: _spread(writer, kernel.lanes, index) for index, key in enumerate(keys)}
    epilogue = Epilogue(writer, kernel, kernel.channels, len(keys))
    starts = {(*key, v): bias[key] for key in keys for v in range(kernel.vectors)}
    used = len(kernel.columns) * kernel.channels
    fetched = Fetched(used, kernel.read, kernel.ahead)
    sums = reduction(
        writer, kernel.lanes, starts, fetched, lambda held: _one_row(writer, kernel, held)
    )
    sums = {key: epilogue.apply(key[0], value) for key, value in sums.items()}
    _store(writer, kernel, sums)
    return writer.finish() + declarations(kernel.lanes)


def declarations(lanes: int) -> str:
    """Return the declarations of the intrinsics that micro-kernels call."""
    v = lanes
    return (
        f"declare <{v} x float> @llvm.fma.v{v}f32(<{v} x float>, <{v} x float>, <{v} x float>)\n"
        f"{masks.declarations(v)}"
        "declare void @llvm.codeview.annotation(metadata)\n"
        "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)\n"
        '!0 = !{!""}\n'
    )


def keep_order(writer: Writer) -> None:
    """Let LLVM move no instruction over this place.

    Left alone, it loads so far ahead that registers run out: a loop of 29 of 32 registers took
    twice as long. The intrinsic is a label in the code, and nothing else.
    """
    writer.line("call void @llvm.codeview.annotation(metadata !0)")


def _spread(writer: Writer, lanes: int, index: int) -> str:
    scalar = writer.value(f"load float, ptr {writer.at('%post', index)}, align 4")
    return writer.splat(scalar, lanes)


class Epilogue:
    """The activation of finished sums; its slopes follow `biases` floats in ``post``."""

    def __init__(self, writer: Writer, kernel: Finished, channels: int, biases: int) -> None:
        self._writer, self._kernel = writer, kernel
        sloped = range(channels) if kernel.activation == "prelu" else ()
        self._slopes = [_spread(writer, kernel.lanes, biases + c) for c in sloped]

    def apply(self, channel: int, value: str) -> str:
        """Return the activated sum of a channel."""
        slope = self._slopes[channel] if self._slopes else None
        return activated(self._writer, self._kernel, value, slope)


def activated(writer: Writer, kernel: Finished, value: str, slope: str | None) -> str:
    """Return what the activation makes of a vector; `slope` is that of "prelu"."""
    lanes = kernel.lanes
    if kernel.activation == "clip":
        low, high = (float_constant(limit, lanes) for limit in kernel.limits)
        return clip(writer, lanes, value, low, high)
    if kernel.activation == "none":
        return value
    return relu(writer, lanes, value, slope)


AHEAD = 1024
"""Floats: so far ahead weights are fetched. Where they come from memory, each only once, a layer of
many channels took 1.2 to 1.4 times as long without; where they stay near, nothing changes."""


@dataclass(frozen=True)
class Fetched:
    """What a turn of `reduction` fetches ahead, in floats: of later weights, and of later inputs.

    Attributes
    ----------
    weights : int
        All that a turn takes.
    inputs : int
        What a turn takes.
    channels : int
        So many ahead inputs are fetched; 0: they are not.
    """

    weights: int
    inputs: int = 0
    channels: int = 0


_SHUFFLED = 4
"""Up to this step, whole vectors are loaded and shuffled; above it, one input at a time."""

Key = tuple[int, int, int]  # channel, phase, vector


def reduction(
    writer: Writer,
    lanes: int,
    starts: dict[Key, str],
    fetched: Fetched,
    one_row: Callable[[dict[Key, str]], dict[Key, str]],
) -> dict[Key, str]:
    """Write the loop over (input channel, kernel row); return the finished sums.

    Parameters
    ----------
    starts : dict
        What each sum starts from.
    fetched : Fetched
    one_row : callable
        Writes a turn: from the running sums to the next ones. ``%xp`` and ``%wp`` are its inputs
        and weights.
    """
    vector = f"<{lanes} x float>"
    stems = {key: "a{}_{}_{}".format(*key) for key in starts}
    if fetched.channels:
        rows = writer.mul("%row_step", writer.sub("%rows", 1))
        inputs_ahead = writer.mul(writer.add("%wrap_step", rows), fetched.channels)
    writer.line("br label %enter")
    writer.label("enter")
    some = writer.value("icmp sgt i64 %pairs, 0")
    writer.line(f"br i1 {some}, label %body, label %done")
    writer.label("body")
    writer.line("%pair = phi i64 [0, %enter], [%pair.next, %body]")
    writer.line("%row = phi i64 [1, %enter], [%row.next, %body]")
    writer.line("%xp = phi ptr [%x, %enter], [%xp.next, %body]")
    writer.line("%wp = phi ptr [%w, %enter], [%wp.next, %body]")
    for key, stem in stems.items():
        writer.line(f"%{stem} = phi {vector} [{starts[key]}, %enter], [%{stem}.next, %body]")
    _fetch(writer, writer.at("%wp", AHEAD), fetched.weights)
    if fetched.channels:
        _fetch(writer, writer.at("%xp", inputs_ahead), fetched.inputs)
    for key, value in one_row({key: f"%{stem}" for key, stem in stems.items()}).items():
        # a copy under the name that the phi above expects
        writer.line(f"%{stems[key]}.next = bitcast {vector} {value} to {vector}")
    writer.line("%last = icmp eq i64 %row, %rows")
    writer.line("%step = select i1 %last, i64 %wrap_step, i64 %row_step")
    writer.line("%row.one = add i64 %row, 1")
    writer.line("%row.next = select i1 %last, i64 1, i64 %row.one")
    writer.line("%xp.next = getelementptr float, ptr %xp, i64 %step")
    writer.line(f"%wp.next = getelementptr float, ptr %wp, i64 {fetched.weights}")
    writer.line("%pair.next = add i64 %pair, 1")
    writer.line("%more = icmp slt i64 %pair.next, %pairs")
    writer.line("br i1 %more, label %body, label %done")
    writer.label("done")
    return {
        key: writer.value(f"phi {vector} [{starts[key]}, %enter], [%{stem}.next, %body]")
        for key, stem in stems.items()
    }


def _fetch(writer: Writer, start: str, floats: int) -> None:
    """Ask for the lines of so many floats, lest they be waited for."""
    for line in range(-(-floats // LINE)):
        at = writer.at(start, line * LINE)
        writer.line(f"call void @llvm.prefetch.p0(ptr {at}, i32 0, i32 3, i32 1)")


def _one_row(writer: Writer, kernel: MicroKernel, sums: dict[Key, str]) -> dict[Key, str]:
    """Add the products of one input channel and kernel row to the running sums."""
    lanes = kernel.lanes
    vector = f"<{lanes} x float>"
    sums = dict(sums)
    for first, phases, offset in _groups(kernel):
        keep_order(writer)
        weights = [
            ((c, phase), (first + n) * kernel.channels + c)
            for n, phase in enumerate(phases)
            for c in range(kernel.channels)
        ]
        inputs = [(v, v * lanes * kernel.step + offset) for v in range(kernel.vectors)]

        def weight(index: int) -> str:
            scalar = writer.value(f"load float, ptr {writer.at('%wp', index)}, align 4")
            return writer.splat(scalar, lanes)

        def positions(index: int) -> str:
            return _load(writer, lanes, index, kernel.step)

        # The fewer operands stay in registers, the others pass by one at a time.
        products: list[tuple[Key, str, str]]
        if len(weights) <= len(inputs):
            held = [(key, weight(index)) for key, index in weights]
            streamed = ((v, positions(index)) for v, index in inputs)
            products = [((*key, v), x, w) for v, x in streamed for key, w in held]
        else:
            read = [(v, positions(index)) for v, index in inputs]
            spread = ((key, weight(index)) for key, index in weights)
            products = [((*key, v), x, w) for key, w in spread for v, x in read]
        for key, x, w in products:
            sums[key] = writer.value(
                f"call {vector} @llvm.fma.v{lanes}f32"
                f"({vector} {x}, {vector} {w}, {vector} {sums[key]})"
            )
    return sums


def _load(writer: Writer, lanes: int, index: int, step: int) -> str:
    """Load a vector of every ``step``-th input from ``index`` on."""
    vector = f"<{lanes} x float>"

    def load(kind: str, at: int) -> str:
        return writer.value(f"load {kind}, ptr {writer.at('%xp', at)}, align 4")

    if step == 1:
        return load(vector, index)
    if step > _SHUFFLED:
        line = "poison"
        for lane in range(lanes):
            one = load("float", index + lane * step)
            line = writer.value(f"insertelement {vector} {line}, float {one}, i64 {lane}")
        return line
    return every(writer, lanes, [load(vector, index + n * lanes) for n in range(step)])


def _groups(kernel: MicroKernel) -> list[tuple[int, list[int], int]]:
    """Return runs of columns that read the same input: first column, their phases, the offset."""
    groups: list[tuple[int, list[int], int]] = []
    for n, (phase, offset) in enumerate(kernel.columns):
        if groups and groups[-1][2] == offset and phase not in groups[-1][1]:
            groups[-1][1].append(phase)
        else:
            groups.append((n, [phase], offset))
    return groups


def _store(writer: Writer, kernel: MicroKernel, results: dict[Key, str]) -> None:
    """Weave the phases into whole lines and write them."""
    lanes, phases = kernel.lanes, kernel.phases
    lines: list[Line] = []
    for c in range(kernel.channels):
        row = writer.at("%y", writer.mul("%y_channel", c))
        for v in range(kernel.vectors):
            woven = weave(writer, lanes, [results[c, p, v] for p in range(phases)])
            lines += [(row, (v * phases + n) * lanes, lanes, line) for n, line in enumerate(woven)]
    store_lines(writer, kernel, lines, kernel.vectors * phases * lanes)


Line = tuple[str, int, int, str]  # the channel's row, where in it, how many lanes, the values


def store_lines(writer: Writer, kernel: Finished, lines: list[Line], whole: int) -> None:
    """Write lines of outputs, of which a row has ``whole``: plainly, or masked at a row's ends."""
    from_start = writer.value("icmp sle i64 %low, 0")
    to_end = writer.value(f"icmp sge i64 %high, {whole}")
    inside = writer.value(f"and i1 {from_start}, {to_end}")
    writer.line(f"br i1 {inside}, label %plain, label %masked")
    writer.label("plain")
    for row, start, count, line in lines:
        if count == kernel.lanes:
            store_plain(writer, kernel, writer.at(row, start), line)
        else:
            mask = f"<{', '.join(_bits(count, kernel.lanes))}>"
            store_part(writer, kernel, writer.at(row, start), line, mask)
    writer.line("br label %end")
    writer.label("masked")
    inside_of = {
        (start, count): _mask(writer, kernel.lanes, start, count) for _, start, count, _ in lines
    }
    for row, start, count, line in lines:
        store_part(writer, kernel, writer.at(row, start), line, inside_of[start, count])
    writer.line("br label %end")
    writer.label("end")


def _bits(count: int, lanes: int) -> list[str]:
    """Return a mask of the first lanes."""
    return [f"i1 {str(lane < count).lower()}" for lane in range(lanes)]


def store_plain(writer: Writer, kernel: Finished, address: str, line: str) -> None:
    """Write a vector, or add it to what is there."""
    vector = f"<{kernel.lanes} x float>"
    if kernel.accumulate:
        held = writer.value(f"load {vector}, ptr {address}, align 4")
        line = writer.value(f"fadd {vector} {line}, {held}")
    writer.line(f"store {vector} {line}, ptr {address}, align 4")


def store_part(writer: Writer, kernel: Finished, address: str, line: str, mask: str) -> None:
    """Write the lanes of a mask, or add them to what is there."""
    lanes = kernel.lanes
    if kernel.accumulate:
        held = masks.load_masked(writer, lanes, address, mask)
        line = writer.value(f"fadd <{lanes} x float> {line}, {held}")
    masks.store_masked(writer, lanes, line, address, mask)


def _mask(writer: Writer, lanes: int, start: int, count: int) -> str:
    """Return which of ``count`` outputs from ``start`` on lie in ``low <= index < high``."""
    above = masks.compared(writer, lanes, "sge", start, "%low")
    below = masks.compared(writer, lanes, "slt", start, "%high")
    within = writer.value(f"and <{lanes} x i1> {above}, {below}")
    if count == lanes:
        return within
    return writer.value(f"and <{lanes} x i1> {within}, <{', '.join(_bits(count, lanes))}>")

"""The micro-kernel: one register tile of one output row, as LLVM IR text.

The tile is ``channels`` output channels x the column phases x ``vectors`` vectors of input
positions. One loop runs over (input channel, kernel row); the kernel's columns are unrolled in it.
Every sum is taken in the order input channel, kernel row, kernel column, with one fused
multiply-add a term, so the lanes of the host do not change a bit of the result.
"""

import math
from dataclasses import dataclass

from upweave.kernels.emit.text import Writer, clip, float_constant, mask_constant, relu

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


def emit_micro_kernel(kernel: MicroKernel) -> str:
    """Return the micro-kernel as a module of LLVM IR text, its function named ``kernel``."""
    writer = Writer(f"void @{ENTRY}({ARGUMENTS})")
    bias, slope = _post(writer, kernel)
    sums = _sums(writer, kernel, bias)
    sums = {key: _activated(writer, kernel, slope, key[0], sum_) for key, sum_ in sums.items()}
    _store(writer, kernel, sums)
    v = kernel.lanes
    return writer.finish() + (
        f"declare <{v} x float> @llvm.fma.v{v}f32(<{v} x float>, <{v} x float>, <{v} x float>)\n"
        f"declare <{v} x float> @llvm.masked.load.v{v}f32.p0"
        f"(ptr, i32, <{v} x i1>, <{v} x float>)\n"
        f"declare void @llvm.masked.store.v{v}f32.p0(<{v} x float>, ptr, i32, <{v} x i1>)\n"
    )


def _activated(
    writer: Writer, kernel: MicroKernel, slopes: list[str], channel: int, value: str
) -> str:
    lanes = kernel.lanes
    if kernel.activation == "clip":
        low, high = (float_constant(limit, lanes) for limit in kernel.limits)
        return clip(writer, lanes, value, low, high)
    if kernel.activation == "none":
        return value
    return relu(writer, lanes, value, slopes[channel] if slopes else None)


_SHUFFLED = 4
"""Up to this step, whole vectors are loaded and shuffled; above it, one input at a time."""

Key = tuple[int, int, int]  # channel, phase, vector


def _keys(kernel: MicroKernel) -> list[Key]:
    return [
        (c, p, v)
        for c in range(kernel.channels)
        for p in range(kernel.phases)
        for v in range(kernel.vectors)
    ]


def _post(writer: Writer, kernel: MicroKernel) -> tuple[dict[tuple[int, int], str], list[str]]:
    """Load what goes around the sums: a bias a channel and phase; for PReLU, a slope a channel."""

    def spread(index: int) -> str:
        scalar = writer.value(f"load float, ptr {writer.at('%post', index)}, align 4")
        return writer.splat(scalar, kernel.lanes)

    sums = [(c, p) for c in range(kernel.channels) for p in range(kernel.phases)]
    bias = {key: spread(index) for index, key in enumerate(sums)}
    if kernel.activation != "prelu":
        return bias, []
    return bias, [spread(len(sums) + c) for c in range(kernel.channels)]


def _sums(writer: Writer, kernel: MicroKernel, bias: dict[tuple[int, int], str]) -> dict[Key, str]:
    """Write the loop over (input channel, kernel row); return the finished sums."""
    vector = f"<{kernel.lanes} x float>"
    writer.line("br label %enter")
    writer.label("enter")
    some = writer.value("icmp sgt i64 %pairs, 0")
    writer.line(f"br i1 {some}, label %body, label %done")
    writer.label("body")
    writer.line("%pair = phi i64 [0, %enter], [%pair.next, %body]")
    writer.line("%row = phi i64 [1, %enter], [%row.next, %body]")
    writer.line("%xp = phi ptr [%x, %enter], [%xp.next, %body]")
    writer.line("%wp = phi ptr [%w, %enter], [%wp.next, %body]")
    running = {}
    for key in _keys(kernel):
        stem = "a{}_{}_{}".format(*key)
        writer.line(f"%{stem} = phi {vector} [{bias[key[:2]]}, %enter], [%{stem}.next, %body]")
        running[key] = f"%{stem}"
    summed = _one_row(writer, kernel, running)
    for key, value in summed.items():
        stem = "a{}_{}_{}".format(*key)
        # a copy under the name that the phi above expects
        writer.line(f"%{stem}.next = bitcast {vector} {value} to {vector}")
    writer.line("%last = icmp eq i64 %row, %rows")
    writer.line("%step = select i1 %last, i64 %wrap_step, i64 %row_step")
    writer.line("%row.one = add i64 %row, 1")
    writer.line("%row.next = select i1 %last, i64 1, i64 %row.one")
    writer.line("%xp.next = getelementptr float, ptr %xp, i64 %step")
    used = len(kernel.columns) * kernel.channels
    writer.line(f"%wp.next = getelementptr float, ptr %wp, i64 {used}")
    writer.line("%pair.next = add i64 %pair, 1")
    writer.line("%more = icmp slt i64 %pair.next, %pairs")
    writer.line("br i1 %more, label %body, label %done")
    writer.label("done")
    return {
        key: writer.value(
            f"phi {vector} [{bias[key[:2]]}, %enter], [%a{key[0]}_{key[1]}_{key[2]}.next, %body]"
        )
        for key in _keys(kernel)
    }


def _one_row(writer: Writer, kernel: MicroKernel, sums: dict[Key, str]) -> dict[Key, str]:
    """Add the products of one input channel and kernel row to the running sums."""
    lanes = kernel.lanes
    vector = f"<{lanes} x float>"
    sums = dict(sums)
    for first, phases, offset in _groups(kernel):
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
    whole = [load(vector, index + n * lanes) for n in range(step)]
    places = [divmod(lane * step, lanes) for lane in range(lanes)]
    line = whole[0]
    for n in range(1, step):
        # lanes from the vectors before n are in place already, except at the first step
        mask = [
            lanes + place if source == n else None if source > n else (place if n == 1 else lane)
            for lane, (source, place) in enumerate(places)
        ]
        line = writer.value(
            f"shufflevector {vector} {line}, {vector} {whole[n]}, "
            f"<{lanes} x i32> <{mask_constant(mask)}>"
        )
    return line


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
    """Weave the phases into whole lines and write them: plainly, or masked at a row's ends."""
    lanes, phases = kernel.lanes, kernel.phases
    lines = []
    for c in range(kernel.channels):
        row = writer.at("%y", writer.mul("%y_channel", c))
        for v in range(kernel.vectors):
            woven = _weave(writer, lanes, [results[c, p, v] for p in range(phases)])
            lines += [(row, (v * phases + n) * lanes, line) for n, line in enumerate(woven)]
    whole = kernel.vectors * phases * lanes
    from_start = writer.value("icmp sle i64 %low, 0")
    to_end = writer.value(f"icmp sge i64 %high, {whole}")
    inside = writer.value(f"and i1 {from_start}, {to_end}")
    writer.line(f"br i1 {inside}, label %plain, label %masked")
    writer.label("plain")
    for row, start, line in lines:
        _store_plain(writer, kernel, writer.at(row, start), line)
    writer.line("br label %end")
    writer.label("masked")
    masks = {start: _mask(writer, lanes, start) for start in range(0, whole, lanes)}
    for row, start, line in lines:
        _store_masked(writer, kernel, writer.at(row, start), line, masks[start])
    writer.line("br label %end")
    writer.label("end")


def _weave(writer: Writer, lanes: int, phases: list[str]) -> list[str]:
    """Interleave one vector a phase into as many vectors of consecutive outputs."""
    vector = f"<{lanes} x float>"
    lines = []
    for n in range(len(phases)):
        outputs = [divmod(n * lanes + lane, len(phases)) for lane in range(lanes)]
        line = phases[0]
        for p in range(1, len(phases)):
            # lanes of the phases before p are in place already, except at the first step
            mask = [
                lanes + position
                if phase == p
                else None
                if phase > p
                else (position if p == 1 else lane)
                for lane, (position, phase) in enumerate(outputs)
            ]
            line = writer.value(
                f"shufflevector {vector} {line}, {vector} {phases[p]}, "
                f"<{lanes} x i32> <{mask_constant(mask)}>"
            )
        lines.append(line)
    return lines


def _store_plain(writer: Writer, kernel: MicroKernel, address: str, line: str) -> None:
    vector = f"<{kernel.lanes} x float>"
    if kernel.accumulate:
        held = writer.value(f"load {vector}, ptr {address}, align 4")
        line = writer.value(f"fadd {vector} {line}, {held}")
    writer.line(f"store {vector} {line}, ptr {address}, align 4")


def _store_masked(writer: Writer, kernel: MicroKernel, address: str, line: str, mask: str) -> None:
    lanes = kernel.lanes
    vector = f"<{lanes} x float>"
    if kernel.accumulate:
        held = writer.value(
            f"call {vector} @llvm.masked.load.v{lanes}f32.p0"
            f"(ptr {address}, i32 4, <{lanes} x i1> {mask}, {vector} zeroinitializer)"
        )
        line = writer.value(f"fadd {vector} {line}, {held}")
    writer.line(
        f"call void @llvm.masked.store.v{lanes}f32.p0"
        f"({vector} {line}, ptr {address}, i32 4, <{lanes} x i1> {mask})"
    )


def _mask(writer: Writer, lanes: int, start: int) -> str:
    """Return which of the outputs ``start …`` lie in ``low <= index < high``."""
    integers = f"<{lanes} x i64>"
    indices = ", ".join(f"i64 {start + lane}" for lane in range(lanes))

    def splat(scalar: str) -> str:
        first = writer.value(f"insertelement {integers} poison, i64 {scalar}, i64 0")
        return writer.value(
            f"shufflevector {integers} {first}, {integers} poison, <{lanes} x i32> zeroinitializer"
        )

    above = writer.value(f"icmp sge {integers} <{indices}>, {splat('%low')}")
    below = writer.value(f"icmp slt {integers} <{indices}>, {splat('%high')}")
    return writer.value(f"and <{lanes} x i1> {above}, {below}")

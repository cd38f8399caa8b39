"""Three planes of floats to the channels of pixels, as LLVM IR text."""

from dataclasses import dataclass

from upweave.kernels.emit import shuffles
from upweave.kernels.emit.text import Writer, clip, float_constant, float_vector

ENTRY = "to_pixels"
_INTEGERS = {"uint8": "i8", "uint16": "i16"}


@dataclass(frozen=True)
class Channels:
    """What the channels of pixels are: ``matrix @ (planes - origin)``, clipped to their range.

    Attributes
    ----------
    matrix : tuple of tuple of float
        In units of the type; a row a channel.
    origin : tuple of float
    full_scale : float
        The greatest value; 0 is the least.
    kind : {"uint8", "uint16", "float32"}
        Integers are rounded half up.
    """

    matrix: tuple[tuple[float, float, float], ...]
    origin: tuple[float, float, float]
    full_scale: float
    kind: str


def emit_pixels(channels: Channels, lanes: int) -> str:
    """Return a module of one function, `ENTRY`, of the three planes, the pixels and their number.

    A term whose factor is 0 is left out, and the terms of all channels are added in one order: what
    differs in nothing else differs in no rounding.
    """
    writer = Writer(f"void @{ENTRY}(ptr %p0, ptr %p1, ptr %p2, ptr %out, i64 %count)")
    vectors = writer.value(f"udiv i64 %count, {lanes}")
    done = writer.mul(vectors, lanes)
    with writer.loop(vectors) as index:
        _pixels(writer, channels, lanes, writer.mul(index, lanes))
    with writer.loop(writer.sub("%count", done)) as index:
        _pixels(writer, channels, 1, writer.add(done, index))
    declared = [
        f"declare {float_vector(n)} @llvm.fma.v{n}f32({', '.join([float_vector(n)] * 3)})\n"
        for n in dict.fromkeys((lanes, 1))
    ]
    return writer.finish() + "".join(declared)


def _pixels(writer: Writer, channels: Channels, lanes: int, start: str) -> None:
    """Write so many pixels, from one on."""
    vector = float_vector(lanes)
    values = []
    for plane, origin in enumerate(channels.origin):
        x = writer.value(f"load {vector}, ptr {writer.at(f'%p{plane}', start)}, align 4")
        values.append(writer.value(f"fsub {vector} {x}, {float_constant(origin, lanes)}"))
    mixed = [_channel(writer, channels, row, values, lanes) for row in channels.matrix]
    first = writer.mul(start, len(mixed))
    integer = _INTEGERS.get(channels.kind)
    element = integer or "float"
    for n, woven in enumerate(shuffles.weave(writer, lanes, mixed)):
        stored = woven
        if integer is not None:
            # positive, so cutting the fraction off is floor
            whole = writer.value(f"fptoui {vector} {woven} to <{lanes} x i32>")
            stored = writer.value(f"trunc <{lanes} x i32> {whole} to <{lanes} x {integer}>")
        index = writer.add(first, n * lanes)
        at = writer.value(f"getelementptr {element}, ptr %out, i64 {index}")
        writer.line(f"store <{lanes} x {element}> {stored}, ptr {at}, align 1")


def _channel(
    writer: Writer, channels: Channels, row: tuple[float, ...], values: list[str], lanes: int
) -> str:
    """Return a channel's values, in the units of the type."""
    vector = float_vector(lanes)
    total = float_constant(0.5 if channels.kind in _INTEGERS else 0.0, lanes)
    for factor, value in zip(row, values, strict=True):
        if factor:
            terms = f"{vector} {value}, {vector} {float_constant(factor, lanes)}, {vector} {total}"
            total = writer.value(f"call {vector} @llvm.fma.v{lanes}f32({terms})")
    most = float_constant(channels.full_scale, lanes)
    return clip(writer, lanes, total, float_constant(0, lanes), most)

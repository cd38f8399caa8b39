"""Three planes of floats to the channels of pixels, and back, as LLVM IR text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from upweave.kernels.emit import shuffles
from upweave.kernels.emit.text import Writer, clip, float_constant, float_vector

TO_PIXELS, TO_PLANES = "to_pixels", "to_planes"
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

    @cached_property
    def inverse(self) -> tuple[tuple[float, ...], ...]:
        """What leads back, where nothing was clipped: ``planes = inverse @ pixels + origin``."""
        return tuple(map(tuple, np.linalg.inv(self.matrix).tolist()))


def emit_pixels(channels: Channels, lanes: int) -> str:
    """Return a module of a function `TO_PIXELS`.

    It takes the three planes, the pixels to write, and their number. A term whose factor is 0 is
    left out, and the terms of all channels are added in one order: what differs in nothing else
    differs in no rounding.
    """
    return _module(TO_PIXELS, channels, lanes, _pixels)


def emit_planes(channels: Channels, lanes: int) -> str:
    """Return a module of a function `TO_PLANES`.

    It takes the three planes to write, the pixels, and their number.
    """
    return _module(TO_PLANES, channels, lanes, _planes)


def _module(
    name: str, channels: Channels, lanes: int, some: Callable[[Writer, Channels, int, str], None]
) -> str:
    """Return a module of a function that does all pixels, by what does some from one on."""
    writer = Writer(f"void @{name}(ptr %p0, ptr %p1, ptr %p2, ptr %pixels, i64 %count)")
    vectors = writer.value(f"udiv i64 %count, {lanes}")
    done = writer.mul(vectors, lanes)
    with writer.loop(vectors) as index:
        some(writer, channels, lanes, writer.mul(index, lanes))
    with writer.loop(writer.sub("%count", done)) as index:
        some(writer, channels, 1, writer.add(done, index))
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
    half = 0.5 if channels.kind in _INTEGERS else 0.0
    ends = float_constant(0, lanes), float_constant(channels.full_scale, lanes)
    mixed = [
        clip(writer, lanes, _mixed(writer, lanes, row, values, half), *ends)
        for row in channels.matrix
    ]
    integer = _INTEGERS.get(channels.kind)
    addresses = _addresses(writer, channels, lanes, start)
    for woven, at in zip(shuffles.weave(writer, lanes, mixed), addresses, strict=True):
        stored = woven
        if integer is not None:
            # positive, so cutting the fraction off is floor
            whole = writer.value(f"fptoui {vector} {woven} to <{lanes} x i32>")
            stored = writer.value(f"trunc <{lanes} x i32> {whole} to <{lanes} x {integer}>")
        writer.line(f"store <{lanes} x {integer or 'float'}> {stored}, ptr {at}, align 1")


def _planes(writer: Writer, channels: Channels, lanes: int, start: str) -> None:
    """Write the planes of so many pixels, from one on."""
    vector = float_vector(lanes)
    integer = _INTEGERS.get(channels.kind)
    values = []
    for at in _addresses(writer, channels, lanes, start):
        value = writer.value(f"load <{lanes} x {integer or 'float'}>, ptr {at}, align 1")
        if integer is not None:
            value = writer.value(f"zext <{lanes} x {integer}> {value} to <{lanes} x i32>")
            value = writer.value(f"sitofp <{lanes} x i32> {value} to {vector}")
        values.append(value)
    parted = [shuffles.every(writer, lanes, values, channel) for channel in range(len(values))]
    for plane, row in enumerate(channels.inverse):
        mixed = _mixed(writer, lanes, row, parted, channels.origin[plane])
        writer.line(f"store {vector} {mixed}, ptr {writer.at(f'%p{plane}', start)}, align 4")


def _addresses(writer: Writer, channels: Channels, lanes: int, start: str) -> list[str]:
    """Return where the vectors lie that hold the channels of so many pixels, from one on."""
    element, count = _INTEGERS.get(channels.kind, "float"), len(channels.matrix)
    first = writer.mul(start, count)
    places = [writer.add(first, n * lanes) for n in range(count)]
    return [writer.value(f"getelementptr {element}, ptr %pixels, i64 {place}") for place in places]


def _mixed(
    writer: Writer, lanes: int, row: tuple[float, ...], values: Sequence[str], begin: float
) -> str:
    """Return the sum of a number and of values times a row's factors."""
    vector = float_vector(lanes)
    total = float_constant(begin, lanes)
    for factor, value in zip(row, values, strict=True):
        if factor:
            terms = f"{vector} {value}, {vector} {float_constant(factor, lanes)}, {vector} {total}"
            total = writer.value(f"call {vector} @llvm.fma.v{lanes}f32({terms})")
    return total

"""Instructions that compute pixel by pixel, as LLVM IR text: sums, products, activations."""

from collections.abc import Callable, Sequence

from upweave.kernels import program
from upweave.kernels.emit.sigmoids import Arithmetic, sigmoid, tanh
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, clip, float_vector, relu

Elementwise = Callable[[list[str], int], str]
"""Writes the result of some values, each of so many floats; returns its name."""
OfChannel = Callable[[str], Elementwise]
"""Writes what is the same in all of a channel; returns the function of its values."""

COMBINATIONS = {"add": "fadd", "subtract": "fsub", "multiply": "fmul"}
"""Functions of two tensors, and their LLVM instructions."""


def _relu(writer: Writer, parameters: str, channels: str) -> OfChannel:
    return lambda _: lambda values, lanes: relu(writer, lanes, values[0])


def _prelu(writer: Writer, parameters: str, channels: str) -> OfChannel:
    def of_channel(channel: str) -> Elementwise:
        slope = _Parameter(writer, parameters, channel)
        return lambda values, lanes: relu(writer, lanes, values[0], slope(lanes))

    return of_channel


def _clip(writer: Writer, parameters: str, channels: str) -> OfChannel:
    low, high = (_Parameter(writer, parameters, n) for n in (0, 1))
    return lambda _: lambda values, lanes: clip(writer, lanes, values[0], low(lanes), high(lanes))


def _affine(writer: Writer, parameters: str, channels: str) -> OfChannel:
    def of_channel(channel: str) -> Elementwise:
        scale = _Parameter(writer, parameters, channel)
        shift = _Parameter(writer, parameters, writer.add(channels, channel))
        return lambda values, lanes: Arithmetic(writer, lanes).fma(
            values[0], scale(lanes), shift(lanes)
        )

    return of_channel


def _sigmoid(writer: Writer, parameters: str, channels: str) -> OfChannel:
    return lambda _: lambda values, lanes: sigmoid(Arithmetic(writer, lanes), values[0])


def _tanh(writer: Writer, parameters: str, channels: str) -> OfChannel:
    return lambda _: lambda values, lanes: tanh(Arithmetic(writer, lanes), values[0])


FUNCTIONS: dict[str, Callable[[Writer, str, str], OfChannel]] = {
    "relu": _relu,
    "prelu": _prelu,  # parameters: a slope a channel
    "clip": _clip,  # parameters: the least, the greatest
    "affine": _affine,  # parameters: a factor a channel, then a term a channel
    "sigmoid": _sigmoid,
    "tanh": _tanh,
}
"""Functions of one tensor: from the writer, the address of the parameters, the channels."""

ELEMENTWISE = (*COMBINATIONS, *FUNCTIONS)


def emit_elementwise(name: str, lanes: int) -> str:
    """Return a module of one function, of that name, one of `ELEMENTWISE`."""
    writer = Writer(f"void @{name}{INSTRUCTION}")
    if name in COMBINATIONS:

        def combined(values: list[str], lanes: int) -> str:
            operands = f"{float_vector(lanes)} {values[0]}, {values[1]}"
            return writer.value(f"{COMBINATIONS[name]} {operands}")

        _over_rows(writer, Fields(writer, program.COMBINE), ("a", "b"), lanes, lambda _: combined)
    else:
        f = Fields(writer, program.ACTIVATE)
        function = FUNCTIONS[name](writer, f.pointer("parameters"), f["channels"])
        _over_rows(writer, f, ("x",), lanes, function)
    return writer.finish() + "".join(
        f"declare {kind} @llvm.fma.{name}({kind}, {kind}, {kind})\n"
        f"declare {kind} @llvm.fabs.{name}({kind})\n"
        f"declare {kind} @llvm.copysign.{name}({kind}, {kind})\n"
        for kind, name in ((float_vector(lanes), f"v{lanes}f32"), ("float", "f32"))
    )


class _Parameter:
    """A float of a table, read once and spread over as many lanes as are asked for."""

    def __init__(self, writer: Writer, table: str, index: str | int) -> None:
        self._writer = writer
        self._value = writer.value(f"load float, ptr {writer.at(table, index)}, align 4")

    def __call__(self, lanes: int) -> str:
        return self._writer.splat(self._value, lanes) if lanes > 1 else self._value


def _over_rows(
    writer: Writer, f: Fields, sources: Sequence[str], lanes: int, of_channel: OfChannel
) -> None:
    """Apply a function of the sources' floats to every channel and row of an instruction."""
    places = [(f.start(n), f[f"{n}_channel"], f[f"{n}_row"]) for n in (*sources, "y")]
    rows, columns = f["rows"], f["columns"]
    with writer.loop(f["channels"]) as channel:
        starts = [writer.at(base, writer.mul(channel, step)) for base, step, _ in places]
        function = of_channel(channel)
        with writer.loop(rows) as row:
            *xs, y = [
                writer.at(start, writer.mul(row, step))
                for start, (_, _, step) in zip(starts, places, strict=True)
            ]
            each(writer, xs, y, columns, lanes, function)


def each(
    writer: Writer, sources: list[str], y: str, count: str, lanes: int, function: Elementwise
) -> None:
    """Store ``function`` of the sources' floats to ``y``: whole vectors, then one by one."""
    vectors = writer.value(f"udiv i64 {count}, {lanes}")
    done = writer.mul(vectors, lanes)
    rest = writer.sub(count, done)
    for n, width, start in ((vectors, lanes, "0"), (rest, 1, done)):
        kind = float_vector(width)
        with writer.loop(n) as index:
            at = writer.add(start, writer.mul(index, width))
            values = [
                writer.value(f"load {kind}, ptr {writer.at(x, at)}, align 4") for x in sources
            ]
            result = function(values, width)
            writer.line(f"store {kind} {result}, ptr {writer.at(y, at)}, align 4")

"""Instructions that compute pixel by pixel, as LLVM IR text: sums, products, activations."""

from collections.abc import Callable, Sequence

from upweave.kernels import program
from upweave.kernels.emit import masks
from upweave.kernels.emit.sigmoids import Arithmetic, sigmoid, tanh
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, clip, float_vector, relu

Elementwise = Callable[[list[str]], str]
"""Writes the result of some vectors; returns its name."""
OfChannel = Callable[[str], Elementwise]
"""Writes what is the same in all of a channel; returns the function of its values."""

COMBINATIONS = {"add": "fadd", "subtract": "fsub", "multiply": "fmul"}
"""Functions of two tensors, and their LLVM instructions."""


class _Parameters:
    """The table of a function's parameters; see `FUNCTIONS`."""

    def __init__(self, writer: Writer, fields: Fields, lanes: int) -> None:
        self._writer, self._lanes = writer, lanes
        self._table = fields.pointer("parameters")
        self._channels = fields["channels"]

    def spread(self, index: str | int) -> str:
        """Return a parameter in every lane."""
        at = self._writer.at(self._table, index)
        return self._writer.splat(self._writer.value(f"load float, ptr {at}, align 4"), self._lanes)

    def after_all_channels(self, channel: str) -> str:
        """Return the index of a channel's second parameter."""
        return self._writer.add(self._channels, channel)


def _relu(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    return lambda _: lambda values: relu(writer, lanes, values[0])


def _prelu(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    def of_channel(channel: str) -> Elementwise:
        slope = parameters.spread(channel)
        return lambda values: relu(writer, lanes, values[0], slope)

    return of_channel


def _clip(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    low, high = (parameters.spread(n) for n in (0, 1))
    return lambda _: lambda values: clip(writer, lanes, values[0], low, high)


def _affine(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    def of_channel(channel: str) -> Elementwise:
        scale = parameters.spread(channel)
        shift = parameters.spread(parameters.after_all_channels(channel))
        return lambda values: Arithmetic(writer, lanes).fma(values[0], scale, shift)

    return of_channel


def _sigmoid(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    return lambda _: lambda values: sigmoid(Arithmetic(writer, lanes), values[0])


def _tanh(writer: Writer, lanes: int, parameters: _Parameters) -> OfChannel:
    return lambda _: lambda values: tanh(Arithmetic(writer, lanes), values[0])


FUNCTIONS: dict[str, Callable[[Writer, int, _Parameters], OfChannel]] = {
    "relu": _relu,
    "prelu": _prelu,  # parameters: a slope a channel
    "clip": _clip,  # parameters: the least, the greatest
    "affine": _affine,  # parameters: a factor a channel, then a term a channel
    "sigmoid": _sigmoid,
    "tanh": _tanh,
}
"""Functions of one tensor: from the writer, the lanes of a vector and the parameters."""

ELEMENTWISE = (*COMBINATIONS, *FUNCTIONS)


def emit_elementwise(name: str, lanes: int) -> str:
    """Return a module of one function, of that name, one of `ELEMENTWISE`."""
    writer = Writer(f"void @{name}{INSTRUCTION}")
    vector, suffix = float_vector(lanes), f"v{lanes}f32"
    if name in COMBINATIONS:

        def combined(values: list[str]) -> str:
            return writer.value(f"{COMBINATIONS[name]} {vector} {values[0]}, {values[1]}")

        _over_rows(writer, Fields(writer, program.COMBINE), ("a", "b"), lanes, lambda _: combined)
    else:
        f = Fields(writer, program.ACTIVATE)
        function = FUNCTIONS[name](writer, lanes, _Parameters(writer, f, lanes))
        _over_rows(writer, f, ("x",), lanes, function)
    return (
        writer.finish()
        + f"declare {vector} @llvm.fma.{suffix}({vector}, {vector}, {vector})\n"
        + f"declare {vector} @llvm.fabs.{suffix}({vector})\n"
        + f"declare {vector} @llvm.copysign.{suffix}({vector}, {vector})\n"
        + masks.declarations(lanes)
    )


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
    """Store ``function`` of the sources' floats to ``y``: whole vectors, then a part of one."""
    vector = float_vector(lanes)
    vectors = writer.value(f"udiv i64 {count}, {lanes}")
    done = writer.mul(vectors, lanes)
    rest = writer.sub(count, done)
    with writer.loop(vectors) as index:
        at = writer.mul(index, lanes)
        values = [writer.value(f"load {vector}, ptr {writer.at(x, at)}, align 4") for x in sources]
        writer.line(f"store {vector} {function(values)}, ptr {writer.at(y, at)}, align 4")
    with writer.loop(writer.minimum(rest, "1")):
        mask = masks.first_lanes(writer, lanes, rest)
        values = [masks.load_masked(writer, lanes, writer.at(x, done), mask) for x in sources]
        masks.store_masked(writer, lanes, function(values), writer.at(y, done), mask)

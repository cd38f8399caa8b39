"""A writer of LLVM IR text: fresh names, counted loops, vectors. It knows nothing of layers."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

INSTRUCTION = "(ptr %i, ptr %buffers)"
"""What a function that carries out an instruction takes."""

LINE = 16
"""Floats of a cache line."""


class Writer:
    """Collects the lines of one LLVM function.

    Parameters
    ----------
    signature : str
        All that stands between ``define`` and the body, e.g. ``void @f(ptr %x)``.
    """

    def __init__(self, signature: str) -> None:
        self._lines = [f"define {signature} {{", "entry:"]
        self._count = 0

    def name(self, stem: str = "v") -> str:
        """Return a value name that no other value of the function has."""
        self._count += 1
        return f"%{stem}{self._count}"

    def line(self, text: str) -> None:
        """Write an instruction that has no result."""
        self._lines.append(f"  {text}")

    def label(self, label: str) -> None:
        """Begin a basic block."""
        self._lines.append(f"{label}:")

    def value(self, text: str) -> str:
        """Write an instruction and return the name of its result."""
        name = self.name()
        self.line(f"{name} = {text}")
        return name

    def at(self, base: str, index: str | int) -> str:
        """Return the address of ``float base[index]``."""
        return self.value(f"getelementptr float, ptr {base}, i64 {index}")

    def field(self, record: str, index: str | int) -> str:
        """Return the 64-bit integer ``record[index]``."""
        address = self.value(f"getelementptr i64, ptr {record}, i64 {index}")
        return self.value(f"load i64, ptr {address}, align 8")

    def pointer_field(self, record: str, index: int) -> str:
        """Return the pointer stored at ``record[index]``."""
        address = self.value(f"getelementptr i64, ptr {record}, i64 {index}")
        return self.value(f"load ptr, ptr {address}, align 8")

    def pointer_at(self, table: str, index: str) -> str:
        """Return the pointer ``table[index]`` of a table of pointers."""
        address = self.value(f"getelementptr ptr, ptr {table}, i64 {index}")
        return self.value(f"load ptr, ptr {address}, align 8")

    def add(self, a: str | int, b: str | int) -> str:
        """Return ``a + b`` (64-bit)."""
        return self.value(f"add i64 {a}, {b}")

    def sub(self, a: str | int, b: str | int) -> str:
        """Return ``a - b`` (64-bit)."""
        return self.value(f"sub i64 {a}, {b}")

    def mul(self, a: str | int, b: str | int) -> str:
        """Return ``a * b`` (64-bit)."""
        return self.value(f"mul i64 {a}, {b}")

    def select(self, condition: str, kind: str, true: str, false: str) -> str:
        """Return one of two values of a type."""
        return self.value(f"select i1 {condition}, {kind} {true}, {kind} {false}")

    def minimum(self, a: str, b: str) -> str:
        """Return the smaller of two 64-bit integers."""
        return self.select(self.value(f"icmp slt i64 {a}, {b}"), "i64", a, b)

    def splat(self, scalar: str, lanes: int, kind: str = "float") -> str:
        """Return a vector that holds a scalar in every lane."""
        vector = f"<{lanes} x {kind}>"
        first = self.value(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        return self.value(
            f"shufflevector {vector} {first}, {vector} poison, <{lanes} x i32> zeroinitializer"
        )

    @contextmanager
    def loop(self, count: str) -> Iterator[str]:
        """Repeat the body for 0, 1, … ``count - 1``; yields the name of the index."""
        index = self.name("i")
        stem = index[1:]
        self.line(f"br label %{stem}.enter")
        self.label(f"{stem}.enter")
        some = self.value(f"icmp sgt i64 {count}, 0")
        self.line(f"br i1 {some}, label %{stem}.body, label %{stem}.exit")
        self.label(f"{stem}.body")
        self.line(f"{index} = phi i64 [0, %{stem}.enter], [{index}.next, %{stem}.latch]")
        yield index
        self.line(f"br label %{stem}.latch")
        self.label(f"{stem}.latch")
        self.line(f"{index}.next = add i64 {index}, 1")
        more = self.value(f"icmp slt i64 {index}.next, {count}")
        self.line(f"br i1 {more}, label %{stem}.body, label %{stem}.exit")
        self.label(f"{stem}.exit")

    def finish(self) -> str:
        """Return the whole function."""
        return "\n".join([*self._lines, "  ret void", "}", ""])


class Fields:
    """Reads the fields of the instruction that a function carries out."""

    def __init__(self, writer: Writer, fields: dict[str, int]) -> None:
        self._writer = writer
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._writer.field("%i", self._fields[name])

    def pointer(self, name: str) -> str:
        """Return a field that is an address."""
        return self._writer.pointer_field("%i", self._fields[name])

    def start(self, name: str) -> str:
        """Return the address of a place: its buffer plus its offset."""
        buffer = self._writer.pointer_at("%buffers", self[name])
        return self._writer.at(buffer, self[f"{name}_offset"])


def float_vector(lanes: int) -> str:
    """Return the type of ``lanes`` floats."""
    return f"<{lanes} x float>"


def mask_constant(values: Iterable[int | None]) -> str:
    """Return a shuffle mask; ``None`` stands for a lane that nobody reads."""
    return ", ".join("i32 poison" if value is None else f"i32 {value}" for value in values)


def float_constant(value: float, lanes: int) -> str:
    """Return a constant that holds the nearest float to ``value`` in every lane."""
    single = struct.unpack("f", struct.pack("f", value))[0]
    # LLVM writes floats as the double of the same value
    digits = f"0x{struct.pack('>d', single).hex().upper()}"
    return f"<{', '.join([f'float {digits}'] * lanes)}>"


def in_precision(module: str, *, double: bool) -> str:
    """Return a module of single precision as it is, or for doubles: as many lanes, wider ones."""
    if double:
        for single, wide in (("float", "double"), ("f32", "f64"), ("align 4", "align 8")):
            module = module.replace(single, wide)
    return module


def relu(writer: Writer, lanes: int, value: str, slope: str | None = None) -> str:
    """Return ReLU(value), or PReLU(value) with a slope; a NaN stays a NaN."""
    vector = float_vector(lanes)
    zero = "zeroinitializer"
    below = writer.value(f"fcmp olt {vector} {value}, {zero}")
    other = zero if slope is None else writer.value(f"fmul {vector} {value}, {slope}")
    return select(writer, lanes, below, other, value)


def clip(writer: Writer, lanes: int, value: str, low: str, high: str) -> str:
    """Return ``min(max(value, low), high)``; a NaN stays a NaN."""
    vector = float_vector(lanes)
    below = writer.value(f"fcmp olt {vector} {value}, {low}")
    value = select(writer, lanes, below, low, value)
    above = writer.value(f"fcmp ogt {vector} {value}, {high}")
    return select(writer, lanes, above, high, value)


def select(writer: Writer, lanes: int, condition: str, yes: str, no: str) -> str:
    """Return ``yes`` in the lanes where the condition holds, else ``no``."""
    vector = float_vector(lanes)
    return writer.value(f"select <{lanes} x i1> {condition}, {vector} {yes}, {vector} {no}")

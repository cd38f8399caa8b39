"""The extremes of every column of a plane's bands of rows, as LLVM IR text."""

from upweave.kernels.emit import masks
from upweave.kernels.emit.text import Writer, float_constant, float_vector, select

ENTRY = "extremes"
_ROWS = 4  # that are read for each time that what was found is


def emit_extremes(lanes: int) -> str:
    """Return a module of one function, `ENTRY`.

    It takes the plane, its height and width, the rows of a band, and what to write: for every band
    three rows of floats as wide as the plane. They hold the greatest and the smallest number of
    each column, and 0 where all its values are finite, NaN where one is not.
    """
    writer = Writer(f"void @{ENTRY}(ptr %x, i64 %height, i64 %width, i64 %side, ptr %out)")
    whole = writer.value(f"udiv i64 %width, {lanes}")
    done = writer.mul(whole, lanes)
    rest = writer.sub("%width", done)
    mask = masks.first_lanes(writer, lanes, rest)
    bands = writer.value(f"udiv i64 {writer.add('%height', writer.sub('%side', 1))}, %side")
    with writer.loop(bands) as band:
        first = writer.mul(band, "%side")
        rows = writer.minimum(writer.sub("%height", first), "%side")
        last = writer.sub(writer.add(first, rows), 1)
        found = writer.at("%out", writer.mul(writer.mul(band, 3), "%width"))
        lines = [writer.at(found, writer.mul("%width", n)) for n in range(3)]
        groups = writer.value(f"udiv i64 {writer.add(rows, _ROWS - 1)}, {_ROWS}")
        with writer.loop(groups) as group:
            top = writer.add(first, writer.mul(group, _ROWS))
            # The last row again rather than one beyond: it changes no extreme.
            taken = [writer.minimum(writer.add(top, n), last) for n in range(_ROWS)]
            starts = [writer.at("%x", writer.mul(row, "%width")) for row in taken]
            begun = writer.value(f"icmp eq i64 {group}, 0")
            with writer.loop(whole) as index:
                _columns(writer, lanes, starts, lines, begun, writer.mul(index, lanes), None)
            with writer.loop(writer.minimum(rest, "1")):
                _columns(writer, lanes, starts, lines, begun, done, mask)
    vector = float_vector(lanes)
    return (
        writer.finish()
        + f"declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})\n"
        + masks.declarations(lanes)
    )


def _columns(
    writer: Writer,
    lanes: int,
    starts: list[str],
    lines: list[str],
    begun: str,
    at: str,
    mask: str | None,
) -> None:
    """Add some rows' values of some columns to what was found; ``begun`` where nothing was yet."""
    vector = float_vector(lanes)

    def load(start: str) -> str:
        address = writer.at(start, at)
        if mask is not None:
            return masks.load_masked(writer, lanes, address, mask)
        return writer.value(f"load {vector}, ptr {address}, align 4")

    nothing = [float_constant(value, lanes) for value in (float("-inf"), float("inf"), 0.0)]
    greatest, smallest, wrong = (
        writer.select(begun, vector, before, load(line))
        for before, line in zip(nothing, lines, strict=True)
    )
    for x in map(load, starts):
        # A NaN compares as neither, and is left to the third: times 0, it and infinity are NaN.
        above = writer.value(f"fcmp ogt {vector} {x}, {greatest}")
        greatest = select(writer, lanes, above, x, greatest)
        below = writer.value(f"fcmp olt {vector} {x}, {smallest}")
        smallest = select(writer, lanes, below, x, smallest)
        terms = f"{vector} {x}, {vector} {nothing[2]}, {vector} {wrong}"
        wrong = writer.value(f"call {vector} @llvm.fma.v{lanes}f32({terms})")
    for value, line in zip((greatest, smallest, wrong), lines, strict=True):
        address = writer.at(line, at)
        if mask is not None:
            masks.store_masked(writer, lanes, value, address, mask)
        else:
            writer.line(f"store {vector} {value}, ptr {address}, align 4")

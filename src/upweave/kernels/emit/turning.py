"""The copy of an input whose channels come last, as LLVM IR text."""

from upweave.kernels import program
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer, float_vector


def emit_turn(lanes: int) -> str:
    """Return the function ``turn``: as ``copy``, but a pixel's channels follow one another in x.

    It reads vectors of a pixel's channels and writes lane by lane: pixel after pixel, into lines of
    the cache that stay near until they are full.
    """
    writer = Writer(f"void @turn{INSTRUCTION}")
    f = Fields(writer, program.TURN)
    x, y = f.start("x"), f.start("y")
    x_row, x_column, y_channel, y_row = (f[n] for n in ("x_row", "x_column", "y_channel", "y_row"))
    row_table, column_table = f.pointer("row_table"), f.pointer("column_table")
    fill = writer.value(f"load float, ptr {f.pointer('fill')}, align 4")
    channels, columns = f["channels"], f["columns"]
    vectors = writer.value(f"udiv i64 {channels}, {lanes}")
    in_vectors = writer.mul(vectors, lanes)
    rest = writer.sub(channels, in_vectors)
    with writer.loop(f["rows"]) as row:
        source = writer.field(row_table, row)
        line, out = writer.at(x, writer.mul(source, x_row)), writer.at(y, writer.mul(row, y_row))
        with writer.loop(columns) as column:
            place = writer.field(column_table, column)
            least = writer.minimum(source, place)
            inside = writer.value(f"icmp sge i64 {least}, 0")
            pixel = writer.at(line, writer.mul(place, x_column))
            target = writer.at(out, column)

            def store(value: str, channel: str, target: str = target) -> None:
                address = writer.at(target, writer.mul(channel, y_channel))
                writer.line(f"store float {value}, ptr {address}, align 4")

            with writer.loop(writer.select(inside, "i64", vectors, "0")) as index:
                first = writer.mul(index, lanes)
                address = writer.at(pixel, first)
                held = writer.value(f"load {float_vector(lanes)}, ptr {address}, align 4")
                for lane in range(lanes):
                    value = writer.value(f"extractelement {float_vector(lanes)} {held}, i64 {lane}")
                    store(value, writer.add(first, lane))
            with writer.loop(writer.select(inside, "i64", rest, "0")) as index:
                channel = writer.add(in_vectors, index)
                value = writer.value(f"load float, ptr {writer.at(pixel, channel)}, align 4")
                store(value, channel)
            with writer.loop(writer.select(inside, "i64", "0", channels)) as channel:
                store(fill, channel)
    return writer.finish()

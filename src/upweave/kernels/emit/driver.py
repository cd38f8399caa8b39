"""What runs tile programs, as LLVM IR text: the loops around the micro-kernels, and copies.

Each instruction is a function ``(ptr instruction, ptr buffers)``; ``work`` takes tiles from a
counter that all threads share, until none is left or it has taken as many as it may. ``settle``
waits a moment for the tiles that other threads have taken.
"""

from collections.abc import Callable

from upweave.kernels import program
from upweave.kernels.emit import masks
from upweave.kernels.emit.elementwise import each
from upweave.kernels.emit.layer import emit_flat, emit_rows
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer

FUNCTIONS = ("rows", "flat", "copy", "work", "settle")
_FLUSH_X86 = 0x8040  # MXCSR: flush results to zero, read denormals as zero
_FLUSH_ARM = 1 << 24  # FPCR: flush to zero
_LOOKS = 20_000  # of `settle`, about half a millisecond


def emit_driver(lanes: int, *, arm64: bool) -> str:
    """Return the module of all `FUNCTIONS`.

    Parameters
    ----------
    lanes : int
        Floats in a vector.
    arm64 : bool
        The control register of denormals: Arm's, or that of x86.
    """
    functions = [
        emit_rows(),
        emit_flat(lanes),
        _copy(lanes),
        _work(arm64=arm64),
        _settle(arm64=arm64),
    ]
    functions.append(masks.declarations(lanes))
    if arm64:
        functions.append(
            "declare i64 @llvm.aarch64.get.fpcr()\ndeclare void @llvm.aarch64.set.fpcr(i64)\n"
            "declare void @llvm.aarch64.hint(i32)\n"
        )
    else:
        functions.append(
            "declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)\n"
            "declare void @llvm.x86.sse2.pause()\n"
        )
    return "\n".join(functions)


def _copy(lanes: int) -> str:
    writer = Writer(f"void @copy{INSTRUCTION}")
    f = Fields(writer, program.COPY)
    x, y = f.start("x"), f.start("y")
    x_channel, x_row, y_channel, y_row = (
        f[n] for n in ("x_channel", "x_row", "y_channel", "y_row")
    )
    rows, row_table, columns = f["rows"], f.pointer("row_table"), f.pointer("column_table")
    left, body, right, body_start = (f[n] for n in ("left", "body", "right", "body_start"))
    after = writer.add(left, body)
    width = writer.add(after, right)
    bits = writer.value(f"trunc i64 {f['fill']} to i32")
    fill = writer.value(f"bitcast i32 {bits} to float")
    with writer.loop(f["channels"]) as channel:
        xc = writer.at(x, writer.mul(channel, x_channel))
        yc = writer.at(y, writer.mul(channel, y_channel))
        with writer.loop(rows) as row:
            out = writer.at(yc, writer.mul(row, y_row))
            source = writer.field(row_table, row)
            inside = writer.value(f"icmp sge i64 {source}, 0")
            empty = writer.value(f"select i1 {inside}, i64 0, i64 {width}")
            _fill(writer, out, empty, fill, lanes)

            def count(n: str, inside: str = inside) -> str:
                return writer.value(f"select i1 {inside}, i64 {n}, i64 0")

            base = writer.at(xc, writer.mul(source, x_row))
            _looked_up(writer, base, columns, "0", out, count(left), fill)
            _looked_up(writer, base, columns, left, writer.at(out, after), count(right), fill)
            each(
                writer,
                [writer.at(base, body_start)],
                writer.at(out, left),
                count(body),
                lanes,
                lambda values: values[0],
            )
    return writer.finish()


def _fill(writer: Writer, y: str, count: str, value: str, lanes: int) -> None:
    each(
        writer,
        [],
        y,
        count,
        lanes,
        lambda _: writer.splat(value, lanes),
    )


def _looked_up(
    writer: Writer, x: str, table: str, first: str, y: str, count: str, fill: str
) -> None:
    """Copy ``x[table[first + n]]`` to ``y[n]``; a negative place gives the fill."""
    with writer.loop(count) as n:
        place = writer.field(table, writer.add(first, n))
        inside = writer.value(f"icmp sge i64 {place}, 0")
        safe = writer.value(f"select i1 {inside}, i64 {place}, i64 0")
        held = writer.value(f"load float, ptr {writer.at(x, safe)}, align 4")
        value = writer.value(f"select i1 {inside}, float {held}, float {fill}")
        writer.line(f"store float {value}, ptr {writer.at(y, n)}, align 4")


def _work(*, arm64: bool) -> str:
    writer = Writer("void @work(ptr %job)")
    restore = _flush_denormals(writer, arm64=arm64)
    job = program.JOB
    counter, table = (writer.pointer_field("%job", job[n]) for n in ("counter", "tile_table"))
    buffers = writer.pointer_field("%job", job["buffers"])
    source, target = (writer.pointer_field("%job", job[n]) for n in ("input", "output"))
    tiles, most = (writer.field("%job", job[n]) for n in ("tiles", "most"))
    writer.line("br label %next")
    writer.label("next")
    writer.line("%own = phi i64 [0, %entry], [%own.next, %done]")
    more = writer.value(f"icmp slt i64 %own, {most}")
    writer.line(f"br i1 {more}, label %take, label %finish")
    writer.label("take")
    tile = writer.value(f"atomicrmw add ptr {counter}, i64 1 seq_cst, align 8")
    some = writer.value(f"icmp slt i64 {tile}, {tiles}")
    writer.line(f"br i1 {some}, label %run, label %finish")
    writer.label("run")
    row = writer.value(f"getelementptr i64, ptr {table}, i64 {writer.mul(tile, len(program.TILE))}")
    for base, name, number in (
        (source, "input", program.INPUT),
        (target, "output", program.OUTPUT),
    ):
        place = writer.at(base, writer.field(row, program.TILE[name]))
        slot = writer.value(f"getelementptr ptr, ptr {buffers}, i64 {number}")
        writer.line(f"store ptr {place}, ptr {slot}, align 8")
    first = writer.pointer_field(row, program.TILE["program"])
    with writer.loop(writer.field(row, program.TILE["instructions"])) as n:
        at = writer.mul(n, program.WIDTH)
        instruction = writer.value(f"getelementptr i64, ptr {first}, i64 {at}")
        function = writer.pointer_field(instruction, 0)
        writer.line(f"call void {function}(ptr {instruction}, ptr {buffers})")
    done = writer.pointer_field("%job", job["done"])
    writer.value(f"atomicrmw add ptr {done}, i64 1 seq_cst, align 8")
    writer.line("br label %done")
    writer.label("done")
    writer.line("%own.next = add i64 %own, 1")
    writer.line("br label %next")
    writer.label("finish")
    restore()
    return writer.finish()


def _settle(*, arm64: bool) -> str:
    """Look whether all tiles are done, again and again: that is faster than to sleep and wake."""
    writer = Writer("void @settle(ptr %state, i64 %tiles)")
    done = writer.value("getelementptr i64, ptr %state, i64 1")
    writer.line("br label %look")
    writer.label("look")
    writer.line("%turn = phi i64 [0, %entry], [%turn.next, %pause]")
    writer.line(f"%count = load atomic i64, ptr {done} acquire, align 8")
    writer.line("%all = icmp sge i64 %count, %tiles")
    writer.line(f"%long = icmp sge i64 %turn, {_LOOKS}")
    writer.line("%enough = or i1 %all, %long")
    writer.line("br i1 %enough, label %finish, label %pause")
    writer.label("pause")
    hint = "llvm.aarch64.hint(i32 1)" if arm64 else "llvm.x86.sse2.pause()"
    writer.line(f"call void @{hint}")
    writer.line("%turn.next = add i64 %turn, 1")
    writer.line("br label %look")
    writer.label("finish")
    return writer.finish()


def _flush_denormals(writer: Writer, *, arm64: bool) -> Callable[[], None]:
    """Write the switch to flush-to-zero; return a function that writes the way back."""
    if arm64:
        before = writer.value("call i64 @llvm.aarch64.get.fpcr()")
        flushed = writer.value(f"or i64 {before}, {_FLUSH_ARM}")
        writer.line(f"call void @llvm.aarch64.set.fpcr(i64 {flushed})")
        return lambda: writer.line(f"call void @llvm.aarch64.set.fpcr(i64 {before})")
    kept = writer.value("alloca i32, align 4")
    changed = writer.value("alloca i32, align 4")
    writer.line(f"call void @llvm.x86.sse.stmxcsr(ptr {kept})")
    before = writer.value(f"load i32, ptr {kept}, align 4")
    flushed = writer.value(f"or i32 {before}, {_FLUSH_X86}")
    writer.line(f"store i32 {flushed}, ptr {changed}, align 4")
    writer.line(f"call void @llvm.x86.sse.ldmxcsr(ptr {changed})")
    return lambda: writer.line(f"call void @llvm.x86.sse.ldmxcsr(ptr {kept})")

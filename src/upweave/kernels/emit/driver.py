"""What runs tile programs, as LLVM IR text: the loops around the micro-kernels, and copies.

Each instruction is a function ``(ptr instruction, ptr buffers)``; ``work`` takes tiles from a
counter that all threads share, until none is left or it has taken as many as it may.
"""

from collections.abc import Callable

from upweave.kernels import program
from upweave.kernels.emit.elementwise import ELEMENTWISE, declarations, each, emit_elementwise
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer

FUNCTIONS = ("layer", "copy", *ELEMENTWISE, "work")
_MICRO = "void (ptr, ptr, ptr, ptr, i64, i64, i64, i64, i64, i64, i64)"
_FLUSH_X86 = 0x8040  # MXCSR: flush results to zero, read denormals as zero
_FLUSH_ARM = 1 << 24  # FPCR: flush to zero


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
        _layer(),
        _copy(lanes),
        *(emit_elementwise(name, lanes) for name in ELEMENTWISE),
        _work(arm64=arm64),
    ]
    functions.append(declarations(lanes))
    if arm64:
        functions.append(
            "declare i64 @llvm.aarch64.get.fpcr()\ndeclare void @llvm.aarch64.set.fpcr(i64)\n"
        )
    else:
        functions.append(
            "declare void @llvm.x86.sse.stmxcsr(ptr)\ndeclare void @llvm.x86.sse.ldmxcsr(ptr)\n"
        )
    return "\n".join(functions)


def _layer() -> str:
    writer = Writer(f"void @layer{INSTRUCTION}")
    f = Fields(writer, program.LAYER)
    x, y = f.start("x"), f.start("y")
    x_row, y_row, y_channel = f["x_row"], f["y_row"], f["y_channel"]
    columns = _Columns(writer, f, y_channel)
    post, post_phase = f.pointer("post"), f["post_phase"]
    phase_count, first_phase, phases = f["phase_count"], f["first_phase"], f.pointer("phases")
    unit, x_channel = f["pairs_unit"], f["x_channel"]
    row_step = writer.mul(f["row_step"], x_row)
    with writer.loop(f["rows"]) as row:
        position = writer.add(first_phase, row)
        phase = writer.value(f"urem i64 {position}, {phase_count}")
        whole = writer.value(f"udiv i64 {position}, {phase_count}")
        record = writer.value(f"getelementptr i64, ptr {phases}, i64 {writer.mul(phase, 3)}")
        kernel_rows = writer.field(record, 0)
        first_row = writer.add(whole, writer.field(record, 1))
        back = writer.mul(writer.sub(kernel_rows, 1), row_step)
        columns.write(
            x=writer.at(x, writer.mul(first_row, x_row)),
            y=writer.at(y, writer.mul(row, y_row)),
            first_weight=writer.field(record, 2),
            post=writer.at(post, writer.mul(phase, post_phase)),
            pairs=writer.mul(unit, kernel_rows),
            kernel_rows=kernel_rows,
            row_step=row_step,
            wrap_step=writer.sub(x_channel, back),
        )
    return writer.finish()


class _Columns:
    """One output row: its tiles from left to right, in each the output channels."""

    def __init__(self, writer: Writer, f: Fields, y_channel: str) -> None:
        self._writer = writer
        self._y_channel = y_channel
        self._weights, self._weights_unit = f.pointer("weights"), f["weights_unit"]
        self._post_unit = f["post_unit"]
        self._low, self._high, self._phases = f["low"], f["high"], f["column_phases"]
        self._widths = [
            (f[f"{w}_count"], f[f"{w}_positions"], [f.pointer(f"{w}_{c}") for c in ("many", "few")])
            for w in ("wide", "narrow")
        ]
        self._depths = [(f[f"{c}_count"], f[c]) for c in ("many", "few")]

    def write(self, *, x: str, y: str, **row: str) -> None:
        start = "0"
        for count, positions, kernels in self._widths:
            with self._writer.loop(count) as tile:
                at = self._writer.add(start, self._writer.mul(tile, positions))
                out = self._writer.mul(at, self._phases)
                self._channels(
                    kernels,
                    x=self._writer.at(x, at),
                    y=self._writer.at(y, out),
                    low=self._writer.sub(self._low, out),
                    high=self._writer.sub(self._high, out),
                    **row,
                )
            start = self._writer.add(start, self._writer.mul(count, positions))

    def _channels(
        self,
        kernels: list[str],
        *,
        x: str,
        y: str,
        low: str,
        high: str,
        first_weight: str,
        post: str,
        pairs: str,
        kernel_rows: str,
        row_step: str,
        wrap_step: str,
    ) -> None:
        writer = self._writer
        start = "0"
        for kernel, (count, channels) in zip(kernels, self._depths, strict=True):
            with writer.loop(count) as block:
                at = writer.add(start, writer.mul(block, channels))
                weight = writer.add(
                    writer.mul(at, self._weights_unit), writer.mul(first_weight, channels)
                )
                w = writer.at(self._weights, weight)
                after = writer.at(post, writer.mul(at, self._post_unit))
                out = writer.at(y, writer.mul(at, self._y_channel))
                writer.line(
                    f"call {_MICRO} {kernel}(ptr {x}, ptr {w}, ptr {after}, ptr {out}, "
                    f"i64 {pairs}, i64 {kernel_rows}, i64 {row_step}, i64 {wrap_step}, "
                    f"i64 {self._y_channel}, i64 {low}, i64 {high})"
                )
            start = writer.add(start, writer.mul(count, channels))


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
                lambda values, lanes: values[0],
            )
    return writer.finish()


def _fill(writer: Writer, y: str, count: str, value: str, lanes: int) -> None:
    each(
        writer,
        [],
        y,
        count,
        lanes,
        lambda _, n: writer.splat(value, n) if n > 1 else value,
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

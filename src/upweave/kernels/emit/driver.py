"""What runs tile programs, as LLVM IR text: the loops around the micro-kernels, and copies.

Each instruction is a function ``(ptr instruction, ptr buffers)``; ``work`` takes tiles from a
counter that all threads share, until none is left, it has carried out as many instructions as it
may, or it is told to stop; called again, it goes on in its tile. ``settle`` waits a moment for the
tiles that other threads have taken. ``serve`` does a job and then waits a moment, awake, for one
that a caller may ``post`` to its thread's mailbox, or ``retract`` before the thread has seen it: to
sleep and be woken takes longer than a small layer.
"""

from collections.abc import Callable

from upweave.kernels import program
from upweave.kernels.emit import masks
from upweave.kernels.emit.elementwise import each
from upweave.kernels.emit.layer import emit_flat, emit_rows
from upweave.kernels.emit.text import INSTRUCTION, LINE, Fields, Writer
from upweave.kernels.emit.turning import emit_turn

FUNCTIONS = ("rows", "flat", "copy", "turn", "work", "settle", "serve", "post", "retract")
_FLUSH_X86 = 0x8040  # MXCSR: flush results to zero, read denormals as zero
_FLUSH_ARM = 1 << 24  # FPCR: flush to zero
_NEAR = 2  # of LLVM's localities, 0 to 3: the second-level cache
_LOOKS = 20_000  # of `settle`, about half a millisecond
_TURNS = 10_000  # of `serve`, about a quarter of one


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
        emit_turn(lanes),
        _work(arm64=arm64),
        _settle(arm64=arm64),
        _serve(arm64=arm64),
        _post(),
        _retract(),
        masks.declarations(lanes),
        "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)\n",
    ]
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
    fill = writer.value(f"load float, ptr {f.pointer('fill')}, align 4")
    channels = f["channels"]
    with writer.loop(channels) as channel:
        last = writer.value(f"icmp eq i64 {writer.add(channel, 1)}, {channels}")
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
            soon = writer.select(last, "i64", "0", count(body))
            _fetch(writer, writer.at(writer.at(base, body_start), x_channel), soon)
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


def _fetch(writer: Writer, x: str, count: str) -> None:
    """Have a row of floats brought near that is read soon: the same row of the next channel.

    The processor itself foresees reads within a page, and rows of pictures are shorter or far
    apart.
    """
    lines = writer.value(f"udiv i64 {writer.add(count, LINE - 1)}, {LINE}")
    with writer.loop(lines) as line:
        address = writer.at(x, writer.mul(line, LINE))
        writer.line(f"call void @llvm.prefetch.p0(ptr {address}, i32 0, i32 {_NEAR}, i32 1)")


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
    job, state = program.JOB, writer.pointer_field("%job", program.JOB["state"])
    taken, done, stop = (_word(writer, state, program.STATE[n]) for n in ("taken", "done", "stop"))
    table, buffers = (writer.pointer_field("%job", job[n]) for n in ("tile_table", "buffers"))
    places = [writer.pointer_field("%job", job[n]) for n in ("input", "output")]
    tiles, budget = (writer.field("%job", job[n]) for n in ("tiles", "budget"))
    first, rest = writer.pointer_field("%job", job["next"]), writer.field("%job", job["left"])
    own = writer.field("%job", job["done"])
    writer.line("br label %look")
    writer.label("look")
    came = ("%entry", "%begin", "%ran")
    _phi(writer, "%next", "ptr", came, (first, "%program", "%next.after"))
    _phi(writer, "%left", "i64", came, (rest, "%length", "%left.after"))
    _phi(writer, "%budget", "i64", came, (budget, "%budget", "%budget.after"))
    _phi(writer, "%own", "i64", came, (own, "%own", "%own.after"))
    told = writer.value(f"load atomic i64, ptr {stop} monotonic, align 8")
    stopped = writer.value(f"icmp ne i64 {told}, 0")
    spent = writer.value("icmp sle i64 %budget, 0")
    writer.line(f"br i1 {writer.value(f'or i1 {stopped}, {spent}')}, label %leave, label %hold")
    writer.label("hold")
    some = writer.value("icmp sgt i64 %left, 0")
    writer.line(f"br i1 {some}, label %run, label %take")
    writer.label("take")
    tile = writer.value(f"atomicrmw add ptr {taken}, i64 1 seq_cst, align 8")
    more = writer.value(f"icmp slt i64 {tile}, {tiles}")
    writer.line(f"br i1 {more}, label %begin, label %leave")
    writer.label("begin")
    _begin(writer, _word(writer, table, writer.mul(tile, len(program.TILE))), buffers, places)
    writer.line("br label %look")
    writer.label("run")
    writer.line(f"call void {writer.pointer_field('%next', 0)}(ptr %next, ptr {buffers})")
    writer.line("%own.after = add i64 %own, 1")
    count = _word(writer, "%job", job["done"])
    writer.line(f"store atomic i64 %own.after, ptr {count} monotonic, align 8")
    writer.line(f"%next.after = getelementptr i64, ptr %next, i64 {program.WIDTH}")
    writer.line("%left.after = sub i64 %left, 1")
    writer.line("%budget.after = sub i64 %budget, 1")
    ended = writer.value("icmp eq i64 %left.after, 0")
    writer.line(f"br i1 {ended}, label %end, label %ran")
    writer.label("end")
    writer.value(f"atomicrmw add ptr {done}, i64 1 seq_cst, align 8")
    writer.line("br label %ran")
    writer.label("ran")
    writer.line("br label %look")
    writer.label("leave")
    writer.line(f"store ptr %next, ptr {_word(writer, '%job', job['next'])}, align 8")
    writer.line(f"store i64 %left, ptr {_word(writer, '%job', job['left'])}, align 8")
    restore()
    return writer.finish()


def _begin(writer: Writer, row: str, buffers: str, places: list[str]) -> None:
    """Write how a tile begins: where buffers 0 and 1 are, ``%program`` and its ``%length``."""
    for base, name, number in zip(
        places, ("input", "output"), (program.INPUT, program.OUTPUT), strict=True
    ):
        place = writer.at(base, writer.field(row, program.TILE[name]))
        writer.line(f"store ptr {place}, ptr {_word(writer, buffers, number)}, align 8")
    address, length = (_word(writer, row, program.TILE[n]) for n in ("program", "instructions"))
    writer.line(f"%program = load ptr, ptr {address}, align 8")
    writer.line(f"%length = load i64, ptr {length}, align 8")


def _word(writer: Writer, record: str, index: str | int) -> str:
    """Return the address of the 64-bit word ``record[index]``."""
    return writer.value(f"getelementptr i64, ptr {record}, i64 {index}")


def _phi(
    writer: Writer, name: str, kind: str, blocks: tuple[str, ...], values: tuple[str, ...]
) -> None:
    pairs = ", ".join(f"[{value}, {block}]" for value, block in zip(values, blocks, strict=True))
    writer.line(f"{name} = phi {kind} {pairs}")


def _settle(*, arm64: bool) -> str:
    """Look whether all tiles are done, again and again: that is faster than to sleep and wake."""
    writer = Writer("void @settle(ptr %state, i64 %tiles)")
    done = _word(writer, "%state", program.STATE["done"])
    writer.line("br label %look")
    writer.label("look")
    writer.line("%turn = phi i64 [0, %entry], [%turn.next, %pause]")
    writer.line(f"%count = load atomic i64, ptr {done} acquire, align 8")
    writer.line("%all = icmp sge i64 %count, %tiles")
    writer.line(f"%long = icmp sge i64 %turn, {_LOOKS}")
    writer.line("%enough = or i1 %all, %long")
    writer.line("br i1 %enough, label %finish, label %pause")
    _pause(writer, arm64=arm64)
    writer.label("finish")
    return writer.finish()


def _pause(writer: Writer, *, arm64: bool) -> None:
    """Write the block that lets a moment pass before the next look."""
    writer.label("pause")
    hint = "llvm.aarch64.hint(i32 1)" if arm64 else "llvm.x86.sse2.pause()"
    writer.line(f"call void @{hint}")
    writer.line("%turn.next = add i64 %turn, 1")
    writer.line("br label %look")


def _serve(*, arm64: bool) -> str:
    """Do a job, then those that are posted within a moment; AWAY is in the mailbox at last."""
    writer = Writer("void @serve(ptr %mailbox, ptr %job)")
    writer.line("br label %work")
    writer.label("work")
    writer.line("%next = phi ptr [%job, %entry], [%posted, %take]")
    writer.line(f"call void {writer.pointer_field('%next', program.JOB['work'])}(ptr %next)")
    held = _word(writer, "%next", program.JOB["held"])
    writer.line(f"store atomic i64 0, ptr {held} release, align 8")
    writer.line(f"store atomic i64 {program.WAITING}, ptr %mailbox release, align 8")
    writer.line("br label %look")
    writer.label("look")
    writer.line("%turn = phi i64 [0, %work], [%turn, %take], [%turn, %leave], [%turn.next, %pause]")
    writer.line("%found = load atomic i64, ptr %mailbox acquire, align 8")
    writer.line("%posted = inttoptr i64 %found to ptr")
    came = writer.value(f"icmp ne i64 %found, {program.WAITING}")
    writer.line(f"br i1 {came}, label %take, label %stay")
    writer.label("take")
    mine = _exchanged(writer, "%found", program.AWAY)
    writer.line(f"br i1 {mine}, label %work, label %look")
    writer.label("stay")
    long = writer.value(f"icmp sge i64 %turn, {_TURNS}")
    writer.line(f"br i1 {long}, label %leave, label %pause")
    _pause(writer, arm64=arm64)
    writer.label("leave")
    left = _exchanged(writer, program.WAITING, program.AWAY)
    writer.line(f"br i1 {left}, label %finish, label %look")
    writer.label("finish")
    return writer.finish()


def _post() -> str:
    """Put a job into a mailbox if its thread waits, and say in the job whether it did."""
    writer = Writer("void @post(ptr %mailbox, ptr %job)")
    held = _word(writer, "%job", program.JOB["held"])
    writer.line(f"store i64 1, ptr {held}, align 8")
    address = writer.value("ptrtoint ptr %job to i64")
    _or_put_down(writer, _exchanged(writer, program.WAITING, address), held)
    return writer.finish()


def _retract() -> str:
    """Take a job out of a mailbox if it is still there, and say so in the job."""
    writer = Writer("void @retract(ptr %mailbox, ptr %job)")
    held = _word(writer, "%job", program.JOB["held"])
    address = writer.value("ptrtoint ptr %job to i64")
    back = _exchanged(writer, address, program.WAITING)
    _or_put_down(writer, writer.value(f"xor i1 {back}, true"), held)
    return writer.finish()


def _or_put_down(writer: Writer, condition: str, held: str) -> None:
    """Write that a job is not held, unless the condition holds."""
    writer.line(f"br i1 {condition}, label %done, label %put_down")
    writer.label("put_down")
    writer.line(f"store i64 0, ptr {held}, align 8")
    writer.line("br label %done")
    writer.label("done")


def _exchanged(writer: Writer, old: str | int, new: str | int) -> str:
    """Put a new value into the mailbox in place of an old one; return whether that was there."""
    pair = writer.value(f"cmpxchg ptr %mailbox, i64 {old}, i64 {new} acq_rel acquire, align 8")
    return writer.value(f"extractvalue {{ i64, i1 }} {pair}, 1")


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

"""The loops of a layer around its micro-kernels, as LLVM IR text.

Both functions go group by group, a block of output channels at a time, so that the weights of a
block stay in the first-level cache while the input passes by; in a block, the row phases.

``rows`` computes each row where it belongs. ``flat`` takes all rows of a phase for one long row:
vectors run on from one row of a picture to the next, and from picture to picture, over the
margins between them. What it computes goes to a scratch line, whose good parts are then copied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from upweave.kernels import program
from upweave.kernels.emit.elementwise import each
from upweave.kernels.emit.text import INSTRUCTION, Fields, Writer

_MICRO = "void (ptr, ptr, ptr, ptr, i64, i64, i64, i64, i64, i64, i64)"
_NO_END = str(1 << 40)


def emit_rows() -> str:
    """Return the function ``rows``, which carries out `program.ROWS`."""
    writer = Writer(f"void @rows{INSTRUCTION}")
    f = Fields(writer, program.ROWS)
    nest = _Nest(writer, f)
    low, high, y_channel = f["low"], f["high"], f["y_channel"]
    with nest.blocks() as block, nest.phases(block) as phase, writer.loop(phase.rows) as row:
        nest.columns(
            block,
            phase,
            x=writer.at(phase.x, writer.mul(row, nest.position_step)),
            y=writer.at(phase.y, writer.mul(row, nest.phase_row)),
            y_channel=y_channel,
            low=low,
            high=high,
        )
    return writer.finish()


def emit_flat(lanes: int) -> str:
    """Return the function ``flat``, which carries out `program.FLAT`."""
    writer = Writer(f"void @flat{INSTRUCTION}")
    f = Fields(writer, program.FLAT)
    nest = _Nest(writer, f)
    line, line_channel, y_channel = f.start("line"), f["line_channel"], f["y_channel"]
    pictures, line_picture, y_picture = f["pictures"], f["line_picture"], f["y_picture"]
    line_row, first, width = f["line_row"], f["first"], f["width"]
    with nest.blocks() as block, nest.phases(block) as phase:
        nest.columns(block, phase, x=phase.x, y=line, y_channel=line_channel, low="0", high=_NO_END)
        start = writer.at(line, first)
        with writer.loop(block.channels) as channel, writer.loop(pictures) as picture:
            here = writer.add(writer.mul(channel, line_channel), writer.mul(picture, line_picture))
            there = writer.add(writer.mul(channel, y_channel), writer.mul(picture, y_picture))
            source, target = writer.at(start, here), writer.at(phase.y, there)
            with writer.loop(phase.rows) as row:
                each(
                    writer,
                    [writer.at(source, writer.mul(row, line_row))],
                    writer.at(target, writer.mul(row, nest.phase_row)),
                    width,
                    lanes,
                    lambda values: values[0],
                )
    return writer.finish()


@dataclass(frozen=True)
class _Block:
    """Names of the values of a block of output channels.

    ``y`` is where row 0 of its first channel goes.
    """

    x: str
    y: str
    weights: str
    post: str
    channels: str
    wide_kernel: str
    narrow_kernel: str


@dataclass(frozen=True)
class _Phase:
    """Names of the values of a row phase in a block; ``x`` and ``y`` are those of its first row."""

    x: str
    y: str
    weights: str
    post: str
    rows: str
    pairs: str
    kernel_rows: str
    wrap_step: str


class _Nest:
    """The loops that both functions share."""

    def __init__(self, writer: Writer, f: Fields) -> None:
        self._writer = writer
        self._f = {name: f[name] for name in program.NEST if name not in program.ADDRESSES}
        self._address = {name: f.pointer(name) for name in program.ADDRESSES}
        self._x, self._y = f.start("x"), f.start("y")
        self.position_step = self._f["position_step"]
        self.phase_row = writer.mul(self._f["phase_count"], self._f["y_row"])

    @contextmanager
    def blocks(self) -> Iterator[_Block]:
        """Repeat the body for every block of every group."""
        w, f, address = self._writer, self._f, self._address
        with w.loop(f["groups"]) as group:
            bases = [
                w.at(base, w.mul(group, f[f"{name}_group"]))
                for name, base in (("x", self._x), ("y", self._y), *self._packed())
            ]
            with w.loop(w.add(f["many_count"], f["few_count"])) as block:
                is_few = w.value(f"icmp sge i64 {block}, {f['many_count']}")
                # the channels before: `few` each, and the difference for each of the many
                many = w.minimum(block, f["many_count"])
                start = w.add(w.mul(block, f["few"]), w.mul(many, w.sub(f["many"], f["few"])))
                x, y, weights, post = bases
                yield _Block(
                    x,
                    w.at(y, w.mul(start, f["y_channel"])),
                    w.at(weights, w.mul(start, f["weights_unit"])),
                    w.at(post, w.mul(start, f["post_unit"])),
                    w.select(is_few, "i64", f["few"], f["many"]),
                    *(
                        w.select(is_few, "ptr", address[f"{width}_few"], address[f"{width}_many"])
                        for width in ("wide", "narrow")
                    ),
                )

    def _packed(self) -> list[tuple[str, str]]:
        return [(name, self._address[name]) for name in ("weights", "post")]

    @contextmanager
    def phases(self, block: _Block) -> Iterator[_Phase]:
        """Repeat the body for every row phase."""
        w, f = self._writer, self._f
        count = f["phase_count"]
        with w.loop(count) as phase:
            ahead = w.sub(phase, f["first_phase"])
            before = w.value(f"icmp slt i64 {ahead}, 0")
            first_row = w.select(before, "i64", w.add(ahead, count), ahead)
            position = w.select(before, "i64", "1", "0")
            left = w.sub(f["rows"], first_row)  # 0 or less where the phase has no row
            rows = w.value(f"sdiv i64 {w.add(left, w.sub(count, 1))}, {count}")
            record = w.value(
                f"getelementptr i64, ptr {self._address['phases']}, i64 {w.mul(phase, 3)}"
            )
            kernel_rows, offset, weight = (w.field(record, n) for n in range(3))
            back = w.mul(w.sub(kernel_rows, 1), f["row_step"])
            x = w.at(block.x, w.mul(position, self.position_step))
            yield _Phase(
                w.at(x, w.mul(offset, f["x_row"])),
                w.at(block.y, w.mul(first_row, f["y_row"])),
                w.at(block.weights, w.mul(weight, block.channels)),
                w.at(block.post, w.mul(phase, f["post_phase"])),
                rows,
                w.mul(f["pairs_unit"], kernel_rows),
                kernel_rows,
                w.sub(f["x_channel"], back),
            )

    def columns(
        self, block: _Block, phase: _Phase, *, x: str, y: str, y_channel: str, low: str, high: str
    ) -> None:
        """Compute a row: its register tiles from left to right, first the wide ones."""
        w, f = self._writer, self._f
        narrow, wide_count = f["narrow_positions"], f["wide_count"]
        excess = w.sub(f["wide_positions"], narrow)
        with w.loop(w.add(wide_count, f["narrow_count"])) as tile:
            is_narrow = w.value(f"icmp sge i64 {tile}, {wide_count}")
            kernel = w.select(is_narrow, "ptr", block.narrow_kernel, block.wide_kernel)
            wide = w.minimum(tile, wide_count)
            at = w.add(w.mul(tile, narrow), w.mul(wide, excess))
            out = w.mul(at, f["column_phases"])
            w.line(
                f"call {_MICRO} {kernel}(ptr {w.at(x, w.mul(at, f['column_step']))}, "
                f"ptr {phase.weights}, ptr {phase.post}, ptr {w.at(y, out)}, "
                f"i64 {phase.pairs}, i64 {phase.kernel_rows}, i64 {f['row_step']}, "
                f"i64 {phase.wrap_step}, i64 {y_channel}, "
                f"i64 {w.sub(low, out)}, i64 {w.sub(high, out)})"
            )

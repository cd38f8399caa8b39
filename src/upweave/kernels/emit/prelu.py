"""The gradient of PReLU, as LLVM IR text: one pass over memory where PyTorch's takes several."""

from __future__ import annotations

from upweave.kernels.emit.text import Writer, float_vector, select

PRELU_GRADIENT = "prelu_gradient"
"""Name of the function that `emit_prelu_gradient` writes."""

_ARGUMENTS = (
    *("ptr %x", "ptr %gradient", "ptr %result", "ptr %slopes", "ptr %sums"),
    *("i64 %groups", "i64 %blocks", "i64 %period", "i64 %rest", "i64 %slope_step"),
)


def emit_prelu_gradient(lanes: int) -> str:
    """Return the function that turns the gradient of PReLU's output into those of x and slopes.

    The maps are ``groups`` groups, one after the other, of ``blocks`` blocks of ``period`` vectors,
    and ``rest`` values more, fewer than a block. A group's slopes are ``period`` vectors, in
    ``slopes + group * slope_step`` values. ``sums`` has as many vectors for each group; to them is
    added what each slope's gradient is made of, the products of gradient and x where x is not
    positive.
    """
    writer = Writer(f"void @{PRELU_GRADIENT}({', '.join(_ARGUMENTS)})")
    block = writer.mul("%period", lanes)
    size = writer.add(writer.mul("%blocks", block), "%rest")
    with writer.loop("%groups") as group:
        start = writer.mul(group, size)
        slopes = writer.at("%slopes", writer.mul(group, "%slope_step"))
        sums = writer.at("%sums", writer.mul(group, block))
        with writer.loop("%blocks") as index:
            begin = writer.add(start, writer.mul(index, block))
            with writer.loop("%period") as n:
                place = writer.mul(n, lanes)
                at, total = writer.add(begin, place), writer.at(sums, place)
                _step(writer, lanes, at, writer.at(slopes, place), total)
        begin = writer.add(start, writer.sub(size, "%rest"))
        with writer.loop("%rest") as n:
            _step(writer, 1, writer.add(begin, n), writer.at(slopes, n), writer.at(sums, n))
    return writer.finish()


def _step(writer: Writer, lanes: int, at: str, slope: str, total: str) -> None:
    """Write what is done with a vector of x and of the gradient."""
    vector = float_vector(lanes)

    def load(address: str) -> str:
        return writer.value(f"load {vector}, ptr {address}, align 4")

    x, gradient = (load(writer.at(base, at)) for base in ("%x", "%gradient"))
    positive = writer.value(f"fcmp ogt {vector} {x}, zeroinitializer")
    scaled = writer.value(f"fmul {vector} {gradient}, {load(slope)}")
    result = select(writer, lanes, positive, gradient, scaled)
    writer.line(f"store {vector} {result}, ptr {writer.at('%result', at)}, align 4")
    product = writer.value(f"fmul {vector} {gradient}, {x}")
    part = select(writer, lanes, positive, "zeroinitializer", product)
    summed = writer.value(f"fadd {vector} {load(total)}, {part}")
    writer.line(f"store {vector} {summed}, ptr {total}, align 4")

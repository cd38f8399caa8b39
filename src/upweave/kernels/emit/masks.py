"""Parts of vectors, as LLVM IR text: masks, and loads and stores of some lanes alone."""

from upweave.kernels.emit.text import Writer


def first_lanes(writer: Writer, lanes: int, count: str) -> str:
    """Return a mask of the first lanes, so many as a 64-bit integer says."""
    return compared(writer, lanes, "slt", 0, count)


def compared(writer: Writer, lanes: int, how: str, start: int, limit: str) -> str:
    """Return, for every lane, how ``start + lane`` compares with a 64-bit integer."""
    integers = f"<{lanes} x i64>"
    indices = ", ".join(f"i64 {start + lane}" for lane in range(lanes))
    limits = writer.splat(limit, lanes, "i64")
    return writer.value(f"icmp {how} {integers} <{indices}>, {limits}")


def load_masked(writer: Writer, lanes: int, address: str, mask: str) -> str:
    """Return the floats at an address in the lanes of a mask, and zeros in the others."""
    vector = f"<{lanes} x float>"
    return writer.value(
        f"call {vector} @llvm.masked.load.v{lanes}f32.p0"
        f"(ptr {address}, i32 4, <{lanes} x i1> {mask}, {vector} zeroinitializer)"
    )


def store_masked(writer: Writer, lanes: int, value: str, address: str, mask: str) -> None:
    """Write the lanes of a mask."""
    writer.line(
        f"call void @llvm.masked.store.v{lanes}f32.p0"
        f"(<{lanes} x float> {value}, ptr {address}, i32 4, <{lanes} x i1> {mask})"
    )


def declarations(lanes: int) -> str:
    """Return the declarations of the intrinsics that these use."""
    vector, mask = f"<{lanes} x float>", f"<{lanes} x i1>"
    return (
        f"declare {vector} @llvm.masked.load.v{lanes}f32.p0(ptr, i32, {mask}, {vector})\n"
        f"declare void @llvm.masked.store.v{lanes}f32.p0({vector}, ptr, i32, {mask})\n"
    )

"""Vectors taken apart and put together lane by lane, as LLVM IR text."""

from collections.abc import Sequence

from upweave.kernels.emit.text import Writer, mask_constant


def every(writer: Writer, lanes: int, whole: Sequence[str], start: int = 0) -> str:
    """Return every n-th float, from `start` on, of n vectors that follow one another."""
    places = [divmod(lane * len(whole) + start, lanes) for lane in range(lanes)]
    return _gathered(writer, lanes, whole, places)


def weave(writer: Writer, lanes: int, phases: Sequence[str]) -> list[str]:
    """Interleave vectors, one a phase, into as many vectors of consecutive outputs."""
    return [
        _gathered(
            writer,
            lanes,
            phases,
            [divmod(n * lanes + lane, len(phases))[::-1] for lane in range(lanes)],
        )
        for n in range(len(phases))
    ]


def _gathered(
    writer: Writer, lanes: int, vectors: Sequence[str], places: Sequence[tuple[int, int]]
) -> str:
    """Return a vector whose lanes come from the places (vector, lane)."""
    kind = f"<{lanes} x float>"
    line = vectors[0]
    for n in range(1, len(vectors)):
        # lanes from the vectors before n are in place already, except at the first step
        mask = [
            lanes + place if source == n else None if source > n else (place if n == 1 else lane)
            for lane, (source, place) in enumerate(places)
        ]
        line = writer.value(
            f"shufflevector {kind} {line}, {kind} {vectors[n]}, "
            f"<{lanes} x i32> <{mask_constant(mask)}>"
        )
    return line
